"""Who has a paper: one officer at a time, one place at any time, and all of it on record."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime

import pytest
from helpers import move

import frappe
from frappe.utils import add_to_date, now_datetime

from cakrawala import world
from cakrawala.world import OFFICER, STRANGER, movements, place
from sinjai_services import stages
from sinjai_services.cakrawala import custody, duty
from sinjai_services.cakrawala.doctype.locker_document.locker_document import SlotTaken

TAKE = """
import json, sys, time, frappe
site, path, document, officer, at = sys.argv[1:]
frappe.init(site=site, sites_path=path)
frappe.connect()
frappe.set_user(officer)
from sinjai_services.cakrawala import custody
custody.REQUEST  # imported before the moment comes
frappe.db.sql("select 1")
time.sleep(max(0, float(at) - time.time()))
try:
	custody.take(document)
	frappe.db.commit()
	print(json.dumps({"got": True}))
except custody.PaperElsewhere as fault:
	frappe.db.rollback()
	print(json.dumps({"got": False, "told": str(fault)}))
"""


@pytest.fixture
def shelf():
	"""An owner's boat and locker with one paper."""
	citizen = world.owner()
	vessel = world.boat(citizen)
	box = world.locker(citizen)
	return frappe._dict(citizen=citizen, vessel=vessel, locker=box, paper=world.paper(box))


def test_a_paper_is_taken_for_a_request_and_comes_back(shelf):
	doc = world.request(shelf.vessel)
	frappe.set_user(OFFICER)
	custody.take(shelf.paper.name, doc.name)
	assert place(shelf.paper.name) == ("Taken", OFFICER, doc.name)
	custody.give_back(shelf.paper.name)
	assert place(shelf.paper.name) == ("In Locker", None, None)
	assert [row.event for row in movements(shelf.paper.name)] == ["Put In", "Taken", "Returned"]


def test_who_comes_second_is_told_who_has_it(shelf):
	frappe.set_user(OFFICER)
	custody.take(shelf.paper.name)
	frappe.set_user("Administrator")
	with pytest.raises(custody.PaperElsewhere, match=OFFICER.split("@")[0]):
		custody.take(shelf.paper.name)
	assert place(shelf.paper.name)[1] == OFFICER


def test_handing_over_keeps_the_request_and_names_the_next_officer(shelf):
	doc = world.request(shelf.vessel)
	frappe.set_user(OFFICER)
	custody.take(shelf.paper.name, doc.name)
	custody.hand_over(shelf.paper.name, "Administrator")
	assert place(shelf.paper.name) == ("Taken", "Administrator", doc.name)
	with pytest.raises(custody.PaperElsewhere):
		custody.hand_over(shelf.paper.name, "Administrator")


def test_a_form_left_open_does_not_put_a_paper_elsewhere(shelf):
	stale = frappe.get_doc("Locker Document", shelf.paper.name)
	custody.take(shelf.paper.name)
	stale.flags.ignore_version = True
	stale.document_number = "7307-2026"
	stale._original_modified = None
	frappe.db.set_value("Locker Document", stale.name, "modified", stale.modified, update_modified=False)
	stale.save()
	assert place(shelf.paper.name)[0] == "Taken"


@pytest.mark.parametrize("change", [{"custody": "Given to Owner"}, {"held_by": STRANGER}])
def test_custody_is_written_by_no_other_door(shelf, change):
	doc = frappe.get_doc("Locker Document", shelf.paper.name)
	doc.update(change)
	doc.save()
	assert place(shelf.paper.name) == ("In Locker", None, None)


def test_a_new_paper_lies_in_its_locker_whatever_was_sent(shelf):
	doc = world.paper(shelf.locker, 2, "NPWP", custody="Taken", held_by=OFFICER)
	assert place(doc.name) == ("In Locker", None, None)


@pytest.mark.parametrize("door", ["save", "delete_doc", "delete"])
def test_the_record_is_neither_changed_nor_deleted(shelf, door):
	name = frappe.get_all("Locker Movement", {"document": shelf.paper.name}, pluck="name")[0]
	movement = frappe.get_doc("Locker Movement", name)
	movement.note = "Lain"
	with pytest.raises(frappe.PermissionError):
		{
			"save": movement.save,
			"delete": movement.delete,
			"delete_doc": lambda: frappe.delete_doc("Locker Movement", name, force=True),
		}[door]()


