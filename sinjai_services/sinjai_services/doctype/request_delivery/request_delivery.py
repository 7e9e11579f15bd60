import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services import permissions

OFFICE = {"Operator", "Service Officer", "Approver", "Leader"}
"""Roles that see every delivery of their agency; a courier sees the own ones only."""


class RequestDelivery(Document):
	"""How the product of a request gets to the applicant; written by `requests.handover` only."""

	def on_trash(self):
		"""A delivery stays, being the proof of who received what."""
		if not frappe.flags.in_uninstall:
			frappe.throw(_("A delivery cannot be deleted, because it proves who received the document."))

	def request(self):
		"""Return the request this is about; its print needs the tracking code."""
		return frappe.get_doc(self.reference_doctype, self.reference_name)


def is_courier_only(user: str) -> bool:
	return not OFFICE & set(frappe.get_roles(user))


def get_permission_query_conditions(user: str | None = None) -> str:
	user = user or frappe.session.user
	condition = permissions.agency_condition("Request Delivery", user)
	if permissions.sees_all(user) or not is_courier_only(user):
		return condition
	return f"({condition}) and `tabRequest Delivery`.`courier` = {frappe.db.escape(user)}"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	user = user or frappe.session.user
	if permissions.sees_all(user):
		return True
	own = not is_courier_only(user) or doc.courier == user
	return own and permissions.has_agency_permission(doc, ptype, user)


def on_doctype_update():
	frappe.db.add_index("Request Delivery", ["courier", "state", "planned_date"], "day_of_courier")
	frappe.db.add_index("Request Delivery", ["reference_doctype", "reference_name"], "request")
