"""A licence in a real browser: from the applicant's phone over four desks to the copy on the phone."""

import pytest
from helpers import NIK_FEMALE, PASSWORD, VILLAGE
from jempol_sehati.ground import (
	APPROVER,
	DOCTYPE,
	FRONT_DESK,
	HEAD,
	TECHNICAL,
	VILLAGE_OFFICER,
	make_people,
	retire,
)
from playwright.sync_api import TimeoutError as NotShown
from signing.ground import PASSPHRASE

import frappe

from e2e.conftest import PHONE, assert_accessible, fresh_view, shoot
from e2e.test_first_service import add_papers, send
from sinjai_services import stages
from sinjai_services.requests import moves

pytestmark = pytest.mark.browser
HERE = {"geolocation": {"latitude": -5.1241, "longitude": 120.2534}, "permissions": ["geolocation"]}
DIGITS = "7799"


@pytest.fixture(autouse=True)
def people():
	fresh_view()
	frappe.set_user("Administrator")
	make_people()
	frappe.db.commit()
	yield
	fresh_view()
	retire()
	frappe.db.commit()


def fits(page) -> bool:
	return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def stored(name: str):
	fresh_view()
	return frappe.get_doc(DOCTYPE, name)


def apply_on(phone, name: str, **typed):
	phone.fill("[name=applicant_name]", name)
	phone.fill("[name=nik]", NIK_FEMALE)
	phone.fill("[name=whatsapp_number]", f"0812 4100 {DIGITS}")
	phone.select_option("[name=village]", VILLAGE)
	phone.fill("[name=address]", "Jalan Persatuan Raya 5")
	phone.fill("[name=purpose]", "Warung kelontong di depan rumah")
	for field, value in typed.items():
		phone.check(f"[name={field}][value='{value}']")
	phone.check("[name=applicant_type][value=Person]")
	phone.check("[name=consent]")
	add_papers(phone)


def code_on(page) -> str:
	return page.inner_text("#code").replace("-", "")


def open_form(page, name: str):
	page.goto(f"/app/licence-application/{name}")
	page.wait_for_function("name => cur_frm && cur_frm.doc && cur_frm.doc.name === name", arg=name)


def click_action(page, *, stage: str | None = None, trigger: str | None = None):
	"""Click the workflow's action that leads to `stage` or means `trigger`."""
	doc = stored(page.evaluate("cur_frm.doc.name"))
	action = next(
		way.action
		for way in stages.active_workflow(DOCTYPE).transitions
		if way.state == doc.workflow_state
		and (trigger is None or way.sinjai_trigger == trigger)
		and (stage is None or stages.state_row(DOCTYPE, way.next_state).sinjai_stage == stage)
	)
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{action}')")


def has_actions(page) -> bool:
	try:
		page.wait_for_selector(".actions-btn-group button:visible", timeout=4000)
	except NotShown:
		return False
	return True


def wait_moved(page, state_before: str):
	page.wait_for_function("before => cur_frm.doc.workflow_state !== before", arg=state_before)


