"""Signing: what comes out, who may sign what, and what is never kept."""

import io
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from fakes import tsa
from helpers import new_request, stranger_officer
from helpers import officer as desk_officer
from pypdf import PdfReader

import frappe
from frappe.utils import add_days, nowdate

from devbench import certificates
from signing.ground import FORM, NAME, PASSPHRASE, make_officer, officer_certificate, upload
from sinjai_services import limits, printing, stages
from sinjai_services.requests import moves
from sinjai_services.signing import desk, errors, process, records, verification
from sinjai_services.signing.provider import Passphrase


def pdfsig(content: bytes, tmp_path) -> str:
	"""Return what the independent tool says of a PDF."""
	file = tmp_path / "signed.pdf"
	file.write_bytes(content)
	return subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True).stdout


# What comes out ------------------------------------------------------------------------------------------


def test_signed_file_stands_before_an_independent_tool(request_to_sign, sign, tmp_path):
	record = sign(request_to_sign)
	said = pdfsig(records.content_of(record), tmp_path)
	assert "Signature is Valid" in said
	assert "Total document signed" in said
	assert "ETSI.CAdES.detached" in said
	assert NAME in said


def test_signed_file_stays_an_archive_with_the_stamp_in_it(request_to_sign, sign):
	record = sign(request_to_sign)
	reader = PdfReader(io.BytesIO(records.content_of(record)))
	metadata = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
	assert 'part="3"' in metadata or "part>3<" in metadata
	words = " ".join(reader.pages[0].extract_text().split())
	assert NAME in words and "Kepala Dinas Kependudukan" in words and "pukul" in words
	assert f"/verifikasi/{record.verification_code}" in words
	widget = reader.pages[0]["/Annots"][0].get_object()
	left, bottom, right, top = widget["/Rect"]
	assert right - left > 200 and top - bottom > 70, "the stamp can be clicked on"
	assert not widget["/AP"]["/N"].get_object().get("/Resources", {}).get("/Font"), (
		"no font that is not embedded"
	)


def test_stamp_can_be_switched_off(request_to_sign, sign, settings, tmp_path):
	settings(visible_stamp=0)
	content = records.content_of(sign(request_to_sign))
	assert "Ditandatangani secara" not in PdfReader(io.BytesIO(content)).pages[0].extract_text()
	assert "Signature is Valid" in pdfsig(content, tmp_path)


def test_ordinary_print_says_that_it_is_a_draft(request_to_sign):
	pdf = printing.render_pdf(doc=request_to_sign, print_format=FORM)
	assert "Belum ditandatangani" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_timestamp_of_an_authority(request_to_sign, sign, settings):
	with tsa.serve() as (address, _certificate):
		settings(timestamp_url=address)
		record = sign(request_to_sign)
	assert record.signature_level == "PAdES B-T"
	assert verification.judge(records.content_of(record)).outcome == verification.ORIGINAL


def test_proofs_of_validity_in_the_file(request_to_sign, sign, settings, tmp_path):
	with tsa.serve() as (address, certificate):
		settings(timestamp_url=address, long_term=1, timestamp_roots=certificate)
		record = sign(request_to_sign)
	content = records.content_of(record)
	assert record.signature_level == "PAdES B-LT"
	assert b"/DSS" in content
	assert "Signature is Valid" in pdfsig(content, tmp_path)
	assert verification.judge(content).outcome == verification.ORIGINAL


def test_authority_that_does_not_answer_leaves_the_document_unsigned(request_to_sign, sign, settings):
	settings(timestamp_url="http://127.0.0.1:9")
	with pytest.raises(errors.ProviderProblem):
		sign(request_to_sign)
	assert not frappe.db.exists("Signed Document", {"reference_name": request_to_sign.name})


# Once, and for whom --------------------------------------------------------------------------------------


