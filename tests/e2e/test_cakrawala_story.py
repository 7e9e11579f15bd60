"""Cakrawala as it was meant: a message, papers out of the locker, the permit, and everything back in place.

The owner's phone is at the far end of the wire: webhooks in, a real worker, the stand-in for Meta out.
"""

import pytest
from cakrawala import world
from conftest import SITE
from jempol_sehati.ground import HEAD, make_head, make_person, retire
from signing.ground import PASSPHRASE
from whatsapp.conftest import cloud, meta  # noqa: F401
from whatsapp.wire import Citizen, job_worker

import frappe

from e2e.conftest import PHONE, assert_accessible, fresh_view, settle, shoot
from e2e.test_cakrawala import REQUEST, act, reached, receive, remove
from sinjai_services import stages
from sinjai_services.cakrawala import custody
from sinjai_services.whatsapp import inbox

pytestmark = pytest.mark.browser
NUMBER, SERVICE = "6281241007701", "SIPI-PERPANJANGAN"


@pytest.fixture
def harbour(site):
	frappe.set_user("Administrator")
	before = frappe.db.get_value("Agency", "DPMPTSP", "whatsapp_number")
	citizen, vessel, box = world.stocked()
	frappe.cache.delete(inbox.asked_key(f"+{NUMBER}"))
	frappe.db.commit()
	yield frappe._dict(vessel=vessel, locker=box)
	frappe.db.rollback()
	frappe.db.delete("Chat Conversation", {"number": f"+{NUMBER}"})
	frappe.db.delete("Chat Group Member")
	frappe.db.set_value("Agency", "DPMPTSP", "whatsapp_number", before)
	frappe.clear_document_cache("Agency", "DPMPTSP")
	frappe.db.commit()
	names = frappe.get_all(REQUEST, {"vessel": vessel.name}, pluck="name")
	remove_signed(names)
	remove(citizen, vessel, box, names)


def remove_signed(names: list[str]):
	for name in frappe.get_all("Signed Document", {"reference_name": ("in", names)}, pluck="name"):
		frappe.db.delete("Signed Document", {"name": name})
		for file in frappe.get_all("File", {"attached_to_name": name}, pluck="name"):
			frappe.delete_doc("File", file, force=True)


@pytest.fixture
def head(site):
	"""Renewals of SIPI are signed, by the head of the agency."""
	frappe.set_user("Administrator")
	make_person(HEAD, "Baharuddin", ("Approver",), "DPMPTSP")
	make_head()
	let_be_signed(1)
	yield HEAD
	frappe.db.rollback()
	retire()
	let_be_signed(0)


def let_be_signed(signed: int):
	frappe.db.set_value("Public Service", SERVICE, "needs_signature", signed)
	frappe.clear_document_cache("Public Service", SERVICE)
	frappe.db.commit()


@pytest.fixture
def owner(cloud, server, site):  # noqa: F811
	with job_worker(SITE):
		yield Citizen(cloud, server.url, NUMBER)


def test_from_the_message_to_the_papers_back_in_the_locker(harbour, owner, log_in):
	# The owner writes, and agrees.
	(summary,) = owner.writes("perpanjang sipi bintang laut")
	assert "KM Bintang Laut" in summary and harbour.locker.name in summary
	made = owner.taps("Setuju")
	fresh_view()
	(name,) = frappe.get_all(REQUEST, {"vessel": harbour.vessel.name}, pluck="name")
	doc = frappe.get_doc(REQUEST, name)
	assert doc.channel == "WhatsApp" and any(doc.tracking_code[:5] in text for text in made)

	# The officer takes the papers out of the locker; from there it is a quarter of an hour.
	desk = log_in(world.OFFICER)
	desk.goto(f"/app/fishing-permit-request/{name}")
	desk.wait_for_selector(".sinjai-papers li")
	shoot(desk, "story-1-arrived")
	act(desk, stages.CHECKING)
	reached(desk, stages.CHECKING)
	desk.click("button:has-text('Ambil berkas dari loker')")
	desk.wait_for_selector("button:has-text('Kembalikan berkas')")
	settle(desk)
	shoot(desk, "story-2-papers-in-hand")
	fresh_view()
	doc = frappe.get_doc(REQUEST, name)
	assert (doc.promised_at - doc.promise_starts_at).total_seconds() <= 15 * 60
	assert {world.place(row.on_file_name)[0] for row in doc.papers} == {custody.TAKEN}

	# The permit is ready, and the owner hears of it, with the line on the health protocol.
	for stage in (stages.DECIDING, stages.READY):
		act(desk, stage)
		reached(desk, stage)
	news = owner.reads("masker")
	assert any("KM Bintang Laut" in text or doc.tracking_code[:5] in text for text in news)
	settle(desk)
	shoot(desk, "story-3-ready")

	# Papers back into the locker, then the permit is handed over against an identity check.
	desk.click("button:has-text('Kembalikan berkas')")
	desk.wait_for_selector("button:has-text('Kembalikan berkas')", state="detached")
	receive(desk)
	reached(desk, stages.COMPLETED)
	settle(desk)
	shoot(desk, "story-4-completed", whole=True)
	fresh_view()
	doc = frappe.get_doc(REQUEST, name)
	assert {world.place(row.on_file_name)[0] for row in doc.papers} == {custody.IN_LOCKER}
	receipt = frappe.get_last_doc("Request Delivery", {"reference_name": name})
	assert receipt.identity_checked and receipt.receiver_name
	events = frappe.get_all("Request Event", {"reference_name": name}, pluck="label")
	assert frappe._("Papers back in the locker", "id") in events


