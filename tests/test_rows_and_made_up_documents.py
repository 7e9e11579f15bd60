"""Two doors of the platform that take a person's word: lists of child rows, and functions of a document."""

import ast
import json
from pathlib import Path

import pytest
from cakrawala import world
from helpers import colleague, move, new_request, officer, stranger_officer
from jempol_sehati import ground as licences
from simaya import ground as letters
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import frappe

import sinjai_services
from sinjai_services import stages
from sinjai_services.cakrawala import custody
from sinjai_services.simaya import dispositions, organisation

APPROVER_ELSEWHERE = "penyetuju.lain@example.com"


def rows(child: str, of: str, **filters) -> list:
	"""List child rows as `frappe.client.get_list` and REST do."""
	from frappe.client import get_list

	return get_list(child, fields=["*"], filters=filters, parent=of, limit_page_length=500)


def call(doc, method: str, **args):
	"""Call a document's own function as the Desk does, with what the browser says the document is."""
	from frappe.handler import run_doc_method

	frappe.local.request = Request(EnvironBuilder("/", method="POST").get_environ())
	frappe.local.response = frappe._dict(docs=[])
	sent = json.loads(frappe.as_json(doc if isinstance(doc, dict) else doc.as_dict()))
	return run_doc_method(method, docs=json.dumps(sent), args=json.dumps(args))


def made_up(doctype: str, name: str, **values) -> dict:
	"""Return a document as somebody sends it who knows nothing but its name."""
	return {"doctype": doctype, "name": name, "__islocal": 1, **values}


def shown(made_up: dict, print_format: str) -> str:
	"""Show a print on the screen as the Desk does, which sends the whole document."""
	from frappe.handler import execute_cmd

	method = "frappe.www.printview.get_html_and_style"
	frappe.local.request = Request(EnvironBuilder("/", method="POST").get_environ())
	frappe.local.form_dict = frappe._dict(doc=json.dumps(made_up), print_format=print_format, cmd=method)
	return frappe.as_json(execute_cmd(method))


# Rows --------------------------------------------------------------------------------------------------


def test_papers_are_listed_to_their_agency_only():
	doc = new_request()
	for who, seen in ((officer(), True), (stranger_officer(), False), ("Administrator", True)):
		frappe.set_user(who)
		assert bool(rows("Request Paper", "Civil Document Request", parent=doc.name)) is seen, who


def test_another_parent_named_opens_no_rows():
	doc = new_request()
	frappe.set_user(stranger_officer())
	assert rows("Request Paper", "Licence Application", parent=doc.name) == []


@pytest.mark.parametrize(
	("who", "seen"),
	[
		("UJI-KABID-A", True),
		("UJI-TU", False),
		("UJI-SEK", False),
		("UJI-STAF-B", False),
		(letters.STRANGER, False),
		(letters.SYSTEM_MANAGER, False),
	],
)
def test_reports_and_targets_of_a_secret_letter_are_listed_to_its_path_only(who, seen):
	letters.make()
	doc = letters.letter(security="Secret")
	letters.act("UJI-KADIS")
	dispositions.dispose(letters.name("UJI-KADIS"), [letters.name("UJI-KABID-A")], letter=doc.name, note="x")
	letters.act("UJI-KABID-A")
	dispositions.report(letters.task_of(doc, "UJI-KABID-A").name, "Isi laporan rahasia", final=False)
	task = letters.task_of(doc, "UJI-KABID-A")
	letters.act(who)
	assert bool(rows("Letter Report", "Letter Task", parent=task.name)) is seen
	assert bool(rows("Disposition Target", "Disposition", parent=task.disposition)) is seen
	organisation.forget_positions()


# Functions of documents ----------------------------------------------------------------------------------


def test_a_made_up_agency_moves_no_paper_of_another_one():
	_owner, _boat, box = world.stocked(papers=("KTP Pemilik Kapal",))
	paper = frappe.get_all("Locker Document", {"locker": box.name}, pluck="name")[0]
	frappe.set_user(world.STRANGER)
	for method in ("take", "give_to_owner", "mark_missing"):
		with pytest.raises(frappe.PermissionError):
			call(made_up("Locker Document", paper, agency="Disdukcapil"), method)
	assert frappe.db.get_value("Locker Document", paper, "custody") == custody.IN_LOCKER
	frappe.set_user(world.OFFICER)
	call(frappe.get_doc("Locker Document", paper), "take")
	assert frappe.db.get_value("Locker Document", paper, "held_by") == world.OFFICER


def test_a_made_up_agency_revokes_nobodys_signature():
	licences.make_people()
	licences.make_person(APPROVER_ELSEWHERE, "Darmawati", ("Approver",), "Disdukcapil")
	licence = licences.issued()
	signed = licences.signed_record(licence)
	frappe.set_user(APPROVER_ELSEWHERE)
	with pytest.raises(frappe.PermissionError):
		call(made_up("Signed Document", signed.name, agency="Disdukcapil"), "revoke", reason="Sekadar iseng")
	with pytest.raises(frappe.PermissionError):
		call(made_up(licence.doctype, licence.name, agency="Disdukcapil"), "revoke", reason="Sekadar iseng")
	assert frappe.db.get_value("Signed Document", signed.name, "state") == "Valid"


