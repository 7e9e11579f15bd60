"""The request beside a conversation in the operators' place: its papers, and how the two come together.

Who may call these functions, and what somebody else learns, is as in operators.py.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.requests import checklist, uploads
from sinjai_services.whatsapp import conversation as talks
from sinjai_services.whatsapp import operator_queue
from sinjai_services.whatsapp.intake import COLLECTING
from sinjai_services.whatsapp.operators import (
	conversation_for,
	is_yes,
	linked_request,
	note,
	open_conversation_for,
	refuse,
	request_for,
	take_for_user,
	whole,
)

# Papers ------------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def attach(conversation: str, message: str, request_doctype: str, request: str, row: str) -> dict:
	"""Put a picture or PDF that a citizen has sent into the checklist of a request.

	The request gets a File of its own: the conversation's goes its own way when it is removed one day.

	Args:
		message: a Chat Message of this conversation that has a file.
		request_doctype, request: a request the user may write.
		row: name of the checklist row.

	Raises:
		frappe.PermissionError: not this user's request, conversation, or not a file of it.
		frappe.ValidationError: the request has ended.
	"""
	chat = conversation_for(conversation)
	doc = request_for(request_doctype, request, "write", lock=True)
	if doc.stage in stages.ENDED:
		frappe.throw(_("This request has ended; its papers can no longer be changed."))
	paper = next((paper for paper in doc.papers if paper.name == row), None)
	if not paper:
		frappe.throw(_("This paper is no longer in the checklist. Reload the page."))
	clean = uploads.clean_file(message_file(chat, message))
	paper.file = uploads.save_private(clean, paper.requirement, doc.doctype, doc.name).file_url
	paper.state, paper.refusal_reason = checklist.TO_CHECK, None
	doc.save()
	doc.add_event("Paper", label=_("Paper taken over from WhatsApp"), detail=paper.requirement)
	if not chat.reference_name:
		chat.db_set({"reference_doctype": doc.doctype, "reference_name": doc.name})
	return {"doctype": doc.doctype, "request": doc.name}


def message_file(chat, message: str) -> bytes:
	"""Return the content of a message's own file."""
	row = frappe.db.get_value("Chat Message", message, ["conversation", "file"], as_dict=True)
	if not row or row.conversation != chat.name or not row.file:
		refuse()
	name = frappe.db.get_value(
		"File",
		{
			"file_url": row.file,
			"attached_to_doctype": "Chat Message",
			"attached_to_name": message,
			"is_private": 1,
		},
	)
	if not name:
		refuse()
	return uploads.as_bytes(frappe.get_doc("File", name).get_content())


# A new request -----------------------------------------------------------------------------------------


@frappe.whitelist()
def start_values(conversation: str) -> dict:
	"""Return what a new request would be filled with, and the services it can be for.

	NIK and No. KK come masked; left so, the conversation's are taken.
	"""
	doc = conversation_for(conversation)
	services = frappe.get_all(
		"Public Service",
		{"active": 1, "agency": doc.agency, "request_doctype": ("in", operator_queue.request_doctypes())},
		["name", "service_name", "reason_options"],
		order_by="sort_order, service_name",
	)
	return {
		"services": services,
		"service": doc.service,
		"reason": doc.reason,
		"applicant_name": doc.applicant_name or doc.profile_name,
		"nik": doc.nik_masked,
		"no_kk": doc.no_kk_masked,
		"village": doc.village,
		"consent": bool(doc.consent_at),
	}


@frappe.whitelist(methods=["POST"])
def start_request(
	conversation: str,
	service: str,
	applicant_name: str,
	village: str,
	reason: str | None = None,
	nik: str | None = None,
	no_kk: str | None = None,
	consent: bool = False,
) -> dict:
	"""Make a request from a conversation, through the request's own controller with all its rules.

	Args:
		service: code of an active service of the user's agency.
		nik, no_kk: as the operator reads them on the papers; empty or masked, the conversation's are taken.
		consent: the citizen has agreed to the processing of their data.

	Returns:
		{"doctype", "request"}.

	Raises:
		frappe.ValidationError: with everything that is wrong.
	"""
	chat = open_conversation_for(conversation)
	fill_in(chat, service, applicant_name, village, reason, nik, no_kk)
	chat.consent_at = (chat.consent_at or now_datetime()) if is_yes(consent) else None
	doc = talks.start_request(chat, operator=frappe.session.user)
	chat.save(ignore_permissions=True)
	note(chat, _("{0} started a request"), frappe.session.user)
	return {"doctype": doc.doctype, "request": doc.name}


@frappe.whitelist(methods=["POST"])
def ask_agreement(
	conversation: str,
	service: str,
	applicant_name: str,
	village: str,
	reason: str | None = None,
	nik: str | None = None,
	no_kk: str | None = None,
) -> dict:
	"""Show the citizen what an operator has prepared and ask for their agreement; arguments as of
	`start_request`.

	The conversation is taken with it. The answer is kept; the operator starts the request afterwards.
	"""
	chat = open_conversation_for(conversation)
	take_for_user(chat)
	fill_in(chat, service, applicant_name, village, reason, nik, no_kk)
	# What was agreed to before was something else.
	chat.consent_at = None
	talks.ask_agreement(chat)
	note(chat, _("{0} asked the citizen to agree"), frappe.session.user)
	return whole(chat)


def fill_in(chat, service, applicant_name, village, reason, nik, no_kk):
	"""Take into a conversation what an operator has typed for its request."""
	if linked := linked_request(chat):
		if linked.stage not in stages.ENDED:
			frappe.throw(_("This conversation has an open request already: {0}").format(linked.name))
	terms = frappe.db.get_value(
		"Public Service", service, ["request_doctype", "agency", "active"], as_dict=True
	)
	if not terms or not terms.active or terms.request_doctype not in stages.request_doctypes():
		frappe.throw(_("Choose a service."))
	if terms.agency != chat.agency:
		frappe.throw(_("This service belongs to another agency."))
	chat.update(
		{
			"service": service,
			"reason": reason,
			"applicant_name": applicant_name,
			"village": village,
			"step": COLLECTING,
			**typed_numbers(nik=nik, no_kk=no_kk),
		}
	)


def typed_numbers(**numbers: str | None) -> dict[str, str]:
	"""Return the numbers that were really typed; left empty or masked, the conversation's stay."""
	return {field: typed for field, typed in numbers.items() if (typed or "").strip() and "*" not in typed}


# A request that is there already -------------------------------------------------------------------------


@frappe.whitelist()
def linkable(conversation: str, text: str = "") -> list[dict]:
	"""Return open requests a conversation can be about: those of its number, or those that fit `text`."""
	doc = conversation_for(conversation)
	words = text.strip() or doc.number[-9:]
	return operator_queue.requests(operator_queue.ALL, words, 10)[:10]


@frappe.whitelist(methods=["POST"])
def link_request(conversation: str, request_doctype: str, request: str) -> dict:
	"""Say that a conversation is about a request; both have to be of the user's agency."""
	chat = open_conversation_for(conversation)
	doc = request_for(request_doctype, request, "write")
	if doc.agency != chat.agency:
		refuse()
	chat.db_set({"reference_doctype": doc.doctype, "reference_name": doc.name})
	note(chat, _("{0} linked a request"), frappe.session.user)
	return {"doctype": doc.doctype, "request": doc.name}
