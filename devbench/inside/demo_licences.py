"""Licences of the demo: applications in all stages, decided and signed by the people of the demo."""

import frappe
from frappe.model.workflow import apply_workflow, get_transitions

from sinjai_services import stages
from sinjai_services.requests import moves
from sinjai_services.signing import process
from sinjai_services.signing.provider import Passphrase

TECHNICAL, APPROVER = "teknis.ptsp@contoh.id", "kabid.ptsp@contoh.id"
HEAD = "pejabat.ptsp@contoh.id"

# How far it has come after the papers were found complete.
RECOMMENDED, APPROVED, SIGNED, DONE = range(1, 5)
# Applicant, service, reason (index), path of stages, further steps, hours since, papers refused, purpose,
# more.
BUSINESS = {"applicant_type": "Business", "nib": "9120001234567", "npwp": "013121660091000"}
CHECKED = (stages.CHECKING,)
TO_DECIDE = (stages.CHECKING, stages.DECIDING)
IN_THE_FIELD = (stages.CHECKING, stages.FIELD_WORK)
VISITED = (*IN_THE_FIELD, stages.DECIDING)
APPLICATIONS = [
	("Nur Fadillah", "IUMK", 0, (), 0, 0.5, False, "Kios pulsa dan alat tulis", {}),
	("dr. Andi Mappatunru", "SIP", 0, CHECKED, 0, 20.0, False, "Praktik dokter umum di Klinik Pratama", {}),
	(
		"Bidan Kartini",
		"SIP",
		1,
		(stages.CHECKING, stages.WAITING),
		0,
		30.0,
		True,
		"Praktik mandiri bidan",
		{},
	),
	(
		"Muh. Ridwan",
		"REKLAME",
		0,
		IN_THE_FIELD,
		0,
		48.0,
		False,
		"Papan nama toko 2 × 3 meter",
		{**BUSINESS, "business_name": "CV Sinar Bulupoddo"},
	),
	("Hj. Marwah", "PBG", 0, IN_THE_FIELD, 0, 70.0, False, "Rumah tinggal dua lantai, 8 × 12 meter", {}),
	("Ahmad Fauzan", "PENELITIAN", 0, TO_DECIDE, 0, 8.0, False, "Skripsi tentang budidaya rumput laut", {}),
	(
		"Apt. Suriani",
		"APOTEK",
		0,
		VISITED,
		RECOMMENDED,
		90.0,
		False,
		"Apotek di Jalan Jenderal Sudirman",
		{**BUSINESS, "business_name": "Apotek Sehat Bersama"},
	),
	("Dewi Lestari", "PENELITIAN", 0, TO_DECIDE, APPROVED, 12.0, False, "Tesis tentang layanan desa", {}),
	("Ns. Baharuddin", "SIP", 0, TO_DECIDE, APPROVED, 26.0, False, "Praktik perawat di Puskesmas", {}),
	("Rahmawati", "IUMK", 0, TO_DECIDE, SIGNED, 10.0, False, "Warung makan", {"handover_method": "Digital"}),
	("Abdul Kadir", "IUMK", 0, TO_DECIDE, DONE, 60.0, False, "Bengkel sepeda motor", {}),
]


def load(request, complete, date_back, passphrase: str):
	"""Make the applications.

	Args:
		request: sends one through the public form and walks it; demo_data.request.
		complete: hands a finished one over at the counter.
		date_back: moves it into the past, by hours.
		passphrase: of the head's certificate.
	"""
	for number, row in enumerate(APPLICATIONS, 40):
		name, code, reason, path, further, hours, refused, purpose, more = row
		typed = {
			"purpose": purpose,
			"applicant_type": "Person",
			"latitude": "-5.1245",
			"longitude": "120.253",
		}
		doc = request(number, name, code, reason, path, 0, refused, **{**typed, **more})
		doc = decide(doc, further, passphrase)
		if further == DONE:
			complete(doc, stages.COMPLETED)
		date_back(frappe.get_doc(doc.doctype, doc.name), hours)


def decide(doc, further: int, passphrase: str):
	"""Recommend, approve and sign as far as wanted, each by somebody else."""
	if further >= RECOMMENDED:
		recommendation = {"recommendation": "Grant", "recommendation_note": "Berkas lengkap dan sesuai."}
		doc = act(TECHNICAL, doc, moves.RECOMMENDED, **recommendation)
	if further >= APPROVED:
		doc = act(APPROVER, doc, moves.APPROVED)
	if further >= SIGNED:
		frappe.set_user(HEAD)
		officer = frappe.db.get_value("Signing Officer", {"user": HEAD})
		process.sign_many(doc.doctype, [doc.name], officer, Passphrase(passphrase))
		frappe.set_user("Administrator")
	return frappe.get_doc(doc.doctype, doc.name)


def act(user: str, doc, trigger: str, **values):
	frappe.set_user(user)
	try:
		doc = frappe.get_doc(doc.doctype, doc.name)
		if values:
			doc.update(values)
			doc.save()
		way = next(row for row in get_transitions(doc) if row.sinjai_trigger == trigger)
		return apply_workflow(doc, way.action)
	finally:
		frappe.set_user("Administrator")
