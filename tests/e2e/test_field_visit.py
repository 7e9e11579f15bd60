"""A field visit on a phone whose line breaks: nothing typed, photographed or signed is lost, nothing kept
twice."""

import io

import pytest
from helpers import PASSWORD
from jempol_sehati.visit_ground import (
	AGENCY,
	DESK,
	SURVEYOR,
	TECHNICIAN,
	TeamPhone,
	application,
	make_crew,
	planned,
	retire_crew,
	visit_of,
)
from PIL import Image

import frappe

from e2e.conftest import ON_THE_SPOT, PHONE, assert_accessible, draw, fits, fresh_view, shoot, track
from e2e.visit_steps import answer_everything, part
from sinjai_services.requests import visits

pytestmark = pytest.mark.browser


@pytest.fixture
def crew(clean):
	"""People and earlier visits committed for the server; taken out of the lists afterwards."""
	fresh_view()
	make_crew()
	for name in frappe.get_all("Field Visit", {"agency": AGENCY, "state": ("in", visits.OPEN)}, pluck="name"):
		frappe.db.set_value("Field Visit", name, {"state": "Cancelled", "open_key": None})
	frappe.db.commit()
	yield
	fresh_view()
	frappe.set_user("Administrator")
	retire_crew()
	frappe.db.commit()


@pytest.fixture
def on_the_phone(open_page, crew):
	"""Return a function that logs a member of the team in and opens the visits of the day."""

	def on_the_phone(email: str):
		phone = open_page(ON_THE_SPOT, "/login")
		phone.fill("#login_email", email)
		phone.fill("#login_password", PASSWORD)
		phone.click(".btn-login")
		phone.wait_for_url("**/app**")
		phone.goto("/kunjungan")
		phone.wait_for_selector("h1:has-text('Kunjungan Hari Ini')")
		return phone

	return on_the_phone


def test_a_visit_without_a_line_survives_a_reload_and_arrives_once(on_the_phone):
	name = planned(note="Rumah di belakang masjid raya")
	other = planned(application(applicant_name="Sitti Hajar", village="73.07.01.1002"))
	frappe.db.commit()
	phone = on_the_phone(TECHNICIAN)
	phone.locator(f".visit-card[data-name='{name}']").wait_for()
	assert phone.locator(f".visit-card[data-name='{other}']").count() == 1
	assert phone.locator(".place h2").count() == 2
	assert fits(phone)
	assert_accessible(phone)
	shoot(phone, "visit-1-day", whole=True)
	phone.wait_for_function("navigator.serviceWorker.controller !== null")
	phone.wait_for_function("caches.match('/kunjungan').then((found) => Boolean(found))")

	phone.context.set_offline(True)
	phone.locator(f".visit-card[data-name='{name}'] .button.wide-button").click()
	phone.click("#set-out")
	taken = answer_everything(phone, name)
	assert taken == 3
	phone.fill("#findings", "Papan terpasang kokoh, dua meter dari trotoar.")
	phone.locator("#kept.waiting").wait_for()
	assert "Tidak ada sambungan" in phone.inner_text("#line")
	shoot(phone, "visit-2-offline")

	phone.reload()
	phone.wait_for_selector(".part.question")
	assert phone.locator(".photos figure").count() == taken
	assert phone.input_value("#findings").startswith("Papan terpasang")
	assert "tersimpan di ponsel" in phone.inner_text("#visits")
	assert phone.locator(".option input:checked").count() >= 4
	shoot(phone, "visit-3-reopened-offline", whole=True)
	phone.click("#finish")
	phone.wait_for_selector("#faults")
	assert "tanda tangan" in phone.inner_text("#faults")
	shoot(phone, "visit-4-missing")
	phone.locator(".option input[name=recommendation]").first.check(force=True)
	draw(phone, "#signature")
	phone.fill("#signer_name", "Hasanuddin Tompo")
	phone.click("#finish")
	phone.wait_for_selector(".notice.good")
	phone.reload()
	phone.wait_for_selector(".notice.good")
	fresh_view()
	assert visit_of(name).state == "Planned"
	assert fits(phone)
	shoot(phone, "visit-5-finished-offline")

	phone.context.set_offline(False)
	phone.wait_for_selector("#kept.sent", timeout=60_000)
	phone.locator(f".visit-card[data-name='{name}']").wait_for(state="detached")
	shoot(phone, "visit-6-sent", whole=True)
	fresh_view()
	row = visit_of(name)
	assert (row.state, row.finished_by, row.recommendation) == ("Done", TECHNICIAN, "Grant")
	assert len(row.photos) == taken
	assert len({photo.client_key for photo in row.photos}) == taken
	assert all(answer.answer for answer in row.answers)
	assert round(row.latitude, 3) == -5.124
	# The camera's own time came through the shrinking, was compared, and is gone; the picture stands upright.
	assert {photo.agreement for photo in row.photos} == {"Differ"}
	for photo in row.photos:
		content = frappe.get_doc("File", {"file_url": photo.photo}).get_content()
		picture = Image.open(io.BytesIO(content))
		assert picture.height > picture.width
		assert not dict(picture.getexif())
	assert phone.evaluate("navigator.locks.query().then(() => true)")


