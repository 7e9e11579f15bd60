"""The stocktake: kept on the server at every tick, and written into the papers' records at the end."""

import pytest

import frappe

from cakrawala import world
from cakrawala.world import OFFICER, STRANGER, movements, place
from sinjai_services.cakrawala import custody, stocktake


@pytest.fixture
def counting():
	_owner, vessel, box = world.stocked()
	frappe.set_user(OFFICER)
	state = stocktake.start(world.KIOSK)
	lines = stocktake.open_locker(state["name"], box.code)["lines"]
	return frappe._dict(name=state["name"], locker=box, vessel=vessel, lines=lines)


def test_ticks_survive_and_the_end_writes_movements(counting):
	gone, there = counting.lines[0], counting.lines[1]
	stocktake.mark(counting.name, gone["name"], False)
	stocktake.mark(counting.name, there["name"], True)
	stocktake.add_unexpected(counting.name, "a1", "Kartu KUSUKA atas nama orang lain")
	assert stocktake.start(world.KIOSK)["counts"] == {
		"Not Checked": 4,
		"Found": 1,
		"Not Found": 1,
		"Unexpected": 1,
	}
	result = stocktake.finish(counting.name)
	assert place(gone["document"])[0] == custody.MISSING
	assert place(there["document"])[0] == custody.IN_LOCKER
	assert [row.event for row in movements(gone["document"])] == ["Put In", "Not Found"]
	assert {row["result"] for row in result["differences"]} == {"Not Found", "Not Checked", "Unexpected"}
	doc = frappe.get_doc("Locker Stocktake", counting.name)
	assert (doc.status, doc.found, doc.missing, doc.unexpected, doc.unchecked) == ("Finished", 1, 1, 1, 4)


def test_what_was_missing_is_found_in_the_next_one(counting):
	line = counting.lines[0]
	stocktake.mark(counting.name, line["name"], False)
	stocktake.finish(counting.name)
	state = stocktake.start(world.KIOSK)
	again = next(
		each
		for each in stocktake.open_locker(state["name"], counting.locker.name)["lines"]
		if each["document"] == line["document"]
	)
	stocktake.mark(state["name"], again["name"], True)
	stocktake.finish(state["name"])
	assert place(line["document"])[0] == custody.IN_LOCKER
	assert [row.event for row in movements(line["document"])] == ["Put In", "Not Found", "Found"]


def test_a_paper_taken_after_its_tick_is_left_with_whoever_has_it(counting):
	line = counting.lines[0]
	stocktake.mark(counting.name, line["name"], False)
	custody.take(line["document"])
	result = stocktake.finish(counting.name)
	assert place(line["document"])[:2] == (custody.TAKEN, OFFICER)
	note = next(row["note"] for row in result["differences"] if row["note"])
	assert frappe.utils.get_fullname(OFFICER) in note


def test_what_somebody_has_is_shown_and_not_looked_for():
	_owner, _vessel, box = world.stocked()
	name = frappe.db.get_value("Locker Document", {"locker": box.name, "slot": 1})
	custody.take(name)
	state = stocktake.start(world.KIOSK)
	seen = stocktake.open_locker(state["name"], "A-01")
	assert name not in [line["document"] for line in seen["lines"]]
	assert "Administrator" in seen["out"][0]


@pytest.mark.parametrize("typed", ["A-01", "a1", "a 1", "A01", "lappa-a-01", " A - 1 "])
def test_a_locker_is_found_as_it_is_typed(counting, typed):
	assert stocktake.open_locker(counting.name, typed)["locker"] == counting.locker.name


@pytest.mark.parametrize("typed", ["", "Z-99", "x" * 5000, "'; --", "LAPPA-A-02"])
def test_what_is_no_locker_is_said(counting, typed):
	with pytest.raises(stocktake.UnknownLocker):
		stocktake.open_locker(counting.name, typed)


def test_a_finished_stocktake_stays_as_it_is(counting):
	stocktake.finish(counting.name)
	for action in (
		lambda: stocktake.mark(counting.name, counting.lines[0]["name"], True),
		lambda: stocktake.add_unexpected(counting.name, "A-01", "x"),
		lambda: stocktake.finish(counting.name),
	):
		with pytest.raises(stocktake.StocktakeFinished):
			action()


def test_strangers_do_not_count(counting):
	frappe.set_user(STRANGER)
	with pytest.raises(frappe.PermissionError):
		stocktake.progress(counting.name)
	with pytest.raises(frappe.PermissionError):
		stocktake.mark(counting.name, counting.lines[0]["name"], True)
	frappe.set_user("tu.uji@example.com")
	with pytest.raises(frappe.PermissionError):
		stocktake.start(world.KIOSK)
