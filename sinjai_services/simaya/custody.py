"""Where a paper letter is: every hand-over is a row that stays, and the letter knows its present place.

Who scans the label of a letter has it; with that the way from the last holder to them is recorded and
confirmed in one. Who gives it away may say so beforehand: it is then on its way until the receiver's scan.
Movements of one letter are numbered under a lock on the letter, so that the chain has no fork.
"""

import functools

import frappe
from frappe import _
from frappe.utils import add_days, cint, now_datetime, nowdate

from sinjai_services.requests.tracking import clean_code
from sinjai_services.simaya import organisation, secrecy, tasks

START, GIVEN, RECEIVED = "Registered", "Handed Over", "Received"
STUCK_DAYS = 3
"""Days a letter that is still worked on may lie with one position before it is reported."""

MOST_FOUND = 20


class MovementRefused(frappe.ValidationError):
	"""The letter cannot be moved like this; the message says why."""


# Moving --------------------------------------------------------------------------------------------------


def start(letter):
	"""Begin the chain of a paper letter at the agency's records office."""
	if not letter.has_paper:
		return
	offices = organisation.records_offices_of(letter.agency)
	own = [position for position in organisation.positions_of() if position in offices]
	move(locked({"name": letter.name}), START, next(iter(own or offices), None))


PLACE = ["name", "agency", "security", "paper_position", "paper_on_way_to", "paper_user"]


def locked(key: dict):
	"""Return name, agency and place of a letter, locked until the end of the transaction; None for none."""
	return frappe.db.get_value("Incoming Letter", key, PLACE, as_dict=True, for_update=True)


def move(letter, kind: str, position: str | None, note: str | None = None) -> str:
	"""Append one movement and set the letter's present place; return the movement's name.

	Args:
		letter: as `locked` returns it.
		kind: START and RECEIVED put it with `position`, GIVEN puts it on its way there.
	"""
	table = frappe.qb.DocType("Letter Movement")
	# The lock on the letter makes this the last one; a snapshot taken before it might not be.
	last = (
		frappe.qb.from_(table)
		.select(table.sequence)
		.where(table.letter == letter.name)
		.orderby(table.sequence, order=frappe.qb.desc)
		.limit(1)
		.for_update()
	).run()
	sequence = cint(last[0][0]) + 1 if last else 1
	row = frappe.new_doc("Letter Movement")
	row.update(
		{"letter": letter.name, "sequence": sequence, "kind": kind, "at": now_datetime(), "note": note}
	)
	row.update({"by": frappe.session.user, "from_position": letter.paper_position, "to_position": position})
	row.update({"agency": letter.agency, "security": letter.security})
	row.movement_key = f"{letter.name}|{sequence}"
	# Everything it links to comes from the database itself.
	row.flags.ignore_links = True
	row.insert(ignore_permissions=True)
	there = {"paper_on_way_to": position} if kind == GIVEN else arrived(position, row.at)
	frappe.db.set_value("Incoming Letter", letter.name, there, update_modified=False)
	return row.name


def arrived(position: str | None, at) -> dict:
	return {
		"paper_position": position,
		"paper_user": frappe.session.user,
		"paper_since": at,
		"paper_on_way_to": None,
	}


@frappe.whitelist(methods=["POST"])
def receive(code: str, position: str | None = None) -> dict:
	"""Take a paper letter over by scanning its label; the scan is the receiver's confirmation.

	Args:
		code: what the label's QR code says, an address or the bare code.
		position: one of the user's positions; the one it is on its way to, else the first, when left out.

	Returns:
		As `found` describes it: a secret letter is handed on without a word of what is in it.

	Raises:
		MovementRefused: unknown label, or of an agency the user does not work in.
	"""
	letter = by_code(code)
	own = [each for each in organisation.positions_of() if organisation.agency_of(each) == letter.agency]
	if not own or (position and position not in own):
		frappe.throw(_("You hold no position in the agency this letter belongs to."), MovementRefused)
	position = position or (letter.paper_on_way_to if letter.paper_on_way_to in own else own[0])
	if (
		letter.paper_position != position
		or letter.paper_on_way_to
		or letter.paper_user != frappe.session.user
	):
		move(letter, RECEIVED, position)
	return found(frappe.get_doc("Incoming Letter", letter.name))


@frappe.whitelist(methods=["POST"])
def give(code: str, to_position: str, note: str | None = None) -> dict:
	"""Say that a paper letter one holds is on its way to another position."""
	letter = by_code(code)
	if letter.paper_position not in organisation.positions_of():
		frappe.throw(_("The letter does not lie with you. Scan it first."), MovementRefused)
	if not organisation.same_agency(letter.paper_position, to_position):
		frappe.throw(_("{0} belongs to another agency.").format(to_position), MovementRefused)
	move(letter, GIVEN, to_position, (note or "")[:500])
	return found(frappe.get_doc("Incoming Letter", letter.name))


def by_code(code: str):
	"""Return the letter with this label, locked; the code may stand at the end of an address."""
	label = "".join(sign for sign in (code or "").rpartition("/")[2].upper() if sign.isalnum())
	letter = label and locked({"label_code": label, "has_paper": 1})
	if not letter:
		frappe.throw(_("No paper letter has this label."), MovementRefused)
	return letter


# Finding -------------------------------------------------------------------------------------------------


