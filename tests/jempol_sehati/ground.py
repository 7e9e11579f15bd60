"""The people of a licence, each with hands of their own, and an application on its way."""

from helpers import NIK_FEMALE, PASSWORD, PHONE, VILLAGE
from signing.ground import NAME, PASSPHRASE, officer_certificate, upload

import frappe
from frappe.model.workflow import apply_workflow, get_transitions

from sinjai_services import stages
from sinjai_services.requests import moves
from sinjai_services.signing import process
from sinjai_services.signing.provider import Passphrase

DOCTYPE = "Licence Application"
AGENCY = "DPMPTSP"
FRONT_DESK, TECHNICAL = "loket.izin@example.com", "teknis.izin@example.com"
APPROVER, HEAD = "kabid.izin@example.com", "kadis.izin@example.com"
COURIER, VILLAGE_OFFICER = "kurir.izin@example.com", "aparat.izin@example.com"
CAME_OF_IT = {
	"Field Visit": [
		f"Field Visit {table}" for table in ("Member", "Appointment", "Paper", "Answer", "Photo")
	],
	"Request Delivery": ["Delivery Attempt"],
	"Signed Document": [],
	"Request Event": [],
	"Chat Message": [],
}
OTHER_VILLAGE = "73.07.01.1002"
INSPECTOR = "survei.izin@example.com"
"""Goes to the place and is an approver besides: four eyes have to hold all the same."""
PEOPLE = {
	FRONT_DESK: ("Nurhayati", ("Service Officer", "Operator")),
	TECHNICAL: ("Irwan Saputra", ("Technical Team", "Survey Team")),
	INSPECTOR: ("Andi Makmur", ("Survey Team", "Approver")),
	APPROVER: ("Syamsuddin", ("Approver",)),
	HEAD: ("Andi Rahma", ("Approver",)),
	COURIER: ("Baso Kamaruddin", ("Courier",)),
	VILLAGE_OFFICER: ("Hamzah", ("Village Officer",)),
}


def make_people():
	"""Make everybody, once; whoever commits them switches them off again with `retire`."""
	for email, (name, roles) in PEOPLE.items():
		make_person(email, name, roles, None if email == VILLAGE_OFFICER else AGENCY)
	allow(VILLAGE_OFFICER, "Village", VILLAGE)
	return make_head()


def make_person(email: str, name: str, roles: tuple, agency: str | None):
	if not frappe.db.exists("User", email):
		user = frappe.get_doc({"doctype": "User", "email": email, "first_name": name})
		user.update({"language": "id", "send_welcome_email": 0, "new_password": PASSWORD})
		user.set("roles", [{"role": role} for role in roles])
		user.insert()
	frappe.db.set_value("User", email, {"enabled": 1, "first_name": name, "full_name": name})
	if agency:
		allow(email, "Agency", agency)


def allow(email: str, doctype: str, name: str):
	if not frappe.db.exists("User Permission", {"user": email, "allow": doctype}):
		row = {"doctype": "User Permission", "user": email, "allow": doctype, "for_value": name}
		frappe.get_doc(row).insert()


def make_head():
	"""Let the head of the agency sign with a throw-away certificate; return the Signing Officer."""
	if name := frappe.db.exists("Signing Officer", {"user": HEAD}):
		return frappe.get_doc("Signing Officer", name)
	values = {"doctype": "Signing Officer", "officer_name": NAME, "position_title": "Kepala DPMPTSP"}
	values |= {"agency": AGENCY, "user": HEAD, "provider": "Local Certificate"}
	return frappe.get_doc({**values, "certificate": upload(officer_certificate().pkcs12)}).insert()


def retire():
	for email in PEOPLE:
		frappe.db.set_value("User", email, "enabled", 0)


