import frappe
from frappe.model.document import Document

from sinjai_services.permissions import agency_condition


class ChatConversation(Document):
	"""What a citizen and one of our numbers write each other about one matter."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Chat Conversation", user)


def on_doctype_update():
	frappe.db.add_index("Chat Conversation", ["agency", "status", "handling", "answer_by"], "queue")
	frappe.db.add_index("Chat Conversation", ["status", "last_message_at"], "idle")
