"""Numbers of licences: counted by service and year, given at signing, never twice.

The counter is a row of the platform's Series, locked and counted in the transaction that signs. A signature
that fails takes its number back with everything else, so that nothing is missing from the register; the next
signer of the same service waits for that moment.
"""

import re

import frappe
from frappe import _
from frappe.model.naming import getseries
from frappe.utils import cint, getdate

DEFAULT = "503/{nomor}/{kode}/DPMPTSP/{bulan}/{tahun}"
DIGITS = 4
PLACEHOLDERS = ("nomor", "kode", "bulan", "tahun")
MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
MOST_TRIES = 200
"""Numbers skipped when a pattern was changed to one that other licences have used already."""


class BadPattern(frappe.ValidationError):
	"""The pattern of a service's licence numbers cannot be used."""


def validate_pattern(service, method: str | None = None):
	"""Refuse a pattern without counter and year, or with what nobody can fill in (doc event)."""
	pattern = (service.get("licence_number_pattern") or "").strip()
	service.licence_number_pattern = pattern
	if not pattern:
		return
	found = re.findall(r"{([^{}]*)}", pattern)
	rest = re.sub(r"{[^{}]*}", "", pattern)
	if set(found) - set(PLACEHOLDERS) or "{" in rest or "}" in rest:
		frappe.throw(
			_("A licence number may hold these placeholders only: {0}").format(
				", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
			),
			BadPattern,
		)
	if "nomor" not in found or "tahun" not in found:
		frappe.throw(_("A licence number needs {nomor} and {tahun}: it counts by year."), BadPattern)


def allot(doctype: str, service, day) -> str:
	"""Take the next number of this service and year; the caller's transaction keeps it or gives it back.

	Args:
		doctype: whose field `licence_number` holds the numbers given.
		service: a Public Service.
		day: date of issue.
	"""
	for _try in range(MOST_TRIES):
		number = written(service, cint(getseries(f"IZIN-{service.name}-{getdate(day).year}-", DIGITS)), day)
		if not frappe.db.exists(doctype, {"licence_number": number}):
			return number
	frappe.throw(_("No licence number is free. Ask your administrator to look at the pattern."), BadPattern)


def written(service, count: int, day) -> str:
	"""Return the number as it stands on the licence."""
	day = getdate(day)
	values = {
		"nomor": f"{count:0{DIGITS}d}",
		"kode": service.name,
		"bulan": MONTHS[day.month - 1],
		"tahun": str(day.year),
	}
	pattern = service.get("licence_number_pattern") or DEFAULT
	return re.sub(r"{([^{}]*)}", lambda found: values[found[1]], pattern)
