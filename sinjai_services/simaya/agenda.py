"""Numbers in the agenda of incoming letters: one series an agency, year and book, without gap or duplicate.

The last number lies in a row that whoever takes the next one locks until the letter is stored, in the same
transaction: a registration that fails gives its number back, and the next waits for it. The unique key on the
letter guards against whatever else might happen.
"""

import frappe
from frappe.utils import cint, getdate


def key_of(agency: str, year: int, book: str) -> str:
	return f"{agency}|{year}|{book}"


def next_number(agency: str, year: int, book: str) -> int:
	"""Take the next number of a book; the row stays locked until the caller's transaction ends."""
	name = key_of(agency, year, book)
	while (last := locked_number(name)) is None:
		make_counter(name, agency, year, book)
	frappe.db.set_value("Agenda Counter", name, "last_number", last + 1, update_modified=False)
	return last + 1


def locked_number(name: str) -> int | None:
	"""Return the last number given, read as it stands now, not as the transaction's snapshot has it."""
	counter = frappe.qb.DocType("Agenda Counter")
	rows = frappe.qb.from_(counter).select(counter.last_number).where(counter.name == name).for_update().run()
	return cint(rows[0][0]) if rows else None


def make_counter(name: str, agency: str, year: int, book: str):
	"""Open a new book; when somebody else has just done so, theirs is used."""
	counter = frappe.qb.DocType("Agenda Counter")
	columns = (counter.name, counter.agency, counter.year, counter.book, counter.last_number)
	# Waits for another one who opens the same book, and then does nothing: no error that would undo the
	# letter.
	frappe.qb.into(counter).columns(*columns).insert(name, agency, year, book, 0).ignore().run()


def give_number(letter):
	"""Give a letter its place in the agenda, once."""
	if letter.agenda_key:
		return
	letter.agenda_year = getdate(letter.received_at).year
	letter.agenda_number = next_number(letter.agency, letter.agenda_year, letter.book)
	letter.agenda_key = f"{key_of(letter.agency, letter.agenda_year, letter.book)}|{letter.agenda_number}"
	letter.agenda_label = f"{letter.agenda_number:04d}/{letter.agenda_year}"
