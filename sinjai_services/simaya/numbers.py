"""Numbers of letters: a serial an agency and year, given inside the transaction of the signature.

The counter's row stays locked until that transaction ends, so that nobody gets the same serial and a
signature
that fails gives its serial back: the register has no holes. A number that was given and then not used,
because its letter was cancelled, stays in the register with the reason.
"""

import re

import frappe
from frappe import _
from frappe.utils import cint, getdate, nowdate

from sinjai_services.permissions import has_agency_permission

DEFAULT_PATTERN = "{classification}/{serial}/{agency}/{roman_month}/{year}"
PLACEHOLDERS = ("classification", "serial", "agency", "kind", "month", "roman_month", "year")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAME = re.compile(r"([a-z_]+)(?::0?([1-9]))?")
"""A placeholder may say how many digits it has at least: `{serial:3}` prints 7 as 007."""

NEEDED = ("serial", "year")
LONGEST = 100
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
KIND_CODES = {
	"Official Letter": "SD",
	"Internal Memo": "ND",
	"Invitation": "UND",
	"Assignment Letter": "ST",
	"Statement Letter": "SKET",
	"Circular": "SE",
}

KEEPERS = {"Records Officer", "Sinjai Administrator", "System Manager"}
USED, CANCELLED = "Used", "Cancelled"
LONGEST_REASON = 500


class InvalidPattern(frappe.ValidationError):
	"""The pattern would not print, or two letters could get one number; the message says what to change."""


class NumberTaken(frappe.ValidationError):
	"""The pattern gives a number that the register holds already."""


# Patterns ----------------------------------------------------------------------------------------------


def validate_pattern(pattern: str):
	"""Refuse a pattern with a placeholder nobody knows, or that could give one number to two letters.

	Raises:
		InvalidPattern: the message says what to change.
	"""
	if not pattern or len(pattern) > LONGEST:
		fault(_("Write a pattern of 1 to {0} characters.").format(LONGEST))
	names = [placeholder_name(text) for text in PLACEHOLDER.findall(pattern)]
	rest = PLACEHOLDER.sub("\0", pattern)
	if "{" in rest or "}" in rest:
		fault(_("A brace is open or closed alone. Write placeholders like {serial}."))
	for needed in NEEDED:
		if names.count(needed) != 1:
			fault(_("The pattern needs {0} exactly once.").format(f"{{{needed}}}"))
	# 1/11/… and 11/1/… must not become one number.
	if re.search("\0\0|\0[0-9]|[0-9]\0", rest):
		fault(_("Put a sign such as / or - between placeholders, and none of them next to a digit."))


def placeholder_name(text: str) -> str:
	match = NAME.fullmatch(text)
	if not match or match[1] not in PLACEHOLDERS:
		known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
		fault(_("{0} is no placeholder. There are: {1}").format(f"{{{text}}}", known))
	return match[1]


def fault(text: str):
	frappe.throw(text, InvalidPattern, title=_("Number Pattern"))


def pattern_of(agency: str) -> str:
	"""Return the pattern by which an agency numbers: its own, the regency's, or the one we ship."""
	own = frappe.get_cached_value("Agency", agency, "letter_number_pattern")
	return own or frappe.get_cached_doc("SIMAYA Settings").number_pattern or DEFAULT_PATTERN


def show(pattern: str, *, serial: int, agency: str, classification: str | None, kind: str, on) -> str:
	"""Return the number a pattern gives.

	Args:
		serial: of the agency in that year.
		agency: name of the Agency; printed is its code for letters, or its abbreviation.
		classification: code of the classification.
		kind: kind of the letter.
		on: the date of the letter.
	"""
	day = getdate(on)
	values = {
		"classification": classification or "",
		"serial": serial,
		"agency": agency_code(agency),
		"kind": KIND_CODES.get(kind, ""),
		"month": day.month,
		"roman_month": ROMAN_MONTHS[day.month - 1],
		"year": day.year,
	}

	def filled(match) -> str:
		name, digits = NAME.fullmatch(match[1]).groups()
		value = values[name]
		return f"{value:0{cint(digits) or 1}d}" if isinstance(value, int) else value

	return PLACEHOLDER.sub(filled, pattern)


