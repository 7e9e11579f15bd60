import frappe

from sinjai_services.simaya.organisation import OrganisationTree, forget_positions


class WorkPosition(OrganisationTree):
	"""A post in the organisation of an agency. Letters go to posts; people hold them for a time."""

	nsm_parent_field = "parent_work_position"

	def on_update(self):
		super().on_update()
		forget_positions()


def on_doctype_update():
	frappe.db.add_index("Work Position", ["agency", "lft"], "tree")
	frappe.db.add_index("Work Position", ["agency", "superior_code"], "waiting")
