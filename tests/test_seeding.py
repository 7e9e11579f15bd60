"""Shipped documents: brought along, upgraded while nobody has edited them, then the administrator's."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import PASSWORD, new_request, officer

import frappe

from sinjai_services import seeding, stages
from sinjai_services.seeding import content, difference, export, files, ledger, writing
from sinjai_services.sinjai_services.doctype.shipped_document import shipped_document as desk

REQUEST = "Civil Document Request"
MANAGER = "kepala.uji@example.com"


@pytest.fixture
def ship(tmp_path, monkeypatch):
	"""Return a function that puts a version of the app's documents into files, and seeds them."""
	monkeypatch.setattr(files, "root", lambda: tmp_path)
	(tmp_path / "catalogue").mkdir()

	def ship(*documents: dict):
		(tmp_path / "catalogue" / "shipped.json").write_text(json.dumps(documents))
		seeding.seed()

	yield ship
	frappe.db.rollback()
	frappe.cache.delete_key("notifications")
	frappe.clear_cache(doctype=REQUEST)
	frappe.clear_cache(doctype="ToDo")
	for name in frappe.get_all("Workflow", pluck="name"):
		frappe.clear_document_cache("Workflow", name)


def paper(explanation="satu", **changes) -> dict:
	return {
		"doctype": "Requirement",
		"name": "Surat Uji",
		"requirement_name": "Surat Uji",
		"explanation": explanation,
		**changes,
	}


def service(*rows: dict, **changes) -> dict:
	return {
		"doctype": "Public Service",
		"name": "UJI",
		"service_code": "UJI",
		"service_name": "Layanan Uji",
		"active": 1,
		"agency": "Disdukcapil",
		"request_doctype": REQUEST,
		"promise_value": 1,
		"promise_unit": "Working Days",
		"requirements": [{"doctype": "Service Requirement", **row} for row in rows],
		**changes,
	}


def message(text="satu", **changes) -> dict:
	return {
		"doctype": "Notification",
		"name": "Kabar Uji",
		"subject": "Kabar",
		"document_type": "ToDo",
		"event": "New",
		"channel": "System Notification",
		"enabled": 1,
		"message": text,
		"recipients": [{"doctype": "Notification Recipient", "receiver_by_role": "Operator"}],
		**changes,
	}


def todo_flow(name="Alur Uji", label="Diterima", **changes) -> dict:
	return {
		"doctype": "Workflow",
		"name": name,
		"workflow_name": name,
		"document_type": "ToDo",
		"is_active": 1,
		"workflow_state_field": "status",
		"states": [
			{
				"doctype": "Workflow Document State",
				"state": "Diterima",
				"doc_status": "0",
				"allow_edit": "Operator",
				"message": label,
			}
		],
		"transitions": [],
		**changes,
	}


def row_of(shipped: dict):
	found = frappe.get_all(
		"Shipped Document", {"document_type": shipped["doctype"], "shipped_name": shipped["name"]}, ["*"]
	)
	return found[0] if found else None


def state_of(shipped: dict) -> str | None:
	row = row_of(shipped)
	return row and row.state


def here(shipped: dict):
	return frappe.get_doc(shipped["doctype"], shipped["name"])


def edit(shipped: dict, **values):
	doc = here(shipped)
	doc.update(values)
	doc.save()
	return doc


# The table, row by row ---------------------------------------------------------------------------------


def test_what_is_missing_is_inserted_once(ship):
	ship(paper())
	assert (here(paper()).explanation, state_of(paper())) == ("satu", ledger.AS_SHIPPED)
	modified = here(paper()).modified
	ship(paper())
	assert here(paper()).modified == modified
	assert frappe.db.count("Shipped Document", {"shipped_name": "Surat Uji"}) == 1


def test_what_somebody_else_made_is_left_alone(ship):
	frappe.get_doc(paper("punya orang")).insert()
	for version in ("satu", "dua"):
		ship(paper(version))
		assert here(paper()).explanation == "punya orang"
		assert row_of(paper()) is None


def test_what_the_administrator_deleted_stays_deleted(ship):
	ship(paper())
	here(paper()).delete()
	assert state_of(paper()) == ledger.DELETED
	for version in ("satu", "dua"):
		ship(paper(version))
		assert not frappe.db.exists("Requirement", "Surat Uji")
		assert state_of(paper()) == ledger.DELETED


def test_what_nobody_edited_is_upgraded(ship):
	ship(paper(original_required=1), service({"requirement": "Surat Uji"}))
	ship(
		paper("dua", original_required=0),
		service({"requirement": "Surat Uji", "note": "asli"}, {"requirement": "Foto Kartu Keluarga"}),
	)
	assert (here(paper()).explanation, here(paper()).original_required) == ("dua", 0)
	assert [(row.requirement, row.note) for row in here(service()).requirements] == [
		("Surat Uji", "asli"),
		("Foto Kartu Keluarga", None),
	]
	assert state_of(paper()) == state_of(service()) == ledger.AS_SHIPPED