def test_a_paper_is_not_deleted(shelf):
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc("Locker Document", shelf.paper.name)


def test_papers_are_not_taken_for_a_request_that_has_ended(shelf):
	doc = move(world.request(shelf.vessel), stages.WITHDRAWN)
	with pytest.raises(custody.RequestEnded):
		custody.take(shelf.paper.name, doc.name)
	assert place(shelf.paper.name)[0] == "In Locker"


def test_officers_of_another_agency_see_and_move_nothing(shelf):
	frappe.set_user(STRANGER)
	for doctype, name in (
		("Locker Document", shelf.paper.name),
		("Locker", shelf.locker.name),
		("Fishing Vessel", shelf.vessel.name),
		("Locker Movement", None),
	):
		assert frappe.get_list(doctype, pluck="name") == []
		if name:
			assert not frappe.has_permission(doctype, "read", name)
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc("Locker Document", shelf.paper.name).take()


def test_a_paper_is_handed_to_officers_of_the_agency_only(shelf):
	frappe.set_user(OFFICER)
	doc = frappe.get_doc("Locker Document", shelf.paper.name)
	doc.take()
	with pytest.raises(frappe.PermissionError):
		doc.hand_over(STRANGER)


def test_a_slot_holds_one_paper(shelf):
	with pytest.raises(SlotTaken):
		world.paper(shelf.locker, 1, "NPWP")
	custody.give_to_owner(shelf.paper.name)
	world.paper(shelf.locker, 1, "NPWP")
	with pytest.raises(SlotTaken):
		frappe.get_doc("Locker Document", shelf.paper.name).put_in()


def test_a_paper_of_another_owners_boat_is_refused(shelf):
	other = world.boat(world.owner("7307014101900022", "Hajah Nur", "081241007702"), "KM Lain")
	with pytest.raises(frappe.ValidationError, match="KM Lain"):
		world.paper(shelf.locker, 2, "NPWP", vessel=other.name)


def test_a_number_is_unique_in_its_cabinet(shelf):
	with pytest.raises(frappe.DuplicateEntryError):
		world.locker(number=1)
	world.locker(number=1, cabinet="B")


def test_a_locker_with_papers_keeps_its_owner_and_an_owner_may_have_several(shelf):
	other = world.owner("7307014101900022", "Hajah Nur", "081241007702")
	shelf.locker.reload()
	shelf.locker.citizen = other.name
	with pytest.raises(frappe.ValidationError, match="Baharuddin"):
		shelf.locker.save()
	second = world.locker(shelf.citizen, number=2)
	assert second.state == "In Use"
	assert world.locker(number=3).state == "Free"


def test_putting_a_paper_into_another_locker_is_on_record(shelf):
	second = world.locker(shelf.citizen, number=2)
	doc = frappe.get_doc("Locker Document", shelf.paper.name)
	doc.update({"locker": second.name, "slot": 4})
	doc.save()
	last = frappe.get_last_doc("Locker Movement", {"document": doc.name})
	assert (last.event, last.locker) == ("Put In", second.name)
	assert shelf.locker.name in last.note
	assert place(doc.name) == world.place_by_movements(doc.name)
	custody.take(doc.name)
	doc.reload()
	doc.slot = 5
	with pytest.raises(frappe.ValidationError):
		doc.save()


def test_a_boat_is_not_sold_while_its_papers_lie_with_the_former_owner(shelf):
	paper = world.paper(shelf.locker, 2, "Surat Ukur Kapal", vessel=shelf.vessel.name)
	buyer = world.owner("7307014101900022", "Hajah Nur", "081241007702")
	shelf.vessel.citizen = buyer.name
	with pytest.raises(frappe.ValidationError, match="Baharuddin"):
		shelf.vessel.save()
	custody.give_to_owner(paper.name)
	shelf.vessel.reload()
	shelf.vessel.citizen = buyer.name
	shelf.vessel.save()
	assert shelf.vessel.owner_name == "Hajah Nur"


