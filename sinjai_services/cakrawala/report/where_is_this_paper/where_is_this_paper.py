"""Where is this paper now: one search over owners, boats as people write them, papers and lockers."""

import frappe
from frappe import _

from sinjai_services.cakrawala import custody, duty, vessel_names

DOCTYPE = "Locker Document"
SEARCHED = ("owner_name", "vessel_name", "requirement", "document_number", "locker", "taken_for")
MOST_ROWS = 500


def execute(filters: dict | None = None) -> tuple[list[dict], list[dict]]:
	"""Return columns and rows.

	Args:
		filters: `text`, which every word of has to be found in one of SEARCHED, or that names a boat, however
			spelt; `only`, "Out" or "Out Too Long" or "Not Found".
	"""
	filters = frappe._dict(filters or {})
	return columns(), rows(filters)


def columns() -> list[dict]:
	def link(fieldname: str, label: str, doctype: str, width: int) -> dict:
		return {
			"fieldname": fieldname,
			"label": label,
			"fieldtype": "Link",
			"options": doctype,
			"width": width,
		}

	def data(fieldname: str, label: str, width: int, fieldtype: str = "Data") -> dict:
		return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}

	return [
		link("locker", _("Locker"), "Locker", 120),
		data("slot", _("Slot"), 60, "Int"),
		data("requirement", _("Paper"), 240),
		data("vessel_name", _("Boat"), 150),
		data("owner_name", _("Owner"), 160),
		data("where", _("Where It Is"), 320),
		data("minutes", _("Minutes Out"), 120, "Int"),
		link("taken_for", _("For Request"), custody.REQUEST, 150),
		link("name", _("Entry"), DOCTYPE, 110),
	]


def rows(filters) -> list[dict]:
	found = frappe.get_list(
		DOCTYPE,
		filters=[*only(filters.get("only")), *(word_filters(filters.get("text")))],
		fields=[
			"name",
			"slot",
			"kind",
			*SEARCHED,
			*(field for field in custody.FIELDS if field not in SEARCHED),
		],
		order_by="locker, slot",
		limit=MOST_ROWS,
	)
	for row in found:
		row.vessel_name = row.vessel_name or _("all boats of the owner")
		row.where = custody.where_text(row)
		row.minutes = custody.minutes_out(row) if row.custody == custody.TAKEN else None
	return found


def only(choice: str | None) -> list:
	chosen = {
		"Out": [["custody", "=", custody.TAKEN]],
		"Out Too Long": [["custody", "=", custody.TAKEN], ["since", "<=", duty.limit()]],
		"Not Found": [["custody", "=", custody.MISSING]],
	}
	return chosen.get(choice, [])


def word_filters(text: str | None) -> list:
	"""Return the filter of the papers that `text` means."""
	words = (text or "")[:140].split()[:8]
	if not words:
		return []
	paper = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(paper).select(paper.name).limit(MOST_ROWS)
	for word in words:
		escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
		condition = paper.name.like(f"%{escaped}%")
		for field in SEARCHED:
			condition |= paper[field].like(f"%{escaped}%")
		query = query.where(condition)
	return [["name", "in", query.run(pluck=True) or of_boats(text) or [""]]]


def of_boats(text: str) -> list[str]:
	"""Return the papers of the boats a misspelt name may mean, with those their owners have for all."""
	boats = [match.name for match in vessel_names.find(text)]
	if not boats:
		return []
	owners = frappe.get_all("Fishing Vessel", {"name": ("in", boats)}, pluck="citizen")
	papers = frappe.get_all(DOCTYPE, {"citizen": ("in", owners)}, ["name", "vessel"])
	return [paper.name for paper in papers if not paper.vessel or paper.vessel in boats]
