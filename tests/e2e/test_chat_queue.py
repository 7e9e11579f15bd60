"""Two operators at their screens: what one does, the other sees, and new messages appear by themselves."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers import NIK_FEMALE, colleague, officer
from whatsapp.chats import new_chat, new_message, remove_chats

import frappe

from e2e.conftest import CHOICE, fresh_view, photograph, shoot

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.broken=1"><b>Daeng</b> {{ 7*7 }}'
SNIPPET = "uji_foto_ulang"


@pytest.fixture
def chats():
	"""Three conversations that wait, one of somebody who tries to break the page."""
	fresh_view()
	frappe.db.delete("Reply Text", {"name": SNIPPET})
	text = "Mohon maaf {name}, fotonya belum terbaca."
	frappe.get_doc(
		{"doctype": "Reply Text", "code": SNIPPET, "purpose": "Contoh uji", "kind": "Snippet", "text": text}
	).insert()
	found = [
		new_chat(minutes=30, profile_name="Ibu Antrean", service="KTP-EL", reason="Rusak"),
		new_chat(minutes=12, profile_name=HOSTILE),
		new_chat(minutes=2, profile_name="Pak Ketiga"),
	]
	new_message(found[0], "mau urus ktp rusak bu")
	new_message(found[0], None, photograph("ktp")["buffer"])
	new_message(found[1], HOSTILE)
	for number in range(60):
		new_message(found[2], f"pesan {number}")
	frappe.db.commit()
	yield found
	frappe.db.rollback()
	frappe.db.delete("Reply Text", {"name": SNIPPET})
	remove_chats(*found)


def open_queue(log_in, email: str):
	page = log_in(email)
	page.goto("/app/chat-queue")
	page.wait_for_selector(".sinjai-chat-item")
	return page


def row(chat) -> str:
	return f".sinjai-chat-item[data-key='{chat.name}']"


def choose(page, chat):
	page.click(row(chat))
	page.wait_for_selector(".sinjai-chat-bubble")


def fill_in_request(page):
	"""Open the dialog that makes a request of a conversation, and fill in its person."""
	page.click(".sinjai-chat-none button:has-text('Buat permohonan')")
	dialog = page.locator(".modal.show")
	dialog.locator("[data-fieldname=applicant_name] input").fill("Andi Tenri Ola")
	dialog.locator("[data-fieldname=nik] input").fill(NIK_FEMALE)
	village = dialog.locator("[data-fieldname=village] input")
	village.click()
	page.keyboard.type("Ale", delay=40)
	page.locator(f".modal.show {CHOICE}").first.click()
	return dialog


def stored(chat):
	fresh_view()
	return frappe.get_doc("Chat Conversation", chat.name)


def test_from_the_first_message_to_a_request_with_its_paper(log_in, chats):
	chat = chats[0]
	page = open_queue(log_in, officer())
	choose(page, chat)
	assert page.locator(f"{row(chat)} .indicator-pill.red").count() == 1
	page.click(".sinjai-chat-head button:has-text('Tangani')")
	page.wait_for_selector(".sinjai-chat-head .indicator-pill.blue")
	assert stored(chat).operator == officer()

	page.click(".sinjai-chat-bar button:has-text('Teks siap pakai')")
	choice = page.locator(".sinjai-chat-snippets button:has-text('Contoh uji')")
	menu = page.locator(".sinjai-chat-snippets").bounding_box()
	assert page.locator(".sinjai-chat-bar").bounding_box()["y"] > menu["y"]
	choice.click()
	answer = page.locator(".sinjai-chat-composer textarea")
	assert answer.input_value() == "Mohon maaf Ibu Antrean, fotonya belum terbaca."
	answer.press("End")
	answer.type(" Terima kasih.")
	answer.press("Control+Enter")
	page.wait_for_selector(".sinjai-chat-bubble.is-ours:has-text('Terima kasih.')")
	assert answer.input_value() == ""

	dialog = fill_in_request(page)
	dialog.locator("input[data-fieldname=consent]").check()
	shoot(page, "queue-1-start")
	dialog.locator(".btn-modal-primary").click()
	page.wait_for_selector(".sinjai-chat-request")
	request = stored(chat).reference_name
	assert page.inner_text(".sinjai-chat-request-name") == request
	assert NIK_FEMALE not in page.content()

	page.click(".sinjai-chat-attach button:has-text('Masukkan ke persyaratan')")
	# The picture has come along as the first paper; here it is made the second one as well.
	page.wait_for_selector(".sinjai-chat-side .sinjai-papers li:nth-child(1) .indicator-pill.orange")
	page.locator(".sinjai-chat-attach .dropdown-menu.show button").nth(1).click()
	page.wait_for_selector(".sinjai-chat-side .sinjai-papers li:nth-child(2) .indicator-pill.orange")
	fresh_view()
	for paper in frappe.get_doc("Civil Document Request", request).papers[:2]:
		assert paper.state == "To Check" and paper.file
	page.wait_for_selector(".sinjai-chat-side .sinjai-viewer img")
	page.wait_for_function("document.querySelector('.sinjai-chat-open img').naturalWidth > 0")
	page.wait_for_selector(".alert.desk-alert", state="hidden")
	shoot(page, "queue-2-attached")

	page.locator(".sinjai-chat-side .sinjai-papers .btn-primary:has-text('Terima')").first.click()
	page.wait_for_selector(".sinjai-chat-side .sinjai-papers .indicator-pill.green")

	page.click(".sinjai-chat-open")
	page.click(".sinjai-chat-viewer button:has-text('Putar')")
	assert "rotate(90deg)" in page.get_attribute(".sinjai-chat-viewer img", "style")
	page.keyboard.press("Escape")
	assert not page.locator(".sinjai-chat-viewer").count()


def test_a_file_is_sent_along(log_in, chats):
	page = open_queue(log_in, officer())
	choose(page, chats[2])
	page.set_input_files(".sinjai-chat-bar input[type=file]", photograph("contoh"))
	page.click(".sinjai-chat-bar button:has-text('Kirim')")
	page.wait_for_selector(".sinjai-chat-bubble.is-ours img")
	assert stored(chats[2]).operator == officer()


def test_a_new_message_and_a_colleagues_step_appear_without_a_reload(log_in, chats):
	chat = chats[0]
	first, second = open_queue(log_in, officer()), open_queue(log_in, colleague())
	choose(first, chat)
	choose(second, chat)
	first.click(".sinjai-chat-head button:has-text('Tangani')")
	second.wait_for_selector(".sinjai-chat-head button:has-text('Ambil alih')", timeout=15_000)
	shoot(second, "queue-3-colleague")
	second.click(".sinjai-chat-head button:has-text('Ambil alih')")
	second.click(".modal.show .btn-modal-primary")
	second.wait_for_selector(".sinjai-chat-head .indicator-pill.blue")
	first.wait_for_selector(".sinjai-chat-head .indicator-pill.purple", timeout=15_000)
	assert stored(chat).operator == colleague()

	new_message(chat, "masih di sana, bu?")
	newcomer = new_chat(minutes=1, profile_name="Baru Datang")
	frappe.db.commit()
	try:
		first.wait_for_selector(".sinjai-chat-bubble:has-text('masih di sana')", timeout=15_000)
		first.wait_for_selector(row(newcomer), timeout=15_000)
	finally:
		remove_chats(newcomer)


def test_whoever_comes_second_is_told_who_has_it(log_in, chats):
	chat = chats[0]
	page = open_queue(log_in, officer())
	choose(page, chat)
	chat.db_set({"handling": "Operator", "operator": colleague()})
	frappe.db.commit()
	page.fill(".sinjai-chat-composer textarea", "Baik, Bu.")
	page.click(".sinjai-chat-bar button:has-text('Kirim')")
	name = frappe.utils.get_fullname(colleague())
	page.wait_for_selector(f".modal.show :text('{name}')")
	page.wait_for_selector(".sinjai-chat-head .indicator-pill.purple")
	shoot(page, "queue-4-taken")
	assert page.input_value(".sinjai-chat-composer textarea") == "Baik, Bu."


def test_what_people_write_is_text_and_nothing_else(log_in, chats):
	page = open_queue(log_in, officer())
	choose(page, chats[1])
	assert page.inner_text(".sinjai-chat-text") == HOSTILE
	assert "<b>Daeng</b>" in page.inner_text(".sinjai-chat-who")
	page.click(".sinjai-chat-head button:has-text('Tangani')")
	page.fill(".sinjai-chat-composer textarea", HOSTILE)
	page.keyboard.press("Control+Enter")
	page.wait_for_selector(".sinjai-chat-bubble.is-ours .sinjai-chat-text")
	assert page.inner_text(".is-ours .sinjai-chat-text") == HOSTILE
	page.click(".sinjai-chat-none button:has-text('Tautkan permohonan')")
	page.wait_for_selector(".modal.show .sinjai-chat-empty, .modal.show .sinjai-chat-item")
	assert not page.locator("img[src=x]").count()
	assert page.evaluate("window.broken") is None
	shoot(page, "queue-5-hostile")


def test_keyboard_scrolling_and_a_small_screen(log_in, chats):
	page = open_queue(log_in, officer())
	page.fill(".sinjai-chat-queue input", chats[2].number[-6:])
	page.wait_for_function("document.querySelectorAll('.sinjai-chat-item').length === 1")
	page.focus(".sinjai-chat-queue .sinjai-chat-list")
	page.keyboard.press("ArrowDown")
	page.wait_for_selector(".sinjai-chat-bubble:has-text('pesan 59')")
	assert page.locator(".sinjai-chat-bubble").count() == 40
	page.evaluate("document.querySelector('.sinjai-chat-thread').scrollTop = 0")
	page.wait_for_function("document.querySelectorAll('.sinjai-chat-bubble').length === 60")
	page.keyboard.press("Enter")
	page.wait_for_function("document.activeElement.matches('.sinjai-chat-composer textarea')")
	for width in (1366, 1024):
		page.set_viewport_size({"width": width, "height": 768})
		page.wait_for_timeout(300)
		size = "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
		assert page.evaluate(size) == [768, width]
	shoot(page, "queue-6-small")
	grave = [
		(fault["id"], nodes)
		for fault in Axe().run(page, context=".sinjai-chat").response["violations"]
		if fault["impact"] in ("serious", "critical")
		# The colour of main buttons is the platform's.
		and (nodes := [node["html"][:200] for node in fault["nodes"] if "btn-primary" not in node["html"]])
	]
	assert grave == []


def test_a_message_that_failed_says_why_and_can_be_tried_again(log_in, chats):
	chat = chats[2]
	message = new_message(
		chat, "Baik, Pak.", direction="Outgoing", status="Failed", error="Nomor tidak terdaftar"
	)
	frappe.db.commit()
	page = open_queue(log_in, officer())
	choose(page, chat)
	failure = page.locator(f"[data-message='{message.name}'] .sinjai-chat-failure")
	assert "Nomor tidak terdaftar" in failure.inner_text()
	page.route("**/sinjai_services.whatsapp.outbox.retry", lambda route: route.fulfill(json={}))
	with page.expect_request("**/sinjai_services.whatsapp.outbox.retry") as asked:
		failure.locator("button").click()
	assert message.name in asked.value.post_data
	page.wait_for_load_state("networkidle")
