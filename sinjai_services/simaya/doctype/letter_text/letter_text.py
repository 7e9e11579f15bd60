import frappe
from frappe.model.document import Document


class LetterText(Document):
	"""What the search of letters looks through. Open to no role: only archive.py reads it."""


def on_doctype_update():
	frappe.db.add_index("Letter Text", ["stale", "modified"], "stale_first")
	if not frappe.db.has_index("tabLetter Text", "content_words"):
		frappe.db.sql_ddl("alter table `tabLetter Text` add fulltext index content_words (content)")
