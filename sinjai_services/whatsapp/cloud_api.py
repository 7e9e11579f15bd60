"""Meta's Cloud API over HTTP, with the library that Frappe itself uses.

Written out instead of taken from a client library, because three things have to be exact here: whether a
broken connection broke before or after the message went out, which host is given the access token, and that
neither number nor text is logged (pywa logs both at DEBUG, and knows one timeout for everything).

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import re
import time
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from frappe import _

from sinjai_services.whatsapp.gateway import (
	AnswerLost,
	Choice,
	Gateway,
	GatewayError,
	Outgoing,
	Permanent,
	Template,
	TemplateMissing,
	Temporary,
)

MEDIA_HOST = "lookaside.fbsbx.com"
"""Where Meta keeps what citizens send. The token goes to no host but this one and the configured one."""

CONNECT_SECONDS, ANSWER_SECONDS, DOWNLOAD_SECONDS = 5, 30, 120
LONGEST_CALL = 2 * (CONNECT_SECONDS + DOWNLOAD_SECONDS)
"""Seconds after which nothing of a sending goes on any more."""

LONGEST_TEXT, LONGEST_BUTTON_TEXT, LONGEST_CAPTION = 4096, 1024, 1024
MOST_BUTTONS, MOST_ROWS = 3, 10
BUTTON_TITLE, ROW_TITLE, ROW_DESCRIPTION, CHOICE_ID = 20, 24, 72, 200
PICTURES, LARGEST_PICTURE = ("image/jpeg", "image/png"), 5 * 1024 * 1024

BUSY = {4, 80007, 130429, 131016, 131048, 131056, 133016}
"""Meta's codes of "too much" and "not just now"."""
ACCOUNT = {0, 3, 10, 190, 368, 131005, 131031, 131042, 131045, 133010, *range(200, 300)}
"""Codes of trouble with the account, such as an expired token: an administrator mends it, messages wait."""
TEMPLATE = {131047, 132000, 132001, 132005, 132007, 132012, 132015, 132016}
"""Codes of a template that is missing, paused or different, and of free text outside the window."""


class Bearer(AuthBase):
	"""Sets the token itself, so that no .netrc on the server replaces it."""

	def __init__(self, token: str):
		self.token = token

	def __call__(self, request):
		request.headers["Authorization"] = f"Bearer {self.token}"
		return request

	def __repr__(self):
		return "Bearer(…)"


