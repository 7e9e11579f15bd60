"""Dispositions: one position asks several, each passes on below itself, answers come back up.

A task is closed by who answers it. While it is passed on it does not wait for the one who passed it on; when
everybody below has answered, it does again. A letter is finished when its addressee's task is answered; where
it then goes is its workflow's affair.
"""

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, getdate, now_datetime, nowdate

from sinjai_services.requests import moves
from sinjai_services.simaya import files, organisation, secrecy, tasks

DISPOSED, ANSWERED = "Letter Disposed", "Letter Answered"
"""Triggers on the transitions of the letters' workflow."""

LONGEST_TEXT = 4000
SAME_MINUTES = 2
"""What is sent again unchanged within so many minutes is a repetition, not another disposition."""


class DispositionRefused(frappe.ValidationError):
	"""The disposition cannot be made like this; the message says why."""


# Asking --------------------------------------------------------------------------------------------------


@frappe.whitelist()
def choices(position: str | None = None) -> dict:
	"""Return what the dialog offers: own positions, whom each may ask, the instructions."""
	own = organisation.positions_of()
	chosen = position if position in own else (own[0] if own else None)
	return {
		"positions": [labelled(each) for each in own],
		"position": chosen,
		"targets": [labelled(each) for each in allowed_targets(chosen)] if chosen else [],
		"instructions": frappe.get_all(
			"Disposition Instruction", {"active": 1}, order_by="sort_order, name", pluck="name"
		),
	}


def labelled(position: str) -> dict:
	return {
		"value": position,
		"label": organisation.position_label(position),
		"holder": organisation.name_of_holder(position),
	}


def allowed_targets(position: str) -> list[str]:
	"""Return whom a position may ask: everybody below it; the head of an agency, everybody in it."""
	if not frappe.get_cached_value("Work Position", position, "is_leader"):
		return organisation.subordinates(position)
	filters = {"agency": organisation.agency_of(position), "active": 1, "name": ("!=", position)}
	return frappe.get_all("Work Position", filters, order_by="lft", pluck="name")


@frappe.whitelist(methods=["POST"])
def dispose(
	from_position: str,
	targets: str | list,
	letter: str | None = None,
	task: str | None = None,
	instructions: str | list | None = None,
	note: str | None = None,
	due_date: str | None = None,
	subject: str | None = None,
	security: str | None = None,
) -> str:
	"""Ask other positions to do something, about a letter or on one's own initiative.

	Args:
		from_position: a position the session's user holds today.
		targets: rows of {"position", "purpose"}; purpose is Action or Information.
		letter: the letter it is about; without one it is an initiative disposition and needs `subject`.
		task: the task that is passed on; found by letter and position when left out.
		instructions: names of Disposition Instructions.
		note: own words.
		due_date: until when an answer is expected.
		subject, security: of an initiative disposition.

	Returns:
		The name of the Disposition; of the one before where a bad line has sent the same twice.

	Raises:
		frappe.PermissionError: the position is not the user's, or the letter never came to it.
		DispositionRefused: a target is out of reach, or nothing is asked.
	"""
	require_own(from_position)
	rows = read_targets(from_position, frappe.parse_json(targets))
	passed_on = find_task(from_position, letter, task)
	doc = frappe.new_doc("Disposition")
	doc.update({"from_position": from_position, "by": frappe.session.user, "at": now_datetime()})
	doc.update({"note": (note or "").strip()[:LONGEST_TEXT], "due_date": due_from(due_date)})
	set_subject(doc, from_position, letter, passed_on, subject, security)
	for each in frappe.parse_json(instructions) or []:
		doc.append("instructions", {"instruction": each})
	if not doc.instructions and not doc.note:
		frappe.throw(_("Choose an instruction or write what is to be done."), DispositionRefused)
	for row in rows:
		doc.append("targets", row)
	if sent := sent_just_now(doc):
		return sent
	doc.insert(ignore_permissions=True)
	open_tasks(doc)
	if passed_on:
		pass_on(passed_on)
	return doc.name


def sent_just_now(doc) -> str | None:
	"""Return the disposition of a moment ago that asks the very same, or None.

	Of a letter its locked task keeps a second sending waiting until the first has been stored.
	"""
	since = add_to_date(doc.at, minutes=-SAME_MINUTES)
	recent = {"from_position": doc.from_position, "at": (">", since), "by": doc.by}
	for name in frappe.get_all("Disposition", recent, pluck="name"):
		if what_is_asked(frappe.get_doc("Disposition", name)) == what_is_asked(doc):
			return name
	return None


