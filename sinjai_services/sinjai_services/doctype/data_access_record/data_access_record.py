import frappe

from sinjai_services.append_only import AppendOnly


class DataAccessRecord(AppendOnly):
	"""Who opened which personal number when; written by the app only, never changed or deleted."""


def on_doctype_update():
	frappe.db.add_index("Data Access Record", ["reference_doctype", "reference_name"], "opened_document")
