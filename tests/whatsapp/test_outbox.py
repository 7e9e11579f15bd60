"""The outbox against the stand-in over real HTTP: what is sent, when, in which order, and how often."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from fakes.meta import PHONE_NUMBER_ID
from helpers import new_request, officer, photo, stranger_officer

import frappe
from frappe.utils import add_to_date, now_datetime

from sinjai_services.whatsapp import consent, outbox, outgoing, quiet
from sinjai_services.whatsapp.gateway import Choice
from sinjai_services.whatsapp.payload import StatusUpdate

NUMBER, OTHER = "+6281241007788", "+6281241007799"


def put(text="Halo", number=NUMBER, window=True, **options) -> str:
	"""Write a message and commit it, without a job of the bench's workers."""
	if window:
		wrote(number)
	name = outbox.put(number, text, agency=options.pop("agency", "Disdukcapil"), **options)
	frappe.db.after_commit.reset()
	frappe.db.commit()
	return name


def wrote(number=NUMBER, hours_ago=0, phone_number_id=PHONE_NUMBER_ID):
	"""Let the citizen have written."""
	message = frappe.new_doc("Chat Message")
	message.update({"direction": "Incoming", "status": "Processed", "number": number, "text": "halo"})
	message.update({"phone_number_id": phone_number_id, "at": add_to_date(now_datetime(), hours=-hours_ago)})
	message.insert()


def row(name: str):
	frappe.db.rollback()
	return frappe.get_doc("Chat Message", name)


def change(name: str, **fields):
	frappe.db.set_value("Chat Message", name, fields)
	frappe.db.commit()


def due_now(name: str):
	change(name, next_attempt_at=add_to_date(now_datetime(), seconds=-1))


# The usual way -----------------------------------------------------------------------------------------


def test_a_message_is_sent_once_and_its_states_follow(cloud):
	name = put("Selesai", choices=[Choice("ya", "Ya")])
	outbox.run()
	outbox.run()
	(sent,) = cloud.messages
	doc = row(name)
	assert (doc.status, doc.message_id) == ("Sent", sent["id"])
	outbox.apply_status(StatusUpdate(sent["id"], "read", datetime(2026, 1, 1, 10)))
	for state in ("sent", "delivered", "delivered", "failed", "sent"):
		outbox.apply_status(StatusUpdate(sent["id"], state, datetime(2026, 1, 1, 9), "131026"))
	outbox.apply_status(StatusUpdate("wamid.unknown", "read", now_datetime()))
	doc = frappe.get_doc("Chat Message", name)
	assert (doc.status, doc.error, str(doc.read_at)) == ("Read", None, "2026-01-01 10:00:00")


def test_a_failure_told_by_webhook_is_visible(cloud):
	name = put()
	outbox.run()
	outbox.apply_status(StatusUpdate(row(name).message_id, "failed", now_datetime(), "Message undeliverable"))
	doc = frappe.get_doc("Chat Message", name)
	assert (doc.status, doc.error) == ("Failed", "Message undeliverable")


def test_news_that_come_before_the_gateways_answer_are_not_lost(cloud, monkeypatch):
	name = put()
	real = outbox.settings.gateway()

	class Fast:
		has_window = True

		def send(self, message):
			message_id = real.send(message)
			outbox.apply_status(StatusUpdate(message_id, "delivered", now_datetime()))
			return message_id

	monkeypatch.setattr(outbox.settings, "gateway", Fast)
	outbox.run()
	assert row(name).status == "Delivered"


def test_a_file_goes_along(cloud):
	file = frappe.get_doc(
		{"doctype": "File", "file_name": "ktp.jpg", "content": photo(), "is_private": 1}
	).insert()
	put("Fotonya", file_url=file.file_url)
	outbox.run()
	assert cloud.messages[0]["image"]["caption"] == "Fotonya"
	file.delete()


def test_the_same_key_is_written_once(cloud):
	assert put(key="permohonan-1") and not put(key="permohonan-1")
	assert frappe.db.count("Chat Message", {"direction": "Outgoing"}) == 1


def test_the_same_key_at_the_same_moment_leaves_the_senders_work_alone(cloud, monkeypatch):
	put(key="sama")
	monkeypatch.setattr(frappe.db, "exists", lambda *args, **options: None)
	assert outbox.put(NUMBER, "Halo", key="sama") is None
	assert frappe.local.message_log == []