class CloudAPI(Gateway):
	"""The gateway to Meta.

	Args:
		base_url: https://graph.facebook.com, or a stand-in's.
		version: of the Graph API, such as v21.0.
		token: access token of a system user.
	"""

	def __init__(self, base_url: str, version: str, token: str, timeout: tuple[float, float] | None = None):
		self.base_url = base_url.rstrip("/")
		self.root = f"{self.base_url}/{version}"
		self.timeout = timeout or (CONNECT_SECONDS, ANSWER_SECONDS)
		self.session = requests.Session()
		self.session.auth = Bearer(token)

	def send(self, message: Outgoing) -> str:
		body = self.body(message)
		answer = self.call("POST", f"{message.phone_number_id}/messages", accepted_unknown=True, json=body)
		try:
			return answer["messages"][0]["id"]
		except (KeyError, IndexError, TypeError):
			raise AnswerLost(_("The gateway's answer could not be read.")) from None

	def fetch_media(self, media_id: str, max_bytes: int) -> bytes:
		# It comes from outside and becomes part of an address.
		if not re.fullmatch(r"[\w-]{1,100}", media_id or "", re.ASCII):
			raise Permanent(_("The file's number is not one of Meta's."))
		about = self.call("GET", media_id)
		if isinstance(about.get("file_size"), int) and about["file_size"] > max_bytes:
			raise Permanent(_("The file is too large."))
		address = str(about.get("url") or "")
		if not self.may_have_token(address):
			raise Permanent(_("The file lies at an address that is not Meta's."))
		return self.download(address, max_bytes)

	def may_have_token(self, address: str) -> bool:
		"""Tell whether a file's address is the configured server or Meta's own store of files."""
		try:
			here, there = urlsplit(self.base_url), urlsplit(address)
			own = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
			return own or (there.scheme, there.netloc) == ("https", MEDIA_HOST)
		except ValueError:
			return False

	def download(self, address: str, max_bytes: int) -> bytes:
		"""Read at most `max_bytes`, for at most DOWNLOAD_SECONDS however slowly they come."""
		until = time.monotonic() + DOWNLOAD_SECONDS
		content = bytearray()
		headers = {"Accept-Encoding": "identity"}
		try:
			with self.request("GET", address, stream=True, headers=headers) as answer:
				check(answer)
				for part in answer.iter_content(64 * 1024):
					content += part
					if len(content) > max_bytes:
						raise Permanent(_("The file is too large."))
					if time.monotonic() > until:
						raise Temporary(_("The file comes too slowly."))
		except requests.RequestException as error:
			raise Temporary(_("The file could not be fetched ({0}).").format(type(error).__name__)) from None
		return bytes(content)

	def check_number(self, phone_number_id: str) -> str:
		"""Return what Meta calls one of our numbers: its number and name.

		Raises:
			GatewayError: no connection, a wrong token, or not a number of this account.
		"""
		answer = self.call("GET", f"{phone_number_id}?fields=display_phone_number,verified_name")
		return " – ".join(filter(None, (answer.get("display_phone_number"), answer.get("verified_name"))))

	# HTTP ----------------------------------------------------------------------------------------------

	def call(self, method: str, path: str, accepted_unknown: bool = False, **options) -> dict:
		"""Return the answer to one call.

		Args:
			accepted_unknown: whether a lost answer leaves open what has happened, as it does for a message.
		"""
		lost = AnswerLost if accepted_unknown else Temporary
		try:
			answer = self.request(method, f"{self.root}/{path}", **options)
		except requests.RequestException as error:
			kind = Temporary if never_connected(error) else lost
			# The exception itself holds the address and may hold more.
			raise kind(_("No answer from the gateway ({0}).").format(type(error).__name__)) from None
		check(answer, lost)
		try:
			body = answer.json()
		except ValueError:
			body = None
		if not isinstance(body, dict):
			raise lost(_("The gateway's answer could not be read."))
		return body

	def request(self, method: str, address: str, **options) -> requests.Response:
		return self.session.request(method, address, timeout=self.timeout, allow_redirects=False, **options)

	# Messages ------------------------------------------------------------------------------------------

	def body(self, message: Outgoing) -> dict:
		"""Return what Meta wants to read of a message; uploads its file on the way."""
		body = {
			"messaging_product": "whatsapp",
			"recipient_type": "individual",
			"to": message.number.lstrip("+"),
		}
		if message.reference:
			body["biz_opaque_callback_data"] = message.reference
		return {**body, **self.part(message)}

	def part(self, message: Outgoing) -> dict:
		if message.template:
			return template_part(message.template)
		if message.choices:
			return interactive_part(message, self.media(message))
		if message.content is not None:
			kind, media = self.media(message)
			if message.text:
				media["caption"] = within(message.text, LONGEST_CAPTION)
			return {"type": kind, kind: media}
		return {"type": "text", "text": {"body": within(message.text, LONGEST_TEXT), "preview_url": False}}

	def media(self, message: Outgoing) -> tuple[str, dict] | None:
		"""Upload the file of a message; return its kind and what names it. Nothing is sent by that."""
		if message.content is None:
			return None
		mime_type = message.mime_type or "application/octet-stream"
		answer = self.call(
			"POST",
			f"{message.phone_number_id}/media",
			data={"messaging_product": "whatsapp", "type": mime_type},
			files={"file": (message.file_name or "berkas", message.content, mime_type)},
		)
		if not answer.get("id"):
			raise Temporary(_("The gateway's answer could not be read."))
		if mime_type in PICTURES and len(message.content) <= LARGEST_PICTURE:
			return "image", {"id": answer["id"]}
		return "document", {"id": answer["id"], "filename": message.file_name or "berkas"}


