"""A letter's life across three agencies: sent from a phone, disposed, reported, answered, and told.

The citizen's phone, the records office, the head, a division, its staff and another agency each have a
browser of their own; two of the reports come in without one, since they are the third and fourth of their
kind.
"""

import pytest
from conftest import ARTEFACTS
from helpers import pdf
from pypdf import PdfReader
from signing.ground import PASSPHRASE
from simaya import outgoing_ground as ground
from simaya.conftest import people  # noqa: F401

import frappe

from e2e.conftest import CHOICE, PHONE, assert_accessible, fresh_view, shoot
from sinjai_services import printing, stages
from sinjai_services.requests import tracking, uploads
from sinjai_services.simaya import dispatch, dispositions

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("people")]
SUBJECT = "Permohonan titik internet di Posyandu Lappa"
NUMBER, DIGITS = "0812-4100-7741", "7741"


@pytest.fixture
def signer(people):  # noqa: F811
	made = ground.make_signer()
	ground.act("Administrator")
	frappe.db.commit()
	yield made
	fresh_view()
	ground.act("Administrator")
	ground.remove_letters(*ground.AGENCIES)
	frappe.db.delete("Chat Message", {"number": ("like", f"%{DIGITS}")})
	frappe.db.delete("Signing Officer", {"name": made.name})
	frappe.db.commit()


def settle(page):
	page.wait_for_load_state("networkidle")
	page.wait_for_timeout(150)


def open_letter(page, doctype: str, name: str):
	page.goto(f"/app/{frappe.scrub(doctype).replace('_', '-')}/{name}")
	page.wait_for_selector(".form-page .form-section")
	settle(page)


def press(page, label: str):
	area = page.locator(".page-actions, .form-page")
	area.get_by_role("button", name=frappe._(label), exact=True).first.click()


def confirm(page):
	page.locator(".modal.show .btn-modal-primary, .modal.show .btn-primary").first.click()
	settle(page)


def stored(doctype: str, **filters):
	fresh_view()
	return frappe.get_last_doc(doctype, filters)


def dispose(page, *titles: str, note: str, picture: str | None = None):
	press(page, "Dispose")
	dialog = page.locator(".modal.show")
	for title in titles:
		dialog.locator(".checkbox label", has_text=title).first.click()
	dialog.locator(".checkbox label", has_text="Siapkan bahan").first.click()
	dialog.locator("[data-fieldname=note] textarea").fill(note)
	settle(page)
	if picture:
		shoot(page, picture)
	dialog.locator(".btn-modal-primary").click()
	page.wait_for_selector(f".sinjai-letter-tree li:has-text('{titles[-1]}')")
	settle(page)


def report(page, text: str, picture: str | None = None):
	press(page, "Report")
	page.locator(".modal.show [data-fieldname=text] textarea").fill(text)
	if picture:
		settle(page)
		shoot(page, picture)
	page.locator(".modal.show .btn-modal-primary").click()
	page.wait_for_selector(f".sinjai-letter-report:has-text('{text}')")


def report_unseen(letter: str, code: str, text: str):
	"""Report as somebody else, on another machine."""
	fresh_view()
	ground.act(ground.email(code))
	task = frappe.db.get_value("Letter Task", {"letter": letter, "position": ground.position(code)})
	dispositions.report(task, text)
	frappe.db.commit()
	ground.act("Administrator")


def card(page, subject: str):
	page.goto("/app/letters-for-me")
	found = page.locator(".sinjai-letter-card", has_text=subject).first
	found.wait_for()
	settle(page)
	return found


def test_a_letters_life_across_three_agencies(open_page, log_in, signer):
	letter = send_from_the_phone(open_page)
	head = into_the_agenda_and_disposed(log_in, letter)
	staff = passed_on_and_reported(log_in, letter, head)
	answer = answered_and_checked(log_in, letter, staff)
	signed_and_sent(head, answer)
	arrived_elsewhere(log_in, answer)
	told(open_page, letter, answer)
	printed(letter, answer)
	found_where_it_is(staff, letter)


