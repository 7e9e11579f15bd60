"""Who holds which position, who stands above whom, and how a spreadsheet becomes a tree."""

import csv
import io

import pytest

import frappe
from frappe.core.doctype.data_import.importer import Importer
from frappe.utils import add_days, nowdate

from simaya import ground
from sinjai_services.simaya import organisation


def test_the_tree_knows_above_and_below():
	assert organisation.superiors(ground.name("UJI-STAF-A")) == [
		ground.name("UJI-KABID-A"),
		ground.name("UJI-KADIS"),
	]
	assert organisation.subordinates(ground.name("UJI-KABID-A")) == [ground.name("UJI-STAF-A")]
	assert ground.name("UJI-TU") in organisation.subordinates(ground.name("UJI-SEK"))
	assert organisation.leaders_of(ground.AGENCY)[0] == ground.name("UJI-KADIS")


def test_a_position_moved_takes_everybody_below_along():
	kabid = frappe.get_doc("Work Position", ground.name("UJI-KABID-B"))
	kabid.parent_work_position = ground.name("UJI-KABID-A")
	kabid.save()
	assert ground.name("UJI-STAF-B") in organisation.subordinates(ground.name("UJI-KABID-A"))


def test_nobody_stands_below_themselves():
	head = frappe.get_doc("Work Position", ground.name("UJI-KADIS"))
	head.parent_work_position = ground.name("UJI-STAF-A")
	with pytest.raises(frappe.ValidationError):
		head.save()


def test_a_superior_of_another_agency_is_refused():
	values = {"code": "UJI-X", "position_name": "X", "agency": ground.OTHER_AGENCY}
	values["parent_work_position"] = ground.name("UJI-KADIS")
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc({"doctype": "Work Position", **values}).insert()


def test_holders_change_with_the_day():
	today = nowdate()
	ground.hold("UJI-KADIS", ground.USER["UJI-SEK"], "Daily Acting (Plh)", today, add_days(today, 2))
	both = [ground.USER["UJI-KADIS"], ground.USER["UJI-SEK"]]
	assert organisation.holders_of(ground.name("UJI-KADIS")) == both
	assert organisation.holders_of(ground.name("UJI-KADIS"), add_days(today, 3)) == both[:1]
	assert organisation.holders_of(ground.name("UJI-KADIS"), "2025-12-31") == []
	assert ground.name("UJI-KADIS") in organisation.positions_of(ground.USER["UJI-SEK"])


def test_an_acting_holder_has_a_last_day_and_two_definitive_ones_are_refused():
	with pytest.raises(frappe.ValidationError):
		ground.hold("UJI-KADIS", ground.USER["UJI-SEK"], "Acting (Plt)")
	with pytest.raises(frappe.ValidationError):
		ground.hold("UJI-KADIS", ground.USER["UJI-SEK"])


def test_who_is_away_lets_a_colleague_act_for_them():
	ground.act("UJI-KABID-A")
	organisation.delegate(
		ground.name("UJI-KABID-A"), ground.USER["UJI-STAF-A"], nowdate(), add_days(nowdate(), 5)
	)
	assert ground.name("UJI-KABID-A") in organisation.positions_of(ground.USER["UJI-STAF-A"])
	ground.act("UJI-STAF-A")
	with pytest.raises(frappe.PermissionError):
		# What was delegated to them they do not delegate on.
		organisation.delegate(ground.name("UJI-KABID-A"), ground.USER["UJI-STAF-B"], nowdate(), nowdate())


def test_who_acts_for_some_days_delegates_for_no_longer():
	"""A day's stand-in would else keep the door to secret letters open for a friend, for years."""
	today = nowdate()
	frappe.set_user("Administrator")
	ground.hold("UJI-KADIS", ground.USER["UJI-SEK"], "Daily Acting (Plh)", today, add_days(today, 2))
	ground.act("UJI-SEK")
	given = (ground.name("UJI-KADIS"), ground.USER["UJI-STAF-A"], today)
	with pytest.raises(frappe.PermissionError):
		organisation.delegate(*given, add_days(today, 3))
	organisation.delegate(*given, add_days(today, 2))