def never_connected(error: requests.RequestException) -> bool:
	"""Tell whether a call failed before anything of it could have gone out."""
	if isinstance(
		error, (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
	):
		return True
	if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
		return True
	reason = getattr(error.args[0], "reason", None) if error.args else None
	return isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError)


def check(answer: requests.Response, lost: type[GatewayError] = Temporary):
	"""Raise what a refusal means. Meta's own words stay out of it: they may repeat number and text."""
	if answer.status_code < 300:
		return
	code = meta_code(answer)
	text = _("The gateway refused it: HTTP {0}, Meta's code {1}.").format(answer.status_code, code or "–")
	if answer.status_code == 429 or code in BUSY:
		raise Temporary(text, retry_after(answer))
	if code in TEMPLATE:
		raise TemplateMissing(text)
	if answer.status_code in (502, 504) and code is None:
		# A proxy on the way, which does not know either what has become of it.
		raise lost(text)
	if answer.status_code == 401 or answer.status_code >= 500 or code in ACCOUNT:
		raise Temporary(text, retry_after(answer))
	raise Permanent(text)


def meta_code(answer: requests.Response) -> int | None:
	try:
		return int(answer.json()["error"]["code"])
	except (ValueError, KeyError, TypeError, requests.RequestException):
		return None


def retry_after(answer: requests.Response) -> float | None:
	value = answer.headers.get("Retry-After", "")
	return float(value) if re.fullmatch(r"[0-9]{1,6}", value) else None


def within(text: str, limit: int) -> str:
	if not text.strip():
		raise Permanent(_("The message is empty."))
	if len(text) > limit:
		raise Permanent(_("The message is too long: {0} letters, {1} are allowed.").format(len(text), limit))
	return text


def shorten(text: str, limit: int) -> str:
	return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def template_part(template: Template) -> dict:
	part = {"name": template.name, "language": {"code": template.language}}
	if template.parameters:
		values = [{"type": "text", "text": one_line(value)} for value in template.parameters]
		part["components"] = [{"type": "body", "parameters": values}]
	return {"type": "template", "template": part}


def one_line(value: str) -> str:
	"""Return a parameter as Meta takes it: not empty, no line breaks, tabs or several spaces in a row."""
	return " ".join(str(value).split()) or "-"


def interactive_part(message: Outgoing, media: tuple[str, dict] | None) -> dict:
	"""Buttons where they fit, a list where there are more or longer choices, or a longer text."""
	choices = message.choices
	if len(choices) > MOST_ROWS:
		raise Permanent(_("A message offers at most {0} choices.").format(MOST_ROWS))
	buttons = len(choices) <= MOST_BUTTONS and len(message.text) <= LONGEST_BUTTON_TEXT
	if media and not buttons:
		raise Permanent(_("A message with a file offers at most {0} choices.").format(MOST_BUTTONS))
	part = {"type": "button" if buttons else "list"}
	part["body"] = {"text": within(message.text, LONGEST_TEXT)}
	if media:
		kind, named = media
		part["header"] = {"type": kind, kind: named}
	part["action"] = button_action(choices) if buttons else list_action(choices, message.choices_label)
	return {"type": "interactive", "interactive": part}


def button_action(choices: tuple[Choice, ...]) -> dict:
	replies = [
		{"id": choice.id[:CHOICE_ID], "title": shorten(choice.title, BUTTON_TITLE)} for choice in choices
	]
	return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def list_action(choices: tuple[Choice, ...], label: str) -> dict:
	rows = []
	for choice in choices:
		row = {"id": choice.id[:CHOICE_ID], "title": shorten(choice.title, ROW_TITLE)}
		if choice.description:
			row["description"] = shorten(choice.description, ROW_DESCRIPTION)
		rows.append(row)
	return {
		"button": shorten(label, BUTTON_TITLE),
		"sections": [{"title": shorten(label, ROW_TITLE), "rows": rows}],
	}
