"""The administrator's story: a process reshaped in the Desk outlives an upgrade and is lived through."""

import json

import pytest
from helpers import PASSWORD, officer
from own_site import OwnSite, newer_version

import frappe

from e2e.conftest import CHOICE, PHONE, assert_accessible, shoot
from e2e.test_first_service import add_papers, fill_in, send
from sinjai_services import stages
from sinjai_services.seeding import ledger

pytestmark = [pytest.mark.browser, pytest.mark.fault]

ADMINISTRATOR = "admin.uji@example.com"
DOCTYPE = "Civil Document Request"
FLOW = "Permohonan Dokumen Kependudukan"
NEW_STATE, NEW_LABEL = "Verifikasi Lurah", "Sedang diverifikasi oleh lurah"
RENAMED, NEW_NAME = "Diproses", "Pembuatan Dokumen"
GREETING = "Salam hangat dari kantor kami."
PAPER = "Surat Pengantar RT"
SERVICE, SERVICE_NAME = "SKTT", "Surat Keterangan Tempat Tinggal"
FIELD_LABEL = "Nomor RT dan RW"
FOOTNOTE = "Harap dibawa saat mengambil dokumen."
EDITED = (
	("Workflow", FLOW),
	("Notification", "Kabar untuk Pemohon"),
	("Web Form", "pencet-wa"),
	("Print Format", "Tanda Terima Permohonan"),
	("Public Service", "KTP-EL"),
)

MAKE = f"""
import helpers
roles = ("Sinjai Administrator", "System Manager", "Website Manager")
frappe.get_doc({{"doctype": "User", "email": {ADMINISTRATOR!r}, "first_name": "Admin", "language": "id",
	"send_welcome_email": 0, "new_password": {PASSWORD!r},
	"roles": [{{"role": role}} for role in roles]}}).insert()
frappe.local.request_ip, frappe.local.lang = "127.0.0.1", "id"
doc = helpers.new_request(applicant_name="Ibu Lama")
for stage in ("Checking", "Deciding"):
	doc = helpers.move(doc, stage)
print(doc.name)
"""

LOOK = """
import json
from frappe.utils import cstr
flow = frappe.get_doc("Workflow", {flow!r})
print(json.dumps({{
	"states": [[row.state, row.sinjai_stage, row.sinjai_citizen_label] for row in flow.states],
	"ways": [[row.state, row.action, row.next_state] for row in flow.transitions],
	"message": frappe.db.get_value("Notification", "Kabar untuk Pemohon", "message"),
	"form": [row.fieldname for row in frappe.get_doc("Web Form", "pencet-wa").web_form_fields],
	"papers": [row.requirement for row in frappe.get_doc("Public Service", "KTP-EL").requirements],
	"service": frappe.db.get_value("Public Service", {service!r}, "service_name"),
	"print": frappe.db.get_value("Print Format", "Tanda Terima Permohonan", "html"),
	"ledger": {{f"{{row.document_type}} {{row.document_name}}": row.state for row in frappe.get_all(
		"Shipped Document", fields=["document_type", "document_name", "state"])}},
	"untouched": [frappe.db.get_value("Public Service", "KK", "description"),
		frappe.db.get_value("Requirement", "Foto Kartu Keluarga", "explanation")],
}}))
"""

REQUEST = """
import json
doc = frappe.get_doc({doctype!r}, {name!r})
print(json.dumps({{
	"state": doc.workflow_state, "stage": doc.stage, "promise": doc.promise_state, "values": doc.as_dict(),
	"papers": [row.requirement for row in doc.papers],
	"timeline": [[row.event, row.state, row.label, row.detail, row.by] for row in doc.timeline()],
	"messages": frappe.get_all(
		"Chat Message", {{"reference_name": doc.name}}, pluck="text", order_by="creation"),
	"code": doc.tracking_code,
}}, default=str))
"""


class Server:
	"""The site under test as `open_page` and `log_in` expect it."""

	def __init__(self, site: OwnSite, url: str):
		self.site, self.url = site, url


@pytest.fixture
def site_before():
	"""A site with the app, an administrator, and one request that somebody waits for."""
	site = OwnSite("sinjai-admin.localhost")
	site.make(with_app=True)
	site.waiting = site.python(MAKE)
	yield site
	site.drop()


@pytest.fixture
def server(site_before):
	with site_before.serve() as url:
		yield Server(site_before, url)