def test_what_is_rolled_back_is_not_sent(cloud):
	outbox.put(NUMBER, "Batal", agency="Disdukcapil")
	frappe.db.rollback()
	outbox.run()
	assert cloud.messages == []


def test_no_more_a_second_than_allowed(cloud):
	frappe.db.set_single_value("Sinjai WhatsApp Settings", "messages_per_second", 5)
	frappe.db.commit()
	frappe.clear_document_cache("Sinjai WhatsApp Settings", "Sinjai WhatsApp Settings")
	for n in range(12):
		put(number=f"+62812410077{n:02}")
	outbox.run()
	seconds = [int(message["at"]) for message in cloud.messages]
	assert len(seconds) == 12
	# A message may be counted at the end of one second and arrive in the next.
	assert max(seconds.count(second) for second in seconds) <= 6 and max(seconds) - min(seconds) >= 2


# Order -------------------------------------------------------------------------------------------------


def test_a_later_message_waits_for_an_earlier_one(cloud):
	first, second, other = put("satu"), put("dua"), put("lain", OTHER)
	cloud.fail("500")
	outbox.run()
	assert cloud.texts() == ["lain"]
	assert row(second).attempts == 0 and row(first).error
	due_now(first)
	outbox.run()
	assert cloud.texts("6281241007788") == ["satu", "dua"]
	assert row(other).status == "Sent"


@pytest.mark.parametrize("status", ["Failed", "Uncertain", "Suppressed"])
def test_a_message_given_up_holds_nobody_up(cloud, status):
	change(put("satu"), status=status)
	put("dua")
	outbox.run()
	assert cloud.texts() == ["dua"]


def test_many_messages_of_one_citizen_keep_their_order(cloud):
	for n in range(20):
		put(f"pesan {n}", window=not n)
	outbox.run()
	assert cloud.texts() == [f"pesan {n}" for n in range(20)]


# What goes wrong ---------------------------------------------------------------------------------------


def test_waiting_grows_and_gives_up_visibly(cloud):
	name = put()
	cloud.fail("503", times=20)
	outbox.run()
	doc = row(name)
	assert (doc.status, doc.attempts) == ("Queued", 1) and "503" in doc.error
	change(name, give_up_at=add_to_date(now_datetime(), seconds=5))
	due_now(name)
	outbox.run()
	doc = row(name)
	assert doc.status == "Failed" and doc.error.startswith("Dihentikan setelah 2 kali percobaan")
	assert cloud.messages == []


def test_waits_are_doubled_spread_and_never_shorter_than_asked_for():
	waits = [outbox.wait_seconds(attempts, None) for attempts in range(1, 12)]
	assert 11 <= waits[0] <= 19 and 600 < waits[-1] <= 1125
	assert len({outbox.wait_seconds(3, None) for _time in range(20)}) > 10
	assert outbox.wait_seconds(1, 600) == 600


def test_the_gateways_own_waiting_time_is_kept(cloud):
	name = put()
	cloud.fail("rate", retry_after=120)
	outbox.run()
	assert row(name).next_attempt_at > add_to_date(now_datetime(), seconds=110)


def test_a_message_that_lay_too_long_is_not_sent_late(cloud):
	name = put()
	change(name, give_up_at=add_to_date(now_datetime(), seconds=-1))
	outbox.run()
	assert cloud.messages == [] and row(name).status == "Failed"


def test_a_permanent_refusal_is_not_tried_again(cloud):
	name = put()
	cloud.fail("recipient")
	outbox.run()
	outbox.run()
	doc = row(name)
	assert (doc.status, doc.attempts, cloud.messages) == ("Failed", 1, []) and "131026" in doc.error


@pytest.mark.parametrize("fault", ["lost", "garbage"])
def test_a_lost_answer_is_marked_and_never_sent_again_by_itself(cloud, fault):
	name = put()
	cloud.fail(fault)
	outbox.run()
	outbox.sweep()
	outbox.run()
	assert row(name).status == "Uncertain" and len(cloud.messages) == 1
	# Meta's news of it, which name the message by what we gave along, clear it up.
	sent = cloud.messages[0]
	assert sent["biz_opaque_callback_data"] == name
	outbox.apply_status(StatusUpdate(sent["id"], "delivered", now_datetime(), reference=name))
	doc = frappe.get_doc("Chat Message", name)
	assert (doc.status, doc.message_id, doc.error) == ("Delivered", sent["id"], None)


