import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services import permissions

OFFICE = {"Operator", "Service Officer", "Approver", "Leader"}
"""Roles that see every visit of their agency; members of the teams see those they are sent to."""


class FieldVisit(Document):
	"""A visit to an applicant; written by `requests.visits` and `requests.visit_report` only."""

	def on_trash(self):
		"""A visit stays, being the proof of what was seen and taken along."""
		if not frappe.flags.in_uninstall:
			frappe.throw(_("A visit cannot be deleted, because it proves what was seen and taken along."))

	def appointment_proposed(self):
		"""Called when a time is proposed to the applicant, first or anew; what is sent hangs on it
		(hooks)."""

	def appointment_cancelled(self):
		"""Called when the office cancels a visit the applicant knows of."""

	def papers_picked_up(self):
		"""Called when the team has taken papers along; `flags.picked_up` names them."""

	def visit_failed(self):
		"""Called when the team came in vain."""

	def request(self):
		"""Return the request this is about; its prints need the tracking code."""
		return frappe.get_doc(self.reference_doctype, self.reference_name)


def is_team_only(user: str) -> bool:
	return not OFFICE & set(frappe.get_roles(user))


def get_permission_query_conditions(user: str | None = None) -> str:
	user = user or frappe.session.user
	condition = permissions.agency_condition("Field Visit", user)
	if permissions.sees_all(user) or not is_team_only(user):
		return condition
	member = frappe.db.escape(user)
	return (
		f"({condition}) and exists (select 1 from `tabField Visit Member` as member where member.parent ="
		f" `tabField Visit`.`name` and member.parenttype = 'Field Visit' and member.`user` = {member})"
	)


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	user = user or frappe.session.user
	if permissions.sees_all(user):
		return True
	own = not is_team_only(user) or any(row.user == user for row in doc.team)
	return own and permissions.has_agency_permission(doc, ptype, user)


def on_doctype_update():
	frappe.db.add_index("Field Visit", ["state", "planned_date"], "day")
	frappe.db.add_index("Field Visit", ["reference_doctype", "reference_name"], "request")
	frappe.db.add_index("Field Visit", ["whatsapp_number", "state"], "applicant")
