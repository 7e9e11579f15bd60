"""What the Desk asks of signing. A passphrase that comes in here is taken out of the request at once."""

import frappe
from frappe import _

from sinjai_services.signing import process, provider
from sinjai_services.signing.errors import SigningError
from sinjai_services.signing.provider import Passphrase

MOST_AT_ONCE = 10


def boot(bootinfo):
	"""Tell the Desk whether the user signs for somebody: only then do forms show the button."""
	bootinfo.sinjai_signs = bool(
		frappe.db.exists("Signing Officer", {"user": frappe.session.user, "active": 1})
	)


@frappe.whitelist()
def offer(doctype: str, name: str) -> dict:
	"""Return what the signing dialog of one document shows.

	Returns:
		signed_document: the valid one there is, or None.
		officers: those this user may sign it as, each {"name", "label", "provider"}.
		kind, number: what would be signed.
		refusal: why it cannot be signed, or None.
	"""
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	signed = frappe.db.get_value(
		"Signed Document", {"reference_doctype": doctype, "reference_name": name, "state": "Valid"}
	)
	answer = {"signed_document": signed, "officers": [], "kind": None, "number": None, "refusal": None}
	try:
		terms = process.terms_of(doc)
	except SigningError as refusal:
		return {**answer, "refusal": str(refusal)}
	answer |= {"kind": terms.kind, "number": terms.number}
	refusals = []
	for officer in own_officers():
		try:
			process.check_may_sign(doc, officer)
			answer["officers"].append(described(officer))
		except SigningError as refusal:
			refusals.append(str(refusal))
	if not answer["officers"]:
		answer["refusal"] = refusals[0] if refusals else _("You are not entered as a signing officer.")
	return answer


@frappe.whitelist()
def my_officers() -> list[dict]:
	"""Return the officers the user may sign as today, each {"name", "label", "provider"}."""
	return [described(officer) for officer in own_officers() if officer.in_office()]


def own_officers() -> list:
	names = frappe.get_all(
		"Signing Officer", {"user": frappe.session.user, "active": 1}, pluck="name", order_by="creation"
	)
	return [frappe.get_doc("Signing Officer", name) for name in names]


def described(officer) -> dict:
	return {
		"name": officer.name,
		"label": f"{officer.officer_name}, {officer.position()}",
		"provider": officer.provider,
	}


@frappe.whitelist(methods=["POST"])
def sign(doctype: str, names: str | list, officer: str, passphrase: str) -> list[dict]:
	"""Sign up to ten documents; see `process.sign_many`, which also says who may.

	Args:
		names: names of documents, as JSON or a list.
	"""
	secret = take_passphrase(passphrase)
	del passphrase
	names = frappe.parse_json(names)
	if not isinstance(names, list) or not 1 <= len(names) <= MOST_AT_ONCE:
		frappe.throw(_("Sign at most {0} documents at once.").format(MOST_AT_ONCE))
	# Nothing has been written yet; what is read from here on is the present and not the request's beginning.
	frappe.db.rollback()
	return process.sign_many(doctype, [str(name) for name in names], officer, secret)


@frappe.whitelist(methods=["POST"])
def check_certificate(officer: str, passphrase: str | None = None) -> dict:
	"""Look at an officer's certificate and note its state; BSrE needs no passphrase for it.

	Returns:
		{"usable": bool, "text": sentence for the reader}
	"""
	secret = take_passphrase(passphrase)
	del passphrase
	doc = frappe.get_doc("Signing Officer", officer)
	doc.check_permission("read")
	try:
		state = process.with_passphrase(doc, lambda: provider.of(doc).certificate_state(doc, secret))
	except Exception as error:
		return {"usable": False, "text": process.told(error, doc.doctype, doc.name)}
	doc.keep_certificate_state(state)
	return {"usable": state.usable, "text": state.text}


def take_passphrase(passphrase: str | None) -> Passphrase:
	"""Take the passphrase out of the request, whose values the platform's developer tools record."""
	frappe.form_dict.pop("passphrase", None)
	return Passphrase(passphrase or "")
