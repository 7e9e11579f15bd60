"""A citizen's phone: writes to one of our numbers and reads what comes back, past the webhook."""

import itertools
import json
from contextlib import contextmanager

import frappe
from frappe.utils import now_datetime
from helpers import pdf, photo

from sinjai_services.identity import LENGTH, mask_number
from sinjai_services.requests import uploads
from sinjai_services.whatsapp import conversation
from sinjai_services.whatsapp.payload import Incoming

OURS = "log-only"
COLOURS = itertools.count(1)


class Phone:
	"""One citizen on WhatsApp.

	Args:
		number: in E.164.
		to: phone_number_id of ours that is written to.
	"""

	def __init__(self, number: str = "+6281241007788", to: str = OURS, profile_name: str = "Andi"):
		self.number, self.to, self.profile_name = number, to, profile_name
		self.read = self.sent = 0
		self.waiting = None
		if not frappe.db.exists("Chat Contact", number):
			frappe.get_doc({"doctype": "Chat Contact", "number": number}).insert(ignore_permissions=True)

	# What the citizen does ---------------------------------------------------------------------------

	def writes(self, text: str) -> list[str]:
		"""Send a text; return what comes back."""
		return self.sends("text", text)

	def sends_photo(self, caption: str = "", content: bytes | None = None, kind: str = "image") -> list[str]:
		content = content or photo(f"#{next(COLOURS) * 4093 % 0xFFFFFF:06x}", size=(90, 60))
		return self.sends(kind, caption, content=content)

	def sends_document(self, caption: str = "") -> list[str]:
		return self.sends_photo(caption, pdf(next(COLOURS)), kind="document")

	def sends_broken_photo(self, why: str = "Fotonya tidak terbaca.") -> list[str]:
		return self.sends("image", media_error=why)

	def taps(self, choice: str) -> list[str]:
		"""Tap a choice by its id, or by its title among those shown last."""
		shown = {title: id for id, title in self.choices()}
		title = next((title for id, title in self.choices() if id == choice), choice)
		return self.sends("button", title, choice_id=shown.get(choice, choice))

	def sends(self, kind: str, text: str = "", content=None, media_error=None, **values) -> list[str]:
		self.sent += 1
		incoming = Incoming(
			message_id=f"wamid.{self.number}.{frappe.generate_hash(length=12)}",
			number=self.number,
			wa_id=self.number.lstrip("+"),
			phone_number_id=self.to,
			profile_name=self.profile_name,
			at=now_datetime(),
			kind=kind,
			text=text,
			**values,
		)
		message = self.store(incoming, content, media_error)
		if self.waiting is not None:
			self.waiting.append((message, incoming))
			return []
		take(message, incoming)
		return self.reads()

	@contextmanager
	def at_once(self):
		"""Send everything in the block before any of it is worked on."""
		self.waiting = []
		yield
		waiting, self.waiting = self.waiting, None
		for message, incoming in waiting:
			take(message, incoming)

	# What the citizen sees ---------------------------------------------------------------------------

	def reads(self) -> list[str]:
		"""Return the texts that came since the last look."""
		rows = self.received()
		new, self.read = rows[self.read :], len(rows)
		return [row.text for row in new]

	def choices(self) -> list[tuple[str, str]]:
		"""Return (id, title) of what can be tapped under the newest message."""
		rows = self.received()
		return (
			[(choice["id"], choice["title"]) for choice in json.loads(rows[-1].extra)["choices"]]
			if rows
			else []
		)

	def received(self) -> list:
		return frappe.get_all(
			"Chat Message",
			{
				"number": self.number,
				"direction": "Outgoing",
				"phone_number_id": self.to,
				"notification": ("is", "not set"),
			},
			["text", "extra", "name"],
			order_by="at asc, creation asc",
		)

	# Behind the scenes -------------------------------------------------------------------------------

	def store(self, incoming: Incoming, content: bytes | None, media_error: str | None):
		message = frappe.get_doc(
			{
				"doctype": "Chat Message",
				"direction": "Incoming",
				"status": "Received",
				"at": incoming.at,
				"kind": incoming.kind,
				"number": incoming.number,
				"phone_number_id": incoming.phone_number_id,
				"message_id": incoming.message_id,
				"text": masked(incoming.text),
				"media_error": media_error,
			}
		).insert(ignore_permissions=True)
		if content:
			file = uploads.save_private(uploads.clean_file(content), "whatsapp", "Chat Message", message.name)
			message.db_set("file", file.file_url, update_modified=False)
		return message

	def conversation(self):
		"""Return the newest conversation of this phone."""
		name = frappe.get_all(
			"Chat Conversation", {"number": self.number}, pluck="name", order_by="creation desc", limit=1
		)
		return frappe.get_doc("Chat Conversation", name[0]) if name else None

	def requests(self) -> list:
		names = frappe.get_all(
			"Civil Document Request", {"whatsapp_number": self.number}, pluck="name", order_by="creation"
		)
		return [frappe.get_doc("Civil Document Request", name) for name in names]


def take(message, incoming: Incoming):
	"""Work on one message as the inbox does: with the contact locked, its status set in the same transaction."""
	frappe.db.get_value("Chat Contact", incoming.number, "name", for_update=True)
	message.reload()
	conversation.handle(message, incoming)
	if message.status == "Received":
		message.status = "Processed"
	message.db_set("status", message.status)


def masked(text: str) -> str:
	"""Return a text as the inbox stores it."""
	return "".join(
		mask_number(part) if len(part) == LENGTH and part.isdigit() else part
		for part in ("".join(run) for _digit, run in itertools.groupby(text, str.isdigit))
	)
