"""Near and past promises are told once to the right people, whatever runs at the same time or breaks."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import ClassVar

import pytest
from helpers import PASSWORD, move, new_request, officer, stranger_officer

import frappe
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.requests import clock, escalation
from sinjai_services.requests.escalation import NEAR, PAST

HEADS = {"pejabat.uji@example.com": "Approver", "pimpinan.uji@example.com": "Leader"}


@pytest.fixture
def heads():
	for email, role in HEADS.items():
		user = frappe.get_doc({"doctype": "User", "email": email, "first_name": role, "language": "id"})
		user.update({"send_welcome_email": 0, "new_password": PASSWORD})
		user.set("roles", [{"role": role}])
		user.insert()
		permission = {
			"doctype": "User Permission",
			"user": email,
			"allow": "Agency",
			"for_value": "Disdukcapil",
		}
		frappe.get_doc(permission).insert()
	return set(HEADS)


@pytest.fixture
def no_commit(monkeypatch):
	"""Keep what the run writes in the test's own transaction."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


def in_minutes(minutes: float):
	return now_datetime() + timedelta(minutes=minutes)


def request_due(near: float, due: float):
	"""Return a new request that is near in `near` and due in `due` minutes; below 0 is in the past."""
	doc = new_request()
	values = {"near_at": in_minutes(near), "promised_at": in_minutes(due)}
	frappe.db.set_value(doc.doctype, doc.name, values, update_modified=False)
	doc.reload()
	return doc


def told(doc) -> list[str]:
	"""Return who has the request at their bell, once for each time."""
	return frappe.get_all(
		"Notification Log", {"document_name": doc.name}, pluck="for_user", order_by="for_user"
	)


def notes(doc) -> list:
	return [event for event in doc.timeline() if event.event == "Note"]


def tell(doc, step):
	return escalation.tell(doc.doctype, doc.name, step, now_datetime())


def is_found(doc, step) -> bool:
	return doc.name in escalation.due(doc.doctype, step, now_datetime())


# Who is told what --------------------------------------------------------------------------------------


def test_near_is_told_to_the_officers_of_the_agency_once(heads):
	doc = request_due(-1, 30)
	assert is_found(doc, NEAR) and not is_found(doc, PAST)
	assert tell(doc, NEAR)
	assert officer() in told(doc)
	assert not {stranger_officer(), "tanpa.dinas@example.com", "tu.uji@example.com", *heads} & set(told(doc))
	(note,) = notes(doc)
	assert not note.public
	assert not is_found(doc, NEAR)
	before = told(doc)
	assert not tell(doc, NEAR)
	assert told(doc) == before


def test_past_is_told_to_the_heads_as_well(heads):
	doc = request_due(-60, -1)
	assert is_found(doc, PAST)
	# Near is no news any more: the scheduler may have stood still in between.
	assert not is_found(doc, NEAR) and not tell(doc, NEAR)
	assert tell(doc, PAST)
	assert heads | {officer()} <= set(told(doc))
	assert len(told(doc)) == len(set(told(doc)))
	assert not is_found(doc, PAST)


def test_first_near_then_past(heads):
	doc = request_due(-1, 30)
	tell(doc, NEAR)
	frappe.db.set_value(doc.doctype, doc.name, "promised_at", in_minutes(-1))
	tell(doc, PAST)
	assert told(doc).count(officer()) == 2
	assert len(notes(doc)) == 2


def test_an_assigned_request_concerns_its_assignee(heads):
	doc = request_due(-1, 30)
	todo = frappe.get_doc({"doctype": "ToDo", "allocated_to": stranger_officer(), "description": "Tolong"})
	todo.update({"reference_type": doc.doctype, "reference_name": doc.name})
	todo.insert()
	assert escalation.recipients(doc, NEAR) == [stranger_officer()]
	assert set(escalation.recipients(doc, PAST)) >= {stranger_officer(), *heads}
	assert officer() not in escalation.recipients(doc, PAST)
	todo.db_set("status", "Closed")
	assert officer() in escalation.recipients(doc, NEAR)


