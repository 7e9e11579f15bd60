"""What Meta's webhook brings, read into plain values.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples

Whatever comes is read as far as it makes sense: a part that is not as documented is left out and never
raises, as one strange message would otherwise hold up all that were delivered with it.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from frappe.utils import get_system_timezone, now_datetime

from sinjai_services.phone import normalise_mobile

LONGEST_TEXT = 4096
"""Letters of a text message: Meta's own limit."""

LONGEST_ID = 200
LONGEST_NAME = 140
LONGEST_CHOICE = 256
OLDEST = datetime(2009, 1, 1)
"""Nothing was sent on WhatsApp before."""

CLOCKS_DIFFER = timedelta(minutes=10)
STATUSES = ("sent", "delivered", "read", "failed")
MEDIA = ("image", "document", "audio", "video", "sticker")
FIELD = "messages"
"""The only webhook field that brings messages to us; others tell about templates, calls or the account."""


@dataclass(frozen=True)
class Incoming:
	"""One message of a citizen. Who wrote what stays out of `repr`, hence out of logs.

	Args:
		message_id: the gateway's number of it, the same in every delivery.
		number: the citizen's in E.164, or None where it is none we can answer.
		wa_id: the citizen's as the gateway writes it.
		phone_number_id: ours, that it was sent to.
		profile_name: what the citizen calls themselves on WhatsApp.
		at: when it was sent, in the site's time.
		kind: text, image, document, audio, video, sticker, location, contacts, button, reaction, group,
			system or unsupported. A button is anything tapped: a reply button, a row of a list, a template's
			quick reply. A system message is WhatsApp's own (a changed number, a chat opened), by nobody.
		text: the text, the caption, or the title of what was tapped.
		choice_id: the id of what was tapped.
		media_id, mime_type, file_name: where there is a file.
		latitude, longitude: where there is a place.
		reply_to: message_id of the message that is answered.
	"""

	message_id: str
	number: str | None = field(repr=False)
	wa_id: str = field(repr=False)
	phone_number_id: str
	profile_name: str | None = field(repr=False)
	at: datetime
	kind: str
	text: str = field(default="", repr=False)
	choice_id: str | None = None
	media_id: str | None = None
	mime_type: str | None = None
	file_name: str | None = field(default=None, repr=False)
	latitude: float | None = field(default=None, repr=False)
	longitude: float | None = field(default=None, repr=False)
	reply_to: str | None = None

	def as_json(self) -> str:
		return json.dumps({**asdict(self), "at": self.at.isoformat()})

	@classmethod
	def from_json(cls, text: str) -> "Incoming":
		values = json.loads(text)
		return cls(**{**values, "at": datetime.fromisoformat(values["at"])})


@dataclass(frozen=True)
class StatusUpdate:
	"""What has become of one of our messages: sent, delivered, read or failed.

	Args:
		reference: what we gave along with it (Meta's biz_opaque_callback_data): the name of the Chat Message.
	"""

	message_id: str
	status: str
	at: datetime
	error: str | None = None
	reference: str | None = None


def read(body) -> tuple[list[Incoming], list[StatusUpdate]]:
	"""Return all messages and delivery states of one delivery, in its order.

	Args:
		body: the parsed JSON, whatever it is.
	"""
	messages, statuses = [], []
	for value in values_of(body):
		messages += read_messages(value)
		statuses += read_statuses(value)
	return messages, statuses


def values_of(body) -> Iterator[dict]:
	for entry in dicts(as_dict(body).get("entry")):
		for change in dicts(entry.get("changes")):
			if change.get("field", FIELD) == FIELD:
				yield as_dict(change.get("value"))


# Messages ----------------------------------------------------------------------------------------------


