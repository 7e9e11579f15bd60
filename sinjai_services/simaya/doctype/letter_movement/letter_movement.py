import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.simaya.secrecy import KeepsSecrets


class LetterMovement(KeepsSecrets, Document):
	"""One step of a paper letter's way; written once, never changed or deleted."""

	def before_validate(self):
		if not self.is_new():
			self.refuse()

	def on_trash(self):
		self.refuse()

	def refuse(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("The way of a letter cannot be changed afterwards."), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Letter Movement", ["letter", "sequence"], "chain")