def test_what_was_edited_is_kept_and_the_update_offered(ship):
	ship(paper())
	edit(paper(), explanation="kata dinas")
	assert state_of(paper()) == ledger.EDITED
	ship(paper())
	assert state_of(paper()) == ledger.EDITED
	ship(paper("dua"))
	assert (here(paper()).explanation, state_of(paper())) == ("kata dinas", ledger.UPDATE)
	ship(paper("dua"))
	assert (here(paper()).explanation, state_of(paper())) == ("kata dinas", ledger.UPDATE)


def test_an_edit_taken_back_is_no_edit(ship):
	ship(paper())
	edit(paper(), explanation="kata dinas")
	edit(paper(), explanation="satu")
	assert state_of(paper()) == ledger.AS_SHIPPED
	ship(paper("dua"))
	assert here(paper()).explanation == "dua"


def test_what_is_no_longer_shipped_stays_and_is_the_administrators(ship):
	ship(paper(), message())
	ship(message())
	assert here(paper()).explanation == "satu"
	assert state_of(paper()) == ledger.GONE
	ship(paper("dua"), message())
	assert (here(paper()).explanation, state_of(paper())) == ("dua", ledger.AS_SHIPPED)


# What is an edit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("shipped", "switch", "value"),
	[
		(message, "enabled", 0),
		(service, "active", 0),
		(lambda *a, **k: todo_flow(**k), "is_active", 0),
		(
			lambda text="satu", **k: {
				"doctype": "Web Form",
				"name": "uji",
				"title": "Uji",
				"route": "uji",
				"doc_type": "ToDo",
				"published": 1,
				"introduction_text": text,
				"web_form_fields": [{"fieldname": "description", "fieldtype": "Data", "label": "Isi"}],
			},
			"published",
			0,
		),
		(
			lambda text="satu", **k: {
				"doctype": "Print Format",
				"name": "Cetak Uji",
				"doc_type": "ToDo",
				"standard": "No",
				"custom_format": 1,
				"print_format_type": "Jinja",
				"disabled": 0,
				"html": text,
			},
			"disabled",
			1,
		),
	],
	ids=["enabled", "active", "is_active", "published", "disabled"],
)
def test_switching_something_off_is_no_edit_and_upgrades_do_not_switch_it_on(ship, shipped, switch, value):
	ship(shipped())
	doc = edit(shipped(), **{switch: value})
	assert state_of(shipped()) == ledger.AS_SHIPPED
	newer = {
		"Notification": lambda: message("dua"),
		"Public Service": lambda: service(description="dua"),
		"Workflow": lambda: todo_flow(label="dua"),
		"Web Form": lambda: shipped("dua"),
		"Print Format": lambda: shipped("dua"),
	}[doc.doctype]()
	ship(newer)
	assert here(newer).get(switch) == value
	assert "dua" in frappe.as_json(here(newer))
	assert state_of(newer) == ledger.AS_SHIPPED


def test_any_change_in_a_row_is_an_edit_since_upgrades_replace_rows(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}))
	doc = here(service())
	doc.requirements[0].note = "Bawa aslinya"
	doc.save()
	assert state_of(service()) == ledger.EDITED
	ship(service({"requirement": "Foto Kartu Keluarga", "optional": 1}))
	assert here(service()).requirements[0].note == "Bawa aslinya"


def test_the_order_of_rows_counts(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}, {"requirement": "Formulir F-1.06"}))
	doc = here(service())
	doc.requirements = doc.requirements[::-1]
	for number, row in enumerate(doc.requirements):
		row.idx = number + 1
	doc.save()
	assert state_of(service()) == ledger.EDITED


def test_an_own_value_in_a_field_that_is_shipped_later_is_not_overwritten(ship):
	ship(message())
	edit(message(), condition="doc.description")
	assert state_of(message()) == ledger.AS_SHIPPED
	ship(message("dua"))
	assert (here(message()).message, here(message()).condition) == ("dua", "doc.description")
	ship(message("tiga", condition="doc.priority"))
	assert (here(message()).message, here(message()).condition) == ("dua", "doc.description")
	assert state_of(message()) == ledger.UPDATE


def test_what_is_the_same_already_needs_no_upgrade(ship):
	"""Exported from this site, or changed by hand to what is shipped later."""
	ship(paper())
	edit(paper(), explanation="dua")
	modified = here(paper()).modified
	ship(paper("dua"))
	assert (here(paper()).modified, state_of(paper())) == (modified, ledger.AS_SHIPPED)
	ship(paper("tiga"))
	assert here(paper()).explanation == "tiga"