def test_signing_twice_gives_the_same_record(request_to_sign, sign):
	first = sign(request_to_sign)
	assert sign(request_to_sign).name == first.name
	assert sign(frappe.get_doc(request_to_sign.doctype, request_to_sign.name)).name == first.name
	assert sign(request_to_sign, purpose="copy").name != first.name


def test_after_a_revocation_it_is_signed_anew(request_to_sign, sign):
	first = sign(request_to_sign)
	first.revoke("Nama keliru pada dokumen")
	second = sign(frappe.get_doc(request_to_sign.doctype, request_to_sign.name))
	assert second.name != first.name
	assert frappe.get_doc("Signed Document", first.name).state == "Revoked"


def test_document_that_was_changed_meanwhile_is_not_signed(request_to_sign, sign):
	stale = frappe.get_doc(request_to_sign.doctype, request_to_sign.name)
	request_to_sign.save()
	with pytest.raises(errors.DocumentChanged):
		sign(stale)


def refused(doc, officer, user: str) -> bool:
	frappe.set_user(user)
	try:
		process.check_may_sign(doc, officer)
		return False
	except errors.SigningRefused:
		return True
	finally:
		frappe.set_user("Administrator")


def test_nobody_signs_as_somebody_else(request_to_sign, officer):
	assert not refused(request_to_sign, officer, officer.user)
	for user in ("Administrator", desk_officer(), stranger_officer()):
		assert refused(request_to_sign, officer, user)


def test_nobody_signs_what_they_entered(request_to_sign, officer):
	request_to_sign.owner = officer.user
	assert refused(request_to_sign, officer, officer.user)


@pytest.mark.parametrize(
	"change",
	[{"active": 0}, {"valid_until": -1}, {"valid_from": 1}, {"agency": "DPMPTSP"}],
)
def test_officer_out_of_office_or_of_another_agency_is_refused(request_to_sign, officer, change):
	officer.update(
		{
			field: add_days(nowdate(), value) if field.startswith("valid") else value
			for field, value in change.items()
		}
	)
	officer.save()
	assert refused(request_to_sign, officer, officer.user)


def test_document_adds_its_own_rule(request_to_sign, officer, monkeypatch):
	def before_signing(doc, signer):
		raise errors.SigningRefused("Petugas pemeriksa tidak menandatangani.")

	monkeypatch.setattr(type(request_to_sign), "before_signing", before_signing, raising=False)
	assert refused(request_to_sign, officer, officer.user)


def test_signature_moves_the_request_where_the_workflow_says(request_to_sign, sign, officer):
	workflow = frappe.get_doc("Workflow", stages.active_workflow(request_to_sign.doctype).name)
	way = next(row for row in workflow.transitions if row.state == request_to_sign.workflow_state)
	way.sinjai_trigger = moves.SIGNED
	workflow.save()
	try:
		sign(request_to_sign)
		assert (
			frappe.db.get_value(request_to_sign.doctype, request_to_sign.name, "workflow_state")
			== way.next_state
		)
		another = new_request(reason="Hilang")
		another.db_set("workflow_state", way.next_state)
		another.reload()
		assert refused(another, officer, officer.user), "not a step of the signature"
	finally:
		frappe.db.rollback()
		frappe.clear_document_cache("Workflow", workflow.name)


# The passphrase ------------------------------------------------------------------------------------------


def test_wrong_passphrase_signs_nothing_and_is_limited(request_to_sign, sign):
	for _attempt in range(process.WRONG_PASSPHRASES):
		with pytest.raises(errors.WrongPassphrase):
			sign(request_to_sign, passphrase="salah")
	with pytest.raises(errors.TooManyPassphrases):
		sign(request_to_sign)
	assert not frappe.db.exists("Signed Document", {"reference_name": request_to_sign.name})


def test_passphrase_prints_nowhere():
	secret = Passphrase(PASSPHRASE)
	assert PASSPHRASE not in f"{secret} {secret!r} {vars(type(secret))}"
	import pickle

	with pytest.raises(TypeError):
		pickle.dumps(secret)