def agency_code(agency: str) -> str:
	doc = frappe.get_cached_doc("Agency", agency)
	return doc.get("letter_code") or doc.abbreviation


# Giving numbers ----------------------------------------------------------------------------------------


def next_serial(series: str) -> int:
	"""Return the next number of a series and keep the series locked until the transaction ends.

	Args:
		series: what is counted, e.g. "outgoing:Disdukcapil:2026"; the first number of a new one is 1.
	"""
	# One statement locks or makes the row: looking first would lock the gap, and two would wait for each
	# other.
	frappe.db.sql(
		"""
		insert into `tabLetter Counter` (name, creation, modified, owner, modified_by, last_number)
		values (%(series)s, now(6), now(6), %(user)s, %(user)s, 1)
		on duplicate key update last_number = last_number + 1, modified = now(6)
		""",
		{"series": series, "user": frappe.session.user},
	)
	return frappe.db.get_value("Letter Counter", series, "last_number", for_update=True)


def give(agency: str, *, classification: str | None, kind: str, letter: str | None, on=None, reason=None):
	"""Give the next number of an agency and year and enter it in the register; return its row.

	Args:
		letter: the Outgoing Letter that gets it; None for one written outside the app, with `reason`.
		on: date of the letter; today when left out.
	"""
	on = getdate(on or nowdate())
	serial = next_serial(f"outgoing:{agency}:{on.year}")
	pattern = pattern_of(agency)
	validate_pattern(pattern)
	number = show(pattern, serial=serial, agency=agency, classification=classification, kind=kind, on=on)
	row = frappe.get_doc(
		{
			"doctype": "Letter Number",
			"agency": agency,
			"year": on.year,
			"serial": serial,
			"number": number,
			"classification": classification,
			"kind": kind,
			"letter": letter,
			"letter_date": on,
			"state": USED,
			"reason": reason,
			"serial_key": f"{agency}:{on.year}:{serial}",
			"number_key": f"{agency}:{number}"[:140],
		}
	)
	try:
		return row.insert(ignore_permissions=True, ignore_links=True)
	except frappe.UniqueValidationError:
		frappe.throw(
			_("The number {0} has been used already. Change the pattern of the numbers.").format(number),
			NumberTaken,
		)


def cancel(letter: str, reason: str):
	"""Mark the number of a letter as not used any more; the register keeps it with the reason."""
	name = frappe.db.get_value("Letter Number", {"letter": letter, "state": USED})
	if name:
		row = frappe.get_doc("Letter Number", name, for_update=True)
		row.flags.by_app = True
		row.update({"state": CANCELLED, "reason": checked_reason(reason)})
		row.save(ignore_permissions=True)


def checked_reason(reason: str | None) -> str:
	reason = " ".join((reason or "").split())
	if not 5 <= len(reason) <= LONGEST_REASON:
		frappe.throw(_("Write the reason in 5 to {0} characters.").format(LONGEST_REASON))
	return reason


@frappe.whitelist(methods=["POST"])
def take_by_hand(agency: str, classification: str, kind: str, reason: str) -> str:
	"""Give a number to a letter that is written outside the app, so that the series has no hole.

	Returns:
		The number.

	Raises:
		frappe.PermissionError: the user does not keep this agency's register.
	"""
	if not KEEPERS & set(frappe.get_roles()) or not has_agency_permission(frappe._dict(agency=agency)):
		raise frappe.PermissionError
	if kind not in KIND_CODES or not frappe.db.exists("Letter Classification", classification):
		frappe.throw(_("Choose a kind and a classification."))
	return give(
		agency, classification=classification, kind=kind, letter=None, reason=checked_reason(reason)
	).number


def validate_agency(agency, method: str | None = None):
	"""Check an agency's own pattern when it is saved (hook)."""
	if agency.get("letter_number_pattern"):
		validate_pattern(agency.letter_number_pattern)
