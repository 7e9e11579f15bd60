"""A process that numbers letters as fast as it can, each in a transaction; some of them fail afterwards."""

import os
import sys

import frappe

from sinjai_services.simaya import numbers


def main(agency: str, year: str, count: str, fail_every: str):
	os.chdir(os.environ["SINJAI_SITES_PATH"])
	frappe.init(site=os.environ["SINJAI_SITE"], sites_path=".")
	frappe.connect()
	for turn in range(1, int(count) + 1):
		given = numbers.give(
			agency,
			classification="000",
			kind="Circular",
			letter=None,
			on=f"{year}-03-04",
			reason="Uji serentak",
		)
		if turn % int(fail_every) == 0:
			frappe.db.rollback()
			continue
		frappe.db.commit()
		sys.stdout.write(f"{given.serial}\n")


if __name__ == "__main__":
	main(*sys.argv[1:])