def read_messages(value: dict) -> Iterator[Incoming]:
	metadata = as_dict(value.get("metadata"))
	contacts = list(dicts(value.get("contacts")))
	ours = digits(metadata.get("display_phone_number"))
	for message in dicts(value.get("messages")):
		# What we wrote ourselves must never be taken for a citizen's: we would answer it.
		if not ours or digits(message.get("from")) != ours:
			yield read_message(message, as_text(metadata.get("phone_number_id"), LONGEST_NAME), contacts)


def read_message(message: dict, phone_number_id: str, contacts: list[dict]) -> Incoming:
	sender = as_text(message.get("from"), LONGEST_NAME)
	contact = contact_of(sender, contacts)
	# Who hides the number behind a user name has a user id only.
	wa_id = sender or as_text(contact.get("wa_id") or contact.get("user_id"), LONGEST_NAME)
	incoming = Incoming(
		message_id=message_id_of(message),
		number=mobile(wa_id),
		wa_id=wa_id,
		phone_number_id=phone_number_id,
		profile_name=as_text(as_dict(contact.get("profile")).get("name"), LONGEST_NAME) or None,
		at=as_time(message.get("timestamp")),
		kind="unsupported",
		reply_to=as_id(as_dict(message.get("context")).get("id")),
	)
	return replace(incoming, **content_of(message))


def contact_of(sender: str, contacts: list[dict]) -> dict:
	"""Return the entry about the sender; Meta leaves it out at times."""
	for contact in contacts:
		if sender and as_text(contact.get("wa_id"), LONGEST_NAME) == sender:
			return contact
	return contacts[0] if len(contacts) == 1 else {}


def content_of(message: dict) -> dict:
	"""Return the fields of Incoming that depend on the message's type."""
	if message.get("group_id"):
		# What the members of a group write each other is none of our business.
		return {"kind": "group"}
	kind = message.get("type")
	reader = READERS.get(kind) if isinstance(kind, str) else None
	return reader(as_dict(message.get(kind)), kind) if reader else {}


def read_text(part: dict, kind: str) -> dict:
	return {"kind": "text", "text": as_text(part.get("body"), LONGEST_TEXT)}


def read_media(part: dict, kind: str) -> dict:
	return {
		"kind": kind if kind in MEDIA else "audio",
		"text": as_text(part.get("caption"), LONGEST_TEXT),
		"media_id": as_text(part.get("id"), LONGEST_NAME) or None,
		"mime_type": as_text(part.get("mime_type"), LONGEST_NAME) or None,
		"file_name": as_text(part.get("filename"), LONGEST_NAME) or None,
	}


