"""The rules of a request, as they hold behind every door."""

import json
import os
import re

import pytest
import requests
from helpers import (
	PASSWORD,
	move,
	new_request,
	officer,
	photo,
	request_values,
	shorten,
	stranger_officer,
)

import frappe
import frappe.client
from frappe.model.workflow import WorkflowPermissionError

from sinjai_services import stages
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.requests.tracking import TooManyLookups, look_up


def upload_to(doc, row, content=None):
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "foto.jpg",
			"is_private": 1,
			"attached_to_doctype": doc.doctype,
			"attached_to_name": doc.name,
			"content": content or photo("navy"),
		}
	).insert()
	row.file = file.file_url
	doc.save()
	return file


def test_a_new_request_is_received_with_checklist_promise_code_and_first_event():
	doc = new_request(service="KTP-EL", reason="Hilang")
	service = frappe.get_doc("Public Service", "KTP-EL")
	assert doc.stage == stages.RECEIVED
	assert [row.requirement for row in doc.papers] == [
		row.requirement for row in service.requirements_for("Hilang")
	]
	assert {row.state for row in doc.papers} == {"Missing"}
	assert doc.agency == service.agency
	assert doc.promised_at > doc.received_at
	assert len(doc.tracking_code) == 10
	(event,) = doc.timeline()
	assert (event.event, event.stage, event.public) == ("Stage", stages.RECEIVED, 1)


def test_reasons_decide_which_papers_are_asked():
	lost = {row.requirement for row in new_request(reason="Hilang").papers}
	damaged = {row.requirement for row in new_request(reason="Rusak").papers}
	assert any("Kehilangan" in name for name in lost - damaged)


@pytest.mark.parametrize(
	("field", "value"),
	[
		("nik", "123"),
		("nik", "7307011513900001"),
		("nik", "7307011508900000"),
		("no_kk", "bukan angka"),
		("applicant_name", ""),
		("applicant_name", "A" * 200),
		("applicant_name", "Andi 😀"),
		("applicant_name", "<script>alert(1)</script>"),
		("applicant_name", "{{ 7*7 }}"),
		("whatsapp_number", "021 555 1234"),
		("whatsapp_number", ""),
		("reason", "Alasan karangan"),
		("reason", ""),
		("note", "x" * 1001),
	],
	ids=shorten,
)
def test_bad_input_names_its_field_and_writes_nothing(field, value):
	before = frappe.db.count("Civil Document Request")
	with pytest.raises(InvalidInput) as error:
		new_request(**{field: value})
	assert set(error.value.faults) == {field}
	assert frappe.db.count("Civil Document Request") == before


def test_all_faults_are_told_at_once():
	with pytest.raises(InvalidInput) as error:
		new_request(nik="1", applicant_name="", whatsapp_number="x")
	assert set(error.value.faults) == {"nik", "applicant_name", "whatsapp_number"}


def test_a_public_door_needs_consent():
	with pytest.raises(InvalidInput) as error:
		new_request(channel="Web", consent=0)
	assert set(error.value.faults) == {"consent"}


def test_a_closed_service_takes_no_new_request_but_finishes_old_ones():
	doc = new_request()
	frappe.db.set_value("Public Service", "KTP-EL", "active", 0)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	with pytest.raises(InvalidInput) as error:
		new_request()
	assert set(error.value.faults) == {"service"}
	doc.reload()
	move(doc, stages.CHECKING)
	frappe.clear_document_cache("Public Service", "KTP-EL")


def test_markup_and_templates_in_free_text_stay_text():
	doc = new_request(note="{{ frappe.session.user }} <img src=x onerror=alert(1)>", address="<b>Jalan</b>")
	doc.reload()
	assert "{{ frappe.session.user }}" in doc.note
	assert "onerror" not in doc.note


def test_an_officer_judges_papers_and_moves_the_request_to_its_end():
	doc = new_request(reason="Rusak")
	frappe.set_user(officer())
	for row in doc.papers:
		upload_to(doc, row, photo(f"#{row.idx:02}4466"))
	assert {row.state for row in doc.papers} == {"To Check"}
	doc.judge_paper(doc.papers[0].name, False, "Foto buram, kirim ulang.")
	assert doc.open_papers() == [{"label": doc.papers[0].requirement, "reason": "Foto buram, kirim ulang."}]
	for row in doc.papers:
		doc.judge_paper(row.name, True)
	assert doc.open_papers() == []
	assert {row.checked_by for row in doc.papers} == {officer()}
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY, stages.COMPLETED):
		doc = move(doc, stage)
		assert doc.stage == stage
	assert doc.finished_at
	told = [event.stage for event in reversed(doc.timeline()) if event.event == "Stage"]
	assert told == [stages.RECEIVED, stages.CHECKING, stages.DECIDING, stages.READY, stages.COMPLETED]