def test_what_is_out_too_long_is_told_once(shelf):
	frappe.set_user(OFFICER)
	custody.take(shelf.paper.name)
	frappe.set_user("Administrator")
	assert shelf.paper.name not in duty.out_too_long()
	long_ago = add_to_date(now_datetime(), minutes=-121)
	frappe.db.set_value("Locker Document", shelf.paper.name, "since", long_ago)
	assert duty.out_too_long() == [shelf.paper.name]
	assert duty.tell_of_paper(shelf.paper.name)
	assert not duty.tell_of_paper(shelf.paper.name)
	assert duty.out_too_long() == []
	logs = frappe.get_all("Notification Log", {"document_name": shelf.paper.name}, ["for_user", "subject"])
	assert [log.for_user for log in logs] == [OFFICER]
	custody.give_back(shelf.paper.name)
	assert frappe.db.get_value("Locker Document", shelf.paper.name, "late_told_at") is None


def test_who_is_on_duty_is_told(shelf):
	kiosk = world.kiosk()
	kiosk.append(
		"shifts",
		{"officer": "kepala.uji@example.com", "starts": "22:00", "ends": "06:00", "days": "Every Day"},
	)
	kiosk.append("shifts", {"officer": OFFICER, "starts": "06:00", "ends": "22:00", "days": "Monday"})
	kiosk.save()
	assert duty.on_duty(world.KIOSK, datetime(2026, 11, 23, 23)) == ["kepala.uji@example.com"]
	assert duty.on_duty(world.KIOSK, datetime(2026, 11, 24, 5, 59)) == ["kepala.uji@example.com"]
	assert duty.on_duty(world.KIOSK, datetime(2026, 11, 23, 6)) == [OFFICER]
	assert duty.on_duty(world.KIOSK, datetime(2026, 11, 24, 12)) == []


def test_a_request_from_outside_rings_for_whoever_is_on_duty(shelf):
	kiosk = world.kiosk()
	kiosk.append("shifts", {"officer": OFFICER, "starts": "00:00", "ends": "12:00", "days": "Every Day"})
	kiosk.append("shifts", {"officer": OFFICER, "starts": "12:00", "ends": "00:00", "days": "Every Day"})
	kiosk.save()
	doc = world.request(shelf.vessel, channel="Web")
	counter = world.request(shelf.vessel)
	names = {"document_name": ("in", [doc.name, counter.name])}
	told = frappe.get_all("Notification Log", names, ["document_name", "for_user"])
	assert [(log.document_name, log.for_user) for log in told] == [(doc.name, OFFICER)]


@pytest.mark.fault
def test_of_officers_who_take_it_at_the_same_moment_one_gets_it(site, shelf):
	"""Real processes, three rounds: one has the paper, the others are told who."""
	names = [world.paper(shelf.locker, slot, "NPWP").name for slot in (11, 12, 13)]
	frappe.db.commit()
	officers = [OFFICER, "Administrator", "kepala.uji@example.com", "petugas.uji@example.com"]
	try:
		for name in names:
			at = str(time.time() + 5)
			running = [
				subprocess.Popen(
					[sys.executable, "-c", TAKE, site, os.getcwd(), name, officer, at],
					stdout=subprocess.PIPE,
					text=True,
				)
				for officer in officers
			]
			told = [json.loads(each.communicate()[0].strip().splitlines()[-1]) for each in running]
			frappe.db.rollback()
			holder = place(name)[1]
			assert [officer for officer, one in zip(officers, told, strict=True) if one["got"]] == [holder]
			full_name = frappe.utils.get_fullname(holder)
			assert all(full_name in one["told"] for one in told if not one["got"])
			assert [row.event for row in movements(name)] == ["Put In", "Taken"]
	finally:
		frappe.db.rollback()
		remove(shelf)


def remove(shelf):
	"""Take back what a test had to commit."""
	frappe.db.delete("Locker Movement", {"locker": shelf.locker.name})
	frappe.db.delete("Locker Document", {"locker": shelf.locker.name})
	for doc in (shelf.locker, shelf.vessel, shelf.citizen):
		frappe.db.delete(doc.doctype, {"name": doc.name})
	frappe.db.delete("Locker Kiosk", {"name": world.KIOSK})
	frappe.db.commit()
