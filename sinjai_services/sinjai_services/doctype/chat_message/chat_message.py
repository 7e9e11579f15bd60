import frappe
from frappe.model.document import Document

from sinjai_services.permissions import agency_condition


class ChatMessage(Document):
	"""One message to or from a phone."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Chat Message", user)


def on_doctype_update():
	frappe.db.add_index("Chat Message", ["reference_doctype", "reference_name"], "about")
	frappe.db.add_index("Chat Message", ["conversation", "creation"], "conversation")
	frappe.db.add_index("Chat Message", ["number", "direction", "status", "creation"], "number")
	frappe.db.add_index("Chat Message", ["direction", "status", "next_attempt_at"], "due")
