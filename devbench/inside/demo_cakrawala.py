"""Demo data of Cakrawala: boats, lockers with papers, an archive of requests as at Lappa, and today's work.

The archive goes straight into the tables, since walking 1,800 requests through their workflow would take a
quarter of an hour; what is open today is made through the documents like everything else.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import frappe
from frappe.utils import add_days, add_months, getdate, now_datetime

from sinjai_services import stages
from sinjai_services.cakrawala import custody, members, permits
from sinjai_services.requests.tracking import new_tracking_code

KIOSK, AGENCY, OFFICER = "LAPPA", "DPMPTSP", "petugas.ptsp@contoh.id"
REQUEST = "Fishing Permit Request"
OWNERS, BOATS, LOCKERS = 32, 40, 60
DAYS, A_DAY = 90, 20

FIRST = "Baharuddin Abdullah Syamsuddin Kamaruddin Arifuddin Jamaluddin Muhammad Abdul Andi Ramli".split()
LAST = "Rahim Karim Dg. Matasa Tuwo Latif Sakka Beddu Mappa Hamid Rauf Nur Salam".split()
HULLS = "Bintang Cahaya Sinar Putra Harapan Mutiara Samudra Bahari Nelayan Mitra".split()
SEAS = "Laut Jaya Lappa Abadi Bersama Timur Mandiri Indah".split()
GEARS = ("Purse seine", "Pancing ulur", "Jaring insang hanyut", "Bagan perahu", "Rawai dasar")
PAPERS = (
	"KTP Pemilik Kapal",
	"NPWP",
	"SIUP Perikanan",
	"Pas Besar atau Pas Kecil",
	"Surat Ukur Kapal",
	"Spesifikasi Alat Penangkapan Ikan",
	"SIPI Lama",
)
SERVICES = ("SIPI-PERPANJANGAN", "SIPI-BARU", "SIKPI", "SIUP-IKAN", "SIPI-ANDON", "RUMPON")
SHARES = (52, 22, 8, 8, 6, 4)


def load(walk: Callable, days: int = DAYS):
	"""Make everything.

	Args:
		walk: takes a request and a stage, and the workflow's action that leads there.
		days: how far back the archive goes; 0 leaves it out.
	"""
	random.seed(7307)
	kiosk()
	owners = [owner(number) for number in range(OWNERS)]
	boats = [boat(number, owners[number % OWNERS]) for number in range(BOATS)]
	lockers(owners, boats)
	group_members(owners)
	if days:
		Archive(boats).write(days)
	today(boats, walk)


def kiosk():
	doc = frappe.new_doc("Locker Kiosk")
	doc.update({"code": KIOSK, "kiosk_name": "Gerai PPI Lappa", "agency": AGENCY})
	doc.address = "PPI Lappa, Kecamatan Sinjai Utara"
	doc.append("shifts", {"officer": OFFICER, "days": "Every Day", "starts": "00:00:00", "ends": "23:59:59"})
	doc.insert()


def owner(number: int):
	doc = frappe.new_doc("Citizen")
	doc.full_name = (
		f"{'H. ' if number % 3 == 0 else ''}{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
	)
	doc.update(
		{
			"nik": f"730705{10 + number % 18:02}0671{number + 1:04}",
			"whatsapp_number": f"08124100{8100 + number}",
		}
	)
	doc.update({"village": "73.07.05.1001", "address": "Lappa", "consent": 1})
	if not frappe.db.exists("Village", doc.village):
		doc.village = frappe.get_all("Village", pluck="name", order_by="name", limit=1)[0]
	return doc.insert()


def boat(number: int, citizen):
	doc = frappe.new_doc("Fishing Vessel")
	small = number % 5 == 4
	name = f"{HULLS[number % len(HULLS)]} {SEAS[(number * 3) % len(SEAS)]} {number // 20 or ''}"
	doc.vessel_name = f"{'KMN' if small else 'KM'} {name}"
	doc.gt = round(random.uniform(2, 5) if small else random.uniform(5.5, 29), 1)
	doc.update({"citizen": citizen.name, "tanda_selar": f"GT.{int(doc.gt)} No.{201 + number}/LLa"})
	doc.update({"gear": random.choice(GEARS), "engine": f"Yanmar {random.choice((30, 60, 90, 120))} PK"})
	doc.update({"length_m": round(6 + doc.gt * 0.5, 1), "crew_size": random.randint(2, 14)})
	return doc.insert()


def lockers(owners: list, boats: list):
	"""Fill a locker for each boat; the others are free, and two are blocked."""
	for number in range(LOCKERS):
		doc = frappe.new_doc("Locker")
		doc.update({"kiosk": KIOSK, "cabinet": "ABC"[number // 20], "number": number % 20 + 1})
		if number < len(boats):
			doc.citizen = boats[number].citizen
		elif number >= LOCKERS - 2:
			doc.update({"state": "Blocked", "block_reason": "Kunci rusak"})
		doc.insert()
		if number < len(boats):
			fill(doc, boats[number], number)


def group_members(owners: list):
	"""Import the boat owners' group, as its administrator exports it; two in it own no boat here."""
	known = [f"{owner.full_name},{owner.whatsapp_number}" for owner in owners[:12]]
	others = ["Daeng Situru,081241009001", "Pak Nasir Es Balok,081241009002"]
	members.take_list(KIOSK, "\n".join(["Nama,Nomor", *known, *others]))


