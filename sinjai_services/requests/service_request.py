"""The base of every request a citizen makes: the rules that hold whichever door it comes through."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.identity import identity_hash, mask_name
from sinjai_services.permissions import (
	VILLAGE_OFFICER,
	has_agency_permission,
	own_villages,
	sees_all,
	take_as_stored,
)
from sinjai_services.personal_data import HoldsCitizenNumbers
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests import checklist, clock, handover, moves, uploads, visits
from sinjai_services.requests.faults import throw_faults
from sinjai_services.requests.language import site_language
from sinjai_services.requests.names import name_fault
from sinjai_services.requests.tracked import TrackedDocument

COUNTER, WHATSAPP = "Counter", "WhatsApp"
LONGEST_NOTE = 1000


class ServiceRequest(HoldsCitizenNumbers, TrackedDocument):
	"""A request for a Public Service, with its applicant, papers and promise."""

	def validate(self):
		self.find_faults()
		throw_faults(self)
		self.set_papers()
		self.go_on_when_complete()

	def find_faults(self) -> dict[str, str]:
		"""Check and tidy everything typed; return {fieldname: sentence} of all that is wrong."""
		self.faults = self.set_citizen_numbers()
		self.validate_service()
		self.validate_channel()
		self.validate_reason()
		self.validate_people()
		self.validate_handover_wish()
		self.validate_lengths()
		self.set_whatsapp_number()
		self.set_known_citizen()
		self.set_consent()
		return self.faults

	def after_insert(self):
		super().after_insert()
		uploads.attach(self)

	def validate_workflow(self):
		super().validate_workflow()
		if not self.flags.moved_by:
			handover.validate_completed(self)

	def on_update(self):
		super().on_update()
		checklist.write_events(self)
		if self.stage in stages.ENDED and self.has_value_changed("stage"):
			handover.close_open(self)
			visits.close_open(self)

	def validate_service(self):
		service = self.service_terms()
		self.agency = service.agency
		if service.request_doctype != self.doctype:
			self.faults["service"] = _("This service is asked for with another form.")
		elif self.is_new() and not service.active:
			self.faults["service"] = _("This service is closed at the moment.")
		elif self.is_new() and not self.flags.ignore_permissions and not has_agency_permission(self):
			self.faults["service"] = _("This service belongs to another agency.")

	def validate_channel(self):
		"""Let village officers enter requests for people of their own village, recorded as theirs, and nobody
		else in their name."""
		if not self.is_new() or self.channel != VILLAGE_OFFICER:
			return
		villages = own_villages()
		if villages is None:
			if not sees_all(frappe.session.user):
				self.faults["channel"] = _("Only a village officer enters requests in this way.")
			return
		if self.village not in villages:
			self.faults["village"] = _("You enter requests for people of your own village only.")
		self.submitted_by_name = frappe.utils.get_fullname(frappe.session.user)
		self.submitter_relation = _("Village Officer", site_language())

	def validate_reason(self):
		reasons = self.service_terms().reasons()
		if not reasons:
			self.reason = None
		elif not self.reason:
			self.faults["reason"] = _("Choose the reason of the request.")
		elif self.reason not in reasons and not self.is_stored_value("reason"):
			self.faults["reason"] = _("Choose one of the reasons listed.")

	def is_stored_value(self, field: str) -> bool:
		"""Tell whether the field holds what it held before: an old request keeps what was valid then."""
		before = self.get_doc_before_save()
		return bool(before) and before.get(field) == self.get(field)

	def validate_people(self):
		for field in ("applicant_name", "submitted_by_name"):
			self.set(field, " ".join((self.get(field) or "").split()))
			if field == "submitted_by_name" and not self.submitted_by_name:
				continue
			if fault := name_fault(self.get(field)):
				self.faults[field] = fault

	def validate_handover_wish(self):
		"""Take the wish to have the product brought only where the service offers it and an address is
		known."""
		self.handover_method = self.handover_method or handover.COLLECT
		wishes = (handover.COLLECT, handover.HOME, handover.DIGITAL)
		if self.handover_method not in wishes:
			self.faults["handover_method"] = _("Choose one from the list.")
		elif self.handover_method == handover.DIGITAL:
			if not self.service_terms().needs_signature:
				self.faults["handover_method"] = _("The document of this service exists on paper only.")
		elif self.handover_method == handover.COLLECT or self.is_stored_value("handover_method"):
			return
		elif not self.service_terms().home_delivery:
			self.faults["handover_method"] = _("The document of this service is collected at the office.")
		elif not (self.delivery_address or "").strip() and not (self.address or "").strip():
			self.faults["delivery_address"] = _("Write the address it is brought to.")

	def validate_lengths(self):
		for field in ("address", "delivery_address", "note", "submitter_relation"):
			longest = self.meta.get_field(field).length or (140 if field == "submitter_relation" else 500)
			if len(self.get(field) or "") > longest:
				self.faults[field] = _("Too long: at most {0} characters.").format(longest)

	def set_whatsapp_number(self):
		try:
			self.whatsapp_number = normalise_mobile(self.whatsapp_number)
		except ValueError as fault:
			self.faults["whatsapp_number"] = str(fault)

	def set_known_citizen(self):
		"""Link who writes on WhatsApp from the number that the register has for their NIK.

		There the number is proven; what is typed into a form is not, and an officer links it.
		"""
		if self.is_new() and self.channel == WHATSAPP and not self.citizen and self.nik_hash:
			known = {"nik_hash": self.nik_hash, "whatsapp_number": self.whatsapp_number}
			self.citizen = frappe.db.get_value("Citizen", known)

	def set_consent(self):
		if self.consent:
			self.consent_at = self.consent_at or now_datetime()
		elif self.is_new() and self.channel != COUNTER:
			self.faults["consent"] = _("Without your agreement we may not process the request.")

	def set_papers(self):
		checklist.validate_unchanged_when_ended(self)
		if self.is_new() or not self.is_stored_value("reason"):
			checklist.fill(self, self.service_terms())
		checklist.look_on_file(self)
		checklist.settle(self)

	STAGE_FIELDS = (*TrackedDocument.STAGE_FIELDS, *clock.STAGE_FIELDS)

	def follow_stage(self):
		super().follow_stage()
		clock.follow_stage(self)

	def promise_near(self):
		"""Called once when the promise is nearly used up; Notifications of the event "Method" hang on it."""

	def promise_past(self):
		"""Called once when the promised time is over and the request is not done."""

	def go_on_when_complete(self):
		"""Take the way back by itself once the applicant has supplied everything that was asked for."""
		if self.stage == stages.WAITING and self.is_stored_value("workflow_state") and not self.open_papers():
			moves.take(self, moves.PAPERS_COMPLETE)

	@frappe.whitelist()
	def ask_applicant(self):
		"""Ask for everything that is missing or refused in one message, and let the clock stand.

		What the message says is a Notification on `tell_applicant`; it finds the list in `open_papers`.
		"""
		take_as_stored(self)
		papers = self.open_papers()
		if not papers:
			frappe.throw(_("Nothing is missing or refused. Refuse a paper first, and say why."))
		if not moves.move(self, moves.ASK_APPLICANT):
			frappe.throw(
				_("The workflow has no step from here that asks the applicant. Ask your administrator.")
			)
		self.add_event("Message", label=_("Papers asked for"), detail=self.open_papers_text())

	def service_name(self) -> str:
		"""Return the service's name as the public knows it."""
		return self.service_terms().service_name

	def public_title(self) -> str:
		return self.service_name()

	def public_name(self) -> str:
		return mask_name(self.applicant_name)

	def open_papers_text(self) -> str:
		"""Return what is still needed, one paper a line with its reason, as a message lists it."""
		return "\n".join(
			f"- {paper['label']}: {paper['reason']}" if paper["reason"] else f"- {paper['label']}"
			for paper in self.open_papers()
		)

	def delivery_news(self) -> str:
		"""Return what there is to tell of the delivery, for messages to the applicant; "" where nothing
		is."""
		return handover.news(self)

	def inspectors(self) -> set[str]:
		"""Return the users who visited for this request or recommended on it."""
		return visits.inspectors(self)

	def take_visit(self, visit):
		"""Called when a Field Visit for this request is done, before the request moves; to be extended."""

	def digital_copy(self) -> str:
		"""Return the address of the signed document for its applicant, or "" where there is none; DocTypes
		that are signed say which."""
		return ""

	def service_terms(self):
		return frappe.get_cached_doc("Public Service", self.service)

	def open_papers(self) -> list[dict]:
		"""Return the papers the applicant still has to supply."""
		return [] if self.stage in stages.ENDED else checklist.open_rows(self)

	@frappe.whitelist()
	def judge_paper(self, row: str, accept: bool, reason: str | None = None):
		"""Accept or refuse one paper.

		Args:
			row: name of the checklist row.
			accept: False refuses, and then `reason` is what the applicant reads.
		"""
		take_as_stored(self)
		paper = next((paper for paper in self.papers if paper.name == row), None)
		if not paper:
			frappe.throw(_("This paper is no longer in the checklist. Reload the page."))
		paper.state = checklist.ACCEPTED if frappe.utils.sbool(accept) else checklist.REFUSED
		paper.refusal_reason = reason
		self.save()

	@frappe.whitelist()
	def link_citizen(self) -> str:
		"""Link the Citizen with this request's NIK, making one from the request where there is none."""
		take_as_stored(self)
		number = self.get_password("nik")
		citizen = frappe.db.get_value("Citizen", {"nik_hash": identity_hash(number)}) or self.make_citizen(
			number
		)
		self.citizen = citizen
		self.save()
		self.add_event("Identity", label=_("Linked to the register of citizens"), detail=citizen)
		return citizen

	def make_citizen(self, nik: str) -> str:
		citizen = frappe.new_doc("Citizen")
		citizen.update(
			{
				"full_name": self.applicant_name,
				"nik": nik,
				"no_kk": self.get_password("no_kk", raise_exception=False),
				"whatsapp_number": self.whatsapp_number,
				"address": self.address,
				"village": self.village,
				"consent": self.consent,
			}
		)
		return citizen.insert().name

	def onload(self):
		super().onload()
		self.set_onload("delivery", handover.form_view(self))
		self.set_onload("visit", visits.form_view(self))
		self.set_onload("may_plan_visit", visits.may_plan(self))


def add_queue_index(doctype: str):
	"""Index what the officers' queue and a citizen's own number look for, so that it does not grow with the
	archive."""
	frappe.db.add_index(doctype, ["agency", "stage", "promised_at"], "queue")
	frappe.db.add_index(doctype, ["whatsapp_number", "stage"], "applicant")
	frappe.db.add_index(doctype, ["owner", "creation"], "own")
	frappe.db.add_index(doctype, ["village", "channel", "creation"], "village_officer")
	clock.add_indexes(doctype)
