"""Sending a signed letter: into other agencies, by e-mail, by WhatsApp, or on paper with the expedition book.

Everything is written in one transaction: letters that arrive in other agencies are there when it commits,
mails and messages leave after it. Each addressee's row says what has become of it, and a row that is no
longer waiting is never sent again.
"""

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount
from frappe.utils import get_datetime, now_datetime

from sinjai_services import printing
from sinjai_services.requests import moves
from sinjai_services.simaya import dispositions, organisation
from sinjai_services.whatsapp import outbox

INSIDE, EMAIL, WHATSAPP, PAPER = "Inside the System", "E-mail", "WhatsApp", "Paper"
NEEDED = {INSIDE: "position", EMAIL: "email", WHATSAPP: "whatsapp_number", PAPER: "addressee"}
"""What an addressee's row must hold, by channel."""

WAITING, SENT, HANDED_OVER = "Waiting", "Sent", "Handed Over"
WITHOUT_ADDRESSEE = ("Assignment Letter", "Statement Letter")
"""Kinds that are handed to the person they are about and need not name an addressee."""

LONGEST_NAME = 140


def print_format_of(letter) -> str:
	"""Return the Print Format of a letter: its template's, or the active one shipped for its kind."""
	name = letter.template and frappe.get_cached_value("Letter Template", letter.template, "print_format")
	name = name or frappe.db.get_value(
		"Letter Template", {"kind": letter.kind, "active": 1, "print_format": ("is", "set")}, "print_format"
	)
	if not name or not frappe.db.exists("Print Format", name):
		frappe.throw(
			_("No letter template of the kind {0} names a print format. Ask your administrator.").format(
				_(letter.kind)
			)
		)
	return name


def name_of(position: str, own_agency: str) -> str:
	"""Return how a letter addresses a position: one of another agency with that agency's name."""
	label, agency = organisation.position_label(position), organisation.agency_of(position)
	if agency == own_agency:
		return label
	name = frappe.get_cached_value("Agency", agency, "agency_name")
	first, _space, rest = name.partition(" ")
	# "Kepala Dinas" of "Dinas Perhubungan" is the "Kepala Dinas Perhubungan".
	return f"{label} {rest if label.split()[-1] == first else name}".strip()[:LONGEST_NAME]


def may_send(letter) -> bool:
	"""Tell whether the user sends this letter: its drafter, its signer, or the agency's records office."""
	held = set(organisation.positions_of())
	return bool(
		{letter.drafter_position, letter.signing_position, *organisation.records_offices_of(letter.agency)}
		& held
	)


# Sending -----------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def send(letter: str) -> None:
	"""Send a signed letter to everybody it is addressed to."""
	from sinjai_services.simaya import approval

	doc = approval.locked(letter)
	approval.may(doc, "send")
	signed = signed_document(doc)
	for row in doc.addressees:
		if row.state == WAITING:
			SENDERS[row.channel](doc, row, signed)
	doc.sent_at = now_datetime()
	approval.go(doc, moves.SENT_OUT if papers_waiting(doc) else moves.HANDED_OVER)
	if doc.reply_to:
		dispositions.answered_by_letter(doc.reply_to, doc)


def signed_document(letter):
	"""Return the valid Signed Document of a letter."""
	key = {"reference_doctype": letter.doctype, "reference_name": letter.name, "state": "Valid"}
	name = frappe.db.get_value("Signed Document", key)
	if not name:
		frappe.throw(_("The letter carries no valid signature."))
	return frappe.get_doc("Signed Document", name)


def signed_file(letter) -> str | None:
	"""Return the address of the signed file, or None; it opens to those only who may see the letter."""
	key = {"reference_doctype": letter.doctype, "reference_name": letter.name, "state": "Valid"}
	return frappe.db.get_value("Signed Document", key, "file") if letter.number else None


def send_inside(letter, row, signed):
	"""Let the letter arrive in the addressee's agency, in this transaction and once.

	An agency gets one letter: addressed to the first of its positions named, with copies to the others.
	"""
	from sinjai_services.simaya import incoming

	agency = organisation.agency_of(row.position)
	there = [each for each in inside(letter) if organisation.agency_of(each.position) == agency]
	first, *others = sorted(there, key=lambda each: (each.is_copy, each.idx))
	row.incoming_letter = incoming.receive_internal(
		letter,
		agency,
		first.position,
		subject=letter.subject,
		sender_name=printing.issuing_office(letter).name,
		letter_number=letter.number,
		letter_date=letter.letter_date,
		urgency=letter.urgency,
		security=letter.security,
		classification=letter.classification,
		attachments_note=letter.attachments_note,
		copies=[{"position": each.position} for each in others],
		file_url=signed.file,
	)
	sent(row)


