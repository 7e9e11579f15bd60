"""A letter's way in a real browser: entered with its scan, disposed to three, passed on, reported, found."""

import pytest
from helpers import pdf
from simaya import ground
from simaya.conftest import organisation_of_the_tests

import frappe

from e2e.conftest import PHONE, fresh_view, shoot
from sinjai_services import stages

pytestmark = pytest.mark.browser
__all__ = ["organisation_of_the_tests"]
SUBJECT = "Undangan bimbingan teknis keamanan informasi"


def settle(page):
	page.wait_for_load_state("networkidle")
	page.wait_for_timeout(800)


def test_a_letter_from_the_desk_to_the_phone(log_in, organisation_of_the_tests):
	desk = log_in(ground.USER["UJI-TU"])
	desk.goto("/app/incoming-letter/new")
	desk.wait_for_selector("[data-fieldname=subject] input:visible")
	for field, value in (
		("subject", SUBJECT),
		("sender_name", "Badan Siber dan Sandi Negara"),
		("letter_number", "B-77/BSSN/2026"),
	):
		desk.fill(f"[data-fieldname={field}] input:visible", value)
	desk.click("[data-fieldname=scan] .btn-attach")
	desk.set_input_files(
		".file-uploader input[type=file]",
		[{"name": "surat.pdf", "mimeType": "application/pdf", "buffer": pdf(3)}],
	)
	desk.click(".modal.show .btn-modal-primary")
	desk.wait_for_selector("[data-fieldname=scan] .attached-file-link:visible")
	settle(desk)
	# The scan's upload has saved it; a save of what is unchanged is never answered, so nobody waits for it.
	desk.evaluate("void cur_frm.save()")
	desk.wait_for_function("!cur_frm.is_new() && cur_frm.doc.agenda_label")
	settle(desk)
	shoot(desk, "simaya-1-registered", whole=True)
	fresh_view()
	doc = frappe.get_last_doc("Incoming Letter", {"subject": SUBJECT})
	assert doc.pages == 3 and doc.agenda_number

	head = log_in(ground.USER["UJI-KADIS"])
	head.goto("/app/letters-for-me")
	card = head.locator(".sinjai-letter-card", has_text=SUBJECT).last
	card.wait_for()
	settle(head)
	shoot(head, "simaya-2-waiting")
	card.click()
	head.get_by_role("button", name=frappe._("Dispose")).click()
	dialog = head.locator(".modal.show")
	for title in ("Sekretaris Uji", "Kepala Bidang A Uji", "Kepala Bidang B Uji"):
		dialog.locator(".checkbox label", has_text=title).first.click()
	dialog.locator(".checkbox label", has_text="Siapkan bahan").first.click()
	dialog.locator("[data-fieldname=note] textarea").fill("Mohon diikuti dan dilaporkan")
	settle(head)
	shoot(head, "simaya-3-disposing")
	dialog.locator(".btn-modal-primary").click()
	head.wait_for_selector(".sinjai-letter-tree li[data-position$='UJI-SEK']")
	settle(head)

	division = log_in(ground.USER["UJI-KABID-A"])
	division.goto(f"/app/incoming-letter/{doc.name}")
	division.get_by_role("button", name=frappe._("Dispose")).click()
	dialog = division.locator(".modal.show")
	dialog.locator(".checkbox label", has_text="Staf Bidang A Uji").first.click()
	dialog.locator("[data-fieldname=note] textarea").fill("Ikuti acaranya")
	dialog.locator(".btn-modal-primary").click()
	division.wait_for_selector(".sinjai-letter-tree li[data-position$='UJI-STAF-A']")

	staff = log_in(ground.USER["UJI-STAF-A"])
	staff.goto(f"/app/incoming-letter/{doc.name}")
	staff.get_by_role("button", name=frappe._("Report")).last.click()
	staff.locator(".modal.show [data-fieldname=text] textarea").fill("Sudah diikuti, sertifikat terlampir.")
	settle(staff)
	shoot(staff, "simaya-4-reporting")
	staff.locator(".modal.show .btn-modal-primary").click()
	staff.wait_for_selector(".sinjai-letter-report")
	head.goto(f"/app/incoming-letter/{doc.name}")
	head.wait_for_selector(".sinjai-letter-report")
	head.locator(".sinjai-letter-tree").first.scroll_into_view_if_needed()
	settle(head)
	shoot(head, "simaya-5-tree", whole=True)
	fresh_view()
	assert frappe.db.get_value("Incoming Letter", doc.name, "stage") == stages.FIELD_WORK

	phone = log_in(ground.USER["UJI-STAF-A"], PHONE)
	phone.goto("/app/where-is-the-letter")
	phone.fill(".sinjai-where-search input", "B-77/BSSN/2026")
	phone.click(".sinjai-where-search .btn-primary")
	place = phone.locator(f".sinjai-delivery[data-code='{doc.label_code}']")
	place.get_by_role("button", name=frappe._("I Have It")).click()
	phone.wait_for_selector(".sinjai-delivery .sinjai-place:has-text('Staf Bidang A Uji')")
	settle(phone)
	assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
	shoot(phone, "simaya-6-where", whole=True)
	fresh_view()
	assert frappe.db.get_value("Incoming Letter", doc.name, "paper_position") == ground.name("UJI-STAF-A")


def test_a_letter_is_sent_with_a_phone(open_page):
	phone = open_page(PHONE, "/simaya/kirim-surat")
	shoot(phone, "simaya-7-public-form", whole=True)
	phone.select_option("#f-agency", ground.AGENCY) if phone.locator("select#f-agency").count() else None
	assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
