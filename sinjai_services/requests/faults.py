"""All faults of a document at once, each with its field: a person mends a form in one go, not in ten."""

import frappe
from frappe import _
from frappe.utils import escape_html


class InvalidInput(frappe.ValidationError):
	"""What was typed cannot be taken. `faults` maps field names to sentences for the reader."""

	faults: dict[str, str]


def throw_faults(doc):
	"""Raise InvalidInput with everything in `doc.faults`; do nothing when there is none.

	The message a Desk user, an importer or a REST client reads lists each field's label and fault; a public
	form shows each next to its field.
	"""
	if not doc.faults:
		return
	items = [
		_("{0}: {1}").format(escape_html(_(doc.meta.get_label(field))), escape_html(fault))
		for field, fault in doc.faults.items()
	]
	error = InvalidInput("; ".join(f"{field}: {fault}" for field, fault in doc.faults.items()))
	error.faults = dict(doc.faults)
	frappe.msgprint(items, title=_("Please check"), as_list=True, indicator="red")
	raise error
