"""Messages on their way to a phone. For now they are kept and shown only; nothing leaves the machine."""

import frappe
from frappe.utils import now_datetime

from sinjai_services.phone import normalise_mobile


def put(number: str | None, text: str, doc, notification: str | None = None):
	"""Write a message down in the sender's transaction; a number that is none is left out.

	Args:
		number: a mobile number in any form.
		text: what the person reads, plain text.
		doc: the request or letter it is about.
		notification: name of the Notification that worded it.
	"""
	try:
		number = normalise_mobile(number)
	except ValueError:
		return
	frappe.get_doc(
		{
			"doctype": "Chat Message",
			"direction": "Outgoing",
			"status": "Logged",
			"number": number,
			"text": text,
			"at": now_datetime(),
			"agency": doc.get("agency"),
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
			"notification": notification,
		}
	).insert(ignore_permissions=True)
