"""Says once when the promise of a request is near, and once when it is past.

Near is told to the officers: whoever the request is assigned to, else the agency's Operators and Service
Officers. Past is told to them and to the agency's heads. Everybody sees it at the bell of the Desk; whatever
else should happen (a message, a mail) is a Notification on the method `promise_near` or `promise_past`.

Told once, also when two schedulers run or one is killed: a step is marked in the same transaction that writes
what is told, by whoever gets hold of the row first. A step told stays told when a pause or a new holiday
moves the promise on. Requests whose clock stands still are neither near nor past.
"""

from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _
from frappe.desk.doctype.notification_settings.notification_settings import is_notifications_enabled
from frappe.utils import escape_html, get_fullname, now_datetime

from sinjai_services import stages
from sinjai_services.requests import clock, wording
from sinjai_services.requests.language import site_language

OFFICERS = ("Operator", "Service Officer")
HEADS = ("Approver", "Leader")
ADMINISTRATORS = ("Sinjai Administrator",)

MOST_A_RUN = 500
"""Requests told of in one run of one step; what is left is the next run's, a few minutes later."""


@dataclass(frozen=True)
class Step:
	"""A step of the escalation: the field it is due by, the field that says it was told, its method."""

	due: str
	told: str
	method: str


NEAR = Step(due="near_at", told="near_told_at", method="promise_near")
PAST = Step(due="promised_at", told="late_told_at", method="promise_past")


def run():
	"""Tell of everything that is due; every few minutes by the scheduler. A transaction each."""
	frappe.local.lang = site_language()
	for doctype in stages.request_doctypes():
		for step in (PAST, NEAR):
			for name in due(doctype, step, now_datetime()):
				tell_and_commit(doctype, name, step)


def due(doctype: str, step: Step, now: datetime) -> list[str]:
	"""Return the requests to be told of, longest due first."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name).where(is_due(table, step, now))
	return query.orderby(table[step.due]).limit(MOST_A_RUN).run(pluck=True)


def is_due(table, step: Step, now: datetime):
	condition = (table.promise_state == clock.RUNNING) & table[step.told].isnull() & (table[step.due] <= now)
	# What is past already was near once: that is no news any more.
	return condition & (table.promised_at > now) if step is NEAR else condition


def tell_and_commit(doctype: str, name: str, step: Step):
	"""Tell of one request; a failure is logged, leaves it to the next run and the others to this one."""
	try:
		tell(doctype, name, step, now_datetime())
	except Exception:
		frappe.db.rollback()
		frappe.log_error(f"Escalation {step.method} failed: {doctype} {name}", frappe.get_traceback())
	frappe.db.commit()


def tell(doctype: str, name: str, step: Step, now: datetime) -> bool:
	"""Tell of one request if nobody else has; return whether it was done. The caller commits."""
	if not claim(doctype, name, step, now):
		return False
	doc = frappe.get_doc(doctype, name)
	users = recipients(doc, step)
	doc.add_event("Note", label=event_label(step), detail=", ".join(get_fullname(user) for user in users))
	call_method(doc, step)
	# Last, since it locks a row of each user: a slow Notification must not hold up whoever reads their bell.
	for user in users:
		ring(doc, step, user)
	return True


def claim(doctype: str, name: str, step: Step, now: datetime) -> bool:
	"""Mark the step as told; False when it is not due any more, or somebody else holds it now."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name).where((table.name == name) & is_due(table, step, now))
	if not query.for_update(skip_locked=True).run():
		return False
	frappe.db.set_value(doctype, name, step.told, now, update_modified=False)
	return True


def call_method(doc, step: Step):
	"""Let Notifications on the method do their part; a broken one is logged and does not undo the step."""
	frappe.db.savepoint("promise_step")
	try:
		doc.run_method(step.method)
	except Exception:
		frappe.db.rollback(save_point="promise_step")
		frappe.clear_messages()
		frappe.log_error(
			f"Notification on {step.method} failed: {doc.doctype} {doc.name}", frappe.get_traceback()
		)


# Who ---------------------------------------------------------------------------------------------------


def recipients(doc, step: Step) -> list[str]:
	"""Return the users to be told, sorted: two runs then lock what belongs to a user in the same order."""
	users = set(assignees(doc) or staff(doc.agency, doc.doctype, OFFICERS))
	if step is PAST:
		users |= set(staff(doc.agency, doc.doctype, HEADS))
	# An agency in which nobody can be told must not be a place where requests are forgotten.
	return sorted(users or with_roles(ADMINISTRATORS))


def assignees(doc) -> list[str]:
	"""Return the users the request is assigned to and who have not closed that yet."""
	filters = {"reference_type": doc.doctype, "reference_name": doc.name, "status": "Open"}
	return frappe.get_all("ToDo", filters, pluck="allocated_to", distinct=True)


def staff(agency: str, doctype: str, roles: tuple[str, ...]) -> list[str]:
	"""Return the enabled users with one of `roles` who work for `agency`, as User Permissions say."""
	allowed = frappe.qb.DocType("User Permission")
	query = users_with(roles)
	user = frappe.qb.DocType("User")
	return (
		query.join(allowed)
		.on(allowed.user == user.name)
		.where((allowed.allow == "Agency") & (allowed.for_value == agency))
		.where((allowed.apply_to_all_doctypes == 1) | (allowed.applicable_for == doctype))
	).run(pluck=True)


def with_roles(roles: tuple[str, ...]) -> list[str]:
	return users_with(roles).run(pluck=True)


def users_with(roles: tuple[str, ...]):
	user, role = frappe.qb.DocType("User"), frappe.qb.DocType("Has Role")
	return (
		frappe.qb.from_(user)
		.join(role)
		.on((role.parent == user.name) & (role.parenttype == "User"))
		.select(user.name)
		.distinct()
		.where((user.enabled == 1) & role.role.isin(roles))
	)


# What --------------------------------------------------------------------------------------------------


def ring(doc, step: Step, user: str):
	"""Put the step into the bell of a user. No name of an applicant in it."""
	language = frappe.db.get_value("User", user, "language") or site_language()
	put_into_bell(user, doc.doctype, doc.name, subject(doc, step, language))


def put_into_bell(user: str, doctype: str, name: str, text: str):
	"""Tell a user something of a document at the bell of the Desk, unless they have switched that off.

	Args:
		text: HTML; what was typed has to be escaped in it.
	"""
	if not is_notifications_enabled(user):
		return
	log = frappe.new_doc("Notification Log")
	log.update(
		{
			"type": "Alert",
			"for_user": user,
			"from_user": frappe.session.user,
			"document_type": doctype,
			"document_name": name,
			"subject": text,
		}
	)
	log.insert(ignore_permissions=True)


def subject(doc, step: Step, language: str) -> str:
	text = (
		_("{0} ({1}) is due soon: {2}", language)
		if step is NEAR
		else _("{0} ({1}) is past its promised time: {2}", language)
	)
	service = frappe.get_cached_value("Public Service", doc.service, "service_name")
	return text.format(
		frappe.bold(escape_html(doc.name)), escape_html(service), wording.long_datetime(doc.promised_at)
	)


def event_label(step: Step) -> str:
	return _("Promised time is near") if step is NEAR else _("Promised time is past")
