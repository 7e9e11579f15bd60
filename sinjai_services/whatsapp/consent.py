"""Whether a number's owner wants messages. Answers to what they write themselves are not asked about."""

import frappe
from frappe.utils import now_datetime


def wants_messages(number: str) -> bool:
	"""Tell whether the owner of a number in E.164 takes messages; who has never written does."""
	return not frappe.db.get_value("Chat Contact", number, "opted_out")


def opt_out(number: str):
	"""Keep that the citizen wants answers only. Done twice, the first date stays."""
	if contact(number).opted_out:
		return
	frappe.db.set_value("Chat Contact", number, {"opted_out": 1, "opted_out_at": now_datetime()})


def opt_in(number: str):
	"""Take `opt_out` back."""
	contact(number)
	frappe.db.set_value("Chat Contact", number, {"opted_out": 0, "opted_out_at": None})


def contact(number: str):
	"""Return the row of a number, locked until the end of the transaction; made where there is none.

	Two who make it at once both get the one there is.
	"""
	row = locked(number)
	if row:
		return row
	doc = frappe.get_doc({"doctype": "Chat Contact", "number": number})
	doc.insert(ignore_permissions=True, ignore_if_duplicate=True)
	return locked(number)


def locked(number: str):
	return frappe.db.get_value("Chat Contact", number, ["name", "opted_out"], as_dict=True, for_update=True)
