"""Deliveries of Meta's webhook are read completely, and whatever else comes does no harm."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whatsapp_samples import (
	CITIZEN_E164,
	FAILED,
	KINDS,
	OURS,
	SAMPLES,
	SENT_AT,
	delivery,
	message,
	status,
	text,
)

from frappe.utils import now_datetime

from sinjai_services.whatsapp import payload

ROUNDS = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def only(content) -> payload.Incoming:
	(incoming,), _statuses = payload.read(content)
	return incoming


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_documented_kind_is_read(sample):
	incoming = only(delivery(message(sample)))
	assert incoming.kind == KINDS.get(sample, sample)
	assert (incoming.number, incoming.phone_number_id) == (CITIZEN_E164, OURS)
	assert (incoming.message_id, incoming.profile_name) == (f"wamid.{sample}", "Andi Baso")


def test_times_are_the_sites():
	assert only(delivery(message())).at == datetime(2025, 11, 25, 10, 30)
	assert SENT_AT == "1764037800"  # 02:30 UTC, and WITA is eight hours ahead


@pytest.mark.parametrize(
	"absurd", [None, "", "x", "-5", "0", "1", "99999999999", "1e9", True, [], 10**40, float("inf")]
)
def test_absurd_times_become_the_present(absurd):
	assert abs(only(delivery(message(timestamp=absurd))).at - now_datetime()) < timedelta(minutes=1)


def test_files_texts_taps_and_places():
	image = only(delivery(message("image")))
	assert (image.text, image.media_id, image.mime_type) == ("KK", "1003383421387256", "image/jpeg")
	assert only(delivery(message("document"))).file_name == "kk.pdf"
	tapped = only(delivery(message("button_reply")))
	assert (tapped.text, tapped.choice_id, tapped.reply_to) == ("Kirim", "kirim", "wamid.kami")
	assert only(delivery(message("list_reply"))).choice_id == "KTP-EL"
	assert only(delivery(message("quick_reply"))).choice_id == "ya"
	place = only(delivery(message("location")))
	assert (place.latitude, place.longitude, place.text) == (-5.1242, 120.2529, "PPI Lappa, Sinjai Utara")
	assert only(delivery(message("reaction"))).reply_to == "wamid.kami"


def test_what_others_wrote_or_own_is_not_read():
	assert only(delivery(message("group"))).text == ""
	assert only(delivery(message("contacts"))).text == ""


def test_our_own_echo_is_no_message():
	messages, _statuses = payload.read(delivery(message(**{"from": "6285211112222"})))
	assert messages == []


def test_all_entries_changes_and_messages_are_read_in_order():
	first = delivery(message(id="1"), message(id="2"), statuses=[status("read")])
	first["entry"] += delivery(message(id="3"))["entry"]
	first["entry"][0]["changes"] += delivery(message(id="4"))["entry"][0]["changes"]
	messages, statuses = payload.read(first)
	assert [incoming.message_id for incoming in messages] == ["1", "2", "4", "3"]
	assert [state.status for state in statuses] == ["read"]


def test_other_webhook_fields_are_left_alone():
	body = delivery(message())
	body["entry"][0]["changes"][0]["field"] = "account_update"
	assert payload.read(body) == ([], [])


def test_a_message_without_contacts_is_read():
	incoming = only(delivery(message(), name=None))
	assert (incoming.number, incoming.profile_name) == (CITIZEN_E164, None)


@pytest.mark.parametrize("sender", ["60123456789", "6281", "62411123456", "", None, "pakai.nama", "0" * 500])
def test_who_cannot_be_answered_has_no_number(sender):
	assert only(delivery(message(**{"from": sender}), name=None)).number is None


def test_states_with_reasons_hold_no_number():
	_messages, (state,) = payload.read(delivery(statuses=[status("failed", **FAILED)]))
	assert state.status == "failed"
	assert state.error.startswith("131047 – Re-engagement message – More than 24 hours")
	assert "6281241007788" not in state.error


def test_what_we_gave_along_comes_back():
	_messages, (state,) = payload.read(delivery(statuses=[status(biz_opaque_callback_data="abc123")]))
	assert state.reference == "abc123"


@pytest.mark.parametrize("state", ["deleted", "warning", "", None, 5, ["sent"]])
def test_unknown_states_are_left_out(state):
	assert payload.read(delivery(statuses=[status(state)])) == ([], [])


def test_texts_fit_the_database():
	body = only(delivery(text("a\x00b\ud800c\r\nd" + "😀" * 9000))).text
	assert body.startswith("abc\nd😀")
	assert len(body) == payload.LONGEST_TEXT
	assert len(body.encode()) > len(body)


def test_long_ids_stay_different():
	ids = {only(delivery(message(id="x" * 5000 + end))).message_id for end in ("a", "b")}
	# What is longer than any message is not told apart, but never refused.
	assert all(len(known) <= payload.LONGEST_ID for known in ids)
	assert len({only(delivery(message(id="x" * 300 + end))).message_id for end in ("a", "b")}) == 2


def test_a_message_without_id_is_known_by_its_content():
	first, again, other = (only(delivery(text(body, id=None))).message_id for body in ("a", "a", "b"))
	assert first == again != other


def test_who_wrote_what_is_not_in_a_log():
	shown = repr(only(delivery(text("NIK 7307011508900001"))))
	assert "7307" not in shown
	assert "628124" not in shown
	assert "Baso" not in shown


def test_an_incoming_message_survives_being_written_down():
	for sample in SAMPLES:
		incoming = only(delivery(message(sample)))
		assert payload.Incoming.from_json(incoming.as_json()) == incoming


JSON = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
	lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
	max_leaves=30,
)


@ROUNDS
@given(JSON)
def test_any_json_is_read(body):
	check(payload.read(body))


@st.composite
def mutated(draw):
	"""Return a valid delivery in which some places hold something else, nothing, or twice the same."""
	names = draw(st.lists(st.sampled_from(sorted(SAMPLES)), min_size=1, max_size=3))
	body = json.loads(json.dumps(delivery(*map(message, names), statuses=[status("failed", **FAILED)])))
	for _round in range(draw(st.integers(1, 5))):
		places = list(walk(body))
		where, key = draw(st.sampled_from(places))
		match draw(st.sampled_from(["replace", "remove", "repeat"])):
			case "replace":
				where[key] = draw(JSON)
			case "remove":
				del where[key]
			case "repeat":
				where[key] = [where[key], where[key]]
		if not list(walk(body)):
			break
	return body


def walk(value):
	keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
	for key in keys:
		yield value, key
		yield from walk(value[key])


@ROUNDS
@given(mutated())
def test_damaged_deliveries_are_read(body):
	check(payload.read(body))


def check(result):
	messages, statuses = result
	for incoming in messages:
		assert incoming.kind in {*SAMPLES, "audio", "button"}
		assert 0 < len(incoming.message_id) <= payload.LONGEST_ID
		assert incoming.number is None or incoming.number.startswith("+628")
		json.loads(incoming.as_json())
		incoming.text.encode()
		assert payload.Incoming.from_json(incoming.as_json()) == incoming
	for state in statuses:
		assert state.status in payload.STATUSES
		assert state.message_id
