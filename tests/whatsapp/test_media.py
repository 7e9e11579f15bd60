"""Citizens' pictures and documents come in clean, private, limited; a gateway that is down stops nobody."""

import pytest
from helpers import PASSWORD, officer, pdf, photo, stranger_officer
from whatsapp_samples import CITIZEN_E164, account, delivery, message, text

import frappe
from frappe.utils import add_to_date

from sinjai_services.whatsapp import conversation, gateway, inbox, payload, settings


class Stub(gateway.LogOnly):
	"""A gateway whose files are `content`; an error in it is raised."""

	def __init__(self):
		self.content = {}
		self.fetched = []

	def fetch_media(self, media_id: str, max_bytes: int) -> bytes:
		self.fetched.append(media_id)
		content = self.content.get(media_id, photo())
		if isinstance(content, Exception):
			raise content
		return content


@pytest.fixture(autouse=True)
def meta(monkeypatch):
	with account():
		stub = Stub()
		monkeypatch.setattr(settings, "gateway", lambda: stub)
		yield stub


@pytest.fixture(autouse=True)
def handled(monkeypatch):
	seen = []
	monkeypatch.setattr(
		conversation, "handle", lambda stored, incoming: seen.append((incoming.message_id, stored))
	)
	return seen


def image(media_id: str, **changes) -> dict:
	return message("image", id=media_id, image={"id": media_id, "mime_type": "image/jpeg"}, **changes)


def bring(*messages):
	incoming, _statuses = payload.read(delivery(*messages))
	inbox.store(*incoming)
	frappe.db.commit()
	inbox.process(CITIZEN_E164)


def row(message_id: str):
	frappe.db.rollback()
	return frappe.get_doc("Chat Message", {"message_id": message_id})


def pass_time(seconds: int):
	for name, moment in frappe.get_all(
		"Chat Message", {"next_attempt_at": ("is", "set")}, ["name", "next_attempt_at"], as_list=True
	):
		frappe.db.set_value("Chat Message", name, "next_attempt_at", add_to_date(moment, seconds=-seconds))
	frappe.db.commit()


def content_of(stored) -> bytes:
	return frappe.get_doc("File", {"file_url": stored.file}).get_content()


def test_a_photograph_is_cleaned_and_kept_private(meta, handled):
	exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"
	meta.content["a"] = photo(exif=exif) + b"<?php phpinfo(); ?>"
	bring(image("a"))
	stored = row("a")
	assert stored.status == "Processed"
	assert not stored.media_error
	assert stored.file.startswith("/private/files/")
	assert b"php" not in content_of(stored)
	((_message_id, seen),) = handled
	assert seen.file == stored.file


def test_a_pdf_is_taken(meta):
	meta.content["441"] = pdf()
	bring(message("document"))
	assert row("wamid.document").file.endswith(".pdf")


def shorten_bytes(content: bytes) -> str:
	return repr(content[:8])


@pytest.mark.parametrize(
	"content",
	[b"", b"MZ\x90\x00" * 50, b"<html></html>", b"GIF89a" + b"\x00" * 50, photo()[:200]],
	ids=shorten_bytes,
)
def test_what_is_no_picture_is_refused_with_a_sentence(meta, handled, content):
	meta.content["a"] = content
	bring(image("a"))
	stored = row("a")
	assert (stored.file, stored.status) == (None, "Processed")
	assert stored.media_error.endswith(".")
	assert "silakan" in stored.media_error.lower() or "hanya" in stored.media_error.lower()
	assert handled[0][1].media_error == stored.media_error


def test_what_is_too_large_is_refused(meta):
	configure(media_max_mb=1)
	meta.content["a"] = photo() + b"\x00" * 1024 * 1024
	bring(image("a"))
	configure(media_max_mb=16)
	assert "1 MB" in row("a").media_error
	assert not row("a").file


def test_what_is_gone_is_said(meta):
	meta.content["a"] = gateway.Permanent("gone 6281241007788")
	bring(image("a"))
	assert "kirim" in row("a").media_error.lower()
	assert "628" not in row("a").media_error


def test_voice_notes_and_stickers_are_not_fetched(meta, handled):
	bring(message("voice"), message("sticker"), message("video"))
	assert meta.fetched == []
	assert len(handled) == 3


def test_a_gateway_that_is_down_for_a_while_is_asked_again_and_the_order_kept(meta, handled):
	meta.content["a"] = gateway.Temporary("503")
	bring(image("a", timestamp="1764037800"), text("itu KK saya", id="b", timestamp="1764037801"))
	assert handled == []
	assert row("a").status == "Received"
	inbox.process(CITIZEN_E164)
	assert meta.fetched == ["a"]
	meta.content["a"] = photo()
	pass_time(60)
	inbox.process(CITIZEN_E164)
	assert [message_id for message_id, _stored in handled] == ["a", "b"]
	assert row("a").file


def test_a_gateway_that_stays_down_does_not_stop_the_conversation(meta, handled):
	meta.content["a"] = gateway.Temporary("503", retry_after=86400)
	bring(image("a", timestamp="1764037800"), text("halo", id="b", timestamp="1764037801"))
	for _minute in range(8):
		pass_time(120)
		inbox.process(CITIZEN_E164)
	assert [message_id for message_id, _stored in handled] == ["a", "b"]
	assert len(meta.fetched) == 4
	assert row("a").media_error


def test_a_file_is_fetched_once_though_the_message_fails(meta, monkeypatch):
	tries = []

	def handle(stored, incoming):
		tries.append(stored.file)
		if len(tries) < 3:
			raise ValueError

	monkeypatch.setattr(conversation, "handle", handle)
	bring(image("a"))
	assert meta.fetched == ["a"]
	assert len(tries) == 3
	assert len(set(tries)) == 1
	assert frappe.db.count("File", {"attached_to_name": row("a").name}) == 1


def test_more_files_than_allowed_are_told_once(meta, handled):
	configure(media_per_hour=3)
	bring(*(image(str(number), timestamp=str(1764037800 + number)) for number in range(7)))
	configure(media_per_hour=60)
	assert len(meta.fetched) == 3
	assert [bool(stored.media_error) for _id, stored in handled] == [False, False, False, True]
	assert [row(str(number)).status for number in range(7)] == ["Processed"] * 4 + ["Ignored"] * 3
	assert all(row(str(number)).media_error for number in range(3, 7))


def configure(**values):
	configured = frappe.get_doc("Sinjai WhatsApp Settings")
	configured.update(values)
	configured.save()
	frappe.db.commit()


def test_only_the_agency_opens_the_file(server, meta):
	# As the job does that a delivery starts.
	frappe.set_user("Guest")
	bring(image("a"))
	frappe.set_user("Administrator")
	url = row("a").file
	name = frappe.db.get_value("File", {"file_url": url})

	def opens(user: str | None) -> tuple[int, int]:
		cookies = user and server.post("/api/method/login", data={"usr": user, "pwd": PASSWORD}).cookies
		return server.get(url, cookies=cookies).status_code, server.get(
			f"/api/resource/File/{name}", cookies=cookies
		).status_code

	assert opens(officer()) == (200, 200)
	assert opens(stranger_officer()) == (403, 403)
	assert opens("tanpa.dinas@example.com") == (403, 403)
	assert opens("tu.uji@example.com") == (403, 403)
	assert opens(None) == (403, 403)
