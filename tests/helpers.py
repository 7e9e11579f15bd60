"""What many tests need: people, papers, requests."""

import io
from contextlib import contextmanager

import pikepdf
from PIL import Image
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import frappe

PLATFORM = int(frappe.__version__.split(".")[0])
"""Version of the platform, for what it does differently itself."""

NIK_MALE = "7307011508900001"
NIK_FEMALE = "7307015508900002"
NO_KK = "7307010101100003"
PHONE = "0812-4100-7788"
VILLAGE = "73.07.01.1001"


def photo(colour="white", size=(900, 600), kind="JPEG", **options) -> bytes:
	"""Return a picture; `colour` keeps the content of different ones apart."""
	out = io.BytesIO()
	Image.new("RGB", size, colour).save(out, kind, **options)
	return out.getvalue()


def pdf(pages=1, **options) -> bytes:
	"""Return a PDF of empty pages; `options` go to pikepdf's save."""
	out = io.BytesIO()
	document = pikepdf.new()
	for _page in range(pages):
		document.add_blank_page()
	document.save(out, **options)
	return out.getvalue()


@contextmanager
def added_field(doctype: str, fieldname: str, label: str):
	"""Give a form a field of an administrator's for the time of the block; changing a table commits."""
	name = f"{doctype}-{fieldname}"
	values = {"doctype": "Custom Field", "dt": doctype, "fieldname": fieldname, "label": label}
	frappe.delete_doc("Custom Field", name, force=True, ignore_missing=True)
	frappe.get_doc({**values, "fieldtype": "Data", "insert_after": "purpose"}).insert()
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		frappe.delete_doc("Custom Field", name, force=True)
		frappe.db.commit()


def shorten(value: str) -> str:
	"""Name a test case after its input without printing pages of it."""
	return value[:20] or "empty"


def request_values(**changes) -> dict:
	values = {
		"doctype": "Civil Document Request",
		"service": "KTP-EL",
		"reason": "Rusak",
		"channel": "Counter",
		"applicant_name": "Andi Baso",
		"nik": NIK_MALE,
		"no_kk": NO_KK,
		"whatsapp_number": PHONE,
		"village": VILLAGE,
		"consent": 1,
	}
	return {**values, **changes}


def new_request(**changes):
	return frappe.get_doc(request_values(**changes)).insert()


USERS = {
	"kepala.uji@example.com": (("System Manager",), None),
	"petugas.uji@example.com": (("Operator", "Service Officer"), "Disdukcapil"),
	"operator.uji@example.com": (("Operator",), "Disdukcapil"),
	"petugas.lain@example.com": (("Operator", "Service Officer"), "DPMPTSP"),
	"tanpa.dinas@example.com": (("Operator",), None),
	"tu.uji@example.com": (("Records Officer",), "Disdukcapil"),
	"kurir.uji@example.com": (("Courier",), "Disdukcapil"),
	"kurir.kedua@example.com": (("Courier",), "Disdukcapil"),
	"kurir.lain@example.com": (("Courier",), "DPMPTSP"),
}
PASSWORD = "Ujicoba-Sinjai-2026"


def make_users():
	"""Make the people of the tests, once for all of them; Frappe makes the first one a System Manager."""
	for email, (roles, agency) in USERS.items():
		if not frappe.db.exists("User", email):
			user = frappe.get_doc({"doctype": "User", "email": email, "first_name": email.split("@")[0]})
			user.update({"language": "id", "send_welcome_email": 0, "new_password": PASSWORD})
			user.set("roles", [{"role": role} for role in roles])
			user.insert()
		if agency and not frappe.db.exists("User Permission", {"user": email, "allow": "Agency"}):
			permission = {"doctype": "User Permission", "user": email, "allow": "Agency", "for_value": agency}
			frappe.get_doc(permission).insert()


def officer() -> str:
	return "petugas.uji@example.com"


def colleague() -> str:
	"""An operator of the officer's own agency."""
	return "operator.uji@example.com"


def stranger_officer() -> str:
	"""An officer of another agency."""
	return "petugas.lain@example.com"


def visit(path: str, method: str = "GET", data: dict | None = None, language: str = "en-US,en"):
	"""Render a public page in this process, as a guest with an English phone; returns the response.

	Args:
		data: form fields of a POST; a value (BytesIO, file name) is an uploaded file.
	"""
	from frappe.app import make_form_dict
	from frappe.website.serve import get_response

	builder = EnvironBuilder(path, method=method, data=data, headers={"Accept-Language": language})
	frappe.local.request = Request(builder.get_environ())
	frappe.local.lang = "en"
	frappe.set_user("Guest")
	make_form_dict(frappe.local.request)
	for task in frappe.get_hooks("before_request"):
		frappe.call(task)
	try:
		return get_response()
	finally:
		frappe.set_user("Administrator")


def move(doc, stage: str):
	"""Take the workflow action that leads to `stage`, as an officer clicks it; completing hands over at the
	counter."""
	from frappe.model.workflow import apply_workflow, get_transitions

	from sinjai_services import stages
	from sinjai_services.requests import handover, moves

	for transition in get_transitions(doc):
		row = stages.state_row(doc.doctype, transition.next_state)
		if row.sinjai_stage != stage:
			continue
		if transition.sinjai_trigger == moves.HANDED_OVER:
			handover.at_counter(doc.doctype, doc.name, doc.applicant_name, "Applicant", identity_checked=True)
			return frappe.get_doc(doc.doctype, doc.name)
		return apply_workflow(doc, transition.action)
	raise AssertionError(f"no transition to {stage}")
