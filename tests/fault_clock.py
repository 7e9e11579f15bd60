"""The scheduler of the fault tests: the channel's sweeps each second, also while the database is away."""

import os
import sys
import time

import frappe

from sinjai_services.whatsapp import inbox, outbox

# What a sweep leaves alone for half a minute is left lying here sooner.
inbox.SWEEP_AFTER_SECONDS = 2


def main(site: str):
	os.chdir(os.environ["SINJAI_SITES_PATH"])
	while True:
		try:
			frappe.init(site=site, sites_path=".")
			frappe.connect()
			inbox.sweep()
			outbox.sweep()
			frappe.db.commit()
		except Exception as error:
			print(type(error).__name__, flush=True)
		finally:
			frappe.destroy()
		time.sleep(1)


if __name__ == "__main__":
	main(sys.argv[1])
