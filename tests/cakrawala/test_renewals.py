"""Owners are told in time, once, and one word renews the permit."""

import json
import os
import subprocess
import sys
import time

import pytest
from helpers import move

import frappe
from frappe.utils import getdate

from cakrawala import world
from cakrawala.test_custody import remove
from cakrawala.test_requests import to_ready
from sinjai_services import stages
from sinjai_services.cakrawala import renewals

NUMBER = "+6281241007701"

RUN = """
import sys, time, frappe
site, path, at = sys.argv[1:]
frappe.init(site=site, sites_path=path)
frappe.connect()
from sinjai_services.cakrawala import renewals
renewals.days_before()
time.sleep(max(0, float(at) - time.time()))
renewals.run()
"""


def issued(vessel, days: int, service="SIPI-PERPANJANGAN"):
	"""Return a finished request whose permit expires in `days`."""
	doc = move(to_ready(world.request(vessel, service=service)), stages.COMPLETED)
	frappe.db.set_value(doc.doctype, doc.name, "expires_on", world.in_days(days))
	return doc


def tell_all(days_later: int = 0) -> list[str]:
	today = world.in_days(days_later)
	return [name for paper in renewals.expiring(today) if (name := renewals.tell(paper, today))]


def messages() -> list:
	return frappe.get_all(
		"Chat Message",
		{"idempotency_key": ("like", "renewal:%")},
		["text", "number", "extra", "reference_name"],
		order_by="creation",
	)


@pytest.mark.parametrize(
	("left", "step"),
	[(31, None), (30, 30), (29, 30), (15, 30), (14, 14), (4, 14), (3, 3), (0, 3), (-1, None)],
)
def test_the_step_that_is_due(left, step):
	assert renewals.step_of(world.in_days(left), getdate()) == step


def test_an_owner_is_told_at_every_step_and_never_twice():
	_owner, vessel, _box = world.stocked()
	doc = issued(vessel, 30)
	for later in (0, 0, 1, 16, 16, 27, 28, 30, 31):
		tell_all(later)
	told = messages()
	assert [row.reference_name for row in told] == [doc.name] * 3
	assert {row.number for row in told} == {NUMBER}
	assert "KM Bintang Laut" in told[0].text and "30 hari" in told[0].text and "YA" in told[0].text
	assert "{" not in told[0].text
	assert json.loads(told[0].extra)["choices"][0]["title"] == "YA"


def test_a_new_expiry_is_told_anew():
	_owner, vessel, box = world.stocked(papers=())
	paper = world.paper(box, 1, "Pas Besar atau Pas Kecil", vessel=vessel.name, expires_on=world.in_days(10))
	assert len(tell_all()) == 1
	paper.reload()
	paper.expires_on = world.in_days(12)
	paper.save()
	assert len(tell_all()) == 1
	assert tell_all() == []


def test_administrators_decide_when_owners_are_told():
	settings = frappe.get_doc("Cakrawala Settings")
	settings.renewal_days = "7,60 ,7"
	settings.save()
	assert settings.renewal_days == "60, 7"
	assert renewals.step_of(world.in_days(60), getdate()) == 60
	settings.renewal_days = "besok"
	with pytest.raises(frappe.ValidationError):
		settings.save()


def test_yes_makes_the_renewal_request_once():
	_owner, vessel, _box = world.stocked()
	doc = issued(vessel, 14, "SIPI-BARU")
	tell_all()
	answer = renewals.answer_yes(NUMBER)
	(name,) = answer.requests
	request = frappe.get_doc("Fishing Permit Request", name)
	assert (request.service, request.vessel, request.channel) == (
		"SIPI-PERPANJANGAN",
		vessel.name,
		"WhatsApp",
	)
	assert request.renewal_of.startswith(doc.name)
	assert set(row.state for row in request.papers) == {"On File"}
	assert renewals.answer_yes(NUMBER) == answer
	assert tell_all(11) == [], "told again although the renewal is under way"


def test_who_has_several_open_is_asked_which():
	citizen, vessel, _box = world.stocked()
	other = world.boat(citizen, "KM Cahaya Laut")
	issued(vessel, 14)
	issued(other, 14)
	tell_all()
	answer = renewals.answer_yes(NUMBER)
	assert answer.requests == ()
	assert {row["vessel_name"] for row in answer.open} == {"KM Bintang Laut", "KM Cahaya Laut"}
	chosen = next(row["name"] for row in answer.open if row["vessel_name"] == "KM Cahaya Laut")
	(name,) = renewals.answer_yes(NUMBER, chosen).requests
	assert frappe.db.get_value("Fishing Permit Request", name, "vessel") == other.name


def test_a_stranger_cannot_renew_with_somebody_elses_button():
	_owner, vessel, _box = world.stocked()
	issued(vessel, 14)
	(reminder,) = tell_all()
	assert renewals.answer_yes("+6281299999999", reminder).requests == ()


def test_a_paper_of_another_issuer_is_told_without_yes():
	_owner, vessel, box = world.stocked(papers=())
	world.paper(box, 1, "Pas Besar atau Pas Kecil", vessel=vessel.name, expires_on=world.in_days(3))
	tell_all()
	(message,) = messages()
	assert box.name in message.text and "instansi penerbitnya" in message.text
	assert json.loads(message.extra)["choices"] == []
	assert renewals.answer_yes(NUMBER).requests == ()


def test_a_permit_in_the_locker_is_renewed_with_the_service_that_renews_it():
	_owner, vessel, box = world.stocked(papers=())
	world.paper(box, 1, "SIPI Lama", vessel=vessel.name, expires_on=world.in_days(14))
	tell_all()
	(name,) = renewals.answer_yes(NUMBER).requests
	assert frappe.db.get_value("Fishing Permit Request", name, "service") == "SIPI-PERPANJANGAN"


def test_a_boat_that_is_out_of_service_is_left_alone():
	_owner, vessel, _box = world.stocked()
	issued(vessel, 14)
	frappe.db.set_value("Fishing Vessel", vessel.name, "active", 0)
	assert tell_all() == []


@pytest.mark.fault
def test_two_schedulers_tell_once(site):
	citizen = world.owner()
	vessel = world.boat(citizen)
	box = world.locker(citizen)
	for slot in range(1, 6):
		world.paper(box, slot, "Surat Ukur Kapal", expires_on=world.in_days(14))
	frappe.db.commit()
	try:
		at = str(time.time() + 5)
		running = [
			subprocess.Popen([sys.executable, "-c", RUN, site, os.getcwd(), at]) for _process in range(3)
		]
		assert [each.wait() for each in running] == [0, 0, 0]
		frappe.db.rollback()
		assert len(messages()) == 5 == frappe.db.count("Renewal Reminder")
	finally:
		frappe.db.rollback()
		frappe.db.delete("Renewal Reminder")
		frappe.db.delete("Chat Message", {"idempotency_key": ("like", "renewal:%")})
		remove(frappe._dict(locker=box, vessel=vessel, citizen=citizen))
