"""Completes the set-up of a new site: `python -m devbench.inside.site SITE`, run in sites/."""

import sys

import frappe

COUNTRY = "Indonesia"
LANGUAGE = "id"
TIME_ZONE = "Asia/Makassar"
CURRENCY = "IDR"
NAME = "Layanan Sinjai"
"""What the log-in page and mails call the site."""
WIZARD = {
	"country": COUNTRY,
	"timezone": TIME_ZONE,
	"currency": CURRENCY,
	"enable_telemetry": 0,
	"setup_demo": 0,
	"full_name": "Administrator",
}
SETTINGS = {
	"language": LANGUAGE,
	"country": COUNTRY,
	"time_zone": TIME_ZONE,
	"date_format": "dd-mm-yyyy",
	"number_format": "#.###,##",
	"first_day_of_the_week": "Monday",
	"enable_scheduler": 1,
	"enable_telemetry": 0,
	"setup_complete": 1,
	"app_name": NAME,
	"login_with_email_link": 0,
}


def main(site: str) -> None:
	"""Run the wizard once and write the country's settings."""
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	try:
		complete_wizard()
		write_settings()
		frappe.db.commit()
		frappe.clear_cache()
	finally:
		frappe.destroy()


def complete_wizard() -> None:
	"""The wizard's own function, so that every app's wizard hooks run as well."""
	from frappe.desk.page.setup_wizard.setup_wizard import setup_complete

	# The wizard takes the language by the name it shows.
	name = frappe.db.get_value("Language", LANGUAGE, "language_name") or "English"
	answer = setup_complete({**WIZARD, "language": name})
	if (answer or {}).get("status") != "ok":
		raise SystemExit(f"The set-up wizard did not finish: {answer}")


def write_settings() -> None:
	"""Formats of the country; fields that this Frappe version lacks are left out."""
	settings = frappe.get_single("System Settings")
	known = {key: value for key, value in SETTINGS.items() if settings.meta.has_field(key)}
	settings.update(known)
	settings.flags.ignore_mandatory = True
	settings.save()
	frappe.db.set_single_value("Website Settings", "app_name", NAME)
	# Frappe without ERPNext knows no company, hence no currency; amounts are formatted by this default.
	frappe.db.set_default("currency", CURRENCY)
	frappe.db.set_value("Currency", CURRENCY, "enabled", 1)
	# Version 15 leaves the Administrator in its makers' time zone, and the Desk shows times in the user's.
	frappe.db.set_value("User", "Administrator", {"language": LANGUAGE, "time_zone": TIME_ZONE})


if __name__ == "__main__":
	main(sys.argv[1])
