"""Handing over a finished product: planned, on its way, tried, received, and proven.

A Request Delivery is written by these functions only; nobody has the right to type one. Every function locks
the request before the delivery, so that a double click, two officers or an officer and a courier do nothing
twice. Where the request goes is its workflow's affair: code names a trigger (`requests.moves`), never a
state.
"""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import cint, cstr, flt, get_link_to_form, getdate, now_datetime, nowdate

from sinjai_services import stages
from sinjai_services.identity import mask_name
from sinjai_services.permissions import agencies_of, has_agency_permission
from sinjai_services.requests import moves, proofs
from sinjai_services.requests.language import site_language
from sinjai_services.requests.names import name_fault
from sinjai_services.requests.wording import long_date, long_datetime

DOCTYPE = "Request Delivery"
COLLECT, HOME, DIGITAL = "Collect", "Home Delivery", "Digital"
PLANNED, ON_THE_WAY, HANDED_OVER, FAILED, CANCELLED = (
	"Planned",
	"On the Way",
	"Handed Over",
	"Failed",
	"Cancelled",
)
OPEN = (PLANNED, ON_THE_WAY)
OPEN_STAGES = (stages.READY, stages.HANDING_OVER)
APPLICANT = "Applicant"
COURIER_ROLE = "Courier"
LONGEST_NOTE = 500


class HandOverRefused(frappe.ValidationError):
	"""The product cannot be handed over like this; the message says what is missing or in the way."""


class NotHandedOver(frappe.ValidationError):
	"""The request is to be completed, but nobody has recorded who received the product."""


# Planning ----------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def plan(
	doctype: str,
	name: str,
	method: str,
	courier: str | None = None,
	planned_date: str | None = None,
	address: str | None = None,
	village: str | None = None,
	note: str | None = None,
) -> str:
	"""Plan how a finished product reaches the applicant, or change a plan that nobody has set out for yet.

	Args:
		doctype, name: the request; who may change it may plan.
		method: COLLECT, HOME or DIGITAL.
		courier: a User with the role Courier in the request's agency; needed for HOME.
		planned_date: needed for HOME, not in the past.
		address, village: where to; the applicant's own when left out.

	Returns:
		The Request Delivery's name.

	Raises:
		HandOverRefused: the request is not ready, the courier is on the way, or something is missing.
	"""
	request = lock_request(doctype, name, right="write")
	delivery = open_delivery(request) or new_delivery(request)
	if delivery.state != PLANNED:
		frappe.throw(_("The courier is on the way already."), HandOverRefused)
	delivery.method = method
	if method == HOME:
		set_destination(delivery, request, address, village, note)
		delivery.courier = valid_courier(request, courier)
		delivery.planned_date = valid_date(planned_date)
	elif method in (COLLECT, DIGITAL):
		clear_destination(delivery)
	else:
		frappe.throw(_("Choose how the document is handed over."), HandOverRefused)
	write(delivery)
	if method == HOME:
		tell(request, _("Delivery planned for {0}", site_language()).format(long_date(delivery.planned_date)))
	return delivery.name


def new_delivery(request):
	delivery = frappe.new_doc(DOCTYPE)
	delivery.update(
		{
			"reference_doctype": request.doctype,
			"reference_name": request.name,
			"agency": request.agency,
			"service": request.service,
			"applicant_name": request.applicant_name,
			"whatsapp_number": request.whatsapp_number,
			"state": PLANNED,
		}
	)
	return delivery


def set_destination(delivery, request, address, village, note):
	delivery.address = tidy(address) or delivery.address or request.get("delivery_address") or request.address
	delivery.village = village or delivery.village or request.village
	delivery.note = tidy(note)
	if not delivery.address:
		frappe.throw(_("Write the address it is brought to."), HandOverRefused)


def clear_destination(delivery):
	delivery.update({"courier": None, "planned_date": None, "address": None, "village": None, "note": None})


def tidy(text: str | None) -> str:
	text = cstr(text).strip()
	if len(text) > LONGEST_NOTE:
		frappe.throw(_("Too long: at most {0} characters.").format(LONGEST_NOTE), HandOverRefused)
	return text


