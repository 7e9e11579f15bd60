"""Tracking codes, and what a stranger who holds one may see."""

import hmac
import secrets

import frappe
from frappe.utils import cint

from sinjai_services import limits, stages
from sinjai_services.phone import last4 as last_digits
from sinjai_services.requests import handover, visits

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
"""30 signs without look-alikes, 10 of them: 49 bits, out of reach for a rate-limited guesser."""


class TooManyLookups(limits.TooManyRequests):
	"""The address, or the code, was tried too often within the hour."""


def new_tracking_code() -> str:
	"""Return a fresh random code; uniqueness is kept by the database."""
	return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def clean_code(text: str | None) -> str:
	"""Return what was typed as a code: capitals, without the hyphens, spaces and dots people add."""
	return "".join(sign for sign in (text or "").upper() if sign.isalnum())[: LENGTH + 1]


def show_code(code: str) -> str:
	"""Return the code in two groups, as people read it aloud: ABCDE-FGHJK."""
	return f"{code[:5]}-{code[5:]}"


def look_up(code: str, last4: str) -> dict | None:
	"""Return the masked course of the request with this code, or None when code and digits do not agree.

	Args and errors as of `identify`.
	"""
	doc = identify(code, last4)
	return public_view(doc) if doc else None


def identify(code: str, last4: str):
	"""Return the request that code and digits open, or None.

	Args:
		code: the tracking code as typed.
		last4: the last four digits of the WhatsApp number given with the request.

	Raises:
		TooManyLookups: limited per address and, against guessing from many addresses, per code.
	"""
	code = clean_code(code)
	count_lookup(code)
	doc = find(code)
	digits = last_digits(doc.get("whatsapp_number")) if doc else ""
	agrees = hmac.compare_digest(digits.encode(), (last4 or "").strip().encode())
	return doc if digits and agrees else None


def count_lookup(code: str):
	limit = cint(frappe.get_cached_doc("Sinjai Settings").lookups_per_hour) or 60
	try:
		limits.count("lookup", limits.address(), limit, seconds=3600)
		limits.count("lookup-code", code, 20, seconds=3600)
	except limits.TooManyRequests as error:
		raise TooManyLookups from error


def find(code: str):
	"""Return the tracked document with this code, or None. One indexed read per DocType."""
	if len(code) != LENGTH:
		return None
	for doctype in stages.tracked_doctypes():
		if name := frappe.db.get_value(doctype, {"tracking_code": code}):
			return frappe.get_doc(doctype, name)
	return None


def public_view(doc) -> dict:
	events = doc.timeline(public_only=True)
	return {
		"code": show_code(doc.tracking_code),
		"service": doc.public_title(),
		"is_letter": doc.doctype not in stages.request_doctypes(),
		"masked_name": doc.public_name(),
		"stage": doc.stage,
		"label": events[0].label if events else "",
		"received_at": doc.received_at,
		"promised_at": doc.get("promised_at"),
		"finished_at": doc.finished_at,
		"missing": doc.open_papers(),
		"deliveries": handover.public_view(doc),
		"visits": visits.public_view(doc),
		"copy_url": doc.digital_copy() if hasattr(doc, "digital_copy") else "",
		"events": [{"at": event.at, "label": event.label} for event in events],
	}
