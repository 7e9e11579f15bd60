"""Puts a shipped document into the database.

Differences between versions of the platform are dealt with here and nowhere else.
"""

import frappe
from frappe.model import table_fields

from sinjai_services.seeding.content import SWITCHES, Names, own_name_field


def insert(shipped: dict, names: Names):
	"""Insert a shipped document under its own name; return it as the database holds it."""
	doc = prepared(shipped, names)
	if doc.doctype == "Workflow" and doc.is_active:
		# Saving an active workflow switches every other one of its DocType off, also an administrator's own.
		doc.is_active = 0 if active_workflow(doc.document_type) else 1
	doc.insert(ignore_permissions=True, set_name=shipped["name"])
	if doc.doctype == "Letter Head" and shipped.get("source") and doc.source != shipped["source"]:
		# Version 15 makes every new letterhead one of a picture and then hides its text from the editor.
		doc.db_set("source", shipped["source"])
	return frappe.get_doc(doc.doctype, doc.name)


def update(shipped: dict, name: str, names: Names):
	"""Give a document the shipped content; switches and fields that are not shipped stay as they are.

	Args:
		name: what the document is called on this site.
	"""
	doc, ours = frappe.get_doc(shipped["doctype"], name), prepared(shipped, names)
	kept = SWITCHES | {"doctype", "name", own_name_field(doc.doctype)}
	for key in set(fitted(shipped)) - kept:
		if ours.meta.get_field(key).fieldtype in table_fields:
			doc.set(key, [])
			for row in ours.get(key):
				doc.append(key, row.as_dict(no_default_fields=True))
		else:
			doc.set(key, ours.get(key))
	doc.save(ignore_permissions=True)
	return frappe.get_doc(doc.doctype, doc.name)


def prepared(shipped: dict, names: Names):
	"""Return the shipped document as it is inserted here: fitting this version, linking to today's names."""
	doc = frappe.get_doc(fitted(shipped))
	for row in doc.get_all_children():
		# The platform gives rows their defaults when the whole document is new, not when rows are replaced.
		row.update_if_missing(frappe.new_doc(row.doctype, as_dict=True))
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.get_link_fields():
			if part.get(df.fieldname):
				part.set(df.fieldname, names.here(df.options, part.get(df.fieldname)))
	return doc


def fitted(shipped: dict) -> dict:
	"""Return the document without the keys that this version's DocTypes do not have.

	Web Form has `condition` in version 15 and `condition_json` in 16, for instance: a document that needs it
	is shipped with both.
	"""
	meta, fitting = frappe.get_meta(shipped["doctype"]), {}
	for key, value in shipped.items():
		df = meta.get_field(key)
		if key in ("doctype", "name"):
			fitting[key] = value
		elif df and df.fieldtype in table_fields:
			columns = {column.fieldname for column in frappe.get_meta(df.options).fields}
			fitting[key] = [
				{"doctype": df.options, **{name: row[name] for name in row if name in columns}}
				for row in value
			]
		elif df:
			fitting[key] = value
	return fitting


def active_workflow(doctype: str) -> str | None:
	return frappe.db.get_value("Workflow", {"document_type": doctype, "is_active": 1})
