"""What the tests of signing share; the makers themselves lie in ground.py."""

import pytest
from helpers import new_request

import frappe

from signing.ground import (
	FORM,
	PASSPHRASE,
	let_service_be_signed,
	make_officer,
	make_print_format,
	make_signer,
	retire_signer,
)
from sinjai_services.signing import process
from sinjai_services.signing.provider import Passphrase


@pytest.fixture(scope="package")
def ground(site):
	"""Make the user who signs and the print once: both take longer than most tests here."""
	frappe.set_user("Administrator")
	make_signer()
	retire_signer()
	make_print_format()
	frappe.db.commit()
	yield
	frappe.db.rollback()
	frappe.delete_doc("Print Format", FORM, force=True)
	frappe.db.commit()


@pytest.fixture
def officer(ground):
	frappe.set_user("Administrator")
	made = make_officer()
	let_service_be_signed()
	yield made
	frappe.clear_document_cache("Public Service", "KTP-EL")


@pytest.fixture
def request_to_sign(officer):
	return new_request()


@pytest.fixture
def sign(officer):
	"""Return a function that signs as the officer does, and gives back the record."""

	def sign(doc, passphrase: str = PASSPHRASE, signer=None, **terms):
		given = {"kind": "Surat Keterangan", "number": doc.name, "holder_name": doc.applicant_name, **terms}
		frappe.set_user((signer or officer).user)
		try:
			name = process.sign(doc, FORM, signer or officer, Passphrase(passphrase), **given)
		finally:
			frappe.set_user("Administrator")
		return frappe.get_doc("Signed Document", name)

	return sign


@pytest.fixture
def settings():
	"""Change settings for one test."""

	def change(**values):
		doc = frappe.get_doc("Sinjai Signing Settings")
		doc.update(values)
		doc.save()
		return doc

	yield change
	frappe.db.rollback()
	frappe.clear_document_cache("Sinjai Signing Settings", "Sinjai Signing Settings")
