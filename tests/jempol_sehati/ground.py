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
OTHER_VILLAGE = "73.07.01.1002"
PEOPLE = {
	FRONT_DESK: ("Service Officer", "Operator"),
	TECHNICAL: ("Technical Team", "Survey Team"),
	APPROVER: ("Approver",),
	HEAD: ("Approver",),
	COURIER: ("Courier",),
	VILLAGE_OFFICER: ("Village Officer",),
}


def make_people():
	"""Make everybody, once; whoever commits them switches them off again with `retire`."""
	for email, roles in PEOPLE.items():
		make_person(email, roles, None if email == VILLAGE_OFFICER else AGENCY)
	allow(VILLAGE_OFFICER, "Village", VILLAGE)
	return make_head()


def make_person(email: str, roles: tuple, agency: str | None):
	if not frappe.db.exists("User", email):
		user = frappe.get_doc({"doctype": "User", "email": email, "first_name": email.split(".")[0].title()})
		user.update({"language": "id", "send_welcome_email": 0, "new_password": PASSWORD})
		user.set("roles", [{"role": role} for role in roles])
		user.insert()
	frappe.db.set_value("User", email, "enabled", 1)
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
			if (way.sinjai_trigger or None, leads) == (trigger, stage or leads):
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
	assert row["error"] is None
	return frappe.get_doc(DOCTYPE, doc.name)


def signed_record(doc):
	return frappe.get_doc("Signed Document", {"reference_name": doc.name})