def fill(locker, boat, number: int):
	skipped = {1: "NPWP", 2: "Surat Ukur Kapal"}.get(number % 4)
	for slot, requirement in enumerate(PAPERS, start=1):
		if requirement == skipped:
			continue
		doc = frappe.new_doc("Locker Document")
		doc.update({"locker": locker.name, "slot": slot, "requirement": requirement})
		doc.document_number = f"{slot}{number + 1:03}/{getdate().year - 1}"
		if requirement not in ("KTP Pemilik Kapal", "NPWP"):
			doc.vessel = boat.name
			doc.update(
				{"issued_on": add_days(getdate(), -300), "expires_on": add_days(getdate(), 12 + 9 * number)}
			)
		doc.insert()


class Archive:
	"""Finished requests of the days before today, with their timelines and the ways of their papers."""

	RECORD = "name creation modified owner modified_by docstatus "
	FIELDS = (
		f"{RECORD} naming_series applicant_name service stage workflow_state promised_at promise_state"
		" agency channel tracking_code nik nik_masked nik_hash citizen whatsapp_number village address vessel"
		" vessel_name gt "
		"permit_number issued_on expires_on fee received_at stage_since finished_at near_at "
		"promise_starts_at consent consent_at promise_value promise_unit round_the_clock near_share"
	).split()
	PAPER = (
		f"{RECORD} parent parenttype parentfield idx requirement state optional "
		"on_file_doctype on_file_name on_file_note"
	).split()
	EVENT = (
		f"{RECORD} reference_doctype reference_name event stage state label at by "
		"seconds_in_previous_stage public"
	).split()
	MOVEMENT = (f"{RECORD} document event officer request at by locker agency").split()

	def __init__(self, boats: list):
		self.boats = [boat for boat in boats if boat.gt > 5]
		self.owners = {boat.citizen: frappe.get_doc("Citizen", boat.citizen) for boat in self.boats}
		self.states = {row.sinjai_stage: row for row in stages.active_workflow(REQUEST).states}
		self.services = {code: frappe.get_doc("Public Service", code) for code in SERVICES}
		self.papers = self.papers_by_boat()
		self.numbers, self.requests, self.rows, self.events, self.movements = Counter(), [], [], [], []

	def papers_by_boat(self) -> dict:
		fields = ["name", "requirement", "vessel", "citizen", "locker", "slot"]
		found = frappe.get_all("Locker Document", {"expires_on": (">", getdate())}, fields)
		found += frappe.get_all("Locker Document", {"expires_on": ("is", "not set")}, fields)
		return {
			boat.name: {
				paper.requirement: paper
				for paper in found
				if paper.citizen == boat.citizen and paper.vessel in (boat.name, None)
			}
			for boat in self.boats
		}

	def write(self, days: int):
		for back in range(days, 0, -1):
			self.day(add_days(getdate(), -back), ways=back <= 7)
		for doctype, fields, rows in (
			(REQUEST, self.FIELDS, self.requests),
			("Request Paper", self.PAPER, self.rows),
			("Request Event", self.EVENT, self.events),
			("Locker Movement", self.MOVEMENT, self.movements),
		):
			frappe.db.bulk_insert(doctype, fields, [[row.get(field) for field in fields] for row in rows])
		self.set_counters()

	def day(self, day, ways: bool):
		number = min(max(round(random.gauss(A_DAY, 4)), 8), len(self.boats))
		owners = set()
		for boat in random.sample(self.boats, number):
			# The papers of one owner are out for one request at a time.
			self.request(day, boat, ways and boat.citizen not in owners)
			owners.add(boat.citizen)

	def request(self, day, boat, ways: bool):
		received = datetime.combine(day, datetime.min.time()) + timedelta(
			minutes=random.triangular(30, 1290, 540)
		)
		service = self.services[random.choices(SERVICES, SHARES)[0]]
		self.numbers["CKW-", received.year] += 1
		name = f"CKW-{received.year}-{self.numbers['CKW-', received.year]:05}"
		in_hand = received + timedelta(minutes=random.uniform(1, 9))
		decided = in_hand + timedelta(minutes=random.uniform(2, 5))
		ready = in_hand + timedelta(minutes=random.triangular(5, 17, 11))
		done = ready + timedelta(minutes=random.triangular(5, 100, 20))
		promised = in_hand + timedelta(minutes=service.promise_value)
		end = random.choices((stages.COMPLETED, stages.REJECTED, stages.WITHDRAWN), (94, 4, 2))[0]
		course = [(stages.RECEIVED, received), (stages.CHECKING, in_hand)]
		if end == stages.COMPLETED:
			course += [(stages.DECIDING, decided), (stages.READY, ready), (end, done)]
		else:
			done = decided
			course.append((end, done))
		values = self.values(name, boat, service, received, done, end)
		values.update({"promise_starts_at": in_hand, "promised_at": promised, "near_at": promised})
		stopped = ready if end == stages.COMPLETED else done
		values["promise_state"] = "Met" if stopped <= promised else "Missed"
		if end == stages.COMPLETED:
			self.issue(values, service, ready)
		self.requests.append(values)
		self.add_papers(values, service, boat)
		self.add_events(values, course)
		if ways:
			self.add_ways(values, service, boat, in_hand, stopped)

	def values(self, name, boat, service, received, done, end) -> dict:
		owner = self.owners[boat.citizen]
		return {
			**self.record(name, received),
			"modified": done,
			"naming_series": "CKW-.YYYY.-.#####",
			"applicant_name": owner.full_name,
			"service": service.name,
			"stage": end,
			"workflow_state": self.states[end].state,
			"agency": AGENCY,
			"channel": random.choices(("WhatsApp", "Counter", "Web"), (80, 15, 5))[0],
			"tracking_code": new_tracking_code(),
			"nik": "*" * 16,
			"nik_masked": owner.nik_masked,
			"nik_hash": owner.nik_hash,
			"citizen": owner.name,
			"whatsapp_number": owner.whatsapp_number,
			"village": owner.village,
			"address": owner.address,
			"vessel": boat.name,
			"vessel_name": boat.vessel_name,
			"gt": boat.gt,
			"fee": 0,
			"received_at": received,
			"stage_since": done,
			"finished_at": done,
			"consent": 1,
			"consent_at": received,
			"promise_value": service.promise_value,
			"promise_unit": service.promise_unit,
			"round_the_clock": 1,
			"near_share": service.near_share,
		}

	def record(self, name, at) -> dict:
		return {
			"name": name,
			"creation": at,
			"modified": at,
			"owner": OFFICER,
			"modified_by": OFFICER,
			"docstatus": 0,
		}

	def issue(self, values: dict, service, ready: datetime):
		self.numbers[service.name, ready.year] += 1
		number = str(self.numbers[service.name, ready.year]).zfill(permits.DIGITS)
		text = service.permit_number_pattern.replace("{number}", number).replace("{code}", service.name)
		values["permit_number"] = text.replace("{year}", str(ready.year))
		values["issued_on"] = ready.date()
		values["expires_on"] = add_months(ready.date(), service.validity_months)

	def add_papers(self, values: dict, service, boat):
		for idx, row in enumerate(service.requirements, start=1):
			paper = self.papers[boat.name].get(row.requirement)
			self.rows.append(
				{
					**self.record(frappe.generate_hash(length=10), values["creation"]),
					"parent": values["name"],
					"parenttype": REQUEST,
					"parentfield": "papers",
					"idx": idx,
					"requirement": row.requirement,
					"optional": row.optional,
					"state": "On File" if paper else ("Missing" if row.optional else "Accepted"),
					"on_file_doctype": paper and "Locker Document",
					"on_file_name": paper and paper.name,
					"on_file_note": paper and f"Loker {paper.locker}, slot {paper.slot}",
				}
			)

	def add_events(self, values: dict, course: list):
		before = None
		for stage, at in course:
			row = self.states[stage]
			self.events.append(
				{
					**self.record(frappe.generate_hash(length=10), at),
					"reference_doctype": REQUEST,
					"reference_name": values["name"],
					"event": "Stage",
					"stage": stage,
					"state": row.state,
					"label": row.sinjai_citizen_label,
					"at": at,
					"by": OFFICER,
					"seconds_in_previous_stage": int((at - before).total_seconds()) if before else 0,
					"public": 1,
				}
			)
			before = at

	def add_ways(self, values: dict, service, boat, taken: datetime, back: datetime):
		needed = {row.requirement for row in service.requirements}
		for requirement, paper in self.papers[boat.name].items():
			if requirement not in needed:
				continue
			for event, at, holder, request in (
				("Taken", taken, OFFICER, values["name"]),
				("Returned", back, None, None),
			):
				self.movements.append(
					{
						**self.record(frappe.generate_hash(length=10), at),
						"document": paper.name,
						"event": event,
						"officer": holder,
						"request": request,
						"at": at,
						"by": OFFICER,
						"locker": paper.locker,
						"agency": AGENCY,
					}
				)

	def set_counters(self):
		"""Let the next request and permit go on after the archive's; papers were put in before all of it."""
		series = frappe.qb.DocType("Series")
		for (kind, year), last in self.numbers.items():
			key = f"CKW-{year}-" if kind == "CKW-" else f"{REQUEST}:{kind}:{year}:"
			frappe.qb.into(series).columns("name", "current").insert(key, last).run()
		first = add_days(now_datetime(), -120)
		frappe.db.set_value("Locker Movement", {"event": "Put In"}, "at", first, update_modified=False)
		frappe.db.set_value(
			"Locker Document", {"custody": custody.IN_LOCKER}, "since", first, update_modified=False
		)


