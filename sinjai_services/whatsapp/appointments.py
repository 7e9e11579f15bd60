"""Appointments of field visits on WhatsApp: proposed with buttons, agreed to or moved by a tap, and receipts.

The visits themselves are `requests.visits`; what is sent hangs on the methods a Field Visit calls (hooks),
and what is tapped comes back by the hook `sinjai_chat_choices`.
"""

import frappe
from frappe.utils import add_to_date, get_fullname, now_datetime

from sinjai_services.requests import visits
from sinjai_services.requests.language import site_language
from sinjai_services.requests.tracking import show_code
from sinjai_services.requests.wording import long_datetime
from sinjai_services.whatsapp import outbox, texts
from sinjai_services.whatsapp import understanding as meaning

AGREE, MOVE = "visit_agree", "visit_move"
WISH_HOURS = 24
"""For so long after asking for another time, what the applicant writes is taken for the time they want."""


# Sent ----------------------------------------------------------------------------------------------------


def propose(visit, method: str | None = None):
	"""Tell the applicant when the team comes, and let them agree or ask for another time (hook)."""
	moved = visits.moved_because(visit)
	choices = (f"{AGREE}:{visits.proposal(visit)}", f"{MOVE}:{visits.proposal(visit)}")
	send("visit_moved" if moved else "visit_proposed", visit, choices, reason=moved)


def tell_cancelled(visit, method: str | None = None):
	send("visit_cancelled", visit, reason=visit.failure_note)


def tell_failed(visit, method: str | None = None):
	send("visit_failed", visit, reason=frappe._(visit.failure_reason, site_language()))


def receipt_papers(visit, method: str | None = None):
	"""Receipt the papers that the team has just taken along (hook)."""
	taken = visit.flags.picked_up or []
	if taken:
		lines = "\n".join(f"- {row.paper}" for row in taken)
		send(
			"visit_papers",
			visit,
			papers=lines,
			at=long_datetime(taken[-1].picked_up_at),
			officer=get_fullname(frappe.session.user),
		)


def send(code: str, visit, choices=(), **values):
	"""Put a Reply Text about a visit into the outbox; one nobody has asked for, so it minds quiet hours."""
	text, request = texts.reply(code), visit.request()
	values |= words(visit, request)
	outbox.put(
		visit.whatsapp_number,
		texts.fill(text.text, values),
		about=request,
		choices=texts.with_titles(choices, code),
		template=text.get("template"),
		template_parameters=[
			texts.fill(f"{{{line.strip()}}}", values)
			for line in (text.get("template_parameters") or "").splitlines()
			if line.strip()
		],
	)


def words(visit, request) -> dict:
	return {
		"name": visit.applicant_name,
		"service": request.service_name(),
		"code": show_code(request.tracking_code),
		"kinds": visits.kinds_text(visit).lower(),
		"when": visits.window_text(visit),
	}


# Tapped and written ----------------------------------------------------------------------------------------


def tap_agree(value: str, conversation) -> bool:
	"""Take the tap on "agree" (hook); False for a visit that is none of this number's."""
	return answer(value, conversation, lambda request, visit: agree(request, visit, conversation))


def tap_move(value: str, conversation) -> bool:
	"""Take the tap on "another time" (hook), and ask which."""
	return answer(value, conversation, lambda request, visit: ask(request, visit, conversation))


def answer(value: str, conversation, act) -> bool:
	found = own_visit(value.partition("|")[0], conversation.number)
	if not found:
		return False
	request, visit = found
	if visits.proposal(visit) != value or not act(request, visit):
		texts.say("visit_too_late", conversation, about=request, **words(visit, request))
	return True


def agree(request, visit, conversation) -> bool:
	done = visits.agree(request, visit, visits.WHATSAPP)
	if done:
		texts.say("visit_confirmed", conversation, about=request, **words(visit, request))
	return done


def ask(request, visit, conversation) -> bool:
	done = visits.ask_to_move(request, visit, visits.WHATSAPP, None)
	if done:
		texts.say("visit_which_time", conversation, about=request, **words(visit, request))
	return done


def read_wish(text: str, conversation) -> bool:
	"""Take what is written after "another time" for the time that is wanted (hook `sinjai_chat_readers`)."""
	visit = awaiting_wish(conversation.number)
	if not visit or meaning.understand(text, ()).intent in COMMANDS:
		return False
	request, visit = own_visit(visit, conversation.number)
	if not visits.ask_to_move(request, visit, visits.WHATSAPP, text):
		return False
	texts.say("visit_wish_taken", conversation, about=request, **words(visit, request), wish=visit.wish)
	return True


COMMANDS = (meaning.STOP, meaning.START, meaning.STATUS, meaning.OPERATOR, meaning.CANCEL, meaning.THANKS)


def awaiting_wish(number: str) -> str | None:
	"""Return the visit whose applicant has just tapped "another time" and not said which."""
	since = add_to_date(now_datetime(), hours=-WISH_HOURS)
	for name in frappe.get_all(
		visits.DOCTYPE, {"whatsapp_number": number, "state": visits.PLANNED}, pluck="name", limit=20
	):
		last = frappe.get_all(
			"Field Visit Appointment",
			{"parent": name, "parenttype": visits.DOCTYPE},
			["what", "channel", "reason", "at"],
			order_by="idx desc",
			limit=1,
		)
		if last and last[0].what == "Asked to Move" and not last[0].reason and last[0].at > since:
			if last[0].channel == visits.WHATSAPP:
				return name
	return None


def own_visit(name: str, number: str) -> tuple | None:
	"""Return request and visit, locked, where the visit is to who has this number; None otherwise."""
	if not frappe.db.exists(visits.DOCTYPE, {"name": name, "whatsapp_number": number}):
		return None
	return visits.lock_visit(name)
