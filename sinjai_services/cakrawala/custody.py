"""Who has a paper of a locker. A paper is in exactly one place at any time, and every way there is on record.

Each step locks the paper's row first, looks where the paper is now, and writes the new place and a Locker
Movement in one transaction: of two officers who take a paper at the same moment one gets it, and the other
is told who has it. Steps for a request lock the request before the paper, as closing a request does, so that
the two cannot wait for each other.
"""

import frappe
from frappe import _
from frappe.utils import (
	escape_html,
	format_datetime,
	get_fullname,
	get_link_to_form,
	now_datetime,
	time_diff_in_seconds,
)

from sinjai_services import stages

IN_LOCKER, TAKEN, MISSING, GIVEN = "In Locker", "Taken", "Not Found", "Given to Owner"
"""The places a paper can be in, as `custody` of a Locker Document."""

AFTER = {
	"Put In": IN_LOCKER,
	"Taken": TAKEN,
	"Handed Over": TAKEN,
	"Returned": IN_LOCKER,
	"Found": IN_LOCKER,
	"Not Found": MISSING,
	"Given to Owner": GIVEN,
}
"""Where a paper is after each kind of Locker Movement."""

FIELDS = ("custody", "held_by", "taken_for", "since", "late_told_at")
"""What only this module writes; saving a Locker Document takes these from the database."""

REQUEST = "Fishing Permit Request"


class PaperElsewhere(frappe.ValidationError):
	"""The paper is not where the step needs it to be. The message says where it is and who has it."""


class RequestEnded(frappe.ValidationError):
	"""Papers are taken for requests that are being worked on only."""


# Steps -------------------------------------------------------------------------------------------------


def take(document: str, request: str | None = None, officer: str | None = None) -> None:
	"""Let an officer have a paper that lies in its locker.

	Args:
		document: name of the Locker Document.
		request: the Fishing Permit Request it is taken for, if for one.
		officer: who has it afterwards; left out, the session's user.

	Raises:
		PaperElsewhere: it is not in the locker.
		RequestEnded: the request has ended.
	"""
	if request:
		lock_open_request(request)
	step(document, "Taken", allowed=(IN_LOCKER,), officer=officer or frappe.session.user, request=request)


def give_back(document: str) -> None:
	"""Put a paper that is out back into its locker, whoever has it: what counts is where it lies.

	Raises:
		PaperElsewhere: it is not out.
	"""
	step(document, "Returned", allowed=(TAKEN,))


def hand_over(document: str, officer: str) -> None:
	"""Let another officer have a paper that is out, for the same request.

	Raises:
		PaperElsewhere: it is not out, or the officer has it already.
	"""
	row = lock(document)
	if row.custody == TAKEN and row.held_by == officer:
		throw_elsewhere(document, row)
	step(document, "Handed Over", allowed=(TAKEN,), officer=officer, request=row.taken_for)


def give_to_owner(document: str, note: str | None = None) -> None:
	"""Give a paper back to its owner for good; its slot is free then."""
	step(document, "Given to Owner", allowed=(IN_LOCKER, TAKEN), note=note)


def put_in(document: str) -> None:
	"""Take a paper in again that its owner brings back."""
	step(document, "Put In", allowed=(GIVEN,))


def missing(document: str, note: str | None = None) -> None:
	"""Write down that a paper should be in its locker and is not."""
	step(document, "Not Found", allowed=(IN_LOCKER,), note=note)


def found(document: str, note: str | None = None) -> None:
	"""Write down that a paper thought missing is in its locker."""
	step(document, "Found", allowed=(MISSING,), note=note)


def step(document: str, event: str, allowed: tuple, officer=None, request=None, note=None) -> None:
	row = lock(document)
	if row.custody not in allowed:
		throw_elsewhere(document, row)
	now = now_datetime()
	frappe.db.set_value(
		"Locker Document",
		document,
		{
			"custody": AFTER[event],
			"held_by": officer,
			"taken_for": request,
			"since": now,
			"late_told_at": None,
		},
	)
	write_movement(document, event, row.locker, officer, request, now, note, row.agency)


def lock(document: str):
	"""Return where the paper is now, locked until the transaction ends."""
	row = frappe.db.get_value(
		"Locker Document",
		document,
		("requirement", "locker", "slot", "agency", *FIELDS),
		as_dict=True,
		for_update=True,
	)
	if not row:
		frappe.throw(_("This paper is no longer known. Reload the page."), frappe.DoesNotExistError)
	return row


def lock_open_request(request: str):
	stage = frappe.db.get_value(REQUEST, request, "stage", for_update=True)
	if stage is None or stage in stages.ENDED:
		frappe.throw(
			_("{0} has ended; no papers are taken for it any more.").format(
				get_link_to_form(REQUEST, request)
			),
			title=_("Request Ended"),
			exc=RequestEnded,
		)


def write_movement(document, event, locker, officer, request, at, note, agency):
	"""Append one row to the paper's record."""
	movement = frappe.new_doc("Locker Movement")
	movement.update(
		{
			"document": document,
			"event": event,
			"locker": locker,
			"officer": officer,
			"request": request,
			"at": at,
			"by": frappe.session.user,
			"note": note,
			"agency": agency,
		}
	)
	movement.insert(ignore_permissions=True, ignore_links=True)


def throw_elsewhere(document: str, row):
	frappe.throw(
		_("{0}: {1}").format(
			get_link_to_form("Locker Document", document, escape_html(row.requirement)), where_text(row)
		),
		title=_("The Paper Is Elsewhere"),
		exc=PaperElsewhere,
	)


def where_text(row) -> str:
	"""Return where a paper is, as a sentence for staff.

	Args:
		row: a Locker Document, or a dict with locker, slot and FIELDS.
	"""
	since = format_datetime(row.since, "dd-MM-yyyy HH:mm")
	if row.custody == TAKEN:
		holder = get_fullname(row.held_by)
		if row.taken_for:
			return _("{0} has it since {1}, for {2}").format(holder, since, row.taken_for)
		return _("{0} has it since {1}").format(holder, since)
	if row.custody == MISSING:
		return _("not found since {0}").format(since)
	if row.custody == GIVEN:
		return _("given to its owner on {0}").format(since)
	return _("in locker {0}, slot {1}").format(row.locker, row.slot)


# Of a request ------------------------------------------------------------------------------------------


def papers_out(request: str, for_update: bool = False) -> list[str]:
	"""Return the names of the papers that are out for a request.

	Args:
		for_update: read what is committed now, and let nobody change it until the transaction ends.
	"""
	paper = frappe.qb.DocType("Locker Document")
	query = (
		frappe.qb.from_(paper)
		.select(paper.name)
		.where((paper.taken_for == request) & (paper.custody == TAKEN))
		.orderby(paper.name)
	)
	return (query.for_update() if for_update else query).run(pluck=True)


def minutes_out(row) -> int:
	"""Return how long a paper has been out, in minutes."""
	return int(time_diff_in_seconds(now_datetime(), row.since) // 60)
