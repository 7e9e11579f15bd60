"""A permit request: boat and size, papers from the locker, promise, number, and papers back at its end."""

import os
import re
import subprocess
import sys
import time

import pytest
from helpers import move

import frappe
from frappe.utils import add_months, getdate

from cakrawala import world
from cakrawala.test_custody import TAKE, remove
from cakrawala.world import OFFICER, place
from sinjai_services import stages
from sinjai_services.cakrawala import custody, permits
from sinjai_services.cakrawala.doctype.fishing_permit_request.fishing_permit_request import PapersOut
from sinjai_services.requests import clock
from sinjai_services.requests.faults import InvalidInput

END = """
import sys, time, frappe
site, path, request, at = sys.argv[1:]
frappe.init(site=site, sites_path=path)
frappe.connect()
frappe.flags.mute_emails = True
from sinjai_services.requests import handover
time.sleep(max(0, float(at) - time.time()))
handover.at_counter("Fishing Permit Request", request, "Haji Baharuddin", "Applicant", identity_checked=True)
frappe.db.commit()
"""

NUMBER = """
import sys, time, frappe
site, path, at = sys.argv[1:]
frappe.init(site=site, sites_path=path)
frappe.connect()
from sinjai_services.cakrawala import permits
service = frappe.get_doc("Public Service", "TDKP")
time.sleep(max(0, float(at) - time.time()))
for _round in range(5):
	print(permits.next_number(service, 1999))
	frappe.db.commit()
"""


def states(doc) -> dict[str, str]:
	return {row.requirement: row.state for row in doc.papers}


def to_ready(doc):
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY):
		doc = move(doc, stage)
	return doc


def test_the_checklist_fills_itself_from_the_locker_with_slot():
	_owner, vessel, box = world.stocked()
	doc = world.request(vessel)
	assert set(states(doc).values()) == {"On File"}
	assert doc.open_papers() == []
	row = doc.papers[0]
	assert row.on_file_doctype == "Locker Document"
	assert f"{box.name}, slot 1" in row.on_file_note


def test_what_is_absent_or_expired_is_asked_for():
	_owner, vessel, _box = world.stocked(papers=world.RENEWAL_PAPERS[:-1])
	name = frappe.db.get_value("Locker Document", {"requirement": "SIUP Perikanan"})
	frappe.db.set_value("Locker Document", name, "expires_on", world.in_days(-1))
	doc = world.request(vessel)
	assert {key for key, state in states(doc).items() if state == "Missing"} == {
		"SIUP Perikanan",
		"Spesifikasi Alat Penangkapan Ikan",
	}
	reasons = {paper["label"]: paper["reason"] for paper in doc.open_papers()}
	assert str(getdate().year) in reasons["SIUP Perikanan"]
	assert reasons["Spesifikasi Alat Penangkapan Ikan"] is None


def test_a_paper_that_expires_today_still_holds():
	_owner, vessel, _box = world.stocked()
	frappe.db.set_value("Locker Document", {"requirement": "SIUP Perikanan"}, "expires_on", getdate())
	assert states(world.request(vessel))["SIUP Perikanan"] == "On File"


@pytest.mark.parametrize("place_now", [custody.MISSING, custody.GIVEN])
def test_what_is_not_in_the_house_does_not_count(place_now):
	_owner, vessel, _box = world.stocked()
	name = frappe.db.get_value("Locker Document", {"requirement": "SIUP Perikanan"})
	{custody.MISSING: custody.missing, custody.GIVEN: custody.give_to_owner}[place_now](name)
	assert states(world.request(vessel))["SIUP Perikanan"] == "Missing"


def test_the_boats_own_paper_counts_for_that_boat_only():
	citizen, vessel, box = world.stocked(papers=("KTP Pemilik Kapal",))
	other = world.boat(citizen, "KM Cahaya Laut")
	world.paper(box, 9, "Surat Ukur Kapal", vessel=other.name)
	assert states(world.request(vessel))["Surat Ukur Kapal"] == "Missing"
	assert states(world.request(other))["Surat Ukur Kapal"] == "On File"
	assert states(world.request(other))["KTP Pemilik Kapal"] == "On File"


