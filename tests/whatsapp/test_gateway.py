"""The Cloud API against the stand-in: what goes out, and what each failure is called."""

import logging
import socket
import traceback

import pytest
from fakes.meta import PHONE_NUMBER_ID, TOKEN, Meta
from helpers import pdf, photo

import frappe

from sinjai_services.whatsapp.cloud_api import CloudAPI
from sinjai_services.whatsapp.gateway import (
	AnswerLost,
	Choice,
	Outgoing,
	Permanent,
	Template,
	TemplateMissing,
	Temporary,
)

NUMBER = "+6281241007788"
TEXT = "Yth. Ibu Andi Tenri, KTP-el Anda selesai"


def api(meta: Meta, token: str = TOKEN) -> CloudAPI:
	return CloudAPI(meta.url, "v21.0", token, timeout=(1, 1))


def outgoing(**changes) -> Outgoing:
	return Outgoing(**{"phone_number_id": PHONE_NUMBER_ID, "number": NUMBER, "text": TEXT, **changes})


def choices(count: int, title: str = "Pilihan {0}") -> tuple[Choice, ...]:
	return tuple(Choice(f"id-{n}", title.format(n), "penjelasan" * 10) for n in range(count))


def test_a_text_arrives(meta):
	message_id = api(meta).send(outgoing(reference="abc"))
	(message,) = meta.messages
	assert (message["id"], message["to"], message["text"]["body"]) == (message_id, "6281241007788", TEXT)
	assert message["biz_opaque_callback_data"] == "abc"


@pytest.mark.parametrize(
	("message", "kind"),
	[
		(outgoing(choices=choices(3)), "button"),
		(outgoing(choices=choices(4)), "list"),
		(outgoing(choices=choices(10, "Surat Keterangan Pindah Nomor {0}")), "list"),
		(outgoing(choices=choices(2), text="a" * 3000), "list"),
	],
)
def test_choices_are_buttons_where_they_fit_and_a_list_where_not(meta, message, kind):
	api(meta).send(message)
	assert meta.messages[0]["interactive"]["type"] == kind


def test_a_template_carries_a_text_of_several_lines(meta):
	api(meta).send(outgoing(template=Template("kabar_umum", "id", ("Baris 1\n\n\tBaris 2      akhir", ""))))
	assert meta.texts() == ["kabar_umum | Baris 1 Baris 2 akhir | -"]


@pytest.mark.parametrize(
	("content", "mime_type", "kind"),
	[(photo(), "image/jpeg", "image"), (pdf(), "application/pdf", "document")],
)
def test_a_file_goes_along(meta, content, mime_type, kind):
	api(meta).send(outgoing(content=content, mime_type=mime_type, file_name="ktp"))
	(message,) = meta.messages
	assert message[kind]["caption"] == TEXT
	assert meta.uploads[message[kind]["id"]]["content"] == content


@pytest.mark.parametrize(
	"message",
	[
		outgoing(text=" "),
		outgoing(text="a" * 4097),
		outgoing(choices=choices(11)),
		outgoing(choices=choices(4), content=photo(), mime_type="image/jpeg"),
	],
)
def test_what_meta_would_not_take_is_not_tried(meta, message):
	with pytest.raises(Permanent):
		api(meta).send(message)
	assert meta.messages == []


@pytest.mark.parametrize(
	("fault", "error"),
	[
		("rate", Temporary),
		("throttled", Temporary),
		("500", Temporary),
		("503", Temporary),
		("token", Temporary),
		("recipient", Permanent),
		("invalid", Permanent),
		("window", TemplateMissing),
		("template", TemplateMissing),
		("timeout", AnswerLost),
		("lost", AnswerLost),
		("stall", AnswerLost),
		("garbage", AnswerLost),
	],
)
def test_each_failure_has_its_name(meta, fault, error):
	meta.fail(fault)
	with pytest.raises(error) as caught:
		api(meta).send(outgoing())
	assert type(caught.value) is error
	assert str(caught.value)
	said = "".join(traceback.format_exception(caught.value))
	assert not any(secret in said for secret in (NUMBER[1:], TEXT, TOKEN))


def test_the_time_the_gateway_asks_for_is_known(meta):
	meta.fail("rate", retry_after=37)
	with pytest.raises(Temporary) as caught:
		api(meta).send(outgoing())
	assert caught.value.retry_after == 37


def test_a_gateway_that_is_not_there_has_sent_nothing():
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		address = f"http://127.0.0.1:{taken.getsockname()[1]}"
		with pytest.raises(Temporary):
			CloudAPI(address, "v21.0", TOKEN).send(outgoing())


def test_a_file_whose_upload_failed_is_not_uncertain(meta):
	with pytest.raises(Temporary):
		api(meta, token="abgelaufen").send(outgoing(content=photo(), mime_type="image/jpeg"))