def field(fieldtype, options=None):
	return frappe._dict(fieldtype=fieldtype, options=options)


@pytest.mark.parametrize(
	("df", "one", "other"),
	[
		(field("Check"), None, 0),
		(field("Check"), "1", 1),
		(field("Int"), "", 0),
		(field("Float"), "12.50", 12.5),
		(field("Currency"), None, 0.0),
		(field("Data"), None, ""),
		(field("Text"), "a\r\nb\n", "a\nb"),
		(field("Time"), "08:00:00", frappe.utils.to_timedelta("8:00:00")),
		(field("Date"), "2026-11-25", frappe.utils.getdate("2026-11-25")),
		(field("Datetime"), "2026-11-25 08:00:00", frappe.utils.get_datetime("2026-11-25 08:00:00")),
		(field("JSON"), '{"a": 1, "b": 2}', '{"b":2,"a":1}'),
		(field("Code", "JSON"), '{"a": 1}', '{"a":1}'),
	],
)
def test_equal_values_are_equal_however_they_are_written(df, one, other):
	names = content.Names([])
	assert content.plain(one, df, names) == content.plain(other, df, names)


@pytest.mark.parametrize(
	("df", "one", "other"),
	[
		(field("Check"), 0, 1),
		(field("Data"), "0", None),
		(field("Text"), " a", "a"),
		(field("JSON"), "{", "{}"),
	],
)
def test_different_values_are_different(df, one, other):
	names = content.Names([])
	assert content.plain(one, df, names) != content.plain(other, df, names)


# Versions of the platform ------------------------------------------------------------------------------


def test_fields_this_version_does_not_have_are_left_out(ship):
	ship(paper(kolom_baru="x"), service({"requirement": "Surat Uji", "kolom_baru": "x"}))
	assert state_of(paper()) == state_of(service()) == ledger.AS_SHIPPED
	ship(paper("dua", kolom_baru="y"), service({"requirement": "Surat Uji", "note": "n", "kolom_baru": "y"}))
	assert here(paper()).explanation == "dua"
	assert here(service()).requirements[0].note == "n"


def test_fields_that_came_with_a_newer_version_are_no_edit(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}))
	row = row_of(service())
	older = {
		key: value
		for key, value in json.loads(row.saved).items()
		if key not in ("requirements.note", "requirements.optional")
	}
	frappe.db.set_value("Shipped Document", row.name, "saved", json.dumps({**older, "weggefallen": "0" * 16}))
	desk.check_now()
	assert state_of(service()) == ledger.AS_SHIPPED
	frappe.db.set_value("Service Requirement", {"parent": "UJI"}, "note", "ditambah")
	desk.check_now()
	assert state_of(service()) == ledger.EDITED


# Renaming ----------------------------------------------------------------------------------------------


def test_a_renamed_document_does_not_come_back_and_is_upgraded_under_its_new_name(ship):
	ship(paper(), service({"requirement": "Surat Uji"}))
	frappe.rename_doc("Requirement", "Surat Uji", "Surat Kantor")
	ship(paper(), service({"requirement": "Surat Uji"}))
	assert not frappe.db.exists("Requirement", "Surat Uji")
	assert state_of(paper()) == state_of(service()) == ledger.AS_SHIPPED

	ship(paper("dua"), service({"requirement": "Surat Uji", "note": "asli"}))
	renamed = frappe.get_doc("Requirement", "Surat Kantor")
	assert (renamed.explanation, renamed.requirement_name) == ("dua", "Surat Kantor")
	assert [(row.requirement, row.note) for row in here(service()).requirements] == [("Surat Kantor", "asli")]
	assert state_of(paper()) == state_of(service()) == ledger.AS_SHIPPED


def test_one_merged_into_another_is_deleted(ship):
	ship(paper(), service({"requirement": "Surat Uji"}))
	frappe.rename_doc("Requirement", "Surat Uji", "Foto Kartu Keluarga", merge=True)
	ship(paper("dua"), service({"requirement": "Surat Uji"}))
	assert not frappe.db.exists("Requirement", "Surat Uji")
	assert state_of(paper()) == ledger.DELETED
	assert state_of(service()) == ledger.EDITED


def test_taking_the_name_of_a_deleted_one_does_not_make_it_that_one(ship):
	other = paper("lain", name="Surat Lain", requirement_name="Surat Lain")
	ship(paper(), other)
	here(other).delete()
	frappe.rename_doc("Requirement", "Surat Uji", "Surat Lain")
	ship(paper("dua"), {**other, "explanation": "lain dua"})
	assert frappe.db.get_value("Requirement", "Surat Lain", "explanation") == "dua"
	assert (state_of(paper()), state_of(other)) == (ledger.AS_SHIPPED, ledger.DELETED)
	with pytest.raises(frappe.ValidationError, match="Surat Lain"):
		desk.restore(row_of(other).name)


