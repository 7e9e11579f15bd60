"""Connects a benchmark to the test site; every benchmark prints ratios to bare Frappe of the same run."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import frappe

ROOT = Path(__file__).parent.parent
SITE = os.environ.get("SINJAI_SITE", "sinjai-test.localhost")


@contextmanager
def connected():
	"""Connect as Administrator; what the block does not commit is rolled back."""
	os.chdir(os.environ.get("SINJAI_SITES_PATH", ROOT / ".bench" / "frappe-bench" / "sites"))
	sys.path.insert(0, str(ROOT / "tests"))
	frappe.init(site=SITE, sites_path=".")
	frappe.connect()
	frappe.local.request_ip = "127.0.0.1"
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.destroy()
