"""A message as the gateway takes it: free text inside the 24-hour window, an approved template outside."""

import json
import mimetypes
from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import add_to_date, now_datetime

from sinjai_services.whatsapp import settings
from sinjai_services.whatsapp.gateway import (
	WINDOW_HOURS,
	Choice,
	Gateway,
	Outgoing,
	Permanent,
	Template,
	TemplateMissing,
)


def build(message, gateway: Gateway) -> Outgoing:
	"""Return a row of the outbox as the gateway takes it; what is left out of it is said in `message.note`.

	Raises:
		Permanent, TemplateMissing: it cannot be sent as it is.
	"""
	extra = json.loads(message.extra or "{}")
	message.parameters = tuple(extra.get("parameters", ()))
	plain = Outgoing(
		phone_number_id=message.phone_number_id,
		number=message.number,
		text=message.text or "",
		choices=tuple(Choice(**choice) for choice in extra.get("choices", ())),
		reference=message.name,
	)
	if gateway.has_window and not in_window(message):
		return with_template(message, plain)
	return with_file(message, plain)


def in_window(message) -> bool:
	"""Tell whether the citizen has written to this number of ours within the last 24 hours."""
	table = frappe.qb.DocType("Chat Message")
	since = add_to_date(now_datetime(), hours=-WINDOW_HOURS)
	from_citizen = (table.number == message.number) & (table.direction == "Incoming") & (table.at > since)
	to_us = table.phone_number_id == message.phone_number_id
	return bool(frappe.qb.from_(table).select(table.name).where(from_citizen & to_us).limit(1).run())


def with_template(message, outgoing: Outgoing) -> Outgoing:
	"""Return the message as an approved template: its own, or the general one with the text in it."""
	own, general = message.template, settings.stored().default_template
	if not own and not general:
		raise TemplateMissing(
			_(
				"The citizen has not written for {0} hours, so that Meta takes approved templates only, "
				"and {1} has none. Enter one there, or a general one in Sinjai WhatsApp Settings."
			).format(WINDOW_HOURS, message.notification or _("this message"))
		)
	if message.file:
		message.note = _("Outside the 24-hour window the file could not be sent along.")
	parameters = message.parameters if own else (message.text,)
	template = Template(own or general, settings.stored().template_language or "id", parameters)
	return replace(outgoing, template=template)


def with_file(message, outgoing: Outgoing) -> Outgoing:
	if not message.file:
		return outgoing
	name = frappe.db.get_value("File", {"file_url": message.file})
	if not name:
		raise Permanent(_("The file to be sent is not there any more."))
	file = frappe.get_doc("File", name)
	content = file.get_content()
	return replace(
		outgoing,
		file_name=file.file_name,
		content=content.encode() if isinstance(content, str) else content,
		mime_type=mime_type(file.file_name),
	)


def mime_type(file_name: str) -> str:
	return mimetypes.guess_type(file_name)[0] or "application/octet-stream"