def test_answers_lost_on_the_way_back_are_sent_again_and_kept_once(on_the_phone):
	name = planned()
	frappe.db.commit()
	phone = on_the_phone(SURVEYOR)
	lost = []

	def lose(route):
		"""Let the server have it, and the phone never hear of it."""
		if len(lost) < 4:
			lost.append(route.request.url)
			route.fetch()
			return route.abort()
		return route.continue_()

	phone.context.route("**/api/method/sinjai_services.requests.visit_report.*", lose)
	phone.locator(f".visit-card[data-name='{name}'] .button.wide-button").click()
	phone.click("#set-out")
	answer_everything(phone, name)
	for _attempt in range(12):
		if phone.locator("#kept.sent").count():
			break
		if phone.locator("#line button.link:enabled").count():
			phone.click("#line button.link")
		phone.wait_for_timeout(1500)
	phone.wait_for_selector("#kept.sent")
	assert len(lost) == 4
	fresh_view()
	row = visit_of(name)
	assert len(row.photos) == 3
	assert all(answer.answer for answer in row.answers)
	assert [
		event.label for event in frappe.get_doc(row.reference_doctype, row.reference_name).timeline()
	].count("Tim telah berangkat") == 1


def test_two_phones_that_answer_differently_ask_who_is_right(on_the_phone):
	name = planned()
	frappe.db.commit()
	phone = on_the_phone(SURVEYOR)
	phone.locator(f".visit-card[data-name='{name}'] .button.wide-button").click()
	phone.click("#set-out")
	fresh_view()
	code = visit_of(name).answers[0].code
	colleague = TeamPhone(name, TECHNICIAN)
	colleague.starts()
	colleague.answers(**{code: ("Tidak", "lebih lebar 20 cm")})
	frappe.db.commit()
	part(phone, code).locator(".option input[value=Ya]").check(force=True)
	conflict = part(phone, code).locator(".conflict")
	conflict.wait_for()
	assert "lebih lebar 20 cm" in conflict.inner_text()
	shoot(phone, "visit-7-conflict")
	conflict.locator("button").first.click()
	conflict.wait_for(state="detached")
	phone.wait_for_selector("#kept.sent")
	fresh_view()
	assert visit_of(name).answers[0].answer == "Ya"


def test_the_office_plans_a_visit_at_the_desk(log_in, crew):
	doc = application()
	frappe.db.commit()
	desk = log_in(DESK)
	desk.goto(f"/app/licence-application/{doc.name}")
	desk.get_by_role("button", name=frappe._("Plan a visit")).click()
	desk.wait_for_selector(".modal.show [data-fieldname=team] input[type=checkbox]")
	desk.wait_for_timeout(700)
	for box in desk.locator(".modal.show [data-fieldname=team] input[type=checkbox]").all():
		box.check()
	shoot(desk, "visit-8-plan")
	desk.click(".modal.show .btn-primary:visible")
	desk.wait_for_function("cur_frm.doc.__onload.visit && cur_frm.doc.__onload.visit.state === 'Planned'")
	desk.wait_for_timeout(700)
	shoot(desk, "visit-9-planned")
	fresh_view()
	name = frappe.db.get_value("Field Visit", {"reference_name": doc.name})
	desk.goto(f"/app/field-visit/{name}")
	desk.wait_for_selector("[data-fieldname=appointments] .grid-row")
	shoot(desk, "visit-10-form", whole=True)
	assert desk.locator(".standard-actions .btn-primary:visible").count() == 0


def test_the_applicant_answers_on_the_tracking_page(crew, open_page):
	doc = application()
	name = planned(doc, day=1)
	frappe.db.commit()
	phone = open_page(PHONE)
	track(phone, doc.tracking_code, doc.whatsapp_number[-4:])
	phone.wait_for_selector("section.visit")
	assert fits(phone)
	assert_accessible(phone)
	shoot(phone, "visit-11-tracking", whole=True)
	phone.click("section.visit button[value=setuju]")
	phone.wait_for_selector(".notice")
	shoot(phone, "visit-12-confirmed", whole=True)
	fresh_view()
	assert visit_of(name).state == "Confirmed"
