"""What a courier's phone shows: the deliveries of the day."""

import frappe
from frappe.utils import nowdate

from sinjai_services.requests import handover

CARD = (
	"name",
	"state",
	"planned_date",
	"reference_doctype",
	"reference_name",
	"applicant_name",
	"service",
	"address",
	"village",
	"note",
	"whatsapp_number",
)
ORDER = {handover.ON_THE_WAY: 0, handover.PLANNED: 1}


@frappe.whitelist()
def my_day() -> dict:
	"""Return the session user's deliveries: those due by village, the number of later ones, those done today."""
	mine = {"courier": frappe.session.user, "method": handover.HOME}
	rows = frappe.get_list(
		handover.DOCTYPE,
		{**mine, "state": ("in", handover.OPEN), "planned_date": ("<=", nowdate())},
		CARD,
		order_by="planned_date asc, creation asc",
	)
	villages = village_names({row.village for row in rows})
	services = dict(frappe.get_all("Public Service", ["name", "service_name"], as_list=True))
	originals = originals_of({row.reference_name for row in rows})
	for row in rows:
		row.update(villages.get(row.village) or {"village_name": "", "district_name": ""})
		row.service_name = services.get(row.service, row.service)
		row.originals = originals.get((row.reference_doctype, row.reference_name), [])
	return {
		"deliveries": sorted(rows, key=lambda row: (row.district_name, row.village_name, ORDER[row.state])),
		"later": frappe.db.count(
			handover.DOCTYPE, {**mine, "state": handover.PLANNED, "planned_date": (">", nowdate())}
		),
		"done": frappe.get_list(
			handover.DOCTYPE,
			{**mine, "state": handover.HANDED_OVER, "handed_over_at": (">=", nowdate())},
			["name", "applicant_name", "receiver_name", "handed_over_at"],
			order_by="handed_over_at desc",
		),
	}


def village_names(codes: set) -> dict:
	rows = frappe.get_all(
		"Village", {"name": ("in", list(codes) or [""])}, ["name", "village_name", "district"]
	)
	districts = dict(frappe.get_all("District", ["name", "district_name"], as_list=True))
	return {
		row.name: {"village_name": row.village_name, "district_name": districts.get(row.district, "")}
		for row in rows
	}


def originals_of(requests: set) -> dict:
	"""Return the papers whose originals have to be shown, by request."""
	found = {}
	for paper in frappe.get_all(
		"Request Paper",
		{"parent": ("in", list(requests) or [""]), "original_required": 1},
		["parenttype", "parent", "requirement"],
		order_by="idx",
	):
		found.setdefault((paper.parenttype, paper.parent), []).append(paper.requirement)
	return found
