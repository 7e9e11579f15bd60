import frappe

from sinjai_services.append_only import AppendOnly


class RequestEvent(AppendOnly):
	"""One thing that happened to a request or letter; written once, never changed or deleted."""


def on_doctype_update():
	frappe.db.add_index("Request Event", ["reference_doctype", "reference_name", "at"], "timeline")
