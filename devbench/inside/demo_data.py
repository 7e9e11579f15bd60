"""Demo data: people for every role, and requests that show work the moment the Desk is opened.

Runs inside the bench's Python with Frappe connected to the site. Everybody and every number is made up.
"""

import io
import random
import secrets
from datetime import timedelta

from PIL import Image, ImageDraw

import frappe
from frappe.model.workflow import apply_workflow, get_transitions
from frappe.utils import add_days, now_datetime, nowdate

from devbench import certificates
from devbench.inside import demo_cakrawala, demo_chats, demo_licences, demo_visits
from sinjai_services import stages
from sinjai_services.requests import handover, uploads
from sinjai_services.requests.web_form import RequestForm

PEOPLE = [
	("Sinjai Administrator", "admin@contoh.id", "Andi Admin", None),
	("Operator", "operator.dukcapil@contoh.id", "Sitti Operator", "Disdukcapil"),
	("Service Officer", "petugas.dukcapil@contoh.id", "Baso Petugas", "Disdukcapil"),
	("Approver", "pejabat.dukcapil@contoh.id", "Hj. Rahma Pejabat", "Disdukcapil"),
	("Courier", "kurir.dukcapil@contoh.id", "Amir Kurir", "Disdukcapil"),
	("Service Officer", "petugas.ptsp@contoh.id", "Ilham PTSP", "DPMPTSP"),
	("Survey Team", "survei.ptsp@contoh.id", "Tim Survei", "DPMPTSP"),
	("Technical Team", "teknis.ptsp@contoh.id", "Tim Teknis", "DPMPTSP"),
	("Approver", "kabid.ptsp@contoh.id", "Kabid Perizinan", "DPMPTSP"),
	("Approver", "pejabat.ptsp@contoh.id", "H. Lukman Pejabat", "DPMPTSP"),
	("Courier", "kurir.ptsp@contoh.id", "Rusdi Kurir", "DPMPTSP"),
	("Records Officer", "tatausaha.kominfo@contoh.id", "Nur Tata Usaha", "Diskominfo-SP"),
	("Leader", "pimpinan.kominfo@contoh.id", "Kepala Dinas", "Diskominfo-SP"),
	("Village Officer", "desa@contoh.id", "Aparat Desa", None),
]
VILLAGES = {"desa@contoh.id": "73.07.01.1001"}
SIGNERS = ("pejabat.dukcapil@contoh.id", "pejabat.ptsp@contoh.id")

# Workflows, notifications and forms are the platform's and need its own administrators' roles.
ALSO = {"Service Officer": ["Operator"], "Sinjai Administrator": ["System Manager", "Website Manager"]}

# Applicant, service, reason (index), path of stages, hours since it came in, papers refused on the way.
REQUESTS = [
	("Andi Baso Rahman", "KTP-EL", 1, (), 0.3, False),
	("Nurhayati", "KK", 0, (), 1.0, False),
	("Syamsul Bahri", "AKTA-LAHIR", 0, (stages.CHECKING,), 30.0, False),
	("Hasnah", "KTP-EL", 2, (stages.CHECKING, stages.WAITING), 5.0, True),
	("Muhammad Arfah", "KIA", 0, (stages.CHECKING,), 2.0, True),
	("Rosmini", "KK", 1, (stages.CHECKING, stages.DECIDING), 3.0, False),
	("Ambo Tuwo", "SKPWNI", 0, (stages.CHECKING, stages.DECIDING, stages.READY), 6.0, False),
	(
		"Jumriah",
		"AKTA-MATI",
		0,
		(stages.CHECKING, stages.DECIDING, stages.READY, stages.COMPLETED),
		52.0,
		False,
	),
	("Kamaruddin", "AKTA-KAWIN", 0, (stages.CHECKING, stages.REJECTED), 76.0, True),
]

COURIER = "kurir.dukcapil@contoh.id"
# Applicant, service, what the courier is told, day from today, whether the courier is on the way.
DELIVERIES = [
	("Hj. Sitti Aminah", "KK", "Rumah panggung cat hijau di samping masjid", 0, True),
	("Abdul Rahim", "KTP-EL", "Telepon dahulu, siang hari ada di kebun", 0, False),
	("Darmawati", "AKTA-LAHIR", "", 0, False),
	("Muh. Yusuf", "KK", "", 1, False),
]


def load() -> list[tuple[str, str, str]]:
	"""Make people and requests; return (role, log-in, password) of each person."""
	random.seed(7307)
	log_ins = [person(*row) for row in PEOPLE]
	for number, row in enumerate(REQUESTS):
		request(number, *row)
	for number, row in enumerate(DELIVERIES, len(REQUESTS)):
		delivery(number, *row)
	demo_chats.load(sample_paper)
	demo_cakrawala.load(walk)
	passphrases = [signing_officer(user) for user in SIGNERS]
	demo_licences.load(request, walk, date_back, passphrases[-1][-1])
	demo_visits.load(request)
	return [*log_ins, *passphrases]


def person(role: str, email: str, name: str, agency: str | None) -> tuple[str, str, str]:
	password = secrets.token_urlsafe(9)
	user = frappe.get_doc({"doctype": "User", "email": email, "first_name": name, "language": "id"})
	user.update({"send_welcome_email": 0, "new_password": password})
	user.set("roles", [{"role": each} for each in (role, *ALSO.get(role, ()))])
	user.insert()
	for allowed, value in (("Agency", agency), ("Village", VILLAGES.get(email))):
		if value:
			permission = {"doctype": "User Permission", "user": email, "allow": allowed, "for_value": value}
			frappe.get_doc(permission).insert()
	return role, email, password