def test_passphrase_reaches_no_log_when_something_breaks(request_to_sign, officer, monkeypatch):
	def explode(*args, **kwargs):
		raise RuntimeError("broken print format")

	monkeypatch.setattr(printing, "attach_pdf", explode)
	monkeypatch.setattr(frappe.db, "rollback", lambda **options: None)
	frappe.set_user(officer.user)
	frappe.form_dict.passphrase = PASSPHRASE
	rows = desk.sign(request_to_sign.doctype, [request_to_sign.name], officer.name, PASSPHRASE)
	frappe.set_user("Administrator")
	assert rows[0]["error"] and not rows[0]["signed_document"]
	assert "passphrase" not in frappe.form_dict
	logged = frappe.get_last_doc("Error Log")
	assert "broken print format" in logged.error
	assert PASSPHRASE not in logged.error


def test_passphrase_lies_in_no_table(request_to_sign, sign):
	sign(request_to_sign)
	for table in ("Signing Officer", "Signed Document", "Error Log", "Version", "Activity Log"):
		for row in frappe.get_all(table, fields=["*"], limit=100, order_by="creation desc"):
			assert PASSPHRASE not in str(row)
	assert not frappe.db.sql("select 1 from `__Auth` where `password` like %s", f"%{PASSPHRASE}%")


# Batches -------------------------------------------------------------------------------------------------


def test_one_that_fails_does_not_stop_the_others(officer, monkeypatch):
	docs = [
		new_request(),
		new_request(reason="Hilang"),
		new_request(reason="Rusak", whatsapp_number="0812-4100-7799"),
	]
	frappe.db.set_value(docs[1].doctype, docs[1].name, "owner", officer.user)
	frappe.set_user(officer.user)
	names = [doc.name for doc in docs]
	rows = process.sign_many(docs[0].doctype, [*names, "PWA-NONE"], officer.name, Passphrase(PASSPHRASE))
	assert [bool(row["signed_document"]) for row in rows] == [True, False, True, False]
	assert all(row["error"] for row in rows if not row["signed_document"])


def test_wrong_passphrase_stops_a_batch_at_once(officer):
	docs = [new_request(), new_request(reason="Hilang")]
	frappe.set_user(officer.user)
	rows = process.sign_many(docs[0].doctype, [doc.name for doc in docs], officer.name, Passphrase("salah"))
	assert len(rows) == 1 and rows[0]["stop"]


def test_what_the_public_page_says_comes_from_the_service(request_to_sign, officer):
	frappe.set_user(officer.user)
	name = process.sign_one(
		request_to_sign.doctype, request_to_sign.name, officer.name, Passphrase(PASSPHRASE)
	)
	record = frappe.get_doc("Signed Document", name)
	assert record.kind == "Surat Keterangan" and record.number == request_to_sign.name
	assert record.valid_until and record.holder_name == request_to_sign.applicant_name


def test_service_that_is_not_signed_is_refused(request_to_sign, officer):
	frappe.db.set_value("Public Service", "KTP-EL", "needs_signature", 0)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	frappe.set_user(officer.user)
	assert desk.offer(request_to_sign.doctype, request_to_sign.name)["refusal"]
	rows = process.sign_many(
		request_to_sign.doctype, [request_to_sign.name], officer.name, Passphrase(PASSPHRASE)
	)
	assert rows[0]["error"]


# The record ----------------------------------------------------------------------------------------------


def test_record_cannot_be_changed_or_deleted(request_to_sign, sign):
	record = sign(request_to_sign)
	record.number = "lain"
	with pytest.raises(frappe.PermissionError):
		record.save()
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Signed Document", record.name, force=True)
	file = frappe.get_doc("File", {"attached_to_name": record.name})
	with pytest.raises(frappe.ValidationError):
		file.delete()


