"""What anybody learns at /verifikasi: by code, by file, and what nobody learns there."""

import io
import statistics
import subprocess
import time
import zlib
from tempfile import NamedTemporaryFile
from urllib.parse import quote

import pikepdf
import pytest
from bs4 import BeautifulSoup
from helpers import pdf, visit
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from werkzeug.wrappers import Request, Response

import frappe
from frappe.utils import add_days, nowdate

from devbench import certificates
from signing.ground import NAME
from sinjai_services.identity import mask_name
from sinjai_services.signing import inspection, records, verification
from sinjai_services.www.verifikasi import keep_out_of_caches


@pytest.fixture
def record(request_to_sign, sign):
	return sign(request_to_sign, valid_until=add_days(nowdate(), 30))


@pytest.fixture
def content(record):
	return records.content_of(record)


def answer(path: str, file: bytes | None = None, **form) -> tuple[int, str]:
	"""Return status and text of the page, asked for by a guest with an English phone."""
	if file is not None:
		form["berkas"] = (io.BytesIO(file), "surat.pdf")
	response = visit(path, "POST" if form else "GET", form or None)
	frappe.local.form_dict = frappe._dict()
	main = BeautifulSoup(response.get_data(as_text=True), "html.parser").find("main")
	return response.status_code, " ".join(main.get_text(" ").split())


# By code -------------------------------------------------------------------------------------------------


def test_valid_document(record, request_to_sign):
	status, text = answer(f"/verifikasi/{record.verification_code}")
	assert status == 200
	printed = ("Surat Keterangan", record.number, NAME, record.sha256, "Dinas Kependudukan")
	assert all(said in text for said in ("Dokumen berlaku", *printed))
	assert mask_name(request_to_sign.applicant_name) in text
	for hidden in (request_to_sign.applicant_name, record.signer_nip, request_to_sign.whatsapp_number):
		assert hidden not in text


def test_code_typed_in_capitals_with_hyphens(record):
	code = record.verification_code.upper()
	assert answer(f"/verifikasi/{code[:7]}-{code[7:14]}-{code[14:]}")[0] == 200


def test_expired_document(record):
	record.db_set("valid_until", add_days(nowdate(), -1))
	assert "Masa berlaku" in answer(f"/verifikasi/{record.verification_code}")[1]


def test_revocation_shows_at_once(record):
	path = f"/verifikasi/{record.verification_code}"
	answer(path)
	record.revoke("Data pemohon keliru <script>alert(1)</script>")
	status, text = answer(path)
	assert status == 200 and "dicabut" in text and "Data pemohon keliru" in text
	assert b"<script>alert" not in visit(path).get_data()


def test_codes_are_long_random_and_without_look_alikes():
	codes = {verification.new_code() for _code in range(2000)}
	assert len(codes) == 2000
	assert len(verification.ALPHABET) ** verification.LENGTH > 2**128
	assert all(len(code) == verification.LENGTH and set(code) <= set(verification.ALPHABET) for code in codes)


UNKNOWN = "2" * 28
MALFORMED = (
	*("x", "%00", "a" * 500, "../../etc/passwd", "1' or '1'='1", "{{7*7}}", "a/b/c"),
	*("ß" * 28, "2" * 27, "2" * 29),
)


@pytest.mark.parametrize("code", MALFORMED)
def test_unknown_and_malformed_codes_get_the_same_answer(code):
	assert answer(f"/verifikasi/{quote(code)}") == answer(f"/verifikasi/{UNKNOWN}")


def test_unknown_and_malformed_codes_take_the_same_time(settings):
	settings(lookups_per_hour=1000)

	def seconds(code: str) -> float:
		taken = []
		for _round in range(15):
			start = time.perf_counter()
			verification.look_up(code)
			taken.append(time.perf_counter() - start)
		return statistics.median(taken)

	seconds("warm")
	known, malformed = seconds(UNKNOWN), seconds("x")
	assert max(known, malformed) < 5 * min(known, malformed) + 0.002


def test_codes_cannot_be_tried_one_after_another(settings, record):
	settings(lookups_per_hour=5)
	for number in range(5):
		assert answer(f"/verifikasi/{str(number + 2) * 28}")[0] == 404
	assert answer(f"/verifikasi/{record.verification_code}")[0] == 429, "also for the right one"


def test_page_is_kept_out_of_caches(record):
	response = Response()
	keep_out_of_caches(response, Request.from_values(f"/verifikasi/{record.verification_code}"))
	assert response.headers["Cache-Control"] == "no-store"
	visit(f"/verifikasi/{record.verification_code}")
	assert not frappe.cache.hget("website_page", f"verifikasi/{record.verification_code}")
	assert not frappe.cache.hget("website_page", "verifikasi")


def test_page_without_a_code_offers_the_upload():
	status, text = answer("/verifikasi")
	assert status == 200 and "Berkas PDF" in text


# By file -------------------------------------------------------------------------------------------------


def changed_bytes(content: bytes) -> bytes:
	"""Change one byte of the page, well within what is signed."""
	place = content.index(b"stream") + 40
	return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def changed_later(content: bytes) -> bytes:
	"""Append another revision, as editors do: the first signature stays mathematically whole."""
	writer = IncrementalPdfFileWriter(io.BytesIO(content))
	page = writer.root["/Pages"]["/Kids"][0]
	page["/Rotate"] = NumberObject(180)
	writer.update_container(page)
	out = io.BytesIO()
	writer.write(out)
	return out.getvalue()


