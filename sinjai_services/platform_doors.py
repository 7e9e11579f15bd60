"""Doors of the platform that answer without asking what the user may see.

Counting needs no right there: with filters it tells a secret subject sign by sign, or whether somebody is on
the register. Following a document sends its changes by mail to whoever says so, and files are packed for
whoever names them.
"""

import json

import frappe
from frappe import _
from frappe.desk import listview

from sinjai_services.printing import is_ours

MOST_GROUPED = 5000
"""Of so many documents, the newest, the list's side bar counts to whom they are assigned."""


def is_limited(doctype: str) -> bool:
	"""Tell whether not everybody sees every document: those of the app, and what hangs on letters."""
	return is_ours(doctype) or doctype in frappe.get_hooks("permission_query_conditions")


@frappe.whitelist()
def get_count(doctype: str, filters: str | dict | list | None = None, **more) -> int:
	"""Count what the user may see; stands in for `frappe.client.get_count`."""
	if not is_limited(doctype):
		return frappe.call("frappe.client.get_count", **{**more, "doctype": doctype, "filters": filters})
	return len(frappe.get_list(doctype, filters=frappe.parse_json(filters), pluck="name", limit=0))


@frappe.whitelist()
def get_group_by_count(doctype: str, current_filters: str, field: str) -> list[dict]:
	"""Count a list by a field; stands in for the function of that name in `frappe.desk.listview`, which
	looks at everybody's documents where the field is who they are assigned to."""
	if field == "assigned_to" and is_limited(doctype):
		wanted = frappe.parse_json(current_filters)
		seen = frappe.get_list(
			doctype, filters=wanted, pluck="name", order_by="creation desc", limit=MOST_GROUPED
		)
		current_filters = json.dumps([[doctype, "name", "in", seen or [""]]])
	return listview.get_group_by_count(doctype, current_filters, field)


@frappe.whitelist()
def zip_files(files: str):
	"""Answer with files of which the user may read each; stands in for `frappe.core.api.file.zip_files`."""
	for name in frappe.parse_json(files):
		frappe.get_doc("File", str(name)).check_permission("read")
	return frappe.call("frappe.core.api.file.zip_files", files=files)


def validate_follow(follow, method: str | None = None):
	"""Let people follow what they may read, and nobody a letter: it may become secret later (hook)."""
	if follow.ref_doctype in frappe.get_hooks("sinjai_secret_doctypes"):
		frappe.throw(_("Letters cannot be followed: their changes would go out by mail."))
	if not frappe.has_permission(follow.ref_doctype, "read", doc=follow.ref_docname, user=follow.user):
		raise frappe.PermissionError
