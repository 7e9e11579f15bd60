"""Verifying a signed document: by the code printed on it, or by the file itself."""

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.utils import cstr

from sinjai_services import limits
from sinjai_services.requests import wording
from sinjai_services.signing import verification

no_cache = 1

LONGEST_CODE = 200

TONES = {"Valid": "good", "Expired": "warn", "Revoked": "bad"}


def get_context(context):
	context.current = "verifikasi"
	context.house = wording.house()
	code = cstr(frappe.form_dict.get("kode")).strip()[:LONGEST_CODE]
	if frappe.session.user != "Guest":
		context.csrf_token = get_csrf_token()
	context.max_mb = verification.max_bytes() // 1024 // 1024
	try:
		if frappe.request.method == "POST":
			check_upload(context, code)
		elif code:
			show_code(context, code)
	except limits.TooManyRequests:
		context.http_status_code = 429
		context.trouble = _("Too many attempts from this connection. Please try again in an hour.")


def show_code(context, code: str):
	"""Show the document of a code; one answer for every code that is none of ours, whatever is wrong."""
	found = verification.look_up(code)
	if found:
		show(context, found)
	else:
		context.http_status_code = 404
		context.unknown = True


def check_upload(context, code: str):
	context.code = code if code == verification.clean_code(code) else ""
	file = frappe.request.files.get("berkas")
	if not file or not file.filename:
		context.fault = _("Choose the PDF file first.")
		return
	verdict = verification.check_file(file.stream)
	context.outcome = verdict.outcome
	if verdict.record:
		context.another = bool(context.code) and context.code != verdict.record.verification_code
		show(context, verdict.record)


def show(context, record):
	context.found = verification.public_view(record)
	context.code = context.found["code"]
	context.tone = TONES[context.found["state"]]


def keep_out_of_caches(response=None, request=None):
	"""Keep the page out of caches: a revocation shows at once; and its address out of others' logs."""
	if (
		response is None
		or request is None
		or request.path.strip("/").split("/")[0] != verification.PATH.strip("/")
	):
		return
	response.headers["Cache-Control"] = "no-store"
	response.headers["Referrer-Policy"] = "no-referrer"
