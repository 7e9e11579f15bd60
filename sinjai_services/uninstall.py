"""Takes back what the app brought, keeps what people made, and says what was kept."""

import click

import frappe
from frappe.installer import update_site_config

from sinjai_services.seeding import ledger
from sinjai_services.seeding.files import shipped_document
from sinjai_services.setup_constants import FRAPPES_DORMANT_DAYS, MAX_REQUEST_BYTES, NEVER_DORMANT_DAYS, ROLES
from sinjai_services.stages import tracked_doctypes

KINDS = ("Workflow", "Notification", "Web Form", "Print Format", "Letter Head", "List View Settings")
"""What the app ships in the platform's own DocTypes; what it ships in its own goes with them."""

SHARED = {
	"Workflow State": ("Workflow Document State", "state"),
	"Workflow Action Master": ("Workflow Transition", "action"),
}
"""Shipped kinds that other workflows may use, with the rows and the column that name them."""

OFF = {"enabled": 0, "is_active": 0, "published": 0, "is_default": 0, "disabled": 1}
"""How each switch stands when a document is kept that cannot work without the app."""


def before_uninstall():
	"""Remove what Frappe's own uninstall leaves behind; keep and list what administrators made or changed."""
	frappe.flags.in_uninstall = True
	names = ledger.all_names()
	rows = [row for row in ledger.rows().values() if row.shipped_hash]
	for kind in (*KINDS, *SHARED):
		for row in (row for row in rows if row.document_type == kind):
			remove_or_keep(row, names)
	switch_off_workflows()


def remove_or_keep(row, names):
	"""Remove a shipped document that is as we left it; keep one that was edited or that others use."""
	doc = ledger.document_of(row)
	if not doc:
		return
	if doc.doctype in SHARED and used(doc):
		say(doc, "in use")
	elif ledger.edited_here(shipped_document(row.document_type, row.shipped_name), row, doc, names):
		keep(doc)
	else:
		frappe.delete_doc(doc.doctype, doc.name, force=True)
		forget_defaults(doc)


def used(doc) -> bool:
	rows, column = SHARED[doc.doctype]
	return bool(frappe.db.exists(rows, {column: doc.name, "parenttype": "Workflow"}))


def keep(doc):
	"""Switch a document off, and take it out of our modules: Frappe removes all that is in them."""
	off = {field: value for field, value in OFF.items() if doc.meta.has_field(field)}
	if doc.meta.has_field("module"):
		off["module"] = None
	if off:
		frappe.db.set_value(doc.doctype, doc.name, off)
	forget_defaults(doc)
	say(doc, "edited")


def forget_defaults(doc):
	"""Let the site no longer print on a letterhead that is gone or off."""
	if doc.doctype == "Letter Head":
		frappe.defaults.clear_default("letter_head", doc.name)
		frappe.defaults.clear_default("default_letter_head_content", doc.content)


def say(doc, why: str):
	click.secho(f"Kept, {why}: {doc.doctype} {doc.name}", fg="yellow")


def switch_off_workflows():
	"""Switch off the administrators' own workflows on our DocTypes, which go with the app."""
	for name in frappe.get_all("Workflow", {"document_type": ("in", tracked_doctypes())}, pluck="name"):
		frappe.db.set_value("Workflow", name, "is_active", 0)
		if not ledger.row_of("Workflow", name):
			click.secho(f"Kept, switched off: Workflow {name}", fg="yellow")


def after_uninstall():
	remove_roles()
	if frappe.conf.max_file_size == MAX_REQUEST_BYTES:
		update_site_config("max_file_size", "None")
	settings = frappe.get_doc("System Settings")
	if settings.dormant_days == NEVER_DORMANT_DAYS:
		settings.db_set("dormant_days", FRAPPES_DORMANT_DAYS)
	# The platform commits before this hook and not after it.
	frappe.db.commit()


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