def test_a_paper_that_goes_astray_is_asked_for_until_it_is_found():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	name = doc.papers[0].on_file_name
	custody.missing(name)
	doc.save()
	assert doc.papers[0].state == "Missing"
	custody.found(name)
	doc.save()
	assert doc.papers[0].state == "On File"


def test_a_request_without_a_boat_knows_nothing_of_lockers():
	world.stocked()
	doc = world.request(None, vessel_text="KM Bintang Laut")
	assert set(states(doc).values()) == {"Missing"}


@pytest.mark.parametrize("written", ["KM Bintang Laut", "bintang laut", "km bintan laut", "BINTANGLAUT"])
def test_a_public_request_finds_the_applicants_own_boat(written):
	_owner, vessel, _box = world.stocked()
	doc = world.request(None, vessel_text=written, channel="Web")
	assert doc.vessel == vessel.name
	assert set(states(doc).values()) == {"On File"}


def test_a_public_request_never_finds_somebody_elses_boat():
	world.stocked()
	doc = world.request(None, vessel_text="KM Bintang Laut", channel="Web", nik="7307014101900022")
	assert not doc.vessel


@pytest.mark.parametrize(
	("gt", "services"),
	[
		(0.5, {"TDKP", "RUMPON"}),
		(5, {"TDKP", "RUMPON"}),
		(5.1, {"SIUP-IKAN", "SIPI-BARU", "SIPI-PERPANJANGAN", "SIKPI", "SIPI-ANDON", "RUMPON"}),
		(30, {"SIUP-IKAN", "SIPI-BARU", "SIPI-PERPANJANGAN", "SIKPI", "SIPI-ANDON", "RUMPON"}),
		(30.1, set()),
	],
)
def test_the_boats_size_decides_which_permits_are_possible(gt, services):
	assert {service.name for service in permits.possible(gt)} == services


def test_who_asks_for_the_wrong_permit_reads_which_are_possible():
	_owner, vessel, _box = world.stocked(gt=4)
	with pytest.raises(InvalidInput) as error:
		world.request(vessel)
	assert "TDKP" in error.value.faults["service"]


def test_the_owner_of_a_large_boat_is_told_whom_to_turn_to():
	_owner, vessel, _box = world.stocked(gt=45)
	with pytest.raises(InvalidInput) as error:
		world.request(vessel)
	assert "Kementerian Kelautan dan Perikanan" in error.value.faults["service"]


def test_the_permit_gets_number_dates_and_fee_when_it_is_ready_and_keeps_them():
	_owner, vessel, _box = world.stocked()
	doc = to_ready(world.request(vessel))
	assert re.fullmatch(rf"503/\d{{4}}/SIPI-PERPANJANGAN/DPMPTSP/{getdate().year}", doc.permit_number)
	assert getdate(doc.issued_on) == getdate()
	assert getdate(doc.expires_on) == getdate(add_months(getdate(), 12))
	number = doc.permit_number
	assert to_ready(world.request(vessel)).permit_number != number
	doc.permit_number = "503/9999/PALSU"
	doc.save()
	assert frappe.db.get_value(doc.doctype, doc.name, "permit_number") == number


def test_a_permit_needs_a_boat():
	doc = world.request(None, vessel_text="KM Baru")
	doc = move(move(doc, stages.CHECKING), stages.DECIDING)
	with pytest.raises(frappe.ValidationError):
		move(doc, stages.READY)


def test_the_promise_is_fifteen_minutes_at_any_hour_and_counts_from_papers_in_hand(monkeypatch):
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel, received_at="2026-12-25 02:00:00")
	assert str(doc.promised_at) == "2026-12-25 02:15:00"
	frappe.set_user(OFFICER)
	monkeypatch.setattr(clock, "now_datetime", lambda: frappe.utils.get_datetime("2026-12-25 02:10:00"))
	said = doc.take_papers()
	assert (len(said["taken"]), said["elsewhere"]) == (6, [])
	doc.reload()
	assert str(doc.received_at) == "2026-12-25 02:00:00"
	assert str(doc.promised_at) == "2026-12-25 02:25:00"
	doc.return_papers()
	doc.take_papers()
	doc.reload()
	assert str(doc.promise_starts_at) == "2026-12-25 02:10:00"
	assert clock.recompute(doc.doctype, [doc.name]) == 0


