"""Secret letters, door by door and role by role.

Each door is tried as each person; what comes out must not hold a word of the letter for whoever is not on its
path, and must hold it for those who are: a door that shows nothing to anybody would prove nothing.
"""

import json

import pytest
import requests
from helpers import PASSWORD, pdf
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import frappe
from frappe.utils import nowdate

from simaya import ground
from sinjai_services.simaya import custody, dispositions, incoming, secrecy, tasks

WORD = "Zamrudkhatulistiwa"
"""Stands in subject, note, report, comment, mail and file name of the secret letter, and nowhere else."""

ON_PATH = ("UJI-KADIS", "UJI-KABID-A")
OFF_PATH = {
	"records office that registered it": "UJI-TU",
	"approver of the agency": "UJI-SEK",
	"staff of another division": "UJI-STAF-B",
	"subordinate not asked": "UJI-STAF-A",
	"withdrawn from": "UJI-KABID-B",
	"app's administrator": ground.ADMINISTRATOR,
	"system manager": ground.SYSTEM_MANAGER,
	"another agency": ground.STRANGER,
}


@pytest.fixture
def secret():
	"""A secret letter with everything that can hang on one: disposed, one of two withdrawn, reported."""
	ground.act("UJI-TU")
	doc = ground.letter(
		subject=f"Pemeriksaan {WORD}",
		sender_name=f"Inspektorat {WORD}",
		security="Secret",
		letter_number=f"R-1/{WORD}",
		scan=ground.upload(pdf(1), "rahasia.pdf"),
	)
	ground.act("UJI-KADIS")
	for code in ("UJI-KABID-A", "UJI-KABID-B"):
		name = dispositions.dispose(
			ground.name("UJI-KADIS"), [ground.name(code)], letter=doc.name, note=f"Tindak {WORD}"
		)
	dispositions.withdraw(name, f"Tidak perlu {WORD}")
	frappe.get_doc("Incoming Letter", doc.name).add_comment("Comment", f"Catatan {WORD}")
	mail = {
		"doctype": "Communication",
		"subject": f"Surel {WORD}",
		"content": WORD,
		"sent_or_received": "Sent",
	}
	mail |= {
		"reference_doctype": "Incoming Letter",
		"reference_name": doc.name,
		"communication_medium": "Email",
	}
	frappe.get_doc(mail).insert(ignore_permissions=True)
	version = {"doctype": "Version", "ref_doctype": "Incoming Letter", "docname": doc.name}
	frappe.get_doc({**version, "data": json.dumps({"changed": [["subject", "", WORD]]})}).insert(
		ignore_permissions=True
	)
	log = {"doctype": "Activity Log", "subject": WORD, "reference_doctype": "Incoming Letter"}
	frappe.get_doc({**log, "reference_name": doc.name}).insert(ignore_permissions=True)
	event = frappe.get_doc("Incoming Letter", doc.name)
	event.add_event("Note", detail=f"Keterangan {WORD}")
	ground.act("UJI-KABID-A")
	task = ground.task_of(doc, "UJI-KABID-A")
	dispositions.report(task.name, f"Laporan {WORD}", file_urls=[ground.upload(pdf(1), "laporan.pdf")])
	frappe.clear_messages()
	return frappe.get_doc("Incoming Letter", doc.name)


# The doors -----------------------------------------------------------------------------------------------


def call(method: str, **form):
	"""Call a whitelisted function as the web does, through the platform's handler and our overrides."""
	from frappe.handler import execute_cmd

	frappe.local.request = Request(EnvironBuilder(f"/api/method/{method}", method="POST").get_environ())
	frappe.local.form_dict = frappe._dict(form, cmd=method)
	frappe.local.response = frappe._dict(docs=[])
	result = execute_cmd(method)
	return [result, frappe.local.response]


def listed(doctype: str, **form):
	meta = frappe.get_meta(doctype)
	fields = [
		"name",
		*(
			df.fieldname
			for df in meta.fields
			if df.fieldtype
			in ("Data", "Small Text", "Text", "Long Text", "Code", "Text Editor", "HTML Editor", "Link")
		),
	]
	form = {
		"doctype": doctype,
		"fields": json.dumps([f"`tab{doctype}`.`{field}`" for field in fields]),
		**form,
	}
	return call(
		"frappe.desk.reportview.get", filters="[]", page_length="500", start="0", view="Report", **form
	)