# Workflows ---------------------------------------------------------------------------------------------


def test_an_administrators_active_workflow_stays_the_active_one(ship):
	frappe.get_doc(todo_flow("Alur Kantor")).insert()
	ship(todo_flow())
	ship(todo_flow(label="dua"))
	assert frappe.db.get_value("Workflow", "Alur Kantor", "is_active") == 1
	assert here(todo_flow()).is_active == 0
	assert here(todo_flow()).states[0].message == "dua"
	assert state_of(todo_flow()) == ledger.AS_SHIPPED


def test_one_made_active_in_place_of_ours_stays_active(ship):
	ship(todo_flow())
	frappe.get_doc(todo_flow("Alur Kantor")).insert()
	assert here(todo_flow()).is_active == 0
	ship(todo_flow(label="dua"))
	assert frappe.db.get_value("Workflow", "Alur Kantor", "is_active") == 1
	assert (here(todo_flow()).is_active, here(todo_flow()).states[0].message) == (0, "dua")


def test_a_newer_workflow_that_would_strand_requests_is_not_written_and_stops_nothing(ship):
	name = frappe.get_meta(REQUEST).get_workflow()
	flow = {"name": name, **export.exported(frappe.get_doc("Workflow", name), {}, content.Names([]))}
	frappe.db.delete("Shipped Document", {"document_type": "Workflow", "shipped_name": name})
	row = ledger.add(flow)
	ledger.note_applied(flow, row, frappe.get_doc("Workflow", name), content.Names([]))
	request = new_request()
	first = flow["states"][0]["state"]
	renamed = json.loads(json.dumps(flow).replace(f'"{first}"', '"Masuk"'))
	ship({"doctype": "Workflow State", "name": "Masuk", "workflow_state_name": "Masuk"}, renamed, paper())
	assert first in [row.state for row in frappe.get_doc("Workflow", name).states]
	assert (state_of(flow), state_of(paper())) == (ledger.FAILED, ledger.AS_SHIPPED)
	assert first in row_of(flow).error
	assert frappe.get_doc(REQUEST, request.name).stage == stages.RECEIVED

	ship({**renamed, "sinjai_successors": json.dumps({first: "Masuk"})}, paper())
	assert state_of(flow) == ledger.AS_SHIPPED
	assert frappe.get_doc(REQUEST, request.name).workflow_state == "Masuk"


# When something fails ----------------------------------------------------------------------------------


def test_a_failing_document_is_logged_and_shown_and_the_others_go_on(ship):
	broken = service({"requirement": "Tidak Ada"})
	ship(paper(), broken, message())
	assert (state_of(paper()), state_of(message())) == (ledger.AS_SHIPPED, ledger.AS_SHIPPED)
	assert not frappe.db.exists("Public Service", "UJI")
	assert state_of(broken) == ledger.FAILED
	assert "Tidak Ada" in row_of(broken).error
	assert frappe.db.exists("Error Log", {"method": "Shipped document failed: Public Service UJI"})

	ship(paper(), service({"requirement": "Surat Uji"}), message())
	assert here(service()).requirements[0].requirement == "Surat Uji"
	assert (state_of(service()), row_of(service()).error) == (ledger.AS_SHIPPED, None)


def test_a_failing_upgrade_leaves_the_old_one_and_is_tried_again(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}))
	for _run in range(2):
		ship(service({"requirement": "Tidak Ada"}))
		assert here(service()).requirements[0].requirement == "Foto Kartu Keluarga"
		assert state_of(service()) == ledger.FAILED
	ship(service({"requirement": "Formulir F-1.06"}))
	assert here(service()).requirements[0].requirement == "Formulir F-1.06"
	assert state_of(service()) == ledger.AS_SHIPPED


def test_one_made_by_somebody_after_ours_failed_is_theirs(ship):
	ship(service({"requirement": "Tidak Ada"}))
	frappe.get_doc(service({"requirement": "Formulir F-1.06"})).insert()
	ship(service({"requirement": "Foto Kartu Keluarga"}))
	assert here(service()).requirements[0].requirement == "Formulir F-1.06"
	assert row_of(service()) is None


