"""No file of ours becomes public: neither those of citizens nor what is signed nor what signs."""

import os

import pytest
from cakrawala import world
from helpers import photo
from jempol_sehati.ground import application_values, issued, make_head, make_people, signed_record
from jempol_sehati.visit_ground import TeamPhone, make_crew, planned
from test_handover import data_url, on_the_way
from whatsapp.chats import new_chat

import frappe
from frappe.utils import get_files_path

from sinjai_services import stages
from sinjai_services.requests import attachments, handover, uploads
from sinjai_services.whatsapp import media, operators, outbox

HOOKED = "sinjai_services.requests.attachments.keep_private"


@pytest.fixture(autouse=True)
def nothing_public():
	"""Whatever a test does, the public folder holds afterwards what it held before."""
	before = set(os.listdir(get_files_path()))
	yield
	assert set(os.listdir(get_files_path())) == before
	assert not frappe.get_all("File", {"is_private": 0, "attached_to_field": ("is", "set")}, pluck="file_url")


def saved_again(doctype: str, name: str, field: str):
	"""Save a document as the platform does, and return the Files behind its field."""
	doc = frappe.get_doc(doctype, name)
	assert doc.get(field).startswith("/private/files/")
	doc.save(ignore_permissions=True)
	files = frappe.get_all("File", {"file_url": doc.get(field)}, ["is_private", "attached_to_name"])
	assert files and all(file.is_private for file in files)
	return files


def upload(content: bytes, **place) -> str:
	"""Upload as the form of a document does that has no name yet."""
	file = frappe.new_doc("File")
	file.update({"file_name": f"{frappe.generate_hash(length=8)}.jpg", "is_private": 1, "content": content})
	return file.update(place).insert().file_url


def test_the_photograph_of_a_hand_over():
	delivery = on_the_way()
	handover.hand_over(delivery, "Andi Baso", "Applicant", photo=data_url(photo("teal")))
	frappe.set_user("Administrator")
	assert len(saved_again("Request Delivery", delivery, "photo")) == 1


def test_what_citizens_and_operators_send_each_other():
	chat = new_chat()
	name = outbox.put(chat.number, "Ini berkasnya", file_url=operators.keep_file(chat, photo("navy")))
	saved_again("Chat Message", name, "file")
	name = outbox.put(chat.number, "Foto")
	media.attach(name, uploads.clean_file(photo("orange")))
	assert len(saved_again("Chat Message", name, "file")) == 1


def test_what_signs_and_what_is_signed():
	make_people()
	officer = make_head()
	saved_again("Signing Officer", officer.name, "certificate")
	record = signed_record(issued(handover_method="Digital"))
	record.revoke("Diterbitkan ulang")
	assert record.file.startswith("/private/files/")


def test_what_a_visit_brings_back():
	make_crew()
	phone = TeamPhone(planned())
	phone.starts()
	phone.does_everything_asked()
	assert phone.finishes()["ok"]


def test_the_papers_of_a_licence():
	doc = frappe.get_doc(application_values()).insert()
	doc.papers[0].file = upload(photo("olive"))
	doc.save()
	assert doc.papers[0].file.startswith("/private/files/")


def test_what_staff_upload_on_a_form_without_a_name():
	citizen = world.owner()
	box = world.locker(citizen)
	place = {"attached_to_doctype": "Locker Document", "attached_to_name": "new-locker-document-1"}
	paper = world.paper(box, scan=upload(photo("purple"), **place, attached_to_field="scan"))
	(file,) = saved_again("Locker Document", paper.name, "scan")
	assert file.attached_to_name == paper.name


def test_an_address_typed_in_opens_nobody_elses_file():
	secret = upload(photo("gold"))
	vessel = world.boat(world.owner())
	frappe.set_user(world.OFFICER)
	vessel = frappe.get_doc("Fishing Vessel", vessel.name)
	vessel.photo = secret
	with pytest.raises(attachments.NotYours):
		vessel.save()


def test_every_doctype_of_ours_that_may_hold_a_file_is_hooked():
	modules = frappe.get_all("Module Def", {"app_name": "sinjai_services"}, pluck="name")
	doctypes = frappe.get_all("DocType", {"module": ("in", modules), "istable": 0}, pluck="name")
	with_files = {
		name
		for name in doctypes
		if frappe.get_meta(name).get("fields", {"fieldtype": ("in", attachments.ATTACH)})
	}
	events = frappe.get_doc_hooks()
	# An administrator may add such a field to whatever is requested.
	for name in with_files | set(stages.tracked_doctypes()):
		assert HOOKED in events.get(name, {}).get("on_update", []), name