def of_letter(doctype: str, of_doctype: str, of_name: str):
	return lambda doc: call(
		"frappe.client.get_list",
		doctype=doctype,
		fields='["*"]',
		filters=json.dumps({of_doctype: "Incoming Letter", of_name: doc.name}),
		limit_page_length="500",
	)


def first(doctype: str, doc) -> str:
	return frappe.get_all(doctype, {"letter": doc.name}, pluck="name", order_by="creation")[0]


DOORS = {
	"form": lambda doc: call("frappe.desk.form.load.getdoc", doctype=doc.doctype, name=doc.name),
	"list": lambda doc: listed("Incoming Letter"),
	"client.get": lambda doc: call("frappe.client.get", doctype=doc.doctype, name=doc.name),
	"client.get_list": lambda doc: call(
		"frappe.client.get_list", doctype=doc.doctype, fields='["*"]', limit_page_length="500"
	),
	"client.get_value": lambda doc: call(
		"frappe.client.get_value",
		doctype=doc.doctype,
		fieldname="subject",
		filters=json.dumps({"name": doc.name}),
	),
	"search_link": lambda doc: call(
		"frappe.desk.search.search_link", doctype=doc.doctype, txt=WORD, page_length="50"
	),
	"report": lambda doc: call(
		"frappe.desk.query_report.run",
		report_name="Agenda Book",
		filters=json.dumps({"agency": doc.agency, "year": doc.agenda_year}),
	),
	"print view": lambda doc: call("frappe.www.printview.get_html_and_style", doc=doc.doctype, name=doc.name),
	"linked with": lambda doc: call(
		"frappe.desk.form.linked_with.get", doctype="Letter Classification", docname=doc.classification
	),
	"disposition form": lambda doc: call(
		"frappe.desk.form.load.getdoc", doctype="Disposition", name=first("Disposition", doc)
	),
	"dispositions": lambda doc: listed("Disposition"),
	"tasks": lambda doc: listed("Letter Task"),
	"task": lambda doc: call("frappe.client.get", doctype="Letter Task", name=first("Letter Task", doc)),
	"tree": lambda doc: call("sinjai_services.simaya.dispositions.tree", doctype=doc.doctype, name=doc.name),
	"where is it": lambda doc: call("sinjai_services.simaya.custody.search", text=WORD),
	"where is it, by agenda": lambda doc: call(
		"sinjai_services.simaya.custody.search", text=doc.agenda_label
	),
	"comments": of_letter("Comment", "reference_doctype", "reference_name"),
	"communications": of_letter("Communication", "reference_doctype", "reference_name"),
}
ONLY_SHUT = {
	"count": lambda doc: count(doc),
	"export": lambda doc: call(
		"frappe.desk.reportview.export_query",
		doctype=doc.doctype,
		fields=json.dumps(["`tabIncoming Letter`.`subject`"]),
		filters="[]",
		file_format_type="CSV",
		title="x",
	),
	"data export": lambda doc: call(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype=doc.doctype,
		select_columns=json.dumps({doc.doctype: ["name", "subject"]}),
		with_data="1",
		file_type="CSV",
		filters="{}",
	),
	"global search": lambda doc: call("frappe.utils.global_search.search", text=WORD),
	"versions": of_letter("Version", "ref_doctype", "docname"),
	"timeline": of_letter("Request Event", "reference_doctype", "reference_name"),
	"activity": of_letter("Activity Log", "reference_doctype", "reference_name"),
	"movement list": lambda doc: [doc.name] and listed_of("Letter Movement", doc),
	"files": lambda doc: call(
		"frappe.client.get_list",
		doctype="File",
		fields='["*"]',
		filters=json.dumps({"attached_to_name": doc.name}),
	),
	"notices": lambda doc: call(
		"frappe.client.get_list", doctype="Notification Log", fields='["*"]', limit_page_length="500"
	),
	"group by": lambda doc: call(
		"frappe.desk.reportview.get",
		doctype=doc.doctype,
		fields=json.dumps(
			["`tabIncoming Letter`.`subject`", "count(`tabIncoming Letter`.`name`) as _aggregate_column"]
		),
		filters="[]",
		group_by="`tabIncoming Letter`.`subject`",
		page_length="500",
		start="0",
	),
	"share": lambda doc: call(
		"frappe.share.add", doctype=doc.doctype, name=doc.name, user=frappe.session.user, read="1"
	),
	"PDF": lambda doc: call("frappe.utils.print_format.download_pdf", doctype=doc.doctype, name=doc.name),
}
"""Doors of which it is enough, or all there is to show, that they are shut."""


