"""What seeding adds to a migrate when nothing has changed, in seconds and as a share of the migrate itself.

Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/seeding.py
"""

import statistics
import subprocess
import sys
import time

from site_of import SITE, connected

import frappe

from sinjai_services.seeding import seed
from sinjai_services.seeding.files import shipped_documents

ROUNDS = 10


def seconds_of_a_migrate() -> float:
	start = time.perf_counter()
	subprocess.run(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, "migrate"],
		check=True,
		capture_output=True,
	)
	return time.perf_counter() - start


def seconds_of_seeding(keep_caches: bool) -> float:
	if not keep_caches:
		# As a migrate meets it: in a process of its own, after the platform has emptied every cache.
		frappe.clear_cache()
	start = time.perf_counter()
	seed()
	return time.perf_counter() - start


def main():
	with connected():
		seed()
		frappe.db.commit()
		# An open transaction of ours would keep the migrate from altering any table we have read.
		migrate = seconds_of_a_migrate()
		frappe.db.rollback()
		ledger = frappe.db.count("Shipped Document")
		cold = [seconds_of_seeding(keep_caches=False) for _round in range(ROUNDS)]
		warm = [seconds_of_seeding(keep_caches=True) for _round in range(ROUNDS)]
	seeding = statistics.median(cold)
	print(f"documents shipped: {len(shipped_documents())}, rows in the ledger: {ledger}")
	print(f"whole bench migrate: {migrate:.2f} s")
	print(f"seeding, nothing changed: {seeding:.3f} s (aim: under 2)")
	print(f"the same with warm caches: {statistics.median(warm):.3f} s")
	print(f"share of the migrate: {seeding / migrate:.1%}")


if __name__ == "__main__":
	main()
