"""What stands in the operators' queue: conversations that wait for a person, and open requests, by promise.

Everything is read with `frappe.get_list`, so that nobody is shown more than the lists of the Desk would show.
Each source is asked for a limited number of rows along an index that leads over open ones only: the queue
costs the same whatever lies in the archive.
"""

import re

import frappe
from frappe.utils import add_to_date, cint, get_datetime, get_fullname, now_datetime

from sinjai_services import stages
from sinjai_services.phone import mask_phone
from sinjai_services.requests import clock
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import settings

WAITING, HANDLED, AUTOMATIC = "Waiting for Operator", "Operator", "Automatic"
MINE, UNTAKEN, ALL = "mine", "waiting", "all"
MOST = 200
COUNTED = 100
"""Numbers above this are shown as "99+": nobody works through more, and counting on would cost."""

TO_LOOK_AT = [stages.RECEIVED, stages.CHECKING]

CONVERSATION_FIELDS = [
	"name",
	"profile_name",
	"applicant_name",
	"number",
	"handling",
	"operator",
	"waiting_since",
	"waiting_because",
	"answer_by",
	"service",
	"reference_doctype",
	"reference_name",
	"last_message_at",
	"last_incoming_at",
]
NAMES = ("profile_name", "applicant_name", "reference_name")
REQUEST_FIELDS = [
	"name",
	"applicant_name",
	"whatsapp_number",
	"service",
	"stage",
	"tracking_code",
	"promised_at",
	"near_at",
	"promise_state",
	"channel",
]


def items(view: str, text: str = "", limit: int = 30) -> tuple[list[dict], bool]:
	"""Return the first items of the session's user's queue, and whether there are more.

	Args:
		view: `mine`, `waiting` or `all`.
		text: part of a name or code, or the last digits of a number.
		limit: how many; at most MOST.
	"""
	limit = max(1, min(cint(limit), MOST))
	found = conversations(view, text, limit + 1)
	about = {(item["doctype"], item["request"]): item for item in found if item["request"]}
	for row in requests(view, text, limit + 1):
		if chat := about.get((row["doctype"], row["request"])):
			join(chat, row)
		else:
			found.append(row)
	found.sort(key=order)
	return found[:limit], len(found) > limit


def join(chat: dict, request: dict):
	"""Show a conversation and the request it is about as one item, with the earlier of the two promises."""
	chat.update({"stage": request["stage"], "code": request["code"]})
	if request["due"] and (not chat["due"] or get_datetime(request["due"]) < get_datetime(chat["due"])):
		chat.update({"due": request["due"], "near_at": request["near_at"]})


def order(item: dict) -> tuple:
	"""What is promised comes first, earliest on top; then what nobody waits for, newest on top."""
	if item["due"]:
		return 0, get_datetime(item["due"]).timestamp(), item["key"]
	return 1, -get_datetime(item["at"]).timestamp() if item["at"] else 0, item["key"]


def counts() -> dict[str, int]:
	"""Return how many conversations wait or are the user's, and how many requests are late; up to COUNTED."""
	mine = {"status": "Open", "handling": HANDLED, "operator": frappe.session.user}
	late = {"promise_state": clock.RUNNING, "promised_at": ("<", now_datetime())}
	return {
		UNTAKEN: count("Chat Conversation", {"status": "Open", "handling": WAITING}),
		MINE: count("Chat Conversation", mine),
		"late": sum(count(doctype, late) for doctype in request_doctypes()),
	}


def count(doctype: str, filters: dict) -> int:
	return len(frappe.get_list(doctype, filters=filters, pluck="name", limit_page_length=COUNTED))


def request_doctypes() -> list[str]:
	"""Return the DocTypes of requests that the session's user may read at all."""
	return [name for name in stages.request_doctypes() if frappe.has_permission(name, "read")]


# Conversations -----------------------------------------------------------------------------------------


def conversations(view: str, text: str, limit: int) -> list[dict]:
	rows = []
	if view != MINE:
		rows += conversation_rows({"handling": WAITING}, text, "answer_by asc", limit)
	if view != UNTAKEN:
		mine = {"operator": frappe.session.user} if view == MINE else {}
		rows += conversation_rows({"handling": HANDLED, **mine}, text, "last_message_at desc", limit)
	return [conversation_item(row) for row in rows]