def test_calls_are_made_side_by_side_and_each_citizens_order_is_kept(cloud):
	for n in range(60):
		put(f"{n}", f"+62812410077{n % 20:02}")
	cloud.latency = 0.2
	began = time.monotonic()
	outbox.run()
	# One after the other they would take 12 seconds.
	assert time.monotonic() - began < 9
	for n in range(20):
		assert cloud.texts(f"62812410077{n:02}") == [str(n), str(n + 20), str(n + 40)]
	states = frappe.get_all("Chat Message", {"direction": "Outgoing"}, pluck="status")
	assert states == ["Sent"] * 60


def test_a_gateway_that_is_down_is_left_alone_after_some_failures(cloud):
	names = [put(number=f"+62812410077{n:02}") for n in range(30)]
	cloud.fail("500", times=30)
	outbox.run()
	assert len(cloud.calls) == outbox.MOST_FAILURES_A_RUN
	assert {row(name).status for name in names} == {"Queued"}


def test_a_fault_of_the_app_is_logged_without_number_and_text(cloud):
	name = put("Rahasia sekali")
	change(name, extra="{kein json Rahasia")
	outbox.run()
	assert row(name).status == "Failed"
	log = frappe.get_last_doc("Error Log")
	assert name in log.method and "outbox.py" in log.error
	assert NUMBER not in log.error and "Rahasia" not in log.error


def test_a_connection_to_the_database_lost_after_sending_is_made_again(cloud, monkeypatch):
	name = put()
	real = outbox.transmit

	def transmit(*args):
		message_id = real(*args)
		# As if the database had been started anew: our connection is gone without our knowing.
		frappe.db._conn._sock.close()
		return message_id

	monkeypatch.setattr(outbox, "transmit", transmit)
	outbox.run()
	assert (row(name).status, len(cloud.messages)) == ("Sent", 1)


# A person decides --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Failed", "Uncertain"])
def test_an_officer_sends_it_again(cloud, status):
	name = put()
	change(name, status=status, error="x", attempts=7, give_up_at=None)
	frappe.set_user(officer())
	outbox.retry(name)
	frappe.db.after_commit.reset()
	frappe.db.commit()
	frappe.set_user("Administrator")
	outbox.run()
	doc = row(name)
	assert (doc.status, doc.error, doc.attempts) == ("Sent", None, 1)


def test_only_what_failed_and_only_ones_own_agency(cloud, monkeypatch):
	name = put()
	monkeypatch.setitem(frappe.local.flags, "in_test", False)
	with pytest.raises(frappe.ValidationError):
		outbox.retry(name)
	change(name, status="Failed")
	for user in (stranger_officer(), "tu.uji@example.com"):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			outbox.retry(name)


# Consent and hours -------------------------------------------------------------------------------------


def test_who_wants_no_messages_gets_answers_only(cloud):
	consent.opt_out(NUMBER)
	consent.opt_out(NUMBER)
	assert not consent.wants_messages(NUMBER)
	assert row_status(put("kabar")) == "Suppressed"
	put("jawaban", urgent=True)
	outbox.run()
	assert cloud.texts() == ["jawaban"]
	consent.opt_in(NUMBER)
	put("kabar lagi")
	outbox.run()
	assert cloud.texts() == ["jawaban", "kabar lagi"]


def test_who_stops_messages_does_not_get_those_under_way(cloud):
	name = put("kabar")
	consent.opt_out(NUMBER)
	frappe.db.commit()
	outbox.run()
	assert cloud.messages == [] and row_status(name) == "Suppressed"


def row_status(name: str) -> str:
	return row(name).status


NIGHT, NOON = (timedelta(hours=21), timedelta(hours=6)), (timedelta(hours=12), timedelta(hours=13))