def test_revoking_takes_the_right_and_a_reason(request_to_sign, sign, officer):
	record = sign(request_to_sign)
	for user in (desk_officer(), stranger_officer()):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc("Signed Document", record.name).revoke("Alasan yang cukup panjang")
	frappe.set_user(officer.user)
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc("Signed Document", record.name).revoke(" ")
	frappe.get_doc("Signed Document", record.name).revoke("Data pemohon keliru")
	record = frappe.get_doc("Signed Document", record.name)
	assert (record.state, record.revoked_by) == ("Revoked", officer.user)
	with pytest.raises(frappe.ValidationError):
		record.revoke("Sekali lagi dicabut")


def test_another_agency_sees_neither_record_nor_file(request_to_sign, sign):
	record = sign(request_to_sign)
	file = frappe.get_doc("File", {"attached_to_name": record.name})
	for user, sees in ((desk_officer(), True), (stranger_officer(), False), ("Guest", False)):
		frappe.set_user(user)
		assert bool(frappe.has_permission("Signed Document", "read", record)) is sees
		assert bool(file.has_permission("read")) is sees
	frappe.set_user(stranger_officer())
	assert not frappe.get_list("Signed Document", {"name": record.name})


def test_sweep_removes_only_what_nothing_names(request_to_sign, sign):
	import os

	record = sign(request_to_sign)
	kept = Path(frappe.get_doc("File", {"attached_to_name": record.name}).get_full_path())
	orphan, fresh = (kept.with_name(f"{records.PREFIX}{digit * 32}.pdf") for digit in "ab")
	orphan.write_bytes(b"%PDF-")
	fresh.write_bytes(b"%PDF-")
	for path in (kept, orphan):
		os.utime(path, (1, 1))
	records.sweep()
	assert kept.exists() and fresh.exists() and not orphan.exists()
	fresh.unlink()


# Officers ------------------------------------------------------------------------------------------------


def test_certificate_of_an_officer_is_private_and_seen_by_them_alone(officer):
	url = upload(b"not a certificate at all", is_private=0)
	officer.certificate = url
	officer.save()
	assert officer.certificate.startswith("/private/files/")
	for user, sees in ((officer.user, True), (desk_officer(), False), (stranger_officer(), False)):
		frappe.set_user(user)
		assert bool(frappe.has_permission("Signing Officer", "read", officer)) is sees


def test_file_of_another_document_is_no_certificate(officer):
	file = frappe.get_doc("File", {"file_url": officer.certificate})
	with pytest.raises(frappe.ValidationError):
		make_officer(certificate=file.file_url)


def test_check_of_a_certificate(officer):
	assert not desk.check_certificate(officer.name, "salah")["usable"]
	assert desk.check_certificate(officer.name, PASSPHRASE)["usable"]
	officer.reload()
	assert NAME in officer.certificate_subject and officer.certificate_expires > frappe.utils.now_datetime()


def test_expired_or_broken_certificate_signs_nothing(request_to_sign, sign):
	long_ago = datetime.now(timezone.utc) - timedelta(days=30)
	expired = certificates.make(NAME, PASSPHRASE, days=10, starts=long_ago).pkcs12
	for content in (expired, b"rubbish", officer_certificate().pkcs12[:400]):
		with pytest.raises(errors.CertificateProblem):
			sign(request_to_sign, signer=make_officer(content))


def test_officer_needs_what_the_provider_signs_with():
	with pytest.raises(frappe.ValidationError):
		make_officer(certificate=None)
	with pytest.raises(frappe.ValidationError):
		make_officer(provider="BSrE")
	assert make_officer(provider="BSrE", active=0).name


def test_limit_is_read_without_counting():
	assert not limits.reached("trial", "x", 1)
	limits.count("trial", "x", 5, 60)
	assert limits.reached("trial", "x", 1) and not limits.reached("trial", "x", 2)
