"""Signing a document: render → sign → store → mark, all of it or nothing.

The request (or job) that calls this is one database transaction. The file is written before its record, the
record before the document is moved, and only the end of the transaction makes any of it count: a process that
dies on the way leaves the document unsigned, and at most a file that nothing names (`records.sweep`). At BSrE
a signed copy may then exist that nobody has; it carries a verification code that was never given out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.utils import add_months, get_datetime, now_datetime, nowdate

from sinjai_services import limits, printing, stages
from sinjai_services.permissions import has_agency_permission
from sinjai_services.requests import moves
from sinjai_services.signing import provider, records, stamp, verification
from sinjai_services.signing.errors import (
	DocumentChanged,
	NotSignedYet,
	SigningError,
	SigningRefused,
	TooManyPassphrases,
	WrongPassphrase,
)
from sinjai_services.signing.provider import Passphrase

MAIN = "main"
"""The purpose of the one signature most documents have."""

WRONG_PASSPHRASES = 5
PASSPHRASE_SPAN = 900
"""Seconds. BSrE locks certificates after some wrong passphrases; a local file would be guessed at."""


@dataclass(frozen=True)
class Terms:
	"""What is signed of a document, and what the public page says of it."""

	print_format: str | None
	kind: str
	number: str | None = None
	valid_until: date | str | None = None
	holder_name: str | None = None
	purpose: str = MAIN


def sign(
	doc,
	print_format: str | None,
	officer,
	passphrase: Passphrase | str,
	*,
	kind: str,
	number: str | None,
	valid_until: date | str | None = None,
	holder_name: str | None = None,
	purpose: str = MAIN,
) -> str:
	"""Sign the print of a document; return the name of its Signed Document.

	Signing the same document for the same purpose again returns the record there is, also when two processes
	try at once: the second waits for the first. After a revocation a new signature is made.

	Args:
		doc: the document, loaded in this transaction.
		print_format: name of a Print Format; None takes the DocType's default.
		officer: a Signing Officer or its name.
		passphrase: of the officer's certificate; used now and kept nowhere.
		kind: what the document is, as the public reads it ("Izin Praktik Dokter").
		number: its number; a method `signing_number()` of the document gives one that exists only if the
			signature succeeds.
		valid_until: last day of its validity; None for ever.
		holder_name: whom it was made out to; public pages show it masked.
		purpose: tells several signatures of one document apart.

	Raises:
		SigningError: nothing was signed; the message says why. Other errors come from the print format.
	"""
	officer = frappe.get_doc("Signing Officer", officer) if isinstance(officer, str) else officer
	passphrase = Passphrase(passphrase) if isinstance(passphrase, str) else passphrase
	if name := already_signed(doc, purpose):
		return name
	check_may_sign(doc, officer)
	number = doc.signing_number() if hasattr(doc, "signing_number") else number
	details = stamp.Details(
		verification_code=(code := verification.new_code()),
		url=verification.url_of(code),
		kind=kind,
		number=number,
		valid_until=valid_until,
		holder_name=holder_name,
		signer_name=officer.officer_name,
		signer_position=officer.position(),
		signer_nip=officer.nip,
		signed_at=now_datetime().replace(microsecond=0),
		visible=bool(frappe.get_cached_doc("Sinjai Signing Settings").visible_stamp),
	)
	pdf = render(doc, print_format, details)
	signed = with_passphrase(
		officer, lambda: provider.of(officer).sign(pdf, officer, passphrase, stamp.find_place(pdf))
	)
	record = records.store(doc, purpose, officer, details, signed, verification.prove(signed.content))
	mark(doc)
	return record


def already_signed(doc, purpose: str) -> str | None:
	"""Lock the document and return its valid Signed Document, if any.

	Raises:
		DocumentChanged: the document was changed after `doc` was loaded.
	"""
	modified = frappe.db.get_value(doc.doctype, doc.name, "modified", for_update=True)
	changed = get_datetime(modified) != get_datetime(doc.modified)
	# An ordinary read shows this transaction's beginning. The lock has shown whether that is still so,
	# since whoever signs also changes `modified`; only if not is a locking read worth its locks.
	key = {"signing_key": records.signing_key(doc, purpose)}
	name = frappe.db.get_value("Signed Document", key, for_update=changed)
	if changed and not name:
		raise DocumentChanged(
			_("The document was changed in the meantime. Reload it, look at it and sign again.")
		)
	return name


def render(doc, print_format: str | None, details: stamp.Details) -> bytes:
	"""Return the print with the stamp of this signature in it; the print format decides where."""
	# A copy: the platform marks what it has printed, and never saves that again.
	copy = frappe.get_doc(doc.doctype, doc.name)
	copy.flags.signing = details
	return printing.attach_pdf(copy, print_format)["fcontent"]


def with_passphrase(officer, use):
	"""Call `use`, and count wrong passphrases.

	Raises:
		TooManyPassphrases: there were too many within a quarter of an hour; this one was not tried.
	"""
	if limits.reached("passphrase", officer.name, WRONG_PASSPHRASES):
		raise TooManyPassphrases(_("Too many wrong passphrases. Wait a quarter of an hour, then try again."))
	try:
		return use()
	except WrongPassphrase:
		limits.count("passphrase", officer.name, WRONG_PASSPHRASES + 1, PASSPHRASE_SPAN)
		raise


def mark(doc):
	"""Let the document go on: its workflow says where a signature leads."""
	if doc.doctype in stages.tracked_doctypes() and moves.move(doc, moves.SIGNED):
		return
	doc.db_set("modified", now_datetime())


def check_signed(doc):
	"""Refuse the workflow's step that means "signed" of a document that is not.

	Raises:
		NotSignedYet: the message says what to do.
	"""
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "state": "Valid"}
	if not frappe.db.exists(records.DOCTYPE, about):
		frappe.throw(_("Sign the document first, with the button Sign electronically."), NotSignedYet)


# Who may sign what


def check_may_sign(doc, officer):
	"""Refuse a signature that is not this officer's to give.

	A document adds rules of its own, such as that nobody signs what they inspected, with a method
	`before_signing(officer)` that raises SigningRefused; other apps with a doc event of that name.

	Raises:
		SigningRefused: the message says why.
	"""
	user = frappe.session.user
	if officer.user != user:
		raise SigningRefused(_("Only {0} may sign as this officer.").format(officer.officer_name))
	if not officer.in_office():
		raise SigningRefused(
			_("{0} may not sign at present: not active, or outside the period of office.").format(
				officer.officer_name
			)
		)
	if doc.get("agency") and doc.agency != officer.agency:
		raise SigningRefused(_("The document belongs to another agency than the signing officer."))
	if not has_agency_permission(doc):
		raise SigningRefused(_("The document belongs to another agency."))
	if doc.owner == user:
		raise SigningRefused(_("You entered this document; somebody else has to sign it."))
	if not awaits_signature(doc):
		raise SigningRefused(
			_("The document is not waiting for a signature. Take the steps before it first.")
		)
	doc.run_method("before_signing", officer)


def awaits_signature(doc) -> bool:
	"""Tell whether the workflow has a signature here; one that names no step for it has it until the end."""
	workflow = stages.active_workflow(doc.doctype) if doc.doctype in stages.tracked_doctypes() else None
	if not workflow:
		return True
	states = {row.state for row in workflow.transitions if row.get("sinjai_trigger") == moves.SIGNED}
	return doc.workflow_state in states if states else doc.get("stage") not in stages.ENDED


# What the Desk signs


def terms_of(doc) -> Terms:
	"""Return what is signed of this document.

	A DocType says it with a method `signing_terms` that returns Terms; a service request without one is
	signed as its Public Service says.

	Raises:
		SigningRefused: nothing of this document is to be signed.
	"""
	if hasattr(doc, "signing_terms"):
		return doc.signing_terms()
	service = doc.get("service") and frappe.get_cached_doc("Public Service", doc.service)
	if not service or not service.needs_signature:
		raise SigningRefused(_("This kind of document is not signed here."))
	months = service.validity_months
	return Terms(
		print_format=service.print_format,
		kind=service.product or service.service_name,
		number=doc.name,
		valid_until=add_months(nowdate(), months) if months else None,
		holder_name=doc.get("applicant_name"),
	)


def sign_many(doctype: str, names: Iterable[str], officer: str, passphrase: Passphrase) -> list[dict]:
	"""Sign several documents with one passphrase; one that fails does not stop the others.

	It runs in the request and not in a job: a job's arguments lie in Redis, and the passphrase may lie
	nowhere. The browser therefore sends a day's documents in small batches and shows how far it is.

	Returns:
		A row a document: {"name", "signed_document", "error", "stop"}; `stop` tells that the rest would
		fail in the same way, as after a wrong passphrase, and was not tried.
	"""
	done = []
	for name in names:
		row = {"name": name, "signed_document": None, "error": None, "stop": False}
		done.append(row)
		frappe.db.savepoint("one_of_many")
		try:
			row["signed_document"] = sign_one(doctype, name, officer, passphrase)
		except Exception as error:
			frappe.db.rollback(save_point="one_of_many")
			frappe.clear_messages()
			row.update(error=told(error, doctype, name), stop=getattr(error, "ends_session", False))
		if row["stop"]:
			break
	return done


def sign_one(doctype: str, name: str, officer: str, passphrase: Passphrase) -> str:
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	terms = terms_of(doc)
	return sign(
		doc,
		terms.print_format,
		officer,
		passphrase,
		kind=terms.kind,
		number=terms.number,
		valid_until=terms.valid_until,
		holder_name=terms.holder_name,
		purpose=terms.purpose,
	)


def told(error: Exception, doctype: str, name: str) -> str:
	"""Return the sentence an officer reads about what went wrong; log what nobody foresaw.

	The log gets the traceback without the values of variables, which the platform would add by itself.
	"""
	if isinstance(error, SigningError):
		return str(error)
	if isinstance(error, frappe.PermissionError):
		return _("You may not open this document.")
	frappe.log_error(
		title="Signing failed",
		message=frappe.get_traceback(),
		reference_doctype=doctype,
		reference_name=name,
	)
	return _("The document could not be signed; it is as it was before. See the Error Log.")