def test_a_licence_from_the_phone_to_the_phone(open_page, log_in):
	phone = open_page({**PHONE, **HERE}, "/jempol-sehati?layanan=IUMK")
	apply_on(phone, "Sitti Rahmah", handover_method="Digital")
	phone.get_by_role("button", name="Gunakan posisi saya").click()
	phone.wait_for_function("document.querySelector('[name=latitude]').value")
	assert fits(phone)
	assert_accessible(phone)
	shoot(phone, "licence-1-form", whole=True)
	send(phone)
	code = code_on(phone)
	fresh_view()
	name = frappe.db.get_value(DOCTYPE, {"tracking_code": code})
	assert round(stored(name).latitude, 4) == -5.1241

	desk = log_in(FRONT_DESK)
	open_form(desk, name)
	click_action(desk, stage=stages.CHECKING)
	desk.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stages.CHECKING)
	for row in stored(name).papers:
		if row.file:
			desk.evaluate("row => cur_frm.call('judge_paper', { row, accept: true })", row.name)
	open_form(desk, name)
	desk.reload()
	open_form(desk, name)
	shoot(desk, "licence-2-checking")
	click_action(desk, stage=stages.DECIDING)
	desk.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stages.DECIDING)

	team = log_in(TECHNICAL)
	open_form(team, name)
	before = stored(name).workflow_state
	click_action(team, trigger=moves.RECOMMENDED)
	team.wait_for_selector(".modal.show select[data-fieldname=recommendation]")
	team.select_option(".modal.show select[data-fieldname=recommendation]", "Grant")
	team.wait_for_timeout(500)
	shoot(team, "licence-3-recommendation")
	team.click(".modal.show .btn-primary:visible")
	wait_moved(team, before)
	assert not has_actions(team)

	head_of_section = log_in(APPROVER)
	open_form(head_of_section, name)
	before = stored(name).workflow_state
	click_action(head_of_section, trigger=moves.APPROVED)
	wait_moved(head_of_section, before)
	shoot(head_of_section, "licence-4-approved")
	assert stored(name).decided_by == APPROVER

	head = log_in(HEAD)
	sign_from_list(head, name)
	doc = stored(name)
	assert doc.stage == stages.READY
	assert doc.licence_number
	open_form(head, name)
	head.wait_for_timeout(800)
	shoot(head, "licence-6-issued")

	record = frappe.get_doc("Signed Document", {"reference_name": name})
	page = open_page(PHONE, f"/verifikasi/{record.verification_code}")
	assert "Dokumen berlaku" in page.inner_text("main")
	assert doc.licence_number in page.inner_text("main")

	phone.goto("/lacak")
	phone.fill("[name=kode]", code)
	phone.fill("[name=hp]", DIGITS)
	phone.click("main button")
	phone.get_by_role("link", name="Salinan digital").click()
	phone.wait_for_url("**/salinan/**")
	assert_accessible(phone)
	assert fits(phone)
	shoot(phone, "licence-7-copy")
	with phone.expect_download() as download:
		phone.get_by_role("button", name="Unduh dokumen").click()
	with open(download.value.path(), "rb") as file:
		assert file.read(5) == b"%PDF-"
	assert stored(name).stage == stages.COMPLETED


def sign_from_list(page, name: str):
	"""Tick the licence in the list and sign it with one entry of the passphrase."""
	page.goto(f"/app/licence-application?name={name}")
	box = page.locator(f".list-row-checkbox[data-name='{name}']")
	box.wait_for()
	box.check()
	page.get_by_role("button", name=frappe._("Actions")).first.click()
	page.locator(".dropdown-menu.show").get_by_text("Tanda tangani secara elektronik").click()
	page.wait_for_selector(".modal.show input[data-fieldname=passphrase]")
	page.fill(".modal.show input[data-fieldname=passphrase]", PASSPHRASE)
	page.wait_for_timeout(400)
	shoot(page, "licence-5-sign")
	page.click(".modal.show .btn-primary:visible")
	for _try in range(60):
		if stored(name).licence_number:
			return
		page.wait_for_timeout(500)
	raise AssertionError("not signed")


def test_a_village_officer_enters_for_somebody_at_360_px(open_page):
	phone = open_page(PHONE, "/login")
	phone.fill("#login_email", VILLAGE_OFFICER)
	phone.fill("#login_password", PASSWORD)
	phone.click(".btn-login")
	phone.wait_for_url("**/permohonan-saya")
	shoot(phone, "village-1-list")
	assert_accessible(phone)
	assert fits(phone)
	phone.goto("/jempol-sehati?layanan=IUMK")
	assert phone.locator("[name=village] option").count() == 2
	assert phone.locator("[name=submitted_by_name]").count() == 0
	apply_on(phone, "Daeng Makkio", handover_method="Collect")
	send(phone)
	code = code_on(phone)
	phone.goto("/permohonan-saya")
	assert "Daeng Makkio" in phone.inner_text("main")
	assert fits(phone)
	shoot(phone, "village-2-list", whole=True)
	fresh_view()
	doc = frappe.get_doc(DOCTYPE, {"tracking_code": code})
	assert (doc.channel, doc.owner) == ("Village Officer", VILLAGE_OFFICER)
	assert doc.submitted_by_name