def test_a_made_up_agency_registers_and_opens_no_letter_of_another_one():
	letters.make()
	letters.act("UJI-TU")
	doc = frappe.get_doc(letters.letter_values(channel="E-mail", security="Secret")).insert()
	letters.act(letters.STRANGER)
	with pytest.raises(frappe.PermissionError):
		call(made_up(doc.doctype, doc.name, agency=letters.OTHER_AGENCY, security="Ordinary"), "register")
	assert doc.subject not in frappe.as_json(frappe.local.response)
	assert not frappe.db.get_value(doc.doctype, doc.name, "agenda_key")
	organisation.forget_positions()


def test_what_the_browser_says_a_request_is_does_not_become_so():
	"""Steps of code ask no permission: what came along with the call would be saved with them."""
	doc = move(new_request(), stages.CHECKING)
	frappe.set_user(colleague())
	row = doc.papers[0]
	call(doc, "judge_paper", row=row.name, accept=False, reason="Tidak terbaca")
	sent = frappe.get_doc(doc.doctype, doc.name).as_dict()
	sent.update({"applicant_name": "Orang Lain", "whatsapp_number": "+6281241009999"})
	for paper in sent.papers[1:]:
		paper.update({"state": "Accepted"})
	call(sent, "ask_applicant")
	stored = frappe.get_doc(doc.doctype, doc.name)
	assert (stored.applicant_name, stored.whatsapp_number) == (doc.applicant_name, doc.whatsapp_number)
	assert [paper.state for paper in stored.papers[1:]] == [paper.state for paper in doc.papers[1:]]


def test_a_made_up_delivery_prints_no_request_of_another_agency():
	doc = new_request()
	frappe.set_user(stranger_officer())
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "agency": "DPMPTSP"}
	sent = made_up("Request Delivery", "ANT-2026-99999", **about, method="Collect", state="Handed Over")
	with pytest.raises((frappe.PermissionError, frappe.DoesNotExistError)):
		shown(sent, "Tanda Terima Penyerahan")


@pytest.mark.parametrize("doctype", ["Incoming Letter", "ToDo"])
def test_a_made_up_letter_prints_no_disposition_of_a_secret_one(doctype):
	letters.make()
	doc = letters.letter(security="Secret")
	letters.act("UJI-KADIS")
	targets = [letters.name("UJI-KABID-A")]
	dispositions.dispose(letters.name("UJI-KADIS"), targets, letter=doc.name, note="Catatan Zamrud")
	letters.act(letters.STRANGER)
	values = {"agency": letters.OTHER_AGENCY, "security": "Ordinary", "urgency": "Ordinary"}
	values |= {"owner": letters.STRANGER, "allocated_to": letters.STRANGER}
	with pytest.raises((frappe.PermissionError, frappe.DoesNotExistError)):
		shown(made_up(doctype, doc.name, **values), "Lembar Disposisi")
	letters.act("UJI-KADIS")
	assert "Catatan Zamrud" in shown(doc.as_dict(convert_dates_to_str=True), "Lembar Disposisi")
	organisation.forget_positions()


@pytest.mark.parametrize("door", ["handover.at_counter", "visits.plan"])
def test_nobody_learns_the_stage_of_a_request_that_is_not_theirs(door):
	doc = new_request()
	if door == "visits.plan":
		frappe.db.set_value(doc.doctype, doc.name, "stage", stages.COMPLETED)
	frappe.set_user(stranger_officer())
	given = {"receiver_name": "x", "relation": "Applicant"}
	if door == "visits.plan":
		given = {"kinds": [], "team": [], "date": "", "time_from": "", "time_until": ""}
	with pytest.raises(frappe.PermissionError):
		frappe.call(f"sinjai_services.requests.{door}", doctype=doc.doctype, name=doc.name, **given)


def is_text(step: ast.stmt) -> bool:
	return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)


def test_no_function_of_a_document_trusts_the_browser():
	"""Every one begins with what is stored; a new one that forgets it is found here."""
	trusting = []
	for file in Path(sinjai_services.__file__).parent.rglob("*.py"):
		for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
			if not isinstance(node, ast.FunctionDef) or [arg.arg for arg in node.args.args][:1] != ["self"]:
				continue
			doors = [each for each in node.decorator_list if "frappe.whitelist" in ast.unparse(each)]
			begins = [ast.unparse(step) for step in node.body if not is_text(step)][:1]
			if doors and not "".join(begins).startswith(("take_as_stored(self", "self.may_move(")):
				trusting.append(f"{file.name}: {node.name}")
	# Reads its own settings, which only administrators open, and writes nothing.
	assert trusting == ["sinjai_settings.py: missing_shipped_holidays"]
