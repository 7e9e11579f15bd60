import frappe
from frappe import _
from frappe.utils import cint, flt

from sinjai_services.identity import InvalidNumber, mask_number
from sinjai_services.jempol_sehati import business_numbers, decision
from sinjai_services.permissions import agency_condition, take_as_stored
from sinjai_services.requests.names import name_fault
from sinjai_services.requests.service_request import ServiceRequest, add_queue_index
from sinjai_services.signing import copies
from sinjai_services.signing.errors import SigningRefused
from sinjai_services.signing.process import Terms

WRITTEN_BY_THE_APP = (
	"licence_number",
	"issued_at",
	"valid_until",
	"revoked",
	"revoked_at",
	"revoked_by",
	"revocation_reason",
	"recommended_by",
	"recommended_at",
	"decided_by",
	"decided_at",
)
"""Nobody types these, whichever door they come through; the platform keeps no field read-only by itself."""

LONGEST_NAME = 140


class LicenceApplication(ServiceRequest):
	"""An application for one of the licences of Jempol Sehati."""

	def validate(self):
		self.keep_what_the_app_writes()
		self.set_ways()
		super().validate()

	def find_faults(self) -> dict[str, str]:
		super().find_faults()
		self.validate_business()
		self.validate_npwp()
		self.validate_purpose()
		self.validate_place()
		return self.faults

	def validate_workflow(self):
		super().validate_workflow()
		decision.follow_step(self)

	def keep_what_the_app_writes(self):
		before = self.get_doc_before_save()
		for field in WRITTEN_BY_THE_APP:
			self.set(field, before.get(field) if before else None)

	def set_ways(self):
		"""Note what the service asks for: the workflow's conditions read it from the application."""
		service = self.service_terms()
		self.needs_field_work = cint(service.needs_field_work)
		self.needs_signature = cint(service.needs_signature)

	def validate_business(self):
		self.applicant_type = self.applicant_type or "Person"
		if self.applicant_type != "Business":
			self.business_name = self.nib = None
			return
		self.business_name = " ".join((self.business_name or "").split())
		if not self.business_name:
			self.faults["business_name"] = _("Write the name of the business.")
		elif len(self.business_name) > LONGEST_NAME:
			self.faults["business_name"] = _("Too long: at most {0} characters.").format(LONGEST_NAME)
		elif "<" in self.business_name or ">" in self.business_name:
			self.faults["business_name"] = name_fault(self.business_name) or _(
				"Write the name of the business."
			)
		if self.nib:
			try:
				self.nib = business_numbers.parse_nib(self.nib)
			except InvalidNumber as fault:
				self.faults["nib"] = str(fault)

	def validate_npwp(self):
		"""Check the tax number; one that is a NIK is the applicant's own, lies there encrypted and here
		masked."""
		if not self.npwp or (self.npwp == self.nik_masked and self.is_stored_value("npwp")):
			return
		try:
			number = business_numbers.parse_npwp(self.npwp)
		except InvalidNumber as fault:
			self.faults["npwp"] = str(fault)
			self.npwp = None
			return
		if not business_numbers.is_citizen_number(number):
			self.npwp = number
			return
		self.npwp = mask_number(number)
		if not business_numbers.is_number_of(number, self.nik_hash):
			self.faults["npwp"] = _("A person's NPWP is their own NIK; this one is another person's.")

	def validate_purpose(self):
		self.purpose = (self.purpose or "").strip()
		if not self.purpose:
			self.faults["purpose"] = _("Say what the licence is for.")

	def validate_lengths(self):
		super().validate_lengths()
		for field in ("purpose", "location_address", "rejection_advice", "recommendation_note"):
			longest = self.meta.get_field(field).length
			if len(self.get(field) or "") > longest:
				self.faults[field] = _("Too long: at most {0} characters.").format(longest)

	def validate_place(self):
		"""Take a position only where both its numbers can be one."""
		if not flt(self.latitude) and not flt(self.longitude):
			self.latitude = self.longitude = 0
			return
		for field, most in (("latitude", 90), ("longitude", 180)):
			if not 0 < abs(flt(self.get(field))) <= most:
				self.faults[field] = _(
					"Give the position in degrees, both numbers, such as -5.1245 and 120.2530."
				)

	def take_visit(self, visit):
		"""Bring the technical team's recommendation along, for who takes the step "Recommended"."""
		if visit.recommendation and not self.recommendation:
			longest = self.meta.get_field("recommendation_note").length
			self.recommendation = visit.recommendation
			self.recommendation_note = (visit.recommendation_reason or "")[:longest]

	# Signing ---------------------------------------------------------------------------------------------

	def signing_terms(self) -> Terms:
		service = self.service_terms()
		if not service.needs_signature:
			raise SigningRefused(_("This kind of document is not signed here."))
		return Terms(
			print_format=service.print_format,
			kind=service.product or service.service_name,
			number=self.licence_number,
			valid_until=decision.expiry(service),
			holder_name=self.holder_name(),
		)

	def holder_name(self) -> str:
		"""Return whom the licence is made out to."""
		return self.business_name or self.applicant_name

	def before_signing(self, officer):
		"""Refuse the signature of who had a hand in it (called by signing)."""
		try:
			decision.check_four_eyes(self, frappe.session.user)
		except decision.FourEyes as refusal:
			frappe.clear_last_message()
			raise SigningRefused(str(refusal)) from None

	def signing_number(self) -> str:
		"""Give the licence its number within the transaction that signs (called by signing)."""
		decision.issue(self)
		written = ("licence_number", "issued_at", "valid_until")
		self.db_set({field: self.get(field) for field in written}, update_modified=False)
		return self.licence_number

	def digital_copy(self) -> str:
		return copies.link(self)

	@frappe.whitelist(methods=["POST"])
	def revoke(self, reason: str):
		"""Revoke the licence; `reason` is read by everybody who verifies it."""
		take_as_stored(self)
		decision.revoke(self, reason)


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Licence Application", user)


def on_doctype_update():
	add_queue_index("Licence Application")