def test_a_broken_file_is_logged_and_the_others_go_on(ship, tmp_path):
	ship(paper(), message())
	(tmp_path / "workflows").mkdir()
	for text in (
		"[{",
		'{"doctype": "Requirement"}',
		'[{"doctype": "User", "name": "x"}]',
		'[{"doctype": "Requirement"}]',
	):
		(tmp_path / "workflows" / "broken.json").write_text(text)
		ship(paper("dua"))
		assert here(paper()).explanation == "dua"
		assert state_of(message()) == ledger.AS_SHIPPED, "whether it is still shipped cannot be said"
	assert frappe.db.exists("Error Log", {"method": "Shipped file cannot be read: workflows/broken.json"})


KILLED = """
import json, os, signal
from pathlib import Path

import frappe

frappe.init(site={site!r}, sites_path=".")
frappe.connect()
from sinjai_services import seeding
from sinjai_services.seeding import files, ledger
from frappe.model.base_document import BaseDocument

files.root = lambda: Path({root!r})

def die():
	os.kill(os.getpid(), signal.SIGKILL)

insert, note_applied, calls = BaseDocument.db_insert, ledger.note_applied, []

def db_insert(self, *args, **kwargs):
	insert(self, *args, **kwargs)
	if {moment!r} == "amid a document" and self.doctype == "Service Requirement":
		die()

def noting(shipped, *args):
	if {moment!r} == "between document and row" and shipped["doctype"] == "Public Service":
		die()
	note_applied(shipped, *args)
	if {moment!r} == "between documents" and shipped["doctype"] == "Public Service":
		die()

BaseDocument.db_insert, ledger.note_applied = db_insert, noting
seeding.seed()
"""


@pytest.mark.fault
@pytest.mark.parametrize("moment", ["amid a document", "between document and row", "between documents"])
def test_a_killed_run_leaves_no_half_and_the_next_one_finishes(ship, tmp_path, moment):
	documents = [paper(), service({"requirement": "Surat Uji"}), message()]
	(tmp_path / "catalogue" / "shipped.json").write_text(json.dumps(documents))
	code = KILLED.format(site=frappe.local.site, root=str(tmp_path), moment=moment)
	frappe.db.rollback()
	done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
	assert done.returncode == -signal.SIGKILL, done.stderr
	frappe.db.rollback()
	for document in documents:
		exists = bool(frappe.db.exists(document["doctype"], document["name"]))
		assert exists == bool(row_of(document)), "the one is never there without the other"
	seeding.seed()
	for document in documents:
		assert frappe.db.exists(document["doctype"], document["name"])
		assert state_of(document) == ledger.AS_SHIPPED


# What administrators decide ----------------------------------------------------------------------------


@pytest.fixture
def offered(ship):
	"""A document that was edited and is shipped anew; return its ledger row's name."""
	ship(paper(), message())
	edit(paper(), explanation="kata dinas")
	ship(paper("dua"), message())
	assert state_of(paper()) == ledger.UPDATE
	return row_of(paper()).name


def test_take_ours(ship, offered):
	desk.take_ours(offered)
	assert (here(paper()).explanation, state_of(paper())) == ("dua", ledger.AS_SHIPPED)
	ship(paper("tiga"), message())
	assert here(paper()).explanation == "tiga", "and it is upgraded again from then on"


def test_keep_mine_is_for_good(ship, offered):
	desk.keep_mine(offered)
	for version in ("dua", "tiga", "empat"):
		ship(paper(version), message())
		assert (here(paper()).explanation, state_of(paper())) == ("kata dinas", ledger.KEPT)
	edit(paper(), explanation="satu")
	ship(paper("lima"), message())
	assert here(paper()).explanation == "satu", "not even when it is put back to what once was shipped"
	desk.take_ours(offered)
	assert (here(paper()).explanation, state_of(paper())) == ("lima", ledger.AS_SHIPPED)


def test_there_must_be_something_to_keep(ship):
	ship(paper())
	with pytest.raises(frappe.ValidationError):
		desk.keep_mine(row_of(paper()).name)


def test_restore(ship):
	ship(paper())
	here(paper()).delete()
	ship(paper("dua"))
	row = row_of(paper()).name
	with pytest.raises(frappe.ValidationError):
		desk.take_ours(row)
	desk.restore(row)
	assert (here(paper()).explanation, state_of(paper())) == ("dua", ledger.AS_SHIPPED)
	with pytest.raises(frappe.ValidationError, match="Surat Uji"):
		desk.restore(row)


def test_what_failed_is_told_to_who_clicks(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}))
	ship(service({"requirement": "Tidak Ada"}))
	with pytest.raises(frappe.LinkValidationError):
		desk.take_ours(row_of(service()).name)


def test_decisions_are_written_down(ship, offered):
	desk.keep_mine(offered)
	desk.take_ours(offered)
	comments = frappe.get_all("Comment", {"reference_doctype": "Shipped Document", "reference_name": offered})
	assert len(comments) == 2