def test_a_permit_that_has_to_be_signed_is_told_and_verified_only_then(
	harbour, head, owner, log_in, open_page
):
	owner.writes("perpanjang sipi bintang laut")
	owner.taps("Setuju")
	fresh_view()
	(name,) = frappe.get_all(REQUEST, {"vessel": harbour.vessel.name}, pluck="name")

	# The kiosk makes it as far as the signature.
	desk = log_in(world.OFFICER)
	desk.goto(f"/app/fishing-permit-request/{name}")
	desk.wait_for_selector(".sinjai-papers li")
	for stage in (stages.CHECKING, stages.DECIDING, stages.DECIDING):
		before = desk.evaluate("cur_frm.doc.workflow_state")
		act(desk, stage)
		desk.wait_for_function("before => cur_frm.doc.workflow_state !== before", arg=before)
	settle(desk)
	shoot(desk, "signed-permit-1-waiting")

	# The head takes the workflow's step, which asks for the passphrase.
	signer = log_in(head)
	signer.goto(f"/app/fishing-permit-request/{name}")
	signer.wait_for_selector(".sinjai-papers li")
	signer.click(".actions-btn-group button:visible")
	signer.click(".actions-btn-group .dropdown-item:has-text('Tanda Tangani')")
	dialog = signer.locator(".modal.show")
	dialog.locator("input[type=password]").fill(PASSPHRASE)
	settle(signer)
	shoot(signer, "signed-permit-2-passphrase")
	dialog.locator(".btn-primary").click()
	reached(signer, stages.READY)
	settle(signer)
	shoot(signer, "signed-permit-3-ready", whole=True)

	# The owner hears of it with the signed file, and whoever holds the paper verifies it.
	(news,) = owner.reads("siap diambil")
	fresh_view()
	record = frappe.get_doc("Signed Document", {"reference_name": name})
	assert record.number in news and "/salinan/" in news
	phone = open_page(PHONE, f"/verifikasi/{record.verification_code}")
	assert "Dokumen berlaku" in phone.inner_text("main") and record.number in phone.inner_text("main")
	assert_accessible(phone)
	shoot(phone, "signed-permit-4-verified", whole=True)


def test_the_kiosk_hands_the_officer_text_link_and_members(harbour, log_in):
	frappe.db.set_value("Agency", "DPMPTSP", "whatsapp_number", "081141000077")
	frappe.clear_document_cache("Agency", "DPMPTSP")
	frappe.db.commit()
	desk = log_in(world.OFFICER)
	desk.goto(f"/app/locker-kiosk/{world.KIOSK}")
	desk.click("button:has-text('Salin teks pengumuman')")
	desk.wait_for_selector(".modal.show textarea")
	assert "https://wa.me/6281141000077" in desk.input_value(".modal.show textarea")
	settle(desk)
	shoot(desk, "kiosk-1-text")
	desk.locator(".modal.show .btn-modal-close").click()
	settle(desk)
	contacts = "Nama,Nomor\nHaji Baharuddin,081241007701\nBelum Terdaftar,081241007709\nKantor,048221234\n"
	with desk.expect_file_chooser() as chooser:
		desk.click("button:has-text('Impor anggota grup')")
	file = {"name": "anggota.csv", "mimeType": "text/csv", "buffer": contacts.encode()}
	chooser.value.set_files(file)
	desk.wait_for_selector(".modal.show:has-text('anggota baru')")
	settle(desk)
	shoot(desk, "kiosk-2-members")
	desk.click("button:has-text('Tampilkan yang belum ada')")
	desk.wait_for_selector(".list-row:has-text('Belum Terdaftar')")
	settle(desk)
	assert desk.locator(".list-row:has-text('Haji Baharuddin')").count() == 0
	shoot(desk, "kiosk-3-not-on-the-register")
