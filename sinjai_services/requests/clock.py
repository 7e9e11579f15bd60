"""The promise of a request as it is kept in the database: terms, pauses, state, and when it is due.

`requests.promise` does the arithmetic. This module fills it: the terms are copied from the Public Service
once, so that later changes of the service leave running requests alone; the pauses are read from the
timeline; office hours and holidays come from Sinjai Settings, and when those change, open requests are
promised anew.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import (
	cint,
	create_batch,
	format_datetime,
	get_datetime,
	get_link_to_form,
	get_time,
	getdate,
	now_datetime,
)

from sinjai_services import stages
from sinjai_services.requests import promise
from sinjai_services.requests.language import site_language
from sinjai_services.requests.promise import OfficeHours, Pause, Terms

RUNNING, STANDING, MET, MISSED = "Running", "Standing", "Met", "Missed"
OPEN = (RUNNING, STANDING)

TERMS = ("promise_value", "promise_unit", "round_the_clock", "same_day_cutoff", "near_share")
"""Fields of a request that keep what it was promised; of the same names as in Public Service."""

TIMES = ("promised_at", "near_at")
STAGE_FIELDS = (*TERMS, *TIMES, "promise_state")
"""What following a stage may change."""

KEPT = ("received_at", *STAGE_FIELDS, "near_told_at", "late_told_at")
"""What nobody types: saving a request takes these from the database, whatever the form still holds."""

STARTS_AT = "promise_starts_at"
"""From when the promise counts where that is not the receipt; a field of those DocTypes that need it."""

BATCH = 100


def follow_stage(doc):
	"""Bring the promise of a request in line with its stage; called before it is written.

	Args:
		doc: a request; `doc.stage` and `doc.stage_since` are set already.
	"""
	before = doc.get_doc_before_save()
	if before:
		keep_stored(doc)
	else:
		doc.update({"near_told_at": None, "late_told_at": None, STARTS_AT: None})
	if not before or not doc.promise_value:
		doc.update(terms_from_service(doc.service))
		set_times(doc, [])
	elif before.stage == stages.WAITING and doc.stage != stages.WAITING:
		set_times(doc, pauses(stage_events(doc.doctype, [doc.name])[doc.name], get_datetime(doc.stage_since)))
	doc.promise_state = promise_state(doc, before)


def keep_stored(doc):
	"""Take over what the database holds now, and lock it until the request is written.

	The jobs of this module and of `requests.escalation` write past open forms; without the lock a save that
	began before them would write back what they changed, and an escalation would be told a second time.
	"""
	stored = frappe.db.get_value(doc.doctype, doc.name, kept(doc.doctype), as_dict=True, for_update=True)
	doc.update(stored)


def kept(doctype: str) -> tuple[str, ...]:
	"""Return what of requests of this DocType nobody types."""
	return (*KEPT, STARTS_AT) if frappe.get_meta(doctype).has_field(STARTS_AT) else KEPT


def start(doc, why: str) -> bool:
	"""Let the promise count from now instead of from the receipt, as a service says that is promised from an
	event.

	Once a request: the promise is moved the first time only, and until then it counts from the receipt, so
	that it cannot be put off for ever.

	Args:
		doc: a request whose DocType has the field STARTS_AT.
		why: what happened, for the timeline.

	Returns:
		False when it had started already, or is met or missed.
	"""
	keep_stored(doc)
	if doc.get(STARTS_AT) or doc.promise_state not in OPEN:
		return False
	doc.set(STARTS_AT, now_datetime())
	paused = pauses(stage_events(doc.doctype, [doc.name])[doc.name])
	set_times(doc, paused)
	fields = (STARTS_AT, *TIMES)
	frappe.db.set_value(
		doc.doctype, doc.name, {field: doc.get(field) for field in fields}, update_modified=False
	)
	doc.add_event("Note", label=why, detail=_("Promised until {0}").format(format_datetime(doc.promised_at)))
	return True


def terms_from_service(service: str) -> dict:
	"""Return TERMS as the Public Service has them now."""
	row = frappe.get_cached_doc("Public Service", service)
	return {field: row.get(field) for field in TERMS}


def set_times(doc, paused: list[Pause]):
	doc.update(times(doc, paused, office_hours()))


def times(row, paused: list[Pause], hours: OfficeHours) -> dict[str, datetime]:
	"""Return TIMES of a request from its own terms.

	Args:
		row: a request, or a dict with its TERMS, received_at and, where there is one, STARTS_AT.
		paused: its finished pauses, oldest first.

	Raises:
		frappe.ValidationError: nothing can be promised; the message says what an administrator has to mend.
	"""
	received_at = get_datetime(row.get(STARTS_AT) or row.get("received_at"))
	try:
		terms = terms_of(row)
		return {
			"promised_at": promise.promised_at(terms, received_at, hours, paused),
			"near_at": promise.near_at(terms, received_at, hours, paused),
		}
	except promise.ImpossibleTerms:
		frappe.throw(
			_("The promised time of this service cannot be kept by anybody. Mend it in {0}.").format(
				get_link_to_form("Public Service", row.get("service"))
			)
		)
	except promise.NoWorkingTime:
		throw_no_working_time()


def terms_of(row) -> Terms:
	"""Return the terms that a request, or a Public Service, holds."""
	cutoff = row.get("same_day_cutoff")
	return Terms(
		value=cint(row.get("promise_value")),
		unit=row.get("promise_unit"),
		round_the_clock=bool(row.get("round_the_clock")),
		same_day_cutoff=get_time(cutoff) if cutoff not in (None, "") else None,
		near_share=cint(row.get("near_share")) or Terms.near_share,
	)


def promise_state(doc, before) -> str:
	"""Return whether the promise runs, stands still, was met or missed.

	What has stopped stays as it was decided when it stopped: what lies ready for a week is not late.
	"""
	if doc.stage == stages.WAITING:
		return STANDING
	if doc.stage not in stages.PROMISE_STOPPED:
		return RUNNING
	if before and before.stage in stages.PROMISE_STOPPED and doc.promise_state in (MET, MISSED):
		return doc.promise_state
	return MET if get_datetime(doc.stage_since) <= get_datetime(doc.promised_at) else MISSED


# Pauses ------------------------------------------------------------------------------------------------


def stage_events(doctype: str, names: list[str]) -> dict[str, list[tuple[datetime, str]]]:
	"""Return (at, stage) of every change of stage of these requests, oldest first."""
	events = defaultdict(list)
	for row in frappe.get_all(
		"Request Event",
		filters={"reference_doctype": doctype, "reference_name": ("in", names), "event": "Stage"},
		fields=["reference_name", "at", "stage"],
		order_by="at asc, creation asc",
	):
		events[row.reference_name].append((row.at, row.stage))
	return events


def pauses(events: Iterable[tuple[datetime, str]], left_at: datetime | None = None) -> list[Pause]:
	"""Return from when until when a request waited for its applicant.

	Args:
		events: (at, stage) of its changes of stage, oldest first.
		left_at: when it left the last pause, where that is not on the timeline yet; a pause that nothing ends
			is still going on and left out.
	"""
	found, since = [], None
	for at, stage in events:
		if stage == stages.WAITING:
			since = since or at
		elif since:
			found.append((since, at))
			since = None
	if since and left_at:
		found.append((since, left_at))
	return found


# Office hours ------------------------------------------------------------------------------------------


def office_hours(settings=None) -> OfficeHours:
	"""Return the office hours and holidays of Sinjai Settings.

	Args:
		settings: the document to read; left out, the stored one, which may be cached.

	Raises:
		frappe.ValidationError: the office closes before it opens.
	"""
	settings = settings or frappe.get_cached_doc("Sinjai Settings")
	usual = OfficeHours()
	try:
		return OfficeHours(
			opens=get_time(settings.office_opens or usual.opens),
			closes=get_time(settings.office_closes or usual.closes),
			friday_closes=get_time(settings.friday_closes or settings.office_closes or usual.friday_closes),
			holidays=frozenset(getdate(row.holiday_date) for row in settings.get("holidays") or []),
		)
	except promise.NoWorkingTime:
		throw_no_working_time()


def check_working_time(hours: OfficeHours):
	"""Raise a frappe.ValidationError unless the office works on some day within a year from today."""
	try:
		hours.next_working_day(getdate())
	except promise.NoWorkingTime:
		throw_no_working_time()


def throw_no_working_time():
	frappe.throw(
		_(
			"The office has no working time. Open {0}: it has to open before it closes, also on Fridays, "
			"and some day within a year must not be a holiday."
		).format(get_link_to_form("Sinjai Settings", "Sinjai Settings", _("Sinjai Settings"))),
		title=_("No Working Time"),
	)


# Promising anew ----------------------------------------------------------------------------------------


def enqueue_recompute():
	"""Promise all open requests anew once what was changed is committed."""
	if not frappe.flags.in_install:
		frappe.enqueue(
			"sinjai_services.requests.clock.recompute_all", queue="long", enqueue_after_commit=True
		)


def recompute_all():
	"""Promise every open request anew, from its own terms and today's office hours and holidays.

	A job, and daily: that mends what a lost job, or a request saved at the same moment, has left behind.
	"""
	frappe.local.lang = site_language()
	for doctype in stages.request_doctypes():
		names = frappe.get_all(doctype, {"promise_state": ("in", OPEN)}, pluck="name", order_by="name")
		for batch in create_batch(names, BATCH):
			recompute(doctype, batch)
			frappe.db.commit()


def recompute(doctype: str, names: list[str]) -> int:
	"""Promise those of these requests that are open anew; return how many were promised another time.

	Each of them gets a line on its timeline that only staff read. The caller commits.
	"""
	rows = locked(doctype, names)
	# Read after locking: whoever changes the hours later finds these requests with what is written here.
	hours = office_hours(frappe.get_doc("Sinjai Settings"))
	events = stage_events(doctype, [row.name for row in rows])
	return sum(recompute_one(doctype, row, pauses(events[row.name]), hours) for row in rows)


def locked(doctype: str, names: list[str]) -> list:
	"""Return what the open ones of these requests hold, locked until the transaction ends."""
	table = frappe.qb.DocType(doctype)
	return (
		frappe.qb.from_(table)
		.select(table.name, table.service, *(table[field] for field in kept(doctype)))
		.where(table.name.isin(names) & table.promise_state.isin(OPEN))
		.orderby(table.name)
		.for_update()
	).run(as_dict=True)


def recompute_one(doctype: str, row, paused: list[Pause], hours: OfficeHours) -> bool:
	try:
		new = times(row, paused, hours)
	except frappe.ValidationError:
		frappe.clear_last_message()
		frappe.log_error(f"{doctype} {row.name} cannot be promised anew", frappe.get_traceback())
		return False
	if all(row[field] == new[field] for field in TIMES):
		return False
	frappe.db.set_value(doctype, row.name, new, update_modified=False)
	if row.promised_at != new["promised_at"]:
		frappe.get_doc(doctype, row.name).add_event(
			"Note",
			label=_("Promised time adjusted to office hours and holidays"),
			detail=f"{format_datetime(row.promised_at)} → {format_datetime(new['promised_at'])}",
		)
	return row.promised_at != new["promised_at"]


def add_indexes(doctype: str):
	"""Index what the escalation and reports on kept promises look for; called from `on_doctype_update`."""
	frappe.db.add_index(doctype, ["promise_state", "near_told_at", "near_at"], "promise_near")
	frappe.db.add_index(doctype, ["promise_state", "late_told_at", "promised_at"], "promise_past")
	frappe.db.add_index(doctype, ["agency", "promise_state", "promised_at"], "promise_kept")
