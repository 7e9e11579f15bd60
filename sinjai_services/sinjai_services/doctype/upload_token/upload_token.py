import frappe
from frappe.model.document import Document


class UploadToken(Document):
	"""Holds the files that one visitor has uploaded for one form, until the form is sent or time is up."""

	def on_trash(self):
		for name in frappe.get_all(
			"File", {"attached_to_doctype": self.doctype, "attached_to_name": self.name}, pluck="name"
		):
			frappe.delete_doc("File", name, ignore_permissions=True)