def count(doc) -> str:
	found = call(
		"frappe.desk.reportview.get_count",
		doctype=doc.doctype,
		filters=json.dumps([[doc.doctype, "name", "=", doc.name]]),
		fields="[]",
	)[0]
	return WORD if found else ""


def listed_of(doctype: str, doc) -> str:
	rows = call(
		"frappe.client.get_list", doctype=doctype, fields='["*"]', filters=json.dumps({"letter": doc.name})
	)[0]
	return WORD if rows else ""


def plain(value):
	return value.as_dict() if hasattr(value, "as_dict") else str(value)


def seen(door, doc) -> bool:
	"""Try a door; tell whether a word of the letter came out."""
	frappe.db.savepoint("door")
	try:
		out = json.dumps(door(doc), default=plain, skipkeys=True)
		if frappe.local.response.get("filecontent") and door is ONLY_SHUT["PDF"]:
			return True
		content = frappe.local.response.get("result") or frappe.local.response.get("filecontent") or ""
		return WORD in out or WORD in str(content)
	except (frappe.PermissionError, frappe.DoesNotExistError):
		return WORD in frappe.as_json(frappe.local.message_log)
	finally:
		frappe.clear_messages()
		frappe.db.rollback(save_point="door")


@pytest.mark.parametrize("who", OFF_PATH.values(), ids=[name.replace(" ", "_") for name in OFF_PATH])
def test_nobody_off_the_path_sees_a_word(secret, who):
	ground.act(who)
	leaking = [name for name, door in {**DOORS, **ONLY_SHUT}.items() if seen(door, secret)]
	assert leaking == []


@pytest.mark.parametrize("who", ON_PATH)
def test_those_on_the_path_see_it_everywhere(secret, who):
	ground.act(who)
	shut = [name for name, door in DOORS.items() if not seen(door, secret)]
	# Reports and comments have roles of their own; the platform gives them to some only.
	assert set(shut) <= {"report", "comments", "communications", "linked with"}


def test_the_same_doors_open_for_an_ordinary_letter(secret):
	"""What the test would find if nothing were kept secret."""
	frappe.db.set_value("Incoming Letter", secret.name, "security", "Ordinary")
	incoming.carry(frappe.get_doc("Incoming Letter", secret.name), "security")
	ground.act("UJI-TU")
	open_doors = {name for name, door in {**DOORS, **ONLY_SHUT}.items() if seen(door, secret)}
	assert {
		"form",
		"list",
		"search_link",
		"print view",
		"dispositions",
		"tasks",
		"tree",
		"count",
	} <= open_doors


@pytest.mark.parametrize("who", [*OFF_PATH.values()], ids=[name.replace(" ", "_") for name in OFF_PATH])
def test_files_are_not_fetched(secret, who):
	ground.act(who)
	places = (secret.name, ground.task_of(secret, "UJI-KABID-A").name)
	urls = frappe.get_all("File", {"attached_to_name": ("in", places)}, pluck="name")
	assert len(urls) >= 2
	for name in urls:
		file = frappe.get_doc("File", name)
		assert not file.is_downloadable(), frappe.as_json([file.as_dict(), frappe.session.user])
	for code in ON_PATH:
		ground.act(code)
		assert all(frappe.get_doc("File", name).is_downloadable() for name in urls)


@pytest.mark.parametrize("command", ["download_file", "frappe.utils.file_manager.download_file"])
def test_a_command_at_any_address_fetches_no_file(secret, command):
	"""Somebody who knows an address puts a File of their own there, which the platform lets them fetch."""
	ground.act(ground.STRANGER)
	frappe.local.request = Request(EnvironBuilder("/").get_environ())
	frappe.local.form_dict = frappe._dict(cmd=command, file_url=secret.scan)
	with pytest.raises(frappe.PermissionError):
		secrecy.guard_download()


def test_a_secret_letter_is_answered_by_a_secret_one_only(secret):
	"""Lists of the platform show fields of the letter that a reply names to whoever sees the reply."""
	ground.act("UJI-KADIS")
	position = ground.name("UJI-KADIS")
	values = {"doctype": "Outgoing Letter", "kind": "Official Letter", "subject": "Jawaban"}
	values |= {"classification": "000.1", "drafter_position": position, "signing_position": position}
	values |= {"body": "<p>Jawaban</p>", "reply_to": secret.name}
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc(values).insert()
	reply = frappe.get_doc({**values, "security": "Secret"}).insert()
	for who, seen in (("UJI-KADIS", True), ("UJI-TU", False)):
		ground.act(who)
		rows = frappe.get_list("Outgoing Letter", {"name": reply.name}, ["name", "reply_to.subject as s"])
		assert (WORD in frappe.as_json(rows)) is seen


