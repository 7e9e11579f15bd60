import frappe
from frappe.model.document import Document

from sinjai_services.permissions import agency_condition


class RenewalReminder(Document):
	"""An owner was told, once, that a permit or paper expires."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Renewal Reminder", user)


def on_doctype_update():
	frappe.db.add_index("Renewal Reminder", ["number", "expires_on"], "number_expiry")
	frappe.db.add_index("Renewal Reminder", ["reference_doctype", "reference_name"], "reference")
