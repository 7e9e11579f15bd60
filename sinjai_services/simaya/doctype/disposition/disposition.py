import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.simaya.secrecy import KeepsSecrets


class Disposition(KeepsSecrets, Document):
	"""What one position asks of others, with or without a letter; written by `dispositions` only."""

	def on_trash(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("A disposition stays on record. Withdraw it instead."), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Disposition", ["letter"], "letter")
	frappe.db.add_index("Disposition", ["from_position", "at"], "sent")
	frappe.db.add_index("Disposition", ["parent_task"], "tree")
