"""Who asks whom, who may, what waits for whom, and what becomes of it."""

import pytest
from helpers import pdf

import frappe
from frappe.utils import add_days, nowdate

from simaya import ground
from sinjai_services import stages
from sinjai_services.simaya import dispositions, organisation, reminders, tasks
from sinjai_services.simaya.dispositions import DispositionRefused


def dispose(doc, by: str, *codes: str, **changes) -> str:
	ground.act(by)
	values = {"letter": doc and doc.name, "instructions": ["Siapkan bahan"], "note": "Segera"}
	targets = [{"position": ground.name(code), "purpose": "Action"} for code in codes]
	return dispositions.dispose(ground.name(by), targets, **{**values, **changes})


def waiting(code: str) -> list[str]:
	ground.act(code)
	return [row["letter"] for row in tasks.waiting_for_me()]


def report(doc, code: str, text="Sudah dikerjakan", **more):
	task = ground.task_of(doc, code)
	ground.act(code)
	dispositions.report(task.name, text, **more)


def test_a_letters_life_down_the_tree_and_back():
	doc = ground.letter()
	assert doc.name in waiting("UJI-KADIS")
	dispose(doc, "UJI-KADIS", "UJI-SEK", "UJI-KABID-A", "UJI-KABID-B")
	assert doc.name not in waiting("UJI-KADIS")
	assert frappe.db.get_value("Incoming Letter", doc.name, "stage") == stages.FIELD_WORK
	dispose(doc, "UJI-KABID-A", "UJI-STAF-A")
	assert doc.name in waiting("UJI-STAF-A") and doc.name not in waiting("UJI-KABID-A")
	report(doc, "UJI-STAF-A")
	assert doc.name in waiting("UJI-KABID-A")
	for code in ("UJI-KABID-A", "UJI-KABID-B"):
		report(doc, code)
	assert doc.name not in waiting("UJI-KADIS")
	report(doc, "UJI-SEK")
	assert doc.name in waiting("UJI-KADIS")
	report(doc, "UJI-KADIS", "Selesai")
	assert frappe.db.get_value("Incoming Letter", doc.name, "stage") == stages.COMPLETED


def test_only_down_the_tree_and_the_head_to_everybody():
	doc = ground.letter()
	dispose(doc, "UJI-KADIS", "UJI-STAF-A", "UJI-KABID-B")
	with pytest.raises(DispositionRefused):
		dispose(doc, "UJI-KABID-B", "UJI-STAF-A")
	with pytest.raises(DispositionRefused):
		dispose(doc, "UJI-KABID-B", "UJI-KADIS")
	dispose(doc, "UJI-KABID-B", "UJI-STAF-B")


def test_nobody_disposes_what_did_not_come_to_them_or_for_somebody_else():
	doc = ground.letter()
	with pytest.raises(frappe.PermissionError):
		dispose(doc, "UJI-KABID-A", "UJI-STAF-A")
	ground.act("UJI-STAF-A")
	with pytest.raises(frappe.PermissionError):
		dispositions.dispose(ground.name("UJI-KADIS"), [ground.name("UJI-STAF-B")], letter=doc.name, note="x")
	task = ground.task_of(doc, "UJI-KADIS")
	with pytest.raises(frappe.PermissionError):
		dispositions.report(task.name, "bukan tugas saya")


@pytest.mark.parametrize(
	"changes",
	[{"instructions": [], "note": " "}, {"due_date": "2020-01-01"}],
	ids=["nothing asked", "past"],
)
def test_an_empty_disposition_is_refused(changes):
	with pytest.raises(DispositionRefused):
		dispose(ground.letter(), "UJI-KADIS", "UJI-SEK", **changes)


def test_nobody_is_asked_twice_in_one_disposition():
	doc = ground.letter()
	dispose(doc, "UJI-KADIS", "UJI-SEK", "UJI-SEK")
	assert frappe.db.count("Letter Task", {"letter": doc.name, "position": ground.name("UJI-SEK")}) == 1