# Today -------------------------------------------------------------------------------------------------

TODAY = (
	(0, (), False),
	(1, (), False),
	(3, (stages.CHECKING,), True),
	(5, (stages.CHECKING, stages.DECIDING), True),
	(6, (stages.CHECKING, stages.DECIDING, stages.READY), True),
	(8, (stages.CHECKING, stages.WAITING), False),
	(10, (stages.CHECKING, stages.DECIDING, stages.READY, stages.COMPLETED), False),
)
"""Boat, path of stages, whether its papers are out."""


def today(boats: list, walk: Callable):
	for number, path, papers_out in TODAY:
		boat = boats[number]
		owner = frappe.get_doc("Citizen", boat.citizen)
		doc = frappe.new_doc(REQUEST)
		service = "TDKP" if boat.gt <= 5 else "SIPI-PERPANJANGAN"
		doc.update(
			{
				"service": service,
				"channel": "WhatsApp",
				"vessel": boat.name,
				"citizen": owner.name,
				"consent": 1,
			}
		)
		doc.update(
			{"applicant_name": owner.full_name, "nik": owner.get_password("nik"), "address": owner.address}
		)
		doc.update({"whatsapp_number": owner.whatsapp_number, "village": owner.village})
		doc.insert()
		if papers_out:
			for row in doc.papers:
				if row.on_file_name:
					custody.take(row.on_file_name, doc.name, OFFICER)
		for stage in path:
			doc = walk(doc, stage)