def test_nothing_personal_and_no_token_is_logged(meta, caplog):
	caplog.set_level(logging.DEBUG)
	media_id = meta.add_media(photo())
	gateway = api(meta)
	gateway.send(outgoing(choices=choices(2)))
	gateway.fetch_media(media_id, 10**6)
	for fault in ("500", "lost", "recipient"):
		meta.fail(fault)
		with pytest.raises((Temporary, Permanent, AnswerLost)):
			gateway.send(outgoing())
	assert caplog.text
	for secret in (NUMBER[1:], NUMBER[3:], TEXT, TEXT[:10], TOKEN):
		assert secret not in caplog.text
	assert not any(secret in repr((gateway.session.auth, outgoing())) for secret in (TOKEN, NUMBER, TEXT))


# Files of citizens -------------------------------------------------------------------------------------


def test_a_file_is_fetched(meta):
	content = photo("red")
	assert api(meta).fetch_media(meta.add_media(content), len(content)) == content


@pytest.mark.parametrize("claimed", [None, 1000])
def test_a_file_of_30_mb_is_not_read(meta, claimed):
	media_id = meta.add_media(b"\0" * 30 * 1024 * 1024, size=claimed)
	with pytest.raises(Permanent):
		api(meta).fetch_media(media_id, 1024 * 1024)


@pytest.mark.parametrize(
	"address",
	[
		"http://lookaside.fbsbx.com/x",
		"https://lookaside.fbsbx.com.evil.example/x",
		"https://evil.example/lookaside.fbsbx.com",
		"https://lookaside.fbsbx.com@evil.example/x",
		"https://lookaside.fbsbx.com:8443/x",
		"http://169.254.169.254/latest",
		"http://127.0.0.1:1/x",
		"file:///etc/passwd",
		"http://[broken",
		"",
	],
)
def test_the_token_goes_to_no_other_host(meta, address, monkeypatch):
	gateway = api(meta)
	monkeypatch.setattr(gateway, "download", lambda *args: pytest.fail("fetched"))
	media_id = meta.add_media(photo(), url=address or "about:blank")
	with pytest.raises(Permanent):
		gateway.fetch_media(media_id, 10**6)


@pytest.mark.parametrize("media_id", ["../me", "1/../2", "1?fields=x", "", None, "a" * 101, "１２"])
def test_a_number_of_a_file_cannot_become_another_address(meta, media_id):
	with pytest.raises(Permanent):
		api(meta).fetch_media(media_id, 10**6)
	assert meta.calls == []


def test_a_file_that_is_gone_is_given_up(meta):
	with pytest.raises(Permanent):
		api(meta).fetch_media("1234567890", 10**6)


# Settings ----------------------------------------------------------------------------------------------


def save(**changes):
	settings = frappe.get_doc("Sinjai WhatsApp Settings")
	settings.update({"numbers": [], **changes})
	return settings.save()


def number(**changes) -> dict:
	return {
		"phone_number_id": PHONE_NUMBER_ID,
		"number": "0811 4100 0001",
		"agency": "Disdukcapil",
		**changes,
	}


@pytest.mark.parametrize(
	"changes",
	[
		{"base_url": "http://graph.facebook.com"},
		{"base_url": "https://user:pass@graph.facebook.com"},
		{"base_url": "https://graph.facebook.com/v21.0"},
		{"base_url": "javascript:alert(1)"},
		{"base_url": "http://127.0.0.1.evil.example"},
		{"base_url": "https://[broken"},
		{"api_version": "21"},
		{"messages_per_second": 0},
		{"messages_per_second": 5000},
		{"give_up_after_hours": 0},
		{"numbers": [number(number="021 555")]},
		{"numbers": [number(phone_number_id="+62811")]},
		{"numbers": [number(), number(number="081141000002")]},
		{"gateway": "Cloud API"},
		{"gateway": "Cloud API", "numbers": [number()]},
	],
)
def test_settings_that_cannot_work_are_refused(changes):
	with pytest.raises(frappe.ValidationError):
		save(**changes)


def test_our_numbers_are_kept_as_gateways_write_them():
	assert save(numbers=[number()]).numbers[0].number == "+6281141000001"


def test_an_administrator_tests_the_connection(cloud, monkeypatch):
	from sinjai_services.sinjai_services.doctype.sinjai_whatsapp_settings import sinjai_whatsapp_settings

	(answer,) = sinjai_whatsapp_settings.test_connection()
	assert answer["works"] and "Sinjai" in answer["text"]
	cloud.token = "another"
	(answer,) = sinjai_whatsapp_settings.test_connection()
	assert not answer["works"] and TOKEN not in answer["text"]
	# The platform asks for no role in tests unless told to.
	monkeypatch.setitem(frappe.local.flags, "in_test", False)
	frappe.set_user("petugas.uji@example.com")
	with pytest.raises(frappe.PermissionError):
		sinjai_whatsapp_settings.test_connection()
