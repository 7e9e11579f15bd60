"""Builds the holidays the app ships (`sinjai_services/holidays/holidays.json`).

A development tool; nothing in the running app needs it, and Frappe's pins rule out the versions that know
these years. The data is the PyPI package holidays (MIT): national holidays and the government's joint leave
(cuti bersama). To rebuild when the joint decree of the three ministers (SKB) for another year is out and the
package has it:

	python3 -m venv /tmp/holidays && /tmp/holidays/bin/pip install holidays
	/tmp/holidays/bin/python -m devbench.holidays

then compare the file with the SKB, day by day, and bring `sinjai_services/holidays/SOURCE.md` up to date.
"""

import json
from datetime import date
from importlib import metadata
from pathlib import Path

YEARS = (2026, 2027)
FILE = Path(__file__).resolve().parent.parent / "sinjai_services" / "holidays" / "holidays.json"

KINDS = {"government": "Joint Leave", "public": "National"}
"""Our kind of each category of the package; what is both is national."""

FEWEST = {"National": 15, "Joint Leave": 4}
"""A year with fewer days of a kind is not decreed yet, and not to be shipped."""


def main() -> None:
	"""Write the file and say what was written, with what a person has to look at first."""
	rows = [row for year in YEARS for row in holidays_of(year)]
	FILE.parent.mkdir(exist_ok=True)
	FILE.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
	print(
		f"{len(rows)} holidays of {YEARS} from holidays {metadata.version('holidays')}. Compare with the SKB."
	)
	for row in rows:
		if "perkiraan" in row["holiday_name"]:
			print(f"Estimated: {row['holiday_date']} {row['holiday_name']}")


def holidays_of(year: int) -> list[dict]:
	"""Return the rows of one year, oldest first, one for each day."""
	found: dict[date, dict] = {}
	for category, kind in KINDS.items():
		found |= {day: row(day, name, kind) for day, name in days_of_package(year, category)}
	check_counts(year, [row["kind"] for row in found.values()])
	return [found[day] for day in sorted(found)]


def days_of_package(year: int, category: str) -> list[tuple[date, str]]:
	"""Return (day, Indonesian name) of each holiday of one category of the package."""
	import holidays

	return list(holidays.Indonesia(years=year, categories=category, language="id").items())


def row(day: date, name: str, kind: str) -> dict:
	"""Return one row of Sinjai Settings' table of holidays."""
	return {"holiday_date": day.isoformat(), "holiday_name": name, "kind": kind}


def check_counts(year: int, kinds: list[str]) -> None:
	"""Stop before a list is written that is not a whole year."""
	for kind, fewest in FEWEST.items():
		if kinds.count(kind) < fewest:
			raise SystemExit(
				f"{year} has {kinds.count(kind)} days of {kind}, fewer than {fewest}. Nothing was written."
			)


if __name__ == "__main__":
	main()
