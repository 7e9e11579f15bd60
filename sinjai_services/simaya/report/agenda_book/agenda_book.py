"""The agenda of incoming letters of an agency, year and book; whoever opens it sees what they may see."""

import frappe
from frappe import _
from frappe.utils import cint, getdate, nowdate

FIELDS = ("agenda_label", "received_at", "sender_name", "letter_number", "letter_date", "subject")
FIELDS += ("urgency", "classification", "stage", "name")


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	return columns(), rows(frappe._dict(filters or {}))


def columns() -> list[dict]:
	return [
		{"fieldname": "agenda_label", "label": _("Agenda Number"), "fieldtype": "Data", "width": 130},
		{"fieldname": "received_at", "label": _("Received At"), "fieldtype": "Datetime", "width": 170},
		{"fieldname": "sender_name", "label": _("Letter From"), "fieldtype": "Data", "width": 250},
		{"fieldname": "letter_number", "label": _("Letter Number"), "fieldtype": "Data", "width": 150},
		{"fieldname": "letter_date", "label": _("Letter Date"), "fieldtype": "Date", "width": 110},
		{"fieldname": "subject", "label": _("Subject (Hal)"), "fieldtype": "Data", "width": 280},
		{"fieldname": "urgency", "label": _("Urgency (Sifat)"), "fieldtype": "Data", "width": 110},
		{"fieldname": "classification", "label": _("Classification"), "fieldtype": "Data", "width": 90},
		{"fieldname": "stage", "label": _("Stage"), "fieldtype": "Data", "width": 110},
		{
			"fieldname": "name",
			"label": _("Letter"),
			"fieldtype": "Link",
			"options": "Incoming Letter",
			"width": 130,
		},
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
