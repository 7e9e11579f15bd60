"""The register's sums are the timelines'; one search says where a paper is."""

from datetime import timedelta

import pytest
from helpers import move

import frappe
from frappe.utils import getdate

from cakrawala import world
from cakrawala.test_requests import to_ready
from cakrawala.world import OFFICER, STRANGER
from sinjai_services import stages
from sinjai_services.cakrawala import custody
from sinjai_services.cakrawala.report.fishing_permit_register import fishing_permit_register as register
from sinjai_services.cakrawala.report.where_is_this_paper import where_is_this_paper as where

REQUEST = "Fishing Permit Request"


def events_of(stage: str, names: list[str]) -> int:
	rows = frappe.get_all(
		"Request Event",
		{"reference_doctype": REQUEST, "reference_name": ("in", names), "event": "Stage", "stage": stage},
		pluck="reference_name",
	)
	return len(set(rows))


def test_the_registers_sums_equal_the_events():
	_owner, vessel, _box = world.stocked()
	before = [each["value"] for each in register.execute({})[4]]
	ends = [
		(stages.CHECKING, stages.DECIDING, stages.READY, stages.COMPLETED),
		(stages.CHECKING, stages.DECIDING, stages.READY),
		(stages.CHECKING, stages.REJECTED),
		(stages.WITHDRAWN,),
		(stages.CHECKING,),
		(),
	]
	for _round in range(3):
		for path in ends:
			doc = world.request(vessel)
			for stage in path:
				doc = move(doc, stage)
	_columns, rows, _message, _chart, summary = register.execute(
		{"from_date": getdate(), "to_date": getdate()}
	)
	sums = [each["value"] for each in summary]
	names = [row.name for row in rows]
	assert sums[:5] == [
		events_of(stage, names)
		for stage in (stages.RECEIVED, stages.READY, stages.COMPLETED, stages.REJECTED, stages.WITHDRAWN)
	]
	assert [now - then for now, then in zip(sums, before, strict=True)][:5] == [18, 6, 3, 3, 3]
	assert [row.number for row in rows] == list(range(1, len(rows) + 1))


def test_the_registers_minutes_count_from_papers_in_hand():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	doc.take_papers()
	doc = to_ready(frappe.get_doc(REQUEST, doc.name))
	start = doc.stage_since - timedelta(minutes=11)
	frappe.db.set_value(REQUEST, doc.name, "promise_starts_at", start)
	row = next(row for row in register.rows(frappe._dict()) if row.name == doc.name)
	assert row.minutes == 11


def test_the_register_is_the_agencys_own():
	_owner, vessel, _box = world.stocked()
	world.request(vessel)
	frappe.set_user(STRANGER)
	assert register.rows(frappe._dict()) == []


@pytest.mark.parametrize(
	"period",
	[
		{"from_date": "2026-12-31", "to_date": "2026-01-01"},
		{"from_date": "1900-01-01", "to_date": "2026-01-01"},
	],
)
def test_a_period_that_makes_no_sense_is_refused(period):
	with pytest.raises(frappe.ValidationError):
		register.execute(period)


@pytest.mark.parametrize(
	"text",
	[
		"Baharuddin",
		"bintang laut",
		"BINTAN LAOT",
		"Surat Ukur",
		"LAPPA-A-01",
		"A-01 ukur",
		"  bintang   ukur ",
		"UK-77",
	],
)
def test_one_search_finds_a_paper(text):
	_owner, vessel, box = world.stocked(papers=())
	paper = world.paper(box, 1, "Surat Ukur Kapal", vessel=vessel.name, document_number="UK-77/2026")
	frappe.set_user(OFFICER)
	custody.take(paper.name)
	(row,) = where.execute({"text": text})[1]
	assert row.name == paper.name
	assert frappe.utils.get_fullname(OFFICER) in row.where


@pytest.mark.parametrize("text", ["tidak ada", "%", "_", "\\", "'; --", "x" * 5000])
def test_what_nobody_knows_is_not_found(text):
	world.stocked()
	assert where.execute({"text": text})[1] == []


def test_only_what_is_out():
	_owner, _vessel, _box = world.stocked()
	name = frappe.db.get_value("Locker Document", {"requirement": "SIUP Perikanan"})
	custody.take(name)
	assert [row.name for row in where.execute({"only": "Out"})[1]] == [name]
	assert where.execute({"only": "Out Too Long"})[1] == []
	frappe.set_user(STRANGER)
	assert where.execute({})[1] == []