def what_is_asked(doc) -> tuple:
	targets = {(row.position, row.purpose) for row in doc.targets}
	instructions = {row.instruction for row in doc.instructions}
	about = (doc.letter or "", doc.parent_task or "", doc.subject, doc.note or "", doc.state or "Sent")
	return (*about, str(doc.due_date or ""), targets, instructions)


def require_own(position: str):
	if position not in organisation.positions_of():
		frappe.throw(_("You do not hold this position today."), frappe.PermissionError)


def read_targets(from_position: str, rows: list) -> list[dict]:
	"""Return the targets, each once; refuse those out of reach."""
	reachable = set(allowed_targets(from_position))
	found = {}
	for row in rows or []:
		row = {"position": row} if isinstance(row, str) else row
		if row.get("position") not in reachable:
			frappe.throw(
				_("{0} is not below you, so you cannot ask it.").format(
					organisation.position_label(row.get("position")) or row.get("position")
				),
				DispositionRefused,
			)
		purpose = tasks.INFORMATION if row.get("purpose") == tasks.INFORMATION else tasks.ACTION
		found.setdefault(row["position"], {"position": row["position"], "purpose": purpose})
	if not found:
		frappe.throw(_("Choose at least one position."), DispositionRefused)
	return list(found.values())


def find_task(position: str, letter: str | None, task: str | None):
	"""Return the locked task that is passed on; None for an initiative."""
	if not letter and not task:
		return None
	name = task or open_task_of(position, letter)
	doc = frappe.get_doc("Letter Task", name, for_update=True) if name else None
	if (
		not doc
		or doc.position != position
		or doc.state == tasks.WITHDRAWN
		or (letter and doc.letter != letter)
	):
		frappe.throw(_("This letter did not come to your position."), frappe.PermissionError)
	return doc


def open_task_of(position: str, letter: str) -> str | None:
	"""Return the position's task of a letter that is to be answered, the latest first."""
	filters = {"letter": letter, "position": position, "state": ("!=", tasks.WITHDRAWN)}
	return frappe.db.get_value("Letter Task", filters, order_by="waiting desc, creation desc")


def due_from(due_date: str | None):
	if not due_date:
		return None
	day = getdate(due_date)
	if day < getdate(nowdate()):
		frappe.throw(_("The due date lies in the past."), DispositionRefused)
	return day


def set_subject(doc, from_position, letter, passed_on, subject, security):
	source = passed_on or frappe._dict()
	doc.letter = source.letter or letter
	doc.parent_task = source.name
	doc.agency = organisation.agency_of(from_position)
	doc.subject = source.subject or (subject or "").strip()[:500]
	doc.security = source.security or security or secrecy.ORDINARY
	if not doc.subject:
		frappe.throw(_("Write what it is about."), DispositionRefused)


def open_tasks(doc):
	"""Open a task for each position asked, and tell its holders."""
	letter = doc.letter and frappe.db.get_value(
		"Incoming Letter", doc.letter, ["sender_name", "urgency"], as_dict=True
	)
	for row in doc.targets:
		task = tasks.open_task(
			row.position,
			row.purpose,
			doc,
			letter=doc.letter,
			disposition=doc.name,
			parent_task=doc.parent_task,
			from_position=doc.from_position,
			due_date=doc.due_date,
			**(letter or {}),
		)
		frappe.db.set_value("Disposition Target", row.name, "task", task.name, update_modified=False)
		tasks.tell(task, _("A disposition for you: {0}"))


def pass_on(task):
	"""Mark that a task now lies with others; a letter's first disposition moves the letter on."""
	values = {"state": tasks.PASSED_ON, "waiting": 0, "read_at": task.read_at or now_datetime()}
	task.db_set({**values, "read_by": task.read_by or frappe.session.user}, update_modified=False)
	if task.letter and task.kind == tasks.ADDRESSEE:
		move_letter(task.letter, DISPOSED)


def move_letter(letter: str, trigger: str):
	"""Let the letter take the step its workflow has for this, if it has one here."""
	doc = frappe.get_doc("Incoming Letter", letter)
	if moves.find_way(doc, trigger):
		moves.move(doc, trigger)