def test_the_answer_to_a_letter_made_secret_later_is_shut_with_it():
	doc = ground.letter(subject=f"Semula biasa {WORD}")
	ground.act("UJI-KADIS")
	position = ground.name("UJI-KADIS")
	values = {"doctype": "Outgoing Letter", "kind": "Official Letter", "subject": "Jawaban"}
	values |= {"classification": "000.1", "drafter_position": position, "signing_position": position}
	reply = frappe.get_doc({**values, "body": "<p>Jawaban</p>", "reply_to": doc.name}).insert()
	doc = frappe.get_doc("Incoming Letter", doc.name)
	doc.security = "Secret"
	doc.save()
	for who, seen in (("UJI-KADIS", True), ("UJI-TU", False)):
		ground.act(who)
		assert bool(frappe.get_list("Outgoing Letter", {"name": reply.name})) is seen


def test_no_file_of_a_letter_is_ever_public(secret):
	"""The platform makes a public copy of a private file in a field it does not know it to stand in."""
	ground.act("UJI-KADIS")
	doc = frappe.get_doc("Incoming Letter", secret.name)
	doc.answer_due = nowdate()
	doc.save()
	ground.act("UJI-TU")
	ordinary = ground.letter(scan=ground.upload(pdf(1), "biasa.pdf"))
	names = (secret.name, ordinary.name, ground.task_of(secret, "UJI-KABID-A").name)
	rows = frappe.get_all("File", {"attached_to_name": ("in", names)}, ["is_private", "file_url", "owner"])
	assert len(rows) == 3
	assert all(
		row.is_private and row.file_url.startswith("/private/") and row.owner == "Administrator"
		for row in rows
	)


def test_the_label_in_hand_says_where_but_not_what(secret):
	ground.act("UJI-STAF-B")
	shown = custody.receive(secret.label_code)
	assert WORD not in frappe.as_json(shown) and shown["subject"] == "Surat rahasia" and shown["name"] is None
	assert shown["agenda_label"] == secret.agenda_label


def test_notices_and_waiting_lists_carry_no_word_for_others(secret):
	texts = frappe.get_all("Notification Log", {"document_name": secret.name}, ["subject", "email_content"])
	assert texts and WORD not in frappe.as_json(texts)
	ground.act("UJI-KABID-B")
	assert WORD not in frappe.as_json(tasks.waiting_for_me())


def test_a_mention_or_assignment_by_somebody_on_the_path_tells_nothing(secret):
	log = {
		"doctype": "Notification Log",
		"for_user": ground.USER["UJI-STAF-B"],
		"subject": f"Disebut: {WORD}",
	}
	log |= {
		"document_type": secret.doctype,
		"document_name": secret.name,
		"email_content": WORD,
		"type": "Alert",
	}
	doc = frappe.get_doc(log).insert(ignore_permissions=True)
	assert WORD not in f"{doc.subject}{doc.email_content}"


def test_a_restricted_letter_is_read_by_records_office_and_path_only():
	doc = ground.letter(subject=f"Terbatas {WORD}", security="Restricted")
	for code, sees in (("UJI-TU", True), ("UJI-KADIS", True), ("UJI-SEK", True), ("UJI-STAF-B", False)):
		assert may_read(doc, code) is sees, code
	assert not may_read(doc, ground.STRANGER)


def test_a_letter_made_secret_later_is_shut_with_all_that_hangs_on_it():
	doc = ground.letter(subject=f"Semula biasa {WORD}")
	ground.act("UJI-KADIS")
	dispositions.dispose(ground.name("UJI-KADIS"), [ground.name("UJI-KABID-A")], letter=doc.name, note=WORD)
	ground.act("UJI-STAF-B")
	assert seen(DOORS["form"], doc)
	ground.act("UJI-KADIS")
	doc = frappe.get_doc("Incoming Letter", doc.name)
	doc.security = "Secret"
	doc.save()
	for who in ("UJI-STAF-B", ground.ADMINISTRATOR):
		ground.act(who)
		assert [name for name, door in {**DOORS, **ONLY_SHUT}.items() if seen(door, doc)] == []


