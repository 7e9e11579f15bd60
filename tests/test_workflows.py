"""Administrators own the process: what a workflow must have, and how requests follow its changes."""

import json

import pytest
from helpers import PLATFORM, move, new_request, officer, photo

import frappe
from frappe.model.workflow import apply_workflow

from sinjai_services import stages
from sinjai_services.requests import moves, workflows
from sinjai_services.requests.workflows import InvalidWorkflow, StateInUse

DOCTYPE = "Civil Document Request"


def workflow():
	return frappe.get_doc("Workflow", frappe.get_meta(DOCTYPE).get_workflow())


def state_with(flow, stage):
	return next(row for row in flow.states if row.sinjai_stage == stage)


def new_state(name: str) -> str:
	if not frappe.db.exists("Workflow State", name):
		frappe.get_doc({"doctype": "Workflow State", "workflow_state_name": name}).insert()
	return name


def add_between(flow, name, stage, before, after):
	"""Insert a state on the way from stage `before` to stage `after`, as an administrator would."""
	new_state(name)
	source, target = state_with(flow, before).state, state_with(flow, after).state
	flow.append(
		"states",
		{
			"state": name,
			"doc_status": "0",
			"allow_edit": "Operator",
			"sinjai_stage": stage,
			"sinjai_citizen_label": f"{name} oleh petugas",
		},
	)
	action = next(row.action for row in flow.transitions if row.state == source and row.next_state == target)
	for row in flow.transitions:
		if row.state == source and row.next_state == target:
			row.next_state = name
	flow.append("transitions", {"state": name, "action": action, "next_state": target, "allowed": "Operator"})


@pytest.fixture(autouse=True)
def forget():
	"""Workflows are cached; what a test changed is rolled back and must not stay in the cache."""
	yield
	frappe.db.rollback()
	frappe.clear_cache(doctype=DOCTYPE)
	frappe.clear_document_cache("Workflow", workflow().name)


# What a workflow must have -----------------------------------------------------------------------------


def test_a_state_without_a_stage_is_refused_by_name():
	flow = workflow()
	add_between(flow, "Verifikasi Lurah", "", stages.CHECKING, stages.DECIDING)
	with pytest.raises(InvalidWorkflow, match="Verifikasi Lurah"):
		flow.save()


def test_the_first_state_must_be_received():
	flow = workflow()
	flow.states[0].sinjai_stage = stages.CHECKING
	with pytest.raises(InvalidWorkflow, match=flow.states[0].state):
		flow.save()


def test_a_dead_end_is_refused_by_name():
	flow = workflow()
	state = state_with(flow, stages.DECIDING).state
	for row in [row for row in flow.transitions if row.state == state]:
		flow.remove(row)
	with pytest.raises(InvalidWorkflow, match=state):
		flow.save()


def test_one_trigger_leads_to_one_state():
	flow = workflow()
	state = state_with(flow, stages.CHECKING).state
	for row in flow.transitions:
		if row.state == state:
			row.sinjai_trigger = moves.ASK_APPLICANT
	with pytest.raises(InvalidWorkflow, match=state):
		flow.save()


def test_a_second_active_workflow_is_refused():
	own = frappe.copy_doc(workflow())
	own.workflow_name = "Alur Lain"
	with pytest.raises(InvalidWorkflow, match=workflow().name):
		own.insert()


def test_submitting_states_are_refused():
	flow = workflow()
	flow.states[-1].doc_status = "1"
	with pytest.raises(InvalidWorkflow):
		flow.save()


def test_workflows_of_other_apps_are_left_alone():
	new_state("Bebas")
	frappe.get_doc(
		{
			"doctype": "Workflow",
			"workflow_name": "Alur Catatan",
			"document_type": "Note",
			"is_active": 1,
			# A field that exists: for a new one the platform changes the table, which commits.
			"workflow_state_field": "title",
			"states": [{"state": "Bebas", "doc_status": "0", "allow_edit": "System Manager"}],
			"transitions": [],
		}
	).insert()
	assert frappe.db.get_value("Workflow", "Alur Catatan", "is_active")


