"""The first service end to end: a citizen on a phone, an officer in the Desk, the citizen again."""

import io

import pytest
from helpers import NIK_FEMALE, NO_KK, VILLAGE, officer
from pypdf import PdfReader

import frappe

from e2e.conftest import PHONE, assert_accessible, fresh_view, photograph, shoot
from sinjai_services import stages

pytestmark = pytest.mark.browser
DIGITS = "7788"


def fill_in(page, **changes):
	typed = {
		"applicant_name": "Andi Tenri Ola",
		"nik": NIK_FEMALE,
		"no_kk": NO_KK,
		"whatsapp_number": f"0812 4100 {DIGITS}",
		**changes,
	}
	page.check("input[name=reason][value=Rusak]")
	for field, value in typed.items():
		page.fill(f"[name={field}]", value)
	page.select_option("[name=village]", VILLAGE)
	page.check("[name=consent]")


def add_papers(page):
	"""Choose a photograph for every paper that is shown, and wait until the server has it."""
	inputs = [field for field in page.query_selector_all("input[type=file]") if field.is_visible()]
	for number, field in enumerate(inputs):
		with page.expect_response("**/sinjai_services.requests.uploads.upload") as answer:
			field.set_input_files(photograph(f"IMG_{number}"))
		assert answer.value.json()["message"]["ok"]
	assert inputs


def send(page):
	with page.expect_navigation():
		page.click("[data-send]")


def act(page, stage: str):
	"""Click the workflow action in the Desk that leads to `stage`; the test reads its name, code does not."""
	name = page.evaluate("cur_frm.doc.name")
	fresh_view()
	doc = frappe.get_doc("Civil Document Request", name)
	action = next(
		transition.action
		for transition in frappe.get_doc("Workflow", doc.meta.get_workflow()).transitions
		if transition.state == doc.workflow_state
		and stages.state_row(doc.doctype, transition.next_state).sinjai_stage == stage
	)
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{action}')")
	page.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stage)


def hand_over(page):
	"""Click the workflow's action, as officers do: it asks who receives the document before anything moves."""
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{frappe._('Hand Over')}')")
	page.wait_for_selector(".sinjai-receipt.show")
	page.check(".sinjai-receipt [data-fieldname=identity_checked] input[type=checkbox]")
	page.click(".sinjai-receipt .btn-primary:visible")
	page.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stages.COMPLETED)


def test_from_the_phone_through_the_desk_and_back(open_page, log_in):
	phone = open_page(PHONE, "/pencet-wa")
	shoot(phone, "citizen-1-choose")
	phone.click("a[href*='layanan=KTP-EL']")
	fill_in(phone, applicant_name="Andi 😀", nik="730701")
	add_papers(phone)
	phone.click("[data-send]")
	phone.wait_for_selector("[name=nik][aria-invalid=true]")
	phone.fill("[name=nik]", "7307011513900002")
	send(phone)
	shoot(phone, "citizen-2-faults", whole=True)
	assert phone.locator("[name=nik][aria-invalid=true]").count() == 1
	assert phone.locator("[name=applicant_name][aria-invalid=true]").count() == 1
	assert phone.input_value("[name=whatsapp_number]") == f"0812 4100 {DIGITS}"
	phone.fill("[name=applicant_name]", "Andi Tenri Ola")
	phone.fill("[name=nik]", NIK_FEMALE)
	send(phone)
	shoot(phone, "citizen-3-sent", whole=True)
	assert_accessible(phone)
	fresh_view()
	doc = frappe.get_last_doc("Civil Document Request")
	code = f"{doc.tracking_code[:5]}-{doc.tracking_code[5:]}"
	assert code in phone.inner_text("body")

	desk = log_in(officer())
	desk.goto("/app/civil-document-request")
	desk.wait_for_selector(f".list-row:has-text('{doc.applicant_name}')")
	shoot(desk, "officer-1-queue")
	desk.goto(f"/app/civil-document-request/{doc.name}")
	desk.wait_for_selector(".sinjai-viewer img")
	assert NIK_FEMALE not in desk.content()
	shoot(desk, "officer-2-papers")
	act(desk, stages.CHECKING)
	for row in [row for row in doc.papers if row.file]:
		desk.click(f".sinjai-papers li[data-row='{row.name}'] .btn-primary")
		desk.wait_for_selector(f".sinjai-papers li[data-row='{row.name}'] .indicator-pill.green")
	act(desk, stages.DECIDING)
	act(desk, stages.READY)
	hand_over(desk)
	shoot(desk, "officer-3-completed")

	phone.goto("/lacak")
	phone.fill("[name=kode]", code.lower())
	phone.fill("[name=hp]", DIGITS)
	phone.click("main button")
	phone.wait_for_load_state("networkidle")
	shoot(phone, "citizen-4-track", whole=True)
	text = phone.inner_text("main")
	for event in frappe.get_doc("Civil Document Request", doc.name).timeline(public_only=True):
		assert event.label in text
	assert doc.applicant_name not in text


