"""What the form of an outgoing letter asks: positions to choose from, and how a new letter begins."""

import frappe

from sinjai_services.simaya import dispatch, organisation, secrecy

MOST = 20
LONGEST_SUBJECT = 140


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def find_positions(
	doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: dict | None = None
) -> list:
	"""Return positions for a link field: the user's own, those of an agency, or everybody a letter may go to.

	Positions of other agencies are no secret: every letter names them. User Permissions would hide them.
	"""
	filters = frappe._dict(filters or {})
	table = frappe.qb.DocType("Work Position")
	query = (
		frappe.qb.from_(table).select(table.name, table.position_name, table.agency).where(table.active == 1)
	)
	query = query.where(table.position_name.like(f"%{txt}%") | table.name.like(f"%{txt}%"))
	if filters.scope == "mine":
		query = query.where(table.name.isin(organisation.positions_of() or [""]))
	elif filters.scope == "agency":
		agencies = (
			[filters.agency] if filters.agency else organisation.agencies_of_positions(frappe.session.user)
		)
		query = query.where(table.agency.isin(agencies or [""]))
	return (
		query.orderby(table.agency, table.lft)
		.limit(min(int(page_len or MOST), 50))
		.offset(int(start or 0))
		.run()
	)


@frappe.whitelist()
def proposal(reply_to: str | None = None) -> dict:
	"""Return what a new letter begins with: the user's position, the agency's head, whom it answers.

	Returns:
		drafter_position, signing_position, and of an answer also subject, classification, security and, under
		`addressees`, the sender of the letter it answers.
	"""
	own = organisation.positions_of()
	first = own[0] if own else None
	leaders = organisation.leaders_of(organisation.agency_of(first)) if first else []
	begun = {"drafter_position": first, "signing_position": leaders[0] if leaders else None}
	return begun | answer_to(reply_to) if reply_to else begun


def answer_to(name: str) -> dict:
	"""Return what an answer takes from the letter it answers."""
	letter = frappe.get_doc("Incoming Letter", name)
	letter.check_permission("read")
	# The subject is printed, and letters are Indonesian.
	answer = {"subject": f"Jawaban atas {letter.subject}"[:LONGEST_SUBJECT], "security": letter.security}
	return {**answer, "classification": letter.classification, "addressees": [sender_of(letter)]}


def sender_of(letter) -> dict:
	"""Return the row that addresses a letter's sender, by the way the letter came."""
	name = ", ".join(filter(None, (letter.sender_name, letter.sender_organisation)))[: dispatch.LONGEST_NAME]
	position = letter.source_name and frappe.db.get_value(
		letter.source_doctype, letter.source_name, "signing_position"
	)
	if position:
		row = {"channel": dispatch.INSIDE, "position": position}
	elif letter.security == secrecy.SECRET:
		row = {"channel": dispatch.PAPER}
	elif letter.whatsapp_number:
		row = {"channel": dispatch.WHATSAPP, "whatsapp_number": letter.whatsapp_number}
	elif letter.sender_email:
		row = {"channel": dispatch.EMAIL, "email": letter.sender_email}
	else:
		row = {"channel": dispatch.PAPER}
	if row["channel"] == dispatch.PAPER:
		row["address"] = letter.sender_address
	return {**row, "addressee": name}