def test_a_disposition_sent_twice_on_a_bad_line_is_one():
	doc = ground.letter()
	first, again = (dispose(doc, "UJI-KADIS", "UJI-SEK", "UJI-KABID-A") for _each in range(2))
	assert first == again and frappe.db.count("Letter Task", {"letter": doc.name, "kind": "Action"}) == 2
	other = dispose(doc, "UJI-KADIS", "UJI-SEK")
	dispositions.withdraw(first, "Salah alamat")
	assert dispose(doc, "UJI-KADIS", "UJI-SEK", "UJI-KABID-A") not in (first, other)


def test_information_waits_until_it_is_read():
	doc = ground.letter(copies=[{"position": ground.name("UJI-KABID-B")}])
	assert doc.name in waiting("UJI-KABID-B")
	assert tasks.mark_read("Incoming Letter", doc.name) == 1
	assert tasks.mark_read("Incoming Letter", doc.name) == 0
	assert doc.name not in waiting("UJI-KABID-B")
	task = ground.task_of(doc, "UJI-KABID-B")
	assert (task.kind, task.read_by) == ("Copy", ground.USER["UJI-KABID-B"]) and task.read_at


def test_the_tree_shows_asked_read_answered_with_files():
	doc = ground.letter()
	dispose(doc, "UJI-KADIS", "UJI-KABID-A")
	dispose(doc, "UJI-KABID-A", "UJI-STAF-A")
	ground.act("UJI-STAF-A")
	tasks.mark_read("Incoming Letter", doc.name)
	report(doc, "UJI-STAF-A", "Hasil rapat", file_urls=[ground.upload(pdf(1), "hasil.pdf")])
	ground.act("UJI-KADIS")
	rows = {row["position"]: row for row in dispositions.tree("Incoming Letter", doc.name)}
	staff = rows[ground.name("UJI-STAF-A")]
	assert staff["parent_task"] == rows[ground.name("UJI-KABID-A")]["name"]
	assert (
		staff["state"] == "Answered" and staff["read_at"] and staff["asked"].instructions == ["Siapkan bahan"]
	)
	assert staff["reports"][0]["text"] == "Hasil rapat"
	file = frappe.get_doc("File", {"file_url": staff["reports"][0]["file"]})
	assert file.is_private and file.attached_to_doctype == "Letter Task"


def test_an_interim_report_leaves_it_open():
	doc = ground.letter()
	dispose(doc, "UJI-KADIS", "UJI-SEK")
	report(doc, "UJI-SEK", "Masih dikerjakan", final=False)
	assert doc.name in waiting("UJI-SEK")


def test_withdrawn_with_everything_below():
	doc = ground.letter()
	name = dispose(doc, "UJI-KADIS", "UJI-KABID-A")
	dispose(doc, "UJI-KABID-A", "UJI-STAF-A")
	ground.act("UJI-KABID-A")
	with pytest.raises(frappe.PermissionError):
		dispositions.withdraw(name, "salah")
	ground.act("UJI-KADIS")
	dispositions.withdraw(name, "Salah alamat")
	dispositions.withdraw(name, "Salah alamat")
	assert doc.name not in waiting("UJI-STAF-A") and doc.name not in waiting("UJI-KABID-A")
	assert doc.name in waiting("UJI-KADIS")
	with pytest.raises(DispositionRefused):
		report(doc, "UJI-STAF-A")


def test_a_head_asks_on_their_own_initiative():
	name = dispose(None, "UJI-KADIS", "UJI-KABID-A", subject="Siapkan laporan bulanan")
	ground.act("UJI-KABID-A")
	mine = [row for row in tasks.waiting_for_me() if row["disposition"] == name]
	assert mine[0]["subject"] == "Siapkan laporan bulanan" and mine[0]["doctype"] == "Disposition"
	with pytest.raises(DispositionRefused):
		dispose(None, "UJI-KADIS", "UJI-KABID-A")