@pytest.fixture
def newer(tmp_path):
	"""A newer version of the app: what the story edits has changed, and two documents it leaves alone."""
	changes = {
		("Workflow", FLOW): lambda doc: doc["states"][0].update(sinjai_citizen_label="Sudah kami terima"),
		("Notification", "Kabar untuk Pemohon"): lambda doc: doc.update(
			message="Versi baru: " + doc["message"]
		),
		("Web Form", "pencet-wa"): lambda doc: doc.update(introduction_text="<p>Versi baru.</p>"),
		("Print Format", "Tanda Terima Permohonan"): lambda doc: doc.update(
			html=doc["html"] + "\n<!-- baru -->"
		),
		("Public Service", "KTP-EL"): lambda doc: doc.update(description="Versi baru."),
		("Public Service", "KK"): lambda doc: doc.update(description="Versi baru."),
		("Requirement", "Foto Kartu Keluarga"): lambda doc: doc.update(explanation="Versi baru."),
	}
	return newer_version(tmp_path, changes)


# What a hand does in the Desk --------------------------------------------------------------------------


def open_form(page, doctype: str, name: str):
	"""Open a form by its address, `new` for a new one, and wait until it can be used."""
	slug = doctype.lower().replace(" ", "-")
	page.goto(f"/app/{slug}/{f'new-{slug}-1' if name == 'new' else name}")
	page.wait_for_function(
		"""([doctype, name]) => window.cur_frm?.doctype === doctype && cur_frm.doc
		&& (name === 'new' ? cur_frm.is_new() : cur_frm.doc.name === name)""",
		arg=[doctype, name],
	)
	page.wait_for_selector(f"[id='page-{doctype}'] .form-layout:visible")
	page.wait_for_timeout(700)


def box(page, field: str, scope: str):
	kinds = ("input:not([type=hidden])", "textarea", "select")
	return page.locator(
		", ".join(f"{scope} [data-fieldname='{field}'] {kind}:visible" for kind in kinds)
	).first


def write(page, field: str, value: str, scope: str = ".page-container:visible .form-layout"):
	"""Type into a field, or choose in it, as its kind wants it."""
	place = box(page, field, scope)
	place.scroll_into_view_if_needed()
	kind = place.evaluate(
		"e => e.tagName === 'SELECT' ? 'select' : e.type === 'checkbox' ? 'check' : "
		"e.closest('[data-fieldtype=Link], [data-fieldtype=Autocomplete]') ? 'link' : 'text'"
	)
	if kind == "select":
		place.select_option(value)
	elif kind == "check":
		place.set_checked(bool(value))
	elif kind == "link":
		place.click()
		place.fill("")
		place.type(value)
		page.locator(CHOICE, has_text=value).first.click()
	else:
		place.fill(value)
		place.press("Tab")


def open_row(page, table: str, number: int):
	page.locator(
		f"[data-fieldname='{table}'] .grid-row[data-idx='{number}'] .btn-open-row:visible"
	).first.click()
	page.wait_for_selector(".grid-row-open .form-in-grid:visible")
	page.wait_for_timeout(500)  # version 16 puts the cursor into the first field a little later


def write_row(page, **values):
	for field, value in values.items():
		write(page, field, value, ".grid-row-open .form-in-grid")


def close_row(page):
	page.locator(".grid-row-open .grid-collapse-row:visible").first.click()
	page.wait_for_selector(".grid-row-open", state="detached")


def change_row(page, table: str, number: int, **values):
	open_row(page, table, number)
	write_row(page, **values)
	close_row(page)


def add_row(page, table: str, **values):
	page.locator(f"[data-fieldname='{table}'] .grid-add-row:visible").first.click()
	number = page.evaluate("table => cur_frm.doc[table].length", table)
	change_row(page, table, number, **values)


def save(page):
	page.click(".page-container:visible .primary-action:visible")
	page.wait_for_function("() => cur_frm && !cur_frm.is_new() && !cur_frm.is_dirty()")
	page.wait_for_timeout(500)


def append_code(page, field: str, text: str):
	"""Put text at the end of a code editor."""
	editor = page.locator(f"[data-fieldname='{field}'] .ace_editor:visible").first
	editor.scroll_into_view_if_needed()
	editor.click()
	page.keyboard.press("Control+End")
	page.keyboard.insert_text(text)
	page.wait_for_function("() => cur_frm.is_dirty()")


# The chapters ------------------------------------------------------------------------------------------


def make_simple(page, doctype: str, **values):
	open_form(page, doctype, "new")
	for field, value in values.items():
		write(page, field, value)
	save(page)


