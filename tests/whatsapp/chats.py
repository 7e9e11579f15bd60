"""Conversations and messages as they lie in the database, for tests of what is done with them."""

import secrets
from datetime import timedelta

from helpers import photo

import frappe
from frappe.utils import now_datetime

from sinjai_services.phone import mask_phone
from sinjai_services.requests import uploads

AGENCY = "Disdukcapil"
OURS = "log-only"


def new_number() -> str:
	return f"+62812{secrets.randbelow(10**8):08}"


def new_chat(agency: str = AGENCY, minutes: int = 5, **changes):
	"""Make an open conversation that waits for an operator; the citizen wrote `minutes` ago."""
	number = changes.pop("number", None) or new_number()
	if not frappe.db.exists("Chat Contact", number):
		frappe.get_doc({"doctype": "Chat Contact", "number": number}).insert(ignore_permissions=True)
	at = now_datetime() - timedelta(minutes=minutes)
	values = {
		"doctype": "Chat Conversation",
		"number": number,
		"number_masked": mask_phone(number),
		"profile_name": "Warga Uji",
		"agency": agency,
		"phone_number_id": OURS,
		"open_key": f"{OURS}:{number}",
		"handling": "Waiting for Operator",
		"waiting_since": at,
		"answer_by": at + timedelta(minutes=15),
		"last_message_at": at,
		"last_incoming_at": at,
		**changes,
	}
	return frappe.get_doc(values).insert(ignore_permissions=True)


def new_message(chat, text: str | None = "halo", picture: bytes | None = None, **changes):
	"""Write a message of the citizen, with a picture as the media job leaves it where one is given."""
	values = {
		"doctype": "Chat Message",
		"direction": "Incoming",
		"status": "Processed",
		"kind": "image" if picture else "text",
		"text": text,
		"at": now_datetime(),
		"number": chat.number,
		"agency": chat.agency,
		"phone_number_id": chat.phone_number_id,
		"conversation": chat.name,
		**changes,
	}
	doc = frappe.get_doc(values).insert(ignore_permissions=True)
	if picture:
		file = uploads.save_private(uploads.clean_file(picture), "Chat", doc.doctype, doc.name)
		doc.db_set("file", file.file_url)
	return doc


def new_picture(chat, colour: str = "teal", **changes):
	return new_message(chat, None, photo(colour), **changes)


def remove_chats(*chats):
	"""Take back what a test had to commit."""
	frappe.db.rollback()
	for chat in chats:
		owners = [chat.name, *frappe.get_all("Chat Message", {"conversation": chat.name}, pluck="name")]
		for file in frappe.get_all("File", {"attached_to_name": ("in", owners)}, pluck="name"):
			frappe.delete_doc("File", file, ignore_permissions=True)
		frappe.db.delete("Chat Message", {"conversation": chat.name})
		frappe.db.delete("Comment", {"reference_doctype": chat.doctype, "reference_name": chat.name})
		frappe.db.delete(chat.doctype, {"name": chat.name})
		frappe.db.delete("Chat Contact", {"name": chat.number})
	frappe.db.commit()


def remove_requests(number: str):
	"""Take back the requests of a number with all that came of them."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doc in requests_of(number):
		about = {"reference_doctype": doc.doctype, "reference_name": doc.name}
		deliveries = frappe.get_all("Request Delivery", about, pluck="name")
		for table in ("Delivery Attempt", "Request Paper"):
			frappe.db.delete(table, {"parent": ("in", [doc.name, *deliveries])})
		frappe.db.delete("File", {"attached_to_name": ("in", [doc.name, *deliveries])})
		for doctype in ("Request Delivery", "Request Event"):
			frappe.db.delete(doctype, about)
		frappe.db.delete("__Auth", {"doctype": doc.doctype, "name": doc.name})
		frappe.db.delete(doc.doctype, {"name": doc.name})
	frappe.db.commit()


def requests_of(number: str) -> list:
	frappe.db.rollback()
	names = frappe.get_all("Civil Document Request", {"whatsapp_number": number}, pluck="name")
	return [frappe.get_doc("Civil Document Request", name) for name in names]