def send_from_the_phone(open_page):
	phone = open_page(PHONE, "/simaya/kirim-surat")
	phone.select_option("[name=agency]", ground.OURS)
	for field, value in (
		("subject", SUBJECT),
		("letter_number", "12/KT-LAPPA/2026"),
		("letter_date", "2026-01-20"),
		("sender_name", "Karang Taruna Lappa"),
		("sender_address", "Jl. Bulu Lasiai, Lappa"),
		("whatsapp_number", NUMBER),
	):
		phone.fill(f"[name={field}]", value)
	with phone.expect_response("**/sinjai_services.requests.uploads.upload") as uploaded:
		paper = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": pdf(2)}
		phone.locator("input[type=file]").first.set_input_files(paper)
	assert uploaded.value.json()["message"]["ok"]
	phone.check("[name=consent]")
	settle(phone)
	shoot(phone, "simaya-story-01-form", whole=True)
	assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
	assert_accessible(phone)
	with phone.expect_navigation():
		phone.click("[data-send]")
	shoot(phone, "simaya-story-02-receipt", whole=True)
	letter = stored("Incoming Letter", agency=ground.OURS)
	assert phone.get_by_text(tracking.show_code(letter.tracking_code)).count()
	assert (letter.subject, letter.channel, letter.pages) == (SUBJECT, "Web", 2)
	return letter


def into_the_agenda_and_disposed(log_in, letter):
	office = log_in(ground.email("TU"))
	open_letter(office, "Incoming Letter", letter.name)
	shoot(office, "simaya-story-03-new")
	assert not office.evaluate("cur_frm.is_dirty()")
	press(office, "Enter into the Agenda")
	office.wait_for_function("cur_frm.doc.agenda_label")
	settle(office)
	shoot(office, "simaya-story-04-agenda", whole=True)

	head = log_in(ground.email("KADIS"))
	waiting = card(head, SUBJECT)
	shoot(head, "simaya-story-05-waits-for-the-head")
	waiting.click()
	head.wait_for_selector(".form-page .form-section")
	settle(head)
	dispose(
		head,
		"Sekretaris",
		"Staf Aplikasi",
		"Kepala Bidang Layanan",
		note="Mohon ditindaklanjuti dan dilaporkan",
		picture="simaya-story-06-disposing",
	)
	return head


def passed_on_and_reported(log_in, letter, head):
	division = log_in(ground.email("KABID"))
	card(division, SUBJECT).click()
	settle(division)
	dispose(division, "Staf Jaringan", note="Periksa lokasi dan siapkan jawaban")
	staff = log_in(ground.email("STAF"))
	card(staff, SUBJECT).click()
	settle(staff)
	report(staff, "Lokasi sudah diperiksa, jaringan tersedia.", "simaya-story-07-reporting")
	division.reload()
	settle(division)
	report(division, "Layak dipasang, konsep jawaban disiapkan.")
	report_unseen(letter.name, "SEKR", "Anggaran tersedia.")
	report_unseen(letter.name, "STAF2", "Akun sudah disiapkan.")
	head.reload()
	head.wait_for_selector(".sinjai-letter-report >> nth=3")
	settle(head)
	head.locator(".sinjai-letter-tree").first.scroll_into_view_if_needed()
	shoot(head, "simaya-story-08-tree")
	fresh_view()
	assert frappe.db.get_value("Incoming Letter", letter.name, "stage") == stages.FIELD_WORK
	return staff


def answered_and_checked(log_in, letter, staff):
	press(staff, "Write the Answer")
	staff.wait_for_url("**/outgoing-letter/new*")
	staff.wait_for_function("cur_frm.doctype === 'Outgoing Letter' && (cur_frm.doc.addressees || []).length")
	settle(staff)
	staff.fill("[data-fieldname=template] input:visible", "Surat Dinas")
	settle(staff)
	staff.locator(CHOICE).first.click()
	staff.wait_for_function("(cur_frm.doc.body || '').includes('Dengan hormat')")
	settle(staff)
	assert staff.input_value("[data-fieldname=subject] input:visible") == f"Jawaban atas {SUBJECT}"
	editor = staff.locator(".ql-editor:visible")
	editor.click()
	staff.keyboard.press("Control+a")
	staff.keyboard.type("Dengan hormat,\nTitik internet di Posyandu Lappa dipasang pada bulan depan.\n")
	staff.keyboard.type("Demikian disampaikan, atas perhatiannya diucapkan terima kasih.")
	staff.wait_for_function("cur_frm.doc.body.includes('bulan depan') && !cur_frm.doc.body.includes('……')")
	staff.evaluate(
		"""positions => {
			for (const position of positions)
				cur_frm.add_child("addressees", { channel: "Inside the System", position, is_copy: 1 });
			cur_frm.refresh_field("addressees");
		}""",
		[ground.position("KADIS", agency) for agency in (ground.THEIRS, ground.OTHERS)],
	)
	staff.evaluate("cur_frm.save()")
	staff.wait_for_url("**/outgoing-letter/SK-*")
	settle(staff)
	shoot(staff, "simaya-story-09-draft", whole=True)
	press(staff, "Submit for Checking")
	confirm(staff)
	answer = stored("Outgoing Letter", agency=ground.OURS)
	assert answer.reply_to == letter.name and len(answer.addressees) == 3
	for number, code in enumerate(("KASI", "KABID")):
		checker = log_in(ground.email(code))
		card(checker, answer.subject).click()
		settle(checker)
		shoot(checker, f"simaya-story-1{number}-check")
		press(checker, "Approve (Paraf)")
		checker.locator(".modal.show textarea").fill("Setuju, lanjutkan.")
		confirm(checker)
	return answer


