"""A stand-in for Meta's Graph API: takes messages, keeps media, delivers signed webhooks, fails on demand.

It speaks the HTTP that Meta documents, as far as the app uses it. By hand:

	python -m tests.fakes.meta --port 8099 --webhook http://…/api/method/… --secret …

https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
"""

import argparse
import hashlib
import hmac
import json
import re
import threading
import time
import uuid
from collections import deque
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

TOKEN = "EAAG-token-of-the-stand-in"
SECRET = "app-secret-of-the-stand-in"
PHONE_NUMBER_ID = "106540352242922"
BUSINESS_ACCOUNT_ID = "102290129340398"
DISPLAY_NUMBER = "6281141000001"
CITIZEN = "6281241007788"

REFUSALS = {
	# name: HTTP status, Meta's code, title
	"rate": (429, 130429, "Rate limit hit"),
	"throttled": (400, 131056, "(Business Account, Consumer Account) pair rate limit hit"),
	"token": (401, 190, "Error validating access token"),
	"recipient": (400, 131026, "Message undeliverable"),
	"window": (400, 131047, "Re-engagement message"),
	"template": (404, 132001, "Template name does not exist in the translation"),
	"parameters": (400, 132000, "Number of parameters does not match the expected number of params"),
	"invalid": (400, 100, "Invalid parameter"),
	"500": (500, 131000, "Something went wrong"),
	"503": (503, 131016, "Service unavailable"),
}


class Meta:
	"""The server; `with Meta() as meta:` runs it in threads of this process.

	`messages` holds the body of every accepted message in order, each with the `id` it was given and `at`.
	"""

	def __init__(self, port: int = 0, token: str = TOKEN, host: str = "127.0.0.1"):
		self.token = token
		self.messages: list[dict] = []
		self.uploads: dict[str, dict] = {}
		self.media: dict[str, dict] = {}
		self.calls: list[str] = []
		self.faults: deque[dict] = deque()
		self.latency = 0.0
		self.lock = threading.Lock()
		self.closing = threading.Event()
		self.httpd = ThreadingHTTPServer((host, port), type("Bound", (Handler,), {"meta": self}))
		self.httpd.daemon_threads = True
		self.url = f"http://{host}:{self.httpd.server_address[1]}"

	def __enter__(self):
		threading.Thread(target=self.httpd.serve_forever, daemon=True).start()
		return self

	def __exit__(self, *args):
		self.closing.set()
		self.httpd.shutdown()
		self.httpd.server_close()

	def fail(self, kind: str, times: int = 1, **details):
		"""Answer the next `times` sendings with a fault.

		Args:
			kind: a name of REFUSALS; "timeout": nothing is accepted and no answer comes; "lost": the message
				is accepted and the connection breaks before the answer; "stall": accepted, and no answer
				comes; "garbage": accepted, and the answer is no JSON.
			details: retry_after (seconds).
		"""
		self.faults.extend({"kind": kind, **details} for _time in range(times))

	def next_fault(self) -> dict | None:
		with self.lock:
			return self.faults.popleft() if self.faults else None

	def add_media(
		self, content: bytes, mime_type: str = "image/jpeg", url: str | None = None, size: int | None = None
	) -> str:
		"""Keep a file that a citizen sends; return its media id.

		Args:
			mime_type: what Meta claims it is, true or not.
			url: where Meta says it lies; left out, here.
			size: what Meta claims its size to be, in bytes.
		"""
		media_id = str(uuid.uuid4().int)[:16]
		self.media[media_id] = {"content": content, "mime_type": mime_type, "url": url, "size": size}
		return media_id

	def texts(self, number: str | None = None) -> list[str]:
		"""Return the texts accepted so far, of one citizen (digits only) or all."""
		return [text_of(message) for message in self.messages if number in (None, message["to"])]


def text_of(message: dict) -> str:
	"""Return what the citizen would read of an accepted message."""
	kind = message["type"]
	part = message[kind]
	if kind == "text":
		return part["body"]
	if kind == "interactive":
		return part["body"]["text"]
	if kind == "template":
		values = [value["text"] for item in part.get("components", ()) for value in item["parameters"]]
		return " | ".join([part["name"], *values])
	return part.get("caption", "")


