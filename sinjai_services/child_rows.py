"""Rows of child tables are listed to those only who see the document they stand in.

Of a list of such rows the platform asks whether the user may read documents of the parent's kind at all, not
which of them: papers, addressees and reports of every agency and of secret letters would be listed.
"""

from functools import partial

import frappe
from frappe.permissions import get_role_permissions


def condition(child: str, user: str | None = None) -> str:
	"""Return the SQL condition that leaves out rows of documents the user does not see."""
	user = user or frappe.session.user
	return f"not ({' or '.join(unseen(child, parent, user) for parent in limited_parents(child))})"


def limited_parents(child: str) -> list[str]:
	"""Return the DocTypes with this child table of which not everybody sees every document."""
	limited = frappe.get_hooks("permission_query_conditions")
	return [
		parent
		for parent in limited
		if any(field.options == child for field in frappe.get_meta(parent).get_table_fields())
	]


def unseen(child: str, parent: str, user: str) -> str:
	of_parent = f"`tab{child}`.`parenttype` = {frappe.db.escape(parent)}"
	if not get_role_permissions(frappe.get_meta(parent), user=user).get("read"):
		return f"({of_parent})"
	hooks = frappe.get_hooks("permission_query_conditions")[parent]
	seen = filter(None, (frappe.call(frappe.get_attr(hook), user) for hook in hooks))
	wanted = " and ".join((f"`tab{parent}`.`name` = `tab{child}`.`parent`", *seen))
	return f"({of_parent} and not exists (select 1 from `tab{parent}` where {wanted}))"


# One for each child table: version 15 tells a hook the user only.
delivery_attempt = partial(condition, "Delivery Attempt")
disposition_instruction_row = partial(condition, "Disposition Instruction Row")
disposition_target = partial(condition, "Disposition Target")
field_visit_answer = partial(condition, "Field Visit Answer")
field_visit_appointment = partial(condition, "Field Visit Appointment")
field_visit_member = partial(condition, "Field Visit Member")
field_visit_paper = partial(condition, "Field Visit Paper")
field_visit_photo = partial(condition, "Field Visit Photo")
letter_addressee = partial(condition, "Letter Addressee")
letter_approval = partial(condition, "Letter Approval")
letter_attachment = partial(condition, "Letter Attachment")
letter_copy = partial(condition, "Letter Copy")
letter_report = partial(condition, "Letter Report")
locker_stocktake_line = partial(condition, "Locker Stocktake Line")
request_paper = partial(condition, "Request Paper")
