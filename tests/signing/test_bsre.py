"""Signing through BSrE, tried against a stand-in that fails in every way the real one may."""

import pytest
import requests
from fakes import bsre

import frappe

from signing.ground import make_officer
from sinjai_services.signing import desk, errors, records, verification


@pytest.fixture
def fake(settings):
	with bsre.serve() as running:
		settings(bsre_url=running.url, bsre_user=bsre.USER, bsre_password=bsre.PASSWORD, bsre_timeout=1)
		yield running


@pytest.fixture
def signer(officer):
	return make_officer(provider="BSrE", nik=bsre.NIK)


@pytest.fixture
def attempt(fake, signer, sign, request_to_sign):
	def attempt(passphrase: str = bsre.PASSPHRASE):
		return sign(request_to_sign, passphrase=passphrase, signer=signer)

	return attempt


def unsigned(doc) -> bool:
	return not frappe.db.exists("Signed Document", {"reference_name": doc.name})


def test_signed_by_bsre(attempt, fake):
	record = attempt()
	assert record.provider == "BSrE" and record.provider_document_id in fake.signed
	assert fake.forms == [
		{"nik": bsre.NIK.encode(), "passphrase": bsre.PASSPHRASE.encode(), "tampilan": b"invisible"}
	]
	assert verification.judge(records.content_of(record)).outcome == verification.ORIGINAL


def test_nik_is_masked_and_encrypted(signer):
	assert signer.nik_masked and bsre.NIK not in str(signer.as_dict())
	assert signer.get_password("nik") == bsre.NIK


def test_answer_that_breaks_off_is_fetched_again(attempt, fake):
	fake.mode = "lost"
	record = attempt()
	assert fake.asked[-1] == f"/api/sign/download/{record.provider_document_id}"
	assert len(fake.forms) == 1, "signed once, not twice"


@pytest.mark.parametrize(
	("mode", "status", "answer", "error"),
	[
		("error", 400, {"status_code": 2031, "error": "Passphrase anda salah"}, errors.WrongPassphrase),
		(
			"error",
			400,
			{"status_code": 2021, "error": "Sertifikat telah kedaluwarsa"},
			errors.CertificateProblem,
		),
		("error", 404, {"status_code": 2011, "error": "User tidak terdaftar"}, errors.CertificateProblem),
		("error", 500, {"error": "Internal Server Error"}, errors.ProviderProblem),
		("error", 418, ["odd"], errors.ProviderProblem),
		("error", 302, {}, errors.ProviderProblem),
		("silent", 0, {}, errors.ProviderProblem),
		("lost for good", 0, {}, errors.ProviderProblem),
		("nonsense", 0, {}, errors.ProviderProblem),
		("unsigned", 0, {}, errors.ProviderProblem),
	],
)
def test_every_failure_leaves_the_document_unsigned(
	attempt, fake, request_to_sign, mode, status, answer, error
):
	fake.mode, fake.status, fake.answer = mode, status, answer
	with pytest.raises(error) as refused:
		attempt()
	assert unsigned(request_to_sign)
	sentence = str(refused.value)
	assert bsre.PASSPHRASE not in sentence and bsre.NIK not in sentence and "Internal" not in sentence
	fake.mode = ""
	assert attempt().name, "the next attempt goes on cleanly"


def test_wrong_passphrase(attempt, request_to_sign):
	with pytest.raises(errors.WrongPassphrase):
		attempt(passphrase="salah")
	assert unsigned(request_to_sign)


def test_wrong_user_of_the_office(attempt, settings, fake):
	settings(bsre_password="salah")
	with pytest.raises(errors.ProviderProblem):
		attempt()


def test_bsre_out_of_reach_names_no_secret(attempt, settings):
	settings(bsre_url="http://127.0.0.1:9")
	with pytest.raises(errors.ProviderProblem) as refused:
		attempt()
	assert refused.value.__suppress_context__, "the failed request holds NIK and passphrase"


def test_without_an_address_nothing_is_sent(signer, sign, request_to_sign, monkeypatch):
	monkeypatch.setattr(
		requests.Session, "request", lambda *args, **kwargs: pytest.fail("something was sent")
	)
	with pytest.raises(errors.ProviderProblem):
		sign(request_to_sign, passphrase=bsre.PASSPHRASE, signer=signer)


@pytest.mark.parametrize(
	("status", "usable"),
	[
		("ISSUE", True),
		("EXPIRED", False),
		("REVOKE", False),
		("NOT_REGISTERED", False),
		("WHATEVER", False),
		(None, False),
	],
)
def test_state_of_the_certificate(fake, signer, status, usable):
	fake.certificate_status = {"status_code": 1111, "status": status, "message": "…"}
	found = desk.check_certificate(signer.name)
	assert found["usable"] is usable and found["text"]
	assert frappe.db.get_value("Signing Officer", signer.name, "certificate_state") == found["text"]


def test_no_log_holds_nik_or_passphrase(attempt, fake):
	fake.mode, fake.status, fake.answer = "error", 500, {"error": f"boom {bsre.NIK} {bsre.PASSPHRASE}"}
	with pytest.raises(errors.ProviderProblem):
		attempt()
	for row in frappe.get_all("Error Log", fields=["*"], order_by="creation desc", limit=5):
		assert bsre.NIK not in str(row) and bsre.PASSPHRASE not in str(row)