def valid_courier(request, courier: str | None) -> str:
	if courier not in [choice["value"] for choice in couriers_of(request.agency)]:
		frappe.throw(_("Choose a courier of this agency."), HandOverRefused)
	return courier


def valid_date(date: str | None):
	try:
		day = getdate(date) if date else None
	except (ValueError, frappe.ValidationError):
		day = None
	if not day or day < getdate(nowdate()):
		frappe.throw(_("Choose a day from today on."), HandOverRefused)
	return day


@frappe.whitelist()
def couriers(doctype: str, name: str) -> list[dict]:
	"""Return the couriers a request may be given to, as {"value", "label"}."""
	request = frappe.get_doc(doctype, name)
	request.check_permission("write")
	return couriers_of(request.agency)


def couriers_of(agency: str) -> list[dict]:
	holders = frappe.get_all("Has Role", {"role": COURIER_ROLE, "parenttype": "User"}, pluck="parent")
	users = frappe.get_all(
		"User", {"name": ("in", holders or [""]), "enabled": 1}, ["name", "full_name"], order_by="full_name"
	)
	return [
		{"value": user.name, "label": user.full_name or user.name}
		for user in users
		if agency in agencies_of(user.name)
	]


# On the way --------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def start(delivery: str):
	"""Set out: the courier has the product and is on the way; the applicant is told by the state this leads
	to."""
	request, row = lock_delivery(delivery)
	check_may_deliver(request, row)
	if row.state != PLANNED or row.method != HOME:
		frappe.throw(_("This delivery is not waiting for its courier. Reload the list."), HandOverRefused)
	row.state = ON_THE_WAY
	write(row)
	if not move_on(request, moves.SENT_OUT):
		tell(request, _("The courier has set out", site_language()))


@frappe.whitelist(methods=["POST"])
def fail(
	delivery: str,
	reason: str,
	next_date: str | None = None,
	note: str | None = None,
	latitude: float | None = None,
	longitude: float | None = None,
):
	"""Record an attempt that failed.

	Args:
		reason: one of the reasons of Delivery Attempt; the applicant reads it.
		next_date: the delivery is planned anew for this day; without one it is closed and the office decides.
		note: what staff read besides.
		latitude, longitude: where the courier stood, in degrees.
	"""
	request, row = lock_delivery(delivery)
	check_may_deliver(request, row)
	if row.state != ON_THE_WAY:
		frappe.throw(_("The courier is not on the way with this. Reload the list."), HandOverRefused)
	if not reason or reason not in options("Delivery Attempt", "reason"):
		frappe.throw(_("Choose why it could not be handed over."), HandOverRefused)
	day = valid_date(next_date) if next_date else None
	add_attempt(
		row, FAILED, reason=reason, note=tidy(note), next_date=day, latitude=latitude, longitude=longitude
	)
	row.state = PLANNED if day else FAILED
	row.planned_date = day or row.planned_date
	write(row)
	tell(
		request,
		_("Delivery did not succeed: {0}", site_language()).format(_(reason, site_language())),
		detail=again_text(day),
	)
	move_on(request, moves.DELIVERY_FAILED)


def again_text(day) -> str:
	lang = site_language()
	return (
		_("Delivered again: {0}", lang).format(long_date(day))
		if day
		else _("The office will be in touch.", lang)
	)


@frappe.whitelist(methods=["POST"])
def collect_instead(delivery: str):
	"""Let the applicant collect what was to be brought; for the office."""
	request, row = lock_delivery(delivery)
	request.check_permission("write")
	if row.state not in OPEN:
		frappe.throw(_("This delivery is closed already."), HandOverRefused)
	row.method, row.state = COLLECT, PLANNED
	clear_destination(row)
	write(row)
	tell(request, _("To be collected at the office", site_language()))
	move_on(request, moves.COLLECT_INSTEAD)


