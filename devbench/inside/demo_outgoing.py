"""Demo data of SIMAYA: letters that go out, one or two at every step of their way."""

import frappe

from devbench.inside.demo_letters import DUKCAPIL, KOMINFO, acting
from sinjai_services.signing import process
from sinjai_services.signing.provider import Passphrase
from sinjai_services.simaya import approval, dispatch

DRAFTER, CHECKER, SIGNER, RECORDS = "STAF-APTIKA", "KABID-APTIKA", "KADIS", "TU"
INSIDE = {"channel": dispatch.INSIDE, "position": f"{DUKCAPIL}-KADIS"}
PAPER = {"channel": dispatch.PAPER, "addressee": "Kepala Desa Alenangka", "address": "Sinjai Selatan"}

# Template, subject, addressee, how far it has come, security class.
LETTERS = [
	("Surat Dinas", "Permohonan data titik layanan internet desa", INSIDE, (), "Ordinary"),
	("Nota Dinas", "Laporan pemeliharaan pusat data", INSIDE, (), "Ordinary"),
	("Undangan Rapat", "Undangan rapat persiapan integrasi layanan", INSIDE, ("submit",), "Ordinary"),
	("Surat Edaran", "Penggunaan alamat surel resmi", INSIDE, ("submit", "return"), "Ordinary"),
	("Surat Tugas", "Surat tugas pendampingan operator desa", PAPER, ("submit", "check"), "Ordinary"),
	("Surat Dinas", "Laporan insiden keamanan sistem", INSIDE, ("submit", "check"), "Secret"),
	("Surat Dinas", "Permohonan narasumber pelatihan", INSIDE, ("submit", "check", "sign"), "Ordinary"),
	("Surat Keterangan", "Keterangan selesai magang", PAPER, ("submit", "check", "sign", "send"), "Ordinary"),
	(
		"Surat Dinas",
		"Jawaban permohonan sambungan data",
		INSIDE,
		("submit", "check", "sign", "send"),
		"Ordinary",
	),
	("Surat Dinas", "Permohonan penambahan perangkat", INSIDE, ("submit", "check", "refuse"), "Ordinary"),
]


def load(signing_officer) -> tuple[str, str, str]:
	"""Make the head a signing officer, and the letters; return the passphrase as one more log-in.

	Args:
		signing_officer: function that makes one of (log-in, name, agency); returns it and its passphrase.
	"""
	user = frappe.db.get_value("Position Holder", {"position": f"{KOMINFO}-{SIGNER}"}, "user")
	name = frappe.db.get_value("User", user, "full_name")
	officer, passphrase = signing_officer(user, name, KOMINFO)
	officer.flags.passphrase = passphrase
	for row in LETTERS:
		letter(officer, *row)
	return "Passphrase of the signature", user, passphrase


def letter(officer, template: str, subject: str, addressee: dict, path: tuple, security: str):
	with acting(KOMINFO, DRAFTER):
		doc = {"doctype": "Outgoing Letter", "template": template, "subject": subject, "security": security}
		doc |= {"drafter_position": f"{KOMINFO}-{DRAFTER}", "signing_position": f"{KOMINFO}-{SIGNER}"}
		name = frappe.get_doc({**doc, "addressees": [dict(addressee)]}).insert().name
	for step in path:
		STEPS[step](name, officer)


def submit(name: str, officer):
	with acting(KOMINFO, DRAFTER):
		approval.submit(name)


def check(name: str, officer):
	with acting(KOMINFO, CHECKER):
		approval.approve(name, "Sudah sesuai, mohon ditandatangani.")


def send_back(name: str, officer):
	with acting(KOMINFO, CHECKER):
		approval.return_to_drafter(name, "Mohon dasar hukum ditambahkan pada angka 1.")


def refuse(name: str, officer):
	with acting(KOMINFO, SIGNER):
		approval.refuse(name, "Sudah tercakup dalam anggaran perubahan.")


def sign(name: str, officer):
	with acting(KOMINFO, SIGNER):
		doc = frappe.get_doc("Outgoing Letter", name)
		terms = process.terms_of(doc)
		secret = Passphrase(officer.flags.passphrase)
		process.sign(doc, terms.print_format, officer, secret, kind=terms.kind, number=terms.number)


def send(name: str, officer):
	with acting(KOMINFO, RECORDS):
		dispatch.send(name)


STEPS = {"submit": submit, "check": check, "return": send_back, "refuse": refuse, "sign": sign, "send": send}
