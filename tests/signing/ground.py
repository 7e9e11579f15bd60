"""A service that is signed, an officer with a throw-away certificate, a print with a place for the stamp."""

import functools

import frappe

from devbench import certificates

PASSPHRASE = "Sandi-Tanda-Tangan-7307"
SIGNER = "penanda.tangan.uji@example.com"
FORM = "Surat Keterangan Uji"
NAME = "Dr. Hj. Andi Rahma, S.H., M.Si."
HTML = """{% autoescape true %}<div>
<h1>Surat Keterangan</h1><p>Nomor: {{ doc.name }}</p><p>Atas nama {{ doc.applicant_name }}</p>
<p>Periksa keaslian di {{ verification_url(doc) }}</p>
<div style="margin: 40mm 0 0 80mm">{{ signature_stamp(doc) }}</div>
</div>{% endautoescape %}"""


@functools.cache
def officer_certificate(passphrase: str = PASSPHRASE):
	return certificates.make(NAME, passphrase)


def make_signer(agency: str = "Disdukcapil", email: str = SIGNER):
	"""Make the user who signs, once."""
	if not frappe.db.exists("User", email):
		user = frappe.get_doc({"doctype": "User", "email": email, "first_name": "Rahma", "language": "id"})
		user.update({"send_welcome_email": 0})
		user.set("roles", [{"role": "Approver"}])
		user.insert()
		permission = {"doctype": "User Permission", "user": email, "allow": "Agency", "for_value": agency}
		frappe.get_doc(permission).insert()
	frappe.db.set_value("User", email, "enabled", 1)
	return email


def retire_signer():
	"""Switch the user off again where a test had to commit it: other tests count an agency's approvers."""
	frappe.db.set_value("User", SIGNER, "enabled", 0)


def make_officer(content: bytes | None = None, **changes):
	values = {
		"doctype": "Signing Officer",
		"officer_name": NAME,
		"position_title": "Kepala Dinas Kependudukan dan Pencatatan Sipil",
		"nip": "197001011995032001",
		"agency": "Disdukcapil",
		"user": make_signer(),
		"provider": "Local Certificate",
		**changes,
	}
	if values["provider"] == "Local Certificate" and "certificate" not in values:
		values["certificate"] = upload(content or officer_certificate().pkcs12)
	return frappe.get_doc(values).insert()


def upload(content: bytes, is_private: int = 1) -> str:
	name = f"sertifikat-{frappe.generate_hash(length=8)}.p12"
	file = {"doctype": "File", "file_name": name, "is_private": is_private, "content": content}
	return frappe.get_doc(file).insert().file_url


def make_print_format():
	if not frappe.db.exists("Print Format", FORM):
		form = {
			"doctype": "Print Format",
			"name": FORM,
			"doc_type": "Civil Document Request",
			"standard": "No",
		}
		form |= {"custom_format": 1, "print_format_type": "Jinja", "html": HTML, "disabled": 0}
		frappe.get_doc(form).insert()
	return FORM


def let_service_be_signed(service: str = "KTP-EL"):
	frappe.db.set_value(
		"Public Service",
		service,
		{"needs_signature": 1, "print_format": FORM, "validity_months": 12, "product": "Surat Keterangan"},
	)
	frappe.clear_document_cache("Public Service", service)