@pytest.mark.parametrize(
	("hours", "now", "end"),
	[
		(NIGHT, "2026-03-01 20:59:59", None),
		(NIGHT, "2026-03-01 21:00:00", "2026-03-02 06:00:00"),
		(NIGHT, "2026-03-01 23:59:59", "2026-03-02 06:00:00"),
		(NIGHT, "2026-03-02 00:00:00", "2026-03-02 06:00:00"),
		(NIGHT, "2026-03-02 05:59:59", "2026-03-02 06:00:00"),
		(NIGHT, "2026-03-02 06:00:00", None),
		(NOON, "2026-03-01 11:59:00", None),
		(NOON, "2026-03-01 12:30:00", "2026-03-01 13:00:00"),
		(NOON, "2026-03-01 13:00:00", None),
		((None, None), "2026-03-01 23:00:00", None),
		((timedelta(0), timedelta(0)), "2026-03-01 23:00:00", None),
		((timedelta(hours=22), timedelta(0)), "2026-12-31 23:00:00", "2027-01-01 00:00:00"),
	],
)
def test_quiet_hours_round_midnight(hours, now, end):
	found = quiet.end(*hours, datetime.fromisoformat(now))
	assert (found and str(found)) == end


def test_news_wait_for_the_end_of_quiet_hours_and_answers_go_ahead(cloud, monkeypatch):
	request = new_request()
	end = add_to_date(now_datetime(), hours=5)
	monkeypatch.setattr(quiet, "end", lambda begins, ends, now: end if now < end else None)
	frappe.db.set_value(
		"Public Service", request.service, {"quiet_from": "21:00:00", "quiet_until": "06:00:00"}
	)
	wrote()
	held = outbox.put(NUMBER, "kabar", about=request)
	outbox.put(NUMBER, "jawaban", about=request, urgent=True)
	assert not [call for call in outbox_due(monkeypatch) if call == held]
	doc = frappe.get_doc("Chat Message", held)
	assert doc.quiet_until == end and doc.give_up_at == add_to_date(end, hours=24)
	frappe.db.rollback()


def outbox_due(monkeypatch) -> list[str]:
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	return outbox.due()


# The 24-hour window ------------------------------------------------------------------------------------


def test_inside_the_window_free_text_goes_and_outside_a_template(cloud):
	wrote(hours_ago=23)
	put("bebas", window=False)
	put("Baris satu\n\nBaris dua", OTHER, window=False)
	put("khusus", "+6281241007700", window=False, template="ktp_selesai", template_parameters=["Andi", "KTP"])
	outbox.run()
	assert sorted(cloud.texts()) == ["bebas", "kabar_umum | Baris satu Baris dua", "ktp_selesai | Andi | KTP"]


@pytest.mark.parametrize(("hours_ago", "phone_number_id"), [(25, PHONE_NUMBER_ID), (1, "another-number")])
def test_the_window_is_that_of_our_number(cloud, hours_ago, phone_number_id):
	wrote(hours_ago=hours_ago, phone_number_id=phone_number_id)
	put(window=False)
	outbox.run()
	assert cloud.messages[0]["type"] == "template"


def test_a_missing_template_is_named(cloud):
	frappe.db.set_single_value("Sinjai WhatsApp Settings", "default_template", None)
	frappe.db.commit()
	frappe.clear_document_cache("Sinjai WhatsApp Settings", "Sinjai WhatsApp Settings")
	without = put("a", window=False, notification="Kabar untuk Pemohon")
	refused = put("b", OTHER, window=False, template="tidak_ada")
	cloud.fail("template")
	outbox.run()
	assert "Kabar untuk Pemohon" in row(without).error and "24 jam" in row(without).error
	assert "tidak_ada" in row(refused).error
	assert row(without).status == row(refused).status == "Failed"


def test_a_template_goes_where_meta_says_that_the_window_is_closed(cloud):
	put("Selesai")
	cloud.fail("window")
	outbox.run()
	assert cloud.texts() == ["kabar_umum | Selesai"]


# Real processes ----------------------------------------------------------------------------------------

WORKER = """
import os, signal, sys, time
import frappe
os.chdir({sites!r})
frappe.init(site={site!r}, sites_path={sites!r})
frappe.connect()
from sinjai_services.whatsapp import outbox, states
step = {step!r}

def die(*args, **options):
	os.kill(os.getpid(), signal.SIGKILL)

if step == "claimed":
	outbox.prepare = die
elif step == "sending":
	outbox.transmit = die
elif step == "answered":
	outbox.finish = die
elif step == "written":
	states.apply_early = die
outbox.run()
"""


def start_worker(step: str = "") -> subprocess.Popen:
	code = WORKER.format(sites=os.environ["SINJAI_SITES_PATH"], site=frappe.local.site, step=step)
	return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)


