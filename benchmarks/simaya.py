"""What "what waits for me" costs with a large archive of letters and dispositions, against a small one.

Letters, dispositions and tasks are written by the query builder, in batches, and taken back afterwards; those
that wait are the same in both runs, since nobody's desk grows with the archive.
Run it with the bench up: .bench/frappe-bench/env/bin/python benchmarks/simaya.py [letters of the large
archive]
"""

import statistics
import sys
import time

from site_of import connected

import frappe
from frappe.utils import add_days, now_datetime

SMALL, LARGE = 2_000, 200_000
DISPOSITIONS_EACH = 5
OPEN_FOR_ME = 40
POSITIONS = 300
BATCH = 2_000
ROUNDS = 60
MARK = "Patokan"


def main(large: int):
	with connected():
		try:
			measure(large)
		finally:
			remove()


def measure(large: int):
	from sinjai_services.simaya import tasks

	remove()
	mine = [f"{MARK}-{number}" for number in range(2)]
	fill(0, SMALL)
	frappe.db.commit()
	small = timed(lambda: tasks.waiting_rows(mine))
	began = time.perf_counter()
	fill(SMALL, large)
	frappe.db.commit()
	frappe.db.sql("analyze table `tabLetter Task`")
	print(
		f"wrote {large} letters and {large * DISPOSITIONS_EACH} dispositions in "
		f"{time.perf_counter() - began:.0f} s"
	)
	big = timed(lambda: tasks.waiting_rows(mine))
	print(f"{SMALL} letters, {SMALL * DISPOSITIONS_EACH} dispositions: {small:.2f} ms")
	print(f"{large} letters, {large * DISPOSITIONS_EACH} dispositions: {big:.2f} ms")
	print(f"what waits for me, large / small: {big / small:.2f} (aim: at most 1.5)")
	for row in explained(tasks.waiting_query(mine)):
		print(f"EXPLAIN: table={row.table} type={row.type} key={row.key} rows={row.rows}")


def explained(query) -> list[dict]:
	return frappe.db.sql("explain " + query.get_sql(), as_dict=True)


def timed(function) -> float:
	"""Return the median milliseconds of a call."""
	assert len(function()) == OPEN_FOR_ME
	spent = []
	for _round in range(ROUNDS):
		start = time.perf_counter()
		function()
		spent.append((time.perf_counter() - start) * 1000)
	return statistics.median(spent)


def fill(start: int, end: int):
	"""Write letters `start` to `end`, with their dispositions and tasks; the first ones wait for me."""
	now = now_datetime()
	for first in range(start, end, BATCH):
		letters, asked, rows = [], [], []
		for number in range(first, min(first + BATCH, end)):
			letter = f"{MARK}-SM-{number}"
			letters.append((letter, now, "Administrator", MARK, f"Perihal {number}", MARK, "Completed"))
			for each in range(DISPOSITIONS_EACH):
				name = f"{letter}-{each}"
				wanted = number * DISPOSITIONS_EACH + each < OPEN_FOR_ME
				position = (
					f"{MARK}-{each % 2}"
					if wanted or not (number + each) % 20
					else f"{MARK}-{2 + (number + each) % POSITIONS}"
				)
				asked.append((name, now, letter, f"{MARK}-9", MARK, "Sent"))
				due = add_days(now, number % 30)
				rows.append((name, now, letter, name, position, MARK, int(wanted), "Answered", "Action", due))
		insert(
			"Incoming Letter",
			("name", "creation", "owner", "agency", "subject", "sender_name", "stage"),
			letters,
		)
		insert("Disposition", ("name", "creation", "letter", "from_position", "agency", "state"), asked)
		insert(
			"Letter Task",
			(
				"name",
				"creation",
				"letter",
				"disposition",
				"position",
				"agency",
				"waiting",
				"state",
				"kind",
				"due_date",
			),
			rows,
		)


def insert(doctype: str, columns: tuple, rows: list[tuple]):
	frappe.db.bulk_insert(doctype, columns, rows, chunk_size=BATCH * DISPOSITIONS_EACH)
	frappe.db.commit()


def remove():
	frappe.db.rollback()
	for doctype in ("Letter Task", "Disposition", "Incoming Letter"):
		frappe.db.delete(doctype, {"agency": MARK})
		frappe.db.commit()


if __name__ == "__main__":
	main(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