def signing_officer(user: str) -> tuple[str, str, str]:
	"""Let an approver sign with a throw-away certificate; return its passphrase as one more log-in."""
	_role, _user, name, agency = next(row for row in PEOPLE if row[1] == user)
	passphrase = secrets.token_urlsafe(9)
	file = {"doctype": "File", "file_name": "sertifikat-uji-coba.p12", "is_private": 1}
	file = frappe.get_doc({**file, "content": certificates.make(name, passphrase).pkcs12}).insert()
	officer = {"doctype": "Signing Officer", "officer_name": name, "position_title": "Kepala Dinas"}
	officer |= {"agency": agency, "user": user, "provider": "Local Certificate", "certificate": file.file_url}
	frappe.get_doc(officer).insert()
	return "Passphrase of the signature", user, passphrase


def delivery(number: int, name: str, code: str, note: str, days: int, on_the_way: bool):
	"""Make a finished request whose document a courier brings to the applicant."""
	path = (stages.CHECKING, stages.DECIDING, stages.READY)
	doc = request(number, name, code, 0, path, 4.0, False, handover_method=handover.HOME)
	day = add_days(nowdate(), days)
	planned = handover.plan(doc.doctype, doc.name, handover.HOME, COURIER, day, note=note)
	if on_the_way:
		handover.start(planned)


def request(number: int, name: str, code: str, reason: int, path: tuple, hours: float, refused: bool, **more):
	"""Send one request through the public form, walk it along `path`, and date it back by `hours`."""
	service = frappe.get_doc("Public Service", code)
	reasons = service.reasons()
	typed = {
		"token": uploads.new_token(),
		"service": code,
		"reason": reasons[reason % len(reasons)] if reasons else None,
		"applicant_name": name,
		"nik": f"730701{12 + number:02}0688{number + 1:04}",
		"no_kk": f"730701{12 + number:02}0610{number + 1:04}",
		"whatsapp_number": f"0812410077{number:02}",
		"village": random.choice(frappe.get_all("Village", pluck="name", order_by="name")),
		"address": f"Jalan Persatuan Raya No. {number + 1}",
		"consent": 1,
		**more,
	}
	form_name = frappe.db.get_value("Web Form", {"doc_type": service.request_doctype})
	for row in service.requirements_for(typed["reason"]):
		uploads.store(typed["token"], form_name, row.requirement, sample_paper(row.requirement, name))
	tracking_code = RequestForm(frappe.get_doc("Web Form", form_name), typed).submit({})
	doc = frappe.get_doc(service.request_doctype, {"tracking_code": tracking_code})
	judge(doc, refused, leave_unchecked=not path)
	for stage in path:
		doc = walk(doc, stage)
	date_back(doc, hours)
	return doc


def judge(doc, refused: bool, leave_unchecked: bool):
	if leave_unchecked:
		return
	for position, row in enumerate(doc.papers):
		if refused and position == 0:
			doc.judge_paper(
				row.name, False, "Foto buram, nomor tidak terbaca. Mohon foto ulang di tempat terang."
			)
		elif row.file:
			doc.judge_paper(row.name, True)


def walk(doc, stage: str):
	if stage == stages.COMPLETED:
		handover.at_counter(
			doc.doctype, doc.name, doc.applicant_name, handover.APPLICANT, identity_checked=True
		)
		return frappe.get_doc(doc.doctype, doc.name)
	for transition in get_transitions(doc):
		if stages.state_row(doc.doctype, transition.next_state).sinjai_stage == stage:
			return apply_workflow(doc, transition.action)
	raise LookupError(f"{doc.name}: no way to {stage}")


def date_back(doc, hours: float):
	"""Move a request and its timeline into the past, promise included: some are then overdue."""
	back = timedelta(hours=hours)
	times = ("received_at", "stage_since", "finished_at", "promised_at")
	values = {field: doc.get(field) - back for field in times if doc.get(field)}
	if doc.stage == stages.CHECKING and hours > 24:
		values["promised_at"] = now_datetime() - timedelta(hours=hours - 24)
	frappe.db.set_value(doc.doctype, doc.name, values, update_modified=False)
	events = frappe.get_all("Request Event", {"reference_name": doc.name}, ["name", "at"], order_by="at")
	for step, event in enumerate(events):
		at = event.at - back * (1 - step / (len(events) + 1))
		frappe.db.set_value("Request Event", event.name, "at", at, update_modified=False)


def sample_paper(title: str, name: str) -> bytes:
	"""Return a picture that looks like a photographed paper, marked as an example."""
	picture = Image.new("RGB", (1000, 1300), (225, 222, 214))
	draw = ImageDraw.Draw(picture)
	draw.rectangle((90, 70, 910, 1230), fill=(253, 253, 250), outline=(170, 170, 165), width=3)
	draw.text((140, 130), f"CONTOH - {title.upper()}", fill=(20, 40, 80), font_size=34)
	draw.text((140, 200), name, fill=(30, 30, 30), font_size=30)
	for line in range(18):
		top = 290 + line * 46
		draw.line((140, top, 140 + random.randint(420, 720), top), fill=(150, 150, 150), width=8)
	out = io.BytesIO()
	picture.save(out, "JPEG", quality=80)
	return out.getvalue()