class Handler(BaseHTTPRequestHandler):
	meta: Meta
	protocol_version = "HTTP/1.1"

	def log_message(self, *args):
		pass

	def do_GET(self):
		self.meta.calls.append(f"GET {self.path}")
		path = self.path.split("?")[0]
		if path == "/_messages":
			return self.answer(200, self.meta.messages)
		if not self.authorised():
			return self.refuse("token")
		if download := re.fullmatch(r"/_download/(\d+)", path):
			return self.download(download[1])
		match = re.fullmatch(r"/v[\d.]+/(\d+)", path)
		if match and match[1] in self.meta.media:
			return self.describe(match[1])
		if match and "fields=" in self.path:
			return self.answer(
				200, {"id": match[1], "display_phone_number": DISPLAY_NUMBER, "verified_name": "Sinjai"}
			)
		return self.refuse("invalid")

	def do_POST(self):
		self.meta.calls.append(f"POST {self.path}")
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
		if self.path == "/_fail":
			self.meta.fail(**json.loads(body))
			return self.answer(200, {})
		if not self.authorised():
			return self.refuse("token")
		if re.fullmatch(r"/v[\d.]+/\d+/messages", self.path):
			return self.take(json.loads(body))
		if re.fullmatch(r"/v[\d.]+/\d+/media", self.path):
			return self.keep(body)
		return self.refuse("invalid")

	def authorised(self) -> bool:
		return self.headers.get("Authorization") == f"Bearer {self.meta.token}"

	def take(self, message: dict):
		time.sleep(self.meta.latency)
		fault = self.meta.next_fault() or {}
		kind = fault.get("kind")
		if kind == "timeout":
			return self.hang()
		if kind in REFUSALS:
			return self.refuse(kind, fault.get("retry_after"))
		if problem := refusal_of(message):
			return self.refuse(problem)
		message_id = f"wamid.{uuid.uuid4().hex}"
		with self.meta.lock:
			self.meta.messages.append({**message, "id": message_id, "at": time.time(), "path": self.path})
		if kind == "lost":
			self.close_connection = True
			return self.connection.shutdown(2)
		if kind == "stall":
			return self.hang()
		if kind == "garbage":
			return self.send(200, b"<html>", "text/html")
		contacts = [{"input": message["to"], "wa_id": message["to"].lstrip("+")}]
		return self.answer(
			200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": message_id}]}
		)

	def hang(self):
		self.close_connection = True
		self.meta.closing.wait(120)

	def keep(self, body: bytes):
		head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
		parts = {
			part.get_param("name", header="content-disposition"): part
			for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
		}
		media_id = str(uuid.uuid4().int)[:16]
		self.meta.uploads[media_id] = {
			"content": parts["file"].get_payload(decode=True),
			"mime_type": parts["file"].get_content_type(),
			"name": parts["file"].get_filename(),
		}
		return self.answer(200, {"id": media_id})

	def describe(self, media_id: str):
		media = self.meta.media[media_id]
		return self.answer(
			200,
			{
				"messaging_product": "whatsapp",
				"id": media_id,
				"url": media["url"] or f"{self.meta.url}/_download/{media_id}",
				"mime_type": media["mime_type"],
				"sha256": hashlib.sha256(media["content"]).hexdigest(),
				"file_size": media["size"] if media["size"] is not None else len(media["content"]),
			},
		)

	def download(self, media_id: str):
		media = self.meta.media.get(media_id)
		if not media:
			return self.refuse("invalid")
		return self.send(200, media["content"], media["mime_type"])

	def refuse(self, name: str, retry_after=None):
		status, code, title = REFUSALS[name]
		headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
		error = {
			"message": f"(#{code}) {title}",
			"type": "OAuthException",
			"code": code,
			"error_data": {"messaging_product": "whatsapp", "details": title},
			"fbtrace_id": uuid.uuid4().hex[:22],
		}
		return self.answer(status, {"error": error}, headers)

	def answer(self, status: int, body, headers: dict | None = None):
		return self.send(status, json.dumps(body).encode(), "application/json", headers)

	def send(self, status: int, body: bytes, mime_type: str, headers: dict | None = None):
		self.send_response(status)
		for name, value in {
			**(headers or {}),
			"Content-Type": mime_type,
			"Content-Length": len(body),
		}.items():
			self.send_header(name, str(value))
		self.end_headers()
		try:
			self.wfile.write(body)
		except ConnectionError:
			# A client that has read enough hangs up.
			self.close_connection = True


