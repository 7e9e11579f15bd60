"""Doors of the platform that ask nothing themselves: counting, and following documents."""

import json

import pytest
from helpers import colleague, new_request, officer, stranger_officer
from simaya import ground as letters
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import frappe
from frappe.desk.form.document_follow import follow_document

from sinjai_services.simaya import organisation


@pytest.fixture(autouse=True)
def forget():
	yield
	organisation.forget_positions()


def call(method: str, **form):
	"""Call a whitelisted function as the web does, through our overrides."""
	from frappe.handler import execute_cmd

	frappe.local.request = Request(EnvironBuilder("/", method="POST").get_environ())
	frappe.local.form_dict = frappe._dict(form, cmd=method)
	return execute_cmd(method)


def count(doctype: str, **filters) -> int:
	try:
		return call("frappe.client.get_count", doctype=doctype, filters=json.dumps(filters))
	except frappe.PermissionError:
		return 0


def follower(email: str) -> str:
	frappe.db.set_value("User", email, "document_follow_notify", 1)
	frappe.clear_cache(user=email)
	return email


@pytest.mark.parametrize(
	("who", "seen"), [("UJI-KADIS", 1), ("UJI-TU", 0), (letters.STRANGER, 0), (letters.SYSTEM_MANAGER, 0)]
)
def test_counting_tells_no_secret_subject(who, seen):
	letters.make()
	doc = letters.letter(security="Secret", subject="Pemeriksaan Zamrud")
	letters.act(who)
	assert count("Incoming Letter", name=doc.name, subject=("like", "Pem%")) == seen
	assert count("Letter Task", letter=doc.name) == seen


def test_counting_tells_no_stranger_of_a_request_or_a_citizen():
	doc = new_request()
	frappe.set_user(officer())
	doc.reload()
	doc.link_citizen()
	citizen = frappe.db.get_value(doc.doctype, doc.name, "citizen")
	assert count(doc.doctype, name=doc.name) == 1
	frappe.set_user(stranger_officer())
	assert count(doc.doctype, name=doc.name) == 0
	frappe.set_user("kurir.uji@example.com")
	assert count("Citizen", name=citizen) == 0
	assert count("ToDo") == 0


def test_who_it_is_assigned_to_is_counted_over_what_one_sees():
	doc = new_request()
	todo = {"doctype": "ToDo", "allocated_to": colleague(), "description": "x"}
	frappe.get_doc({**todo, "reference_type": doc.doctype, "reference_name": doc.name}).insert()
	asked = {"doctype": doc.doctype, "field": "assigned_to"}
	asked["current_filters"] = json.dumps([[doc.doctype, "name", "=", doc.name]])
	for who, found in ((officer(), 1), (stranger_officer(), 0)):
		frappe.set_user(who)
		assert len(call("frappe.desk.listview.get_group_by_count", **asked)) == found


def test_nobody_follows_what_they_may_not_read():
	doc = new_request()
	own, other = follower(officer()), follower(stranger_officer())
	frappe.set_user(other)
	with pytest.raises(frappe.PermissionError):
		follow_document(doc.doctype, doc.name, other)
	frappe.set_user(own)
	assert follow_document(doc.doctype, doc.name, own)


def test_nobody_follows_a_letter():
	letters.make()
	doc = letters.letter()
	user = follower(letters.USER["UJI-TU"])
	with pytest.raises(frappe.ValidationError):
		follow_document(doc.doctype, doc.name, user)


@pytest.mark.parametrize(("who", "may"), [("UJI-KADIS", True), ("UJI-TU", False), (letters.STRANGER, False)])
def test_files_are_packed_for_who_may_read_them(who, may):
	letters.make()
	letters.act("UJI-TU")
	doc = letters.letter(security="Secret", scan=letters.upload(file_name="rahasia.pdf"))
	name = frappe.db.get_value("File", {"attached_to_name": doc.name})
	letters.act(who)
	frappe.local.response = frappe._dict(docs=[])
	try:
		call("frappe.core.api.file.zip_files", files=json.dumps([name]))
	except frappe.PermissionError:
		pass
	assert bool(frappe.local.response.get("filecontent")) is may
