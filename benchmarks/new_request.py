"""What it costs to make a request through its controller, against a plain DocType of the same fields.

Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/new_request.py
"""

import statistics
import time

from site_of import connected

import frappe

PLAIN = "Benchmark Plain Request"
REAL = "Civil Document Request"
ROUNDS, EACH = 7, 20
LAYOUT = {"Section Break", "Column Break", "HTML", "Tab Break"}


def make_plain():
	"""A DocType without a controller: same stored fields, same child table, same indexes."""
	fields = [
		{
			key: df.get(key)
			for key in (
				"fieldname",
				"fieldtype",
				"label",
				"options",
				"unique",
				"search_index",
				"default",
				"reqd",
			)
		}
		for df in frappe.get_meta(REAL).fields
		if df.fieldtype not in LAYOUT
	]
	frappe.delete_doc("DocType", PLAIN, ignore_missing=True, force=True)
	doctype = {
		"doctype": "DocType",
		"name": PLAIN,
		"module": "Pencet WA",
		"custom": 1,
		"autoname": "naming_series:",
	}
	frappe.get_doc(
		{**doctype, "fields": fields, "permissions": [{"role": "System Manager", "read": 1}]}
	).insert()
	frappe.clear_cache(doctype=PLAIN)


def insert(doctype: str, values: dict, number: int) -> float:
	doc = frappe.get_doc({**values, "doctype": doctype})
	if doctype == PLAIN:
		# The database keeps these unique in both.
		doc.tracking_code, doc.submission_key = f"P{number}", None
	start = time.perf_counter()
	doc.insert()
	return time.perf_counter() - start


def main():
	with connected():
		import helpers

		from sinjai_services.requests import workflows

		# As every request and job begins.
		workflows.leave_out_actions()
		make_plain()
		try:
			real_values = helpers.request_values(reason="Hilang")
			sample = frappe.get_doc(real_values).insert()
			skipped = ("name", "tracking_code", "submission_key", "naming_series", "modified", "creation")
			plain_values = {key: value for key, value in sample.as_dict().items() if key not in skipped}
			plain_values |= {"nik": helpers.NIK_MALE, "no_kk": helpers.NO_KK, "naming_series": "BPR-.#####"}
			plain_values["papers"] = [
				{key: row.get(key) for key in ("requirement", "state", "optional", "original_required")}
				for row in sample.papers
			]
			ratios = compare(real_values, plain_values)
		finally:
			frappe.db.rollback()
			frappe.delete_doc("DocType", PLAIN, force=True)
			frappe.db.commit()
	print(f"request through its controller / plain insert: {statistics.median(ratios):.2f} (aim: at most 2)")


def compare(real_values: dict, plain_values: dict) -> list[float]:
	"""Insert both kinds in turns; return real / plain of each round."""
	ratios, number = [], 0
	for _round in range(ROUNDS + 1):
		seconds = {REAL: 0.0, PLAIN: 0.0}
		for _each in range(EACH):
			number += 1
			seconds[REAL] += insert(REAL, real_values, number)
			seconds[PLAIN] += insert(PLAIN, plain_values, number)
		real, plain = (seconds[kind] / EACH * 1000 for kind in (REAL, PLAIN))
		print(f"  controller {real:6.1f} ms   plain {plain:6.1f} ms")
		ratios.append(seconds[REAL] / seconds[PLAIN])
	return ratios[1:]


if __name__ == "__main__":
	main()