def test_an_agency_without_staff_is_the_administrators_business():
	doc = request_due(-60, -1)
	frappe.db.delete("User Permission", {"allow": "Agency", "for_value": doc.agency})
	admin = frappe.get_doc({"doctype": "User", "email": "admin.uji@example.com", "first_name": "Admin"})
	admin.update({"send_welcome_email": 0, "new_password": PASSWORD})
	admin.set("roles", [{"role": "Sinjai Administrator"}])
	admin.insert()
	assert admin.name in escalation.recipients(doc, PAST)


def test_disabled_people_are_not_told():
	doc = request_due(-1, 30)
	frappe.db.set_value("User", officer(), "enabled", 0)
	assert officer() not in escalation.recipients(doc, NEAR)


def test_who_has_switched_the_bell_off_is_left_alone():
	doc = request_due(-1, 30)
	frappe.db.set_value("Notification Settings", officer(), "enabled", 0)
	tell(doc, NEAR)
	assert officer() not in told(doc)


def test_the_bell_names_request_service_and_time_but_no_applicant():
	doc = request_due(-1, 30)
	tell(doc, NEAR)
	subject = frappe.db.get_value(
		"Notification Log", {"document_name": doc.name, "for_user": officer()}, "subject"
	)
	assert doc.name in subject
	assert "WITA" in subject
	assert doc.applicant_name not in subject
	assert "due soon" not in subject


# What is not told --------------------------------------------------------------------------------------


def test_while_the_clock_stands_nothing_is_told():
	doc = request_due(30, 60)
	doc = move(move(doc, stages.CHECKING), stages.WAITING)
	values = {"near_at": in_minutes(-60), "promised_at": in_minutes(-30)}
	frappe.db.set_value(doc.doctype, doc.name, values, update_modified=False)
	for step in (NEAR, PAST):
		assert not is_found(doc, step)
		assert not tell(doc, step)
	assert told(doc) == []


def test_what_is_done_is_not_told():
	doc = move(new_request(), stages.WITHDRAWN)
	frappe.db.set_value(doc.doctype, doc.name, "promised_at", in_minutes(-30))
	assert not is_found(doc, PAST)


def test_a_step_told_stays_told_when_the_promise_moves_on():
	doc = request_due(-1, 30)
	tell(doc, NEAR)
	frappe.db.set_value(doc.doctype, doc.name, {"near_at": in_minutes(60), "promised_at": in_minutes(90)})
	frappe.db.set_value(doc.doctype, doc.name, {"near_at": in_minutes(-1), "promised_at": in_minutes(30)})
	assert not is_found(doc, NEAR)


def test_a_form_opened_before_does_not_make_it_told_again():
	doc = request_due(-1, 30)
	tell(doc, NEAR)
	doc.note = "Formulir sudah lama terbuka"
	doc.save()
	assert doc.near_told_at
	assert not is_found(doc, NEAR)


# Notifications of the administrator --------------------------------------------------------------------


def notification(method: str):
	return frappe.get_doc(
		{
			"doctype": "Notification",
			"name": f"Uji {method}",
			"document_type": "Civil Document Request",
			"event": "Method",
			"method": method,
			"channel": "System Notification",
			"subject": "Segera {{ doc.name }}",
			"message": "Segera {{ doc.name }}",
			"recipients": [{"receiver_by_role": "Records Officer"}],
			"enabled": 1,
		}
	).insert()


@pytest.fixture
def forget_notifications():
	yield
	frappe.db.rollback()
	frappe.cache.hdel("notifications", "Civil Document Request")


@pytest.mark.parametrize(("step", "minutes"), [(NEAR, (-1, 30)), (PAST, (-60, -1))], ids=["near", "past"])
def test_an_administrator_hangs_a_notification_on_the_step(forget_notifications, step, minutes):
	notification(step.method)
	doc = request_due(*minutes)
	tell(doc, step)
	assert "tu.uji@example.com" in told(doc)