def take_back(doc):
	"""Remove an application that was committed, with all that came of it."""
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name}
	for doctype, tables in CAME_OF_IT.items():
		for name in frappe.get_all(doctype, about, pluck="name"):
			for table in tables:
				frappe.db.delete(table, {"parent": name})
			frappe.db.delete("File", {"attached_to_doctype": doctype, "attached_to_name": name})
		frappe.db.delete(doctype, about)
	frappe.db.delete("File", {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name})
	frappe.db.delete("Request Paper", {"parent": doc.name})
	frappe.db.delete("__Auth", {"doctype": doc.doctype, "name": doc.name})
	frappe.db.delete(doc.doctype, {"name": doc.name})
	frappe.db.commit()


def take_back_all(number: str):
	"""Remove the applications of a WhatsApp number."""
	for name in frappe.get_all(DOCTYPE, {"whatsapp_number": number}, pluck="name"):
		take_back(frappe.get_doc(DOCTYPE, name))


def application_values(**changes) -> dict:
	values = {
		"doctype": DOCTYPE,
		"service": "IUMK",
		"channel": "Counter",
		"applicant_name": "Sitti Rahmah",
		"nik": NIK_FEMALE,
		"whatsapp_number": PHONE,
		"village": VILLAGE,
		"address": "Jalan Persatuan Raya 5",
		"purpose": "Warung kelontong di depan rumah",
		"consent": 1,
	}
	return {**values, **changes}


def apply(**changes):
	"""Enter an application at the counter, as the front desk does."""
	return at(FRONT_DESK, lambda: frappe.get_doc(application_values(**changes)).insert())


def at(user: str, act):
	"""Do something as a user and come back."""
	before = frappe.session.user
	frappe.set_user(user)
	try:
		return act()
	finally:
		frappe.set_user(before)


def step(doc, user: str, *, stage: str | None = None, trigger: str | None = None, **values):
	"""Write `values`, then take the workflow's action that leads to `stage` or means `trigger`."""

	def act():
		fresh = frappe.get_doc(doc.doctype, doc.name)
		if values:
			fresh.update(values)
			fresh.save()
		for way in get_transitions(fresh):
			leads = stages.state_row(doc.doctype, way.next_state).sinjai_stage
			if trigger in (None, way.sinjai_trigger) and leads == (stage or leads):
				return apply_workflow(fresh, way.action)
		raise AssertionError(f"{user} has no way from {fresh.workflow_state} to {stage or trigger}")

	return at(user, act)


def accept_papers(doc):
	def act():
		fresh = frappe.get_doc(doc.doctype, doc.name)
		for row in fresh.papers:
			row.state = "Accepted"
		fresh.save()
		return fresh

	return at(FRONT_DESK, act)


def checked(**changes):
	doc = step(apply(**changes), FRONT_DESK, stage=stages.CHECKING)
	return accept_papers(doc)


def to_be_recommended(**changes):
	doc = checked(**changes)
	if doc.needs_field_work:
		doc = step(doc, FRONT_DESK, stage=stages.FIELD_WORK)
		return step(doc, TECHNICAL, trigger=moves.VISIT_DONE)
	return step(doc, FRONT_DESK, stage=stages.DECIDING)


def recommended(**changes):
	doc = to_be_recommended(**changes)
	return step(doc, TECHNICAL, trigger=moves.RECOMMENDED, recommendation="Grant")


def approved(**changes):
	return step(recommended(**changes), APPROVER, trigger=moves.APPROVED)


def sign(*docs, passphrase: str = PASSPHRASE, user: str = HEAD) -> list[dict]:
	"""Sign as the head does from the list."""
	officer = frappe.db.get_value("Signing Officer", {"user": HEAD})
	names = [doc.name for doc in docs]
	return at(user, lambda: process.sign_many(DOCTYPE, names, officer, Passphrase(passphrase)))


def issued(**changes):
	doc = approved(**changes)
	(row,) = sign(doc)
	assert row["error"] is None, row["error"]
	return frappe.get_doc(DOCTYPE, doc.name)


def signed_record(doc):
	return frappe.get_doc("Signed Document", {"reference_name": doc.name})