def test_papers_of_an_ended_request_cannot_be_changed():
	doc = new_request()
	doc = move(doc, stages.WITHDRAWN)
	doc.papers[0].state = "On File"
	with pytest.raises(frappe.ValidationError):
		doc.save()


def test_refusing_needs_a_reason():
	doc = new_request()
	upload_to(doc, doc.papers[0])
	with pytest.raises(frappe.ValidationError):
		doc.judge_paper(doc.papers[0].name, False, "  ")


def test_a_new_file_has_to_be_checked_again():
	doc = new_request()
	upload_to(doc, doc.papers[0])
	doc.judge_paper(doc.papers[0].name, True)
	upload_to(doc, doc.papers[0], photo("maroon"))
	assert doc.papers[0].state == "To Check"
	assert not doc.papers[0].checked_by


def test_a_file_of_somebody_else_is_not_linked():
	"""Frappe links whatever private address stands in an Attach field; its readers could then download it."""
	other = frappe.get_doc(
		{"doctype": "File", "file_name": "rahasia.jpg", "is_private": 1, "content": photo("olive")}
	).insert()
	doc = new_request()
	frappe.set_user(officer())
	doc.papers[0].file = other.file_url
	with pytest.raises(frappe.ValidationError):
		doc.save()
	assert not frappe.db.exists("File", {"attached_to_name": doc.name})


@pytest.mark.parametrize(
	"address", ["/private/files/tidak-ada.jpg", "/etc/passwd", "https://example.com/a.jpg"]
)
def test_an_address_that_is_no_upload_is_refused(address):
	doc = new_request()
	doc.papers[0].file = address
	with pytest.raises(frappe.ValidationError):
		doc.save()


def test_a_state_cannot_be_typed_in():
	"""Neither at the start nor later may a request jump over its workflow."""
	workflow = frappe.get_doc("Workflow", frappe.get_meta("Civil Document Request").get_workflow())
	far = next(row.state for row in workflow.states if row.sinjai_stage == stages.READY)
	doc = new_request(workflow_state=far, stage=stages.COMPLETED)
	assert doc.stage == stages.RECEIVED
	frappe.set_user(officer())
	doc.workflow_state = far
	with pytest.raises((WorkflowPermissionError, frappe.ValidationError)):
		doc.save()


def test_the_stage_follows_the_state_whatever_is_typed():
	doc = new_request()
	doc.stage = stages.COMPLETED
	doc.save()
	assert doc.stage == stages.RECEIVED


def test_officers_of_another_agency_see_nothing():
	doc = new_request()
	frappe.set_user(officer())
	assert doc.has_permission("read")
	assert doc.name in frappe.get_list("Civil Document Request", pluck="name")
	frappe.set_user(stranger_officer())
	assert not doc.has_permission("read")
	assert frappe.get_list("Civil Document Request", {"name": doc.name}) == []


def test_an_officer_cannot_take_in_a_request_for_another_agency():
	frappe.set_user(stranger_officer())
	with pytest.raises(InvalidInput) as error:
		new_request()
	assert set(error.value.faults) == {"service"}


def test_an_officer_without_an_agency_sees_nothing():
	doc = new_request()
	frappe.set_user("tanpa.dinas@example.com")
	assert not doc.has_permission("read")
	assert frappe.get_list("Civil Document Request") == []


def test_the_timeline_cannot_be_changed_or_deleted():
	doc = new_request()
	event = frappe.get_doc("Request Event", {"reference_name": doc.name})
	event.label = "Diubah"
	with pytest.raises(frappe.PermissionError):
		event.save(ignore_permissions=True)
	with pytest.raises(frappe.PermissionError):
		event.delete(ignore_permissions=True)


def event_of(doc) -> str:
	return frappe.db.get_value("Request Event", {"reference_name": doc.name})


