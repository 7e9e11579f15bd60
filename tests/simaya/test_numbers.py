"""Numbers of letters: patterns, the register, and fifty at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import frappe

from simaya import outgoing_ground as ground
from sinjai_services.simaya import numbers

pytestmark = pytest.mark.usefixtures("people")

DEFAULT = numbers.DEFAULT_PATTERN


def show(pattern: str, **changes) -> str:
	values = {
		"serial": 7,
		"agency": ground.OURS,
		"classification": "500.12",
		"kind": "Circular",
		"on": "2026-11-25",
	}
	return numbers.show(pattern, **{**values, **changes})


@pytest.mark.parametrize(
	("pattern", "shown"),
	[
		(DEFAULT, "500.12/7/Badan-Surat/XI/2026"),
		("{kind}-{serial:4}/{month:02}/{year}", "SE-0007/11/2026"),
		("{serial:3}.{year}", "007.2026"),
		("Nomor {serial} Tahun {year}", "Nomor 7 Tahun 2026"),
	],
)
def test_a_pattern_is_filled_in(pattern, shown):
	numbers.validate_pattern(pattern)
	assert show(pattern) == shown


@pytest.mark.parametrize(
	"pattern",
	[
		"",
		"tanpa nomor",
		"{serial}",
		"{serial}/{serial}/{year}",
		"{serial}/{year}/{bulan}",
		"{serial}{year}",
		"{serial}{month}/{year}",
		"1{serial}/{year}",
		"{serial}/{year}5",
		"{serial}/{year",
		"{serial}}/{year}",
		"{serial.__class__}/{year}",
		"{serial!r}/{year}",
		"{serial:99}/{year}",
		"{0}/{serial}/{year}",
		"{serial}/{year}" + "x" * 100,
	],
)
def test_a_pattern_that_would_not_do_is_refused(pattern):
	with pytest.raises(numbers.InvalidPattern):
		numbers.validate_pattern(pattern)


@pytest.mark.parametrize("door", ["settings", "agency"])
def test_no_door_lets_a_bad_pattern_in(door):
	if door == "settings":
		doc = frappe.get_doc("SIMAYA Settings")
		doc.number_pattern = "{nomor}/{year}"
	else:
		doc = frappe.get_doc("Agency", ground.OURS)
		doc.letter_number_pattern = "{nomor}/{year}"
	with pytest.raises(numbers.InvalidPattern, match="nomor"):
		doc.save()


def test_an_agency_has_its_own_pattern_and_code():
	agency = frappe.get_doc("Agency", ground.OURS)
	agency.letter_number_pattern, agency.letter_code = "{serial:3}/{agency}/{year}", "KOMINFO"
	agency.save()
	first = give()
	assert first.number == f"{first.serial:03d}/KOMINFO/2026"


def give(agency: str = ground.OURS, on: str = "2026-11-25", **more):
	return numbers.give(agency, classification="500.12", kind="Circular", letter=None, on=on, **more)


def test_each_agency_and_year_counts_for_itself():
	ours = [give().serial, give().serial]
	assert ours[1] == ours[0] + 1
	assert give(on="2031-01-02").serial == 1
	assert give(agency=ground.THEIRS, on="2031-01-02").serial == 1
	assert give(on="2031-12-31").serial == 2


def test_a_number_that_would_come_twice_is_refused():
	agency = frappe.get_doc("Agency", ground.OURS)
	given = give(on="2032-01-01")
	frappe.db.set_value("Letter Counter", f"outgoing:{ground.OURS}:2032", "last_number", 0)
	with pytest.raises(numbers.NumberTaken):
		give(on="2032-01-01")
	assert agency.name == given.agency


def test_a_cancelled_number_stays_in_the_register_with_its_reason():
	given = numbers.give(
		ground.OURS, classification="000", kind="Circular", letter="SK-UJI-1", on="2033-01-01"
	)
	numbers.cancel("SK-UJI-1", "Salah tujuan surat")
	row = frappe.get_doc("Letter Number", given.name)
	assert (row.state, row.reason) == ("Cancelled", "Salah tujuan surat")
	assert (
		numbers.give(ground.OURS, classification="0", kind="Circular", letter=None, on="2033-01-02").serial
		== 2
	)


def test_nobody_edits_or_deletes_the_register():
	row = frappe.get_doc("Letter Number", give(on="2034-01-01").name)
	row.number = "1/palsu"
	with pytest.raises(frappe.PermissionError):
		row.save()
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Letter Number", row.name)


def test_a_number_by_hand_is_the_records_offices():
	ground.act(ground.email("STAF"))
	with pytest.raises(frappe.PermissionError):
		numbers.take_by_hand(ground.OURS, "000.1", "Circular", "Surat ditulis tangan")
	ground.act(ground.email("TU"))
	with pytest.raises(frappe.PermissionError):
		numbers.take_by_hand(ground.THEIRS, "000.1", "Circular", "Surat ditulis tangan")
	number = numbers.take_by_hand(ground.OURS, "000.1", "Circular", "Surat ditulis tangan")
	assert frappe.db.get_value("Letter Number", {"number": number}, "reason") == "Surat ditulis tangan"


# Many at once ------------------------------------------------------------------------------------------

PROCESSES, EACH, FAIL_EVERY = 5, 12, 6
YEAR = 2091


def test_fifty_numbers_at_once_from_five_processes_are_complete_and_unique():
	"""Every sixth transaction is rolled back after it has taken its number, as a failed signature is."""
	clear()
	try:
		running = [start() for _number in range(PROCESSES)]
		printed = [process.communicate(timeout=120) for process in running]
		assert [process.returncode for process in running] == [0] * PROCESSES, printed
		kept = sorted(int(line) for out, _err in printed for line in out.split())
		frappe.db.rollback()
		rows = frappe.get_all("Letter Number", {"year": YEAR}, ["serial", "number"], order_by="serial")
		assert kept == list(range(1, PROCESSES * (EACH - EACH // FAIL_EVERY) + 1))
		assert [row.serial for row in rows] == kept
		assert len({row.number for row in rows}) == len(kept) == 50
	finally:
		clear()


def start():
	environment = {**os.environ, "SINJAI_SITE": frappe.local.site}
	command = [sys.executable, str(Path(__file__).parent / "number_worker.py")]
	command += [ground.OURS, str(YEAR), str(EACH), str(FAIL_EVERY)]
	pipe = subprocess.PIPE
	return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def clear():
	frappe.db.rollback()
	frappe.db.delete("Letter Number", {"year": YEAR})
	frappe.db.delete("Letter Counter", {"name": f"outgoing:{ground.OURS}:{YEAR}"})
	frappe.db.commit()
