"""What lies in the lockers: the source from which a permit request's checklist fills itself."""

import frappe
from frappe import _
from frappe.utils import getdate

from sinjai_services.cakrawala import custody
from sinjai_services.permissions import agencies_of
from sinjai_services.requests.checklist import OnFile
from sinjai_services.requests.wording import long_date

CONTENT_FIELDS = (
	"name",
	"slot",
	"requirement",
	"vessel",
	"vessel_name",
	"document_number",
	"issued_on",
	"expires_on",
	"kind",
	"locker",
	"requirement",
	*custody.FIELDS,
)


def own_agency() -> str | None:
	"""Return the agency a new boat belongs to: that of whoever enters it, else that of the first kiosk."""
	agencies = agencies_of(frappe.session.user)
	kiosks = frappe.get_all("Locker Kiosk", pluck="agency", order_by="creation")
	return (
		next((agency for agency in kiosks if agency in agencies), None) or (agencies or kiosks or [None])[0]
	)


def contents(locker: str) -> list[dict]:
	"""Return the papers that belong into a locker, by slot, each with `where`: a sentence for staff."""
	papers = frappe.get_all(
		"Locker Document",
		{"locker": locker, "custody": ("!=", custody.GIVEN)},
		list(dict.fromkeys(CONTENT_FIELDS)),
		order_by="slot",
	)
	for paper in papers:
		paper.where = custody.where_text(paper)
	return papers


def paper_source(doc, requirement: str) -> OnFile | None:
	"""Say whether a paper that a permit request needs lies in a locker (hook `sinjai_paper_sources`).

	The boat's own paper comes before one that holds for all of the owner's boats, a valid one before an
	expired one. A paper that somebody has out counts: it is in the house. Without a boat nothing is known.
	"""
	papers = papers_of(doc.vessel, requirement) if doc.get("vessel") else []
	valid = [paper for paper in papers if not expired(paper)]
	if not papers:
		return None
	paper = (valid or papers)[0]
	if not valid:
		return OnFile(note=_("The one in the locker expired on {0}.").format(long_date(paper.expires_on)))
	return OnFile("Locker Document", paper.name, place(paper))


def papers_of(vessel: str, requirement: str) -> list:
	"""Return the papers of one kind that a boat can use, the best first."""
	owner = frappe.db.get_value("Fishing Vessel", vessel, "citizen")
	paper = frappe.qb.DocType("Locker Document")
	rows = (
		frappe.qb.from_(paper)
		.select(paper.name, paper.locker, paper.slot, paper.vessel, paper.expires_on)
		.where((paper.citizen == owner) & (paper.requirement == requirement))
		.where(paper.custody.isin([custody.IN_LOCKER, custody.TAKEN]))
		.where(paper.vessel.isnull() | paper.vessel.isin(["", vessel]))
	).run(as_dict=True)
	return sorted(rows, key=lambda row: (not row.vessel, -expiry_order(row), row.name))


def expiry_order(row) -> int:
	return getdate(row.expires_on).toordinal() if row.expires_on else getdate("9999-12-31").toordinal()


def expired(row) -> bool:
	return bool(row.expires_on) and getdate(row.expires_on) < getdate()


def place(row) -> str:
	text = _("Locker {0}, slot {1}").format(row.locker, row.slot)
	return _("{0}, valid until {1}").format(text, long_date(row.expires_on)) if row.expires_on else text


def of_vessel(vessel: str | None) -> list[str]:
	"""Return the names of the lockers of a boat's owner."""
	owner = frappe.db.get_value("Fishing Vessel", vessel, "citizen") if vessel else None
	return frappe.get_all("Locker", {"citizen": owner}, pluck="name", order_by="name") if owner else []
