"""Workflows of our DocTypes: checked when an administrator saves one, and followed by the requests it moves.

Hooked to Workflow (hooks.py). Workflows of other DocTypes are left alone.
"""

import functools
import json

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cint, escape_html
from frappe.workflow.doctype.workflow_action import workflow_action

from sinjai_services import stages

STATE_EXTRAS = ("sinjai_stage", "sinjai_citizen_label", "sinjai_tell_applicant")
TRANSITION_EXTRAS = ("sinjai_trigger", "condition", "allow_self_approval")
"""What version 15's Workflow Builder drops when it writes the rows anew from the few fields it knows."""

SUCCESSORS = "sinjai_successors"
"""Hidden field of Workflow: {removed state: where its open requests go}, asked by the form."""


class InvalidWorkflow(frappe.ValidationError):
	"""The workflow would leave requests without a stage or without an end; the message names the state."""


class StateInUse(frappe.ValidationError):
	"""A state that open requests are in is to be removed, and no successor was named."""


def is_ours(workflow) -> bool:
	return workflow.document_type in stages.tracked_doctypes()


# On save -----------------------------------------------------------------------------------------------


def before_validate(workflow, method: str | None = None):
	"""Check a workflow of ours, before the platform's own validation switches other workflows off."""
	if not is_ours(workflow):
		return
	carry_over(workflow)
	make_no_actions(workflow)
	validate_stages(workflow)
	validate_triggers(workflow)
	validate_ways(workflow)
	validate_single_active(workflow)
	validate_removed_states(workflow)


def carry_over(workflow):
	"""Give rows the Builder has rebuilt the values it does not know; what was emptied stays empty."""
	if workflow.is_new():
		return
	stored = frappe.get_doc("Workflow", workflow.name)
	old_states = {row.state: row for row in stored.states}
	for row in workflow.states:
		copy_missing(row, old_states.get(row.state), STATE_EXTRAS)
	old_ways = {transition_key(row): row for row in stored.transitions}
	for row in workflow.transitions:
		copy_missing(row, old_ways.get(transition_key(row)), TRANSITION_EXTRAS)


def make_no_actions(workflow):
	"""Keep the platform from making Workflow Actions for our requests.

	Their list filters by role only and so crosses agencies, their mailed links act without a log-in, and
	making them costs more than everything else of a request. Officers work from the queue by promise instead.
	"""
	workflow.send_email_alert = 0
	for row in workflow.states:
		row.is_optional_state = 1


def leave_out_actions():
	"""Spare saving our requests the look for Workflow Actions; hooked to the start of requests and jobs.

	Every state is optional (above), so none is made; but the platform asks the database five times before it
	knows that, which is a third of the cost of a request. It has no hook to stand aside, so its function is
	wrapped, once a process; for every other DocType the wrapper only passes on.
	"""
	if not hasattr(workflow_action.process_workflow_actions, "sinjai_wrapped"):
		workflow_action.process_workflow_actions = without_ours(workflow_action.process_workflow_actions)


def without_ours(process):
	@functools.wraps(process)
	def process_others(doc, state):
		if doc.doctype not in stages.tracked_doctypes():
			process(doc, state)

	process_others.sinjai_wrapped = True
	return process_others


def transition_key(row) -> tuple:
	return row.state, row.action, row.next_state, row.allowed


def copy_missing(row, old, fields):
	for field in fields if old else ():
		if row.get(field) is None:
			row.set(field, old.get(field))


def validate_stages(workflow):
	if not workflow.states:
		frappe.throw(_("Add at least one state."), InvalidWorkflow)
	for row in workflow.states:
		if row.get("sinjai_stage") not in stages.ALL:
			frappe.throw(
				_(
					"State {0} has no stage. Open its row and choose in Stage "
					"what it means for the applicant."
				).format(bold(row.state)),
				InvalidWorkflow,
				title=_("Stage Missing"),
			)
		if cint(row.doc_status):
			frappe.throw(
				_("State {0}: requests are not submitted. Set Doc Status to 0.").format(bold(row.state)),
				InvalidWorkflow,
			)
	by_state = {}
	for row in workflow.states:
		if by_state.setdefault(row.state, row.sinjai_stage) != row.sinjai_stage:
			frappe.throw(_("State {0} has two different stages.").format(bold(row.state)), InvalidWorkflow)
	first = workflow.states[0]
	if first.sinjai_stage != stages.RECEIVED:
		frappe.throw(
			_("The first state, {0}, must have the stage {1}: every new request starts there.").format(
				bold(first.state), bold(_(stages.RECEIVED))
			),
			InvalidWorkflow,
		)


def validate_triggers(workflow):
	targets = {}
	for row in workflow.transitions:
		if not row.get("sinjai_trigger"):
			continue
		key = (row.state, row.sinjai_trigger, (row.condition or "").strip())
		if targets.setdefault(key, row.next_state) != row.next_state:
			frappe.throw(
				_("From state {0}, the trigger {1} leads to two states. Keep it on one transition.").format(
					bold(row.state), bold(_(row.sinjai_trigger))
				),
				InvalidWorkflow,
			)


def validate_ways(workflow):
	"""Refuse a state from which no transition leads, over whatever states, to an ended stage."""
	reaches_end = {row.state for row in workflow.states if row.sinjai_stage in stages.ENDED}
	grown = True
	while grown:
		before = len(reaches_end)
		reaches_end |= {row.state for row in workflow.transitions if row.next_state in reaches_end}
		grown = len(reaches_end) > before
	for row in workflow.states:
		if row.state not in reaches_end:
			frappe.throw(
				_("From state {0} no way leads to an end. Add a transition from it.").format(bold(row.state)),
				InvalidWorkflow,
				title=_("Dead End"),
			)


