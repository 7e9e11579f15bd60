"""The teams of field visits, an application that waits for one, and a phone that reports."""

import base64
import io
import json
import time

from helpers import NIK_MALE, VILLAGE, move
from PIL import ExifTags, Image, ImageDraw
from werkzeug.datastructures import FileStorage, MultiDict

import frappe
from frappe.utils import add_days, nowdate

from jempol_sehati.ground import make_person
from sinjai_services import stages
from sinjai_services.requests import visit_report, visits

AGENCY = "DPMPTSP"
DESK = "loket.kunjungan@example.com"
SURVEYOR, TECHNICIAN = "survei.kunjungan@example.com", "teknis.kunjungan@example.com"
IDLE_SURVEYOR, STRANGER = "survei.lain@example.com", "survei.dukcapil@example.com"
NUMBER = "+6281341007755"
PEOPLE = {
	DESK: (("Operator", "Service Officer"), AGENCY),
	SURVEYOR: (("Survey Team",), AGENCY),
	TECHNICIAN: (("Technical Team",), AGENCY),
	IDLE_SURVEYOR: (("Survey Team",), AGENCY),
	STRANGER: (("Survey Team",), "Disdukcapil"),
}


def make_crew():
	"""Make the people of these tests; who commits them takes them out of the lists again (`retire_crew`)."""
	for email, (roles, agency) in PEOPLE.items():
		make_person(email, email.split("@")[0].replace(".", " ").title(), roles, agency)


def retire_crew():
	for email in PEOPLE:
		frappe.db.set_value("User", email, "enabled", 0)


def application(stage: str = stages.FIELD_WORK, **changes):
	"""Return an application whose papers are accepted, in the stage of field work unless said otherwise."""
	values = {
		"doctype": "Licence Application",
		"service": "REKLAME",
		"channel": "Counter",
		"applicant_name": "Hasanuddin Tompo",
		"nik": NIK_MALE,
		"whatsapp_number": NUMBER,
		"village": VILLAGE,
		"address": "Jalan Bulu Bicara No. 3",
		"purpose": "Papan nama toko",
		"consent": 1,
		**changes,
	}
	reasons = frappe.get_cached_doc("Public Service", values["service"]).reasons()
	values.setdefault("reason", reasons[0] if reasons else None)
	doc = frappe.get_doc(values).insert()
	for row in doc.papers:
		row.state = "Accepted"
	doc.save()
	for step in (stages.CHECKING, stages.FIELD_WORK):
		if doc.stage == stage:
			break
		doc = move(doc, step)
	return frappe.get_doc(doc.doctype, doc.name)


def planned(doc=None, day: int = 0, **changes) -> str:
	"""Plan a survey with inspection for today as the front desk does; return the visit's name."""
	doc = doc or application()
	values = {
		"kinds": ["survey", "inspection"],
		"team": [SURVEYOR, TECHNICIAN],
		"date": add_days(nowdate(), day),
		"time_from": "09:00:00",
		"time_until": "11:00:00",
		**changes,
	}
	return visits.plan(doc.doctype, doc.name, **values)


def visit_of(name: str):
	return frappe.get_doc("Field Visit", name)


def request_of(name: str):
	row = visit_of(name)
	return frappe.get_doc(row.reference_doctype, row.reference_name)


def picture(colour="white", at: str | None = None, place: tuple | None = None, size=(800, 600)) -> bytes:
	"""Return a photograph; `at` as a camera writes it ("2026:11:25 10:00:00"), `place` in degrees."""
	out = io.BytesIO()
	image = Image.new("RGB", size, colour)
	exif = image.getexif()
	if at:
		exif[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: at}
	if place:
		latitude, longitude = place
		exif[ExifTags.IFD.GPSInfo] = {
			1: "S" if latitude < 0 else "N",
			2: parts(latitude),
			3: "W" if longitude < 0 else "E",
			4: parts(longitude),
		}
	image.save(out, "JPEG", exif=exif)
	return out.getvalue()


def parts(degrees: float) -> tuple[float, float, float]:
	degrees = abs(degrees)
	minutes = degrees % 1 * 60
	return (int(degrees), int(minutes), round(minutes % 1 * 60, 4))


def signature() -> str:
	sheet = Image.new("RGBA", (400, 150), (0, 0, 0, 0))
	ImageDraw.Draw(sheet).line((20, 120, 150, 20, 260, 130, 380, 40), fill=(0, 0, 0, 255), width=4)
	out = io.BytesIO()
	sheet.save(out, "PNG")
	return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


class TeamPhone:
	"""The phone of somebody who is sent to a visit.

	Args:
		slow_clock: seconds by which its clock is behind.
	"""

	def __init__(self, visit: str, user: str = SURVEYOR, slow_clock: float = 0):
		self.visit, self.user, self.slow = visit, user, slow_clock
		self.keys = 0

	def now(self) -> float:
		return (time.time() - self.slow) * 1000

	def key(self) -> str:
		self.keys += 1
		return f"{self.user}-{self.keys}-{time.time_ns()}"

	def call(self, function, **values):
		frappe.set_user(self.user)
		try:
			return function(self.visit, phone_now=self.now(), **values)
		finally:
			frappe.set_user("Administrator")

	def starts(self, ago: float = 0):
		return self.call(visit_report.start, at=self.now() - ago * 1000)

	def answers(self, base: str = "", ago: float = 0, **answers):
		"""Answer by code; a pair is (answer, note). Returns what the server says."""
		rows = []
		for code, said in answers.items():
			answer, note = said if isinstance(said, tuple) else (said, "")
			row = {"code": code, "answer": answer, "note": note, "key": self.key(), "base": base}
			rows.append({**row, "at": self.now() - ago * 1000})
		return self.call(visit_report.save, answers=json.dumps(rows))

	def takes_papers(self, *papers: str):
		rows = [{"paper": paper, "at": self.now()} for paper in papers]
		return self.call(visit_report.save, papers=json.dumps(rows))

	def sends_photo(self, code: str = "", content: bytes | None = None, key: str | None = None, **values):
		file = FileStorage(io.BytesIO(content or picture()), "photo.jpg")
		frappe.local.request = frappe._dict(files=MultiDict({"file": file}), method="POST")
		values = {"at": self.now(), "utc_offset": 480, **values}
		try:
			return self.call(visit_report.photo, key=key or self.key(), code=code, **values)
		finally:
			frappe.local.request = None

	def does_everything_asked(self):
		"""Answer and photograph whatever the checklist demands."""
		for row in visit_of(self.visit).answers:
			answer = (row.allowed_answers or "Sesuai").splitlines()[0]
			self.answers(**{row.code: answer})
			if row.photo_required:
				self.sends_photo(row.code)

	def finishes(self, key: str | None = None, **values):
		values = {
			"findings": "Papan terpasang kokoh.",
			"signature": signature(),
			"signer_name": "Hasanuddin Tompo",
			**values,
		}
		return self.call(visit_report.finish, key=key or self.key(), at=self.now(), **values)
