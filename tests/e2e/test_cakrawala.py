"""The kiosk in a real browser: an officer's permit from the locker and back, and a stocktake on a phone."""

import pytest
from cakrawala import world
from helpers import PASSWORD

import frappe

from e2e.conftest import PHONE, assert_accessible, fresh_view, settle, shoot
from sinjai_services import stages
from sinjai_services.cakrawala import custody
from sinjai_services.printing import qr_svg

pytestmark = pytest.mark.browser
REQUEST = "Fishing Permit Request"

READ_LABEL = """async (label) => {
	const library = "/assets/frappe/node_modules/html5-qrcode/html5-qrcode.min.js";
	await new Promise((done) => frappe.require(library, done));
	const area = $('<div id="label" style="display:none"></div>').appendTo("body");
	const picture = new Image();
	picture.src = $(label).attr("src");
	await picture.decode();
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = 400;
	const paper = canvas.getContext("2d");
	paper.fillStyle = "white";
	paper.fillRect(0, 0, 400, 400);
	paper.imageSmoothingEnabled = false;
	paper.drawImage(picture, 50, 50, 300, 300);
	const blob = await new Promise((done) => canvas.toBlob(done));
	return new Html5Qrcode("label").scanFile(new File([blob], "label.png", { type: "image/png" }), false);
}"""
"""Reads the printed label with the library of the platform's scanner."""


@pytest.fixture(scope="module")
def kiosk(site):
	"""A stocked locker, committed for the server; taken away afterwards."""
	frappe.set_user("Administrator")
	citizen, vessel, box = world.stocked()
	doc = world.request(vessel, channel="Web")
	frappe.db.commit()
	yield frappe._dict(citizen=citizen, vessel=vessel, locker=box, request=doc)
	names = frappe.get_all(REQUEST, {"vessel_text": ("is", "set")}, pluck="name")
	remove(citizen, vessel, box, [*names, doc.name])


def remove(citizen, vessel, box, names: list[str]):
	"""Take away a kiosk with its requests."""
	frappe.db.rollback()
	for doctype, filters in (
		("Locker Stocktake Line", {"locker": box.name}),
		("Locker Stocktake", {"kiosk": world.KIOSK}),
		("Locker Movement", {"locker": box.name}),
		("Locker Document", {"locker": box.name}),
		("Notification Log", {"document_name": ("in", names)}),
		("Request Event", {"reference_name": ("in", names)}),
		("Request Delivery", {"reference_name": ("in", names)}),
		("Request Paper", {"parent": ("in", names)}),
		(REQUEST, {"name": ("in", names)}),
		("Locker", {"name": box.name}),
		("Fishing Vessel", {"name": vessel.name}),
		("Citizen", {"name": citizen.name}),
		("Locker Kiosk", {"name": world.KIOSK}),
	):
		frappe.db.delete(doctype, filters)
	frappe.db.commit()


def act(page, stage: str):
	"""Click the workflow action in the Desk that leads to `stage`."""
	fresh_view()
	doc = frappe.get_doc(REQUEST, page.evaluate("cur_frm.doc.name"))
	action = next(
		row.action
		for row in frappe.get_doc("Workflow", doc.meta.get_workflow()).transitions
		if row.state == doc.workflow_state and stages.state_row(REQUEST, row.next_state).sinjai_stage == stage
	)
	page.click(".actions-btn-group button:visible")
	page.click(f".actions-btn-group .dropdown-item:has-text('{action}')")


def receive(page):
	"""Record who receives the permit, as officers do at the counter."""
	page.locator(".page-head").get_by_role("button", name=frappe._("Hand Over"), exact=True).click()
	page.wait_for_selector(".sinjai-receipt.show")
	page.check(".sinjai-receipt [data-fieldname=identity_checked] input[type=checkbox]")
	page.click(".sinjai-receipt .btn-primary:visible")


def reached(page, stage: str):
	page.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stage)