def test_edits_past_every_hook_are_found_when_asked(ship):
	ship(paper())
	frappe.db.set_value("Requirement", "Surat Uji", "explanation", "diam-diam", update_modified=False)
	assert state_of(paper()) == ledger.AS_SHIPPED
	shown = frappe.get_doc("Shipped Document", row_of(paper()).name)
	shown.run_method("onload")
	assert shown.state == ledger.EDITED
	desk.check_now()
	assert state_of(paper()) == ledger.EDITED


@pytest.mark.parametrize("button", [desk.take_ours, desk.keep_mine, desk.restore])
def test_only_administrators_decide(ship, offered, button):
	for user in (officer(), "Guest"):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			button(offered)
		with pytest.raises(frappe.PermissionError):
			desk.check_now()
		assert not frappe.has_permission("Shipped Document", "read")


def test_buttons_are_posted_and_typed(offered):
	for button in (desk.take_ours, desk.keep_mine, desk.restore, desk.check_now):
		assert frappe.allowed_http_methods_for_whitelisted_func[button] == ["POST"]
		assert button not in frappe.guest_methods
	for button in (desk.take_ours, desk.keep_mine, desk.restore):
		with pytest.raises(TypeError):
			button({"name": ("like", "%")})


def test_a_button_of_an_operator_is_refused_on_the_server(server):
	import requests

	session = requests.Session()
	session.post(f"{server.url}/api/method/login", data={"usr": officer(), "pwd": PASSWORD}, timeout=60)
	method = f"{server.url}/api/method/{desk.take_ours.__module__}"
	assert session.post(f"{method}.check_now", timeout=60).status_code == 403
	assert session.get(f"{server.url}/api/resource/Shipped Document", timeout=60).status_code == 403
	session.post(f"{server.url}/api/method/login", data={"usr": MANAGER, "pwd": PASSWORD}, timeout=60)
	assert session.get(f"{method}.check_now", timeout=60).status_code == 403
	assert session.get(f"{server.url}/api/resource/Shipped Document", timeout=60).status_code == 200


def test_nobody_writes_the_ledger_by_hand(offered):
	frappe.set_user(MANAGER)
	assert frappe.has_permission("Shipped Document", "read", offered)
	for right in ("create", "write", "delete"):
		assert not frappe.has_permission("Shipped Document", right, offered)


def test_an_app_administrator_takes_ours_of_a_kind_they_may_not_write(ship):
	user = frappe.get_doc({"doctype": "User", "email": "admin.uji@example.com", "first_name": "Admin"})
	user.send_welcome_email = 0
	user.append("roles", {"role": "Sinjai Administrator"})
	user.insert()
	ship(message())
	edit(message(), message="lain")
	frappe.set_user(user.name)
	desk.take_ours(row_of(message()).name)
	assert here(message()).message == "satu"


# The difference ----------------------------------------------------------------------------------------


def difference_of(shipped: dict) -> dict:
	"""Return what the form shows, by label."""
	doc = frappe.get_doc("Shipped Document", row_of(shipped).name)
	doc.run_method("onload")
	return {field["label"]: field for field in doc.get_onload("difference")}


def text(segments) -> str | None:
	return segments and "".join(part for _changed, part in segments)


def test_difference_shows_each_field_and_who_changed_it(ship):
	ship(paper("satu", max_age_months=3))
	edit(paper(), explanation="kata dinas")
	ship(paper("satu", max_age_months=6))
	shown = difference_of(paper())
	label = frappe._(here(paper()).meta.get_label("explanation"))
	assert (shown[label]["edited"], shown[label]["newer"]) == (True, False)
	assert [(text(line["ours"]), text(line["yours"])) for line in shown[label]["lines"]] == [
		("satu", "kata dinas")
	]
	age = shown[frappe._(here(paper()).meta.get_label("max_age_months"))]
	assert (age["edited"], age["newer"]) == (False, True)
	assert [(text(line["ours"]), text(line["yours"])) for line in age["lines"]] == [("6", "3")]


def test_difference_shows_rows_as_lines(ship):
	ship(service({"requirement": "Foto Kartu Keluarga"}, {"requirement": "Formulir F-1.06"}))
	doc = here(service())
	doc.requirements = doc.requirements[:1]
	doc.save()
	(shown,) = difference_of(service()).values()
	kept, removed = shown["lines"]
	assert "Foto Kartu Keluarga" in text(kept["ours"]) and kept["ours"] == kept["yours"]
	assert "Formulir F-1.06" in text(removed["ours"]) and removed["yours"] is None


