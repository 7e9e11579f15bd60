import frappe
from frappe.model.document import Document


class FieldVisitMember(Document):
	"""One person of the team that visits."""


def on_doctype_update():
	frappe.db.add_index("Field Visit Member", ["user"], "member")
