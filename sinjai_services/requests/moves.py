"""Moving a request from code: code names what happened, the administrator's workflow, where that leads."""

from frappe import _
from frappe.model.workflow import is_transition_condition_satisfied

from sinjai_services import stages

PAPERS_COMPLETE = "Papers Complete"
ASK_APPLICANT = "Ask Applicant"
VISIT_PLANNED = "Visit Planned"
VISIT_DONE = "Visit Done"
RECOMMENDED = "Recommended"
APPROVED = "Approved"
SIGNED = "Signed"
SENT_OUT = "Sent Out"
DELIVERY_FAILED = "Delivery Failed"
COLLECT_INSTEAD = "Collect Instead"
HANDED_OVER = "Handed Over"
WITHDRAWN = "Withdrawn"
"""The options of `sinjai_trigger` on Workflow Transition."""


def move(doc, trigger: str) -> bool:
	"""Take the transition that carries `trigger` from the request's present state, and save.

	Works for guests and workers: the workflow's triggers are the administrator's permission, so no user is
	borrowed and no role asked.

	Args:
		doc: a tracked document, saved before.
		trigger: one of this module's constants.

	Returns:
		False when the workflow has no such transition here: the request stays, and its timeline tells the
		officer.
	"""
	if not take(doc, trigger):
		doc.add_event("Note", label=_("Step to be taken by hand"), detail=_(trigger))
		return False
	doc.save(ignore_permissions=True)
	return True


def take(doc, trigger: str) -> bool:
	"""Set the state that `trigger` leads to, without saving; False when there is none."""
	way = find_way(doc, trigger)
	if way:
		doc.workflow_state = way.next_state
		doc.flags.moved_by = trigger
	return bool(way)


def means(doc, trigger: str) -> bool:
	"""Tell whether the save under way takes a step that means `trigger`, by hand or not.

	It does where every way from the state before to the state now carries the trigger: an administrator who
	wants no such rule takes the trigger off.
	"""
	before = doc.get_doc_before_save()
	workflow = stages.active_workflow(doc.doctype)
	if not before or not workflow or before.workflow_state == doc.workflow_state:
		return False
	step = (before.workflow_state, doc.workflow_state)
	ways = [way for way in workflow.transitions if (way.state, way.next_state) == step]
	return bool(ways) and all(way.get("sinjai_trigger") == trigger for way in ways)


def find_way(doc, trigger: str):
	"""Return the transition that carries `trigger` from the present state, or None."""
	workflow = stages.active_workflow(doc.doctype)
	for row in workflow.transitions if workflow else ():
		here = row.state == doc.workflow_state and row.get("sinjai_trigger") == trigger
		if here and is_transition_condition_satisfied(row, doc):
			return row
	return None