def test_difference_leaves_out_long_equal_stretches():
	lines = [f"baris {number}" for number in range(100)]
	shown = difference.compare(lines, [*lines[:50], "lain", *lines[51:]])
	assert [line.get("skipped") for line in shown] == [48, None, None, None, None, None, 47]
	changed = shown[3]
	assert changed["ours"] == [(False, "baris "), (True, "50")] or text(changed["ours"]) == "baris 50"
	assert text(changed["yours"]) == "lain"


def test_difference_is_quick_on_long_documents():
	ours = [f"<p>{number} {'x' * 50_000}</p>" for number in range(20)]
	shown = difference.compare(ours, [line.replace("x", "y") for line in ours])
	assert all(len(text(line["ours"])) < 5_000 for line in shown)


HOSTILE = '<img src=x onerror="alert(1)"> {{ 7 * 7 }} <script>alert(2)</script> & "\'</td>'


def test_difference_hands_out_text_and_runs_nothing(ship):
	"""The form writes it as text (tests/e2e/test_shipped_documents.py)."""
	ship(message(HOSTILE))
	edit(message(), message=HOSTILE + "!")
	(shown,) = difference_of(message()).values()
	assert text(shown["lines"][0]["ours"]) == HOSTILE
	assert text(shown["lines"][0]["yours"]) == HOSTILE + "!"


# The files ---------------------------------------------------------------------------------------------


def test_every_shipped_kind_is_followed():
	for doctype in files.ORDER:
		hooks = frappe.get_doc_hooks().get(doctype, {})
		for event in ("on_change", "on_trash"):
			assert "sinjai_services.seeding.note_change" in hooks.get(event, []), doctype
		assert "sinjai_services.seeding.note_rename" in hooks.get("after_rename", []), doctype


@pytest.fixture
def pristine(tmp_path, monkeypatch):
	"""Every shipped document as a fresh site has it, and a copy of the shipped files to export into."""
	names = content.Names([])
	for shipped in files.shipped_documents():
		if not frappe.db.exists(shipped["doctype"], shipped["name"]):
			writing.insert(shipped, names)
		elif ledger.different_keys(shipped, here(shipped), names):
			writing.update(shipped, shipped["name"], names)
	frappe.db.delete("Shipped Document")
	source = files.root()
	for folder in files.FOLDERS:
		shutil.copytree(source / folder, tmp_path / folder)
	monkeypatch.setattr(files, "root", lambda: tmp_path)
	yield source
	frappe.db.rollback()
	frappe.clear_cache()


def test_no_document_is_shipped_twice():
	keys = [(document["doctype"], document["name"]) for document in files.shipped_documents()]
	assert {key for key in keys if keys.count(key) > 1} == set()


def test_a_fresh_site_gets_everything_and_seeding_commits_nothing(monkeypatch):
	"""A commit amid a document would let a killed process leave the document without its row."""
	frappe.db.delete("Shipped Document")
	for shipped in files.shipped_documents():
		frappe.db.delete(shipped["doctype"], {"name": shipped["name"]})
		for table in frappe.get_meta(shipped["doctype"]).get_table_fields():
			frappe.db.delete(table.options, {"parent": shipped["name"], "parenttype": shipped["doctype"]})
	frappe.clear_cache()

	def refuse():
		raise AssertionError("committed")

	monkeypatch.setattr(frappe.db, "commit", refuse)
	seeding.seed()
	states = frappe.get_all("Shipped Document", ["state", "error"])
	assert {(row.state, row.error) for row in states} == {(ledger.AS_SHIPPED, None)}
	assert len(states) == len(files.shipped_documents())
	modified = seeding.modified_times()
	seeding.seed()
	assert seeding.modified_times() == modified
	monkeypatch.undo()
	frappe.db.rollback()
	frappe.clear_cache()


def contents_of(folder: Path) -> dict[str, str]:
	return {
		str(file.relative_to(folder)): file.read_text()
		for name in files.FOLDERS
		for file in sorted((folder / name).glob("*.json"))
	}


def test_exporting_a_fresh_site_changes_nothing(pristine, tmp_path):
	assert export.export() == []
	assert contents_of(tmp_path) == contents_of(pristine)


def test_exporting_writes_what_was_edited_and_no_more(pristine, tmp_path):
	service = frappe.get_doc("Public Service", "KTP-EL")
	service.description, service.active = "Kalimat baru", 0
	service.requirements[0].note = "Catatan baru"
	service.save()
	said = export.export()
	assert said == ["catalogue/public_service.json: Public Service KTP-EL"]
	before, after = (
		json.loads(contents_of(at)["catalogue/public_service.json"]) for at in (pristine, tmp_path)
	)
	(old,), (new,) = ([d for d in documents if d["name"] == "KTP-EL"] for documents in (before, after))
	assert new["description"] == "Kalimat baru"
	assert new["requirements"][0]["note"] == "Catatan baru"
	assert new["active"] == old["active"], "a switch of this site"
	assert list(new) == list(old), "keys keep their order"
	assert [d for d in after if d["name"] != "KTP-EL"] == [d for d in before if d["name"] != "KTP-EL"]
	assert export.export() == []


