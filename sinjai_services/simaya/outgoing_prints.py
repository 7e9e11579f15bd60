"""What the print formats of letters show, in the words of a printed letter."""

from typing import Any

from markupsafe import Markup

import frappe
from frappe import _

from sinjai_services.printing import indonesian_date
from sinjai_services.simaya import body, dispatch, organisation, secrecy

NOT_YET = "…………………………"
"""Stands where number and date of a draft will be."""


def letter_print(doc: Any) -> frappe._dict:
	"""Return what a print format shows of an outgoing letter.

	Returns:
		number, date: dots while it has none.
		urgency, enclosures, subject: as printed; urgency in Indonesian.
		place: where the agency sits.
		body: the text as Markup, cleaned once more: rows may have been written past the form.
		signer: the signing position, with Plt. or Plh. where the officer signs so.
		addressees, copies: rows of {"name", "address", "place"}.
		is_draft, is_copy: whether it has no number yet, or has been signed: then the signed file counts.
		secret: whether it is marked as RAHASIA.
		verification_page: where the signature can be verified, without scheme.
	"""
	signing = doc.flags.signing if getattr(doc, "flags", None) else None
	return frappe._dict(
		number=doc.number or NOT_YET,
		date=indonesian_date(doc.letter_date, weekday=False) if doc.letter_date else NOT_YET,
		urgency=_(doc.urgency, "id"),
		enclosures=doc.attachments_note or "-",
		subject=doc.subject,
		place=place_of(doc),
		body=Markup(body.clean(doc.body)),
		sender=organisation.position_label(doc.signing_position),
		signer=signing.signer_position if signing else organisation.position_label(doc.signing_position),
		addressees=[shown(row) for row in doc.addressees if not row.is_copy],
		copies=[shown(row) for row in doc.addressees if row.is_copy],
		is_draft=not doc.number,
		is_copy=not signing and bool(dispatch.signed_file(doc)),
		secret=doc.security == secrecy.SECRET,
		verification_page=frappe.utils.get_url("/verifikasi").split("://", 1)[-1],
	)


def shown(row) -> frappe._dict:
	return frappe._dict(name=row.addressee, address=row.address, place="Tempat")


def place_of(doc) -> str:
	"""Return the seat of the regency: the name of the government without what it is."""
	government = frappe.get_cached_doc("Sinjai Settings").government_name or "Pemerintah Kabupaten Sinjai"
	return government.split()[-1]
