"""A letter's way in a real browser: drafted, checked by two, signed with its number, arrived elsewhere."""

import pytest
from signing.ground import PASSPHRASE
from simaya import outgoing_ground as ground
from simaya.conftest import people  # noqa: F401

import frappe

from e2e.conftest import fresh_view, shoot
from sinjai_services import stages

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("people")]
SUBJECT = "Permohonan data titik layanan internet desa"


@pytest.fixture
def signer(people):  # noqa: F811
	made = ground.make_signer()
	ground.act("Administrator")
	frappe.db.commit()
	yield made
	take_back(made)


def take_back(officer):
	"""Remove what the browser has committed."""
	fresh_view()
	ground.act("Administrator")
	for name in frappe.get_all("Outgoing Letter", {"agency": ground.OURS}, pluck="name"):
		for incoming in frappe.get_all("Incoming Letter", {"source_name": name}, pluck="name"):
			for doctype in ("Letter Task", "Letter Movement"):
				frappe.db.delete(doctype, {"letter": incoming})
			frappe.db.delete("Incoming Letter", {"name": incoming})
		for doctype in ("Letter Addressee", "Letter Approval", "Letter Attachment"):
			frappe.db.delete(doctype, {"parent": name})
		for doctype, field in (
			("Letter Version", "letter"),
			("Letter Number", "letter"),
			("Letter Text", "reference_name"),
			("Request Event", "reference_name"),
			("Signed Document", "reference_name"),
		):
			frappe.db.delete(doctype, {field: name})
		frappe.db.delete("Outgoing Letter", {"name": name})
	frappe.db.delete("Signing Officer", {"name": officer.name})
	frappe.db.commit()


def settle(page):
	page.wait_for_load_state("networkidle")
	page.wait_for_timeout(700)


def open_letter(page, name: str):
	page.goto(f"/app/outgoing-letter/{name}")
	page.wait_for_selector(".form-page .form-section")
	settle(page)


def press(page, label: str):
	page.locator(".page-actions, .form-page").get_by_role("button", name=label, exact=True).first.click()


def confirm(page):
	page.locator(".modal.show .btn-modal-primary, .modal.show .btn-primary").first.click()
	settle(page)


def letter():
	fresh_view()
	return frappe.get_last_doc("Outgoing Letter", {"agency": ground.OURS})


def test_a_letter_is_drafted_checked_signed_and_arrives(log_in, signer):
	page = log_in(ground.email("STAF"))
	page.goto("/app/outgoing-letter/new")
	page.wait_for_selector("[data-fieldname=subject] input")
	settle(page)
	page.fill("[data-fieldname=subject] input", SUBJECT)
	page.fill("[data-fieldname=template] input", "Surat Dinas")
	settle(page)
	page.locator("[data-fieldname=template] .awesomplete li").first.click()
	settle(page)
	shoot(page, "simaya-draft-new")
	page.evaluate(
		"""position => {
			const row = cur_frm.add_child("addressees", { channel: "Inside the System", position });
			cur_frm.refresh_field("addressees");
			return cur_frm.set_value("body", "<p>Dengan hormat, mohon data titik layanan internet desa.</p>");
		}""",
		ground.position("KADIS", ground.THEIRS),
	)
	page.keyboard.press("Control+s")
	page.wait_for_url("**/outgoing-letter/SK-*")
	settle(page)
	shoot(page, "simaya-draft")
	press(page, "Ajukan untuk diperiksa")
	confirm(page)
	name = letter().name
	assert letter().waits_for == ground.position("KASI")

	for code in ("KASI", "KABID"):
		page = log_in(ground.email(code))
		open_letter(page, name)
		shoot(page, f"simaya-check-{code.lower()}")
		press(page, "Setujui (paraf)")
		page.locator(".modal.show textarea").fill("Setuju, lanjutkan.")
		confirm(page)
	assert letter().stage == stages.DECIDING

	page = log_in(ground.email("KADIS"))
	open_letter(page, name)
	press(page, "Tanda tangani secara elektronik")
	page.wait_for_selector(".modal.show input[type=password]")
	page.fill(".modal.show input[type=password]", PASSPHRASE)
	confirm(page)
	page.wait_for_function("cur_frm.doc.number")
	settle(page)
	shoot(page, "simaya-signed")
	signed = letter()
	assert signed.stage == stages.READY and signed.number.startswith("000.1/")
	press(page, "Kirim")
	confirm(page)
	page.wait_for_function("cur_frm.doc.sent_at")
	settle(page)
	shoot(page, "simaya-sent", whole=True)

	sent = letter()
	assert sent.stage == stages.COMPLETED
	page = log_in(ground.email("KADIS", ground.THEIRS))
	page.goto(f"/app/incoming-letter/{sent.addressees[0].incoming_letter}")
	page.wait_for_selector(".form-page .form-section")
	settle(page)
	assert (
		sent.number in page.input_value("[data-fieldname=letter_number] input")
		or page.get_by_text(sent.number).count()
	)
	shoot(page, "simaya-arrived")
