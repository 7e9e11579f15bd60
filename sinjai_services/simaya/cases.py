"""Cases (berkas): letters that belong together, closed as one, kept as long as their classification says.

Active years begin with the closing of a case and are spent in the agency; inactive ones in the regency's
record centre; then it is destroyed, kept for good, or looked at again (Permendagri 83/2022, JRA of the
regency).
"""

import frappe
from frappe import _
from frappe.utils import add_years, cint, getdate, nowdate

from sinjai_services import stages
from sinjai_services.simaya import numbers

OPEN, CLOSED, TRANSFERRED, DESTROYED = "Open", "Closed", "Transferred", "Destroyed"
DESTROY = "Destroy"
LETTERS = ("Outgoing Letter", "Incoming Letter")


def validate_letter(letter, method: str | None = None):
	"""Let a letter into an open case of its own agency only (also a hook of Incoming Letter)."""
	before = letter.get_doc_before_save()
	if not letter.letter_case or (before and before.letter_case == letter.letter_case):
		return
	row = frappe.db.get_value("Letter Case", letter.letter_case, ["agency", "state"], as_dict=True)
	if not row or row.agency != letter.agency:
		frappe.throw(_("This case belongs to another agency."), frappe.PermissionError)
	if row.state != OPEN:
		frappe.throw(_("Case {0} is closed. Open a new one, or reopen it first.").format(letter.letter_case))


def taken(name: str, *states: str):
	"""Return a case for its records office to change, locked, if it is in one of `states`."""
	doc = frappe.get_doc("Letter Case", name, for_update=True)
	doc.check_permission("write")
	if doc.state not in states:
		frappe.throw(
			_("Case {0} is {1}; this step is not open to it.").format(frappe.bold(name), _(doc.state))
		)
	doc.flags.by_app = True
	return doc


@frappe.whitelist(methods=["POST"])
def close(case: str) -> None:
	"""Close a case, from which day on its retention counts; every letter in it must have ended."""
	doc = taken(case, OPEN)
	if unfinished := [name for doctype in LETTERS for name in unfinished_letters(doctype, case)]:
		frappe.throw(
			_("These letters have not ended yet: {0}").format(", ".join(unfinished[:20])),
			title=_("Case Not Closed"),
		)
	terms = frappe.get_cached_doc("Letter Classification", doc.classification)
	doc.closed_on = getdate(nowdate())
	doc.active_until = add_years(doc.closed_on, cint(terms.active_years))
	doc.inactive_until = add_years(doc.active_until, cint(terms.inactive_years))
	doc.final_disposition = terms.final_disposition
	doc.state = CLOSED
	doc.save()


def unfinished_letters(doctype: str, case: str) -> list[str]:
	filters = {"letter_case": case, "stage": ("not in", stages.ENDED)}
	return frappe.get_all(doctype, filters, pluck="name", limit=21)


@frappe.whitelist(methods=["POST"])
def reopen(case: str) -> None:
	"""Open a closed case again, as long as it lies in its agency."""
	doc = taken(case, CLOSED)
	doc.update(dict.fromkeys(("closed_on", "active_until", "inactive_until", "final_disposition")))
	doc.state = OPEN
	doc.save()


@frappe.whitelist(methods=["POST"])
def transfer(cases: str | list, record_of_act: str) -> int:
	"""Note that cases past their active years went to the record centre; return how many.

	Args:
		cases: names of Letter Cases, as JSON or a list.
		record_of_act: number of the official report (berita acara).
	"""
	return for_each(cases, record_of_act, CLOSED, "active_until", {"state": TRANSFERRED}, "transferred_on")


@frappe.whitelist(methods=["POST"])
def destroy(cases: str | list, record_of_act: str) -> int:
	"""Note that transferred cases past their inactive years were destroyed; return how many.

	The register keeps what was destroyed, when and by which report; the letters' records stay with it.
	"""
	return for_each(cases, record_of_act, TRANSFERRED, "inactive_until", {"state": DESTROYED}, "destroyed_on")


def for_each(cases, record_of_act: str, state: str, due: str, change: dict, dated: str) -> int:
	report = numbers.checked_reason(record_of_act)
	names = [str(name) for name in frappe.parse_json(cases)]
	for name in names:
		doc = taken(name, state)
		if getdate(doc.get(due)) >= getdate(nowdate()):
			frappe.throw(_("Case {0} is kept until {1}.").format(name, frappe.format(doc.get(due), "Date")))
		if change["state"] == DESTROYED and doc.final_disposition != DESTROY:
			frappe.throw(_("Case {0} is not to be destroyed.").format(name))
		doc.update({**change, dated: getdate(nowdate()), "record_of_act": report})
		doc.save()
	return len(names)


def letters_of(case: str) -> list[dict]:
	"""Return the letters of a case that the user may see."""
	rows = []
	for doctype, number in (("Incoming Letter", "letter_number"), ("Outgoing Letter", "number")):
		fields = ["name", "subject", f"{number} as number", "letter_date", "stage"]
		for row in frappe.get_list(doctype, {"letter_case": case}, fields, order_by="letter_date"):
			rows.append({"doctype": doctype, **row})
	return rows