@pytest.mark.parametrize(
	"user", ["Administrator", "kepala.uji@example.com", "petugas.uji@example.com", "Guest"]
)
@pytest.mark.parametrize(
	"attempt",
	[
		lambda event: frappe.client.set_value("Request Event", event, "label", "Diubah"),
		lambda event: frappe.client.save(
			frappe.get_doc("Request Event", event).as_dict() | {"label": "Diubah"}
		),
		lambda event: frappe.client.delete("Request Event", event),
		lambda event: frappe.delete_doc("Request Event", event, force=True, ignore_permissions=True),
		lambda event: frappe.client.rename_doc("Request Event", event, "Lain"),
		lambda event: frappe.client.cancel("Request Event", event),
	],
	ids=["set_value", "save", "delete", "delete_doc", "rename", "cancel"],
)
def test_no_role_changes_or_deletes_an_event_whatever_the_door(user, attempt):
	doc = new_request()
	event = event_of(doc)
	before = frappe.db.get_value("Request Event", event, "*")
	frappe.set_user(user)
	with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
		attempt(event)
	assert frappe.db.get_value("Request Event", event, "*") == before


def test_an_administrators_rest_and_bulk_calls_change_no_event(server):
	frappe.db.rollback()
	if not frappe.db.count("Request Event"):
		new_request()
		frappe.db.commit()
	event = frappe.get_last_doc("Request Event")
	for user, password in (
		("Administrator", os.environ["SINJAI_ADMIN_PASSWORD"]),
		("kepala.uji@example.com", PASSWORD),
	):
		session = requests.Session()
		session.post(f"{server.url}/api/method/login", data={"usr": user, "pwd": password}, timeout=60)
		page = session.get(f"{server.url}/app", timeout=60).text
		session.headers["X-Frappe-CSRF-Token"] = re.search(r'csrf_token = "(\w+)"', page)[1]
		address = f"{server.url}/api/resource/Request Event/{event.name}"
		assert session.get(address, timeout=60).status_code == 200
		assert session.put(address, json={"label": "Diubah"}, timeout=60).status_code == 403
		assert session.delete(address, timeout=60).status_code == 403
		many = {"doctype": "Request Event", "items": json.dumps([event.name])}
		session.post(f"{server.url}/api/method/frappe.desk.reportview.delete_items", data=many, timeout=60)
		many = {"doctype": "Request Event", "docnames": json.dumps([event.name]), "action": "update"}
		many["data"] = json.dumps({"label": "Diubah"})
		bulk = "frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs"
		session.post(f"{server.url}/api/method/{bulk}", data=many, timeout=60)
	frappe.db.rollback()
	assert frappe.db.get_value("Request Event", event.name, "label") == event.label


def test_a_request_cannot_be_deleted():
	"""The platform would give its number to the next one, and with it the timeline."""
	doc = new_request()
	with pytest.raises(frappe.ValidationError):
		doc.delete(ignore_permissions=True, force=True)


def test_the_tracking_page_answers_only_to_code_and_digits():
	doc = new_request()
	digits = doc.whatsapp_number[-4:]
	code = doc.tracking_code
	assert look_up(f" {code[:5].lower()}-{code[5:]} ", digits)["stage"] == stages.RECEIVED
	assert look_up(code, "0000") is None
	assert look_up("23456789AB", digits) is None
	assert look_up("", "") is None


def test_the_tracking_page_shows_nothing_personal():
	doc = new_request()
	shown = str(look_up(doc.tracking_code, doc.whatsapp_number[-4:]))
	for secret in (doc.applicant_name, doc.whatsapp_number, doc.nik_masked, doc.name):
		assert secret not in shown


def test_guessing_is_stopped():
	code = new_request().tracking_code
	with pytest.raises(TooManyLookups):
		for _attempt in range(30):
			look_up(code, "0000")


def test_an_import_follows_the_same_rules():
	"""The importer inserts documents like anybody else; a bad row is refused with the same sentence."""
	frappe.flags.in_import = True
	try:
		doc = new_request(stage=stages.COMPLETED)
		assert doc.stage == stages.RECEIVED
		assert doc.papers
		with pytest.raises(InvalidInput):
			new_request(nik="1")
	finally:
		frappe.flags.in_import = False


def test_linking_makes_a_citizen_once_and_never_changes_one():
	first = new_request()
	name = first.link_citizen()
	second = new_request(applicant_name="Nama Lain", whatsapp_number="0813 5555 1234")
	assert second.link_citizen() == name
	assert frappe.db.get_value("Citizen", name, "full_name") == request_values()["applicant_name"]
