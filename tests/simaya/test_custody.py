"""Where the paper is, after whatever way it has taken."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

import frappe
from frappe.utils import add_days, now_datetime

from simaya import ground
from sinjai_services.simaya import custody, organisation

CODES = ("UJI-KADIS", "UJI-SEK", "UJI-TU", "UJI-KABID-A", "UJI-STAF-A", "UJI-KABID-B", "UJI-STAF-B")
PLACE = ["paper_position", "paper_on_way_to", "paper_user"]


def test_the_label_moves_the_letter_and_the_receiver_confirms():
	doc = ground.letter()
	ground.act("UJI-TU")
	custody.give(doc.label_code, ground.name("UJI-SEK"), "map merah")
	doc.reload()
	assert (doc.paper_position, doc.paper_on_way_to) == (ground.name("UJI-TU"), ground.name("UJI-SEK"))
	ground.act("UJI-SEK")
	# As the camera reads it: the label holds an address.
	custody.receive(f"https://contoh.id/app/di-mana-surat/{doc.label_code.lower()}")
	doc.reload()
	assert (doc.paper_position, doc.paper_on_way_to) == (ground.name("UJI-SEK"), None)
	kinds = [row.kind for row in custody.chain(doc.name)]
	assert kinds == ["Received", "Handed Over", "Registered"]


def test_scanned_twice_is_one_step():
	doc = ground.letter()
	ground.act("UJI-SEK")
	custody.receive(doc.label_code)
	custody.receive(doc.label_code)
	assert len(custody.chain(doc.name)) == 2


def test_only_who_has_it_gives_it_and_only_within_the_agency():
	doc = ground.letter()
	ground.act("UJI-STAF-A")
	with pytest.raises(custody.MovementRefused):
		custody.give(doc.label_code, ground.name("UJI-STAF-B"))
	ground.act(ground.STRANGER)
	with pytest.raises(custody.MovementRefused):
		custody.receive(doc.label_code)
	for code in ("", "TIDAK-ADA", "' or 1=1 --", "x" * 5000):
		with pytest.raises(custody.MovementRefused):
			custody.receive(code)


def test_the_chain_cannot_be_changed():
	doc = ground.letter()
	row = frappe.get_last_doc("Letter Movement", {"letter": doc.name})
	frappe.set_user("Administrator")
	row.to_position = None
	with pytest.raises(frappe.PermissionError):
		row.save()
	with pytest.raises(frappe.PermissionError):
		row.delete()


@pytest.mark.parametrize("text", ["agenda_label", "sender_name", "subject", "letter_number", "label_code"])
def test_one_search_finds_it(text):
	doc = ground.letter(
		sender_name="Kantor Pos Uji Sinjai", subject="Perihal langka uji", letter_number="77/UJI/POS"
	)
	ground.act("UJI-STAF-B")
	found = custody.search(doc.get(text))
	assert doc.name in [row["name"] for row in found]
	mine = next(row for row in found if row["name"] == doc.name)
	assert mine["place"]["position_name"] == "Tata Usaha Uji" and mine["state"]
	(task,) = mine["tasks"]
	assert (task.position_name, task.holder) == ("Kepala Dinas Uji", "kadis.simaya")
	ground.act(ground.STRANGER)
	assert custody.search(doc.get(text)) == []


def test_stuck_letters_are_reported_to_the_records_office():
	doc = ground.letter()
	frappe.db.set_value("Incoming Letter", doc.name, "paper_since", add_days(now_datetime(), -5))
	frappe.set_user("Administrator")
	custody.report_stuck()
	notice = frappe.get_last_doc("Notification Log", {"for_user": ground.USER["UJI-TU"]})
	assert doc.agenda_label in notice.subject and doc.subject not in notice.subject


MOVES, RUNS = 100, 100


def step_to(code: str):
	"""Become somebody else without emptying what the process knows of DocTypes, as `set_user` does."""
	frappe.session.user = ground.USER[code]
	frappe.local.role_permissions, frappe.local.user_perms = {}, None


def test_where_is_it_is_right_after_ten_thousand_random_moves():
	"""100 runs of 100 random gives and scans each, against a model of three letters held in mind.

	After each move the answer the page shows is compared, after each run the whole chains.
	"""
	letters = [ground.letter() for _each in range(3)]
	done = []

	class Paper(RuleBasedStateMachine):
		def __init__(self):
			super().__init__()
			frappe.db.savepoint("run")
			office, user = ground.name("UJI-TU"), ground.USER["UJI-TU"]
			self.at = {doc.name: (office, None, user) for doc in letters}
			self.steps = {doc.name: [("Registered", office)] for doc in letters}

		@rule(which=st.integers(0, 2), code=st.sampled_from(CODES))
		def scan(self, which, code):
			doc, here = letters[which], ground.name(code)
			step_to(code)
			shown = custody.receive(doc.label_code)
			if self.at[doc.name] != (here, None, ground.USER[code]):
				self.steps[doc.name].append(("Received", here))
			self.at[doc.name] = (here, None, ground.USER[code])
			self.check(doc, shown)

		@rule(which=st.integers(0, 2), code=st.sampled_from(CODES), to=st.sampled_from(CODES))
		def give(self, which, code, to):
			doc, there = letters[which], ground.name(to)
			position, _way, user = self.at[doc.name]
			step_to(code)
			if position != ground.name(code):
				done.append(1)
				with pytest.raises(custody.MovementRefused):
					custody.give(doc.label_code, there)
				return
			shown = custody.give(doc.label_code, there)
			self.steps[doc.name].append(("Handed Over", there))
			self.at[doc.name] = (position, there, user)
			self.check(doc, shown)

		def check(self, doc, shown):
			done.append(1)
			position, way, _user = self.at[doc.name]
			on_way_to = organisation.position_label(way)
			assert (shown["place"]["position"], shown["place"]["on_way_to"]) == (position, on_way_to)
			newest, steps = shown["chain"][0], self.steps[doc.name]
			assert (newest.kind, newest.to_position, newest.sequence) == (*steps[-1], len(steps))

		def teardown(self):
			for doc in letters:
				chain = [(row.kind, row.to_position) for row in reversed(custody.chain(doc.name))]
				assert chain == self.steps[doc.name]
				stored = frappe.db.get_value("Incoming Letter", doc.name, PLACE)
				assert stored == self.at[doc.name]
			frappe.db.rollback(save_point="run")

	options = settings(
		max_examples=RUNS, stateful_step_count=MOVES, deadline=None, suppress_health_check=list(HealthCheck)
	)
	run_state_machine_as_test(Paper, settings=options)
	organisation.forget_positions()
	assert len(done) >= MOVES * RUNS * 0.9
