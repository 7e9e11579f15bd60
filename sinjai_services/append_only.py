"""Documents that are written once: nobody changes or deletes what is on record."""

import frappe
from frappe import _
from frappe.model.document import Document


class AppendOnly(Document):
	"""Base of records that are never changed or deleted, by nobody and through no door."""

	def before_validate(self):
		if not self.is_new():
			self.refuse()

	def on_trash(self):
		self.refuse()

	def refuse(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("What is on record cannot be changed afterwards."), frappe.PermissionError)