@pytest.mark.skipif(PLATFORM > 15, reason="later ones send whole rows, and fill in defaults before any hook")
def test_what_the_builder_drops_is_carried_over():
	"""Version 15's builder sends rows with the few fields it knows."""
	flow = workflow()
	flow.transitions[0].condition = "doc.applicant_name"
	flow.save()
	known_states = ("doctype", "state", "doc_status", "allow_edit")
	known_ways = ("doctype", "state", "action", "next_state", "allowed")
	sent = flow.as_dict()
	sent["states"] = [{key: row[key] for key in known_states} for row in sent["states"]]
	sent["transitions"] = [{key: row[key] for key in known_ways} for row in sent["transitions"]]
	before = [(row.sinjai_stage, row.sinjai_citizen_label, row.sinjai_tell_applicant) for row in flow.states]
	saved = frappe.get_doc(sent).save()
	assert [
		(row.sinjai_stage, row.sinjai_citizen_label, row.sinjai_tell_applicant) for row in saved.states
	] == before
	assert saved.transitions[0].condition == "doc.applicant_name"
	assert [row.sinjai_trigger for row in saved.transitions] == [
		row.sinjai_trigger for row in flow.transitions
	]


# How requests follow -----------------------------------------------------------------------------------


def test_an_added_state_is_followed_everywhere_without_code():
	flow = workflow()
	add_between(flow, "Verifikasi Lurah", stages.FIELD_WORK, stages.CHECKING, stages.DECIDING)
	flow.save()
	doc = move(move(new_request(), stages.CHECKING), stages.FIELD_WORK)
	assert doc.workflow_state == "Verifikasi Lurah"
	assert doc.timeline(public_only=True)[0].label == "Verifikasi Lurah oleh petugas"


def test_changing_a_stage_restages_open_requests():
	doc = move(new_request(), stages.CHECKING)
	flow = workflow()
	state_with(flow, stages.CHECKING).sinjai_stage = stages.FIELD_WORK
	flow.save()
	doc.reload()
	assert doc.stage == stages.FIELD_WORK
	assert doc.timeline()[0].stage == stages.FIELD_WORK


def renamed(flow, stage, name):
	row = state_with(flow, stage)
	old, row.state = row.state, new_state(name)
	for way in flow.transitions:
		way.state = name if way.state == old else way.state
		way.next_state = name if way.next_state == old else way.next_state
	return old


def test_a_state_in_use_is_not_removed_without_a_successor():
	doc = move(new_request(), stages.CHECKING)
	flow = workflow()
	old = renamed(flow, stages.CHECKING, "Pemeriksaan Berkas")
	assert {"state": old, "count": 1}.items() <= {
		**next(
			row
			for row in workflows.states_to_replace(flow.name, json.dumps([r.state for r in flow.states]))
			if row["state"] == old
		),
		"count": 1,
	}.items()
	with pytest.raises(StateInUse, match=old):
		flow.save()
	assert frappe.db.get_value(DOCTYPE, doc.name, "workflow_state") == old


def test_renaming_a_state_moves_its_open_requests_and_leaves_ended_ones():
	doc = move(new_request(), stages.CHECKING)
	ended = move(new_request(), stages.WITHDRAWN)
	flow = workflow()
	old = renamed(flow, stages.CHECKING, "Pemeriksaan Berkas")
	gone = state_with(flow, stages.WITHDRAWN).state
	waiting = {
		row["state"]
		for row in workflows.states_to_replace(flow.name, json.dumps([r.state for r in flow.states]))
	}
	flow.sinjai_successors = json.dumps({state: "Pemeriksaan Berkas" for state in waiting})
	flow.save()
	doc.reload()
	assert (doc.workflow_state, doc.stage) == ("Pemeriksaan Berkas", stages.CHECKING)
	assert doc.timeline()[0].state == "Pemeriksaan Berkas"
	assert not frappe.db.get_value("Workflow", flow.name, "sinjai_successors")
	ended.reload()
	assert ended.workflow_state == gone
	assert old in waiting
	doc.note = "masih dapat disimpan"
	doc.save()


@pytest.mark.parametrize("nonsense", ["[]", "{", '"x"', '{"Diperiksa": "Tidak Ada"}'])
def test_nonsense_successors_change_nothing(nonsense):
	doc = move(new_request(), stages.CHECKING)
	flow = workflow()
	renamed(flow, stages.CHECKING, "Pemeriksaan Berkas")
	flow.sinjai_successors = nonsense
	with pytest.raises(StateInUse):
		flow.save()
	assert frappe.db.get_value(DOCTYPE, doc.name, "stage") == stages.CHECKING


def test_a_state_written_by_another_app_is_followed():
	doc = new_request()
	target = state_with(workflow(), stages.DECIDING).state
	doc.db_set("workflow_state", target)
	assert frappe.db.get_value(DOCTYPE, doc.name, "stage") == stages.DECIDING
	assert doc.timeline()[0].stage == stages.DECIDING


