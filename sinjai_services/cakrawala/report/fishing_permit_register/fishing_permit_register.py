"""The daily register (buku register) of permit requests. Its sums are those of the requests' timelines."""

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate, time_diff_in_seconds

from sinjai_services import stages
from sinjai_services.reports import column

DOCTYPE = "Fishing Permit Request"
LONGEST_DAYS = 366


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, and sums of the requests received from `from_date` to `to_date`, both included.

	Args:
		filters: from_date, to_date (today where left out), service.
	"""
	filters = frappe._dict(filters or {})
	found = rows(filters)
	return columns(), found, None, None, summary(found)


def columns() -> list[dict]:
	return [
		column("number", _("No."), 60, "Int"),
		column("name", _("Request"), 150, "Link", DOCTYPE),
		column("received_at", _("Received At"), 170, "Datetime"),
		column("applicant_name", _("Applicant"), 170),
		column("vessel_name", _("Boat"), 150),
		{**column("gt", _("GT"), 70, "Float"), "precision": 1},
		column("service_name", _("Service"), 160),
		column("permit_number", _("Permit Number"), 290),
		column("ready_at", _("Ready At"), 170, "Datetime"),
		column("minutes", _("Minutes"), 90, "Int"),
		column("promise", _("Promise"), 100),
		column("finished_at", _("Finished At"), 170, "Datetime"),
		column("stage_text", _("Stage"), 130),
	]


def rows(filters) -> list[dict]:
	first = getdate(filters.get("from_date"))
	last = getdate(filters.get("to_date"))
	if not 0 <= (last - first).days <= LONGEST_DAYS:
		frappe.throw(_("Choose a period of at most a year that ends after it begins."))
	conditions = [
		["received_at", ">=", get_datetime(first)],
		["received_at", "<", get_datetime(add_days(last, 1))],
	]
	if filters.get("service"):
		conditions.append(["service", "=", filters.service])
	found = frappe.get_list(
		DOCTYPE,
		filters=conditions,
		fields=[
			"name",
			"received_at",
			"promise_starts_at",
			"applicant_name",
			"vessel_name",
			"gt",
			"service",
			"permit_number",
			"promise_state",
			"finished_at",
			"stage",
		],
		order_by="received_at, name",
		limit_page_length=0,
	)
	ready = ready_times([row.name for row in found])
	for number, row in enumerate(found, start=1):
		complete(row, number, ready.get(row.name))
	return found


def complete(row, number: int, ready_at):
	row.number, row.ready_at = number, ready_at
	row.service_name = frappe.get_cached_value("Public Service", row.service, "service_name")
	row.promise = _(row.promise_state)
	row.stage_text = _(row.stage)
	if ready_at:
		seconds = time_diff_in_seconds(ready_at, row.promise_starts_at or row.received_at)
		row.minutes = max(round(seconds / 60), 0)


def ready_times(names: list[str]) -> dict:
	"""Return when each of these requests was ready first."""
	events = frappe.get_all(
		"Request Event",
		{
			"reference_doctype": DOCTYPE,
			"reference_name": ("in", names or [""]),
			"event": "Stage",
			"stage": stages.READY,
		},
		["reference_name", "at"],
		order_by="at desc",
	)
	return {event.reference_name: event.at for event in events}


def summary(found: list[dict]) -> list[dict]:
	"""Return the sums under the register: received, permits issued, by how each request ended, in time."""

	def total(label: str, value: int, colour: str) -> dict:
		return {"label": label, "value": value, "datatype": "Int", "indicator": colour}

	ended = {stage: sum(row.stage == stage for row in found) for stage in stages.ENDED}
	return [
		total(_("Received"), len(found), "Blue"),
		total(_("Permits Issued"), sum(bool(row.ready_at) for row in found), "Green"),
		total(_("Completed"), ended[stages.COMPLETED], "Green"),
		total(_("Rejected"), ended[stages.REJECTED], "Red"),
		total(_("Withdrawn"), ended[stages.WITHDRAWN], "Grey"),
		total(_("Promise Missed"), sum(row.promise_state == "Missed" for row in found), "Red"),
	]