def refusal_of(message: dict) -> str | None:
	"""Return why Meta would refuse a message, or None; the limits are those of its documentation."""
	kind = message.get("type")
	part = message.get(kind)
	if message.get("messaging_product") != "whatsapp" or not message.get("to") or not part:
		return "invalid"
	if kind == "text" and not 0 < len(part.get("body", "")) <= 4096:
		return "invalid"
	if kind == "interactive" and not valid_interactive(part):
		return "invalid"
	if kind == "template":
		values = [value["text"] for item in part.get("components", ()) for value in item["parameters"]]
		if any(not value or re.search(r"[\n\t]| {5}", value) for value in values):
			return "parameters"
	return None


def valid_interactive(part: dict) -> bool:
	if not 0 < len(part["body"]["text"]) <= (1024 if part["type"] == "button" else 4096):
		return False
	if part["type"] == "button":
		replies = [button["reply"] for button in part["action"]["buttons"]]
		limit, most = 20, 3
	else:
		replies = [row for section in part["action"]["sections"] for row in section["rows"]]
		limit, most = 24, 10
		if not 0 < len(part["action"]["button"]) <= 20:
			return False
	if len({reply["id"] for reply in replies}) != len(replies) or not 0 < len(replies) <= most:
		return False
	return all(
		0 < len(reply["title"]) <= limit
		and len(reply["id"]) <= 200
		and len(reply.get("description", "")) <= 72
		for reply in replies
	)


# Webhooks ----------------------------------------------------------------------------------------------


def envelope(value: dict) -> dict:
	return {
		"object": "whatsapp_business_account",
		"entry": [{"id": BUSINESS_ACCOUNT_ID, "changes": [{"value": value, "field": "messages"}]}],
	}


