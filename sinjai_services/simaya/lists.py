"""Lists of letters and cases: what the reports show, and the same as a PDF with the letterhead."""

import frappe
from frappe import _
from frappe.utils import cint, getdate, nowdate
from frappe.utils.jinja import render_template

from sinjai_services import printing
from sinjai_services.permissions import sees_all
from sinjai_services.reports import column
from sinjai_services.simaya import archive, cases, dispatch, secrecy

MOST_ROWS = 2000
"""Rows of one list; who needs more narrows the days down."""


def agencies(filters) -> list[str]:
	"""Return the agencies a list is about, of those the user works for."""
	user = frappe.session.user
	own = frappe.get_all("Agency", pluck="name") if sees_all(user) else secrecy.agencies_for(user)
	return [agency for agency in own if not filters.get("agency") or agency == filters.agency]


def days(filters) -> tuple:
	today = getdate(nowdate())
	begin = getdate(filters.get("from_date") or f"{today.year}-01-01")
	return begin, getdate(filters.get("to_date") or today)


# Outgoing register -------------------------------------------------------------------------------------


def register_columns() -> list[dict]:
	return [
		column("serial", _("Serial"), 70, "Int"),
		column("number", _("Letter Number"), 210),
		column("letter_date", _("Letter Date"), 105, "Date"),
		column("subject", _("Subject (Hal)"), 260),
		column("addressees", _("Addressees"), 220),
		column("classification", _("Classification"), 100),
		column("state", _("State"), 100),
		column("reason", _("Reason"), 180),
		column("letter", _("Letter"), 130, "Link", "Outgoing Letter"),
	]


def register_rows(filters) -> list[dict]:
	"""Return the numbers of the days asked for, without a hole; of letters the reader may not see only the
	number."""
	wanted = {"agency": ("in", agencies(filters)), "letter_date": ("between", days(filters))}
	fields = ["serial", "number", "letter_date", "classification", "state", "reason", "letter"]
	found = frappe.get_all("Letter Number", wanted, fields, order_by="agency, year, serial", limit=MOST_ROWS)
	letters = visible_letters([row.letter for row in found if row.letter])
	for row in found:
		letter = letters.get(row.letter)
		row.state = _(row.state)
		row.subject = (
			letter.subject if letter else secrecy.MASKED if row.letter else _("Written outside the app")
		)
		row.addressees = letter.addressees if letter else ""
		row.letter = row.letter if letter else None
	return found


def visible_letters(names: list[str]) -> dict:
	"""Return the letters of `names` that the user may see, with their addressees in one line, by name."""
	if not names:
		return {}
	found = frappe.get_list("Outgoing Letter", {"name": ("in", names)}, ["name", "subject"], limit=len(names))
	letters = {row.name: row for row in found}
	for row in found:
		row.addressees = ""
	filters = {"parent": ("in", list(letters) or [""]), "parenttype": "Outgoing Letter"}
	for row in frappe.get_all("Letter Addressee", filters, ["parent", "addressee"], order_by="parent, idx"):
		letter = letters[row.parent]
		letter.addressees = "; ".join(filter(None, (letter.addressees, row.addressee)))
	return letters


# Expedition book ---------------------------------------------------------------------------------------


def expedition_columns() -> list[dict]:
	return [
		column("sent_at", _("Sent At"), 150, "Datetime"),
		column("number", _("Letter Number"), 200),
		column("subject", _("Subject (Hal)"), 240),
		column("addressee", _("Addressee"), 200),
		column("address", _("Address"), 180),
		column("receiver_name", _("Received By"), 150),
		column("handed_over_at", _("Handed Over At"), 150, "Datetime"),
		column("name", _("Letter"), 130, "Link", "Outgoing Letter"),
	]


def expedition_rows(filters) -> list[dict]:
	"""Return the letters that went out on paper, with who received them."""
	begin, end = days(filters)
	letters = frappe.get_list(
		"Outgoing Letter",
		{
			"agency": ("in", agencies(filters)),
			"sent_at": ("between", (begin, end)),
			"letter_date": (">=", frappe.utils.add_days(begin, -366)),
		},
		["name", "number", "subject"],
		limit=MOST_ROWS,
	)
	by_name = {row.name: row for row in letters}
	wanted = {"parent": ("in", list(by_name) or [""]), "channel": dispatch.PAPER}
	if cint(filters.get("open_only")):
		wanted["state"] = ("!=", dispatch.HANDED_OVER)
	fields = ["parent", "addressee", "address", "receiver_name", "handed_over_at", "sent_at"]
	rows = frappe.get_all("Letter Addressee", wanted, fields, order_by="sent_at, parent, idx")
	return [{**row, **by_name[row.parent]} for row in rows]


# Archive -----------------------------------------------------------------------------------------------


def case_columns(due: str, label: str) -> list[dict]:
	return [
		column("name", _("Case"), 150, "Link", "Letter Case"),
		column("title", _("Title"), 260),
		column("classification", _("Classification"), 110),
		column("agency", _("Agency"), 120),
		column("closed_on", _("Closed On"), 105, "Date"),
		column(due, label, 120, "Date"),
		column("letters", _("Letters"), 80, "Int"),
		column("final_disposition", _("In the End"), 120),
	]


