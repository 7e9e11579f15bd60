"""Who is on the way of an outgoing letter, as secrecy.py asks it.

On the way of a letter are its drafter, every position that has checked or is to check it, and the signer. Of
a secret one nobody else knows, administrators of the app included; addressees get a letter of their own when
it is sent, and know nothing of it before.
"""

import frappe

from sinjai_services.simaya import organisation
from sinjai_services.simaya.secrecy import openly_visible, quoted

DOCTYPE = "Outgoing Letter"


def outgoing_condition(user: str | None = None) -> str:
	"""Return the SQL condition for lists of outgoing letters; single ones are asked of it, too."""
	user = user or frappe.session.user
	return f"({openly_visible(DOCTYPE, user)} or {on_the_way(user)})"


def on_the_way(user: str) -> str:
	"""Return the SQL condition that a letter passes through the user's hands."""
	letter, held = f"`tab{DOCTYPE}`", quoted(organisation.positions_of(user))
	ways = (
		f"{letter}.`owner` = {frappe.db.escape(user)}",
		f"{letter}.`drafter_position` in ({held})",
		f"{letter}.`signing_position` in ({held})",
		f"exists (select 1 from `tabLetter Approval` step where step.`parent` = {letter}.`name`"
		f" and step.`position` in ({held}))",
	)
	return f"({' or '.join(ways)})"


def positions_on_way(doc) -> set[str]:
	"""Return every position the letter passes."""
	return {*(row.position for row in doc.approvals), doc.drafter_position, doc.signing_position}
