"""What the product says on WhatsApp: the administrator's Reply Texts with their placeholders filled in.

A placeholder is replaced plainly and once: nothing in a text or in a value is run, and a value that looks
like a placeholder stays as it is.
"""

import json
import re
from collections.abc import Iterable

import frappe

from sinjai_services.seeding import files
from sinjai_services.whatsapp import outbox
from sinjai_services.whatsapp.gateway import Choice

IN_SNIPPETS = ("name", "code", "service", "agency", "operator")
"""What an operator's snippet may name; filled in when it is chosen, left to the operator where unknown."""

THE_APP = "Administrator"
"""Whose the app's own words are: who works on a citizen's message is whoever happened to call the job."""

PLACEHOLDER = re.compile(r"\{\s*([^{}]*?)\s*\}")
MOST_BUTTONS, LONGEST_BUTTON = 3, 20
MOST_ROWS, LONGEST_ROW, LONGEST_DESCRIPTION = 10, 24, 72
LONGEST_TEXT, LONGEST_WITH_CHOICES = 4096, 1024
"""Meta's limits. https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages"""


def render(code: str, /, **values) -> str:
	"""Return a Reply Text with its placeholders filled in.

	Args:
		code: of a text this app ships. One that the administrator has deleted is said as it is shipped.
		values: by placeholder; what is left out stays empty.
	"""
	return fill(reply(code).text, values)


def fill(text: str, values: dict) -> str:
	"""Return `text` with every {placeholder} replaced in one pass; one without a value is left out."""
	return PLACEHOLDER.sub(lambda match: str(values.get(match[1]) or ""), text or "").strip()


def reply(code: str):
	"""Return the Reply Text of a code: the site's, or the shipped one where it was deleted."""
	name = frappe.db.get_value("Reply Text", {"code": code}, cache=True)
	if name:
		return frappe.get_cached_doc("Reply Text", name)
	return frappe._dict(files.shipped_document("Reply Text", code) or {"text": "", "code": code})


def say(code: str, to, /, *, about=None, choices: Iterable[Choice | str] = (), **values) -> str | None:
	"""Answer somebody who has just written.

	Args:
		code: of a Reply Text.
		to: a Chat Conversation, or a number.
		about: the request it is about.
		choices: what can be tapped, at most 10. An id alone is a button named by the Reply Text.
		values: by placeholder.

	Returns:
		The name of the Chat Message, or None where nothing was to be said.
	"""
	text = reply(code)
	return speak(to, fill(text.text, values), with_titles(choices, code), about)


def speak(to, text: str, choices: list[Choice], about=None) -> str | None:
	"""Put a text into the outbox; one too long to carry its choices goes ahead of them."""
	if not text:
		return None
	name = None
	if choices and len(text) > LONGEST_WITH_CHOICES:
		name = put(to, text, (), about)
		text = render("choose")
	name = put(to, text, choices, about) or name
	if not isinstance(to, str):
		note_choices(to, choices)
	return name


def note_choices(conversation, choices: Iterable[Choice]):
	"""Remember what was offered last: people also write a choice's number or its words."""
	conversation.choices_offered = json.dumps([[choice.id, choice.title] for choice in choices])


def put(to, text: str, choices, about) -> str | None:
	text = text[: LONGEST_TEXT - 1] + "…" if len(text) > LONGEST_TEXT else text
	if isinstance(to, str):
		return outbox.put(to, text, about=about, choices=choices, urgent=True, owner=THE_APP)
	to.last_message_at = frappe.utils.now_datetime()
	return outbox.put(
		to.number,
		text,
		agency=to.agency,
		about=about,
		conversation=to.name,
		choices=choices,
		phone_number_id=to.phone_number_id,
		urgent=True,
		owner=THE_APP,
	)


def with_titles(choices: Iterable[Choice | str], code: str) -> list[Choice]:
	"""Return choices with titles that fit; a button's stands in the Reply Text, or else in the shipped
	one."""
	choices, text = list(choices)[:MOST_ROWS], reply(code)
	longest = LONGEST_BUTTON if len(choices) <= MOST_BUTTONS else LONGEST_ROW
	titles = buttons(text)
	if any(isinstance(choice, str) for choice in choices) and len(titles) < len(choices):
		titles += buttons(files.shipped_document("Reply Text", code) or {})[len(titles) :]
	found = []
	for place, choice in enumerate(choices):
		if isinstance(choice, str):
			choice = Choice(choice, titles[place] if place < len(titles) else choice)
		found.append(
			Choice(
				choice.id, shorten(choice.title, longest), shorten(choice.description, LONGEST_DESCRIPTION)
			)
		)
	return found


def buttons(text) -> list[str]:
	return [line.strip() for line in (text.get("buttons") or "").splitlines() if line.strip()]


def shorten(text: str | None, longest: int) -> str | None:
	return text[: longest - 1].rstrip() + "…" if text and len(text) > longest else text