def read_location(part: dict, kind: str) -> dict:
	named = [as_text(part.get(key), LONGEST_TEXT // 4) for key in ("name", "address")]
	return {
		"kind": "location",
		"text": ", ".join(filter(None, named)),
		"latitude": as_degrees(part.get("latitude"), 90),
		"longitude": as_degrees(part.get("longitude"), 180),
	}


def read_contacts(part: dict, kind: str) -> dict:
	# Other people's names and numbers: not ours to keep.
	return {"kind": "contacts"}


def read_interactive(part: dict, kind: str) -> dict:
	for key in ("button_reply", "list_reply"):
		if tapped := as_dict(part.get(key)):
			return as_button(tapped.get("title"), tapped.get("id"))
	return {}


def read_template_button(part: dict, kind: str) -> dict:
	return as_button(part.get("text"), part.get("payload"))


def as_button(title, choice_id) -> dict:
	return {
		"kind": "button",
		"text": as_text(title, LONGEST_TEXT),
		"choice_id": as_text(choice_id, LONGEST_CHOICE) or None,
	}


def read_reaction(part: dict, kind: str) -> dict:
	return {
		"kind": "reaction",
		"text": as_text(part.get("emoji"), LONGEST_NAME),
		"reply_to": as_id(part.get("message_id")),
	}


def read_system(part: dict, kind: str) -> dict:
	return {"kind": "system"}


def read_order(part: dict, kind: str) -> dict:
	return {"kind": "unsupported", "text": as_text(part.get("text"), LONGEST_TEXT)}


READERS = {
	"text": read_text,
	**dict.fromkeys([*MEDIA, "voice"], read_media),
	"location": read_location,
	"contacts": read_contacts,
	"interactive": read_interactive,
	"button": read_template_button,
	"reaction": read_reaction,
	**dict.fromkeys(["system", "request_welcome", "revoke", "edit"], read_system),
	"order": read_order,
}
"""By the type of a message; whatever is not here is unsupported: polls, deleted ones, those yet to come."""


# Delivery states ---------------------------------------------------------------------------------------


def read_statuses(value: dict) -> Iterator[StatusUpdate]:
	for status in dicts(value.get("statuses")):
		message_id = as_id(status.get("id"))
		if message_id and status.get("status") in STATUSES:
			yield StatusUpdate(
				message_id=message_id,
				status=status["status"],
				at=as_time(status.get("timestamp")),
				error=error_of(status),
				reference=as_id(status.get("biz_opaque_callback_data")),
			)


def error_of(status: dict) -> str | None:
	"""Return Meta's reasons, as an administrator looks them up; numbers in them are somebody's."""
	reasons = []
	for error in dicts(status.get("errors")):
		details = as_dict(error.get("error_data")).get("details")
		parts = [
			as_text(part, 500)
			for part in (error.get("code"), error.get("title") or error.get("message"), details)
		]
		reasons.append(" – ".join(dict.fromkeys(filter(None, parts))))
	return re.sub(r"\+?\d{8,}", "…", "; ".join(filter(None, reasons)))[:1000] or None


# Plain values ------------------------------------------------------------------------------------------


def as_dict(value) -> dict:
	return value if isinstance(value, dict) else {}


def dicts(value) -> Iterator[dict]:
	return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def as_text(value, limit: int) -> str:
	"""Return text that every database takes, of at most `limit` letters; an empty one for what is no text.

	Without NUL and other controls, and without halves of surrogate pairs, which have no UTF-8.
	"""
	if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
		value = str(value)
	if not isinstance(value, str):
		return ""
	# Cut first as well: a text of megabytes need not be cleaned whole.
	value = value[: limit * 2].encode("utf-8", "ignore").decode()
	return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", value.replace("\r\n", "\n"))[:limit].strip()


def as_id(value) -> str | None:
	"""Return an id that fits its column; one too long is stood in for by its fingerprint."""
	text = as_text(value, LONGEST_TEXT)
	if len(text) > LONGEST_ID:
		return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
	return text or None


def message_id_of(message: dict) -> str:
	"""Return the message's id; one without any is known by its content, so that it is not lost."""
	if known := as_id(message.get("id")):
		return known
	content = json.dumps(message, sort_keys=True, default=str)
	return "content:" + hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


def as_time(value) -> datetime:
	"""Return seconds since 1970 in the site's time; the present where they are absent or absurd."""
	now = now_datetime()
	text = as_text(value, 20)
	if not re.fullmatch(r"[0-9]{1,11}", text, re.ASCII):
		return now
	at = datetime.fromtimestamp(int(text), ZoneInfo(get_system_timezone())).replace(tzinfo=None)
	return at if OLDEST <= at <= now + CLOCKS_DIFFER else now


def as_degrees(value, most: int) -> float | None:
	if isinstance(value, bool) or not isinstance(value, (int, float, str)):
		return None
	try:
		degrees = float(value)
	except (ValueError, OverflowError):
		return None
	return degrees if math.isfinite(degrees) and abs(degrees) <= most else None


def digits(value) -> str:
	return re.sub(r"[^0-9]", "", as_text(value, LONGEST_NAME))


def mobile(wa_id: str) -> str | None:
	"""Return the number in E.164, or None for another country's and for none."""
	if not re.fullmatch(r"\+?[0-9]+", wa_id, re.ASCII):
		return None
	try:
		return normalise_mobile("+" + wa_id.lstrip("+"))
	except ValueError:
		return None