def validate_single_active(workflow):
	"""Refuse a second active workflow: the platform would switch the first one off without a word."""
	if not cint(workflow.is_active):
		return
	other = frappe.db.get_value(
		"Workflow",
		{"document_type": workflow.document_type, "is_active": 1, "name": ("!=", workflow.name)},
	)
	if other:
		frappe.throw(
			_("Workflow {0} is active for {1}. Switch it off first.").format(
				bold(other), _(workflow.document_type)
			),
			InvalidWorkflow,
		)


def validate_removed_states(workflow):
	"""Ask for a successor of every removed state that open requests are in."""
	if not cint(workflow.is_active):
		return
	successors = successors_of(workflow)
	present = {row.state for row in workflow.states}
	for state, count in open_requests(workflow.document_type).items():
		if state in present:
			continue
		if successors.get(state) not in present:
			frappe.throw(
				_(
					"{0} open requests are in state {1}, which this workflow no longer has. "
					"Say where they go."
				).format(count, bold(state)),
				StateInUse,
				title=_("State in Use"),
			)


def successors_of(workflow) -> dict[str, str]:
	try:
		named = json.loads(workflow.get(SUCCESSORS) or "{}")
	except ValueError:
		named = {}
	return named if isinstance(named, dict) else {}


def bold(text: str) -> str:
	return frappe.bold(escape_html(text or ""))


def open_requests(doctype: str) -> dict[str, int]:
	"""Return how many requests that have not ended are in each state."""
	table = frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(table)
		.select(table.workflow_state, Count("*"))
		.where(table.stage.notin(stages.ENDED))
		.groupby(table.workflow_state)
	).run()
	return {state: count for state, count in rows if state}


@frappe.whitelist()
def states_to_replace(workflow: str, states: str) -> list[dict]:
	"""Return the states with open requests that a workflow, as it is about to be saved, no longer has.

	Args:
		workflow: name of the stored Workflow.
		states: JSON list of the state names it will have.
	"""
	frappe.has_permission("Workflow", "write", doc=workflow, throw=True)
	stored = frappe.get_doc("Workflow", workflow)
	if not is_ours(stored) or not stored.is_active:
		return []
	kept = set(frappe.parse_json(states))
	return [
		{"state": state, "count": count}
		for state, count in open_requests(stored.document_type).items()
		if state not in kept
	]


# After saving ------------------------------------------------------------------------------------------


def on_update(workflow, method: str | None = None):
	"""Move requests out of removed states and bring every open request's stage in line."""
	if not is_ours(workflow) or not cint(workflow.is_active):
		return
	# The platform forgets the workflow it has cached only after this hook.
	frappe.clear_document_cache("Workflow", workflow.name)
	present = {row.state for row in workflow.states}
	for state, successor in successors_of(workflow).items():
		if state not in present and successor in present:
			replace_state(workflow.document_type, state, successor)
	if workflow.get(SUCCESSORS):
		workflow.db_set(SUCCESSORS, None, update_modified=False)
	restage(workflow.document_type, workflow.states)


def replace_state(doctype: str, state: str, successor: str):
	"""Put every open request of `state` into `successor`, with a line on its timeline."""
	for name in frappe.get_all(
		doctype, {"workflow_state": state, "stage": ("not in", stages.ENDED)}, pluck="name"
	):
		set_state(frappe.get_doc(doctype, name), successor, _("The office has rearranged its steps"))


def restage(doctype: str, rows) -> int:
	"""Set the stage of requests whose state means another stage than they carry; return how many.

	Ended requests are restaged too where their state still exists: reports count them by stage.
	"""
	changed = 0
	for state, stage in {row.state: row.sinjai_stage for row in rows}.items():
		for name in frappe.get_all(doctype, {"workflow_state": state, "stage": ("!=", stage)}, pluck="name"):
			set_state(frappe.get_doc(doctype, name), state, _("The stage was brought in line with the state"))
			changed += 1
	return changed


def set_state(doc, state: str, why: str):
	"""Write state and stage past the workflow's rules, because the administrator rearranged it."""
	row = stages.state_row(doc.doctype, state)
	doc.load_doc_before_save()
	doc.workflow_state = state
	doc.stage = row.sinjai_stage
	doc.follow_stage()
	fields = ("workflow_state", "stage", "stage_since", "finished_at", *doc.STAGE_FIELDS)
	frappe.db.set_value(
		doc.doctype, doc.name, {field: doc.get(field) for field in fields}, update_modified=False
	)
	doc.write_stage_event(doc.get_doc_before_save(), detail=why)


def repair():
	"""Daily: bring in line what was written past all hooks. Finds nothing on a healthy site."""
	for doctype in stages.tracked_doctypes():
		workflow = stages.active_workflow(doctype)
		if workflow:
			restage(doctype, workflow.states)
			report_lost(doctype, {row.state for row in workflow.states})


def report_lost(doctype: str, present: set[str]):
	"""Write down open requests in a state that the workflow does not have: only a person can say where to."""
	lost = {state: count for state, count in open_requests(doctype).items() if state not in present}
	if lost:
		frappe.log_error(
			f"{doctype}: open requests in states the workflow does not have",
			json.dumps(lost, ensure_ascii=False),
		)
