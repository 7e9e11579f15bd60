"""How long conversations are kept: their texts, pictures and addresses go for good once nobody needs them.

What a request has taken over from a conversation, its papers above all, stays with the request.
"""

import frappe
from frappe.utils import add_to_date, cint, now_datetime

from sinjai_services import stages
from sinjai_services.whatsapp import settings

MONTHS = 12
AT_ONCE = 200
LOOSE_FINISHED = ("Logged", "Sent", "Delivered", "Read", "Failed", "Uncertain", "Suppressed", "Ignored")
"""States in which nothing more is done about a message that belongs to no conversation."""


def months() -> int:
	"""Return after how many months; 0 is never. A site that has never saved the setting takes the default."""
	value = settings.stored().retention_months
	return MONTHS if value is None else cint(value)


def remove_old():
	"""Daily: delete closed conversations, and messages of none, that are older than the setting says."""
	if not months():
		return
	before = add_to_date(now_datetime(), months=-months())
	for remove, names in ((remove_conversation, old_conversations(before)), (remove_message, loose(before))):
		for place, name in enumerate(names, 1):
			remove(name)
			if place % AT_ONCE == 0:
				frappe.db.commit()
	remove_contacts(before)


def old_conversations(before) -> list[str]:
	rows = frappe.get_all(
		"Chat Conversation",
		{"status": "Closed", "closed_at": ("<", before)},
		["name", "reference_doctype", "reference_name"],
	)
	return [row.name for row in rows if not is_needed(row)]


def is_needed(row) -> bool:
	"""Tell whether the request that a conversation is about is still being worked on."""
	if not row.reference_name or row.reference_doctype not in stages.tracked_doctypes():
		return False
	stage = frappe.db.get_value(row.reference_doctype, row.reference_name, "stage")
	return bool(stage) and stage not in stages.ENDED


def loose(before) -> list[str]:
	return frappe.get_all(
		"Chat Message",
		{"conversation": ("is", "not set"), "creation": ("<", before), "status": ("in", LOOSE_FINISHED)},
		pluck="name",
	)


def remove_conversation(name: str):
	for message in frappe.get_all("Chat Message", {"conversation": name}, pluck="name"):
		remove_message(message)
	frappe.get_doc("Chat Conversation", name).forget_numbers()
	remove("Chat Conversation", name)


def remove_message(name: str):
	remove("Chat Message", name)


def remove(doctype: str, name: str):
	"""Delete a document with its files; no copy of it stays among the deleted documents."""
	frappe.delete_doc(
		doctype, name, force=True, ignore_permissions=True, ignore_missing=True, delete_permanently=True
	)


def remove_contacts(before):
	"""Delete who has not written for so long; who wanted no messages stays, so that this is honoured."""
	contact, message = frappe.qb.DocType("Chat Contact"), frappe.qb.DocType("Chat Message")
	known = frappe.qb.from_(message).select(message.number).distinct()
	old = (contact.modified < before) & (contact.opted_out == 0) & contact.name.notin(known)
	frappe.qb.from_(contact).delete().where(old).run()
