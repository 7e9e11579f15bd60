"""What leaves the kiosk on paper."""

from io import BytesIO
from urllib.parse import unquote

import pytest
from conftest import ARTEFACTS
from pypdf import PdfReader

import frappe
from frappe.utils import getdate

from cakrawala import world
from cakrawala.test_requests import to_ready
from sinjai_services.printing import qr_svg, render_pdf, tracking_code
from sinjai_services.requests import handover


def printed(doc, form: str) -> tuple[str, int]:
	"""Return the text of a print and how many pages it has; the PDF is kept to be looked at."""
	pdf = render_pdf(doc.doctype, doc.name, print_format=form)
	(ARTEFACTS / f"print-{frappe.scrub(form)}.pdf").write_bytes(pdf)
	pages = PdfReader(BytesIO(pdf)).pages
	return " ".join(" ".join(page.extract_text() for page in pages).split()), len(pages)


SIZES = {"TDKP": 4}


@pytest.mark.parametrize(
	"service", ["SIUP-IKAN", "SIPI-BARU", "SIPI-PERPANJANGAN", "SIKPI", "SIPI-ANDON", "TDKP", "RUMPON"]
)
def test_one_layout_serves_every_permit(service):
	_owner, vessel, _box = world.stocked(gt=SIZES.get(service, 12.5), tanda_selar="GT.12 No.7/LLa")
	doc = world.request(vessel, service=service)
	text, _pages = printed(doc, "Izin Perikanan")
	assert "BELUM DITERBITKAN" in text
	doc = to_ready(doc)
	text, pages = printed(doc, "Izin Perikanan")
	assert pages == 1
	assert "BELUM DITERBITKAN" not in text
	title = frappe.db.get_value("Public Service", service, "permit_title")
	for words in (
		title,
		doc.permit_number,
		"KM Bintang Laut",
		"GT.12 No.7/LLa",
		"Haji Baharuddin",
		str(getdate().year + 1),
	):
		assert words in text or (words == str(getdate().year + 1) and doc.expires_on)
	assert world.NIK not in text
	assert "{{" not in text


def test_a_permit_that_is_signed_electronically_has_the_stamps_place_and_other_permits_the_tracking_code():
	_owner, vessel, _box = world.stocked()
	doc = to_ready(world.request(vessel))
	text, _pages = printed(doc, "Izin Perikanan")
	assert tracking_code(doc) in text and "Draf" not in text
	frappe.db.set_value("Public Service", doc.service, "needs_signature", 1)
	frappe.clear_document_cache("Public Service", doc.service)
	text, pages = printed(doc, "Izin Perikanan")
	assert "Draf. Belum ditandatangani." in text and tracking_code(doc) not in text and pages == 1
	terms = doc.signing_terms()
	assert (terms.number, terms.valid_until) == (doc.permit_number, doc.expires_on)
	frappe.db.rollback()
	frappe.clear_document_cache("Public Service", doc.service)


def test_the_receipt_names_who_has_collected_the_permit():
	_owner, vessel, _box = world.stocked()
	doc = to_ready(world.request(vessel))
	text, _pages = printed(doc, "Tanda Terima Pengambilan Izin")
	assert "Akan diserahkan" in text and "Ambo Tuo" not in text
	handover.at_counter(
		doc.doctype,
		doc.name,
		receiver_name="Ambo Tuo",
		relation="Son or Daughter",
		power_of_attorney="Surat kuasa tanggal hari ini",
		identity_checked=True,
		identity_document="KTP",
	)
	doc.reload()
	text, pages = printed(doc, "Tanda Terima Pengambilan Izin")
	assert "Telah diserahkan" in text and "Ambo Tuo" in text and "Anak" in text and pages == 1


def test_the_receipt_of_collection_has_the_health_protocol_unless_switched_off():
	_owner, vessel, _box = world.stocked()
	doc = to_ready(world.request(vessel))
	text, pages = printed(doc, "Tanda Terima Pengambilan Izin")
	assert "masker" in text and doc.permit_number in text and pages == 1
	settings = frappe.get_doc("Cakrawala Settings")
	settings.health_protocol = 0
	settings.save()
	assert "masker" not in printed(doc, "Tanda Terima Pengambilan Izin")[0]


def test_label_sheets_hold_many_lockers_a_page():
	world.kiosk()
	for number in range(1, 31):
		world.locker(number=number)
	text, pages = printed(world.kiosk(), "Label Loker")
	assert pages == 2
	assert "A-01" in text and "A-30" in text


def test_the_content_list_says_where_each_paper_is():
	_owner, _vessel, box = world.stocked()
	text, _pages = printed(box, "Daftar Isi Loker")
	assert "Surat Ukur Kapal" in text and "Haji Baharuddin" in text
	assert "belum memiliki" not in text


def test_a_locker_label_is_a_code_that_phones_read():
	"""A Micro QR code, as short texts become by themselves, has one corner mark, and no phone reads it."""
	label = unquote(str(qr_svg("P2W8F2BFPA", 24)))
	assert "width='21' height='21'" in label
