"""Who wants messages: a citizen's word "stop" ends them, "mulai" brings them back."""

import frappe
from frappe.utils import now_datetime


def opt_out(number: str):
	"""Send this number nothing any more but answers to what it writes."""
	set_opted_out(number, True)


def opt_in(number: str):
	"""Take an earlier `opt_out` back."""
	set_opted_out(number, False)


def set_opted_out(number: str, value: bool):
	values = {"opted_out": int(value), "opted_out_at": now_datetime() if value else None}
	frappe.db.set_value("Chat Contact", number, values)


def wants_messages(number: str) -> bool:
	return not frappe.db.get_value("Chat Contact", number, "opted_out")
