"""Signing in the Desk, and what a citizen with the paper in hand sees on a phone."""

import pytest
from helpers import PASSWORD, move, new_request
from signing.ground import (
	PASSPHRASE,
	SIGNER,
	let_service_be_signed,
	make_officer,
	make_print_format,
	retire_signer,
)

import frappe

from e2e.conftest import PHONE, assert_accessible, fresh_view, shoot
from sinjai_services import stages
from sinjai_services.signing import records

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting():
	"""A request that waits for a signature, seen by the server."""
	officer = make_officer()
	make_print_format()
	let_service_be_signed()
	user = frappe.get_doc("User", SIGNER)
	user.new_password = PASSWORD
	user.save()
	doc = new_request(applicant_name="Andi Tenri Ola")
	for stage in (stages.CHECKING, stages.DECIDING):
		doc = move(doc, stage)
	frappe.db.commit()
	yield doc
	frappe.db.rollback()
	frappe.db.set_value("Signing Officer", officer.name, "active", 0)
	retire_signer()
	frappe.db.set_value("Public Service", "KTP-EL", {"needs_signature": 0, "print_format": None})
	frappe.clear_document_cache("Public Service", "KTP-EL")
	frappe.db.commit()


def check_file(phone, content: bytes):
	phone.set_input_files(
		"#f-berkas", {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": content}
	)
	with phone.expect_navigation():
		phone.click("main form button")
	return phone.inner_text("main")


def test_signed_in_the_desk_and_verified_on_a_phone(open_page, log_in, waiting):
	desk = log_in(SIGNER)
	desk.goto(f"/app/civil-document-request/{waiting.name}")
	desk.click("button:has-text('Tanda tangani secara elektronik')")
	dialog = desk.locator(".modal.show")
	dialog.locator("input[type=password]").fill("salah")
	shoot(desk, "signing-1-dialog")
	dialog.locator(".btn-primary").click()
	dialog.locator("[role=alert]").wait_for()
	shoot(desk, "signing-2-wrong-passphrase")
	assert dialog.locator("input[type=password]").input_value() == ""
	dialog.locator("input[type=password]").fill(PASSPHRASE)
	dialog.locator(".btn-primary").click()
	dialog.wait_for(state="hidden")
	fresh_view()
	record = frappe.get_doc("Signed Document", {"reference_name": waiting.name})
	desk.goto(f"/app/signed-document/{record.name}")
	desk.wait_for_selector("button:has-text('Halaman verifikasi')")
	shoot(desk, "signing-3-record")
	desk.goto("/app/signed-document")
	desk.wait_for_selector(".list-row-container .list-row")
	shoot(desk, "signing-4-list")

	phone = open_page(PHONE, f"/verifikasi/{record.verification_code}")
	shoot(phone, "verification-1-valid", whole=True)
	assert_accessible(phone)
	assert "Dokumen berlaku" in phone.inner_text("main")
	content = records.content_of(record)
	assert "Asli" in check_file(phone, content)
	shoot(phone, "verification-2-genuine", whole=True)
	assert_accessible(phone)
	assert "Diubah setelah ditandatangani" in check_file(phone, content + b"\n")
	shoot(phone, "verification-3-changed", whole=True)

	record.revoke("Nama pemohon keliru pada dokumen")
	frappe.db.commit()
	phone.goto(f"/verifikasi/{record.verification_code}")
	assert "dicabut" in phone.inner_text("main")
	shoot(phone, "verification-4-revoked", whole=True)
	assert_accessible(phone)


def test_unknown_code_and_plain_page(open_page):
	phone = open_page(PHONE, "/verifikasi")
	shoot(phone, "verification-5-plain", whole=True)
	assert_accessible(phone)
	assert "Bukan dokumen kami" in check_file(phone, b"%PDF-1.4 nothing")
	phone.goto("/verifikasi/2222222222222222222222222222")
	assert "Tidak ada dokumen dengan kode ini" in phone.inner_text("main")
	shoot(phone, "verification-6-unknown", whole=True)
	assert_accessible(phone)
