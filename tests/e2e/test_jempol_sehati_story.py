"""Jempol Sehati as it was meant: nobody comes to the office, and the licence comes home.

The applicant and the courier hold phones, the survey team, too; the offices sit at their desks.
"""

import re

import pytest
from jempol_sehati.ground import (
	APPROVER,
	COURIER,
	DOCTYPE,
	FRONT_DESK,
	HEAD,
	INSPECTOR,
	TECHNICAL,
	make_people,
	retire,
	take_back_all,
)
from jempol_sehati.visit_ground import visit_of

import frappe

from e2e.conftest import (
	ON_THE_SPOT,
	assert_accessible,
	draw,
	fits,
	fresh_view,
	photograph,
	settle,
	shoot,
	track,
)
from e2e.licence_steps import (
	DIGITS,
	NUMBER,
	apply_on,
	click_action,
	code_on,
	open_form,
	sign_from_list,
	stored,
	take_step,
)
from e2e.test_first_service import send
from e2e.visit_steps import answer_everything
from sinjai_services import stages
from sinjai_services.requests import moves

pytestmark = pytest.mark.browser
WRONG = re.compile(r".*(?:@example|not editable|Licence|Application|Field Visit|Requirement|Grant\b).*")
"""What the platform and our own labels say where a translation or a name is missing."""


@pytest.fixture(autouse=True)
def people(clean):
	fresh_view()
	frappe.set_user("Administrator")
	make_people()
	frappe.db.commit()
	yield
	fresh_view()
	take_back_all(NUMBER)
	retire()
	frappe.db.commit()


def test_from_home_to_home(open_page, log_in):
	phone = open_page(ON_THE_SPOT, "/jempol-sehati?layanan=PBG")
	code = asks_for_a_licence(phone)
	fresh_view()
	name = frappe.db.get_value(DOCTYPE, {"tracking_code": code})

	desk = log_in(FRONT_DESK)
	judges_the_papers(desk, name)
	plans_the_visit(desk, name)
	agrees(phone, code)

	visit = frappe.db.get_value("Field Visit", {"reference_name": name})
	inspects(log_in(INSPECTOR, ON_THE_SPOT), visit)
	recommends(log_in(TECHNICAL), name)
	is_refused_who_was_there(log_in(INSPECTOR), name)
	approves(log_in(APPROVER), name)
	head = log_in(HEAD)
	sign_from_list(head, name)
	sees_it_issued(head, name)

	plans_the_delivery(desk, name)
	brings_it(log_in(COURIER, ON_THE_SPOT), name)
	sees_it_completed(phone, code)
	verifies(phone, name)


def asks_for_a_licence(phone) -> str:
	apply_on(phone, "Sitti Rahmah", reason="Bangunan Baru", handover_method="Home Delivery")
	phone.get_by_role("button", name="Gunakan posisi saya").click()
	phone.wait_for_function("document.querySelector('[name=latitude]').value")
	assert fits(phone)
	assert_accessible(phone)
	shoot(phone, "licence-01-form")
	send(phone)
	shoot(phone, "licence-02-sent", whole=True)
	return code_on(phone)


def judges_the_papers(desk, name: str):
	open_form(desk, name)
	take_step(desk, stage=stages.CHECKING)
	for row in stored(name).papers:
		if row.file:
			desk.click(f".sinjai-papers li[data-row='{row.name}'] .btn-primary")
			desk.wait_for_selector(f".sinjai-papers li[data-row='{row.name}'] .indicator-pill.green")
	settle(desk)
	shoot(desk, "licence-03-checked")


def plans_the_visit(desk, name: str):
	desk.get_by_role("button", name=frappe._("Plan a visit")).click()
	kinds = desk.locator(".modal.show [data-fieldname=kinds]")
	kinds.get_by_text(frappe._("Pick-up of Papers")).click()
	team = desk.locator(".modal.show [data-fieldname=team]")
	for member in ("Irwan Saputra", "Andi Makmur"):
		box = team.locator(f"label:has-text('{member}') input")
		box.check()
	desk.fill(".modal.show input[data-fieldname=date]", frappe.utils.formatdate(frappe.utils.nowdate()))
	desk.keyboard.press("Tab")
	settle(desk)
	shoot(desk, "licence-04-plan")
	desk.click(".modal.show .btn-primary:visible")
	desk.wait_for_function("cur_frm.doc.__onload.visit && cur_frm.doc.__onload.visit.state === 'Planned'")
	settle(desk)
	assert stored(name).stage == stages.FIELD_WORK
	shoot(desk, "licence-05-planned")
	assert_indonesian(desk)


def agrees(phone, code: str):
	track(phone, code, DIGITS)
	phone.click("section.visit button[value=setuju]")
	phone.wait_for_selector(".notice")
	assert fits(phone)
	shoot(phone, "licence-06-agreed", whole=True)


def inspects(phone, visit: str):
	phone.on("dialog", lambda dialog: dialog.accept())
	phone.goto("/kunjungan")
	phone.locator(f".visit-card[data-name='{visit}'] .button.wide-button").click()
	phone.click("#set-out")
	for box in phone.locator("[data-paper] input").all():
		box.check()
	answer_everything(phone, visit)
	phone.fill("#findings", "Bangunan berdiri sesuai gambar, empat meter dari tepi jalan.")
	draw(phone, "#signature")
	phone.fill("#signer_name", "Sitti Rahmah")
	assert fits(phone)
	shoot(phone, "licence-07-visit")
	phone.wait_for_selector("#kept.sent")
	phone.click("#finish")
	done = arrived(phone, visit)
	shoot(phone, "licence-08-visited")
	assert (done.state, done.finished_by) == ("Done", INSPECTOR)
	assert done.papers and all(row.picked_up for row in done.papers)
	assert done.photos and done.signature


