"""Handing over in a real browser: the officer's counter, the courier's phone, the citizen's tracking page."""

import pytest
from helpers import officer
from test_handover import ADDRESS, COURIER, planned, ready

import frappe
from frappe.utils import nowdate

from e2e.conftest import (
	ON_THE_SPOT,
	PHONE,
	assert_accessible,
	draw,
	fits,
	fresh_view,
	photograph,
	settle,
	shoot,
	track,
)
from sinjai_services import stages
from sinjai_services.requests import handover

pytestmark = pytest.mark.browser


@pytest.fixture
def made():
	"""A ready request with the applicant's wish, committed for the server; the courier's earlier ones put
	aside."""
	fresh_view()
	for name in frappe.get_all(
		"Request Delivery", {"courier": COURIER, "state": ("in", handover.OPEN)}, pluck="name"
	):
		frappe.db.set_value("Request Delivery", name, {"state": "Cancelled", "open_key": None})
	doc = ready(handover_method=handover.HOME, applicant_name="Sitti Rahmatia")
	frappe.db.commit()
	return doc


def test_a_courier_brings_documents_with_a_phone(log_in, made, open_page):
	other = ready(applicant_name="Baso Amir")
	delivery, second = planned(made, note="Rumah panggung hijau"), planned(other)
	frappe.db.commit()
	phone = log_in(COURIER, ON_THE_SPOT)
	phone.goto("/app/courier")
	card = phone.locator(f".sinjai-delivery[data-name='{delivery}']")
	card.wait_for()
	assert ADDRESS in card.inner_text()
	assert fits(phone)
	shoot(phone, "courier-1-day", whole=True)
	assert card.locator("a[href^='https://wa.me/62']").count() == 1
	card.get_by_role("button", name=frappe._("Set out")).click()
	card.get_by_role("button", name=frappe._("Has been received")).click()
	phone.wait_for_selector(".sinjai-receipt.show")
	phone.set_input_files(".sinjai-receipt input[type=file]", photograph("pintu"))
	phone.wait_for_selector(".sinjai-receipt .sinjai-proof:visible")
	draw(phone, ".sinjai-receipt .signature-field canvas")
	assert fits(phone)
	shoot(phone, "courier-2-receipt")
	phone.locator(".sinjai-receipt .modal-body").evaluate("body => body.closest('.modal').scrollTo(0, 0)")
	shoot(phone, "courier-3-receipt-top")
	phone.click(".sinjai-receipt .btn-primary:visible")
	card.wait_for(state="detached")
	fresh_view()
	row = frappe.get_doc("Request Delivery", delivery)
	assert (row.state, row.handed_over_by) == ("Handed Over", COURIER)
	assert row.photo
	assert row.signature
	assert round(row.latitude, 3) == -5.124
	assert frappe.db.get_value(made.doctype, made.name, "stage") == stages.COMPLETED

	card = phone.locator(f".sinjai-delivery[data-name='{second}']")
	card.get_by_role("button", name=frappe._("Set out")).click()
	card.get_by_role("button", name=frappe._("Did not succeed")).click()
	phone.wait_for_selector(".modal.show select[data-fieldname=reason]")
	phone.select_option(".modal.show select[data-fieldname=reason]", "Nobody There")
	settle(phone)
	shoot(phone, "courier-4-failed")
	phone.click(".modal.show .btn-primary:visible")
	card.wait_for(state="detached")
	settle(phone)
	shoot(phone, "courier-5-later", whole=True)
	fresh_view()
	assert str(frappe.db.get_value("Request Delivery", second, "planned_date")) > nowdate()

	citizen = open_page(PHONE)
	track(citizen, made.tracking_code, made.whatsapp_number[-4:])
	shoot(citizen, "citizen-delivery", whole=True)
	assert frappe._("Home Delivery") in citizen.inner_text("main")
	assert_accessible(citizen)
	assert fits(citizen)


def test_the_officer_plans_and_hands_over_at_the_counter(log_in, made):
	desk = log_in(officer())
	desk.goto(f"/app/civil-document-request/{made.name}")
	desk.get_by_role("button", name=frappe._("Bring to the address")).click()
	desk.wait_for_selector(".modal.show select[data-fieldname=courier]")
	desk.select_option(".modal.show select[data-fieldname=courier]", COURIER)
	shoot(desk, "officer-plan")
	desk.click(".modal.show .btn-primary:visible")
	desk.wait_for_function(
		"cur_frm.doc.__onload.delivery && cur_frm.doc.__onload.delivery.method === 'Home Delivery'"
	)
	settle(desk)
	shoot(desk, "officer-planned")
	desk.locator(".page-head").get_by_role("button", name=frappe._("Hand Over"), exact=True).click()
	desk.wait_for_selector(".sinjai-receipt.show")
	desk.click(".sinjai-receipt .btn-primary:visible")
	missing = desk.locator(f".modal.show:has-text('{frappe._('Not Complete Yet')}')")
	missing.wait_for()
	settle(desk)
	shoot(desk, "officer-counter-incomplete")
	missing.locator(".btn-modal-close").click()
	missing.wait_for(state="detached")
	desk.check(".sinjai-receipt [data-fieldname=identity_checked] input[type=checkbox]")
	settle(desk)
	shoot(desk, "officer-counter")
	desk.dblclick(".sinjai-receipt .btn-primary:visible")
	desk.wait_for_function("stage => cur_frm.doc.stage === stage", arg=stages.COMPLETED)
	settle(desk)
	shoot(desk, "officer-handed-over")
	fresh_view()
	rows = frappe.get_all("Request Delivery", {"reference_name": made.name}, ["state", "method"])
	assert [(row.state, row.method) for row in rows] == [("Handed Over", "Collect")]
	delivery = frappe.db.get_value("Request Delivery", {"reference_name": made.name})
	desk.goto(f"/app/print/Request Delivery/{delivery}")
	desk.frame_locator(".print-format-container").get_by_text("Tanda Terima Penyerahan").first.wait_for()
	shoot(desk, "officer-delivery-print")


def test_a_citizen_asks_to_have_it_brought(open_page):
	phone = open_page(PHONE, "/pencet-wa?layanan=KTP-EL")
	wish = phone.locator("#f-handover_method")
	wish.scroll_into_view_if_needed()
	assert frappe._("Home Delivery") in wish.inner_text()
	wish.get_by_label(frappe._("Home Delivery")).check()
	shoot(phone, "citizen-wish")
	assert fits(phone)