def reshape_workflow(page):
	"""Put a state between checking and deciding, and give another one a new name."""
	for name in (NEW_STATE, NEW_NAME):
		make_simple(page, "Workflow State", workflow_state_name=name)
	make_simple(page, "Workflow Action Master", workflow_action_name="Sudah Diverifikasi")
	open_form(page, "Workflow", FLOW)
	shoot(page, "admin-1-workflow")
	states = page.evaluate("cur_frm.doc.states.map(row => row.state)")
	change_row(page, "states", states.index(RENAMED) + 1, state=NEW_NAME)
	ways = page.evaluate("cur_frm.doc.transitions.map(row => [row.state, row.next_state, row.action])")
	for number, (state, next_state, action) in enumerate(ways, 1):
		renamed = {}
		if state == RENAMED:
			renamed["state"] = NEW_NAME
		if next_state == RENAMED:
			renamed["next_state"] = NEW_STATE
			to_lurah = action
		if renamed:
			change_row(page, "transitions", number, **renamed)
	add_row(
		page,
		"states",
		state=NEW_STATE,
		sinjai_stage=stages.FIELD_WORK,
		sinjai_citizen_label=NEW_LABEL,
		sinjai_tell_applicant="1",
		allow_edit="Operator",
	)
	add_row(
		page,
		"transitions",
		state=NEW_STATE,
		action="Sudah Diverifikasi",
		next_state=NEW_NAME,
		allowed="Operator",
	)
	shoot(page, "admin-2-workflow-changed", whole=True)
	page.click(".page-container:visible .primary-action:visible")
	dialog = page.wait_for_selector(".modal.show select", timeout=8000)
	page.wait_for_timeout(500)
	shoot(page, "admin-3-successor")
	dialog.select_option(NEW_NAME)
	page.click(".modal.show .btn-primary:visible")
	page.wait_for_function("() => !cur_frm.is_dirty()")
	shoot(page, "admin-4-workflow-saved")
	return to_lurah


def reshape_message(page):
	open_form(page, "Notification", "Kabar untuk Pemohon")
	append_code(page, "message", f"\n\n{GREETING}")
	shoot(page, "admin-5-message")
	save(page)


def reshape_form(page):
	open_form(page, "Custom Field", "new")
	write(page, "dt", frappe._(DOCTYPE))
	write(page, "label", FIELD_LABEL)
	page.wait_for_timeout(800)
	write(page, "insert_after", "address")
	save(page)
	name = page.evaluate("cur_frm.doc.fieldname")
	open_form(page, "Web Form", "pencet-wa")
	add_row(page, "web_form_fields", fieldname=name)
	shoot(page, "admin-6-web-form")
	save(page)
	return name


def reshape_catalogue(page):
	make_simple(page, "Requirement", requirement_name=PAPER, explanation="Ditandatangani ketua RT.")
	open_form(page, "Public Service", "KTP-EL")
	add_row(page, "requirements", requirement=PAPER)
	shoot(page, "admin-7-service")
	save(page)
	open_form(page, "Public Service", "new")
	for field, value in {
		"service_code": SERVICE,
		"service_name": SERVICE_NAME,
		"agency": "Disdukcapil",
		"request_doctype": frappe._(DOCTYPE),
		"promise_value": "2",
	}.items():
		write(page, field, value)
	add_row(page, "requirements", requirement=PAPER)
	save(page)
	shoot(page, "admin-8-new-service")


def reshape_print(page):
	open_form(page, "Print Format", "Tanda Terima Permohonan")
	append_code(page, "html", f"\n<p>{FOOTNOTE}</p>")
	shoot(page, "admin-9-print-format")
	save(page)