# Answering -----------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def report(task: str, text: str, file_urls: str | list | None = None, final: bool = True):
	"""Answer a task, with files; an interim report leaves it open.

	Args:
		task: a Letter Task of a position the session's user holds today.
		text: what was done.
		file_urls: files the user has just uploaded; they are cleaned and kept private.
		final: whether that was all.
	"""
	lock_above(frappe.db.get_value("Letter Task", task, "parent_task"))
	doc = frappe.get_doc("Letter Task", task, for_update=True)
	require_own(doc.position)
	if doc.state == tasks.WITHDRAWN:
		frappe.throw(_("This disposition was withdrawn; there is nothing to report."), DispositionRefused)
	if not (text or "").strip():
		frappe.throw(_("Write what was done."), DispositionRefused)
	final = bool(cint(frappe.utils.sbool(final)))
	urls = [
		files.take(doc, url, f"laporan-{number}")
		for number, url in enumerate(frappe.parse_json(file_urls) or [])
	]
	said = {"at": now_datetime(), "by": frappe.session.user, "text": text.strip()[:LONGEST_TEXT]}
	for number, url in enumerate(urls or [None]):
		row = said if not number else {**said, "text": _("Further file")}
		doc.append("reports", {**row, "file": url, "final": int(final and not number)})
	doc.read_at, doc.read_by = doc.read_at or now_datetime(), doc.read_by or frappe.session.user
	if final:
		close(doc)
	elif doc.state == tasks.UNREAD:
		doc.state = tasks.READ
	doc.save(ignore_permissions=True)
	if final:
		answer_arrived(doc)


def close(task):
	"""Mark a task as answered; the caller saves it."""
	task.update({"state": tasks.ANSWERED, "waiting": 0, "answered_at": now_datetime()})
	task.answered_by = frappe.session.user


def answered_by_letter(name: str, answer):
	"""Note that a letter has been answered by one that was sent: its addressee has done what was asked.

	Args:
		name: the Incoming Letter.
		answer: the Outgoing Letter, sent.
	"""
	letter = frappe.get_doc("Incoming Letter", name, for_update=True)
	# The sender reads this. Who is no addressee of a secret answer does not learn its number.
	number = _("with a secret letter", "id") if answer.confidential else answer.number
	said = _("The letter has been answered: {0}", "id").format(number)
	open_states = (tasks.UNREAD, tasks.READ, tasks.PASSED_ON)
	filters = {"letter": name, "kind": tasks.ADDRESSEE, "state": ("in", open_states)}
	for each in frappe.get_all("Letter Task", filters, pluck="name"):
		task = frappe.get_doc("Letter Task", each, for_update=True)
		task.append("reports", {"at": now_datetime(), "by": frappe.session.user, "text": said, "final": 1})
		close(task)
		task.save(ignore_permissions=True)
	# Whom the answer itself reaches by message needs no second one; by paper it takes its time.
	letter.flags.answer_sent = any(
		row.whatsapp_number and row.whatsapp_number == letter.whatsapp_number for row in answer.addressees
	)
	if moves.find_way(letter, ANSWERED):
		moves.move(letter, ANSWERED)
	letter.add_event("Note", label=said, public=True)


def answer_arrived(task):
	"""Hand an answer up: to who asked, and to the letter when its addressee has answered."""
	if task.kind == tasks.ADDRESSEE and task.letter:
		move_letter(task.letter, ANSWERED)
	if task.parent_task:
		wake(task.parent_task)
	if task.disposition:
		asker = frappe._dict(task.as_dict(), position=task.from_position)
		tasks.tell(asker, _("An answer has arrived: {0}"))


def lock_above(task: str | None):
	"""Lock the task that others were asked from, before theirs: of two who answer at the same moment the
	second one finds nothing open and wakes it."""
	if task:
		frappe.db.get_value("Letter Task", task, "name", for_update=True)


def wake(name: str):
	"""Let a task that was passed on wait again once nothing below it is open; see `lock_above`."""
	task = frappe.get_doc("Letter Task", name, for_update=True)
	if task.state == tasks.PASSED_ON and not open_below(name):
		task.db_set("waiting", 1, update_modified=False)


def open_below(task: str) -> bool:
	closed = (tasks.ANSWERED, tasks.WITHDRAWN)
	filters = {"parent_task": task, "state": ("not in", closed), "kind": tasks.ACTION}
	# A locking read sees the answer that another transaction has just committed.
	return bool(frappe.db.get_value("Letter Task", filters, "name", for_update=True))


