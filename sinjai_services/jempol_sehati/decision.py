"""Recommend, approve, sign: who decides on a licence, and that nobody decides on their own work.

What a step means is said by the trigger on its transition in the administrator's workflow; the rules hold
whether it is taken in the Desk, by REST, by import or by code.
"""

import frappe
from frappe import _
from frappe.utils import add_months, escape_html, now_datetime, nowdate

from sinjai_services import stages
from sinjai_services.jempol_sehati import licence_numbers
from sinjai_services.requests import moves
from sinjai_services.signing import process

SIGNED_DOCUMENT = "Signed Document"


class FourEyes(frappe.PermissionError):
	"""Somebody would decide on what they entered, inspected or recommended."""


class NotDecidedYet(frappe.ValidationError):
	"""The step needs something that has not been written or done yet; the message says what."""


def follow_step(doc):
	"""Check and record the step of the workflow that this save takes; called once the stage is known."""
	before = doc.get_doc_before_save()
	if not before or before.workflow_state == doc.workflow_state:
		return
	if moves.means(doc, moves.RECOMMENDED):
		recommend(doc)
	if moves.means(doc, moves.APPROVED):
		approve(doc)
	if moves.means(doc, moves.SIGNED):
		process.check_signed(doc)
	if doc.stage == stages.REJECTED:
		reject(doc)
	if doc.stage == stages.READY and not doc.needs_signature and not doc.licence_number:
		issue(doc)


def recommend(doc):
	if not doc.recommendation:
		frappe.throw(_("Choose the recommendation first, and write its reasons."), NotDecidedYet)
	if doc.recommendation != "Grant" and not (doc.recommendation_note or "").strip():
		frappe.throw(_("Write the reasons or conditions of the recommendation first."), NotDecidedYet)
	doc.recommended_by, doc.recommended_at = frappe.session.user, now_datetime()


def approve(doc):
	check_four_eyes(doc, frappe.session.user)
	if papers := doc.open_papers():
		frappe.throw(
			_("These papers are still missing or refused: {0}").format(
				", ".join(escape_html(paper["label"]) for paper in papers)
			),
			NotDecidedYet,
		)
	doc.decided_by, doc.decided_at = frappe.session.user, now_datetime()


def reject(doc):
	"""Ask for reasons and for what the applicant can do about them; both stand in the letter."""
	for field in ("rejection_reason", "rejection_advice"):
		if not (doc.get(field) or "").strip():
			frappe.throw(
				_("Write first: {0}. The applicant reads it.").format(_(doc.meta.get_label(field))),
				NotDecidedYet,
			)
	doc.decided_by, doc.decided_at = frappe.session.user, now_datetime()


def check_four_eyes(doc, user: str):
	"""Refuse who had a hand in what is decided.

	Raises:
		FourEyes: the message says which.
	"""
	for hand, users in hands(doc).items():
		if user in users:
			frappe.throw(hand, FourEyes, title=_("Somebody Else Has to Decide"))


def hands(doc) -> dict[str, set[str]]:
	"""Return who may not decide, by the sentence that tells them so."""
	return {
		_("You entered this application; somebody else has to decide on it."): {doc.owner},
		_("You inspected the place; somebody else has to decide."): set(doc.inspectors()),
		_("You made the recommendation; somebody else has to decide."): {doc.recommended_by} - {None},
	}


# Issuing and revoking


def issue(doc) -> str:
	"""Give the licence its number and dates, and return the number; one that it has it keeps."""
	service = doc.service_terms()
	doc.issued_at = now_datetime()
	doc.valid_until = expiry(service)
	doc.licence_number = doc.licence_number or licence_numbers.allot(doc.doctype, service, nowdate())
	return doc.licence_number


def expiry(service):
	"""Return the last day of a licence issued today, or None for ever."""
	return add_months(nowdate(), service.validity_months) if service.validity_months else None


def revoke(doc, reason: str):
	"""Revoke an issued licence: the signed document first, which judges the reason, then the register.

	Raises:
		frappe.PermissionError: the user may not change signed documents of this agency.
		NotDecidedYet: there is no licence to revoke.
	"""
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "state": "Valid"}
	names = frappe.get_all(SIGNED_DOCUMENT, about, pluck="name")
	if not names:
		frappe.throw(_("No valid licence was signed here."), NotDecidedYet)
	for name in names:
		frappe.get_doc(SIGNED_DOCUMENT, name).revoke(reason)


def note_revocation(signed, method: str | None = None):
	"""Write into the register that a licence's signed document was revoked, wherever that was done (hook)."""
	if signed.reference_doctype != "Licence Application" or signed.state != "Revoked":
		return
	doc = frappe.get_doc(signed.reference_doctype, signed.reference_name)
	if doc.revoked:
		return
	doc.db_set(
		{
			"revoked": 1,
			"revoked_at": signed.revoked_at,
			"revoked_by": signed.revoked_by,
			"revocation_reason": signed.revocation_reason,
		}
	)
	doc.add_event("Decision", label=_("Licence revoked"), detail=signed.revocation_reason, public=True)
