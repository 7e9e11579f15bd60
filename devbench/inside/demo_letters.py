"""Demo data of SIMAYA: the organisation of two agencies, and letters that are on their way through it."""

from contextlib import contextmanager
from datetime import timedelta

import frappe
from frappe.utils import add_days, now_datetime, nowdate

from sinjai_services.simaya import custody, dispositions, organisation

KOMINFO, DUKCAPIL = "Diskominfo-SP", "Disdukcapil"

# Agency, code, position, superior's code, who holds it (log-in, name, role).
POSITIONS = [
	(KOMINFO, "KADIS", "Kepala Dinas", None, ("pimpinan.kominfo@contoh.id", "Kepala Dinas", "Leader")),
	(
		KOMINFO,
		"SEKDIS",
		"Sekretaris Dinas",
		"KADIS",
		("sekretaris.kominfo@contoh.id", "Muh. Saleh", "Approver"),
	),
	(
		KOMINFO,
		"TU",
		"Subbagian Umum dan Kepegawaian",
		"SEKDIS",
		("tatausaha.kominfo@contoh.id", "Nur Tata Usaha", "Records Officer"),
	),
	(
		KOMINFO,
		"KABID-IKP",
		"Kepala Bidang Informasi dan Komunikasi Publik",
		"KADIS",
		("kabid.ikp@contoh.id", "Andi Rini", "Service Officer"),
	),
	(
		KOMINFO,
		"KABID-APTIKA",
		"Kepala Bidang Aplikasi Informatika",
		"KADIS",
		("kabid.aptika@contoh.id", "Ahmad Fauzi", "Service Officer"),
	),
	(
		KOMINFO,
		"KABID-SANDI",
		"Kepala Bidang Persandian",
		"KADIS",
		("kabid.sandi@contoh.id", "Hasnawati", "Service Officer"),
	),
	(
		KOMINFO,
		"STAF-APTIKA",
		"Pranata Komputer",
		"KABID-APTIKA",
		("staf.aptika@contoh.id", "Rahmat Hidayat", "Service Officer"),
	),
	(
		KOMINFO,
		"STAF-IKP",
		"Pranata Humas",
		"KABID-IKP",
		("staf.ikp@contoh.id", "Sri Wahyuni", "Service Officer"),
	),
	(DUKCAPIL, "KADIS", "Kepala Dinas", None, ("pimpinan.dukcapil@contoh.id", "Drs. Akbar", "Leader")),
	(
		DUKCAPIL,
		"SEKDIS",
		"Sekretaris Dinas",
		"KADIS",
		("pejabat.dukcapil@contoh.id", "Hj. Rahma Pejabat", "Approver"),
	),
	(
		DUKCAPIL,
		"TU",
		"Subbagian Umum",
		"SEKDIS",
		("tatausaha.dukcapil@contoh.id", "Darmawati Umum", "Records Officer"),
	),
	(
		DUKCAPIL,
		"KABID-CAPIL",
		"Kepala Bidang Pencatatan Sipil",
		"KADIS",
		("petugas.dukcapil@contoh.id", "Baso Petugas", "Service Officer"),
	),
]

UNITS = [
	(KOMINFO, "DINAS", "Dinas Komunikasi, Informatika dan Persandian", None),
	(KOMINFO, "SEKRETARIAT", "Sekretariat", "DINAS"),
	(KOMINFO, "BID-APTIKA", "Bidang Aplikasi Informatika", "DINAS"),
	(DUKCAPIL, "DINAS", "Dinas Kependudukan dan Pencatatan Sipil", None),
	(DUKCAPIL, "SEKRETARIAT", "Sekretariat", "DINAS"),
]

SENDERS = (
	"Dinas Pendidikan",
	"Inspektorat Daerah",
	"Badan Kepegawaian",
	"Kecamatan Sinjai Utara",
	"PT Telkom Sinjai",
)
SUBJECTS = (
	"Undangan rapat koordinasi SPBE",
	"Permohonan data layanan informasi publik",
	"Permintaan narasumber pelatihan",
	"Penyampaian laporan bulanan",
	"Permohonan perbaikan jaringan",
)
HOW_MANY = 25


