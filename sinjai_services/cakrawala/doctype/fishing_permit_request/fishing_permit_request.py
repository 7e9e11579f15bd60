import frappe
from frappe import _
from frappe.utils import add_months, cint, escape_html, flt, getdate

from sinjai_services import stages
from sinjai_services.cakrawala import custody, duty, lockers, permits, vessel_names
from sinjai_services.permissions import agency_condition, take_as_stored
from sinjai_services.requests import checklist, clock, moves
from sinjai_services.requests.language import site_language
from sinjai_services.requests.service_request import COUNTER, ServiceRequest, add_queue_index
from sinjai_services.signing import copies, process
from sinjai_services.signing.errors import SigningRefused
from sinjai_services.signing.process import Terms

PERMIT = ("permit_number", "issued_on", "expires_on", "fee", "fee_note")
"""What a permit is given when it is signed, or ready without a signature."""


class PapersOut(frappe.ValidationError):
	"""Papers taken for the request are not back in their locker. The message names them and who has them."""


class FishingPermitRequest(ServiceRequest):
	"""A request for one of the fishing permits of Cakrawala; its papers mostly lie in a locker already."""

	def validate(self):
		# The workflow's conditions read it from the request.
		self.needs_signature = cint(self.service_terms().needs_signature)
		super().validate()

	def find_faults(self) -> dict[str, str]:
		super().find_faults()
		self.set_boat()
		self.validate_boat()
		return self.faults

	def set_boat(self):
		"""Find the boat a public request names among the applicant's own; take over what is known of it."""
		self.vessel_text = " ".join((self.vessel_text or "").split())
		if self.is_new() and not self.vessel and self.channel != COUNTER:
			self.vessel = self.boat_meant()
		boat = (
			frappe.db.get_value("Fishing Vessel", self.vessel, ("vessel_name", "gt"), as_dict=True)
			if self.vessel
			else None
		)
		self.vessel_name = boat.vessel_name if boat else self.vessel_text
		self.gt = boat.gt if boat else 0
		if self.is_new() and self.channel == "WhatsApp":
			self.set_agent()

	def set_agent(self):
		"""Note who asks for the owner: the boat's agent, where it is their number that has written."""
		boat = frappe.db.get_value("Fishing Vessel", self.vessel, ("citizen", "agent"), as_dict=True)
		if not boat or not boat.agent or boat.agent == boat.citizen or self.submitted_by_name:
			return
		numbers = [
			frappe.db.get_value("Citizen", each, "whatsapp_number") for each in (boat.citizen, boat.agent)
		]
		if self.whatsapp_number == numbers[1] != numbers[0]:
			self.submitted_by_name = frappe.db.get_value("Citizen", boat.agent, "full_name")
			self.submitter_relation = _("Agent", site_language())

	def boat_meant(self) -> str | None:
		"""Return the one boat of the applicant that fits what was written; None where that is not clear."""
		people = frappe.get_all("Citizen", {"nik_hash": self.nik_hash or "-"}, pluck="name")
		found = vessel_names.find(self.vessel_text, people)
		return found[0].name if len(found) == 1 else None

	def validate_boat(self):
		if not self.vessel and not self.vessel_text:
			self.faults["vessel_text"] = _("Write the name of the boat.")
		elif self.vessel and (self.is_new() or not self.is_stored_value("vessel")):
			if fault := permits.fault(self.service_terms(), flt(self.gt)):
				self.faults["service"] = fault

	def validate_workflow(self):
		super().validate_workflow()
		self.follow_permit()

	def follow_permit(self):
		"""Do what a stage means for papers and permit, when it is reached."""
		before = self.get_doc_before_save()
		self.keep_permit(before)
		if before and before.stage == self.stage:
			return
		if moves.means(self, moves.SIGNED):
			process.check_signed(self)
		if self.stage == stages.READY:
			self.validate_boat_known()
			self.issue()
		if self.stage in stages.ENDED:
			# An applicant does not wait for papers that an officer has: who has them is asked for them.
			withdrawn = self.flags.moved_by == moves.WITHDRAWN
			duty.ask_for_papers(self) if withdrawn else self.validate_papers_back()

	def keep_permit(self, before):
		"""Let nobody type what `issue` gives; an import of an older register may."""
		if before or not frappe.flags.in_import:
			self.update({field: before.get(field) if before else None for field in PERMIT})

	def validate_boat_known(self):
		if not self.vessel:
			frappe.throw(_("Choose the boat first: the permit names it."), title=_("Boat Missing"))

	def issue(self):
		"""Give the permit its number, dates and fee; a permit that is reworked keeps what it has."""
		if self.permit_number:
			return
		terms = self.service_terms()
		self.issued_on = getdate()
		self.expires_on = self.expiry()
		self.permit_number = permits.next_number(terms, self.issued_on.year)
		self.fee, self.fee_note = terms.fee, terms.fee_note

	def expiry(self):
		"""Return the permit's last day; of one that is not issued yet, that of a permit issued today."""
		if self.permit_number:
			return self.expires_on
		months = self.service_terms().validity_months
		return add_months(getdate(), months) if months else None

	# Signing ---------------------------------------------------------------------------------------------

	def signing_terms(self) -> Terms:
		"""Return what is signed: the permit; it gets its number with the signature.

		Raises:
			SigningRefused: this kind of permit is not signed electronically.
		"""
		service = self.service_terms()
		if not service.needs_signature:
			raise SigningRefused(_("This kind of document is not signed here."))
		return Terms(
			print_format=service.print_format,
			kind=service.product or service.service_name,
			number=self.permit_number,
			valid_until=self.expiry(),
			holder_name=self.applicant_name,
		)

	def before_signing(self, officer):
		"""Refuse to sign a permit that names no boat (called by signing)."""
		if not self.vessel:
			raise SigningRefused(_("Choose the boat first: the permit names it."))

	def signing_number(self) -> str:
		"""Give the permit its number and dates within the transaction that signs (called by signing)."""
		self.issue()
		self.db_set({field: self.get(field) for field in PERMIT}, update_modified=False)
		return self.permit_number

	def digital_copy(self) -> str:
		return copies.link(self)

	# Papers ----------------------------------------------------------------------------------------------

	def validate_papers_back(self):
		"""Refuse to close a request while papers taken for it are out."""
		papers = [custody.lock(name) for name in custody.papers_out(self.name, for_update=True)]
		if not papers:
			return
		items = "".join(
			f"<li>{escape_html(f'{paper.requirement}: {custody.where_text(paper)}')}</li>" for paper in papers
		)
		frappe.throw(
			_("Put these papers back into their locker first: {0}").format(f"<ul>{items}</ul>"),
			title=_("Papers Still Out"),
			exc=PapersOut,
		)

	def collection_notice(self) -> str:
		"""Return what whoever collects the permit has to mind: once it is ready, unless switched off."""
		settings = frappe.get_cached_doc("Cakrawala Settings")
		shown = self.stage == stages.READY and settings.health_protocol
		return (settings.health_protocol_text or "") if shown else ""

	def after_insert(self):
		super().after_insert()
		duty.tell_of_request(self)

	@frappe.whitelist()
	def take_papers(self) -> dict[str, list[str]]:
		"""Take everything that is on file for the request out of the lockers; the promise counts from here.

		Returns:
			{"taken": papers the user has now, "elsewhere": a sentence for each that somebody else has}
		"""
		take_as_stored(self)
		taken, elsewhere = [], []
		for name in sorted({row.on_file_name for row in self.papers if row.state == checklist.ON_FILE}):
			paper = frappe.get_doc("Locker Document", name)
			paper.check_permission("read")
			try:
				custody.take(name, self.name)
				taken.append(paper.requirement)
			except custody.PaperElsewhere:
				frappe.clear_last_message()
				now = custody.lock(name)
				if (now.held_by, now.taken_for) != (frappe.session.user, self.name):
					elsewhere.append(_("{0}: {1}").format(paper.requirement, custody.where_text(now)))
		if taken:
			self.add_event("Note", label=_("Papers taken from the locker"), detail=", ".join(taken))
		if not elsewhere and not self.open_papers():
			clock.start(self, _("Papers in hand"))
		return {"taken": taken, "elsewhere": elsewhere}

	@frappe.whitelist()
	def return_papers(self) -> list[str]:
		"""Put every paper that is out for the request back into its locker; return their names."""
		take_as_stored(self)
		returned = []
		for name in custody.papers_out(self.name, for_update=True):
			custody.give_back(name)
			returned.append(frappe.db.get_value("Locker Document", name, "requirement"))
		if returned:
			self.add_event("Note", label=_("Papers back in the locker"), detail=", ".join(returned))
		return returned

	def onload(self):
		super().onload()
		self.set_onload("papers_out", custody.papers_out(self.name))
		self.set_onload("lockers", lockers.of_vessel(self.vessel))


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Fishing Permit Request", user)


def on_doctype_update():
	add_queue_index("Fishing Permit Request")
	frappe.db.add_index("Fishing Permit Request", ["expires_on", "stage"], "expiry")
	frappe.db.add_index("Fishing Permit Request", ["received_at"], "register")
	frappe.db.add_index("Fishing Permit Request", ["vessel"], "boat")
