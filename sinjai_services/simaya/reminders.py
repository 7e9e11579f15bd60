"""Reminds of tasks that are nearly due, says once that one is past, and then goes up the tree, a step a day.

As with the promise of requests (requests/escalation.py), a step is marked in the transaction that tells it,
by whoever gets hold of the row first, so that nobody hears it twice.
"""

from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, getdate, now_datetime, nowdate

from sinjai_services.requests.language import site_language
from sinjai_services.simaya import organisation, secrecy, tasks

MOST_A_RUN = 500


@dataclass(frozen=True)
class Step:
	"""Days after the due date from which a step is told, and the field that says it was."""

	days: int
	told: str


NEAR, LATE, UP = Step(-1, "near_told_at"), Step(1, "late_told_at"), Step(3, "escalated_at")


def run():
	"""Tell of everything that is due; hourly by the scheduler."""
	frappe.local.lang = site_language()
	for step in (UP, LATE, NEAR):
		for name in due(step, getdate(nowdate())):
			tell_apart(name, step)


def tell_apart(name: str, step: Step):
	"""Tell one step; one that fails keeps nobody else from being told."""
	frappe.db.savepoint("reminder")
	try:
		tell(name, step)
	except Exception as error:
		frappe.db.rollback(save_point="reminder")
		# Its name only: a traceback would show the letter.
		frappe.log_error(f"Reminding of a task failed: {name}", type(error).__name__)


def due(step: Step, today: date) -> list[str]:
	task = frappe.qb.DocType("Letter Task")
	query = frappe.qb.from_(task).select(task.name).where(is_due(task, step, today))
	return query.orderby(task.due_date).limit(MOST_A_RUN).run(pluck=True)


def is_due(task, step: Step, today: date):
	last = add_days(today, -step.days)
	condition = (task.state != tasks.WITHDRAWN) & task.answered_at.isnull() & (task.due_date <= last)
	condition &= task[step.told].isnull() & task.kind.isin(tasks.TO_BE_ANSWERED)
	# What is past already is no longer "nearly due".
	return condition & (task.due_date >= today) if step is NEAR else condition


def tell(name: str, step: Step) -> bool:
	"""Tell one step of one task, unless it was; return whether it was done now."""
	table = frappe.qb.DocType("Letter Task")
	claim = frappe.qb.from_(table).select(table.name).where(table.name == name)
	if not claim.where(is_due(table, step, getdate(nowdate()))).for_update(skip_locked=True).run():
		return False
	frappe.db.set_value("Letter Task", name, step.told, now_datetime(), update_modified=False)
	task = frappe.get_doc("Letter Task", name)
	for user in recipients(task, step):
		tasks.ring(user, task, subject(task, step))
	return True


def recipients(task, step: Step) -> list[str]:
	"""Return the holders of the position; one step up the tree also the next superior somebody holds."""
	users = organisation.holders_of(task.position)
	if step is UP:
		above = (organisation.holders_of(each) for each in organisation.superiors(task.position))
		users += next((holders for holders in above if holders), [])
	return sorted(set(users))


def subject(task, step: Step) -> str:
	texts = {
		NEAR: _("Due on {1}: {0}"),
		LATE: _("Past its due date {1}: {0}"),
		UP: _("Not answered by {2} since {1}: {0}"),
	}
	what = secrecy.MASKED if task.security == secrecy.SECRET else frappe.utils.escape_html(task.subject or "")
	position = organisation.position_label(task.position)
	return texts[step].format(what, frappe.utils.formatdate(task.due_date), position)
