"""The operators' place in the Desk: what its page asks of the server.

Every function here may be called by Operators, Service Officers and administrators, and only about
conversations, requests and files of their own agency. Somebody else learns one thing, always the same: that
they may not, whether what they name exists or not.
"""

import hashlib
import json
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.utils import add_to_date, get_datetime, get_fullname, now_datetime

from sinjai_services import stages
from sinjai_services.permissions import has_agency_permission
from sinjai_services.phone import mask_phone
from sinjai_services.requests import uploads
from sinjai_services.whatsapp import answering, operator_queue, outbox, settings
from sinjai_services.whatsapp import conversation as talks
from sinjai_services.whatsapp.gateway import WINDOW_HOURS
from sinjai_services.whatsapp.operator_queue import AUTOMATIC, HANDLED, WAITING

WORKERS = {"Operator", "Service Officer", "Sinjai Administrator", "System Manager"}
LONGEST_ANSWER = 4096
"""Characters; Meta takes no longer text."""

PAGE = 40
"""Messages of a conversation loaded at once."""

EVENT = "sinjai_chat"


class AlreadyTaken(frappe.ValidationError):
	"""Somebody else has the conversation; the message says who."""

	http_status_code = 409


class ConversationClosed(frappe.ValidationError):
	"""Nothing more can be done in a conversation that has ended."""


# Reading -----------------------------------------------------------------------------------------------


@frappe.whitelist()
def queue(view: str = "all", text: str = "", limit: int = 30) -> dict:
	"""Return the queue of the session's user: conversations that wait for a person, and open requests.

	Args:
		view: `mine`, `waiting` (nobody has taken or looked at it) or `all`.
		text: part of a name or code, or the last digits of a number.
		limit: how many items.

	Returns:
		{"items", "more", "counts", "version"}; the version changes with what is shown.
	"""
	validate_worker()
	found, more = operator_queue.items(view, text, limit)
	answer = {"items": found, "more": more, "counts": operator_queue.counts()}
	return {**answer, "version": version_of(answer)}


@frappe.whitelist()
def show(conversation: str) -> dict:
	"""Return a conversation with its last messages, for those who may read it."""
	return whole(conversation_for(conversation))


@frappe.whitelist()
def earlier(conversation: str, before: str) -> dict:
	"""Return the messages before a point in time.

	Args:
		before: `creation` of the earliest message that is shown already.
	"""
	doc = conversation_for(conversation)
	return as_thread(message_rows({"conversation": doc.name, "creation": ("<", get_datetime(before))}))


@frappe.whitelist()
def about_request(doctype: str, name: str) -> dict:
	"""Return the open conversation with a request's applicant; without one, messages about the request."""
	doc = request_for(doctype, name, "read")
	key = f"{settings.number_of(doc.agency)}:{doc.whatsapp_number}"
	found = frappe.db.get_value("Chat Conversation", {"open_key": key})
	if found:
		return show(found)
	messages = message_rows({"reference_doctype": doctype, "reference_name": name})
	return {"conversation": None, "thread": as_thread(messages)}


@frappe.whitelist()
def changes(
	view: str = "all",
	text: str = "",
	limit: int = 30,
	conversation: str | None = None,
	queue_version: str | None = None,
	thread_version: str | None = None,
) -> dict:
	"""Return what differs from what a page shows: nothing where nothing does. Asked every few seconds.

	Args:
		view, text, limit: as in `queue`.
		conversation: the one that is open.
		queue_version, thread_version: versions of what is shown.

	Returns:
		{"queue"} and {"conversation", "thread"}, each only where its version is another one.
	"""
	now = queue(view, text, limit)
	answer = {"queue": now} if now["version"] != queue_version else {}
	if conversation:
		found = show(conversation)
		if found["thread"]["version"] != thread_version:
			answer.update(found)
	return answer


