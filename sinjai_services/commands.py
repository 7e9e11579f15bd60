"""Commands of the bench: `bench --site SITE export-shipped`, for developers."""

import click

import frappe
from frappe.commands import get_site, pass_context


@click.command("export-shipped")
@click.option("--doctype", help="Only documents of this kind")
@click.option("--anew", is_flag=True, help="Write unchanged documents, too")
@click.option(
	"--add",
	nargs=3,
	metavar="FILE DOCTYPE NAME",
	help="Ship one more document, e.g. notifications/reminder.json Notification Reminder",
)
@pass_context
def export_shipped(context, doctype=None, anew=False, add=None):
	"""Write documents of a site over the files the app ships them in."""
	from sinjai_services.seeding import export

	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		said = export.add(*add) if add else export.export(doctype, anew)
	except export.Missing as fault:
		raise click.ClickException(str(fault)) from fault
	finally:
		frappe.destroy()
	for line in said or ["Nothing has changed."]:
		click.echo(line)


commands = [export_shipped]
