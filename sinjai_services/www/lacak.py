"""Following a request: tracking code and last 4 digits of the WhatsApp number open its masked course."""

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.utils import cstr

from sinjai_services import stages
from sinjai_services.requests import supply, tracking, visits, wording

no_cache = 1
"""Personal; see also keep_out_of_caches."""

PATH = "/lacak"
LONGEST_CODE = 30

MILESTONES = (
	(stages.RECEIVED,),
	(stages.CHECKING, stages.WAITING),
	(stages.FIELD_WORK, stages.DECIDING),
	(stages.READY, stages.HANDING_OVER),
	(stages.COMPLETED,),
)
"""The way of a request in five steps; one that was refused or withdrawn leaves it."""

TONES = {
	stages.WAITING: "warn",
	stages.READY: "good",
	stages.HANDING_OVER: "good",
	stages.COMPLETED: "good",
	stages.REJECTED: "bad",
}


def get_context(context):
	context.current = "lacak"
	context.house = wording.house()
	context.code = cstr(frappe.form_dict.get("kode")).strip()[:LONGEST_CODE]
	context.digits = ""
	context.faults = {}
	if frappe.session.user != "Guest":
		context.csrf_token = get_csrf_token()
	if frappe.request.method == "POST":
		answer(context)
	context.errors = [{"fieldname": field, "message": text} for field, text in context.faults.items()]


def answer(context):
	context.digits = last_digits(cstr(frappe.form_dict.get("hp")))
	context.faults = faults(context.code, context.digits)
	if context.faults:
		return
	try:
		doc = tracking.identify(context.code, context.digits)
	except tracking.TooManyLookups:
		context.http_status_code = 429
		context.trouble = _("Too many attempts from this connection. Please try again in an hour.")
		return
	if doc:
		answer_visit(context, doc)
		hand_in(context, doc)
		show(context, tracking.public_view(doc))
	else:
		# One sentence for both: whether a code exists is nobody's business.
		context.trouble = _("Code and digits do not fit together. Please check both and try again.")


def hand_in(context, doc):
	"""Take the papers that came with the form, and offer those that are still open."""
	files = frappe.request.files
	refused = supply.take(doc, files) if files else {}
	context.handed_in = bool(files) and not refused
	context.paper_faults = [{"fieldname": name, "message": text} for name, text in refused.items()]
	needed = {row.requirement: row for row in doc.papers}
	context.slots = [
		{
			"slot": slot,
			"label": slot,
			"optional": needed[slot].optional,
			"explanation": needed[slot].refusal_reason
			or frappe.get_cached_value("Requirement", slot, "explanation"),
			"error": refused.get(f"paper:{slot}"),
		}
		for slot in (supply.open_slots(doc) if supply.is_open(doc) else [])
	]


def answer_visit(context, doc):
	"""Take the applicant's answer to the time proposed for a visit."""
	said = cstr(frappe.form_dict.get("janji"))
	if not said or frappe.request.files:
		return
	done = visits.answer_public(
		doc, cstr(frappe.form_dict.get("kunjungan")), said == "setuju", cstr(frappe.form_dict.get("waktu"))
	)
	if not done:
		context.visit_fault = _("This time is no longer open. Below is how it stands now.")
	elif said == "setuju":
		context.visit_said = _("Thank you. Our team comes at the time you confirmed.")
	else:
		context.visit_said = _("Thank you. The office will propose another time.")


def faults(code: str, digits: str) -> dict[str, str]:
	"""Return a sentence for each field that cannot be looked up as it is."""
	found = {}
	if not code:
		found["kode"] = _("Write the tracking code.")
	if len(digits) < 4:
		found["hp"] = _("Write the last 4 digits of the number.")
	return found


def last_digits(text: str) -> str:
	"""Return the last four digits of what was typed; many people type the whole number."""
	return "".join(sign for sign in text if sign in "0123456789")[-4:]


def show(context, found: dict):
	context.found = found
	context.tone = TONES.get(found["stage"], "")
	context.milestones = milestones(found["stage"])
	context.received = wording.long_datetime(found["received_at"])
	context.promised = wording.long_datetime(found.get("promised_at"))
	context.finished = wording.long_datetime(found.get("finished_at"))
	context.events = [{**event, "at": wording.long_datetime(event["at"])} for event in found["events"]]


def milestones(stage: str) -> list[dict]:
	"""Return the steps of the way, marked past or now; none where the request has left the way."""
	labels = (_("Received"), _("Checked"), _("Worked on"), _("Ready"), _("Finished"))
	now = next((place for place, group in enumerate(MILESTONES) if stage in group), None)
	if now is None:
		return []
	return [{"label": label, "past": place < now, "now": place == now} for place, label in enumerate(labels)]


def keep_out_of_caches(response=None, request=None):
	"""Keep a tracking page out of every cache on the way; a hook, since pages cannot set headers in v15."""
	if response is not None and request is not None and request.path.rstrip("/") == PATH:
		response.headers["Cache-Control"] = "no-store"
