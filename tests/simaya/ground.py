"""An agency's people and letters, as the tests of SIMAYA need them."""

from helpers import PASSWORD, pdf

import frappe
from frappe.desk.doctype.notification_settings.notification_settings import create_notification_settings
from frappe.utils.password import update_password

from sinjai_services.simaya import organisation

AGENCY, OTHER_AGENCY = "Diskominfo-SP", "DPMPTSP"

# Code, name, superior's code, person.
POSITIONS = (
	("UJI-KADIS", "Kepala Dinas Uji", None, "kadis.simaya@example.com", ("Leader",)),
	("UJI-SEK", "Sekretaris Uji", "UJI-KADIS", "sekretaris.simaya@example.com", ("Approver",)),
	("UJI-TU", "Tata Usaha Uji", "UJI-SEK", "tatausaha.simaya@example.com", ("Records Officer",)),
	("UJI-KABID-A", "Kepala Bidang A Uji", "UJI-KADIS", "kabid.a.simaya@example.com", ("Service Officer",)),
	("UJI-STAF-A", "Staf Bidang A Uji", "UJI-KABID-A", "staf.a.simaya@example.com", ("Service Officer",)),
	("UJI-KABID-B", "Kepala Bidang B Uji", "UJI-KADIS", "kabid.b.simaya@example.com", ("Service Officer",)),
	("UJI-STAF-B", "Staf Bidang B Uji", "UJI-KABID-B", "staf.b.simaya@example.com", ("Service Officer",)),
)
USER = {code: user for code, _name, _superior, user, _roles in POSITIONS}
ADMINISTRATOR, SYSTEM_MANAGER = "admin.simaya@example.com", "sistem.simaya@example.com"
STRANGER = "tu.lain.simaya@example.com"


def name(code: str) -> str:
	return f"{AGENCY}-{code}"


def make():
	"""Make the organisation, once for all tests; committed by whoever needs it so."""
	for code, title, superior, user, roles in POSITIONS:
		person(user, roles, AGENCY)
		if not frappe.db.exists("Work Position", name(code)):
			position(code, title, superior)
			hold(code, user)
	person(ADMINISTRATOR, ("Sinjai Administrator",), None)
	person(SYSTEM_MANAGER, ("System Manager", "Sinjai Administrator"), None)
	person(STRANGER, ("Records Officer", "Leader"), OTHER_AGENCY)
	organisation.forget_positions()


def person(email: str, roles: tuple, agency: str | None, full_name: str | None = None):
	"""Make somebody who can log in, once; whoever was switched off is switched on again.

	Written past the platform's hooks for new users: they mail, make contacts and empty every cache, which
	takes more than a second each.
	"""
	if frappe.db.exists("User", email):
		frappe.db.set_value("User", email, "enabled", 1)
		return
	name = full_name or email.split("@")[0]
	user = frappe.new_doc("User", name=email, email=email, username=email)
	user.update({"first_name": name, "full_name": name, "language": "id", "user_type": "System User"})
	user.enabled = 1
	user.set("roles", [{"role": role} for role in roles])
	for row in (user, *user.roles):
		row.db_insert()
	update_password(email, PASSWORD)
	create_notification_settings(email)
	if agency:
		values = {"doctype": "User Permission", "user": email, "allow": "Agency", "for_value": agency}
		frappe.get_doc(values).insert()


def position(code: str, title: str, superior: str | None = None, **more):
	values = {"code": code, "position_name": title, "agency": AGENCY, "superior_code": superior, **more}
	values |= {"is_leader": int(code == "UJI-KADIS"), "is_records_office": int(code == "UJI-TU")}
	return frappe.get_doc({"doctype": "Work Position", **values}).insert()


def hold(code: str, user: str, kind="Definitive", from_date="2026-01-01", to_date=None):
	values = {"position": name(code), "user": user, "kind": kind, "from_date": from_date, "to_date": to_date}
	return frappe.get_doc({"doctype": "Position Holder", **values}).insert()


def act(code_or_user: str):
	"""Act as the holder of a position, or as a user."""
	frappe.set_user(USER.get(code_or_user, code_or_user))
	organisation.forget_positions()


def letter_values(**changes) -> dict:
	values = {
		"doctype": "Incoming Letter",
		"agency": AGENCY,
		"subject": "Undangan rapat koordinasi",
		"sender_name": "Dinas Pendidikan Kabupaten Sinjai",
		"letter_number": "005/123/Disdik",
		"letter_date": "2026-01-20",
		"addressed_to": name("UJI-KADIS"),
		"classification": "000.1",
	}
	return {**values, **changes}


def letter(**changes):
	"""Register a paper letter as the records office does."""
	act("UJI-TU")
	return frappe.get_doc(letter_values(**changes)).insert()


def upload(content: bytes | None = None, file_name="pindai.pdf", pages=2) -> str:
	"""Upload a file as the session's user; return its address."""
	values = {"doctype": "File", "file_name": file_name, "is_private": 1, "content": content or pdf(pages)}
	return frappe.get_doc(values).insert(ignore_permissions=True).file_url


def task_of(doc, code: str):
	found = frappe.get_all(
		"Letter Task", {"letter": doc.name, "position": name(code)}, pluck="name", order_by="creation desc"
	)
	return frappe.get_doc("Letter Task", found[0]) if found else None


def remove_letters(*agencies: str):
	"""Take back every committed letter of these agencies with all that hangs on it."""
	of_them = {"agency": ("in", agencies)}
	for doctype in ("Incoming Letter", "Outgoing Letter", "Letter Task", "Disposition"):
		names = frappe.get_all(doctype, of_them, pluck="name") or [""]
		for table in frappe.get_meta(doctype).get_table_fields():
			frappe.db.delete(table.options, {"parent": ("in", names)})
		for about in ("Request Event", "Letter Text", "Signed Document", "Chat Message"):
			frappe.db.delete(about, {"reference_name": ("in", names)})
		frappe.db.delete("Letter Version", {"letter": ("in", names)})
		frappe.db.delete("Notification Log", {"document_name": ("in", names)})
		frappe.db.delete("File", {"attached_to_name": ("in", names)})
		frappe.db.delete(doctype, {"name": ("in", names)})
	frappe.db.delete("Letter Movement", of_them)