def arrived(phone, visit: str):
	"""Wait until the office has what the phone has finished; it sends on its own."""
	for _try in range(60):
		fresh_view()
		if visit_of(visit).state == "Done":
			break
		phone.wait_for_timeout(500)
	return visit_of(visit)


def recommends(desk, name: str):
	desk.goto(f"/app/field-visit/{frappe.db.get_value('Field Visit', {'reference_name': name})}")
	desk.wait_for_selector("[data-fieldname=appointments] .grid-row")
	settle(desk)
	shoot(desk, "licence-09-visit-in-the-desk", whole=True)
	assert_indonesian(desk)
	open_form(desk, name)
	click_action(desk, trigger=moves.RECOMMENDED)
	desk.wait_for_selector(".modal.show select[data-fieldname=recommendation]")
	desk.select_option(".modal.show select[data-fieldname=recommendation]", "Grant")
	settle(desk)
	shoot(desk, "licence-10-recommendation")
	before = stored(name).workflow_state
	desk.click(".modal.show .btn-primary:visible")
	desk.wait_for_function("before => cur_frm.doc.workflow_state !== before", arg=before)
	settle(desk)
	shoot(desk, "licence-11-recommended")
	assert_indonesian(desk)


def is_refused_who_was_there(desk, name: str):
	open_form(desk, name)
	before = stored(name).workflow_state
	click_action(desk, trigger=moves.APPROVED)
	desk.wait_for_selector(f".modal.show:has-text('{frappe._('Somebody Else Has to Decide')}')")
	settle(desk)
	shoot(desk, "licence-12-refused")
	assert frappe._("You inspected the place; somebody else has to decide.") in desk.inner_text(".modal.show")
	assert stored(name).workflow_state == before


def approves(desk, name: str):
	open_form(desk, name)
	take_step(desk, trigger=moves.APPROVED)
	settle(desk)
	shoot(desk, "licence-13-approved")
	assert stored(name).decided_by == APPROVER


def sees_it_issued(desk, name: str):
	assert stored(name).stage == stages.READY
	open_form(desk, name)
	settle(desk)
	shoot(desk, "licence-15-issued")
	assert_indonesian(desk)


def plans_the_delivery(desk, name: str):
	open_form(desk, name)
	desk.reload()
	open_form(desk, name)
	desk.get_by_role("button", name=frappe._("Bring to the address")).click()
	desk.wait_for_selector(".modal.show select[data-fieldname=courier]")
	desk.select_option(".modal.show select[data-fieldname=courier]", COURIER)
	desk.click(".modal.show .btn-primary:visible")
	desk.wait_for_function("cur_frm.doc.__onload.delivery")
	settle(desk)
	shoot(desk, "licence-16-to-be-brought")


def brings_it(phone, name: str):
	fresh_view()
	delivery = frappe.db.get_value("Request Delivery", {"reference_name": name})
	phone.goto("/app/courier")
	card = phone.locator(f".sinjai-delivery[data-name='{delivery}']")
	card.wait_for()
	shoot(phone, "licence-17-courier", whole=True)
	card.get_by_role("button", name=frappe._("Set out")).click()
	card.get_by_role("button", name=frappe._("Has been received")).click()
	phone.wait_for_selector(".sinjai-receipt.show")
	phone.fill(".sinjai-receipt input[data-fieldname=receiver_name]", "Muh. Yusuf")
	phone.select_option(".sinjai-receipt select[data-fieldname=relation]", "Husband or Wife")
	settle(phone)  # the field that this shows is drawn anew after it has appeared
	phone.fill(".sinjai-receipt textarea[data-fieldname=power_of_attorney]", "Suami pemohon, tinggal serumah")
	phone.set_input_files(".sinjai-receipt input[type=file]", photograph("pintu"))
	phone.wait_for_selector(".sinjai-receipt .sinjai-proof:visible")
	draw(phone, ".sinjai-receipt .signature-field canvas")
	assert fits(phone)
	shoot(phone, "licence-18-receipt")
	phone.click(".sinjai-receipt .btn-primary:visible")
	card.wait_for(state="detached")
	shoot(phone, "licence-19-brought", whole=True)
	fresh_view()
	row = frappe.get_doc("Request Delivery", delivery)
	assert (row.state, row.receiver_relation) == ("Handed Over", "Husband or Wife")
	assert row.photo and row.signature


def sees_it_completed(phone, code: str):
	track(phone, code, DIGITS)
	text = phone.inner_text("main")
	for event in frappe.get_doc(DOCTYPE, {"tracking_code": code}).timeline(public_only=True):
		assert event.label in text
	assert stages.COMPLETED == frappe.db.get_value(DOCTYPE, {"tracking_code": code}, "stage")
	assert fits(phone)
	assert_accessible(phone)
	shoot(phone, "licence-20-tracked", whole=True)


def verifies(phone, name: str):
	record = frappe.get_doc("Signed Document", {"reference_name": name})
	phone.goto(f"/verifikasi/{record.verification_code}")
	text = phone.inner_text("main")
	assert "Dokumen berlaku" in text
	assert stored(name).licence_number in text
	assert fits(phone)
	shoot(phone, "licence-21-verified", whole=True)


def assert_indonesian(desk):
	"""No English, and names in place of e-mail addresses, on the page and in what slides in over it."""
	parts = ".page-head:visible, .form-layout:visible, .layout-side-section:visible, #alert-container"
	said = [part.inner_text() for part in desk.locator(parts).all()]
	assert WRONG.findall("\n".join(said)) == []
