"""The door for Meta's deliveries, over real HTTP."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whatsapp_samples import (
	CITIZEN,
	CITIZEN_E164,
	FAILED,
	RECEIVE,
	SAMPLES,
	TOKEN,
	account,
	delivery,
	message,
	post,
	signature,
	status,
	text,
)

import frappe

from sinjai_services.whatsapp import inbox

ROUNDS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def meta(server):
	with account() as configured:
		yield configured


@pytest.fixture(autouse=True)
def empty(meta):
	frappe.db.delete("Chat Message")
	frappe.db.commit()


def rows(**filters) -> list:
	frappe.db.rollback()
	fields = ["name", "message_id", "status", "text", "number", "kind", "agency", "payload"]
	return frappe.get_all(
		"Chat Message", {"direction": "Incoming", **filters}, fields, order_by="at, creation"
	)


# GET ---------------------------------------------------------------------------------------------------


def ask(server, token=TOKEN, mode="subscribe", **options):
	asked = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}
	return server.get(RECEIVE, params=asked, **options)


def test_meta_finds_its_address_again(server):
	answer = ask(server)
	assert (answer.status_code, answer.text) == (200, "1158201444")
	assert answer.headers["Content-Type"].startswith("text/plain")
	assert ask(server, headers={"Content-Type": "application/json"}, data='{"a": 1}').text == "1158201444"


@pytest.mark.parametrize(
	("token", "mode"), [("salah", "subscribe"), ("", "subscribe"), (TOKEN, "x"), ("é\ud83d", "subscribe")]
)
def test_others_do_not(server, token, mode):
	answer = ask(server, token.encode("utf-8", "replace").decode(), mode)
	assert (answer.status_code, answer.text) == (403, "")


@pytest.mark.parametrize("body", ["[]", "{", '{"fn": 1}', '{"cmd": {"a": 1}}'])
def test_a_get_with_a_strange_body_is_refused(server, body):
	headers = {"Content-Type": "application/json"}
	assert server.get(RECEIVE, data=body, headers=headers).status_code == 403


# POST: who may -----------------------------------------------------------------------------------------


def test_only_meta_delivers(server):
	body = json.dumps(delivery(message())).encode()
	good = signature(body)["X-Hub-Signature-256"]
	wrong = [
		None,
		"",
		good[7:],
		"sha1=" + good[7:],
		good[:-1],
		good + "0",
		"sha256=",
		good.upper(),
		"sha256=é",
		"x" * 5000,
	]
	for given_signature in wrong:
		headers = {"Content-Type": "application/json"}
		if given_signature is not None:
			headers["X-Hub-Signature-256"] = given_signature.encode()
		answer = server.post(RECEIVE, data=body, headers=headers)
		assert (answer.status_code, answer.text) == (403, ""), given_signature
	assert post(server, body, secret="salah").status_code == 403
	assert post(server, body + b" ", **signature(body)).status_code == 403
	assert rows() == []
	assert post(server, body).status_code == 200
	assert len(rows()) == 1


@pytest.mark.parametrize("change", [{"app_secret": ""}, {"gateway": "Log Only"}])
def test_nobody_delivers_while_there_is_no_account(server, meta, change):
	before = {"app_secret": "rahasia-aplikasi-uji", "gateway": "Cloud API"}
	reconfigure(change)
	try:
		assert post(server, delivery(message())).status_code == 403
		assert post(server, delivery(message()), secret="").status_code == 403
		assert rows() == []
	finally:
		reconfigure({key: before[key] for key in change})


def test_no_token_means_no_verification(server):
	reconfigure({"verify_token": ""})
	try:
		assert ask(server, "").status_code == 403
		assert ask(server).status_code == 403
	finally:
		reconfigure({"verify_token": TOKEN})


def reconfigure(values: dict):
	frappe.db.rollback()
	configured = frappe.get_doc("Sinjai WhatsApp Settings")
	configured.update(values)
	configured.save()
	frappe.db.commit()


# POST: what is written down ----------------------------------------------------------------------------


def test_every_documented_kind_is_taken(server):
	assert post(server, delivery(*map(message, SAMPLES))).status_code == 200
	assert {row.message_id for row in rows()} == {f"wamid.{sample}" for sample in SAMPLES}
	left_alone = {row.kind for row in rows(status="Ignored")}
	assert left_alone == {"group", "reaction", "system"}
	assert all(row.agency == "Disdukcapil" for row in rows())
	assert all(row.number == CITIZEN_E164 for row in rows())


def test_numbers_are_masked_and_the_rest_is_encrypted(server):
	post(server, delivery(text("#KTP#7307 0115 0890 0001#7307010101100003#Andi")))
	(row,) = frappe.get_all("Chat Message", {"direction": "Incoming"}, ["*"])
	assert row.text == "#KTP#730701******0001#730701******0003#Andi"
	assert "089000" not in str(row)


def test_messages_to_other_numbers_are_left_out(server):
	assert post(server, delivery(message(), phone_number_id="999")).status_code == 200
	assert rows() == []


def test_foreign_numbers_are_kept_and_left_alone(server):
	assert post(server, delivery(message(**{"from": "60123456789"}), name=None)).status_code == 200
	(row,) = rows()
	assert (row.status, row.number, row.payload) == ("Ignored", "60123456789", "")


def test_states_are_answered_whatever_becomes_of_them(server):
	states = [status("sent"), status("failed", **FAILED), status("read", id="wamid.tidak.ada")]
	assert post(server, delivery(message(), statuses=states)).status_code == 200
	assert len(rows()) == 1


# POST: once --------------------------------------------------------------------------------------------


def test_replays_change_nothing(server):
	post(server, delivery(text("satu", id="1"), text("dua", id="2")))
	before = [(row.name, row.text) for row in rows()]
	for again in (
		delivery(text("satu", id="1")),
		delivery(text("lain", id="2")),
		delivery(text("dua", id="2"), text("satu", id="1")),
	):
		assert post(server, again).status_code == 200
	assert [(row.name, row.text) for row in rows()] == before


def test_deliveries_at_the_same_moment_make_one_row_each(server):
	one = [text(f"pesan {number}", id=f"sama.{number}") for number in range(5)]
	bodies = [delivery(*one), delivery(*reversed(one)), *(delivery(each) for each in one)] * 6
	with ThreadPoolExecutor(12) as pool:
		codes = list(pool.map(lambda body: post(server, body).status_code, bodies))
	assert set(codes) == {200}
	assert sorted(row.message_id for row in rows()) == [f"sama.{number}" for number in range(5)]


def test_what_comes_out_of_order_is_put_in_order(server):
	for number, sent_at in ((3, "1764037830"), (1, "1764037810"), (2, "1764037820")):
		post(server, delivery(text(str(number), id=f"urut.{number}", timestamp=sent_at)))
	assert [row.text for row in rows()] == ["1", "2", "3"]


def test_a_queue_that_is_down_delays_and_loses_nothing(monkeypatch):
	def down(*_args, **_options):
		raise ConnectionError(f"redis {CITIZEN}")

	monkeypatch.setattr(frappe, "enqueue", down)
	frappe.cache.delete(inbox.asked_key(CITIZEN_E164))
	inbox.ask_for([CITIZEN_E164])
	written = {"method": ("like", "%queue of jobs%")}
	(log,) = frappe.get_all("Error Log", written, ["error"], order_by="creation desc", limit=1)
	assert CITIZEN not in log.error


# POST: whatever comes ----------------------------------------------------------------------------------

STRANGE = [
	b"",
	b"[]",
	b"[1, 2]",
	b"{",
	b"null",
	b"5",
	b'"x"',
	b"\xff\xfe\x00",
	b'{"fn": 1}',
	b'{"cmd": {"a": 1}}',
	b'{"cmd": "frappe.ping"}',
	b'{"entry": "x"}',
	b'{"entry": [{"changes": [{"value": {"messages": [null, 5, {}]}}]}]}',
	b"[" * 100_000,
	b'{"a": ' + b"9" * 5000 + b"}",
	b'{"a": NaN}',
	b'{"data": "{", "docs": 1, "doctype": [], "_": 0, "csrf_token": 1}',
]
REFUSED = (400, 403, 413)
"""413 is werkzeug's answer to a form that is not UTF-8."""

