"""What happens when the app comes to a site and at every migrate."""

import frappe
from frappe.installer import update_site_config

from sinjai_services.seeding import seed
from sinjai_services.setup_constants import MAX_REQUEST_BYTES


def after_install():
	if not frappe.conf.max_file_size:
		update_site_config("max_file_size", MAX_REQUEST_BYTES)


def after_sync():
	"""Seed as soon as roles and custom fields are there; Frappe runs this after the fixtures."""
	seed()


def after_migrate():
	seed()
