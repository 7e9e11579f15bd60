"""Messages on their way to a phone: rows written in the transaction of what they tell about."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import frappe
from frappe.utils import now_datetime

from sinjai_services.phone import normalise_mobile
from sinjai_services.whatsapp import settings
from sinjai_services.whatsapp.gateway import Choice


def put(
	number: str | None,
	text: str,
	*,
	agency: str | None = None,
	about=None,
	conversation: str | None = None,
	choices: Iterable[Choice] = (),
	file_url: str | None = None,
	template: str | None = None,
	template_parameters: Iterable[str] = (),
	notification: str | None = None,
	key: str | None = None,
	phone_number_id: str | None = None,
	urgent: bool = False,
) -> str | None:
	"""Write a message down in the caller's transaction; a worker sends it once that is committed.

	Args:
		number: a mobile number in any form; one that is none is left out.
		text: what the person reads, plain text.
		agency: whose number it goes out from; left out, the agency of `about`.
		about: the request or letter it is about.
		conversation: name of the Chat Conversation it belongs to.
		choices: what can be tapped.
		file_url: a private File to send along.
		template, template_parameters: approved template for the time outside the 24-hour window.
		notification: name of the Notification that worded it.
		key: what makes it the same message: a second one with this key is not written.
		phone_number_id: ours that it goes out from; left out, the agency's.
		urgent: an answer to somebody who has just written; waits for no quiet hours.

	Returns:
		The name of the Chat Message, or None where none was written.
	"""
	try:
		number = normalise_mobile(number)
	except ValueError:
		return None
	if key and frappe.db.exists("Chat Message", {"idempotency_key": key}):
		return None
	agency = agency or (about and about.get("agency"))
	message = frappe.new_doc("Chat Message")
	message.update(
		{
			"direction": "Outgoing",
			"status": "Logged",
			"number": number,
			"phone_number_id": phone_number_id or settings.number_of(agency),
			"text": text,
			"at": now_datetime(),
			"agency": agency,
			"conversation": conversation,
			"file": file_url,
			"template": template,
			"extra": json.dumps(
				{"choices": [asdict(choice) for choice in choices], "parameters": list(template_parameters)}
			),
			"notification": notification,
			"idempotency_key": key,
			"reference_doctype": about and about.doctype,
			"reference_name": about and about.name,
		}
	)
	return message.insert(ignore_permissions=True).name
