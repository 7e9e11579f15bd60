"""The checklist of a request: one row a required paper, filled from the service, judged by an officer.

Papers may lie in the house already. Who knows of such papers registers a function in the hook
`sinjai_paper_sources`, as {DocType of the request: dotted path}: it is given request and requirement, and
returns an OnFile or None.
"""

from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.requests import uploads

MISSING, TO_CHECK, ACCEPTED, REFUSED, ON_FILE = "Missing", "To Check", "Accepted", "Refused", "On File"
JUDGED = (ACCEPTED, REFUSED)


@dataclass(frozen=True)
class OnFile:
	"""What a source of papers knows.

	Args:
		doctype, name: the document that stands for the paper; without it there is none that can be used.
		note: where it lies, or why it cannot be used, for staff; the latter is read by the applicant, too.
	"""

	doctype: str | None = None
	name: str | None = None
	note: str | None = None


def sources(doctype: str) -> list[str]:
	"""Return the functions that know of papers on file for requests of this DocType."""
	return frappe.get_hooks("sinjai_paper_sources", {}).get(doctype, [])


def look_on_file(doc):
	"""Fill from what is on file whatever nobody has handed in; what is not there any more is asked for
	again."""
	if not sources(doc.doctype) or (doc.stage or stages.RECEIVED) not in stages.PAPERS_OPEN:
		return
	for row in doc.papers:
		if row.file or row.state in JUDGED or (row.state == ON_FILE and not row.on_file_name):
			continue
		paper = find_on_file(doc, row.requirement)
		row.on_file_doctype, row.on_file_name, row.on_file_note = paper.doctype, paper.name, paper.note
		row.state = ON_FILE if paper.name else MISSING


def find_on_file(doc, requirement: str) -> OnFile:
	"""Return what the sources know of a paper for a request, which need not be saved yet."""
	found = [paper for path in sources(doc.doctype) if (paper := frappe.get_attr(path)(doc, requirement))]
	return next((paper for paper in found if paper.name), found[0] if found else OnFile())


def fill(doc, service):
	"""Add the rows the service asks for; what is there stays (an officer may have asked for more)."""
	present = {row.requirement for row in doc.papers}
	for needed in service.requirements_for(doc.reason):
		if needed.requirement not in present:
			doc.append("papers", {"requirement": needed.requirement, "state": MISSING})
	terms = {row.requirement: row for row in service.requirements}
	for row in doc.papers:
		row.optional = bool(terms[row.requirement].optional) if row.requirement in terms else row.optional
		row.original_required = frappe.get_cached_value("Requirement", row.requirement, "original_required")


def settle(doc):
	"""Bring state, file and judgement of every row in line with each other and with what was there before."""
	before = {row.name: row for row in rows_before(doc)}
	for row in doc.papers:
		old = before.get(row.name)
		if row.file and (not old or old.file != row.file):
			row.file = uploads.adopt(doc, row)
			row.state = TO_CHECK if row.state == MISSING or (old and row.state == old.state) else row.state
		settle_state(doc, row)
		settle_judgement(row, old)


def settle_state(doc, row):
	if row.file and row.state == MISSING:
		row.state = TO_CHECK
	if not row.file and row.state == TO_CHECK:
		row.state = MISSING
	if row.state == ACCEPTED and not row.file and doc.channel != "Counter":
		frappe.throw(_("{0} cannot be accepted before it has been handed in.").format(row.requirement))
	if row.state == REFUSED and not (row.refusal_reason or "").strip():
		frappe.throw(_("Say why {0} is refused: the applicant reads it.").format(row.requirement))
	if row.state != REFUSED:
		row.refusal_reason = None


def settle_judgement(row, old):
	if row.state not in JUDGED:
		row.checked_by = row.checked_at = None
	elif not old or old.state != row.state:
		row.checked_by, row.checked_at = frappe.session.user, now_datetime()
	else:
		row.checked_by, row.checked_at = old.checked_by, old.checked_at


def validate_unchanged_when_ended(doc):
	"""Refuse to touch papers of a request that has ended."""
	before = doc.get_doc_before_save()
	if not before or before.stage not in stages.ENDED:
		return
	if [key(row) for row in before.papers] != [key(row) for row in doc.papers]:
		frappe.throw(_("This request has ended; its papers can no longer be changed."))


def key(row) -> tuple:
	return row.requirement, row.file, row.state, row.refusal_reason or None


def rows_before(doc) -> list:
	before = doc.get_doc_before_save()
	return before.papers if before else []


def write_events(doc):
	"""Put every change of a paper's state on the timeline."""
	before = {row.name: row.state for row in rows_before(doc)}
	for row in doc.papers:
		if before.get(row.name) != row.state and row.state in JUDGED:
			detail = f"{row.requirement}: {row.refusal_reason}" if row.state == REFUSED else row.requirement
			label = _("Paper refused") if row.state == REFUSED else _("Paper accepted")
			doc.add_event("Paper", label=label, detail=detail)


def open_rows(doc) -> list[dict]:
	"""Return what the applicant still has to supply, each with the reason where one was given."""
	return [
		{
			"label": row.requirement,
			"reason": row.refusal_reason or (row.on_file_note if row.state == MISSING else None),
		}
		for row in doc.papers
		if row.state == REFUSED or (row.state == MISSING and not row.optional)
	]
