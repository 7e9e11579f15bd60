"""The page of a digital copy: says what it is and has the button that downloads it."""

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.utils import cstr

from sinjai_services import limits
from sinjai_services.requests import wording
from sinjai_services.signing import copies, verification

no_cache = 1


def get_context(context):
	context.house = wording.house()
	context.token = cstr(frappe.form_dict.get("token")).strip()[:200]
	if frappe.session.user != "Guest":
		context.csrf_token = get_csrf_token()
	try:
		record = copies.look_up(context.token)
	except limits.TooManyRequests:
		context.http_status_code = 429
		context.trouble = _("Too many attempts from this connection. Please try again in an hour.")
		return
	if record:
		context.found = verification.public_view(record)
	else:
		context.http_status_code = 404


def keep_out_of_caches(response=None, request=None):
	"""Keep page and file out of caches (hook); the address is the key, so others' logs do not get it."""
	if response is None or request is None:
		return
	if request.path.startswith(copies.PATH) or request.path.endswith("signing.copies.download"):
		response.headers["Cache-Control"] = "no-store"
		response.headers["Referrer-Policy"] = "no-referrer"
