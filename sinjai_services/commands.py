"""Developer's command: writes shipped documents back into their files, so that these are never typed by hand."""

import json

import click
import frappe
from frappe.commands import get_site, pass_context

from sinjai_services import seeding

VOLATILE = {
	"owner",
	"creation",
	"modified",
	"modified_by",
	"docstatus",
	"idx",
	"parent",
	"parentfield",
	"parenttype",
	"workflow_data",
	"workflow_builder_id",
	"datetime_last_run",
	"sinjai_successors",
}


@click.command("export-shipped")
@pass_context
def export_shipped(context):
	"""Write the documents of the site over the shipped files they came from."""
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		for file in seeding.shipped_files():
			documents = json.loads(file.read_text(encoding="utf-8"))
			file.write_text(as_text([exported(document) for document in documents]), encoding="utf-8")
			click.echo(f"{file.name}: {len(documents)}")
	finally:
		frappe.destroy()


def as_text(documents: list[dict]) -> str:
	return json.dumps(documents, indent=1, ensure_ascii=False) + "\n"


def exported(shipped: dict) -> dict:
	"""Return the stored document in shipped form; one that the site has deleted stays as it was."""
	if not frappe.db.exists(shipped["doctype"], shipped["name"]):
		return shipped
	doc = frappe.get_doc(shipped["doctype"], shipped["name"])
	return {"doctype": doc.doctype, "name": doc.name, **stable(doc)}


def stable(doc) -> dict:
	"""Return the values worth shipping in the order of the form: no volatile keys, nothing empty."""
	values = {}
	for df in doc.meta.fields:
		value = doc.get(df.fieldname)
		if df.fieldname in VOLATILE or df.fieldtype in frappe.model.no_value_fields and df.fieldtype not in frappe.model.table_fields:
			continue
		if df.fieldtype in frappe.model.table_fields:
			value = [{"doctype": row.doctype, **stable(row)} for row in value]
		if value not in (None, "", 0, 0.0, []):
			values[df.fieldname] = value if isinstance(value, str | int | float | list) else str(value)
	return values


commands = [export_shipped]
