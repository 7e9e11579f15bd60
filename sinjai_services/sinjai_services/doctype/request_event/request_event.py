import frappe
from frappe import _
from frappe.model.document import Document


class RequestEvent(Document):
	"""One thing that happened to a request or letter; written once, never changed or deleted."""

	def before_validate(self):
		if not self.is_new():
			self.refuse()

	def on_trash(self):
		self.refuse()

	def refuse(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("The timeline cannot be changed afterwards."), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Request Event", ["reference_doctype", "reference_name", "at"], "timeline")
