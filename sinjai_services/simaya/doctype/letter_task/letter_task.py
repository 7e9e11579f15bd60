import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.simaya import files
from sinjai_services.simaya.secrecy import KeepsSecrets


class LetterTask(KeepsSecrets, Document):
	"""What waits for one position: a letter addressed to it, or a disposition asking it.

	Written by `tasks` and `dispositions` only.
	"""

	def on_change(self):
		files.disown(self)

	def on_trash(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(_("What was asked of whom stays on record."), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index("Letter Task", ["position", "waiting", "due_date"], "waiting_list")
	frappe.db.add_index("Letter Task", ["letter", "position"], "path")
	frappe.db.add_index("Letter Task", ["disposition", "position"], "asked")
	frappe.db.add_index("Letter Task", ["parent_task"], "tree")
	frappe.db.add_index("Letter Task", ["due_date", "answered_at"], "reminders")
