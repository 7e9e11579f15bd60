"""The fixed vocabulary of stages, the only thing code knows of a workflow.

An administrator names states and arranges them freely; each state carries one of these stages in the
Custom Field `sinjai_stage` of its row in the Workflow.
"""

import frappe
from frappe.model.workflow import get_workflow_name

RECEIVED = "Received"
CHECKING = "Checking"
WAITING = "Waiting for Applicant"
FIELD_WORK = "Field Work"
DECIDING = "Deciding"
READY = "Ready"
HANDING_OVER = "Handing Over"
COMPLETED = "Completed"
REJECTED = "Rejected"
WITHDRAWN = "Withdrawn"

ALL = (
	RECEIVED,
	CHECKING,
	WAITING,
	FIELD_WORK,
	DECIDING,
	READY,
	HANDING_OVER,
	COMPLETED,
	REJECTED,
	WITHDRAWN,
)
ENDED = (COMPLETED, REJECTED, WITHDRAWN)
OPEN = tuple(stage for stage in ALL if stage not in ENDED)
PROMISE_STOPPED = (READY, HANDING_OVER, *ENDED)
"""In these stages the promise is met or missed; nothing more can change that."""

PAPERS_OPEN = (RECEIVED, CHECKING, WAITING)
"""In these stages papers are still supplied and judged."""


def tracked_doctypes() -> list[str]:
	"""Return the DocTypes whose documents carry a stage; each innovation registers its own in hooks."""
	return frappe.get_hooks("sinjai_tracked_doctypes")


def request_doctypes() -> list[str]:
	"""Return the tracked DocTypes that ask for a Public Service; a letter is followed, but asks for none."""
	return [name for name in tracked_doctypes() if frappe.get_meta(name).has_field("service")]


def boot(bootinfo):
	"""Tell the Desk which DocTypes are ours (hook)."""
	bootinfo.sinjai_tracked_doctypes = tracked_doctypes()


def active_workflow(doctype: str):
	"""Return the active Workflow of `doctype`, or None."""
	name = get_workflow_name(doctype)
	return frappe.get_cached_doc("Workflow", name) if name else None


def state_row(doctype: str, state: str | None):
	"""Return the row of the active Workflow that describes `state`, or None.

	Args:
		doctype: a tracked DocType.
		state: name of a Workflow State; None stands for the first one.
	"""
	workflow = active_workflow(doctype)
	rows = workflow.states if workflow else []
	if not state:
		return rows[0] if rows else None
	return next((row for row in rows if row.state == state), None)