def test_whoever_acts_for_the_head_disposes():
	doc = ground.letter()
	frappe.set_user("Administrator")
	ground.hold("UJI-KADIS", ground.USER["UJI-SEK"], "Daily Acting (Plh)", nowdate(), nowdate())
	ground.act("UJI-SEK")
	assert doc.name in [row["letter"] for row in tasks.waiting_for_me()]
	dispositions.dispose(
		ground.name("UJI-KADIS"), [ground.name("UJI-KABID-B")], letter=doc.name, note="Tindak lanjuti"
	)
	assert doc.name in waiting("UJI-KABID-B")


def test_hostile_words_stay_words():
	doc = ground.letter(subject="<img src=x onerror=alert(1)> {0} {{ 7*7 }}")
	dispose(doc, "UJI-KADIS", "UJI-SEK", note="<script>alert(1)</script>" * 300)
	notice = frappe.get_last_doc("Notification Log", {"for_user": ground.USER["UJI-SEK"]})
	assert "<img" not in notice.subject
	assert "<script" not in frappe.get_last_doc("Disposition").note


# Reminders -----------------------------------------------------------------------------------------------


def notices(user: str, since: int = 0) -> list[str]:
	return frappe.get_all("Notification Log", {"for_user": user}, pluck="subject")


def test_reminded_before_and_after_and_then_one_step_up_each_once():
	doc = ground.letter(subject="Tenggat uji")
	dispose(doc, "UJI-KADIS", "UJI-KABID-A", due_date=add_days(nowdate(), 1))
	task = ground.task_of(doc, "UJI-KABID-A")
	frappe.set_user("Administrator")
	user, head = ground.USER["UJI-KABID-A"], ground.USER["UJI-KADIS"]
	for due, told, who in ((1, "near_told_at", user), (-1, "late_told_at", user), (-3, "escalated_at", head)):
		frappe.db.set_value("Letter Task", task.name, "due_date", add_days(nowdate(), due))
		before = len(notices(who))
		reminders.run()
		reminders.run()
		assert len(notices(who)) == before + 1, told
		assert frappe.db.get_value("Letter Task", task.name, told)


def test_one_reminder_that_fails_keeps_nobody_else_from_being_told(monkeypatch):
	tasks_due = []
	for subject in ("Gagal", "Berhasil"):
		doc = ground.letter(subject=subject)
		dispose(doc, "UJI-KADIS", "UJI-KABID-A", due_date=nowdate())
		tasks_due.append(ground.task_of(doc, "UJI-KABID-A").name)
	frappe.set_user("Administrator")
	ring = tasks.ring

	def failing(user, task, subject):
		if task.name == tasks_due[0]:
			raise ValueError(f"isi {subject}")
		ring(user, task, subject)

	monkeypatch.setattr(tasks, "ring", failing)
	reminders.run()
	told = [frappe.db.get_value("Letter Task", name, "near_told_at") for name in tasks_due]
	assert not told[0] and told[1]
	assert "isi" not in frappe.get_last_doc("Error Log").error


def test_what_is_answered_is_not_reminded_of():
	doc = ground.letter()
	dispose(doc, "UJI-KADIS", "UJI-KABID-A", due_date=nowdate())
	report(doc, "UJI-KABID-A")
	task = ground.task_of(doc, "UJI-KABID-A")
	frappe.db.set_value("Letter Task", task.name, "due_date", add_days(nowdate(), -9))
	assert not any(reminders.tell(task.name, step) for step in (reminders.NEAR, reminders.LATE, reminders.UP))


def test_a_vacant_superior_is_passed_over():
	frappe.set_user("Administrator")
	frappe.db.delete("Position Holder", {"position": ground.name("UJI-KABID-A")})
	task = frappe._dict(position=ground.name("UJI-STAF-A"))
	assert ground.USER["UJI-KADIS"] in reminders.recipients(task, reminders.UP)
	assert organisation.name_of_holder(ground.name("UJI-KABID-A")) == ""