@frappe.whitelist()
def snippets(conversation: str) -> list[dict]:
	"""Return the texts an operator can choose from, with what is known of the citizen filled in.

	Args:
		conversation: name of one the user may read; its agency's snippets and those of all are returned.
	"""
	doc = conversation_for(conversation)
	values = snippet_values(doc)
	rows = frappe.get_all(
		"Reply Text",
		filters={"kind": "Snippet"},
		or_filters=[["agency", "is", "not set"], ["agency", "=", doc.agency]],
		fields=["code", "purpose", "text"],
		order_by="code",
	)
	return [{"code": row.code, "purpose": row.purpose, "text": fill(row.text, values)} for row in rows]


def snippet_values(doc) -> dict[str, str]:
	"""Return the placeholders of snippets (texts.IN_SNIPPETS); what is not known stays written, for the
	operator to fill."""
	request = linked_request(doc)
	values = {
		"name": (request and request.applicant_name) or doc.applicant_name or doc.profile_name,
		"code": request and request.tracking_code,
		"service": operator_queue.service_name(request.service if request else doc.service),
		"agency": doc.agency and frappe.get_cached_value("Agency", doc.agency, "agency_name"),
		"operator": get_fullname(),
	}
	return {key: value for key, value in values.items() if value}


def fill(text: str | None, values: dict[str, str]) -> str:
	"""Replace {placeholders} plainly: neither text nor values are a template."""
	for key, value in values.items():
		text = (text or "").replace("{" + key + "}", value)
	return text or ""


# Taking and giving ---------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def take(conversation: str, take_over: bool = False) -> dict:
	"""Take a conversation: from now on the app keeps silent in it.

	Args:
		take_over: also from a colleague who has it; that is written down.

	Raises:
		AlreadyTaken: a colleague has it and was, where both clicked at once, first.
	"""
	doc = open_conversation_for(conversation)
	take_for_user(doc, take_over=is_yes(take_over))
	return shown(doc)


def take_for_user(doc, take_over: bool = False):
	"""Give a locked conversation to the session's user."""
	user, before = frappe.session.user, doc.operator if doc.handling == HANDLED else None
	if before == user:
		return
	if before and not take_over:
		throw_already_taken(before)
	doc.db_set({"handling": HANDLED, "operator": user})
	if before:
		note(doc, _("{0} took the conversation over from {1}"), user, before)
	else:
		note(doc, _("{0} took the conversation"), user)


@frappe.whitelist(methods=["POST"])
def hand_back(conversation: str, automatic: bool = False) -> dict:
	"""Give a conversation back.

	Args:
		automatic: the app goes on by itself; left out, it waits in the queue for another operator.

	Raises:
		AlreadyTaken: it is a colleague's.
	"""
	doc = open_conversation_for(conversation)
	validate_not_a_colleagues(doc)
	if is_yes(automatic):
		doc.db_set({"handling": AUTOMATIC, "operator": None, "waiting_since": None, "answer_by": None})
		note(doc, _("{0} let the app go on"), frappe.session.user)
	else:
		# Whoever waits already goes on waiting for the answer that was promised.
		waiting = {} if doc.answer_by else waiting_from_now(doc)
		doc.db_set({"handling": WAITING, "operator": None, **waiting})
		note(doc, _("{0} handed the conversation back"), frappe.session.user)
	return shown(doc)


def waiting_from_now(doc) -> dict:
	now = now_datetime()
	return {"waiting_since": now, "answer_by": answering.answer_by(doc, now)}


@frappe.whitelist(methods=["POST"])
def close(conversation: str) -> dict:
	"""End a conversation; what the citizen writes next begins a new one.

	Raises:
		AlreadyTaken: it is a colleague's.
	"""
	doc = open_conversation_for(conversation)
	validate_not_a_colleagues(doc)
	talks.close(doc)
	note(doc, _("{0} closed the conversation"), frappe.session.user)
	return shown(doc)


def validate_not_a_colleagues(doc):
	if doc.handling == HANDLED and doc.operator not in (None, frappe.session.user):
		throw_already_taken(doc.operator)