def test_exporting_writes_a_value_that_was_emptied(pristine, tmp_path):
	frappe.db.set_value("Public Service", "KTP-EL", "description", "")
	export.export("Public Service")
	(new,) = (
		d for d in json.loads(contents_of(tmp_path)["catalogue/public_service.json"]) if d["name"] == "KTP-EL"
	)
	assert new["description"] is None


def test_exporting_a_workflow_takes_its_new_states_along(pristine, tmp_path):
	name = frappe.get_meta(REQUEST).get_workflow()
	flow = frappe.get_doc("Workflow", name)
	frappe.get_doc(
		{"doctype": "Workflow State", "workflow_state_name": "Verifikasi Lurah", "style": "Info"}
	).insert()
	frappe.get_doc({"doctype": "Workflow Action Master", "workflow_action_name": "Lanjutkan"}).insert()
	flow.append(
		"states",
		{
			"state": "Verifikasi Lurah",
			"allow_edit": "Operator",
			"sinjai_stage": stages.CHECKING,
			"sinjai_citizen_label": "Diverifikasi",
			"doc_status": "0",
		},
	)
	end = next(row.state for row in flow.states if row.sinjai_stage in stages.ENDED)
	flow.append(
		"transitions",
		{"state": "Verifikasi Lurah", "action": "Lanjutkan", "next_state": end, "allowed": "Operator"},
	)
	flow.save()
	export.export("Workflow")
	file = tmp_path / "workflows" / "civil_document_request.json"
	documents = json.loads(file.read_text())
	kinds = [(d["doctype"], d["name"]) for d in documents]
	assert ("Workflow State", "Verifikasi Lurah") in kinds and (
		"Workflow Action Master",
		"Lanjutkan",
	) in kinds
	assert kinds.index(("Workflow State", "Verifikasi Lurah")) < kinds.index(("Workflow", name))
	for row in documents[-1]["states"] + documents[-1]["transitions"]:
		assert not {"name", "parent", "idx", "owner", "creation", "modified", "docstatus"} & set(row)
	assert export.export() == []


def test_exporting_one_more_document(pristine, tmp_path):
	doc = frappe.get_doc(message("Halo {{ doc.name }}"))
	doc.insert()
	assert export.add("notifications/kabar_uji.json", "Notification", doc.name) == [
		"notifications/kabar_uji.json: Notification Kabar Uji"
	]
	(new,) = json.loads((tmp_path / "notifications" / "kabar_uji.json").read_text())
	assert new["message"] == "Halo {{ doc.name }}"
	assert new["recipients"] == [{"doctype": "Notification Recipient", "receiver_by_role": "Operator"}]
	assert export.export() == []
	for wrong in (("Notification", doc.name), ("Notification", "Tidak Ada"), ("User", "Administrator")):
		with pytest.raises(export.Missing):
			export.add("notifications/lagi.json", *wrong)


def test_exporting_keeps_shipped_names(pristine, tmp_path):
	ledger.note_applied(
		shipped := files.shipped_document("Requirement", "Foto Kartu Keluarga"),
		None,
		frappe.get_doc("Requirement", "Foto Kartu Keluarga"),
		content.Names([]),
	)
	frappe.rename_doc("Requirement", shipped["name"], "Foto KK")
	frappe.get_doc("Requirement", "Foto KK").db_set("explanation", "Baru")
	assert export.export() == ["catalogue/requirement.json: Requirement Foto Kartu Keluarga"]
	new = next(
		d
		for d in json.loads(contents_of(tmp_path)["catalogue/requirement.json"])
		if d["explanation"] == "Baru"
	)
	assert (new["name"], new["requirement_name"]) == ("Foto Kartu Keluarga", "Foto Kartu Keluarga")


def test_exporting_leaves_what_is_not_on_the_site(pristine, tmp_path):
	frappe.db.delete("Notification")
	assert all(line.startswith("Not on this site") for line in export.export())
	assert contents_of(tmp_path) == contents_of(pristine)


@pytest.mark.fault
def test_the_command_of_the_bench(tmp_path):
	done = subprocess.run(
		[
			sys.executable,
			"-m",
			"frappe.utils.bench_helper",
			"frappe",
			"--site",
			frappe.local.site,
			"export-shipped",
			"--help",
		],
		capture_output=True,
		text=True,
		env={**os.environ, "COLUMNS": "200"},
	)
	assert done.returncode == 0 and "--doctype" in done.stdout
