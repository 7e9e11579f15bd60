"""What is said to a citizen, and when a person has to say it."""

import frappe

from sinjai_services.phone import mask_phone
from sinjai_services.whatsapp import settings


def handle(message, incoming):
	"""Understand a message and answer it."""
	message.status = "Processed"


def open_conversation(incoming):
	"""Return the conversation that is going on with this number, or begin one."""
	key = f"{incoming.phone_number_id}:{incoming.number}"
	if name := frappe.db.get_value("Chat Conversation", {"open_key": key}):
		return frappe.get_doc("Chat Conversation", name)
	conversation = frappe.new_doc("Chat Conversation")
	conversation.update(
		{
			"number": incoming.number,
			"number_masked": mask_phone(incoming.number),
			"phone_number_id": incoming.phone_number_id,
			"agency": settings.agency_of(incoming.phone_number_id),
			"open_key": key,
		}
	)
	return conversation.insert(ignore_permissions=True)


def hand_to_operator(conversation, why: str):
	"""Put a conversation into the operators' queue."""
	conversation.db_set("handling", "Waiting for Operator")
