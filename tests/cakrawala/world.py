"""A kiosk with lockers, owners with boats, and their papers, for the tests of Cakrawala."""

import frappe
from frappe.utils import add_days, getdate

from sinjai_services.cakrawala import custody

OFFICER = "petugas.lain@example.com"
"""Works for DPMPTSP."""

STRANGER = "petugas.uji@example.com"
"""Works for Disdukcapil."""

NIK = "7307011508800011"
KIOSK = "LAPPA"
RENEWAL_PAPERS = (
	"KTP Pemilik Kapal",
	"SIUP Perikanan",
	"SIPI Lama",
	"Pas Besar atau Pas Kecil",
	"Surat Ukur Kapal",
	"Spesifikasi Alat Penangkapan Ikan",
)


def in_days(days: int):
	return add_days(getdate(), days)


def kiosk(code=KIOSK, **values):
	if frappe.db.exists("Locker Kiosk", code):
		return frappe.get_doc("Locker Kiosk", code)
	doc = {"doctype": "Locker Kiosk", "code": code, "kiosk_name": "Gerai PPI Lappa", "agency": "DPMPTSP"}
	return frappe.get_doc({**doc, **values}).insert()


def owner(nik=NIK, name="Haji Baharuddin", number="081241007701", **values):
	doc = {"doctype": "Citizen", "full_name": name, "nik": nik, "whatsapp_number": number, "consent": 1}
	return frappe.get_doc({**doc, "village": "73.07.01.1001", **values}).insert()


def boat(citizen, name="KM Bintang Laut", gt=12, **values):
	kiosk()
	doc = {"doctype": "Fishing Vessel", "vessel_name": name, "gt": gt, "citizen": citizen.name}
	return frappe.get_doc({**doc, **values}).insert()


def locker(citizen=None, number=1, cabinet="A", **values):
	kiosk()
	doc = {"doctype": "Locker", "kiosk": KIOSK, "cabinet": cabinet, "number": number}
	return frappe.get_doc({**doc, "citizen": citizen and citizen.name, **values}).insert()


def paper(locker, slot=1, requirement="KTP Pemilik Kapal", **values):
	doc = {"doctype": "Locker Document", "locker": locker.name, "slot": slot, "requirement": requirement}
	return frappe.get_doc({**doc, **values}).insert()


def stocked(name="KM Bintang Laut", gt=12, papers=RENEWAL_PAPERS, **boat_values):
	"""Make an owner with a boat and a locker that holds `papers`; return (owner, boat, locker)."""
	citizen = owner()
	vessel = boat(citizen, name, gt, **boat_values)
	box = locker(citizen)
	for slot, requirement in enumerate(papers, start=1):
		paper(box, slot, requirement, expires_on=in_days(365))
	return citizen, vessel, box


def request(vessel=None, **changes):
	values = {
		"doctype": "Fishing Permit Request",
		"service": "SIPI-PERPANJANGAN",
		"channel": "Counter",
		"applicant_name": "Haji Baharuddin",
		"nik": NIK,
		"whatsapp_number": "081241007701",
		"village": "73.07.01.1001",
		"vessel": vessel and vessel.name,
		"consent": 1,
	}
	return frappe.get_doc({**values, **changes}).insert()


def movements(document: str) -> list:
	return frappe.get_all(
		"Locker Movement",
		{"document": document},
		["event", "officer", "request", "at"],
		order_by="at asc, creation asc",
	)


def place(document: str) -> tuple:
	return frappe.db.get_value("Locker Document", document, ("custody", "held_by", "taken_for"))


def place_by_movements(document: str) -> tuple:
	"""Return where the record of a paper says it is, in the words of its custody fields."""
	last = movements(document)[-1]
	return custody.AFTER[last.event], last.officer, last.request