def test_an_officer_takes_papers_makes_the_permit_and_puts_them_back(kiosk, log_in):
	desk = log_in(world.OFFICER)
	desk.goto("/app/cakrawala")
	desk.wait_for_selector(".number-widget-box")
	desk.wait_for_function(
		"[...document.querySelectorAll('.number-widget-box')].every(b => !b.innerText.includes('Memuat'))"
	)
	shoot(desk, "cakrawala-1-workspace")
	desk.goto("/app/fishing-permit-request")
	desk.wait_for_selector(f".list-row:has-text('{kiosk.request.applicant_name}')")
	shoot(desk, "cakrawala-2-queue")
	desk.goto(f"/app/fishing-permit-request/{kiosk.request.name}")
	desk.wait_for_selector(".sinjai-papers li")
	assert desk.locator(".sinjai-papers .indicator-pill.blue").count() == len(kiosk.request.papers)
	shoot(desk, "cakrawala-3-on-file", whole=True)
	act(desk, stages.CHECKING)
	reached(desk, stages.CHECKING)
	desk.click("button:has-text('Ambil berkas dari loker')")
	desk.wait_for_selector("button:has-text('Kembalikan berkas')")
	shoot(desk, "cakrawala-4-papers-in-hand")
	for stage in (stages.DECIDING, stages.READY):
		act(desk, stage)
		reached(desk, stage)
	receive(desk)
	refusal = desk.locator(".modal.show:has-text('Kembalikan dahulu')")
	refusal.wait_for()
	settle(desk)
	shoot(desk, "cakrawala-5-papers-still-out")
	refusal.locator(".btn-modal-close").click()
	refusal.wait_for(state="detached")
	desk.goto("/app/query-report/Where Is This Paper?text=bintan laot")
	desk.wait_for_selector(".dt-cell__content:has-text('dibawa')")
	shoot(desk, "cakrawala-6-where-is-it")
	desk.goto(f"/app/fishing-permit-request/{kiosk.request.name}")
	desk.click("button:has-text('Kembalikan berkas')")
	desk.wait_for_selector("button:has-text('Kembalikan berkas')", state="detached")
	receive(desk)
	reached(desk, stages.COMPLETED)
	settle(desk)
	shoot(desk, "cakrawala-7-completed")
	fresh_view()
	doc = frappe.get_doc(REQUEST, kiosk.request.name)
	assert doc.permit_number
	assert {world.place(row.on_file_name)[0] for row in doc.papers} == {custody.IN_LOCKER}
	desk.goto("/app/query-report/Fishing Permit Register")
	desk.wait_for_selector(f".dt-cell__content:has-text('{doc.permit_number}')")
	shoot(desk, "cakrawala-8-register")


def test_a_stocktake_on_a_phone_survives_a_reload(kiosk, open_page):
	phone = open_page(PHONE, "/login")
	phone.fill("#login_email", world.OFFICER)
	phone.fill("#login_password", PASSWORD)
	phone.click(".btn-login")
	phone.wait_for_url("**/app**")
	phone.goto("/app/stocktake")
	phone.click("button:has-text('Gerai PPI Lappa')")
	phone.fill("#sinjai-locker", "a1")
	phone.press("#sinjai-locker", "Enter")
	ticks = phone.locator(".sinjai-stocktake-ticks")
	ticks.first.wait_for()
	ticks.nth(0).locator("button:has-text('Tidak Ditemukan')").click()
	phone.wait_for_selector(".btn-danger[aria-pressed=true]")
	ticks.nth(1).get_by_text("Ditemukan", exact=True).click()
	phone.wait_for_selector(".btn-success[aria-pressed=true]")
	shoot(phone, "stocktake-1-counting", whole=True)
	assert phone.evaluate("document.documentElement.scrollWidth") <= 360
	phone.reload()
	phone.wait_for_selector("#sinjai-locker")
	assert phone.evaluate(READ_LABEL, str(qr_svg(kiosk.locker.code, 24))) == kiosk.locker.code
	phone.fill("#sinjai-locker", kiosk.locker.code)
	phone.press("#sinjai-locker", "Enter")
	phone.wait_for_selector(".btn-danger[aria-pressed=true]")
	assert phone.locator(".btn-success[aria-pressed=true]").count() == 1
	phone.click("button:has-text('Selesaikan Penghitungan')")
	phone.wait_for_selector(".modal.show .btn-primary")
	phone.locator(".modal.show .btn-primary").click()
	phone.wait_for_selector("h4:has-text('Selisih')")
	phone.wait_for_selector(".modal-backdrop", state="detached")
	shoot(phone, "stocktake-2-differences", whole=True)
	assert phone.evaluate("document.documentElement.scrollWidth") <= 360
	fresh_view()
	places = frappe.get_all("Locker Document", {"locker": kiosk.locker.name}, pluck="custody")
	assert places.count(custody.MISSING) == 1


def test_the_public_form_fits_the_phone_and_asks_for_no_papers_by_force(kiosk, open_page):
	phone = open_page(PHONE, "/cakrawala?layanan=SIPI-PERPANJANGAN")
	assert_accessible(phone)
	assert phone.evaluate("document.documentElement.scrollWidth") <= 360
	shoot(phone, "cakrawala-form", whole=True)
	phone.fill("[name=vessel_text]", "bintang laut")
	phone.fill("[name=applicant_name]", "Ambo Tuo")
	phone.fill("[name=nik]", "7307011508900033")
	phone.fill("[name=whatsapp_number]", "081241007799")
	phone.select_option("[name=village]", "73.07.01.1001")
	phone.check("[name=consent]")
	with phone.expect_navigation():
		phone.click("[data-send]")
	fresh_view()
	doc = frappe.get_last_doc(REQUEST, {"vessel_text": "bintang laut"})
	assert not doc.vessel, "somebody else's boat"
	assert doc.tracking_code[:5] in phone.inner_text("main")
	shoot(phone, "cakrawala-form-sent", whole=True)