def test_the_promise_does_not_start_while_somebody_else_has_a_paper():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	custody.take(doc.papers[0].on_file_name)
	frappe.set_user(OFFICER)
	said = doc.take_papers()
	assert len(said["taken"]) == 5
	assert "Administrator" in said["elsewhere"][0]
	doc.reload()
	assert not doc.promise_starts_at


def test_a_request_does_not_end_while_its_papers_are_out():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	frappe.set_user(OFFICER)
	doc.take_papers()
	doc = to_ready(frappe.get_doc(doc.doctype, doc.name))
	with pytest.raises(PapersOut) as error:
		move(doc, stages.COMPLETED)
	assert "KTP Pemilik Kapal" in str(error.value)
	doc.reload()
	assert doc.stage == stages.READY
	assert len(doc.return_papers()) == 6
	assert move(doc, stages.COMPLETED).stage == stages.COMPLETED
	assert {place(row.on_file_name)[0] for row in doc.papers} == {"In Locker"}


def test_the_course_of_papers_stands_on_the_timeline():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	doc.take_papers()
	doc.return_papers()
	details = [event.detail or "" for event in doc.timeline() if event.event == "Note"]
	assert sum("KTP Pemilik Kapal" in detail for detail in details) == 2


def test_the_applicant_reads_the_health_protocol_when_it_is_ready_unless_switched_off():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	assert doc.collection_notice() == ""
	doc = to_ready(doc)
	assert "masker" in doc.collection_notice()
	message = frappe.get_last_doc("Chat Message", {"reference_name": doc.name})
	assert doc.permit_number in message.text and "masker" in message.text
	settings = frappe.get_doc("Cakrawala Settings")
	settings.health_protocol = 0
	settings.save()
	assert doc.collection_notice() == ""


def test_officers_of_another_agency_see_no_permit_requests():
	_owner, vessel, _box = world.stocked()
	doc = world.request(vessel)
	frappe.set_user(world.STRANGER)
	assert frappe.get_list(doc.doctype, pluck="name") == []
	with pytest.raises(frappe.PermissionError):
		doc.take_papers()


@pytest.mark.fault
def test_numbers_given_at_the_same_moment_are_never_the_same(site):
	at = str(time.time() + 5)
	running = [
		subprocess.Popen(
			[sys.executable, "-c", NUMBER, site, os.getcwd(), at], stdout=subprocess.PIPE, text=True
		)
		for _process in range(4)
	]
	numbers = [number for each in running for number in each.communicate()[0].split()]
	frappe.db.delete("Series", {"name": ("like", "Fishing Permit Request:TDKP:1999:%")})
	frappe.db.commit()
	assert len(numbers) == 20 == len(set(numbers))


@pytest.mark.fault
def test_a_paper_taken_at_the_moment_a_request_ends_is_never_left_out(site):
	"""Real processes: either the paper is taken and the request stays, or it ends and the paper stays."""
	citizen, vessel, box = world.stocked(papers=world.RENEWAL_PAPERS)
	doc = to_ready(world.request(vessel))
	frappe.db.commit()
	paper = doc.papers[0].on_file_name
	try:
		at = str(time.time() + 6)
		takes = TAKE.replace("custody.take(document)", f"custody.take(document, {doc.name!r})")
		takes = takes.replace("custody.PaperElsewhere", "frappe.ValidationError")
		running = [
			subprocess.Popen(
				[sys.executable, "-c", *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
			)
			for args in (
				[takes, site, os.getcwd(), paper, OFFICER, at],
				[END, site, os.getcwd(), doc.name, at],
			)
		]
		for each in running:
			each.wait()
		frappe.db.rollback()
		stage = frappe.db.get_value(doc.doctype, doc.name, "stage")
		assert (stage, place(paper)[0]) in {(stages.READY, "Taken"), (stages.COMPLETED, "In Locker")}
	finally:
		frappe.db.rollback()
		frappe.db.delete("Request Event", {"reference_name": doc.name})
		frappe.db.delete("Request Paper", {"parent": doc.name})
		frappe.db.delete("Chat Message", {"reference_name": doc.name})
		frappe.db.delete("Request Delivery", {"reference_name": doc.name})
		frappe.db.delete(doc.doctype, {"name": doc.name})
		remove(frappe._dict(locker=box, vessel=vessel, citizen=citizen))
