import frappe

from sinjai_services.append_only import AppendOnly
from sinjai_services.permissions import agency_condition


class LockerMovement(AppendOnly):
	"""One step of a paper from one place to another."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Locker Movement", user)


def on_doctype_update():
	frappe.db.add_index("Locker Movement", ["document", "at"], "paper_course")
	frappe.db.add_index("Locker Movement", ["request"], "request_papers")
