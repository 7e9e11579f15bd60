import frappe

from sinjai_services.simaya.organisation import OrganisationTree


class WorkUnit(OrganisationTree):
	"""A unit of an agency, such as its secretariat or one of its divisions."""

	nsm_parent_field = "parent_work_unit"


def on_doctype_update():
	frappe.db.add_index("Work Unit", ["agency", "superior_code"], "waiting")
