import frappe
from frappe import _
from frappe.model.document import Document


class DataAccessRecord(Document):
	"""Who opened which personal number when; written by the app only, never changed or deleted."""

	def before_validate(self):
		if not self.is_new():
			self.refuse()

	def on_trash(self):
		self.refuse()

	def refuse(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("A record of access cannot be changed afterwards."), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Data Access Record", ["reference_doctype", "reference_name"], "opened_document")