def throw_already_taken(operator: str):
	frappe.throw(
		_("{0} has taken this conversation. Take it over if that is agreed.").format(display_name(operator)),
		AlreadyTaken,
		title=_("Already Taken"),
	)


def display_name(user: str) -> str:
	"""Return a user's name for messages of the Desk, which are HTML."""
	return frappe.utils.escape_html(get_fullname(user))


def note(doc, sentence: str, *users: str):
	"""Write on the conversation's own record who did what."""
	doc.add_comment("Info", sentence.format(*map(display_name, users)))


# Answering ---------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def send(conversation: str, text: str = "", key: str | None = None) -> dict:
	"""Answer a citizen in plain text, with the request's uploaded `file` where there is one.

	A conversation that nobody has is taken with it.

	Args:
		text: at most LONGEST_ANSWER characters.
		key: the page's own number of this answer; a second click with the same one sends nothing.

	Raises:
		AlreadyTaken: a colleague has the conversation.
		frappe.ValidationError: nothing to send, or too much.
	"""
	text = (text or "").replace("\x00", "").replace("\r\n", "\n").strip()
	if len(text) > LONGEST_ANSWER:
		frappe.throw(_("The answer is too long: at most {0} characters.").format(LONGEST_ANSWER))
	doc = open_conversation_for(conversation)
	file = uploaded_file()
	if not text and file is None:
		frappe.throw(_("Write an answer or choose a file."))
	take_for_user(doc)
	outbox.put(
		doc.number,
		text,
		agency=doc.agency,
		about=linked_request(doc),
		conversation=doc.name,
		phone_number_id=doc.phone_number_id,
		file_url=keep_file(doc, file) if file is not None else None,
		key=key and f"operator:{doc.name}:{key[:60]}",
		urgent=True,
	)
	doc.db_set({"last_message_at": now_datetime(), "waiting_since": None, "answer_by": None})
	return whole(doc)


def uploaded_file() -> bytes | None:
	"""Return the file that came with the call."""
	file = frappe.request.files.get("file") if getattr(frappe.local, "request", None) else None
	return file.stream.read(uploads.max_bytes() + 1) if file and file.filename else None


def keep_file(doc, content: bytes) -> str:
	"""Keep a file to be sent, cleaned as everything that citizens send is; return its address."""
	return uploads.save_private(uploads.clean_file(content), _("Attachment"), doc.doctype, doc.name).file_url


def window_closed(doc) -> bool:
	"""Tell whether free text would not pass any more, and a template is needed."""
	if not settings.gateway().has_window:
		return False
	since = add_to_date(now_datetime(), hours=-WINDOW_HOURS)
	return not doc.last_incoming_at or get_datetime(doc.last_incoming_at) < since


# Who may ------------------------------------------------------------------------------------------------


def is_yes(value: bool | str | int) -> bool:
	"""Read a yes or no as it comes from a page: true, "true", 1 or "1"."""
	return str(value).lower() in ("1", "true")


def refuse():
	frappe.throw(_("You may not do this, or it does not exist."), frappe.PermissionError)


def validate_worker():
	if frappe.session.user != "Administrator" and not WORKERS & set(frappe.get_roles()):
		refuse()


def conversation_for(name: str):
	"""Return a conversation that the session's user works with; refuse everybody else."""
	validate_worker()
	if not isinstance(name, str) or not frappe.db.exists("Chat Conversation", name):
		refuse()
	doc = frappe.get_doc("Chat Conversation", name)
	if not has_agency_permission(doc) or not doc.has_permission("read"):
		refuse()
	return doc


