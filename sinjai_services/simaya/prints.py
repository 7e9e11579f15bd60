"""What the prints of letters show: the disposition sheet and the label."""

import frappe
from frappe import _
from frappe.utils import get_url

from sinjai_services import printing
from sinjai_services.simaya import organisation, secrecy

LETTER_FIELDS = ("sender_name", "letter_number", "letter_date", "received_at", "agenda_label", "subject")


def disposition_sheet(doc) -> dict:
	"""Return what a disposition sheet (lembar disposisi) shows of a letter or of one disposition.

	Of a letter its first disposition is shown; before there is one, the sheet is empty, to be filled in by
	hand. The fields are those of the form in use at the offices.
	"""
	if doc.doctype == "Disposition":
		disposition, letter = doc, doc.letter and frappe.get_doc("Incoming Letter", doc.letter)
	else:
		first = frappe.db.get_value("Disposition", {"letter": doc.name, "state": "Sent"}, order_by="creation")
		disposition, letter = first and frappe.get_doc("Disposition", first), doc
	sheet = frappe._dict(
		{field: letter.get(field) for field in LETTER_FIELDS} if letter else {"subject": doc.subject}
	)
	if letter:
		sheet.urgency = _(letter.urgency)
		sheet.security = "" if letter.security == secrecy.ORDINARY else _(letter.security)
	return frappe._dict({**sheet, **asked(disposition)})


def asked(disposition) -> dict:
	chosen = {row.instruction for row in disposition.instructions} if disposition else set()
	offered = frappe.get_all(
		"Disposition Instruction", {"active": 1}, order_by="sort_order, name", pluck="name"
	)
	shown = [*offered, *sorted(chosen - set(offered))]
	found = {"instructions": [{"text": each, "chosen": each in chosen} for each in shown], "targets": []}
	if not disposition:
		return found
	return {
		**found,
		"targets": [
			{"label": organisation.position_label(row.position), "information": row.purpose == "Information"}
			for row in disposition.targets
		],
		"note": disposition.note,
		"due_date": disposition.due_date,
		"position": organisation.position_label(disposition.from_position),
		"by": frappe.get_cached_value("User", disposition.by, "full_name"),
		"at": disposition.at,
	}


def letter_label_qr(letter) -> str:
	"""Return the QR code of a letter's label: the address of its place, which ends with the label's code."""
	return printing.qr_svg(get_url(f"/app/where-is-the-letter/{letter.label_code}"))