def page_appended(content: bytes) -> bytes:
	out = io.BytesIO()
	with pikepdf.open(io.BytesIO(content)) as document:
		document.add_blank_page()
		document.save(out)
	return out.getvalue()


def junk_appended(content: bytes) -> bytes:
	return content + b"\n% nothing but a comment\n"


def cut_off(content: bytes) -> bytes:
	return content[:-20]


TAMPERINGS = (changed_bytes, changed_later, page_appended, junk_appended, cut_off)


def test_the_file_itself_is_genuine(content, record):
	assert verification.judge(content).record.name == record.name
	status, text = answer("/verifikasi", content)
	assert status == 200 and "Asli" in text and record.number in text and "Dokumen berlaku" in text


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_tampered_file_is_called_changed(content, record, tamper):
	verdict = verification.judge(tamper(content))
	assert (verdict.outcome, verdict.record.name) == (verification.ALTERED, record.name)


@pytest.mark.parametrize("tamper", (changed_bytes, changed_later, page_appended))
def test_tampered_file_is_refused_by_pyhanko_and_by_an_independent_tool(content, tamper, tmp_path):
	tampered = tamper(content)
	assert not any(signature["sound"] for signature in inspection.inspect(tampered).get("signatures", []))
	file = tmp_path / "tampered.pdf"
	file.write_bytes(tampered)
	said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True).stdout
	assert not ("Signature is Valid" in said and "Total document signed" in said)


def test_page_says_changed_and_nothing_of_genuine(content):
	_status, text = answer("/verifikasi", changed_later(content))
	assert "Diubah setelah ditandatangani" in text
	assert "Asli" not in text


def signed_by_a_stranger(content: bytes) -> bytes:
	with NamedTemporaryFile(suffix=".p12") as file:
		file.write(certificates.make(NAME, "x").pkcs12)
		file.flush()
		signer = signers.SimpleSigner.load_pkcs12(file.name, passphrase=b"x")
	metadata = signers.PdfSignatureMetadata(field_name="X", subfilter=fields.SigSeedSubFilter.PADES)
	return signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), metadata, signer=signer).getvalue()


def test_soundly_signed_by_somebody_else_is_not_ours():
	forged = signed_by_a_stranger(pdf())
	assert verification.judge(forged).outcome == verification.NOT_OURS
	assert "Bukan dokumen kami" in answer("/verifikasi", forged)[1]


def test_our_signature_pasted_into_another_file_is_no_genuine_document(content):
	start = content.index(b"/Contents <")
	signature = content[start : content.index(b">", start) + 1]
	assert verification.judge(pdf() + signature).outcome == verification.ALTERED


def bomb() -> bytes:
	"""A PDF whose object stream unpacks to 1 GB."""
	packer = zlib.compressobj(9)
	packed = b"".join(packer.compress(bytes(1024 * 1024)) for _part in range(1024)) + packer.flush()
	head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
	xref = b"2 0 obj\n<</Type/XRef/Size 3/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
	tail = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF"
	return head + xref % len(packed) + packed + tail % len(head)


HOSTILE = {
	"empty": lambda: b"",
	"picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(100),
	"head only": lambda: b"%PDF-1.7",
	"encrypted": lambda: pdf(encryption=pikepdf.Encryption(owner="a", user="b")),
	"bomb": bomb,
	"endless": lambda: b"%PDF-1.7\n" + b"1 0 obj<</Prev 9>>" * 100_000 + b"startxref\n9\n%%EOF",
	"deep": lambda: b"%PDF-1.7\n1 0 obj" + b"[" * 200_000 + b"\nendobj\nstartxref\n9\n%%EOF",
	"unsigned": lambda: pdf(3),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_file_is_answered_in_time(kind):
	file = HOSTILE[kind]()
	start = time.monotonic()
	status, text = answer("/verifikasi", file)
	assert status == 200 and "Bukan dokumen kami" in text
	assert time.monotonic() - start < inspection.SECONDS + 10


def test_too_large_a_file_is_not_read_to_its_end(settings):
	settings(max_check_mb=1)

	class Endless(io.RawIOBase):
		read_bytes = 0

		def read(self, size=-1):
			assert 0 < size <= 1024 * 1024 + 1
			return bytes(size)

	assert verification.check_file(Endless()).outcome == verification.TOO_LARGE
	assert "Terlalu besar" in answer("/verifikasi", bytes(1024 * 1024 + 1))[1]


def test_files_are_limited_by_address(settings):
	settings(checks_per_hour=2)
	for _time in range(2):
		assert answer("/verifikasi", b"x")[0] == 200
	assert answer("/verifikasi", b"x")[0] == 429


def test_genuine_file_of_another_code_is_said_to_be_another(record, content, sign, request_to_sign):
	other = sign(frappe.get_doc(request_to_sign.doctype, request_to_sign.name), purpose="copy")
	assert "dokumen lain" in answer("/verifikasi", content, kode=other.verification_code)[1]
	assert "dokumen lain" not in answer("/verifikasi", content, kode=record.verification_code)[1]


def test_no_file_chosen():
	status, text = answer("/verifikasi", kode=UNKNOWN)
	assert status == 200 and "Pilih" in text