@pytest.mark.fault
@pytest.mark.parametrize(
	("step", "left", "afterwards", "sent"),
	[
		("claimed", "Queued", "Sent", 1),
		("sending", "Sending", "Uncertain", 0),
		("answered", "Sending", "Uncertain", 1),
		("written", "Sent", "Sent", 1),
	],
)
def test_a_worker_killed_at_any_step_sends_nothing_twice(cloud, step, left, afterwards, sent):
	name = put()
	worker = start_worker(step)
	assert worker.wait(60) == -signal.SIGKILL, worker.stderr.read()
	assert row(name).status == left
	outbox.sweep()
	outbox.run()
	assert row(name).status == left, "its lease still runs"
	if left != "Sent":
		change(name, lease_until=add_to_date(now_datetime(), seconds=-1))
	outbox.sweep()
	outbox.run()
	assert row(name).status == afterwards
	assert len(cloud.messages) == sent


@pytest.mark.fault
def test_workers_at_the_same_time_send_each_message_once_and_in_order(cloud):
	numbers = [f"+62812410077{n:02}" for n in range(20)]
	for n in range(200):
		put(f"{n}", numbers[n % 20], window=n < 20)
	cloud.latency = 0.01
	workers = [start_worker() for _worker in range(4)]
	for worker in workers:
		assert worker.wait(120) == 0, worker.stderr.read()
	outbox.run()
	assert len(cloud.messages) == 200
	for number in numbers:
		texts = [int(text) for text in cloud.texts(number[1:])]
		assert texts == sorted(set(texts)) and len(texts) == 10
	frappe.db.rollback()
	assert frappe.db.count("Chat Message", {"direction": "Outgoing", "status": "Sent"}) == 200


@pytest.mark.fault
def test_workers_killed_again_and_again_lose_nothing_and_send_nothing_twice(cloud):
	for n in range(150):
		put(f"{n}", f"+6281241{n:06}")
	cloud.latency = 0.02
	for _round in range(4):
		worker = start_worker()
		before = len(cloud.messages)
		while worker.poll() is None and len(cloud.messages) < before + 10:
			time.sleep(0.01)
		worker.kill()
		worker.wait()
		frappe.db.rollback()
		frappe.db.sql(
			"update `tabChat Message` set lease_until = now() - interval 1 day where lease_until is not null"
		)
		frappe.db.commit()
		outbox.mark_abandoned()
	outbox.run()
	texts = cloud.texts()
	assert len(texts) == len(set(texts)), "twice"
	frappe.db.rollback()
	states = frappe.get_all("Chat Message", {"direction": "Outgoing"}, ["status", "text"])
	uncertain = {one.text for one in states if one.status == "Uncertain"}
	assert {one.status for one in states} <= {"Sent", "Uncertain"}
	assert len(uncertain) <= 4 * outbox.IN_FLIGHT
	assert {str(n) for n in range(150)} - set(texts) <= uncertain


def test_looking_for_due_messages_does_not_grow_with_the_archive(cloud):
	names = [put(f"baru {n}", "+6281200000007") for n in range(5)]
	few = rows_read(outbox.due)
	fill_archive(50_000)
	frappe.db.sql("analyze table `tabChat Message`")
	seen = {
		"due": rows_read(outbox.due),
		"abandoned": rows_read(outbox.mark_abandoned),
		"window": rows_read(lambda: outgoing.in_window(row(names[0]))),
	}
	print(f"rows read with 50,000 messages in the archive: {seen}; due without: {few}")
	assert outbox.due() == names[:1]
	assert seen["due"] <= few + 5 and max(seen.values()) < 100


def fill_archive(count: int):
	"""Old messages, written past the documents for speed."""
	frappe.db.sql(
		"""
		insert into `tabChat Message`
			(name, creation, modified, direction, status, number, at, next_attempt_at)
		select concat('arsip', seq), now() - interval seq minute, now(), if(seq %% 3, 'Outgoing', 'Incoming'),
			if(seq %% 3, 'Read', 'Processed'), concat('+62812', lpad(seq %% 5000, 8, '0')),
			now() - interval seq minute, now() - interval seq minute
		from seq_1_to_{0}
		""".format(int(count)),
		(),
	)
	frappe.db.commit()


def rows_read(function) -> int:
	"""Return how many rows the database touched for a call, as its own counters say."""

	def counted() -> int:
		return sum(int(row[1]) for row in frappe.db.sql("show session status like 'Handler_read%'"))

	before = counted()
	idle = counted() - before
	function()
	return counted() - before - 2 * idle