def incoming(
	kind: str, part, *, wa_id: str = CITIZEN, name: str = "Andi Baso", message_id: str | None = None,
	phone_number_id: str = PHONE_NUMBER_ID, at: float | None = None, **more,
) -> dict:  # fmt: skip
	"""Return the webhook of one message of a citizen; `part` lies under the message's `kind`."""
	message = {
		"from": wa_id,
		"id": message_id or f"wamid.{uuid.uuid4().hex}",
		"timestamp": str(int(at or time.time())),
		"type": kind,
		kind: part,
		**more,
	}
	return envelope(
		{
			"messaging_product": "whatsapp",
			"metadata": {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": phone_number_id},
			"contacts": [{"profile": {"name": name}, "wa_id": wa_id}],
			"messages": [message],
		}
	)


def text(body: str, **options) -> dict:
	return incoming("text", {"body": body}, **options)


def image(media_id: str, caption: str | None = None, mime_type: str = "image/jpeg", **options) -> dict:
	part = {"id": media_id, "mime_type": mime_type, "sha256": "0" * 44}
	return incoming("image", {**part, **({"caption": caption} if caption else {})}, **options)


def document(
	media_id: str, file_name: str = "kk.pdf", mime_type: str = "application/pdf", caption=None, **options
) -> dict:
	part = {"id": media_id, "mime_type": mime_type, "sha256": "0" * 44, "filename": file_name}
	return incoming("document", {**part, **({"caption": caption} if caption else {})}, **options)


def voice(media_id: str = "1", **options) -> dict:
	part = {"id": media_id, "mime_type": "audio/ogg; codecs=opus", "sha256": "0" * 44, "voice": True}
	return incoming("audio", part, **options)


def sticker(media_id: str = "1", **options) -> dict:
	part = {"id": media_id, "mime_type": "image/webp", "sha256": "0" * 44, "animated": False}
	return incoming("sticker", part, **options)


def location(latitude: float = -5.1245, longitude: float = 120.2537, **options) -> dict:
	return incoming("location", {"latitude": latitude, "longitude": longitude}, **options)


def button_reply(choice_id: str, title: str, reply_to: str = "wamid.before", **options) -> dict:
	"""A tapped reply button of an interactive message."""
	part = {"type": "button_reply", "button_reply": {"id": choice_id, "title": title}}
	return incoming("interactive", part, context={"from": DISPLAY_NUMBER, "id": reply_to}, **options)


def list_reply(choice_id: str, title: str, reply_to: str = "wamid.before", **options) -> dict:
	part = {"type": "list_reply", "list_reply": {"id": choice_id, "title": title, "description": ""}}
	return incoming("interactive", part, context={"from": DISPLAY_NUMBER, "id": reply_to}, **options)


def template_reply(payload: str, title: str, reply_to: str = "wamid.before", **options) -> dict:
	"""A tapped quick reply of a template."""
	part = {"payload": payload, "text": title}
	return incoming("button", part, context={"from": DISPLAY_NUMBER, "id": reply_to}, **options)


def reaction(emoji: str = "👍", reply_to: str = "wamid.before", **options) -> dict:
	return incoming("reaction", {"message_id": reply_to, "emoji": emoji}, **options)


def unsupported(**options) -> dict:
	errors = [{"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}]
	return incoming("unsupported", {"type": "unknown"}, errors=errors, **options)


def group(body: str = "halo semua", **options) -> dict:
	return incoming("text", {"body": body}, group_id="120363000000000000@g.us", **options)


def status(
	message_id: str, state: str = "delivered", *, wa_id: str = CITIZEN, at: float | None = None,
	phone_number_id: str = PHONE_NUMBER_ID, code: int = 131026, reference: str | None = None,
) -> dict:  # fmt: skip
	"""Return the webhook of what has become of one of our messages: sent, delivered, read or failed.

	Args:
		reference: what the message brought along as biz_opaque_callback_data.
	"""
	row = {"id": message_id, "status": state, "timestamp": str(int(at or time.time())), "recipient_id": wa_id}
	if reference:
		row["biz_opaque_callback_data"] = reference
	if state == "failed":
		title = "Message undeliverable"
		row["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
	return envelope(
		{
			"messaging_product": "whatsapp",
			"metadata": {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": phone_number_id},
			"statuses": [row],
		}
	)


def signature(body: bytes, secret: str = SECRET) -> str:
	"""Return the value of X-Hub-Signature-256 for a raw body."""
	return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(url: str, payload: dict, secret: str = SECRET, session=requests, **options) -> requests.Response:
	"""Post a webhook as Meta does, signed."""
	body = json.dumps(payload, ensure_ascii=True).encode()
	headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body, secret)}
	return session.post(
		url, data=body, headers={**headers, **options.pop("headers", {})}, timeout=30, **options
	)


def deliver_badly(url: str, payloads: list[dict], secret: str = SECRET) -> list[requests.Response]:
	"""Deliver the last first, everything twice, and each pair at the same moment."""
	answers = []
	for payload in reversed(payloads):
		pair = [
			threading.Thread(target=lambda one=payload: answers.append(deliver(url, one, secret)))
			for _time in range(2)
		]
		for thread in pair:
			thread.start()
		for thread in pair:
			thread.join()
	return answers


def main():
	parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
	parser.add_argument("--port", type=int, default=8099)
	parser.add_argument("--token", default=TOKEN)
	parser.add_argument(
		"--webhook", help="address that lines typed here are delivered to as a citizen's texts"
	)
	parser.add_argument("--secret", default=SECRET)
	arguments = parser.parse_args()
	with Meta(arguments.port, arguments.token) as meta:
		print(f"Base address {meta.url}, token {meta.token}, phone number ID {PHONE_NUMBER_ID}", flush=True)
		try:
			talk(meta, arguments)
		except (KeyboardInterrupt, EOFError):
			pass


def talk(meta: Meta, arguments):
	shown = 0
	while True:
		if arguments.webhook:
			deliver(arguments.webhook, text(input("> ")), arguments.secret)
		time.sleep(1)
		for message in meta.messages[shown:]:
			print(f"< {text_of(message)}", flush=True)
		shown = len(meta.messages)


if __name__ == "__main__":
	main()