def test_what_an_administrator_reshapes_outlives_an_upgrade(server, newer, open_page, log_in):
	site = server.site
	desk = log_in(ADMINISTRATOR)
	to_lurah = reshape_workflow(desk)
	reshape_message(desk)
	field = reshape_form(desk)
	reshape_catalogue(desk)
	reshape_print(desk)
	look = LOOK.format(flow=FLOW, service=SERVICE)
	before = json.loads(site.python(look))
	assert_reshaped(before, field)
	assert [before["ledger"][f"{doctype} {name}"] for doctype, name in EDITED] == [ledger.EDITED] * len(
		EDITED
	)
	waiting = json.loads(site.python(REQUEST.format(doctype=DOCTYPE, name=site.waiting)))
	assert (waiting["state"], waiting["stage"]) == (NEW_NAME, stages.DECIDING)
	assert waiting["timeline"][0][1] == NEW_NAME

	site.newer = newer
	migrated = site.frappe("migrate")
	assert migrated.returncode == 0, migrated.stderr
	after = json.loads(site.python(look))
	same = ("states", "ways", "message", "form", "papers", "service", "print")
	assert {key: after[key] for key in same} == {key: before[key] for key in same}
	assert after["untouched"] == ["Versi baru."] * 2 != before["untouched"]
	offered = {name for name, state in after["ledger"].items() if state == ledger.UPDATE}
	assert offered == {f"{doctype} {name}" for doctype, name in EDITED}

	with site.serve() as server.url:
		desk = log_in(ADMINISTRATOR)
		desk.goto("/app/shipped-document")
		desk.wait_for_selector(".list-row-container .indicator-pill")
		assert desk.locator(".list-row-container", has_text=frappe._(ledger.UPDATE)).count() == len(EDITED)
		shoot(desk, "admin-10-updates-offered")
		live_through(site, open_page, log_in, to_lurah, field)


def assert_reshaped(found: dict, field: str):
	assert [NEW_STATE, stages.FIELD_WORK, NEW_LABEL] in found["states"]
	assert NEW_NAME in [row[0] for row in found["states"]] and RENAMED not in [
		row[0] for row in found["states"]
	]
	assert GREETING in found["message"]
	assert field in found["form"]
	assert PAPER in found["papers"]
	assert found["service"] == SERVICE_NAME
	assert FOOTNOTE in found["print"]


def live_through(site, open_page, log_in, to_lurah: str, field: str):
	"""A citizen asks on a phone, an officer takes the new step in the Desk, the citizen reads of it."""
	phone = open_page(PHONE, "/layanan")
	assert SERVICE_NAME in phone.inner_text("main")
	phone.goto("/pencet-wa?layanan=KTP-EL")
	assert PAPER in phone.inner_text("main")
	assert FIELD_LABEL in phone.inner_text("main")
	fill_in(phone, **{field: "003/007"})
	add_papers(phone)
	shoot(phone, "admin-11-citizen-form", whole=True)
	assert_accessible(phone)
	assert phone.evaluate("document.documentElement.scrollWidth") <= 360
	send(phone)
	shoot(phone, "admin-12-citizen-sent", whole=True)
	name = site.python(f"print(frappe.get_last_doc({DOCTYPE!r}).name)")
	look = REQUEST.format(doctype=DOCTYPE, name=name)
	request = json.loads(site.python(look))
	assert request["values"][field] == "003/007"
	assert PAPER in request["papers"]

	desk = log_in(officer())
	desk.goto(f"/app/civil-document-request/{name}")
	desk.wait_for_selector(".sinjai-papers")
	take_step(desk, "Mulai Periksa", stages.CHECKING)
	accept_papers(desk)
	take_step(desk, to_lurah, stages.FIELD_WORK)
	desk.locator(".sinjai-timeline", has_text=NEW_LABEL).wait_for()
	shoot(desk, "admin-13-officer-new-state")
	request = json.loads(site.python(look))
	assert (request["state"], request["stage"], request["promise"]) == (
		NEW_STATE,
		stages.FIELD_WORK,
		"Running",
	)
	assert request["timeline"][0][:3] == ["Stage", NEW_STATE, NEW_LABEL]
	assert NEW_LABEL in request["messages"][-1] and request["messages"][-1].endswith(GREETING)

	code = request["code"]
	phone.goto("/lacak")
	phone.fill("[name=kode]", code)
	phone.fill("[name=hp]", "7788")
	phone.click("main button")
	phone.wait_for_load_state("networkidle")
	assert NEW_LABEL in phone.inner_text("main")
	shoot(phone, "admin-14-citizen-track", whole=True)

	take_step(desk, "Sudah Diverifikasi", stages.DECIDING)
	desk.goto(f"/app/print/{DOCTYPE}/{name}")
	desk.frame_locator(".print-format-container").get_by_text(FOOTNOTE).wait_for()
	shoot(desk, "admin-15-print")


def take_step(page, action: str, stage: str):
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{action}')")
	page.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stage)


def accept_papers(page):
	buttons = page.locator(".sinjai-papers li .btn-primary:visible")
	while count := buttons.count():
		buttons.first.click()
		page.wait_for_function(
			"count => document.querySelectorAll('.sinjai-papers li .btn-primary').length < count", arg=count
		)
