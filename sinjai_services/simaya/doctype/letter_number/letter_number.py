import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.permissions import agency_condition


class LetterNumber(Document):
	"""One number of an agency's register of outgoing letters; written by the app and never deleted."""

	def validate(self):
		if not self.is_new() and not self.flags.by_app:
			self.refuse()

	def on_trash(self):
		if not frappe.flags.in_uninstall:
			self.refuse()

	def refuse(self):
		frappe.throw(_("The register of numbers is kept by the app."), frappe.PermissionError)


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Letter Number", user)


def on_doctype_update():
	frappe.db.add_index("Letter Number", ["agency", "year", "serial"], "register")