# Handing over ------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def at_counter(
	doctype: str,
	name: str,
	receiver_name: str,
	relation: str,
	identity_checked: bool = False,
	identity_document: str | None = None,
	power_of_attorney: str | None = None,
	photo: str | None = None,
	signature: str | None = None,
) -> str:
	"""Hand over to somebody who stands at the counter, planned or not, in one step; arguments as of
	`hand_over`.

	Returns:
		The Request Delivery's name.
	"""
	request = lock_request(doctype, name, right="write")
	row = open_delivery(request) or new_delivery(request)
	if row.state == ON_THE_WAY:
		frappe.throw(_("The courier is on the way with it."), HandOverRefused)
	row.method = COLLECT
	clear_destination(row)
	proof = Proof(identity_document, power_of_attorney, photo, signature)
	return finish(request, row, receiver_name, relation, identity_checked, proof)


@frappe.whitelist(methods=["POST"])
def hand_over(
	delivery: str,
	receiver_name: str,
	relation: str,
	identity_checked: bool = False,
	identity_document: str | None = None,
	power_of_attorney: str | None = None,
	photo: str | None = None,
	signature: str | None = None,
	latitude: float | None = None,
	longitude: float | None = None,
) -> str:
	"""Record that the product has been received, and complete the request by the trigger "Handed Over".

	Args:
		receiver_name: whoever took it.
		relation: to the applicant, one of the options of Request Delivery.
		identity_checked: needed at the counter; `identity_document` says by which paper.
		power_of_attorney: needed where the receiver is not the applicant.
		photo, signature: pictures as data: addresses; one of them is needed for what is brought home.
		latitude, longitude: where it was, in degrees.

	Raises:
		HandOverRefused: it has been handed over before, or something is missing.
	"""
	request, row = lock_delivery(delivery)
	check_may_deliver(request, row)
	proof = Proof(identity_document, power_of_attorney, photo, signature, latitude, longitude)
	return finish(request, row, receiver_name, relation, identity_checked, proof)


def copy_opened(request):
	"""Note that the applicant has opened the digital copy; where that is how it is handed over, it now is.

	The link to it is the proof: it reaches the applicant's number only, and opening it takes a person's hand,
	not the preview of a messenger (`signing.copies`).
	"""
	if request.stage not in OPEN_STAGES:
		return
	request = lock_request(request.doctype, request.name)
	row = open_delivery(request)
	if not row and request.handover_method == DIGITAL:
		row = new_delivery(request)
		row.method = DIGITAL
	if not row or row.method != DIGITAL:
		return
	row.update(
		{
			"state": HANDED_OVER,
			"receiver_name": request.applicant_name,
			"receiver_relation": APPLICANT,
			"handed_over_at": now_datetime(),
			"handed_over_by": frappe.session.user,
		}
	)
	add_attempt(row, HANDED_OVER)
	write(row)
	tell(request, receipt_text(row))
	moves.move(request, moves.HANDED_OVER)


@dataclass(frozen=True)
class Proof:
	"""What a hand-over is proven by, as it was sent."""

	identity_document: str | None
	power_of_attorney: str | None
	photo: str | None
	signature: str | None
	latitude: float | None = None
	longitude: float | None = None


def finish(request, row, receiver_name, relation, identity_checked, proof: Proof) -> str:
	check_open(row)
	row.update(
		{
			"receiver_name": " ".join(cstr(receiver_name).split()),
			"receiver_relation": relation,
			"identity_checked": cint(frappe.utils.sbool(identity_checked)),
			"identity_document": proof.identity_document,
			"power_of_attorney": tidy(proof.power_of_attorney),
			"signature": proofs.clean_signature(proof.signature),
			"handed_over_at": now_datetime(),
			"handed_over_by": frappe.session.user,
			**position(proof.latitude, proof.longitude),
		}
	)
	validate_receipt(row, proof.photo)
	add_attempt(row, HANDED_OVER, latitude=proof.latitude, longitude=proof.longitude)
	row.state = HANDED_OVER
	write(row)
	if proof.photo:
		row.db_set("photo", proofs.keep_photo(row, proof.photo))
	tell(request, receipt_text(row))
	moves.move(request, moves.HANDED_OVER)
	return row.name


