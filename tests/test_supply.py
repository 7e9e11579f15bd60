"""Handing in later what was missing or refused, from the tracking page."""

import io

import pytest
from helpers import move, new_request, photo, visit

import frappe

from sinjai_services import stages
from sinjai_services.requests import checklist


@pytest.fixture
def waiting():
	doc = move(new_request(channel="Web", reason="Rusak"), stages.CHECKING)
	doc.ask_applicant()
	assert doc.stage == stages.WAITING
	return doc


def send(doc, files: dict, digits=None):
	data = {"kode": doc.tracking_code, "hp": digits or doc.whatsapp_number[-4:]}
	data |= {f"paper:{slot}": (io.BytesIO(content), "IMG.JPG") for slot, content in files.items()}
	return visit("/lacak", "POST", data).get_data(as_text=True)


def needed(doc) -> list[str]:
	return [row.requirement for row in doc.papers if row.state == checklist.MISSING and not row.optional]


def test_when_everything_is_supplied_the_request_goes_on_by_itself(waiting):
	page = send(waiting, {})
	for slot in needed(waiting):
		assert f'name="paper:{slot}"' in page
	first, *rest = needed(waiting)
	send(waiting, {first: photo("navy")})
	waiting.reload()
	assert waiting.stage == (stages.WAITING if rest else stages.CHECKING)
	send(waiting, {slot: photo(f"#{number}7aa77") for number, slot in enumerate(rest)})
	waiting.reload()
	assert waiting.stage == stages.CHECKING
	assert {row.state for row in waiting.papers if not row.optional} == {checklist.TO_CHECK}
	assert any(event.event == "Paper" and event.public for event in waiting.timeline())


def test_wrong_digits_hand_in_nothing(waiting):
	send(waiting, {needed(waiting)[0]: photo()}, digits="0000")
	waiting.reload()
	assert not any(row.file for row in waiting.papers)


def test_a_bad_file_is_refused_and_the_good_one_kept(waiting):
	first, second = needed(waiting)[:2]
	page = send(waiting, {first: b"MZ program", second: photo("teal")})
	waiting.reload()
	files = {row.requirement: row.file for row in waiting.papers}
	assert not files[first] and files[second]
	assert 'aria-invalid="true"' in page


def test_an_accepted_paper_cannot_be_replaced_from_outside(waiting):
	slot = needed(waiting)[0]
	send(waiting, {slot: photo("navy")})
	waiting.reload()
	row = next(row for row in waiting.papers if row.requirement == slot)
	waiting.judge_paper(row.name, True)
	before = row.file
	send(waiting, {slot: photo("maroon")})
	assert frappe.db.get_value("Request Paper", row.name, "file") == before


def test_an_ended_request_takes_no_papers():
	doc = move(new_request(channel="Web"), stages.WITHDRAWN)
	page = send(doc, {doc.papers[0].requirement: photo()})
	assert 'name="paper:' not in page
	doc.reload()
	assert not any(row.file for row in doc.papers)
