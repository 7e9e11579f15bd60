import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_link_to_form, getdate, now_datetime

from sinjai_services.personal_data import HoldsCitizenNumbers
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests.faults import throw_faults
from sinjai_services.requests.names import name_fault


class DuplicateCitizen(frappe.DuplicateEntryError):
	"""Another Citizen has this NIK."""


class Citizen(HoldsCitizenNumbers, Document):
	"""A person known to the regency; changed by officers only, never by a public form."""

	def validate(self):
		self.faults = self.set_citizen_numbers()
		self.validate_full_name()
		self.set_from_nik()
		self.set_whatsapp_number()
		self.set_consent_time()
		throw_faults(self)
		self.validate_unique_nik()

	def validate_full_name(self):
		self.full_name = " ".join((self.full_name or "").split())
		if fault := name_fault(self.full_name):
			self.faults["full_name"] = fault

	def set_from_nik(self):
		"""Take birth date and sex from the NIK, or compare them with what was typed."""
		nik = self.flags.parsed_nik
		if not nik:
			return
		self.birth_date = self.birth_date or nik.birth_date
		self.sex = self.sex or nik.sex
		if not nik.agrees_with(getdate(self.birth_date)):
			self.faults["birth_date"] = _("The birth date does not agree with the NIK. Check both.")
		if self.sex != nik.sex:
			self.faults["sex"] = _("The sex does not agree with the NIK. Check both.")

	def set_whatsapp_number(self):
		if not self.whatsapp_number:
			return
		try:
			self.whatsapp_number = normalise_mobile(self.whatsapp_number)
		except ValueError as fault:
			self.faults["whatsapp_number"] = str(fault)

	def set_consent_time(self):
		if self.consent and not self.consent_at:
			self.consent_at = now_datetime()
		elif not self.consent:
			self.consent_at = None

	def validate_unique_nik(self):
		other = frappe.db.get_value("Citizen", {"nik_hash": self.nik_hash, "name": ("!=", self.name)})
		if other:
			frappe.throw(
				_("This NIK already belongs to {0}. Open that entry instead.").format(
					get_link_to_form("Citizen", other)
				),
				title=_("Citizen Exists"),
				exc=DuplicateCitizen,
			)
