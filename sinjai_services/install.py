"""What happens when the app comes to a site and at every migrate."""

import frappe
from frappe.installer import update_site_config

from sinjai_services.requests.holidays import add_shipped_holidays
from sinjai_services.seeding import seed
from sinjai_services.setup_constants import FRAPPES_DORMANT_DAYS, MAX_REQUEST_BYTES, NEVER_DORMANT_DAYS

LETTER_HEAD = "Kop Kabupaten Sinjai"
OFFICE_HOURS = {"office_opens": "08:00:00", "office_closes": "16:00:00", "friday_closes": "16:30:00"}


def after_install():
	set_office_hours()
	keep_scheduler_awake()
	if not frappe.conf.max_file_size:
		update_site_config("max_file_size", MAX_REQUEST_BYTES)


def set_office_hours():
	"""Write the usual hours down: Frappe fills an empty time with the hour of the installation."""
	settings = frappe.get_doc("Sinjai Settings")
	settings.update(OFFICE_HOURS)
	settings.save(ignore_permissions=True)


def keep_scheduler_awake():
	"""Let the scheduler work through holidays: Frappe slows it down when nobody logs in for 4 days.

	Citizens write then, too, and the sweeps that send and answer their messages are the scheduler's.
	"""
	settings = frappe.get_doc("System Settings")
	if settings.dormant_days in (None, 0, FRAPPES_DORMANT_DAYS):
		settings.db_set("dormant_days", NEVER_DORMANT_DAYS)


def after_sync():
	"""Seed as soon as roles and custom fields are there; Frappe runs this after the fixtures."""
	seed()
	set_letter_head()
	add_shipped_holidays()


def set_letter_head():
	"""Print on the shipped letterhead until an administrator chooses another."""
	settings = frappe.get_doc("Sinjai Settings")
	if not settings.default_letter_head and frappe.db.exists("Letter Head", LETTER_HEAD):
		settings.default_letter_head = LETTER_HEAD
		settings.save(ignore_permissions=True)


def after_migrate():
	seed()
