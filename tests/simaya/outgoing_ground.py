"""An agency with four levels, two others, their people, and a letter on its way between them."""

from signing.ground import PASSPHRASE, upload

import frappe
from frappe.utils import nowdate

from devbench import certificates
from simaya.ground import person, remove_letters
from sinjai_services.signing import process
from sinjai_services.signing.provider import Passphrase
from sinjai_services.simaya import approval, organisation

OURS, THEIRS, OTHERS = AGENCIES = "Badan-Surat", "Kantor-Lain", "Dinas-Ketiga"
NAMES = {
	OURS: "Dinas Persuratan Uji",
	THEIRS: "Dinas Perhubungan Uji",
	OTHERS: "Dinas Pendidikan Uji",
}
FAMILIES = {OURS: "Baso", THEIRS: "Tenri", OTHERS: "Pabokori"}
# Code, superior's code, role of the holder, title, holder's first name; the holder is
# <code>@<agency>.surat.example.com.
TREE = (
	("KADIS", None, "Leader", "Kepala Dinas", "Andi Rosmini"),
	("SEKR", "KADIS", "Approver", "Sekretaris", "Sitti Aminah"),
	("TU", "SEKR", "Records Officer", "Tata Usaha", "Muhammad Yusuf"),
	("KABID", "KADIS", "Approver", "Kepala Bidang Layanan", "Hj. Nurhayati"),
	("KASI", "KABID", "Approver", "Kepala Seksi Jaringan", "Syamsuddin"),
	("STAF", "KASI", "Service Officer", "Staf Jaringan", "Rahmat"),
	("STAF2", "KASI", "Service Officer", "Staf Aplikasi", "Fitriani"),
)


def email(code: str, agency: str = OURS) -> str:
	return f"{code.lower()}@{agency.lower()}.surat.example.com"


def position(code: str, agency: str = OURS) -> str:
	return f"{agency}-{code}"


def make_people():
	"""Make agencies with their people and commit them; `remove_people` takes them back."""
	for agency in AGENCIES:
		values = {"doctype": "Agency", "abbreviation": agency, "agency_name": NAMES[agency], "active": 1}
		frappe.get_doc(values).insert()
		for code, superior, role, title, first_name in TREE:
			make_position(code, superior, title, agency)
			person(email(code, agency), (role,), agency, f"{first_name} {FAMILIES[agency]}")
			hold(position(code, agency), email(code, agency))
	frappe.db.commit()


def remove_people():
	"""Take back what make_people has committed; the users stay, switched off."""
	frappe.db.rollback()
	remove_letters(*AGENCIES)
	for doctype in ("Work Position", "Position Holder", "Letter Number", "Agenda Counter", "Signing Officer"):
		frappe.db.delete(doctype, {"agency": ("in", AGENCIES)})
	frappe.db.delete("Agency", {"name": ("in", AGENCIES)})
	for agency in AGENCIES:
		frappe.db.delete("Letter Counter", {"name": ("like", f"outgoing:{agency}:%")})
	frappe.db.set_value("User", {"name": ("like", "%.surat.example.com")}, "enabled", 0)
	organisation.forget_positions()
	frappe.db.commit()
	frappe.clear_cache()


def make_position(code: str, superior: str | None, title: str, agency: str):
	values = {
		"doctype": "Work Position",
		"agency": agency,
		"code": code,
		"position_name": title,
		"parent_work_position": superior and position(superior, agency),
		"is_group": 1,
		"is_leader": int(code == "KADIS"),
		"is_records_office": int(code == "TU"),
		"active": 1,
	}
	frappe.get_doc(values).insert()


def hold(where: str, user: str, kind: str = "Definitive", **more):
	values = {"doctype": "Position Holder", "position": where, "user": user, "kind": kind}
	values |= {"from_date": nowdate(), **more}
	holder = frappe.get_doc(values).insert(ignore_permissions=True)
	organisation.forget_positions()
	return holder


def act(user: str):
	"""Log in for what follows; the fixture `clean` logs out again."""
	frappe.set_user(user)
	organisation.forget_positions()


def draft(code: str = "STAF", agency: str = OURS, **changes):
	"""Draft a letter as the holder of a position."""
	act(email(code, agency))
	values = {
		"doctype": "Outgoing Letter",
		"kind": "Official Letter",
		"subject": "Permohonan data jaringan",
		"classification": "500.12.4",
		"drafter_position": position(code, agency),
		"signing_position": position("KADIS", agency),
		"body": "<p>Dengan hormat, mohon data jaringan kecamatan.</p>",
		"addressees": [{"channel": "Inside the System", "position": position("KADIS", THEIRS)}],
		**changes,
	}
	return frappe.get_doc(values).insert()


def submit(letter):
	act(email("STAF"))
	approval.submit(letter.name)
	return fresh(letter)


def check(letter, code: str, comment: str | None = None):
	act(email(code))
	approval.approve(letter.name, comment)
	return fresh(letter)


def checked(**changes):
	"""Return a letter that waits for its signature."""
	letter = submit(draft(**changes))
	for code in ("KASI", "KABID"):
		letter = check(letter, code)
	return letter


def fresh(letter):
	return frappe.get_doc(letter.doctype, letter.name)


def make_signer(code: str = "KADIS", agency: str = OURS):
	"""Enter the holder of a position as a signing officer with a throw-away certificate."""
	act("Administrator")
	values = {
		"doctype": "Signing Officer",
		"officer_name": frappe.get_cached_value("User", email(code, agency), "full_name"),
		"position_title": "Kepala Dinas",
		"agency": agency,
		"user": email(code, agency),
		"provider": "Local Certificate",
		"certificate": upload(certificate()),
	}
	return frappe.get_doc(values).insert()


def certificate() -> bytes:
	if not hasattr(certificate, "content"):
		certificate.content = certificates.make("Kepala Uji", PASSPHRASE).pkcs12
	return certificate.content


def sign(letter, officer):
	"""Sign as the Desk does; return the letter."""
	act(officer.user)
	doc = fresh(letter)
	terms = process.terms_of(doc)
	process.sign(
		doc, terms.print_format, officer, Passphrase(PASSPHRASE), kind=terms.kind, number=terms.number
	)
	return fresh(letter)


def signed(**changes):
	return sign(checked(**changes), make_signer())
