"""Loads the demo data: `python -m devbench.inside.demo SITE`; prints the log-ins as JSON in the last line."""

import json
import sys

import frappe

from devbench import demo


def main(site: str) -> None:
	"""Run `devbench.demo.load` as Administrator and commit."""
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	try:
		frappe.set_user("Administrator")
		# What is written down for citizens and staff is in their language.
		frappe.local.lang = frappe.get_system_settings("language")
		logins = demo.load() or []
		frappe.db.commit()
	finally:
		frappe.destroy()
	print(json.dumps([list(login) for login in logins]))


if __name__ == "__main__":
	main(sys.argv[1])