TYPES = [
	"application/json",
	"text/plain",
	"multipart/form-data; boundary=x",
	"application/x-www-form-urlencoded",
	"",
	"é",
]


@pytest.mark.parametrize("body", STRANGE, ids=lambda body: repr(body[:30]))
def test_strange_bodies_are_refused_politely(server, body):
	for content_type in TYPES:
		headers = {"Content-Type": content_type.encode()}
		unsigned = server.post(RECEIVE, data=body, headers=headers)
		assert unsigned.status_code in (200, *REFUSED), (content_type, unsigned.text)
		signed = server.post(RECEIVE, data=body, headers={**headers, **signature(body)})
		assert signed.status_code in (200, *REFUSED), (content_type, signed.text)
		assert "Traceback" not in unsigned.text + signed.text


def test_huge_bodies_are_refused(server):
	assert post(server, b'{"a": "' + b"x" * 5_000_000 + b'"}').status_code == 413
	assert post(server, b"x" * 12_000_000).status_code == 413


def test_a_browser_of_an_officer_cannot_be_made_to_deliver(server):
	assert server.post(RECEIVE, data={"a": 1}, headers={"Origin": "https://lain.example"}).status_code == 403


@ROUNDS
@given(st.binary(max_size=300), st.sampled_from(TYPES), st.booleans())
def test_any_bytes_are_answered(server, body, content_type, signed):
	headers = {"Content-Type": content_type.encode(), **(signature(body) if signed else {})}
	assert server.post(RECEIVE, data=body, headers=headers).status_code in (200, *REFUSED)


JSON = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
	lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
	max_leaves=15,
)


@ROUNDS
@given(
	st.dictionaries(
		st.sampled_from(["from", "id", "timestamp", "type", "text", "image", "context", "group_id"]), JSON
	)
)
def test_any_signed_message_is_taken(server, part):
	content = delivery({**message(), **part}, name=None)
	body = json.dumps(content).encode()
	assert post(server, body).status_code == 200
