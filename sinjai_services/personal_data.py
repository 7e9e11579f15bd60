"""Citizen numbers (NIK, No. KK) in documents: encrypted, masked, and opened only with a record of who did.

The fields are of Frappe's type Password: the number itself lies encrypted in `__Auth`, the document, its
versions, its exports and every REST answer hold asterisks only. What lists and searches need stands in
stored masked twins; equality is looked up through a keyed hash. UU 27/2022 asks for purpose and record.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services.identity import identity_hash, mask_number, parse_nik, parse_no_kk

NUMBERS = {"nik": parse_nik, "no_kk": parse_no_kk}


class HoldsCitizenNumbers:
	"""Mixin for documents with the Password fields `nik` and `no_kk` and their masked twins.

	Call `set_citizen_numbers()` in `validate`. A number left empty or shown as asterisks stays what it was:
	whoever may write it need not be able to read it.
	"""

	def set_citizen_numbers(self) -> dict[str, str]:
		"""Check the numbers typed, set masked twins and hash; return {fieldname: fault} of refused ones."""
		faults = {}
		for field, parse in NUMBERS.items():
			typed = (self.get(field) or "").strip()
			if is_mask(typed) or not typed:
				self.keep_stored_number(field)
				continue
			try:
				self.take_number(field, parse(typed))
			except ValueError as fault:
				faults[field] = str(fault)
		return faults

	def keep_stored_number(self, field: str):
		"""Leave the stored number as it is; Frappe would delete it for an empty value."""
		stored = None if self.is_new() else self.get_doc_before_save().get(f"{field}_masked")
		self.set(field, "*" * len(stored) if stored else "")
		self.set(f"{field}_masked", stored)

	def take_number(self, field: str, parsed):
		number = getattr(parsed, "number", parsed)
		self.set(field, number)
		self.set(f"{field}_masked", mask_number(number))
		if field == "nik":
			self.nik_hash = identity_hash(number)
			self.flags.parsed_nik = parsed


def is_mask(value: str) -> bool:
	"""Tell whether `value` is the row of asterisks Frappe shows for a stored Password."""
	return bool(value) and set(value) == {"*"}


@frappe.whitelist(methods=["POST"])
def reveal(doctype: str, name: str, field: str, purpose: str | None = None) -> str:
	"""Return the whole number of one document and record who opened it.

	Args:
		doctype, name: a document with citizen numbers that the user may read.
		field: `nik` or `no_kk`.
		purpose: why it is opened; kept in the record.

	Raises:
		frappe.PermissionError: the user may not read the document, or lacks the right on the field's
			permission level (given in the Role Permissions Manager).
	"""
	df = frappe.get_meta(doctype).get_field(field)
	if field not in NUMBERS or not df or df.fieldtype != "Password":
		frappe.throw(_("This field does not hold a citizen number."), frappe.PermissionError)
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	if not doc.has_permlevel_access_to(field, permission_type="read"):
		frappe.throw(
			_("You may not open this number. Ask your administrator for the right."), frappe.PermissionError
		)
	record_access(doc, field, purpose)
	return doc.get_password(field, raise_exception=False) or ""


def record_access(doc, field: str, purpose: str | None = None):
	"""Write down that the session's user opened `field` of `doc`."""
	frappe.get_doc(
		{
			"doctype": "Data Access Record",
			"user": frappe.session.user,
			"at": now_datetime(),
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
			"field": field,
			"purpose": (purpose or "")[:500],
			"ip_address": frappe.local.request_ip,
		}
	).insert(ignore_permissions=True)