def conversation_rows(filters: dict, text: str, order_by: str, limit: int) -> list:
	return frappe.get_list(
		"Chat Conversation",
		filters={"status": "Open", **filters},
		or_filters=search("Chat Conversation", text, NAMES, "number"),
		fields=CONVERSATION_FIELDS,
		order_by=order_by,
		limit_page_length=limit,
	)


def conversation_item(row) -> dict:
	"""Return what the list shows of a conversation; the whole number stays on the server."""
	due = answer_due(row)
	return {
		"kind": "conversation",
		"key": row.name,
		"conversation": row.name,
		"doctype": row.reference_doctype,
		"request": row.reference_name,
		"name": row.applicant_name or row.profile_name or mask_phone(row.number),
		"number": mask_phone(row.number),
		"service": service_name(row.service),
		"handling": row.handling,
		"why": row.waiting_because if row.handling == WAITING else None,
		"operator": row.operator and get_fullname(row.operator),
		"is_mine": row.operator == frappe.session.user,
		"due": due,
		"near_at": due and add_to_date(due, minutes=-answer_minutes() / 2),
		"at": row.last_message_at,
	}


def answer_due(row):
	"""Return until when an operator has promised to answer; None where the citizen's turn is next."""
	if row.handling == WAITING:
		return row.answer_by or row.waiting_since or row.last_message_at
	if row.last_incoming_at and (not row.last_message_at or row.last_incoming_at >= row.last_message_at):
		return row.answer_by or add_to_date(row.last_incoming_at, minutes=answer_minutes())
	return None


def answer_minutes() -> int:
	return cint(settings.stored().answer_minutes) or 15


# Requests ----------------------------------------------------------------------------------------------


def requests(view: str, text: str, limit: int) -> list[dict]:
	found = []
	for doctype in request_doctypes():
		rows = request_rows(doctype, {"promise_state": clock.RUNNING, **of_view(view)}, text, limit)
		if view != UNTAKEN:
			resting = {"promise_state": ("!=", clock.RUNNING), "stage": ("in", stages.OPEN), **of_view(view)}
			rows += request_rows(doctype, resting, text, limit)
		found += [request_item(doctype, row) for row in rows]
	return found


def of_view(view: str) -> dict:
	if view == MINE:
		return {"_assign": ("like", f'%"{frappe.session.user}"%')}
	return {"stage": ("in", TO_LOOK_AT)} if view == UNTAKEN else {}


def request_rows(doctype: str, filters: dict, text: str, limit: int) -> list:
	return frappe.get_list(
		doctype,
		filters=filters,
		or_filters=search(doctype, text, ("name", "applicant_name", "tracking_code"), "whatsapp_number"),
		fields=REQUEST_FIELDS,
		order_by="promised_at asc",
		limit_page_length=limit,
	)


def request_item(doctype: str, row) -> dict:
	running = row.promise_state == clock.RUNNING
	return {
		"kind": "request",
		"key": f"{doctype}/{row.name}",
		"conversation": None,
		"doctype": doctype,
		"request": row.name,
		"name": row.applicant_name,
		"number": mask_phone(row.whatsapp_number),
		"service": service_name(row.service),
		"stage": row.stage,
		"code": show_code(row.tracking_code),
		"channel": row.channel,
		"due": row.promised_at if running else None,
		"near_at": row.near_at,
		"at": row.promised_at,
	}


def service_name(service: str | None) -> str:
	return frappe.get_cached_value("Public Service", service, "service_name") or "" if service else ""


def search(doctype: str, text: str, fields: tuple[str, ...], number_field: str) -> list | None:
	"""Return the filters of which one has to fit: a part of a field, or the end of a number.

	Signs that mean something in a LIKE are left out: nobody's name or code has them.
	"""
	words = " ".join(re.sub(r"[%_\\]", " ", text or "").split())[:60]
	if not words:
		return None
	found = [[doctype, field, "like", f"%{words}%"] for field in fields]
	code = words.replace("-", "").upper()
	if "tracking_code" in fields and code != words:
		found.append([doctype, "tracking_code", "like", f"{code}%"])
	digits = re.sub(r"\D", "", words)
	if len(digits) >= 3:
		found.append([doctype, number_field, "like", f"%{digits.removeprefix('0')}"])
	return found
