"""The Workflow Builder of version 16: what our stages hang on is edited there, and survives its Save."""

import pytest
from helpers import PLATFORM

import frappe

from e2e.conftest import DESK, fresh_view, shoot

pytestmark = [
	pytest.mark.browser,
	pytest.mark.skipif(PLATFORM < 16, reason="version 15's Builder drops our fields"),
]
FLOW = "Permohonan Dokumen Kependudukan"
LABEL = "Sudah sampai di meja kami"


@pytest.fixture
def flow():
	"""The shipped workflow, put back row by row afterwards."""
	before = frappe.get_doc("Workflow", FLOW)
	yield before
	fresh_view()
	after = frappe.get_doc("Workflow", FLOW)
	for table in ("states", "transitions"):
		after.set(table, [])
		for row in before.get(table):
			after.append(table, row.as_dict(no_default_fields=True))
	after.workflow_data = before.workflow_data
	after.save()
	frappe.db.commit()


def field(page, name: str, kind: str = "input"):
	return page.locator(f".properties [data-fieldname='{name}'] {kind}").first


def content(flow, table: str) -> list[dict]:
	unlike = ("workflow_builder_id",)
	return [
		{key: value or "" for key, value in row.as_dict(no_default_fields=True).items() if key not in unlike}
		for row in flow.get(table)
	]


def test_stage_label_and_trigger_are_edited_in_the_builder_and_kept(log_in, flow):
	page = log_in("kepala.uji@example.com", {**DESK, "viewport": {"width": 1366, "height": 1000}})
	page.goto(f"/app/workflow-builder/{FLOW}")
	page.locator(".vue-flow__node-state").first.click()
	assert field(page, "sinjai_stage", "select").input_value() == flow.states[0].sinjai_stage
	field(page, "sinjai_citizen_label").fill(LABEL)
	shoot(page, "workflow-builder-state")
	# Transitions from one state lie upon each other until somebody has moved them; the last one is on top.
	first = flow.states[0].state
	number = max(number for number, row in enumerate(flow.transitions) if row.state == first)
	page.click(f".vue-flow__node-action[data-id='action-{number + 1}']")
	trigger = field(page, "sinjai_trigger", "select")
	assert trigger.input_value() == (flow.transitions[number].sinjai_trigger or "")
	offered = trigger.locator("option").evaluate_all("options => options.map(option => option.value)")
	used = {row.sinjai_trigger or "" for row in flow.transitions}
	free = next(value for value in offered if value and value not in used)
	trigger.select_option(free)
	shoot(page, "workflow-builder-transition")
	with page.expect_response("**/api/method/frappe.client.save") as answered:
		page.locator(".primary-action:visible").click()
	assert answered.value.ok
	fresh_view()
	states, ways = content(flow, "states"), content(flow, "transitions")
	states[0]["sinjai_citizen_label"], ways[number]["sinjai_trigger"] = LABEL, free
	after = frappe.get_doc("Workflow", FLOW)
	assert content(after, "states") == states
	assert content(after, "transitions") == ways