def open_conversation_for(name: str):
	"""Return an open conversation, locked until the transaction ends.

	The contact's row is locked first, as everything does that works on a citizen's messages: two operators,
	or an operator and an arriving message, come one after the other.
	"""
	doc = conversation_for(name)
	frappe.db.get_value("Chat Contact", doc.number, "name", for_update=True)
	doc = frappe.get_doc("Chat Conversation", name, for_update=True)
	if doc.status != "Open":
		frappe.throw(
			_("This conversation is closed. When the citizen writes again, a new one begins."),
			ConversationClosed,
		)
	return doc


def request_for(doctype: str, name: str, right: str, lock: bool = False):
	"""Return a request the session's user may read or write; refuse everybody else."""
	validate_worker()
	if doctype not in stages.request_doctypes() or not frappe.db.exists(doctype, name):
		refuse()
	doc = frappe.get_doc(doctype, name, for_update=lock)
	if not has_agency_permission(doc) or not doc.has_permission(right):
		refuse()
	return doc


def linked_request(chat):
	"""Return the request a conversation is about, where the session's user may read it."""
	if not chat.reference_name or chat.reference_doctype not in stages.tracked_doctypes():
		return None
	if not frappe.db.exists(chat.reference_doctype, chat.reference_name):
		return None
	doc = frappe.get_doc(chat.reference_doctype, chat.reference_name)
	return doc if doc.has_permission("read") else None


# What is shown ------------------------------------------------------------------------------------------


def shown(doc) -> dict:
	"""Return what the page shows of a conversation."""
	request = linked_request(doc)
	return {
		"name": doc.name,
		"title": doc.applicant_name or doc.profile_name or mask_phone(doc.number),
		"number": mask_phone(doc.number),
		"status": doc.status,
		"handling": doc.handling,
		"operator": doc.operator,
		"operator_name": get_fullname(doc.operator) if doc.operator else None,
		"is_mine": doc.handling == HANDLED and doc.operator == frappe.session.user,
		"service": operator_queue.service_name(doc.service),
		"doctype": request and request.doctype,
		"request": request and request.name,
		"request_modified": request and str(request.modified),
		"window_closed": window_closed(doc),
		"template": settings.stored().default_template,
	}


MESSAGE_FIELDS = (
	"name",
	"creation",
	"at",
	"direction",
	"status",
	"kind",
	"text",
	"file",
	"media_id",
	"media_error",
	"error",
	"template",
	"owner",
)


def whole(doc) -> dict:
	"""Return a conversation with its last messages, and the version of both."""
	state, thread = shown(doc), as_thread(message_rows({"conversation": doc.name}))
	return {"conversation": state, "thread": {**thread, "version": version_of([state, thread["messages"]])}}


def message_rows(filters: dict) -> list:
	"""Return the last messages, newest first, one more than a page; whoever calls has checked the right."""
	return frappe.get_all(
		"Chat Message",
		filters=filters,
		fields=list(MESSAGE_FIELDS),
		order_by="creation desc",
		limit_page_length=PAGE + 1,
	)


def as_thread(rows: list) -> dict:
	"""Return a page of messages, oldest first; only operators' own ones carry a person's name."""
	page = rows[:PAGE][::-1]
	for row in page:
		owner, media = row.pop("owner"), row.pop("media_id")
		by_person = row.direction == "Outgoing" and owner not in ("Administrator", "Guest")
		row.by = get_fullname(owner) if by_person else None
		row.fetching = bool(media and not row.file)
	return {"messages": page, "more": len(rows) > PAGE}


def version_of(value) -> str:
	"""Return a short fingerprint of what is shown."""
	return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:20]


# Telling open pages ---------------------------------------------------------------------------------------


def tell_pages(doc, method: str | None = None):
	"""Tell the agency's open pages that something has changed (hook); without a socket server they ask."""
	for user in workers_of(doc.agency):
		frappe.publish_realtime(EVENT, user=user, after_commit=True)


def workers_of(agency: str | None) -> Iterable[str]:
	"""Return who works for an agency; administrators, who see all, have their pages ask."""
	if not agency:
		return ()
	return frappe.get_all("User Permission", {"allow": "Agency", "for_value": agency}, pluck="user")
