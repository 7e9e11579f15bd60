"""Licences in a real browser, beside the story: the digital copy, and a village officer who enters for
somebody."""

import pytest
from helpers import PASSWORD
from jempol_sehati.ground import (
	DOCTYPE,
	VILLAGE_OFFICER,
	issued,
	make_people,
	retire,
	take_back,
	take_back_all,
)

import frappe

from e2e.conftest import PHONE, assert_accessible, fits, fresh_view, shoot, track
from e2e.licence_steps import NUMBER, apply_on, code_on, stored
from e2e.test_first_service import send
from sinjai_services import stages

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def people():
	fresh_view()
	frappe.set_user("Administrator")
	make_people()
	frappe.db.commit()
	yield
	fresh_view()
	take_back_all(NUMBER)
	retire()
	frappe.db.commit()


@pytest.fixture(scope="module")
def digital(site):
	"""A licence signed before the browser starts: signing needs an event loop of its own."""
	frappe.set_user("Administrator")
	make_people()
	doc = issued(handover_method="Digital")
	frappe.db.commit()
	yield doc
	fresh_view()
	take_back(doc)


def test_a_digital_copy_completes_the_request(digital, open_page):
	phone = open_page(PHONE)
	track(phone, digital.tracking_code, digital.whatsapp_number[-4:])
	phone.get_by_role("link", name="Salinan digital").click()
	phone.wait_for_url("**/salinan/**")
	assert_accessible(phone)
	assert fits(phone)
	shoot(phone, "licence-copy")
	with phone.expect_download() as download:
		phone.get_by_role("button", name="Unduh dokumen").click()
	with open(download.value.path(), "rb") as file:
		assert file.read(5) == b"%PDF-"
	assert stored(digital.name).stage == stages.COMPLETED


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
