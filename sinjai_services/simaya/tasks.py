"""What waits for whom: a small row for each position that is asked something, opened and closed with it.

The list everybody starts with reads these rows by position and the sign `waiting`, both in one index, and the
outgoing letters by the position they wait for: however large the archive of letters and dispositions grows,
it costs what the open ones cost.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.simaya import organisation, secrecy

ADDRESSEE, ACTION, INFORMATION, COPY = "Addressee", "Action", "Information", "Copy"
UNREAD, READ, PASSED_ON, ANSWERED, WITHDRAWN = "Unread", "Read", "Passed On", "Answered", "Withdrawn"
TO_BE_ANSWERED = (ADDRESSEE, ACTION)
MOST_SHOWN = 100

LIST_FIELDS = ("name", "letter", "disposition", "position", "from_position", "kind", "state", "due_date")
LIST_FIELDS += ("urgency", "security", "subject", "sender_name", "received_at")
OUTGOING_FIELDS = ("name", "subject", "urgency", "security", "stage", "stage_since", "waits_for")
OUTGOING_FIELDS += ("drafter_position",)

DECIDE, ANSWER, GO_ON = "decide", "answer", "go on"
GROUPS = (DECIDE, ANSWER, GO_ON)
"""What waits, in the order it is shown: who waits for a signature cannot go on without it."""

OUTGOING_KINDS = {
	stages.CHECKING: ("check", DECIDE),
	stages.DECIDING: ("sign", DECIDE),
	stages.RECEIVED: ("draft", GO_ON),
	stages.READY: ("send", GO_ON),
}
"""What an outgoing letter waits for, by its stage; `approval.waits_for` names nobody in any other."""


def open_task(position: str, kind: str, about, **values):
	"""Write down that something waits for a position.

	Args:
		position: a Work Position.
		kind: one of this module's kinds.
		about: the letter or the Disposition it comes from; subject, class and agency are taken from it.
		values: further fields of Letter Task.
	"""
	task = frappe.new_doc("Letter Task")
	task.update({"position": position, "kind": kind, "state": UNREAD, "waiting": 1})
	task.update({"agency": about.agency, "security": about.security, "subject": about.subject})
	task.update({"sender_name": about.get("sender_name"), "urgency": about.get("urgency")})
	task.update({"received_at": now_datetime(), **values})
	task.flags.ignore_permissions = True
	return task.insert()


@frappe.whitelist()
def waiting_for_me() -> list[dict]:
	"""Return what waits for the session's user, at most 100 rows of each kind.

	Letters to check and to sign come first, then letters and dispositions to be answered, then own drafts;
	within them the earliest due or longest waiting one.
	"""
	positions = organisation.positions_of()
	outgoing = [describe_outgoing(row) for row in outgoing_rows(positions)]
	incoming = [describe(row) for row in waiting_rows(positions)]
	return sorted([*outgoing, *incoming], key=lambda row: GROUPS.index(row["group"]))


def waiting_rows(positions: list[str]) -> list[dict]:
	if not positions:
		return []
	return waiting_query(positions).run(as_dict=True)


def outgoing_rows(positions: list[str]) -> list[dict]:
	if not positions:
		return []
	return outgoing_query(positions).run(as_dict=True)


def outgoing_query(positions: list[str]):
	letter = frappe.qb.DocType("Outgoing Letter")
	return (
		frappe.qb.from_(letter)
		.select(*(letter[field] for field in OUTGOING_FIELDS))
		.where(letter.waits_for.isin(positions) & letter.stage.isin(list(OUTGOING_KINDS)))
		.orderby(letter.stage_since)
		.limit(MOST_SHOWN)
	)


def waiting_query(positions: list[str]):
	task = frappe.qb.DocType("Letter Task")
	return (
		frappe.qb.from_(task)
		.select(*(task[field] for field in LIST_FIELDS))
		.where((task.position.isin(positions)) & (task.waiting == 1))
		.orderby(task.due_date.isnull())
		.orderby(task.due_date)
		.orderby(task.received_at)
		.limit(MOST_SHOWN)
	)


def describe(row: dict) -> dict:
	row["position_name"] = organisation.position_label(row.position)
	row["from_name"] = organisation.position_label(row.from_position)
	row["doctype"], row["about"] = (
		("Incoming Letter", row.letter) if row.letter else ("Disposition", row.disposition)
	)
	row["group"] = ANSWER
	return row


def describe_outgoing(row: dict) -> dict:
	"""Return an outgoing letter in the shape of a task."""
	row["kind"], row["group"] = OUTGOING_KINDS[row.stage]
	row["doctype"], row["about"] = "Outgoing Letter", row.name
	row["position"], row["position_name"] = row.waits_for, organisation.position_label(row.waits_for)
	row["from_name"] = (
		organisation.position_label(row.drafter_position) if row.drafter_position != row.waits_for else ""
	)
	return row


@frappe.whitelist(methods=["POST"])
def mark_read(doctype: str, name: str) -> int:
	"""Write down that the session's user has opened a letter or disposition that waited for them.

	What is only to be known waits no longer; what is to be answered does.

	Returns:
		How many tasks were marked.
	"""
	if doctype not in ("Incoming Letter", "Disposition"):
		frappe.throw(_("Only letters and dispositions are read."))
	frappe.get_doc(doctype, name).check_permission("read")
	column = "letter" if doctype == "Incoming Letter" else "disposition"
	filters = {column: name, "position": ("in", organisation.positions_of() or [""]), "state": UNREAD}
	unread = frappe.get_all("Letter Task", filters, ["name", "kind"])
	for task in unread:
		values = {"state": READ, "read_at": now_datetime(), "read_by": frappe.session.user}
		frappe.db.set_value(
			"Letter Task",
			task.name,
			{**values, "waiting": int(task.kind in TO_BE_ANSWERED)},
			update_modified=False,
		)
	return len(unread)


def tell(task, text: str):
	"""Ring the bell of whoever holds the task's position; a secret subject is left out."""
	subject = secrecy.MASKED if task.security == secrecy.SECRET else task.subject
	for user in organisation.holders_of(task.position):
		ring(user, task, text.format(frappe.utils.escape_html(subject or "")))


def ring(user: str, task, subject: str):
	from frappe.desk.doctype.notification_settings.notification_settings import is_notifications_enabled

	if user == frappe.session.user or not is_notifications_enabled(user):
		return
	log = frappe.new_doc("Notification Log")
	log.update({"type": "Alert", "for_user": user, "from_user": frappe.session.user, "subject": subject})
	about = ("Incoming Letter", task.letter) if task.letter else ("Disposition", task.disposition)
	log.update({"document_type": about[0], "document_name": about[1]})
	log.insert(ignore_permissions=True)
