"""An operator tries the WhatsApp channel out without an account: writes what a citizen would write."""

import pytest
from helpers import officer
from whatsapp_samples import CITIZEN_E164, forget_messages

import frappe

from e2e.conftest import fresh_view, photograph, shoot

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def nothing_left():
	yield
	fresh_view()
	forget_messages()


def test_an_operator_writes_as_a_citizen(log_in):
	page = log_in(officer())
	page.goto("/app/chat-conversation")
	page.get_by_role("button", name="Coba Tulis sebagai Warga").click()
	dialog = page.locator(".modal.show")
	dialog.locator("input[data-fieldname=number]").fill("0812-4100-7788")
	dialog.locator("textarea[data-fieldname=text]").fill("mau urus ktp hilang pak")
	dialog.locator("button[data-fieldname=choose]").click()
	chooser = page.locator(".file-uploader")
	chooser.locator("input[type=file]").first.set_input_files([photograph("ktp"), photograph("kk")])
	shoot(page, "try-as-citizen-files")
	page.locator(".modal.show").last.get_by_role("button", name="Unggah").click()
	dialog.get_by_text("kk.jpg").wait_for()
	shoot(page, "try-as-citizen")
	dialog.get_by_role("button", name="Kirim").click()
	page.get_by_text("Terkirim.").wait_for()
	shoot(page, "try-as-citizen-sent")
	fresh_view()
	entered = frappe.get_all(
		"Chat Message",
		{"direction": "Incoming"},
		["number", "agency", "kind", "text", "file"],
		order_by="at, creation",
	)
	assert [(row.number, row.agency, row.kind) for row in entered] == [
		(CITIZEN_E164, "Disdukcapil", "image")
	] * 2
	assert [row.text for row in entered] == ["mau urus ktp hilang pak", ""]
	assert len({row.file for row in entered}) == 2