def test_what_was_delegated_ends_with_who_delegated_it():
	ground.act("UJI-KABID-A")
	name = organisation.delegate(
		ground.name("UJI-KABID-A"), ground.USER["UJI-STAF-A"], nowdate(), add_days(nowdate(), 30)
	)
	frappe.set_user("Administrator")
	own = frappe.get_doc(
		"Position Holder", {"user": ground.USER["UJI-KABID-A"], "position": ground.name("UJI-KABID-A")}
	)
	own.to_date = add_days(nowdate(), 3)
	own.save()
	assert str(frappe.db.get_value("Position Holder", name, "to_date")) == own.to_date
	after = add_days(nowdate(), 4)
	assert organisation.holders_of(ground.name("UJI-KABID-A"), after) == []


def test_only_colleagues_and_only_ones_own_position():
	ground.act("UJI-KABID-A")
	with pytest.raises(frappe.ValidationError):
		organisation.delegate(ground.name("UJI-KABID-A"), ground.STRANGER, nowdate(), nowdate())
	with pytest.raises(frappe.PermissionError):
		organisation.delegate(ground.name("UJI-KADIS"), ground.USER["UJI-STAF-A"], nowdate(), nowdate())


def test_an_administrator_cannot_give_themselves_a_position():
	frappe.set_user(ground.SYSTEM_MANAGER)
	with pytest.raises(frappe.PermissionError):
		ground.hold("UJI-STAF-A", ground.SYSTEM_MANAGER, "Acting (Plt)", nowdate(), nowdate())


def sheet(rows: list[tuple]) -> str:
	out = io.StringIO()
	csv.writer(out).writerows(rows)
	file = {"doctype": "File", "file_name": "jabatan-uji.csv", "is_private": 1, "content": out.getvalue()}
	return frappe.get_doc(file).insert().file_url


@pytest.fixture
def taken_back():
	"""The importer commits row by row: what it made is removed, also what a broken run has left."""
	remove_imported()
	yield
	remove_imported()


def remove_imported():
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for code in ("IMP-STAF", "IMP-KABID", "IMP-KADIS"):
		if name := frappe.db.exists("Work Position", f"{ground.OTHER_AGENCY}-{code}"):
			frappe.delete_doc("Work Position", name, force=True)
	for name in frappe.get_all("Data Import", {"reference_doctype": "Work Position"}, pluck="name"):
		frappe.db.delete("Data Import Log", {"data_import": name})
		frappe.delete_doc("Data Import", name, force=True)
	for name in frappe.get_all("File", {"file_name": ("like", "jabatan-uji%")}, pluck="name"):
		frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


def test_a_spreadsheet_in_any_order_becomes_the_tree(taken_back):
	"""Frappe's own Data Import; the staff stand above their head in it."""
	rows = [
		("Code", "Position", "Agency", "Superior's Code"),
		("IMP-STAF", "Staf Impor", ground.OTHER_AGENCY, "IMP-KABID"),
		("IMP-KABID", "Kepala Bidang Impor", ground.OTHER_AGENCY, "IMP-KADIS"),
		("IMP-KADIS", "Kepala Dinas Impor", ground.OTHER_AGENCY, ""),
	]
	frappe.local.lang = "en"
	job = frappe.get_doc(
		{"doctype": "Data Import", "reference_doctype": "Work Position", "import_type": "Insert New Records"}
	)
	job.update({"import_file": sheet(rows), "submit_after_import": 0, "mute_emails": 1})
	job.insert()
	Importer("Work Position", data_import=job, import_type="Insert New Records").import_data()
	job.reload()
	logs = frappe.get_all("Data Import Log", {"data_import": job.name}, ["success", "exception", "messages"])
	assert [log.success for log in logs] == [1, 1, 1], (job.status, job.template_warnings, logs)
	prefix = f"{ground.OTHER_AGENCY}-IMP-"
	assert organisation.subordinates(f"{prefix}KADIS") == [f"{prefix}KABID", f"{prefix}STAF"]
	assert organisation.superiors(f"{prefix}STAF") == [f"{prefix}KABID", f"{prefix}KADIS"]
