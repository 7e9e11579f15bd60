"""What Meta's webhook delivers, as its documentation shows it, with numbers that belong to nobody."""

import hashlib
import hmac
import json
import time
from contextlib import contextmanager

import frappe

OURS = "106540352242922"
CITIZEN = "6281241007788"
CITIZEN_E164 = "+6281241007788"
SECRET, TOKEN = "rahasia-aplikasi-uji", "kata-verifikasi-uji"
SENT_AT = "1764037800"
RECEIVE = "/api/method/sinjai_services.whatsapp.webhook.receive"

SAMPLES = {
	"text": {"type": "text", "text": {"body": "mau urus ktp hilang pak"}},
	"image": {
		"type": "image",
		"image": {"caption": "KK", "mime_type": "image/jpeg", "sha256": "a3b=", "id": "1003383421387256"},
	},
	"document": {
		"type": "document",
		"document": {"filename": "kk.pdf", "mime_type": "application/pdf", "sha256": "b=", "id": "441"},
	},
	"voice": {
		"type": "audio",
		"audio": {"mime_type": "audio/ogg; codecs=opus", "sha256": "c=", "id": "442", "voice": True},
	},
	"video": {"type": "video", "video": {"mime_type": "video/mp4", "sha256": "d=", "id": "443"}},
	"sticker": {"type": "sticker", "sticker": {"mime_type": "image/webp", "animated": False, "id": "444"}},
	"location": {
		"type": "location",
		"location": {
			"latitude": -5.1242,
			"longitude": 120.2529,
			"name": "PPI Lappa",
			"address": "Sinjai Utara",
		},
	},
	"contacts": {
		"type": "contacts",
		"contacts": [{"name": {"formatted_name": "Orang Lain"}, "phones": [{"phone": "+62 812-4100-9900"}]}],
	},
	"button_reply": {
		"context": {"from": "6285211112222", "id": "wamid.kami"},
		"type": "interactive",
		"interactive": {"type": "button_reply", "button_reply": {"id": "kirim", "title": "Kirim"}},
	},
	"list_reply": {
		"type": "interactive",
		"interactive": {
			"type": "list_reply",
			"list_reply": {"id": "KTP-EL", "title": "KTP", "description": "x"},
		},
	},
	"flow": {
		"type": "interactive",
		"interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}},
	},
	"quick_reply": {"type": "button", "button": {"text": "Ya", "payload": "ya"}},
	"reaction": {"type": "reaction", "reaction": {"message_id": "wamid.kami", "emoji": "👍"}},
	"reaction_removed": {"type": "reaction", "reaction": {"message_id": "wamid.kami"}},
	"unsupported": {
		"type": "unsupported",
		"errors": [
			{"code": 131051, "title": "Message type unknown", "error_data": {"details": "not supported"}}
		],
	},
	"yet_to_come": {"type": "hologram", "hologram": {"id": "1"}},
	"order": {"type": "order", "order": {"catalog_id": "1", "text": "pesan", "product_items": []}},
	"system": {
		"type": "system",
		"system": {"body": "A changed from 1 to 2", "wa_id": "6281241009999", "type": "user_changed_number"},
	},
	"request_welcome": {"type": "request_welcome"},
	"group": {"type": "text", "group_id": "Y2FwaV9ncm91cDox", "text": {"body": "izin kapal pak"}},
	"referral": {
		"type": "text",
		"text": {"body": "halo"},
		"referral": {"source_url": "https://fb.me/x", "source_type": "ad", "source_id": "1"},
	},
}
KINDS = {
	"voice": "audio",
	"button_reply": "button",
	"list_reply": "button",
	"quick_reply": "button",
	"flow": "unsupported",
	"yet_to_come": "unsupported",
	"order": "unsupported",
	"reaction_removed": "reaction",
	"request_welcome": "system",
	"referral": "text",
}
"""What the samples are read as, where their own name does not say it."""


def message(sample: str = "text", **changes) -> dict:
	return {"from": CITIZEN, "id": f"wamid.{sample}", "timestamp": SENT_AT, **SAMPLES[sample], **changes}


def text(body: str, **changes) -> dict:
	return message(text={"body": body}, **changes)


def status(state: str = "delivered", **changes) -> dict:
	return {"id": "wamid.kami", "status": state, "timestamp": SENT_AT, "recipient_id": CITIZEN, **changes}


FAILED = {
	"errors": [
		{
			"code": 131047,
			"title": "Re-engagement message",
			"message": "Re-engagement message",
			"error_data": {"details": "More than 24 hours have passed since 6281241007788 replied."},
		}
	]
}


def delivery(
	*messages: dict, statuses=(), phone_number_id: str = OURS, name: str | None = "Andi Baso"
) -> dict:
	"""Return the body of one delivery."""
	value = {
		"messaging_product": "whatsapp",
		"metadata": {"display_phone_number": "6285211112222", "phone_number_id": phone_number_id},
	}
	if messages:
		value["messages"] = list(messages)
	if messages and name:
		value["contacts"] = [{"profile": {"name": name}, "wa_id": CITIZEN}]
	if statuses:
		value["statuses"] = list(statuses)
	return {
		"object": "whatsapp_business_account",
		"entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}],
	}


def signature(body: bytes, secret: str = SECRET) -> dict:
	return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def post(server, content, secret: str = SECRET, **headers):
	"""Deliver `content`, JSON or the very bytes, over HTTP as Meta does."""
	body = content if isinstance(content, bytes) else json.dumps(content).encode()
	return server.post(
		RECEIVE, data=body, headers={"Content-Type": "application/json", **signature(body, secret), **headers}
	)


def now() -> str:
	return str(int(time.time()))


@contextmanager
def account(**changes):
	"""Set up an account at Meta that other processes see; take it away with all that came of it."""
	settings = frappe.get_doc("Sinjai WhatsApp Settings")
	before = settings.gateway
	settings.update({"gateway": "Cloud API", "app_secret": SECRET, "verify_token": TOKEN, **changes})
	settings.set("numbers", [{"phone_number_id": OURS, "number": "+6285211112222", "agency": "Disdukcapil"}])
	settings.save()
	frappe.db.commit()
	try:
		yield settings
	finally:
		frappe.db.rollback()
		forget_messages()
		settings = frappe.get_doc("Sinjai WhatsApp Settings")
		settings.update({"gateway": before, "app_secret": "", "verify_token": "", "numbers": []})
		settings.save()
		frappe.db.commit()


def forget_messages():
	for doctype in ("Chat Message", "Chat Conversation", "Chat Contact"):
		frappe.db.delete(doctype)
	frappe.db.delete("File", {"attached_to_doctype": "Chat Message"})
	frappe.db.commit()