# Taking back ---------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def withdraw(disposition: str, reason: str):
	"""Take a disposition back, with everything that was passed on from it.

	Raises:
		frappe.PermissionError: the user does not hold the position that asked.
		DispositionRefused: no reason given.
	"""
	lock_above(frappe.db.get_value("Disposition", disposition, "parent_task"))
	doc = frappe.get_doc("Disposition", disposition, for_update=True)
	require_own(doc.from_position)
	if doc.state == "Withdrawn":
		return
	if not (reason or "").strip():
		frappe.throw(_("Say why it is withdrawn."), DispositionRefused)
	values = {"state": "Withdrawn", "withdrawn_at": now_datetime(), "withdrawn_reason": reason.strip()[:500]}
	doc.db_set(values, update_modified=False)
	for task in frappe.get_all("Letter Task", {"disposition": doc.name}, pluck="name"):
		withdraw_task(task)
	if doc.parent_task:
		wake(doc.parent_task)


def withdraw_task(name: str):
	task = frappe.get_doc("Letter Task", name, for_update=True)
	if task.state not in (tasks.ANSWERED, tasks.WITHDRAWN):
		tasks.tell(task, _("A disposition was withdrawn: {0}"))
	task.db_set({"state": tasks.WITHDRAWN, "waiting": 0}, update_modified=False)
	below = frappe.get_all("Disposition", {"parent_task": name, "state": "Sent"}, pluck="name")
	for disposition in below:
		values = {
			"state": "Withdrawn",
			"withdrawn_at": now_datetime(),
			"withdrawn_reason": _("Withdrawn above"),
		}
		frappe.db.set_value("Disposition", disposition, values, update_modified=False)
	for child in frappe.get_all("Letter Task", {"parent_task": name}, pluck="name"):
		withdraw_task(child)


# Showing -------------------------------------------------------------------------------------------------

TREE_FIELDS = ("name", "position", "from_position", "kind", "state", "due_date", "parent_task", "disposition")
TREE_FIELDS += ("received_at", "read_at", "read_by", "answered_at", "answered_by", "waiting")


@frappe.whitelist()
def tree(doctype: str, name: str) -> list[dict]:
	"""Return who was asked about a letter or by a disposition, who has read it and who has answered.

	Returns:
		Tasks in the order of asking; each names its `parent_task`, its position and people, what was asked
		and its reports.
	"""
	if doctype not in ("Incoming Letter", "Disposition"):
		frappe.throw(_("Only letters and dispositions have a tree."))
	frappe.get_doc(doctype, name).check_permission("read")
	column = "letter" if doctype == "Incoming Letter" else "disposition"
	rows = frappe.get_all("Letter Task", {column: name}, TREE_FIELDS, order_by="creation")
	if column == "disposition":
		rows += below([row.name for row in rows])
	own = set(organisation.positions_of())
	reports = reports_of([row.name for row in rows])
	asked = dispositions_of([row.disposition for row in rows if row.disposition])
	for row in rows:
		row.update(labels_of(row), mine=row.position in own, reports=reports.get(row.name, []))
		row.asked = asked.get(row.disposition)
		row.may_withdraw = bool(row.asked and row.asked.state == "Sent" and row.from_position in own)
	return rows


def below(names: list[str]) -> list[dict]:
	"""Return the tasks passed on from these, at any depth."""
	if not names:
		return []
	rows = frappe.get_all("Letter Task", {"parent_task": ("in", names)}, TREE_FIELDS, order_by="creation")
	return rows + below([row.name for row in rows])


def labels_of(row) -> dict:
	return {
		"position_name": organisation.position_label(row.position),
		"holder": organisation.name_of_holder(row.position),
		"read_by_name": row.read_by and frappe.get_cached_value("User", row.read_by, "full_name"),
		"answered_by_name": row.answered_by and frappe.get_cached_value("User", row.answered_by, "full_name"),
	}


def reports_of(names: list[str]) -> dict[str, list]:
	found = {}
	fields = ["parent", "at", "by", "text", "file", "final"]
	for row in frappe.get_all(
		"Letter Report", {"parent": ("in", names or [""])}, fields, order_by="parent, idx"
	):
		row.by_name = frappe.get_cached_value("User", row.by, "full_name")
		found.setdefault(row.parent, []).append(row)
	return found


def dispositions_of(names: list[str]) -> dict[str, dict]:
	fields = ["name", "note", "state", "withdrawn_reason", "due_date", "at"]
	rows = frappe.get_all("Disposition", {"name": ("in", names or [""])}, fields)
	chosen = frappe.get_all(
		"Disposition Instruction Row",
		{"parent": ("in", names or [""])},
		["parent", "instruction"],
		order_by="idx",
	)
	for row in rows:
		row.instructions = [each.instruction for each in chosen if each.parent == row.name]
	return {row.name: row for row in rows}
