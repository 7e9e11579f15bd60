"""The whole channel without an account: an operator is citizen and officer in turn, and real jobs answer."""

import time

import pytest
from conftest import SITE
from helpers import NIK_FEMALE, officer
from whatsapp.chats import remove_requests
from whatsapp.wire import job_worker
from whatsapp_samples import forget_messages

import frappe

from e2e.conftest import fresh_view, photograph, shoot
from e2e.test_chat_queue import fill_in_request
from sinjai_services.whatsapp import inbox

pytestmark = pytest.mark.browser

TYPED, NUMBER = "0812-4100-7731", "+6281241007731"


@pytest.fixture(autouse=True)
def nothing_left():
	remove_requests(NUMBER)
	forget_messages()
	frappe.cache.delete(inbox.asked_key(NUMBER))
	with job_worker(SITE):
		yield
	remove_requests(NUMBER)
	forget_messages()


def write_as_citizen(page, text: str, *pictures: str):
	page.goto("/app/chat-conversation")
	page.get_by_role("button", name="Coba Tulis sebagai Warga").click()
	dialog = page.locator(".modal.show")
	dialog.locator("input[data-fieldname=number]").fill(TYPED)
	dialog.locator("textarea[data-fieldname=text]").fill(text)
	if pictures:
		dialog.locator("button[data-fieldname=choose]").click()
		chooser = page.locator(".file-uploader")
		chooser.locator("input[type=file]").first.set_input_files([photograph(name) for name in pictures])
		page.locator(".modal.show").last.get_by_role("button", name="Unggah").click()
		dialog.get_by_text(f"{pictures[-1]}.jpg").wait_for()
	answers = len(said())
	dialog.get_by_role("button", name="Kirim").click()
	page.get_by_text("Terkirim.").wait_for()
	wait_until(lambda: len(said()) > answers)


def said() -> list[str]:
	fresh_view()
	return frappe.get_all(
		"Chat Message", {"number": NUMBER, "direction": "Outgoing"}, pluck="text", order_by="creation"
	)


def wait_until(happens, seconds: int = 60):
	until = time.monotonic() + seconds
	while not happens():
		assert time.monotonic() < until, "it did not happen in time"
		time.sleep(0.3)


def conversation():
	fresh_view()
	return frappe.get_last_doc("Chat Conversation", {"number": NUMBER})


def test_from_the_citizens_word_to_the_operators_request(log_in):
	page = log_in(officer())
	write_as_citizen(page, "halo")
	assert "KTP Elektronik" in said()[-1]
	write_as_citizen(page, "mau urus kk yang rusak pak", "kk")
	assert "Foto Kartu Keluarga yang Rusak" in "".join(said())
	write_as_citizen(page, "petugas")
	assert conversation().handling == "Waiting for Operator"

	page.goto("/app/chat-queue")
	row = page.locator(f".sinjai-chat-item[data-key='{conversation().name}']")
	row.click()
	page.wait_for_selector(".sinjai-chat-bubble")
	assert "Meminta petugas" in row.inner_text()
	# What the app says carries nobody's name, whoever has started its job.
	assert page.locator(".is-ours .sinjai-chat-foot > span:not(.sinjai-chat-tick)").count() == 0
	shoot(page, "story-1-waits")
	page.click(".sinjai-chat-head button:has-text('Tangani')")
	page.wait_for_selector(".sinjai-chat-head .indicator-pill.blue")
	page.locator(".sinjai-chat-composer textarea").fill("Baik, kami bantu, Bapak/Ibu.")
	page.locator(".sinjai-chat-composer textarea").press("Control+Enter")
	page.wait_for_selector(".sinjai-chat-bubble.is-ours:has-text('kami bantu')")

	dialog = fill_in_request(page)
	shoot(page, "story-2-ask")
	dialog.get_by_role("button", name="Minta persetujuan lewat WhatsApp").click()
	page.wait_for_selector(".sinjai-chat-bubble.is-ours:has-text('Mohon diperiksa')")
	page.wait_for_selector(".modal.show", state="detached")
	shoot(page, "story-3-asked")
	assert not conversation().consent_at
	agree()
	wait_until(lambda: conversation().consent_at)

	page.click(".sinjai-chat-none button:has-text('Buat permohonan')")
	dialog = page.locator(".modal.show")
	consent = dialog.locator("input[data-fieldname=consent]")
	consent.wait_for()
	assert consent.is_checked()
	dialog.locator(".btn-modal-primary").click()
	page.wait_for_selector(".sinjai-chat-request")
	page.wait_for_timeout(700)
	shoot(page, "story-4-request")
	request = frappe.get_doc("Civil Document Request", conversation().reference_name)
	assert (request.service, request.channel, request.consent) == ("KK", "WhatsApp", 1)
	assert NIK_FEMALE not in page.content()
	assert any(paper.file for paper in request.papers)


def agree():
	"""The citizen answers; entered by the same door as the dialog's."""
	frappe.set_user(officer())
	inbox.simulate(NUMBER, "Setuju", agency="Disdukcapil")
	frappe.db.commit()
	frappe.set_user("Administrator")