def test_a_double_tap_makes_one_request(open_page):
	fresh_view()
	before = frappe.db.count("Civil Document Request")
	phone = open_page(PHONE, "/pencet-wa?layanan=KTP-EL")
	fill_in(phone)
	add_papers(phone)
	pages = phone.evaluate(
		"""() => { const form = document.querySelector('form.form');
		const data = new FormData(form); for (const name of [...data.keys()]) if (name.startsWith('paper:'))
		data.delete(name); return Promise.all([1, 2, 3].map(() => fetch(form.action, {method: 'POST', body:
		data}).then(r => r.text()))); }"""
	)
	fresh_view()
	assert frappe.db.count("Civil Document Request") == before + 1
	code = frappe.get_last_doc("Civil Document Request").tracking_code
	assert all(code[:5] in page for page in pages)


def test_the_print_button_of_the_desk_gives_the_receipt_with_its_letterhead(server, log_in):
	fresh_view()
	name = frappe.get_last_doc("Civil Document Request").name
	desk = log_in(officer())
	desk.goto(f"/app/print/Civil Document Request/{name}")
	frame = desk.frame_locator(".print-format-container")
	frame.get_by_text("TANDA TERIMA PERMOHONAN").wait_for()
	shoot(desk, "officer-4-print")
	with desk.context.expect_page() as opened:
		desk.click("button:has-text('PDF')")
	address = opened.value.url.removeprefix(server.url)
	session = next(cookie["value"] for cookie in desk.context.cookies() if cookie["name"] == "sid")
	answer = server.get(address, cookies={"sid": session})
	assert answer.headers["Content-Type"] == "application/pdf"
	text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
	assert "KABUPATEN SINJAI" in text.upper()
	assert NIK_FEMALE not in text


@pytest.mark.parametrize(
	"path", ["/", "/layanan", "/layanan?kode=KTP-EL", "/lacak", "/pencet-wa", "/pencet-wa?layanan=KTP-EL"]
)
def test_public_pages_are_accessible_and_fit_the_phone(open_page, path):
	phone = open_page(PHONE, path)
	assert_accessible(phone)
	assert phone.evaluate("document.documentElement.scrollWidth") <= 360
	assert phone.get_attribute("html", "lang") == "id"


def test_the_form_works_without_script(browser, server):
	context = browser.new_context(base_url=server.url, java_script_enabled=False, **PHONE)
	page = context.new_page()
	page.goto("/pencet-wa?layanan=KTP-EL")
	fill_in(page, nik="123")
	service = frappe.get_doc("Public Service", "KTP-EL")
	for row in service.requirements_for("Rusak"):
		page.set_input_files(f"[name='paper:{row.requirement}']", photograph("IMG"))
	page.click("[data-send]")
	assert page.locator("[name=nik][aria-invalid=true]").count() == 1
	page.fill("[name=nik]", NIK_FEMALE)
	page.click("[data-send]")
	fresh_view()
	doc = frappe.get_last_doc("Civil Document Request")
	assert doc.tracking_code[:5] in page.inner_text("main")
	assert all(row.file for row in doc.papers)
	context.close()