def check_open(row):
	if row.state == HANDED_OVER:
		frappe.throw(
			_("This has been handed over to {0} already.").format(
				frappe.bold(frappe.utils.escape_html(row.receiver_name))
			),
			HandOverRefused,
		)
	if row.state not in OPEN or (row.method == HOME and row.state != ON_THE_WAY):
		frappe.throw(_("Set out first, then hand over. Reload the list."), HandOverRefused)


def validate_receipt(row, photo):
	"""Say everything that is missing at once."""
	faults = []
	if fault := name_fault(row.receiver_name):
		faults.append(fault)
	if not row.receiver_relation or row.receiver_relation not in options(DOCTYPE, "receiver_relation"):
		faults.append(_("Choose how the receiver is related to the applicant."))
	elif row.receiver_relation != APPLICANT and not row.power_of_attorney:
		faults.append(
			_("The receiver is not the applicant: note the power of attorney, or why they may receive it.")
		)
	if row.identity_document and row.identity_document not in options(DOCTYPE, "identity_document"):
		faults.append(_("Choose one from the list."))
	if row.method == COLLECT and not row.identity_checked:
		faults.append(_("Check the receiver's identity first."))
	if row.method == HOME and not (photo or row.signature):
		faults.append(_("Take a photograph or let the receiver sign."))
	if faults:
		frappe.throw("<br>".join(faults), HandOverRefused, title=_("Not Complete Yet"))


def receipt_text(row) -> str:
	relation = _(row.receiver_relation, site_language())
	return _("Received by {0} ({1})", site_language()).format(mask_name(row.receiver_name), relation)


def add_attempt(row, outcome, latitude=None, longitude=None, **values):
	attempt = {"at": now_datetime(), "courier": frappe.session.user, "outcome": outcome}
	row.append("attempts", {**attempt, **position(latitude, longitude), **values})


