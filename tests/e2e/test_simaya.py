"""A paper letter in a real browser: entered with its scan at the desk, handed over with a phone.

What becomes of a letter afterwards is told by test_simaya_story.py.
"""

import pytest
from helpers import pdf
from simaya import ground
from simaya.conftest import organisation_of_the_tests

import frappe

from e2e.conftest import PHONE, fresh_view, shoot
from e2e.test_simaya_story import settle

pytestmark = pytest.mark.browser
__all__ = ["organisation_of_the_tests"]
SUBJECT = "Undangan bimbingan teknis keamanan informasi"


@pytest.fixture
def taken_back(organisation_of_the_tests):
	yield
	fresh_view()
	ground.remove_letters(ground.AGENCY)
	frappe.db.commit()


def test_a_paper_letter_from_the_desk_to_the_phone(log_in, taken_back):
	desk = log_in(ground.USER["UJI-TU"])
	desk.goto("/app/incoming-letter/new")
	desk.wait_for_selector("[data-fieldname=subject] input:visible")
	assert desk.is_enabled("[data-fieldname=received_at] input:visible")
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
	# Attaching to a new letter has saved it.
	desk.wait_for_function("!cur_frm.is_new() && cur_frm.doc.agenda_label")
	settle(desk)
	assert not desk.evaluate("cur_frm.is_dirty()")
	shoot(desk, "simaya-1-registered", whole=True)
	fresh_view()
	doc = frappe.get_last_doc("Incoming Letter", {"subject": SUBJECT})
	assert doc.pages == 3 and doc.agenda_number

	phone = log_in(ground.USER["UJI-STAF-A"], PHONE)
	phone.goto("/app/where-is-the-letter")
	phone.fill(".sinjai-where-search input", "B-77/BSSN/2026")
	phone.click(".sinjai-where-search .btn-primary")
	place = phone.locator(f".sinjai-delivery[data-code='{doc.label_code}']")
	place.get_by_role("button", name=frappe._("I Have It")).click()
	phone.wait_for_selector(".sinjai-delivery .sinjai-place:has-text('Staf Bidang A Uji')")
	settle(phone)
	assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
	shoot(phone, "simaya-2-where", whole=True)
	fresh_view()
	assert frappe.db.get_value("Incoming Letter", doc.name, "paper_position") == ground.name("UJI-STAF-A")
