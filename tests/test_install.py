"""What installing brings, what a second migrate changes, what uninstalling takes and leaves."""

import json
import re
import subprocess
import sys

import pytest
from helpers import officer

import frappe

from devbench import demo
from devbench.inside import demo_data
from sinjai_services import boot, seeding, stages
from sinjai_services.setup_constants import MAX_REQUEST_BYTES, ROLES


def test_everything_shipped_is_there():
	for shipped in seeding.shipped_documents():
		assert frappe.db.exists(shipped["doctype"], shipped["name"]), (shipped["doctype"], shipped["name"])
	for role in ROLES:
		assert frappe.db.exists("Role", role)
	assert frappe.db.count("District") == 9
	assert frappe.db.count("Village", {"village_type": "Desa"}) == 67
	assert frappe.db.count("Village", {"village_type": "Kelurahan"}) == 13
	assert frappe.conf.max_file_size == MAX_REQUEST_BYTES


def test_office_hours_are_not_the_hour_of_the_installation():
	settings = frappe.get_doc("Sinjai Settings")
	assert [f"{settings.get(field)!s:0>8}" for field in ("office_opens", "office_closes")] == [
		"08:00:00",
		"16:00:00",
	]


def test_the_scheduler_does_not_fall_asleep_over_a_long_holiday():
	assert frappe.db.get_single_value("System Settings", "dormant_days") > 365


def test_people_are_shown_by_their_names():
	started = frappe._dict(user_info={})
	boot.send_names(started)
	assert started.user_info[officer()]["fullname"] == frappe.utils.get_fullname(officer())
	assert frappe.get_meta("User").show_title_field_in_link


def test_what_is_offered_to_try_names_log_ins_that_are_made_and_every_innovation():
	people = {email for _role, email, _name, _agency in demo_data.PEOPLE}
	offered = " ".join(demo.TRY)
	assert set(re.findall(r"[a-z.]+@contoh\.id", offered)) <= people
	for innovation in ("Pencet WA", "Cakrawala", "Jempol Sehati", "SIMAYA"):
		assert innovation in offered


def test_every_state_of_the_shipped_workflows_has_a_stage():
	for doctype in stages.tracked_doctypes():
		workflow = frappe.get_doc("Workflow", frappe.get_meta(doctype).get_workflow())
		assert {row.sinjai_stage for row in workflow.states} <= set(stages.ALL)
		assert all(row.sinjai_citizen_label for row in workflow.states)


def state_of_the_site() -> dict:
	"""Return everything an administrator could see changed: documents, schema, when they were modified."""
	kinds = {shipped["doctype"] for shipped in seeding.shipped_documents()} | {
		"Custom Field",
		"Role",
		"Workspace",
		"Number Card",
	}
	documents = {
		f"{kind} {row.name}": str(row.modified)
		for kind in kinds
		for row in frappe.get_all(kind, fields=["name", "modified"])
	}
	tables = frappe.db.sql(
		"select table_name, column_name, column_type from information_schema.columns"
		" where table_schema = %s order by 1, 2",
		frappe.conf.db_name,
	)
	return {"documents": documents, "tables": tables}


def migrate():
	# An open transaction of ours would keep the migrate from altering any table we have read.
	frappe.db.rollback()
	subprocess.run(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", frappe.local.site, "migrate"],
		check=True,
		capture_output=True,
	)
	frappe.db.rollback()


@pytest.mark.fault
def test_migrating_twice_changes_nothing_the_second_time():
	"""Fixtures are written anew at each migrate by the platform: their time changes, their content may
	not."""
	migrate()
	before = state_of_the_site()
	custom = frappe.get_all("Custom Field", {"module": "Sinjai Services"}, ["*"], order_by="name")
	migrate()
	after = state_of_the_site()
	own = ("Custom Field ", "Role ")
	assert after["tables"] == before["tables"]
	assert {name: time for name, time in after["documents"].items() if not name.startswith(own)} == {
		name: time for name, time in before["documents"].items() if not name.startswith(own)
	}
	volatile = ("modified", "creation", "modified_by", "owner")
	for old, new in zip(
		custom,
		frappe.get_all("Custom Field", {"module": "Sinjai Services"}, ["*"], order_by="name"),
		strict=True,
	):
		assert {key: value for key, value in old.items() if key not in volatile} == {
			key: value for key, value in new.items() if key not in volatile
		}


def test_the_shipped_files_have_no_volatile_keys():
	volatile = {"creation", "modified", "modified_by", "owner", "docstatus", "idx", "parent"}
	for shipped in seeding.shipped_documents():
		assert not volatile & set(shipped), shipped["name"]
		json.dumps(shipped)
