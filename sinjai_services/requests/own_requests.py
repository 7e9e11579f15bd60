"""The requests of somebody with an account: an applicant's own, and those a village officer entered."""

import frappe

from sinjai_services import permissions, stages
from sinjai_services.requests import wording
from sinjai_services.requests.tracking import show_code

PAGE_LENGTH = 20
FIELDS = ("name", "tracking_code", "service", "applicant_name", "stage", "workflow_state", "creation")


def of_user(start: int = 0) -> list[dict]:
	"""Return a page of what the session's user may follow, newest first.

	Args:
		start: how many to leave out; one row more than a page is returned where there are more.
	"""
	if frappe.session.user == "Guest":
		return []
	rows = []
	for doctype in request_doctypes():
		rows += [
			{**row, "doctype": doctype}
			for row in frappe.get_all(
				doctype, filters(), FIELDS, order_by="creation desc", limit=start + PAGE_LENGTH + 1
			)
		]
	rows.sort(key=lambda row: row["creation"], reverse=True)
	return [shown(row) for row in rows[start : start + PAGE_LENGTH + 1]]


def request_doctypes() -> list[str]:
	"""Return what citizens ask for; letters carry a stage as well, but nobody asks for them."""
	return [doctype for doctype in stages.tracked_doctypes() if frappe.get_meta(doctype).has_field("service")]


def filters() -> dict:
	"""Return whose requests these are: the owner's; for a village officer those of the own villages."""
	villages = permissions.own_villages()
	if villages is None:
		return {"owner": frappe.session.user}
	return {"channel": permissions.VILLAGE_OFFICER, "village": ("in", villages or [""])}


def shown(row: dict) -> dict:
	state, stage = stages.state_row(row["doctype"], row["workflow_state"]), row["stage"]
	return {
		"service": frappe.get_cached_value("Public Service", row["service"], "service_name"),
		"applicant": row["applicant_name"],
		"code": show_code(row["tracking_code"]),
		"url": f"/lacak?kode={row['tracking_code']}",
		"label": (state.get("sinjai_citizen_label") if state else None) or frappe._(stage),
		"stage": stage,
		"at": wording.long_datetime(row["creation"]),
	}