def test_what_slipped_past_every_hook_is_repaired_at_night():
	doc = new_request()
	target = state_with(workflow(), stages.READY).state
	frappe.db.set_value(DOCTYPE, doc.name, "workflow_state", target)
	assert frappe.db.get_value(DOCTYPE, doc.name, "stage") == stages.RECEIVED
	workflows.repair()
	assert frappe.db.get_value(DOCTYPE, doc.name, "stage") == stages.READY
	events = len(doc.timeline())
	workflows.repair()
	assert len(doc.timeline()) == events


def test_a_bulk_action_keeps_the_stage_right():
	from frappe.model.workflow import bulk_workflow_approval

	doc = new_request()
	frappe.set_user(officer())
	action = next(row.action for row in workflow().transitions if row.state == doc.workflow_state)
	bulk_workflow_approval(json.dumps([doc.name]), DOCTYPE, action)
	assert frappe.db.get_value(DOCTYPE, doc.name, "stage") == stages.CHECKING


def test_no_workflow_action_shows_a_request_to_other_agencies():
	doc = move(new_request(), stages.CHECKING)
	assert frappe.get_all("Workflow Action", {"reference_name": doc.name}) == []


# Who may act -------------------------------------------------------------------------------------------


def test_only_the_roles_of_a_state_may_edit_in_it():
	doc = new_request()
	flow = workflow()
	for row in flow.states:
		if row.state == doc.workflow_state:
			row.allow_edit = "Approver"
	flow.save()
	frappe.set_user(officer())
	doc = frappe.get_doc(DOCTYPE, doc.name)
	doc.officer_note = "diubah"
	with pytest.raises(frappe.PermissionError):
		doc.save()


def test_ones_own_request_cannot_be_approved_by_direct_saving_either():
	flow = workflow()
	first = flow.states[0].state
	for row in flow.transitions:
		if row.state == first:
			row.allow_self_approval = 0
	flow.save()
	frappe.set_user(officer())
	doc = new_request()
	doc.workflow_state = state_with(flow, stages.CHECKING).state
	with pytest.raises(frappe.PermissionError):
		doc.save()
	other = frappe.get_doc(DOCTYPE, doc.name)
	frappe.set_user("Administrator")
	apply_workflow(other, next(row.action for row in flow.transitions if row.state == first))


# Moves by code -----------------------------------------------------------------------------------------


def test_code_moves_a_request_by_its_trigger_also_for_guests():
	doc = move(new_request(), stages.CHECKING)
	frappe.set_user("Guest")
	assert moves.move(doc, moves.ASK_APPLICANT)
	assert doc.stage == stages.WAITING


def test_a_missing_trigger_leaves_the_request_and_tells_the_officer():
	doc = new_request()
	assert not moves.move(doc, moves.SIGNED)
	assert doc.stage == stages.RECEIVED
	assert doc.timeline()[0].event == "Note"


def hand_in(doc, row, colour):
	file = {"doctype": "File", "file_name": "f.jpg", "is_private": 1, "content": photo(colour)}
	row.file = (
		frappe.get_doc({**file, "attached_to_doctype": DOCTYPE, "attached_to_name": doc.name})
		.insert()
		.file_url
	)
	doc.save()


def test_asking_names_everything_at_once_and_the_way_back_is_taken_by_itself():
	doc = move(new_request(reason="Hilang"), stages.CHECKING)
	needed = [row for row in doc.papers if not row.optional]
	hand_in(doc, needed[0], "navy")
	doc.judge_paper(needed[0].name, False, "Foto buram.")
	doc.ask_applicant()
	assert doc.stage == stages.WAITING
	message = next(event.detail for event in doc.timeline() if event.event == "Message")
	for row in needed:
		assert row.requirement in message
	assert "Foto buram." in message
	for number, row in enumerate(row for row in doc.papers if not row.optional):
		assert doc.stage == stages.WAITING
		hand_in(doc, row, f"#{number}12244")
	assert doc.stage == stages.CHECKING


def test_there_is_nothing_to_ask_when_nothing_is_open():
	doc = move(new_request(), stages.CHECKING)
	for row in doc.papers:
		row.state = "On File"
	doc.save()
	with pytest.raises(frappe.ValidationError):
		doc.ask_applicant()


def test_the_applicant_is_told_once_per_state_that_wants_it(monkeypatch):
	told = []
	monkeypatch.setattr(
		"sinjai_services.requests.tracked.TrackedDocument.tell_applicant",
		lambda self: told.append(self.workflow_state),
	)
	doc = new_request()
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY):
		doc = move(doc, stage)
	doc.note = "tidak ada kabar baru"
	doc.save()
	wanted = {row.state for row in workflow().states if row.sinjai_tell_applicant}
	assert doc.workflow_state in wanted
	assert told == [doc.workflow_state]
