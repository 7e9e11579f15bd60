"""A permit that is signed electronically: number, signature, what its code tells, what its owner hears."""

import io

import pytest
from helpers import move, visit
from jempol_sehati.ground import HEAD, at, make_head, make_person
from pypdf import PdfReader
from signing.ground import NAME, PASSPHRASE

import frappe
from frappe.model.workflow import get_transitions
from frappe.utils import add_months, getdate

from cakrawala import world
from sinjai_services import stages
from sinjai_services.requests import moves
from sinjai_services.signing import process, records
from sinjai_services.signing.errors import NotSignedYet, SigningRefused
from sinjai_services.signing.provider import Passphrase

SERVICE = "SIPI-PERPANJANGAN"


@pytest.fixture
def head():
	"""Let the head of the agency sign renewals of SIPI."""
	make_person(HEAD, "Baharuddin", ("Approver",), "DPMPTSP")
	officer = make_head()
	frappe.db.set_value("Public Service", SERVICE, "needs_signature", 1)
	frappe.clear_document_cache("Public Service", SERVICE)
	yield officer
	frappe.db.rollback()
	frappe.clear_document_cache("Public Service", SERVICE)


@pytest.fixture
def waiting(head):
	"""Return a request whose permit waits for the signature."""
	_owner, vessel, _box = world.stocked()
	return at(world.OFFICER, lambda: to_the_signature(world.request(vessel)))


def to_the_signature(doc):
	for stage in (stages.CHECKING, stages.DECIDING, stages.DECIDING):
		doc = move(doc, stage)
	return doc


def sign(doc, officer, passphrase: str = PASSPHRASE) -> dict:
	"""Sign as the head does from the list."""
	secret = Passphrase(passphrase)
	(row,) = at(HEAD, lambda: process.sign_many(doc.doctype, [doc.name], officer.name, secret))
	doc.reload()
	return row


def told(doc) -> list[str]:
	rows = {"reference_doctype": doc.doctype, "reference_name": doc.name, "direction": "Outgoing"}
	return frappe.get_all("Chat Message", rows, pluck="text", order_by="creation")


def test_a_signed_permit_is_ready_verified_by_its_code_and_its_owner_is_told(waiting, head):
	assert (waiting.stage, waiting.permit_number) == (stages.DECIDING, None)
	assert not any("siap diambil" in text for text in told(waiting))
	row = sign(waiting, head)
	assert row["error"] is None
	assert waiting.stage == stages.READY and waiting.permit_number
	assert (waiting.issued_on, waiting.expires_on) == (getdate(), add_months(getdate(), 12))

	record = frappe.get_doc("Signed Document", row["signed_document"])
	assert (record.number, record.valid_until) == (waiting.permit_number, waiting.expires_on)
	pages = PdfReader(io.BytesIO(records.content_of(record))).pages
	text = " ".join(pages[0].extract_text().split())
	assert len(pages) == 1 and NAME in text and waiting.permit_number in text
	assert "KM Bintang Laut" in text and "Draf" not in text and "BELUM DITERBITKAN" not in text

	page = visit(f"/verifikasi/{record.verification_code}", "GET").get_data(as_text=True)
	frappe.local.form_dict = frappe._dict()
	assert "Dokumen berlaku" in page and waiting.permit_number in page
	assert waiting.applicant_name not in page and world.NIK not in page

	(news,) = [text for text in told(waiting) if "siap diambil" in text]
	assert waiting.permit_number in news and "/salinan/" in news


def test_the_kiosk_cannot_make_a_permit_ready_that_has_to_be_signed(waiting):
	officers_ways = at(world.OFFICER, lambda: [way.action for way in get_transitions(waiting)])
	assert "Tanda Tangani" not in officers_ways
	with pytest.raises((NotSignedYet, frappe.PermissionError)):
		at(HEAD, lambda: move(waiting, stages.READY))
	waiting.reload()
	assert (waiting.stage, waiting.permit_number) == (stages.DECIDING, None)


def test_a_signature_that_fails_gives_the_number_back(waiting, head):
	assert sign(waiting, head, "salah")["error"]
	assert (waiting.stage, waiting.permit_number) == (stages.DECIDING, None)
	first = sign(waiting, head) and waiting.permit_number
	other = at(
		world.OFFICER,
		lambda: to_the_signature(world.request(frappe.get_doc("Fishing Vessel", waiting.vessel))),
	)
	sign(other, head)
	serial = [int(number.split("/")[1]) for number in (first, other.permit_number)]
	assert serial[1] == serial[0] + 1


def test_a_permit_without_a_boat_is_not_signed(head):
	world.stocked()
	doc = at(
		world.OFFICER,
		lambda: to_the_signature(world.request(None, vessel_text="KM Tidak Ada", channel="Web")),
	)
	assert "kapal" in sign(doc, head)["error"].lower()
	with pytest.raises(SigningRefused):
		at(HEAD, lambda: process.check_may_sign(doc, head))


def test_the_head_sends_a_permit_back_instead_of_signing_it(waiting, head):
	back = next(
		way.action for way in at(HEAD, lambda: get_transitions(waiting)) if way.sinjai_trigger != moves.SIGNED
	)
	doc = at(HEAD, lambda: frappe.model.workflow.apply_workflow(waiting, back))
	assert doc.stage == stages.DECIDING
	with pytest.raises(SigningRefused):
		at(HEAD, lambda: process.check_may_sign(doc, head))


def test_other_permits_are_ready_without_a_signature(head):
	_owner, vessel, _box = world.stocked()
	doc = at(world.OFFICER, lambda: world.request(vessel, service="SIKPI"))
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY):
		doc = at(world.OFFICER, lambda doc=doc, stage=stage: move(doc, stage))
	assert doc.permit_number and "/salinan/" not in told(doc)[-1]
