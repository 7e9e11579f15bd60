"""Field visits of the demo: what the survey and technical teams find on their phones today.

Runs inside the bench's Python with Frappe connected to the site. Everybody and every number is made up.
"""

import frappe
from frappe.utils import add_days, nowdate

from sinjai_services import stages
from sinjai_services.requests import visits

TEAM = ["survei.ptsp@contoh.id", "teknis.ptsp@contoh.id"]
BOTH = [visits.SURVEY, visits.INSPECTION]
# Applicant, service, purpose, address, village (index), day from today, hours, what for, note, answer.
VISITS = [
	(
		"Hasanuddin Tompo",
		"REKLAME",
		"Papan nama toko bangunan 2 x 4 meter",
		"Jalan Bulu Bicara No. 3",
		0,
		0,
		("09:00", "10:30"),
		BOTH,
		"Toko di seberang pasar sentral",
		"Confirmed",
	),
	(
		"Apotek Sinar Sehat",
		"APOTEK",
		"Apotek baru di ruko dua lantai",
		"Jalan Persatuan Raya No. 88",
		0,
		0,
		("10:30", "12:00"),
		BOTH,
		"",
		"",
	),
	(
		"Baharuddin",
		"PBG",
		"Rumah tinggal dua lantai",
		"Lingkungan Tanassang, belakang masjid",
		3,
		0,
		("13:30", "15:00"),
		[visits.PICK_UP, *BOTH],
		"Berkas tanah asli dititipkan pada istrinya",
		"",
	),
	(
		"Nur Alam",
		"REKLAME",
		"Spanduk di dinding bengkel",
		"Jalan Jenderal Sudirman No. 12",
		5,
		2,
		("09:00", "11:00"),
		BOTH,
		"",
		"Sabtu pagi saja, hari kerja saya di kapal",
	),
]


def load(request):
	"""Make applications in the field and their visits.

	Args:
		request: sends one through the public form and walks it; demo_data.request.
	"""
	villages = frappe.get_all("Village", pluck="name", order_by="name")
	for number, row in enumerate(VISITS, 52):
		name, service, purpose, address, place, day, hours, kinds, note, answer = row
		typed = {"purpose": purpose, "address": address, "village": villages[place]}
		path = (stages.CHECKING, stages.FIELD_WORK)
		doc = request(number, name, service, 0, path, 3.0, False, applicant_type="Person", **typed)
		visit = visits.plan(doc.doctype, doc.name, kinds, TEAM, add_days(nowdate(), day), *hours, note=note)
		if answer == visits.CONFIRMED:
			visits.confirm(visit)
		elif answer:
			visits.ask_to_move(doc, frappe.get_doc(visits.DOCTYPE, visit), visits.WHATSAPP, answer)
