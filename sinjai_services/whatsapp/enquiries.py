"""What a citizen asks or hands in for requests made before: status, withdrawal, papers that were still
missing.

A number sees its own requests only, and what it says about another's code is what it says about none.
"""

import frappe
from frappe.utils import add_to_date, now_datetime

from sinjai_services import stages
from sinjai_services.requests import checklist, moves, supply, tracking, uploads, wording
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import papers, texts
from sinjai_services.whatsapp.gateway import Choice
from sinjai_services.whatsapp.intake import bullets, numbered, offer, short_name

MOST_SHOWN = 9
PAPERS_FOLLOW_HOURS = 1
"""A picture that comes within so many hours of a request still belongs to it, if it takes papers."""


def documents_of(number: str, stages_meant: tuple[str, ...], doctypes: list[str]) -> list:
	"""Return what was sent in with this number and is in one of these stages, newest first."""
	found = []
	for doctype in doctypes:
		rows = frappe.get_all(
			doctype,
			{"whatsapp_number": number, "stage": ("in", stages_meant)},
			["name", "received_at"],
			order_by="received_at desc",
			limit=MOST_SHOWN,
		)
		found += [(row.received_at, doctype, row.name) for row in rows]
	newest = sorted(found, key=lambda row: row[0], reverse=True)[:MOST_SHOWN]
	return [frappe.get_doc(doctype, name) for _at, doctype, name in newest]


def requests_of(number: str, stages_meant: tuple[str, ...]) -> list:
	return documents_of(number, stages_meant, stages.request_doctypes())


def followed_doctypes() -> list[str]:
	"""Return the DocTypes whose senders leave a number, letters included."""
	return [name for name in stages.tracked_doctypes() if frappe.get_meta(name).has_field("whatsapp_number")]


def own_request(number: str, doctype: str, name: str):
	"""Return a request, locked, if it was made with this number; None otherwise."""
	if doctype not in stages.request_doctypes() or not frappe.db.exists(doctype, name):
		return None
	doc = frappe.get_doc(doctype, name, for_update=True)
	return doc if doc.get("whatsapp_number") == number else None


def line(doc) -> str:
	return f"{doc.service_name()} ({show_code(doc.tracking_code)})"


def request_choices(docs: list, does: str) -> list[Choice]:
	return [
		Choice(
			f"{does}:{doc.doctype}|{doc.name}", show_code(doc.tracking_code), short_name(doc.service_name())
		)
		for doc in docs
	]


# Status --------------------------------------------------------------------------------------------------


def status(conversation, code: str | None):
	"""Tell how far the requests of this number are, or the one with this code."""
	if code:
		doc = tracking.find(code)
		if not doc or doc.get("whatsapp_number") != conversation.number:
			texts.say("status_unknown", conversation)
			return
		docs = [doc]
	else:
		docs = documents_of(conversation.number, stages.OPEN, followed_doctypes())
	if docs:
		texts.say("status_list", conversation, requests="\n\n".join(describe(doc) for doc in docs))
	else:
		texts.say("status_none", conversation, link=frappe.utils.get_url("/lacak"))


def describe(doc) -> str:
	"""Return a request as its owner reads it in a chat: masked, since phones are lent."""
	lines = [
		f"*{show_code(doc.tracking_code)}* {doc.public_title()}",
		doc.public_name(),
		doc.citizen_label(),
	]
	if doc.stage not in stages.PROMISE_STOPPED and doc.get("promised_at"):
		lines.append(f"Paling lambat {wording.long_datetime(doc.promised_at)}")
	if doc.stage == stages.WAITING and doc.open_papers():
		lines.append(f"Mohon kirim:\n{doc.open_papers_text()}")
	return "\n".join(lines)


# Withdrawal ----------------------------------------------------------------------------------------------


def ask_what_to_withdraw(conversation):
	docs = requests_of(conversation.number, stages.OPEN)
	if not docs:
		texts.say("nothing_to_cancel", conversation)
	elif len(docs) == 1:
		ask_withdrawal(conversation, docs[0])
	else:
		choices = request_choices(docs, "ask_withdraw")
		offer(conversation, "which_withdraw", choices, requests=numbered([line(doc) for doc in docs]))


def ask_withdrawal(conversation, doc):
	texts.say(
		"withdraw",
		conversation,
		about=doc,
		choices=(f"withdraw:{doc.doctype}|{doc.name}", "keep"),
		service=doc.service_name(),
		code=show_code(doc.tracking_code),
	)


def withdraw(conversation, doc) -> bool:
	"""Withdraw a request for its applicant; False where its workflow has no way, and a person has to help."""
	values = {"service": doc.service_name(), "code": show_code(doc.tracking_code)}
	if doc.stage in stages.ENDED:
		texts.say("nothing_to_cancel", conversation)
		return True
	done = moves.move(doc, moves.WITHDRAWN)
	texts.say("withdrawn" if done else "not_withdrawable", conversation, about=doc, **values)
	return done


# Papers --------------------------------------------------------------------------------------------------


def takers(conversation) -> list:
	"""Return the requests that papers of this number are for: those that wait for them, else one just
	made."""
	if waiting := requests_of(conversation.number, (stages.WAITING,)):
		current = [doc for doc in waiting if doc.name == conversation.reference_name]
		return current or waiting
	since = add_to_date(now_datetime(), hours=-PAPERS_FOLLOW_HOURS)
	recent = requests_of(conversation.number, stages.PAPERS_OPEN)
	return [
		doc
		for doc in recent
		if doc.name == conversation.reference_name or (doc.channel == "WhatsApp" and doc.received_at > since)
	][:1]


def ask_for_which(conversation, docs: list):
	offer(
		conversation,
		"which_request",
		request_choices(docs, "papers"),
		requests=numbered([line(doc) for doc in docs]),
	)


def hand_in(conversation, doc):
	"""Put the pictures of a conversation into the open rows of a request's checklist; the rest goes along."""
	found = papers.pictures(conversation.name)
	conversation.update({"reference_doctype": doc.doctype, "reference_name": doc.name, "papers_untold": 1})
	if not found:
		return
	open_rows = {row.requirement: row for row in doc.papers if row.requirement in supply.open_slots(doc)}
	asked_for = [paper["label"] for paper in doc.open_papers()]
	optional = [name for name in open_rows if name not in asked_for]
	sorted_pictures, extra = papers.sort(found, asked_for, optional)
	taken = []
	for paper, picture in sorted_pictures.items():
		try:
			supply.put(doc, paper, papers.content(picture))
			taken.append(paper)
		except uploads.RefusedUpload:
			extra.append(picture)
	if taken:
		supply.keep(doc, taken)
	papers.note_extra(doc, len(extra))
	papers.hand_over(found, doc)


def tell_handed_in(conversation):
	"""Say which papers of the request have come and which are still open; once, however many came at once."""
	conversation.papers_untold = 0
	doc = frappe.get_doc(conversation.reference_doctype, conversation.reference_name)
	values = {"service": doc.service_name(), "code": show_code(doc.tracking_code)}
	received = [row.requirement for row in doc.papers if row.state == checklist.TO_CHECK]
	if missing := doc.open_papers_text():
		values |= {"received": bullets(received) or "-", "missing": missing}
		texts.say("papers_for_request", conversation, about=doc, **values)
	elif doc.stage in stages.PAPERS_OPEN and received:
		texts.say("papers_complete", conversation, about=doc, **values)
	else:
		texts.say("papers_extra", conversation, about=doc, **values)