def inside(letter) -> list:
	return [row for row in letter.addressees if row.channel == INSIDE]


def send_by_mail(letter, row, signed):
	account = EmailAccount.find_outgoing(match_by_doctype=letter.doctype)
	if not account or not account.email_id:
		frappe.throw(
			_("No mail account sends for this site. Ask your administrator, or send the letter another way.")
		)
	file = frappe.db.get_value("File", {"file_url": signed.file, "attached_to_name": signed.name})
	frappe.sendmail(
		recipients=[row.email],
		subject=letter.subject,
		message=covering_text(letter, row).replace("\n", "<br>"),
		attachments=[{"fid": file}],
		reference_doctype=letter.doctype,
		reference_name=letter.name,
		delayed=True,
	)
	sent(row)


def send_by_whatsapp(letter, row, signed):
	row.message = outbox.put(
		row.whatsapp_number,
		covering_text(letter, row, plain=True),
		agency=letter.agency,
		about=letter,
		file_url=signed.file,
		key=f"letter:{letter.name}:{row.name}",
	)
	sent(row)


def wait_for_courier(letter, row, signed):
	"""Paper is written into the expedition book and waits for its receipt."""
	row.sent_at = now_datetime()


def sent(row):
	row.update({"state": SENT, "sent_at": now_datetime()})


SENDERS = {INSIDE: send_inside, EMAIL: send_by_mail, WHATSAPP: send_by_whatsapp, PAPER: wait_for_courier}


def covering_text(letter, row, plain: bool = False) -> str:
	"""Return what accompanies the letter; people outside read it, so it is Indonesian."""
	escape = str if plain else frappe.utils.escape_html
	office = printing.issuing_office(letter).name
	return "\n".join(
		(
			f"Yth. {escape(row.addressee)},",
			f"terlampir surat {escape(office)} nomor {escape(letter.number or '')}"
			f" tanggal {printing.indonesian_date(letter.letter_date, weekday=False)}"
			f" perihal {escape(letter.subject)}.",
			"Keaslian surat dapat diperiksa melalui kode QR pada surat atau di"
			f" {frappe.utils.get_url('/verifikasi')}.",
		)
	)


# Paper -------------------------------------------------------------------------------------------------


def papers_waiting(letter) -> list:
	return [row for row in letter.addressees if row.channel == PAPER and row.state != HANDED_OVER]


@frappe.whitelist(methods=["POST"])
def hand_over(letter: str, row: str, receiver_name: str, at: str | None = None) -> None:
	"""Enter in the expedition book who has received a paper letter.

	Args:
		row: name of the addressee's row.
		receiver_name: who signed for it.
		at: when; now when left out.
	"""
	from sinjai_services.simaya import approval

	doc = approval.locked(letter)
	approval.may(doc, "hand_over")
	addressee = next((each for each in papers_waiting(doc) if each.name == row), None)
	receiver = " ".join((receiver_name or "").split())
	when = get_datetime(at) if at else now_datetime()
	if not addressee:
		frappe.throw(_("This addressee has the letter already."))
	if not 2 <= len(receiver) <= LONGEST_NAME:
		frappe.throw(_("Write who received the letter."))
	if not doc.sent_at <= when <= now_datetime():
		frappe.throw(_("The letter was received after it was sent and not in the future."))
	addressee.update({"state": HANDED_OVER, "receiver_name": receiver, "handed_over_at": when})
	doc.add_event("Delivery", label=_("Handed over"), detail=f"{addressee.addressee}: {receiver}")
	if papers_waiting(doc):
		doc.save(ignore_permissions=True)
	else:
		approval.go(doc, moves.HANDED_OVER)


def revoke_signature(letter, reason: str):
	"""Revoke the signature of a letter that is cancelled before it was sent; one revoked already stays so."""
	if signed_file(letter):
		signed_document(letter).declare_void(reason)