def test_a_broken_notification_stops_neither_the_step_nor_the_run(forget_notifications, no_commit):
	# Valid when it was saved; the field it asks for is gone since.
	notification("promise_near").db_set("condition", "doc.tidak_ada.lagi")
	docs = [request_due(-1, 30), request_due(-1, 30)]
	errors = frappe.db.count("Error Log")
	escalation.run()
	for doc in docs:
		assert officer() in told(doc)
		# The step itself, and that the message of it has failed.
		assert len(notes(doc)) == 2
	assert frappe.db.count("Error Log") >= errors + 2


# At the same time, and killed in between ---------------------------------------------------------------

RUN = """
import sys, time, frappe
frappe.init(site={site!r}, sites_path=".")
frappe.connect()
from sinjai_services.requests import escalation
{before}
print("ready", flush=True)
sys.stdin.readline()
escalation.run()
print("done", flush=True)
"""

HANG = """
def hang(doc, step):
	print("holding", flush=True)
	time.sleep(120)
escalation.call_method = hang
"""


class Process:
	"""A scheduler's run in a process of its own, which waits for a word before it begins."""

	started: ClassVar[list] = []

	def __init__(self, before: str = ""):
		self.started.append(self)
		code = RUN.format(site=frappe.local.site, before=before)
		pipe = subprocess.PIPE
		self.process = subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True)
		self.wait_for("ready")

	def wait_for(self, word: str):
		for line in self.process.stdout:
			if line.strip() == word:
				return
		raise AssertionError(f"the process ended before it was {word}")

	def go(self):
		self.process.stdin.write("\n")
		self.process.stdin.flush()

	def kill(self):
		self.process.send_signal(signal.SIGKILL)
		self.process.wait(timeout=20)

	def end(self):
		self.wait_for("done")
		assert self.process.wait(timeout=20) == 0


@pytest.fixture
def committed():
	"""Requests other processes see; removed afterwards with everything that was told of them."""
	docs = [request_due(-1, 30) for _number in range(6)] + [request_due(-60, -1) for _number in range(6)]
	frappe.db.commit()
	yield docs
	for process in Process.started:
		process.kill()
	frappe.db.rollback()
	names = ("in", [doc.name for doc in docs])
	frappe.db.delete("Notification Log", {"document_name": names})
	frappe.db.delete("Request Event", {"reference_name": names})
	frappe.db.delete("Request Paper", {"parent": names})
	frappe.db.delete("__Auth", {"name": names})
	frappe.db.delete(docs[0].doctype, {"name": names})
	frappe.db.commit()


def assert_told_once(docs):
	frappe.db.rollback()
	for doc in docs:
		assert officer() in told(doc)
		assert len(told(doc)) == len(set(told(doc))), "told twice"
		assert len(notes(doc)) == 1


@pytest.mark.fault
def test_two_schedulers_at_the_same_time_tell_once(committed):
	processes = [Process(), Process()]
	for process in processes:
		process.go()
	for process in processes:
		process.end()
	assert_told_once(committed)


@pytest.mark.fault
def test_a_killed_run_loses_nothing_and_holds_nobody_up(committed):
	killed = Process(HANG)
	killed.go()
	killed.wait_for("holding")
	# The other one passes over the request that is held, and tells of all the rest.
	started = time.monotonic()
	other = Process()
	other.go()
	other.end()
	assert time.monotonic() - started < 30
	frappe.db.rollback()
	assert sum(not told(doc) for doc in committed) <= 1
	killed.kill()
	last = Process()
	last.go()
	last.end()
	assert_told_once(committed)


def test_the_scheduler_runs_it():
	"""Every five minutes, and the daily repair of what a lost job left behind."""
	events = frappe.get_hooks("scheduler_events")
	assert "sinjai_services.requests.escalation.run" in events["cron"]["*/5 * * * *"]
	assert f"{clock.__name__}.recompute_all" in events["daily"]