def transfer_columns() -> list[dict]:
	return case_columns("active_until", _("Active Until"))


def destruction_columns() -> list[dict]:
	return case_columns("inactive_until", _("Inactive Until"))


def transfer_rows(filters) -> list[dict]:
	"""Return the closed cases whose active years are over on the day asked for."""
	return case_rows(filters, cases.CLOSED, "active_until")


def destruction_rows(filters) -> list[dict]:
	"""Return the transferred cases that are to be destroyed from the day asked for on."""
	return case_rows(filters, cases.TRANSFERRED, "inactive_until", final_disposition=cases.DESTROY)


def case_rows(filters, state: str, due: str, **more) -> list[dict]:
	wanted = {"agency": ("in", agencies(filters)), "state": state, **more}
	wanted[due] = ("<", getdate(filters.get("on") or nowdate()))
	fields = ["name", "title", "classification", "agency", "closed_on", due, "final_disposition"]
	found = frappe.get_list("Letter Case", wanted, fields, order_by=f"{due}, name", limit=MOST_ROWS)
	counts = letters_in([row.name for row in found])
	for row in found:
		row.letters = counts.get(row.name, 0)
		row.final_disposition = _(row.final_disposition)
	return found


def letters_in(names: list[str]) -> dict[str, int]:
	counts = {}
	for doctype in cases.LETTERS if names else ():
		for name in frappe.get_all(doctype, {"letter_case": ("in", names)}, pluck="letter_case"):
			counts[name] = counts.get(name, 0) + 1
	return counts


# Search ------------------------------------------------------------------------------------------------


def search_columns() -> list[dict]:
	return [
		column("doctype", _("Kind"), 120),
		column("name", _("Letter"), 150, "Dynamic Link", "reference_doctype"),
		column("number", _("Letter Number"), 200),
		column("letter_date", _("Letter Date"), 110, "Date"),
		column("subject", _("Subject (Hal)"), 320),
		column("agency", _("Agency"), 120),
		column("stage", _("Stage"), 120),
	]


def search_rows(filters) -> list[dict]:
	"""Return the letters in which the words stand, the best match first."""
	found = archive.search(filters.get("text"), limit=100)
	rows = {}
	for doctype, number in (("Outgoing Letter", "number"), ("Incoming Letter", "letter_number")):
		names = [row["name"] for row in found if row["doctype"] == doctype]
		fields = ["name", f"{number} as number", "letter_date", "subject", "agency", "stage"]
		for row in frappe.get_list(doctype, {"name": ("in", names or [""])}, fields, limit=100):
			row.update({"doctype": _(doctype), "reference_doctype": doctype, "stage": _(row.stage)})
			rows[doctype, row.name] = row
	return [rows[row["doctype"], row["name"]] for row in found if (row["doctype"], row["name"]) in rows]


# On paper ----------------------------------------------------------------------------------------------

LISTS = {
	"Outgoing Register": (register_columns, register_rows),
	"Expedition Book": (expedition_columns, expedition_rows),
	"Archive Transfer List": (transfer_columns, transfer_rows),
	"Archive Destruction List": (destruction_columns, destruction_rows),
	"Letter Search": (search_columns, search_rows),
}
NOT_PRINTED = ("letter", "reason")


def execute(report: str, filters: dict | None) -> tuple[list[dict], list[dict]]:
	"""Return columns and rows of a report, as the platform's script reports do."""
	columns, rows = LISTS[report]
	return columns(), rows(frappe._dict(filters or {}))


@frappe.whitelist()
def download(report: str, filters: str | dict | None = None) -> None:
	"""Answer with a report as PDF under the letterhead, with room for the signatures it needs."""
	if report not in LISTS:
		raise frappe.DoesNotExistError
	if not frappe.get_doc("Report", report).is_permitted():
		raise frappe.PermissionError
	asked = frappe._dict(frappe.parse_json(filters or "{}"))
	frappe.local.response.filename = f"{_(report, 'id')}.pdf".replace(" ", "-")
	frappe.local.response.filecontent = printed(report, asked)
	frappe.local.response.type = "pdf"


def printed(report: str, filters) -> bytes:
	columns, rows = execute(report, filters)
	about = frappe._dict(agency=next(iter(agencies(filters)), None))
	html = render_template(
		"sinjai_services/templates/simaya/list.html",
		{
			"title": _(report, "id"),
			"columns": [each for each in columns if each["fieldname"] not in NOT_PRINTED],
			"rows": rows,
			"numbered": columns[0]["fieldname"] == "serial",
			"office": printing.issuing_office(about),
			"filters": filters,
			"shown": shown,
		},
	)
	return printing.html_to_pdf(html)


def shown(row: dict, column: dict) -> str:
	"""Return a cell as it is printed."""
	value = row.get(column["fieldname"])
	if column["fieldtype"] in ("Date", "Datetime"):
		return printing.indonesian_date(value, weekday=False) if value else ""
	return str(value if value is not None else "")
