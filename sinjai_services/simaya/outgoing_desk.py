"""What the form of an outgoing letter asks: positions to choose from, and how a new letter begins."""

import frappe

from sinjai_services.simaya import organisation

MOST = 20


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
		drafter_position, signing_position, and of the letter answered subject, classification, security.
	"""
	own = organisation.positions_of()
	first = own[0] if own else None
	leaders = organisation.leaders_of(organisation.agency_of(first)) if first else []
	begun = {"drafter_position": first, "signing_position": leaders[0] if leaders else None}
	if reply_to:
		answered = frappe.get_doc("Incoming Letter", reply_to)
		answered.check_permission("read")
		begun |= {field: answered.get(field) for field in ("subject", "classification", "security")}
	return begun