def signed_and_sent(head, answer):
	waiting = card(head, answer.subject)
	shoot(head, "simaya-story-12-waits-for-signature")
	waiting.click()
	settle(head)
	press(head, "Sign electronically")
	head.fill(".modal.show input[type=password]", PASSPHRASE)
	confirm(head)
	head.wait_for_function("cur_frm.doc.number")
	settle(head)
	shoot(head, "simaya-story-13-signed")
	press(head, "Send")
	confirm(head)
	head.wait_for_function("cur_frm.doc.sent_at")
	settle(head)
	shoot(head, "simaya-story-14-sent", whole=True)
	assert stored("Outgoing Letter", name=answer.name).stage == stages.COMPLETED


def arrived_elsewhere(log_in, answer):
	number = stored("Outgoing Letter", name=answer.name).number
	for agency in (ground.THEIRS, ground.OTHERS):
		(arrived,) = frappe.get_all("Incoming Letter", {"agency": agency, "source_name": answer.name}, "*")
		assert arrived.agenda_label and arrived.letter_number == number
		assert frappe.db.exists("File", {"file_url": arrived.scan, "attached_to_name": arrived.name})
	other = log_in(ground.email("KADIS", ground.THEIRS))
	card(other, answer.subject).click()
	settle(other)
	dispose(other, "Kepala Bidang Layanan", note="Untuk diketahui dan dikoordinasikan")
	shoot(other, "simaya-story-15-elsewhere", whole=True)


def told(open_page, letter, answer):
	number = stored("Outgoing Letter", name=answer.name).number
	messages = frappe.get_all("Chat Message", {"reference_name": answer.name}, ["number", "text", "file"])
	(message,) = [row for row in messages if row.number.endswith(DIGITS)]
	assert number in message.text and message.file
	phone = open_page(PHONE, f"/lacak?kode={letter.tracking_code}")
	phone.fill("[name=hp]", DIGITS)
	with phone.expect_navigation():
		phone.click("form .button")
	shoot(phone, "simaya-story-16-followed", whole=True)
	assert phone.locator("#state").inner_text() == f"Surat telah dijawab: {number}"
	assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def printed(letter, answer):
	"""Keep the prints beside the pictures, and look whether they say what they must."""
	ground.act(ground.email("KADIS"))
	url = dispatch.signed_file(stored("Outgoing Letter", name=answer.name))
	file = frappe.get_doc("File", {"file_url": url})
	sheet = printing.render_pdf("Incoming Letter", letter.name, print_format="Lembar Disposisi")
	for name, content, words in (
		("simaya-story-letter", file.get_content(), ("bulan depan", "Karang Taruna Lappa", "Tembusan")),
		("simaya-story-sheet", sheet, ("LEMBAR DISPOSISI", "12/KT-LAPPA/2026", "Mohon ditindaklanjuti")),
	):
		(ARTEFACTS / f"{name}.pdf").write_bytes(uploads.as_bytes(content))
		text = PdfReader(ARTEFACTS / f"{name}.pdf").pages[0].extract_text()
		assert [word for word in words if word.casefold() not in text.casefold()] == []


def found_where_it_is(staff, letter):
	staff.goto("/app/where-is-the-letter")
	staff.fill(".sinjai-where-search input", "12/KT-LAPPA/2026")
	staff.click(".sinjai-where-search .btn-primary")
	place = staff.locator(f".sinjai-delivery[data-code='{letter.label_code}']")
	place.get_by_text("Surat Tuntas, sejak").wait_for()
	settle(staff)
	shoot(staff, "simaya-story-17-where")
