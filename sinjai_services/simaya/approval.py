"""The way of a draft up the tree: who looks at it next, what they may do, and what they did.

The checks (paraf) go from the drafter's superior up to the position below the signer's. Who holds a position
today, as holder, acting holder or delegate, acts for it; nobody else, whatever their role. Every act locks
the letter first, so that two people who act at once do not both succeed.
"""

import itertools

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.requests import moves
from sinjai_services.simaya import body, dispatch, numbers, organisation, secrecy

DOCTYPE = "Outgoing Letter"
WAITING, APPROVED, RETURNED, VACANT, NOT_REACHED = "Waiting", "Approved", "Returned", "Vacant", "Not Reached"
LONGEST_COMMENT = 2000
MOST_VERSIONS = 50
BEFORE_SIGNATURE = (stages.RECEIVED, stages.CHECKING, stages.DECIDING)


# Who ---------------------------------------------------------------------------------------------------


def path_of(letter) -> list[str]:
	"""Return the positions that check a letter, the drafter's superior first."""
	above = organisation.superiors(letter.drafter_position)
	if letter.signing_position in above:
		return above[: above.index(letter.signing_position)]
	# The signer stands elsewhere in the tree: checked up to where both ways meet.
	meeting = {letter.signing_position, *organisation.superiors(letter.signing_position)}
	path = []
	for position in above:
		if position in meeting:
			break
		path.append(position)
	return path


def is_drafter(letter) -> bool:
	return holds(letter.drafter_position)


def current_check(letter):
	"""Return the row of the check the letter waits for, or None."""
	if letter.stage != stages.CHECKING:
		return None
	return next((row for row in letter.approvals if row.state == WAITING), None)


def is_checker(letter) -> bool:
	row = current_check(letter)
	return bool(row) and holds(row.position)


def is_signer(letter) -> bool:
	return letter.stage == stages.DECIDING and holds(letter.signing_position)


def holds(position: str) -> bool:
	return position in organisation.positions_of(frappe.session.user)


def keeps_records(letter) -> bool:
	"""Tell whether the user works in the records office of the letter's agency."""
	offices = organisation.records_offices_of(letter.agency)
	return bool(set(offices) & set(organisation.positions_of()))


def waits_for(letter) -> str | None:
	"""Return the position that is to act now; lists of what waits for somebody read it."""
	if letter.stage == stages.CHECKING:
		row = current_check(letter)
		return row.position if row else None
	if letter.stage == stages.DECIDING:
		return letter.signing_position
	return letter.drafter_position if letter.stage in (stages.RECEIVED, stages.READY) else None


def acts(letter) -> list[str]:
	"""Return what the user may do with the letter now; the form shows a button for each."""
	drafter, checker, signer = is_drafter(letter), is_checker(letter), is_signer(letter)
	can = {
		"edit": checker or (letter.stage == stages.RECEIVED and drafter),
		"sign": signer,
		"submit": letter.stage == stages.RECEIVED and drafter,
		"approve": checker,
		"return_to_drafter": checker or signer,
		"refuse": signer,
		"withdraw": letter.stage in BEFORE_SIGNATURE and drafter,
		"send": letter.stage == stages.READY and dispatch.may_send(letter),
		"cancel": letter.stage == stages.READY and (holds(letter.signing_position) or keeps_records(letter)),
		"hand_over": letter.stage == stages.HANDING_OVER and dispatch.may_send(letter),
	}
	return [act for act, allowed in can.items() if allowed]


# Doing -------------------------------------------------------------------------------------------------


def locked(name: str):
	"""Return a letter, locked until the end of the transaction, if it is still as this request saw it."""
	seen = frappe.db.get_value(DOCTYPE, name, "modified")
	if not seen:
		raise frappe.DoesNotExistError
	if frappe.db.get_value(DOCTYPE, name, "modified", for_update=True) != seen:
		frappe.throw(
			_("Somebody else has just acted on this letter. Reload it."), frappe.TimestampMismatchError
		)
	letter = frappe.get_doc(DOCTYPE, name)
	letter.check_permission("read")
	letter.flags.by_app = True
	return letter


def may(letter, act: str):
	if act not in acts(letter):
		frappe.throw(
			_("This step is not yours now. The letter waits for {0}.").format(
				organisation.position_label(waits_for(letter)) or _("nobody")
			),
			frappe.PermissionError,
		)


def checked_comment(comment: str | None, needed: bool = False) -> str | None:
	comment = (comment or "").strip()
	if needed and not comment:
		frappe.throw(_("Say why, so that the drafter knows what to change."))
	if len(comment) > LONGEST_COMMENT:
		frappe.throw(_("Too long: at most {0} characters.").format(LONGEST_COMMENT))
	return comment or None


