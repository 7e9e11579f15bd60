"""Takes back what the app brought, keeps what people made, and says what was kept."""

import click
import frappe
from frappe.installer import update_site_config

from sinjai_services.seeding import shipped_documents
from sinjai_services.setup_constants import MAX_REQUEST_BYTES, ROLES
from sinjai_services.stages import tracked_doctypes

SHARED = ("Workflow State", "Workflow Action Master")
"""Inserted by us where missing, but other workflows may use them."""


def before_uninstall():
	"""Remove what Frappe's own uninstall leaves behind; keep and list what administrators made."""
	frappe.flags.in_uninstall = True
	kept = workflows_not_shipped()
	remove_workflows()
	remove_shared()
	remove_other_shipped()
	for line in kept:
		click.secho(line, fg="yellow")


def after_uninstall():
	remove_roles()
	if frappe.conf.max_file_size == MAX_REQUEST_BYTES:
		update_site_config("max_file_size", "None")
	# The platform commits before this hook and not after it.
	frappe.db.commit()


def shipped_names(doctype: str) -> set[str]:
	return {document["name"] for document in shipped_documents() if document["doctype"] == doctype}


def workflows_not_shipped() -> list[str]:
	"""Switch off the administrators' own workflows on our DocTypes, which go with the app; return what to say."""
	shipped = shipped_names("Workflow")
	kept = []
	for name in frappe.get_all("Workflow", {"document_type": ("in", tracked_doctypes())}, pluck="name"):
		if name not in shipped:
			frappe.db.set_value("Workflow", name, "is_active", 0)
			kept.append(f"Kept, switched off: Workflow {name}")
	return kept


def remove_workflows():
	for name in shipped_names("Workflow"):
		frappe.delete_doc("Workflow", name, ignore_missing=True, force=True)


def remove_shared():
	"""Remove states and actions of ours that no other workflow uses."""
	states = set(frappe.get_all("Workflow Document State", {"parenttype": "Workflow"}, pluck="state"))
	actions = set(frappe.get_all("Workflow Transition", {"parenttype": "Workflow"}, pluck="action"))
	used = {"Workflow State": states, "Workflow Action Master": actions}
	for doctype in SHARED:
		for name in shipped_names(doctype) - used[doctype]:
			frappe.delete_doc(doctype, name, ignore_missing=True, force=True)


def remove_other_shipped():
	for doctype in ("Notification", "Web Form", "Print Format", "Letter Head"):
		for name in shipped_names(doctype):
			frappe.delete_doc(doctype, name, ignore_missing=True, force=True)


def remove_roles():
	"""Remove our roles where nobody and nothing that stays uses them."""
	for role in ROLES:
		if in_use(role):
			click.secho(f"Kept, still in use: Role {role}", fg="yellow")
		else:
			frappe.delete_doc("Role", role, ignore_missing=True, force=True)


def in_use(role: str) -> bool:
	"""Tell whether people, permissions or workflows that stay name the role; Administrator has every role."""
	return bool(
		frappe.db.exists("Has Role", {"role": role, "parent": ("!=", "Administrator")})
		or frappe.db.exists("DocPerm", {"role": role})
		or frappe.db.exists("Custom DocPerm", {"role": role})
		or frappe.db.exists("Workflow Document State", {"allow_edit": role})
		or frappe.db.exists("Workflow Transition", {"allowed": role})
	)