def load(person) -> list[tuple[str, str, str]]:
	"""Make positions, people and letters; return the log-ins of people made here.

	Args:
		person: function that makes a user of (role, log-in, name, agency) and returns the log-in.
	"""
	log_ins = []
	for agency, code, name, superior in UNITS:
		unit = {"doctype": "Work Unit", "agency": agency, "code": code, "unit_name": name}
		frappe.get_doc({**unit, "superior_code": superior}).insert()
	for agency, code, name, superior, (user, full_name, role) in POSITIONS:
		if not frappe.db.exists("User", user):
			log_ins.append(person(role, user, full_name, agency))
		position = {"doctype": "Work Position", "agency": agency, "code": code, "position_name": name}
		position |= {
			"superior_code": superior,
			"is_leader": int(code == "KADIS"),
			"is_records_office": int(code == "TU"),
		}
		position = frappe.get_doc(position).insert()
		holder = {
			"doctype": "Position Holder",
			"position": position.name,
			"user": user,
			"from_date": "2026-01-01",
		}
		frappe.get_doc(holder).insert()
	for number in range(HOW_MANY):
		letter(number)
	return log_ins


@contextmanager
def acting(agency: str, code: str):
	"""Act as who holds a position: the app asks who is logged in, and demo data has nobody."""
	before = frappe.session.user
	frappe.set_user(organisation.holders_of(f"{agency}-{code}")[0])
	try:
		yield
	finally:
		frappe.set_user(before)


def letter(number: int):
	agency = DUKCAPIL if number % 5 == 4 else KOMINFO
	sender = SENDERS[number % len(SENDERS)]
	came = now_datetime() - timedelta(days=number % 9, hours=number % 5)
	with acting(agency, "TU"):
		doc = frappe.get_doc(
			{
				"doctype": "Incoming Letter",
				"agency": agency,
				"subject": SUBJECTS[(number * 3) % len(SUBJECTS)]
				+ (f" tahap {number // 5 + 1}" if number > 4 else ""),
				"sender_name": f"{sender} Kabupaten Sinjai",
				"letter_number": f"{number + 11:03d}/{40 + number}/{2026}",
				"letter_date": (came - timedelta(days=2)).date(),
				"received_at": came,
				"classification": "000.1",
				"urgency": ("Ordinary", "Urgent", "Very Urgent")[number % 7 % 3],
				"security": "Secret" if number == 7 else "Ordinary",
			}
		).insert()
	if agency == KOMINFO and number % 4:
		dispose(doc, number)


def dispose(doc, number: int):
	"""Let the head ask two or three, one of whom passes on, and one answers."""
	targets = [f"{KOMINFO}-{code}" for code in ("KABID-APTIKA", "KABID-IKP", "SEKDIS")[: 1 + number % 3]]
	due = add_days(nowdate(), number % 6)
	with acting(KOMINFO, "KADIS"):
		own = f"{KOMINFO}-KADIS"
		dispositions.dispose(
			own, targets, letter=doc.name, instructions=["Tindak lanjuti sesuai ketentuan"], due_date=due
		)
	if number % 3:
		with acting(KOMINFO, "KABID-APTIKA"):
			custody.receive(doc.label_code)
			own, below = f"{KOMINFO}-KABID-APTIKA", [f"{KOMINFO}-STAF-APTIKA"]
			dispositions.dispose(
				own, below, letter=doc.name, note="Siapkan bahan, laporkan paling lambat besok."
			)
	if number % 6 == 5:
		with acting(KOMINFO, "STAF-APTIKA"):
			task = frappe.db.get_value(
				"Letter Task", {"letter": doc.name, "position": f"{KOMINFO}-STAF-APTIKA"}
			)
			dispositions.report(task, "Bahan sudah disiapkan dan diserahkan kepada Kepala Bidang.")