def position(latitude, longitude) -> dict:
	"""Return a position that can be one; a phone without it is no reason to stop."""
	latitude, longitude = flt(latitude), flt(longitude)
	known = (latitude or longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
	return {"latitude": latitude, "longitude": longitude} if known else {}


# What the request asks -----------------------------------------------------------------------------------


def validate_completed(request):
	"""Refuse to complete a request by hand where its workflow waits for the product to be handed over."""
	if not moves.means(request, moves.HANDED_OVER):
		return
	if not frappe.db.exists(DOCTYPE, {**about(request), "state": HANDED_OVER}):
		frappe.throw(
			_("Record first who receives the document: use the button “{0}” of {1}.").format(
				_("Hand Over"), get_link_to_form(request.doctype, request.name)
			),
			NotHandedOver,
		)


def close_open(request):
	"""Cancel what is still planned for a request that has ended another way."""
	if delivery := open_delivery(request):
		delivery.state = CANCELLED
		write(delivery)


def news(request) -> str:
	"""Return what a message to the applicant adds about the delivery, or ""."""
	found = frappe.get_all(DOCTYPE, about(request), pluck="name", order_by="creation desc", limit=1)
	row = frappe.get_doc(DOCTYPE, found[0]) if found else None
	if not row and request.stage == stages.READY and request.handover_method == HOME:
		return _(
			"It will be brought to your address; we tell you when the courier sets out.", site_language()
		)
	if not row or row.method != HOME or row.state == CANCELLED:
		return ""
	if row.state == HANDED_OVER:
		return receipt_text(row)
	last = row.attempts[-1] if row.attempts else None
	if row.state == ON_THE_WAY or not last:
		return ""
	return f"{_(last.reason, site_language())}. {again_text(last.next_date)}"


def form_view(request) -> dict | None:
	"""Return the open delivery as the request's form shows it, or None."""
	row = frappe.db.get_value(
		DOCTYPE,
		{"open_key": open_key(request)},
		["name", "state", "method", "courier", "planned_date", "address", "village", "note"],
		as_dict=True,
	)
	if row and row.method == HOME:
		row.text = _("{0}: {1}, courier {2}").format(
			_(row.state),
			long_date(row.planned_date),
			frappe.utils.escape_html(frappe.utils.get_fullname(row.courier)),
		)
	return row


def public_view(request) -> list[dict]:
	"""Return the deliveries as the tracking page shows them: no courier, no address, the receiver masked."""
	names = frappe.get_all(
		DOCTYPE, {**about(request), "state": ("!=", CANCELLED)}, pluck="name", order_by="creation"
	)
	return [public_row(frappe.get_doc(DOCTYPE, name)) for name in names]


def public_row(row) -> dict:
	return {
		"method": _(row.method),
		"state": _(row.state),
		"planned": long_date(row.planned_date) if row.state in OPEN and row.planned_date else "",
		"failed": [
			{
				"at": long_datetime(attempt.at),
				"reason": _(attempt.reason),
				"next": long_date(attempt.next_date),
			}
			for attempt in row.attempts
			if attempt.outcome == FAILED
		],
		"receiver": f"{mask_name(row.receiver_name)} ({_(row.receiver_relation)})"
		if row.state == HANDED_OVER
		else "",
	}


# Shared --------------------------------------------------------------------------------------------------


def lock_request(doctype: str, name: str, right: str | None = None):
	"""Return the request, locked until the transaction ends; only where its product can be handed over.

	Args:
		right: asked for before anything is said of the request.

	Raises:
		HandOverRefused: it is no request, not ready yet, or ended.
	"""
	if doctype not in stages.request_doctypes():
		frappe.throw(_("{0} is no request.").format(_(doctype)), HandOverRefused)
	request = frappe.get_doc(doctype, name, for_update=True)
	if right:
		request.check_permission(right)
	if request.stage not in OPEN_STAGES:
		frappe.throw(
			_("The document is not waiting to be handed over: the request is in the stage {0}.").format(
				frappe.bold(_(request.stage))
			),
			HandOverRefused,
		)
	return request


def lock_delivery(name: str) -> tuple:
	"""Return request and delivery, both locked; the request first, as everywhere here."""
	reference = frappe.db.get_value(DOCTYPE, name, ["reference_doctype", "reference_name"])
	if not reference:
		frappe.throw(_("This delivery does not exist any more."), frappe.DoesNotExistError)
	row = frappe.get_doc(DOCTYPE, name)
	row.check_permission("read")
	frappe.db.get_value(*reference, "name", for_update=True)
	row = frappe.get_doc(DOCTYPE, name, for_update=True)
	if row.state == HANDED_OVER:
		check_open(row)
	return lock_request(*reference), row


def check_may_deliver(request, row):
	"""Let its own courier go on, and the office; everybody else is refused."""
	own = (
		row.courier == frappe.session.user
		and COURIER_ROLE in frappe.get_roles()
		and has_agency_permission(row)
	)
	if not own:
		request.check_permission("write")


def about(request) -> dict:
	return {"reference_doctype": request.doctype, "reference_name": request.name}


def open_delivery(request):
	"""Return the request's open delivery, locked, or None.

	It is looked up without a lock: locking what is not there would lock the gap in the index, and two
	requests handed over at the same moment would wait for each other.
	"""
	name = frappe.db.get_value(DOCTYPE, {"open_key": open_key(request)})
	row = frappe.get_doc(DOCTYPE, name, for_update=True) if name else None
	return row if row and row.state in OPEN else None


def open_key(request) -> str:
	return f"{request.doctype}:{request.name}"


def write(row):
	"""Save a delivery; the database keeps a request from having two open ones."""
	row.open_key = f"{row.reference_doctype}:{row.reference_name}" if row.state in OPEN else None
	try:
		row.save(ignore_permissions=True)
	except frappe.UniqueValidationError:
		frappe.clear_last_message()
		frappe.throw(_("Somebody else has just planned this. Reload the page."), HandOverRefused)


def options(doctype: str, field: str) -> list[str]:
	return (frappe.get_meta(doctype).get_field(field).options or "").split("\n")


def tell(request, label: str, detail: str | None = None):
	"""Write what has happened to the request's timeline, where the applicant sees it."""
	request.add_event("Delivery", label=label, detail=detail, public=True)


def move_on(request, trigger: str) -> bool:
	"""Take the step of the workflow where it has one; a delivery goes on without. Tell whether there was
	one."""
	return bool(moves.find_way(request, trigger)) and moves.move(request, trigger)
