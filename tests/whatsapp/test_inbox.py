"""What citizens wrote is worked on once each and in order, whatever fails on the way."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import PASSWORD, officer, photo, stranger_officer
from pypika.terms import Interval
from whatsapp_samples import CITIZEN_E164, OURS, account, delivery, message, text

import frappe

from sinjai_services.whatsapp import conversation, inbox, outbox, payload


@pytest.fixture(autouse=True)
def numbers():
	"""These tests commit, as the jobs do; what they leave is removed."""
	with account():
		yield


@pytest.fixture
def handled(monkeypatch):
	"""What reached the conversation, in order; each is answered through the outbox."""
	seen = []

	def handle(stored, incoming):
		seen.append(incoming)
		outbox.put(incoming.number, f"re: {incoming.text}", phone_number_id=OURS)

	monkeypatch.setattr(conversation, "handle", handle)
	return seen


def write(*messages, **options):
	incoming, _statuses = payload.read(delivery(*messages, **options))
	inbox.store(*incoming)
	frappe.db.commit()
	return incoming


def row(message_id: str):
	frappe.db.rollback()
	return frappe.get_doc("Chat Message", {"message_id": message_id})


def replies() -> list[str]:
	frappe.db.rollback()
	return frappe.get_all("Chat Message", {"direction": "Outgoing"}, pluck="text", order_by="creation")


def later(seconds: int):
	"""Let time pass for everything that waits."""
	message = frappe.qb.DocType("Chat Message")
	span = Interval(seconds=seconds)
	query = frappe.qb.update(message)
	for field in ("creation", "next_attempt_at", "lease_until"):
		query = query.set(message[field], message[field] - span)
	query.run()
	frappe.db.commit()


def test_a_message_is_worked_on_whole_and_kept_masked(handled):
	write(text("NIK saya 7307011508900001", id="a"))
	assert "7307011508900001" not in frappe.as_json(row("a").as_dict())
	inbox.process(CITIZEN_E164)
	assert [incoming.text for incoming in handled] == ["NIK saya 7307011508900001"]
	done = row("a")
	assert (done.status, done.payload, done.text) == ("Processed", "", "NIK saya 730701******0001")
	assert frappe.db.get_value("Chat Contact", CITIZEN_E164, "profile_name") == "Andi Baso"


def test_messages_are_worked_on_in_the_order_they_were_sent(handled):
	write(text("3", id="c", timestamp="1764037830"))
	write(text("1", id="a", timestamp="1764037810"), text("2a", id="z", timestamp="1764037820"))
	write(text("2b", id="b", timestamp="1764037820"))
	inbox.process(CITIZEN_E164)
	assert [incoming.text for incoming in handled] == ["1", "2a", "2b", "3"]


def test_replays_are_not_worked_on_again(handled):
	for _delivery in range(3):
		write(text("halo", id="a"))
		inbox.process(CITIZEN_E164)
	assert replies() == ["re: halo"]


def test_what_nobody_expects_an_answer_to_gets_none(handled):
	write(*(message(sample) for sample in ("reaction", "group", "system", "request_welcome")))
	inbox.process(CITIZEN_E164)
	assert handled == []


def test_a_failed_attempt_leaves_nothing_behind(monkeypatch):
	tries = []

	def handle(stored, incoming):
		tries.append(incoming.text)
		outbox.put(incoming.number, "setengah jadi", phone_number_id=OURS)
		if len(tries) == 1:
			raise KeyError(incoming.text)

	monkeypatch.setattr(conversation, "handle", handle)
	write(text("halo 7307011508900001", id="a"))
	inbox.process(CITIZEN_E164)
	assert len(tries) == 2
	assert replies() == ["setengah jadi"]
	assert row("a").status == "Processed"
	(log,) = frappe.get_all("Error Log", {"reference_name": row("a").name}, ["error", "method"])
	assert "KeyError" in log.error
	assert "test_inbox.py" in log.error
	assert "7307" not in log.error + log.method


def test_poison_goes_to_a_person_and_the_next_messages_go_on(monkeypatch, handled):
	tries, handed = [], []

	def handle(stored, incoming):
		tries.append(incoming.text)
		if incoming.text == "racun":
			raise ValueError

	monkeypatch.setattr(conversation, "handle", handle)
	monkeypatch.setattr(conversation, "hand_to_operator", lambda talk, why: handed.append((talk.number, why)))
	write(text("racun", id="a"), text("sesudahnya", id="b"))
	for _minute in range(10):
		inbox.process(CITIZEN_E164)
		later(60)
	assert tries == ["racun"] * 5 + ["sesudahnya"]
	assert (row("a").status, row("b").status) == ("Failed", "Processed")
	assert row("a").conversation
	assert [number for number, _why in handed] == [CITIZEN_E164]
	assert inbox.left_lying() == []


def test_poison_that_cannot_even_be_handed_over_does_not_stop_the_next(monkeypatch):
	def broken(*_args):
		raise ValueError

	seen = []
	monkeypatch.setattr(
		conversation,
		"handle",
		lambda stored, incoming: seen.append(incoming.text) or (incoming.text == "racun" and broken()),
	)
	monkeypatch.setattr(conversation, "hand_to_operator", broken)
	write(text("racun", id="a"), text("sesudahnya", id="b"))
	for _minute in range(10):
		inbox.process(CITIZEN_E164)
		later(60)
	assert row("a").status == "Failed"
	assert seen[-1] == "sesudahnya"


def test_a_message_that_kills_its_worker_ends_with_a_person(handled):
	write(text("halo", id="a"))
	for _death in range(5):
		inbox.make_contact(CITIZEN_E164)
		assert inbox.claim(CITIZEN_E164)
		later(600)
	inbox.process(CITIZEN_E164)
	assert row("a").status == "Failed"
	assert handled == []


def test_only_one_worker_works_on_a_number(handled):
	write(text("halo", id="a"))
	inbox.make_contact(CITIZEN_E164)
	claimed = inbox.claim(CITIZEN_E164)
	inbox.process(CITIZEN_E164)
	assert handled == []
	inbox.take(CITIZEN_E164, claimed.name)
	inbox.take(CITIZEN_E164, claimed.name)
	assert replies() == ["re: halo"]


def test_the_sweep_finds_what_was_left_lying(handled):
	write(text("halo", id="a"))
	assert inbox.left_lying() == []
	later(40)
	assert inbox.left_lying() == [CITIZEN_E164]
	inbox.make_contact(CITIZEN_E164)
	inbox.claim(CITIZEN_E164)
	assert inbox.left_lying() == []
	later(600)
	assert inbox.left_lying() == [CITIZEN_E164]
	inbox.process(CITIZEN_E164)
	assert inbox.left_lying() == []


def test_a_long_job_makes_room_for_others_and_goes_on_later(monkeypatch, handled):
	jobs = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: jobs.append(values["sealed_number"]))
	monkeypatch.setattr(inbox, "JOB_SECONDS", -1)
	write(*(text(str(number), id=str(number)) for number in range(3)))
	inbox.process(CITIZEN_E164)
	assert len(handled) == len(jobs) == 1
	for _job in range(4):
		inbox.run(jobs.pop())
		if not jobs:
			break
	assert [incoming.text for incoming in handled] == ["0", "1", "2"]


def test_jobs_do_not_name_the_number(monkeypatch, handled):
	jobs = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: jobs.append((method, values)))
	write(text("halo", id="a"))
	inbox.arrange([CITIZEN_E164, CITIZEN_E164])
	assert jobs == []
	frappe.db.commit()
	inbox.arrange([CITIZEN_E164])
	frappe.db.commit()
	later(40)
	inbox.sweep()
	assert len(jobs) == 2
	assert "81241007788" not in str(jobs)
	inbox.run(jobs[0][1]["sealed_number"])
	assert replies() == ["re: halo"]


# Many workers ------------------------------------------------------------------------------------------


def worker() -> subprocess.Popen:
	"""Start a process that works on everything that is left lying; it prints a line for each message."""
	script = Path(__file__).parent.parent / "inbox_worker.py"
	return subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def fill(total: int, people: int):
	for position in range(total):
		sender = f"62812410{position % people:05}"
		write({**text(f"pesan {position}", id=f"banyak.{position}"), "from": sender}, name=None)
	later(3600)


def unfinished() -> int:
	frappe.db.rollback()
	return frappe.db.count("Chat Message", {"direction": "Incoming", "status": "Received"})


def assert_each_answered_once(total: int):
	answers = sorted(int(answer.split()[-1]) for answer in replies())
	assert answers == list(range(total))
	statuses = set(frappe.get_all("Chat Message", {"direction": "Incoming"}, pluck="status"))
	assert statuses == {"Processed"}


@pytest.mark.fault
def test_killed_workers_lose_nothing_and_do_nothing_twice():
	fill(200, people=10)
	deaths = 0
	while unfinished():
		process = worker()
		# Always in the middle of a message: it is answered, but not committed yet.
		survived = [process.stdout.readline() for _message in range(random.randint(3, 25))]
		if survived[-1]:
			process.send_signal(signal.SIGKILL)
			deaths += 1
		_out, errors = process.communicate(timeout=120)
		assert process.returncode in (0, -signal.SIGKILL), errors.decode()
		later(600)
	print(f"{deaths} workers killed")
	assert deaths >= 7
	assert_each_answered_once(200)


@pytest.mark.fault
def test_several_workers_at_once_do_nothing_twice_and_keep_the_order():
	fill(100, people=3)
	workers = [worker() for _process in range(3)]
	for process in workers:
		_out, errors = process.communicate(timeout=120)
		assert process.returncode == 0, errors.decode()
	assert_each_answered_once(100)
	for number in set(frappe.get_all("Chat Message", {"direction": "Outgoing"}, pluck="number")):
		own = frappe.get_all(
			"Chat Message", {"direction": "Outgoing", "number": number}, pluck="text", order_by="creation"
		)
		assert own == sorted(own, key=lambda answer: int(answer.split()[-1]))


# Trying out --------------------------------------------------------------------------------------------


@pytest.fixture
def log_only():
	configured = frappe.get_doc("Sinjai WhatsApp Settings")
	configured.gateway = "Log Only"
	configured.save()
	frappe.db.commit()


def log_in(server, user: str):
	answer = server.post("/api/method/login", data={"usr": user, "pwd": PASSWORD})
	assert answer.status_code == 200
	return answer.cookies


def simulate(server, cookies, **values):
	return server.post("/api/method/sinjai_services.whatsapp.inbox.simulate", json=values, cookies=cookies)


def test_an_operator_tries_out_what_a_citizen_would_write(server, log_only):
	cookies = log_in(server, officer())
	upload = server.post(
		"/api/method/upload_file",
		files={"file": ("ktp.jpg", photo())},
		data={"is_private": 1},
		cookies=cookies,
	)
	url = upload.json()["message"]["file_url"]
	answer = simulate(server, cookies, number="0812-4100-7788", text="mau urus ktp", files=[url])
	assert answer.json()["message"] == {"messages": 1}
	frappe.db.rollback()
	(entered,) = frappe.get_all("Chat Message", {"direction": "Incoming"}, ["*"])
	assert (entered.number, entered.agency, entered.kind) == (CITIZEN_E164, "Disdukcapil", "image")
	assert entered.file.startswith("/private/files/whatsapp-")
	assert not frappe.db.exists("File", {"file_url": url})
	# The same file cannot be used twice, and no file of somebody else.
	assert simulate(server, cookies, number="0812-4100-7788", files=[url]).status_code == 417


@pytest.mark.parametrize(
	("values", "code"),
	[
		({"number": "123", "text": "halo"}, 417),
		({"number": "0812-4100-7788"}, 417),
		({"number": "0812-4100-7788", "text": "halo", "agency": "DPMPTSP"}, 403),
		({"number": "0812-4100-7788", "text": "halo", "files": ["/private/files/x.jpg"]}, 417),
	],
)
def test_trying_out_has_its_limits(server, log_only, values, code):
	answer = simulate(server, log_in(server, officer()), **values)
	assert answer.status_code == code
	assert "Traceback" not in frappe.as_json(answer.json().get("_server_messages"))


def test_nobody_puts_words_into_a_real_citizens_mouth(server):
	values = {"number": "0812-4100-7788", "text": "halo"}
	assert simulate(server, log_in(server, officer()), **values).status_code == 417
	assert simulate(server, log_in(server, "tu.uji@example.com"), **values).status_code == 403
	assert simulate(server, None, **values).status_code == 403


# A person has a failed message read again -----------------------------------------------------------------


def test_an_operator_has_a_failed_message_read_again(handled, monkeypatch):
	write(text("halo", id="gagal"))
	name = row("gagal").name
	with pytest.raises(frappe.ValidationError):
		inbox.retry(name)
	frappe.db.set_value("Chat Message", name, {"status": "Failed", "attempts": 5, "agency": "Disdukcapil"})
	frappe.db.commit()
	monkeypatch.setitem(frappe.local.flags, "in_test", False)
	for user in (stranger_officer(), "tu.uji@example.com"):
		frappe.set_user(user)
		for named in (name, "tidak-ada"):
			with pytest.raises(frappe.PermissionError):
				inbox.retry(named)
	frappe.set_user(officer())
	inbox.retry(name)
	frappe.db.after_commit.reset()
	frappe.db.commit()
	frappe.set_user("Administrator")
	inbox.process(CITIZEN_E164)
	assert row("gagal").status == "Processed"
	assert replies() == ["re: halo"]
