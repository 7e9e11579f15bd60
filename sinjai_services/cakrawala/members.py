"""Members of the boat owners' WhatsApp group: read from a phone's contacts, matched to owners and agents.

WhatsApp gives no business number access to ordinary groups; the list is what an officer exports from the
phone that is in the group. It tells who of the group is on the register, and whose boats still have to be
entered.
"""

import csv
import io
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import frappe
from frappe import _

from sinjai_services import permissions
from sinjai_services.cakrawala import vessel_names
from sinjai_services.phone import normalise_mobile

DOCTYPE = "Chat Group Member"
LARGEST_LIST = 3_000_000
"""Characters; contacts with pictures are larger than plain ones."""

MOST_MEMBERS = 2000
"""WhatsApp's groups hold 1024."""

MOST_TOLD = 30
LONGEST_NAME = 100
NAME_HEADS = ("nama", "name", "first name", "last name", "middle name", "display name")


@dataclass
class Contact:
	"""One entry of a list: a name, and every text that may be its number."""

	name: str
	numbers: list[str] = field(default_factory=list)


@frappe.whitelist(methods=["POST"])
def take_list(kiosk: str, content: str) -> dict:
	"""Bring in the members of a kiosk's group; a list brought in again changes nothing but names and matches.

	Args:
		kiosk: name of the Locker Kiosk.
		content: text of a vCard or CSV file.

	Returns:
		{"new", "known", "matched", "unmatched": numbers of members; "refused": names without a mobile number,
		at most MOST_TOLD; "refused_count"}.

	Raises:
		frappe.PermissionError: another agency's kiosk, or no officer.
	"""
	validate_may_import(kiosk)
	people, refused = clean(contacts(content))
	known = set(frappe.get_all(DOCTYPE, {"number": ("in", list(people) or [""])}, pluck="number"))
	matched = 0
	for number, name in people.items():
		matched += bool(keep(kiosk, number, name))
	return {
		"new": len(people) - len(known),
		"known": len(known),
		"matched": matched,
		"unmatched": len(people) - matched,
		"refused": refused[:MOST_TOLD],
		"refused_count": len(refused),
	}


def validate_may_import(kiosk: str):
	if not frappe.has_permission("Fishing Vessel", "create"):
		frappe.throw(_("Only officers of the kiosk bring in members."), frappe.PermissionError)
	agency = frappe.db.get_value("Locker Kiosk", kiosk, "agency")
	user = frappe.session.user
	if not agency or not (permissions.sees_all(user) or agency in permissions.agencies_of(user)):
		frappe.throw(_("You work for another agency."), frappe.PermissionError)


def keep(kiosk: str, number: str, name: str) -> str:
	"""Write one member; return the boats that are theirs, as text."""
	owners = frappe.get_all("Citizen", {"whatsapp_number": number}, pluck="name")
	boats = ", ".join(boat.vessel_name for boat in vessel_names.boats(owners))
	stored = frappe.db.get_value(DOCTYPE, {"number": number})
	member = frappe.get_doc(DOCTYPE, stored) if stored else frappe.new_doc(DOCTYPE)
	values = {"kiosk": kiosk, "number": number, "member_name": name or member.member_name}
	member.update({**values, "boats": boats, "matched": int(bool(boats))})
	member.save(ignore_permissions=True)
	return boats


# Reading a list ----------------------------------------------------------------------------------------


def contacts(content: str) -> list[Contact]:
	"""Return the entries of a vCard or CSV list; raises a ValidationError for what is none or too long."""
	text = (content if isinstance(content, str) else "").lstrip("\ufeff")
	if len(text) > LARGEST_LIST:
		frappe.throw(_("The list is too large. Export the contacts without their pictures."))
	found = []
	for contact in vcards(text) if "BEGIN:VCARD" in text.upper() else rows(text):
		found.append(contact)
		if len(found) > MOST_MEMBERS:
			frappe.throw(_("A list has at most {0} members.").format(MOST_MEMBERS))
	if not found:
		frappe.throw(_("No contacts were found. Choose a vCard (.vcf) or CSV file."))
	return found


def vcards(text: str) -> Iterator[Contact]:
	"""Read vCards of versions 2.1 to 4.0: folded lines, and names in quoted-printable."""
	text = re.sub(r"=\r?\n", "", re.sub(r"\r?\n[ \t]", "", text))
	contact = None
	for line in text.splitlines():
		head, _colon, value = line.partition(":")
		options = head.upper().split(";")
		kind = options[0].rpartition(".")[2]
		if kind == "BEGIN":
			contact = Contact("")
		elif contact and kind in ("FN", "N") and not contact.name:
			contact.name = plain(decoded(value, options).replace("\\,", ","))
		elif contact and kind == "TEL":
			contact.numbers.append(value.removeprefix("tel:"))
		elif contact and kind == "END":
			yield contact
			contact = None


def decoded(value: str, options: list[str]) -> str:
	if any("QUOTED-PRINTABLE" in option for option in options):
		return quopri.decodestring(value.encode()).decode("utf-8", "replace")
	return value


def rows(text: str) -> Iterator[Contact]:
	"""Read a CSV list with or without headings, whatever separates its cells."""
	first = text.partition("\n")[0]
	separator = max(",;\t", key=first.count)
	places = None
	try:
		for row in csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator):
			cells = [cell.strip() for cell in row]
			if places is None:
				places = [place for place, cell in enumerate(cells) if cell.casefold() in NAME_HEADS]
				if places:
					continue
			if any(cells):
				yield contact_of(cells, places)
	except csv.Error:
		frappe.throw(_("The list cannot be read. Choose a vCard (.vcf) or CSV file."))


def contact_of(cells: list[str], places: list[int]) -> Contact:
	named = [cells[place] for place in places if place < len(cells)]
	named = named or [next((cell for cell in cells if any(sign.isalpha() for sign in cell)), "")]
	numbers = [part for cell in cells if re.search(r"\d{4}", cell) for part in cell.split(" ::: ")]
	return Contact(plain(" ".join(named)), numbers)


def plain(name: str) -> str:
	"""Return a name in visible signs, without what a spreadsheet would take for a formula."""
	seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in name.replace(";", " "))
	return " ".join(seen.split()).lstrip("=+-@ ")[:LONGEST_NAME]


def clean(found: list[Contact]) -> tuple[dict[str, str], list[str]]:
	"""Return ({number: name}, names of those without a mobile number); each number once."""
	people, refused = {}, []
	for contact in found:
		number = first_mobile(contact.numbers)
		if number:
			people[number] = people.get(number) or contact.name
		else:
			refused.append(contact.name or _("without a name"))
	return people, refused


def first_mobile(numbers: list[str]) -> str | None:
	for number in numbers:
		try:
			return normalise_mobile(number[:40])
		except ValueError:
			continue
	return None