def go(letter, trigger: str):
	"""Take the workflow's step for what happened; without one nothing of it counts."""
	if not moves.move(letter, trigger):
		frappe.throw(
			_("The workflow has no step for “{0}” from here. Ask your administrator.").format(_(trigger))
		)


@frappe.whitelist(methods=["POST"])
def submit(letter: str) -> None:
	"""Send a draft on its way up: a round of checks begins, or it goes straight to the signer."""
	doc = locked(letter)
	may(doc, "submit")
	check_complete(doc)
	round_ = max((row.round for row in doc.approvals), default=0) + 1
	for position in path_of(doc):
		state = WAITING if organisation.holders_of(position) else VACANT
		doc.append("approvals", {"position": position, "state": state, "round": round_})
	go(doc, moves.SUBMITTED)
	go_on_when_checked(doc)


def check_complete(doc):
	if body.is_empty(doc.body):
		frappe.throw(_("The letter has no text yet."))
	if not doc.main_addressees() and doc.kind not in dispatch.WITHOUT_ADDRESSEE:
		frappe.throw(_("The letter has no addressee yet."))
	dispatch.print_format_of(doc)


def go_on_when_checked(doc):
	if not current_check(doc):
		go(doc, moves.CHECKED)


@frappe.whitelist(methods=["POST"])
def approve(letter: str, comment: str | None = None) -> None:
	"""Initial the letter for the position it waits for."""
	doc = locked(letter)
	may(doc, "approve")
	row = current_check(doc)
	note(row, APPROVED, checked_comment(comment))
	doc.add_event("Note", label=_("Checked by {0}").format(organisation.position_label(row.position)))
	if current_check(doc):
		doc.save(ignore_permissions=True)
	else:
		go(doc, moves.CHECKED)


@frappe.whitelist(methods=["POST"])
def return_to_drafter(letter: str, comment: str) -> None:
	"""Send the letter back with what is to be changed; a new round of checks follows."""
	doc = locked(letter)
	may(doc, "return_to_drafter")
	row = current_check(doc) or doc.append(
		"approvals",
		{"position": doc.signing_position, "round": max((row.round for row in doc.approvals), default=1)},
	)
	note(row, RETURNED, checked_comment(comment, needed=True))
	for later in doc.approvals:
		if later.state == WAITING:
			later.state = NOT_REACHED
	go(doc, moves.RETURNED)


@frappe.whitelist(methods=["POST"])
def refuse(letter: str, reason: str) -> None:
	"""Decide that the letter is not written at all."""
	end(letter, "refuse", moves.REFUSED, reason)


@frappe.whitelist(methods=["POST"])
def withdraw(letter: str, reason: str) -> None:
	"""Take back a draft that has not been signed."""
	end(letter, "withdraw", moves.WITHDRAWN, reason)


@frappe.whitelist(methods=["POST"])
def cancel(letter: str, reason: str) -> None:
	"""Declare a signed letter void before it is sent: the signature is revoked, the number struck out."""
	end(letter, "cancel", moves.WITHDRAWN, reason)


def end(letter: str, act: str, trigger: str, reason: str):
	"""End a letter's way, with the reason; what its signature and number stood for ends with it."""
	doc = locked(letter)
	may(doc, act)
	doc.ending_reason = numbers.checked_reason(reason)
	if doc.number:
		# The register and the public page would tell of a secret letter what it was about.
		told = secrecy.MASKED if doc.confidential else reason
		numbers.cancel(doc.name, told)
		dispatch.revoke_signature(doc, told)
	go(doc, trigger)


def note(row, state: str, comment: str | None):
	row.update(
		{"state": state, "comment": comment, "acted_by": frappe.session.user, "acted_at": now_datetime()}
	)


# Versions of the text ----------------------------------------------------------------------------------


def keep_version(letter):
	"""Keep the text as it is now, if it has changed; the platform's own versions leave long texts out."""
	before = letter.get_doc_before_save()
	if not before or before.body != letter.body:
		version = {"doctype": "Letter Version", "letter": letter.name, "body": letter.body}
		frappe.get_doc(version).insert(ignore_permissions=True)


@frappe.whitelist()
def versions(letter: str) -> list[dict]:
	"""Return how the text came to be: one row a change of the body, the newest first.

	Returns:
		Rows of {"at", "by", "changes"}; `changes` as `body.difference` gives them.
	"""
	doc = frappe.get_doc(DOCTYPE, letter)
	doc.check_permission("read")
	rows = frappe.get_all(
		"Letter Version",
		{"letter": doc.name},
		["body", "creation", "owner"],
		order_by="creation desc, name",
		limit=MOST_VERSIONS + 1,
	)
	return [
		{"at": new.creation, "by": new.owner, "changes": body.difference(old.body, new.body)}
		for new, old in itertools.pairwise(rows)
	]
