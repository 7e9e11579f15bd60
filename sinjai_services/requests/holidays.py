"""The holidays the app ships, and how they come into Sinjai Settings, where they are the administrator's.

The list is data (`holidays/holidays.json`, see SOURCE.md there). It is filled in once, into an empty table.
Later years are fetched by a click: a row that was moved, renamed or added by hand is never touched.
"""

import json
from pathlib import Path

import frappe
from frappe.utils import getdate

FILE = ("holidays", "holidays.json")


def shipped() -> list[dict]:
	"""Return holiday_date (ISO), holiday_name and kind of every holiday the app ships, oldest first."""
	return json.loads(Path(frappe.get_app_path("sinjai_services", *FILE)).read_text(encoding="utf-8"))


def missing(settings) -> list[dict]:
	"""Return the shipped holidays from this year on that `settings` lack, also moved to another day."""
	present = {getdate(row.holiday_date) for row in settings.holidays}
	present |= {getdate(row.shipped_date) for row in settings.holidays if row.shipped_date}
	this_year = getdate().year
	return [
		{**row, "shipped_date": row["holiday_date"]}
		for row in shipped()
		if (day := getdate(row["holiday_date"])).year >= this_year and day not in present
	]


def add_shipped_holidays() -> int:
	"""Fill the table of Sinjai Settings if it is empty; return how many holidays were added.

	For the installation: an administrator who has emptied the table later is not overruled by a migrate.
	"""
	settings = frappe.get_doc("Sinjai Settings")
	if settings.holidays:
		return 0
	rows = missing(settings)
	for row in rows:
		settings.append("holidays", row)
	settings.save(ignore_permissions=True)
	return len(rows)
