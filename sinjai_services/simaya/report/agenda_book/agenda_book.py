"""The agenda of incoming letters of an agency, year and book; whoever opens it sees what they may see."""

import frappe
from frappe import _
from frappe.utils import cint, getdate, nowdate

from sinjai_services.reports import column

FIELDS = ("agenda_label", "received_at", "sender_name", "letter_number", "letter_date", "subject")
FIELDS += ("urgency", "classification", "stage", "name")


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	return columns(), rows(frappe._dict(filters or {}))


def columns() -> list[dict]:
	return [
		column("agenda_label", _("Agenda Number"), 130),
		column("received_at", _("Received At"), 170, "Datetime"),
		column("sender_name", _("Letter From"), 250),
		column("letter_number", _("Letter Number"), 150),
		column("letter_date", _("Letter Date"), 110, "Date"),
		column("subject", _("Subject (Hal)"), 280),
		column("urgency", _("Urgency (Sifat)"), 110),
		column("classification", _("Classification"), 90),
		column("stage", _("Stage"), 110),
		column("name", _("Letter"), 130, "Link", "Incoming Letter"),
	]


def rows(filters) -> list[dict]:
	"""Return the letters of a book by number; `get_list` leaves out what the reader may not see."""
	wanted = {"agenda_key": ("is", "set"), "agenda_year": cint(filters.year) or getdate(nowdate()).year}
	wanted |= {field: filters[field] for field in ("agency", "book") if filters.get(field)}
	found = frappe.get_list(
		"Incoming Letter", wanted, FIELDS, order_by="agency, book, agenda_number", limit=0
	)
	for row in found:
		row.urgency, row.stage = _(row.urgency), _(row.stage)
	return found