def place(letter) -> dict | None:
	"""Return where the paper is now; None where there is none."""
	if not letter.has_paper or not letter.paper_since:
		return None
	return {
		"position": letter.paper_position,
		"position_name": organisation.position_label(letter.paper_position) or _("Records Office"),
		"user_name": frappe.get_cached_value("User", letter.paper_user, "full_name"),
		"since": letter.paper_since,
		"on_way_to": organisation.position_label(letter.paper_on_way_to),
	}


def chain(letter: str) -> list[dict]:
	"""Return the movements of a letter, newest first."""
	table = frappe.qb.DocType("Letter Movement")
	fields = ("sequence", "kind", "at", "by", "from_position", "to_position", "note")
	query = frappe.qb.from_(table).select(*(table[field] for field in fields)).where(table.letter == letter)
	rows = query.orderby(table.sequence, order=frappe.qb.desc).run(as_dict=True)
	label = functools.cache(organisation.position_label)
	full_name = functools.cache(lambda user: frappe.get_cached_value("User", user, "full_name"))
	for row in rows:
		row.from_name, row.to_name = label(row.from_position), label(row.to_position)
		row.by_name = full_name(row.by)
	return rows


@frappe.whitelist()
def search(text: str) -> list[dict]:
	"""Find letters by agenda number, sender, subject, letter number or the code of their label.

	Only letters the user may see; at most 20, newest first.
	"""
	text = (text or "").strip()
	if not text:
		return []
	label = clean_label(text)
	# A label in hand opens the place of its letter, masked where it is secret.
	if label and (name := frappe.db.get_value("Incoming Letter", {"label_code": label})):
		letter = frappe.get_doc("Incoming Letter", name)
		own = {organisation.agency_of(each) for each in organisation.positions_of()}
		return [found(letter)] if letter.agency in own or letter.has_permission("read") else []
	like = ("like", f"%{text}%")
	either = [[field, *like] for field in ("agenda_label", "sender_name", "subject", "letter_number", "name")]
	either.append(["tracking_code", "=", clean_code(text)])
	names = frappe.get_list("Incoming Letter", or_filters=either, pluck="name", limit=MOST_FOUND)
	return [found(frappe.get_doc("Incoming Letter", name)) for name in names]


def clean_label(text: str) -> str | None:
	label = "".join(sign for sign in text.rpartition("/")[2].upper() if sign.isalnum())
	return label if len(label) == 16 else None


def found(letter) -> dict:
	"""Return a letter as the page shows it; only its agenda number and place where the user may not read
	it."""
	readable = letter.has_permission("read")
	return {
		"name": letter.name if readable else None,
		"label_code": letter.label_code,
		"agenda_label": letter.agenda_label,
		"subject": letter.subject if readable else secrecy.MASKED,
		"sender_name": letter.sender_name if readable else "",
		"place": place(letter),
		"chain": chain(letter.name) if readable else [],
		"state": letter.workflow_state if readable else None,
		"state_since": letter.stage_since if readable else None,
		"tasks": open_places(letter.name) if readable else [],
	}


def open_places(letter: str) -> list[dict]:
	"""Return the positions on whose answer a letter waits, who holds them, and since when it waits."""
	task = frappe.qb.DocType("Letter Task")
	waiting = (task.letter == letter) & (task.waiting == 1) & task.kind.isin(tasks.TO_BE_ANSWERED)
	rows = (
		frappe.qb.from_(task).select(task.position, task.received_at).where(waiting).orderby(task.received_at)
	).run(as_dict=True)
	for row in rows:
		row.position_name = organisation.position_label(row.position)
		row.holder = organisation.name_of_holder(row.position)
	return rows


# Stuck letters -------------------------------------------------------------------------------------------


def stuck(agency: str | None = None, days: int = STUCK_DAYS) -> list[dict]:
	"""Return paper letters that are still worked on and have lain with one position for too long."""
	from sinjai_services import stages

	filters = {"has_paper": 1, "paper_since": ("<", add_days(now_datetime(), -days))}
	filters |= {"stage": ("not in", stages.ENDED)}
	if agency:
		filters["agency"] = agency
	fields = ["name", "agency", "agenda_label", "paper_position", "paper_since", "paper_on_way_to"]
	return frappe.get_all("Incoming Letter", filters, fields, order_by="paper_since")


def report_stuck():
	"""Daily: tell each agency's records office which letters have not moved; no subject is in it."""
	by_agency = {}
	for row in stuck():
		by_agency.setdefault(row.agency, []).append(row)
	for agency, rows in by_agency.items():
		users = {
			user
			for position in organisation.records_offices_of(agency)
			for user in organisation.holders_of(position)
		}
		shown = ", ".join(
			f"{row.agenda_label} ({organisation.position_label(row.paper_position)})" for row in rows[:5]
		)
		text = _("{0} paper letters have not moved for {1} days: {2}")
		subject = text.format(len(rows), STUCK_DAYS, shown)
		for user in sorted(users):
			notice = {"for_user": user, "subject": subject}
			# Told once a day, even where the day's job runs again.
			if frappe.db.exists("Notification Log", {**notice, "creation": (">=", nowdate())}):
				continue
			log = frappe.new_doc("Notification Log")
			log.update({"type": "Alert", **notice})
			log.insert(ignore_permissions=True)
