"""The applicant's digital copy: a link to the signed file that expires, and tells nothing to anybody else.

The link holds the record's name, the second it expires and a keyed hash of both; nothing is stored, so a new
one can be given at any time. Looking at the page does nothing: messengers fetch every link they show. Only
its button downloads the file, and then the copy counts as opened.
"""

import hashlib
import hmac
import time

import frappe
from frappe import _
from frappe.utils import cint, get_url
from frappe.utils.password import get_encryption_key

from sinjai_services import limits, stages
from sinjai_services.requests import handover
from sinjai_services.requests.language import site_language
from sinjai_services.signing import records

PATH = "/salinan"
PURPOSE = b"sinjai_services:digital-copy:v1"
HASH_LENGTH = 40
"""Hex digits, 160 bits."""

DAYS = 14
PER_HOUR = 120
"""Look-ups from one address."""


def link(doc) -> str:
	"""Return a fresh address of the document's valid signed file, or "" where there is none."""
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "state": "Valid"}
	name = frappe.db.get_value(records.DOCTYPE, about, order_by="creation desc")
	return get_url(f"{PATH}/{token(name)}") if name else ""


def token(name: str, days: int | None = None) -> str:
	"""Return what opens the signed document `name` for so many days; those of the settings when left out."""
	days = (
		cint(frappe.get_cached_doc("Sinjai Signing Settings").copy_link_days) or DAYS
		if days is None
		else days
	)
	expires = int(time.time()) + days * 86400
	return f"{name}-{expires}-{signature(name, expires)}"


def signature(name: str, expires: int) -> str:
	key = hmac.digest(get_encryption_key().encode(), PURPOSE, hashlib.sha256)
	return hmac.new(key, f"{name}:{expires}".encode(), hashlib.sha256).hexdigest()[:HASH_LENGTH]


def look_up(text: str):
	"""Return the Signed Document a link opens, or None: wrong, expired and revoked are one and the same.

	Raises:
		limits.TooManyRequests: too many look-ups from this address within the hour.
	"""
	limits.count("copy", limits.address(), PER_HOUR, seconds=3600)
	name, _sep, rest = (text or "").partition("-")
	moment, _sep, given = rest.partition("-")
	expires = int(moment) if moment.isascii() and moment.isdigit() and len(moment) < 12 else 0
	genuine = hmac.compare_digest(signature(name, expires).encode(), given.encode())
	if not genuine or expires < time.time():
		return None
	if not frappe.db.exists(records.DOCTYPE, {"name": name, "state": "Valid"}):
		return None
	return frappe.get_doc(records.DOCTYPE, name)


@frappe.whitelist(allow_guest=True, methods=["POST"])
def download(token: str):
	"""Answer with the signed PDF; a link that does not work leads back to its page, which says so.

	Open to guests because an applicant has no account: the link is the key, and look-ups are limited by
	address.
	"""
	try:
		record = look_up(token)
	except limits.TooManyRequests:
		record = None
	if not record:
		frappe.local.response.update({"type": "redirect", "location": f"{PATH}/tidak-berlaku"})
		return
	note_opened(record)
	frappe.local.response.filename = file_name(record)
	frappe.local.response.filecontent = records.content_of(record)
	frappe.local.response.type = "download"


def file_name(record) -> str:
	"""Return a name that is one on every system: licence numbers have slashes."""
	number = "".join(sign if sign.isalnum() else "-" for sign in record.number or record.name)
	return f"{number}.pdf"


def note_opened(record):
	"""Write the first opening on the request's timeline, and hand over what is handed over in this way."""
	if record.reference_doctype not in stages.tracked_doctypes():
		return
	request = frappe.get_doc(record.reference_doctype, record.reference_name)
	label = _("Digital copy opened", site_language())
	seen = {"reference_doctype": request.doctype, "reference_name": request.name, "label": label}
	if not frappe.db.exists("Request Event", seen):
		request.add_event("Delivery", label=label, public=True)
	handover.copy_opened(request)