def test_a_delegate_sees_it_for_as_long_as_they_act(secret):
	frappe.set_user("Administrator")
	ground.hold("UJI-KABID-A", ground.USER["UJI-STAF-A"], "Daily Acting (Plh)", nowdate(), nowdate())
	assert may_read(secret, "UJI-STAF-A")
	frappe.db.set_value(
		"Position Holder",
		{"user": ground.USER["UJI-STAF-A"], "kind": "Daily Acting (Plh)"},
		{"from_date": "2026-01-01", "to_date": "2026-01-02"},
	)
	ground.organisation.forget_positions()
	assert not may_read(secret, "UJI-STAF-A")


def test_opening_is_recorded_once(secret):
	ground.act("UJI-KABID-A")
	before = frappe.db.count("Data Access Record", {"reference_name": secret.name})
	frappe.cache.delete_keys(f"sinjai:opened:Incoming Letter:{secret.name}")
	for door in ("form", "client.get"):
		call_door(door, secret)
	records = frappe.get_all("Data Access Record", {"reference_name": secret.name}, ["user", "field"])
	assert len(records) == before + 1 and records[0].user == ground.USER["UJI-KABID-A"]


def may_read(doc, who: str) -> bool:
	return bool(frappe.has_permission(doc.doctype, "read", doc, user=ground.USER.get(who, who)))


def call_door(name: str, doc):
	return DOORS[name](doc)


# Over the wire -------------------------------------------------------------------------------------------


@pytest.fixture
def stored_secret(server, secret):
	frappe.db.commit()
	yield secret
	frappe.set_user("Administrator")
	frappe.db.rollback()
	task_names = frappe.get_all("Letter Task", {"letter": secret.name}, pluck="name")
	for file in frappe.get_all(
		"File", {"attached_to_name": ("in", [secret.name, *task_names])}, pluck="name"
	):
		frappe.delete_doc("File", file, force=True, ignore_permissions=True)
	for doctype, field in (("Letter Report", "parent"), ("Disposition Target", "task")):
		frappe.db.delete(doctype, {field: ("in", task_names or [""])})
	for doctype, field in (
		("Letter Task", "letter"),
		("Disposition", "letter"),
		("Letter Movement", "letter"),
		("Request Event", "reference_name"),
		("Comment", "reference_name"),
		("Communication", "reference_name"),
		("Version", "docname"),
		("Activity Log", "reference_name"),
		("Notification Log", "document_name"),
		("Data Access Record", "reference_name"),
		("Incoming Letter", "name"),
	):
		frappe.db.delete(doctype, {field: secret.name})
	frappe.db.commit()


def session(server, user: str) -> requests.Session:
	own = requests.Session()
	own.post(
		f"{server.url}/api/method/login", data={"usr": user, "pwd": PASSWORD}, timeout=60
	).raise_for_status()
	return own


def test_rest_and_downloads_over_http(server, stored_secret):
	doc = stored_secret
	paths = [
		f"/api/resource/Incoming Letter/{doc.name}",
		'/api/resource/Incoming Letter?fields=["*"]&limit_page_length=500',
		'/api/resource/Letter Task?fields=["*"]&limit_page_length=500',
		'/api/resource/Disposition?fields=["*"]&limit_page_length=500',
		doc.scan,
		f"/api/method/frappe.handler.download_file?file_url={doc.scan}",
		f"/api/method/download_file?file_url={doc.scan}",
		f"/printview?doctype=Incoming Letter&name={doc.name}",
		f"/api/method/frappe.utils.print_format.download_pdf?doctype=Incoming Letter&name={doc.name}",
	]
	frappe.cache.delete_keys("sinjai:opened:")
	for who in ("UJI-TU", ground.SYSTEM_MANAGER, ground.STRANGER):
		own = session(server, ground.USER.get(who, who))
		for path in paths:
			answer = own.get(server.url + path, timeout=60)
			assert WORD not in answer.text and not answer.content.startswith(b"%PDF"), (who, path)
	reader = session(server, ground.USER["UJI-KABID-A"])
	assert WORD in reader.get(server.url + paths[0], timeout=60).text
	assert reader.get(server.url + doc.scan, timeout=60).content.startswith(b"%PDF")
	frappe.db.rollback()
	fields = frappe.get_all(
		"Data Access Record", {"reference_name": doc.name, "user": ground.USER["UJI-KABID-A"]}, pluck="field"
	)
	assert {"document", "file"} <= set(fields)
