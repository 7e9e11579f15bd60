"""Pencet WA Saja by WhatsApp alone, each of its documents: signed webhooks, a real web server, real jobs.

From "mau urus ktp hilang pak" to "siap diambil", with a refused photo in between, and collected or brought.
"""

import re

import pytest
from conftest import SITE
from helpers import officer
from test_handover import COURIER, signature
from whatsapp_samples import forget_messages

import frappe
from frappe.model.workflow import apply_workflow, get_transitions
from frappe.utils import nowdate

from sinjai_services import stages
from sinjai_services.requests import checklist, handover
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import inbox
from whatsapp import test_conversation as conversation
from whatsapp.chats import remove_requests, requests_of
from whatsapp.test_conversation import DATA, required
from whatsapp.wire import Citizen, job_worker

ADDRESS = "Dusun Batulappa RT 2, rumah panggung hijau"
REFUSED = "Buram, mohon difoto ulang di tempat terang"
STORIES = list({story[1]: story for story in reversed(conversation.STORIES)}.values())
"""One for each document."""
ENGLISH = re.compile(
	r"\b(the|your|you|please|request|and|with|has|been|is|was|of|for|to|ready|received|waiting|collect|home"
	r"|delivery|applicant|courier|paper|missing|refused|none|error)\b",
	re.IGNORECASE,
)


@pytest.fixture(scope="module")
def worker(server):
	with job_worker(SITE):
		yield


@pytest.fixture
def citizen(cloud, server, worker, request):
	"""A phone of its own for each story; what it leads to is taken back."""
	number = f"62812410191{request.node.callspec.indices['service']:02}"
	remove_requests(f"+{number}")
	frappe.cache.delete(inbox.asked_key(f"+{number}"))
	yield Citizen(cloud, server.url, number)
	remove_requests(f"+{number}")
	forget_messages()


def as_user(user: str, function, *args, **options):
	"""Do what somebody of the staff does in the Desk, in a transaction of its own."""
	frappe.db.rollback()
	frappe.set_user(user)
	try:
		result = function(*args, **options)
		frappe.db.commit()
	finally:
		frappe.set_user("Administrator")
	return result


def go_to(doc, stage: str):
	doc = frappe.get_doc(doc.doctype, doc.name)
	ways = [
		way
		for way in get_transitions(doc)
		if stages.state_row(doc.doctype, way.next_state).sinjai_stage == stage
	]
	apply_workflow(doc, ways[0].action)


def judge(doc, accept: bool, papers: list[str], reason: str | None = None):
	doc = frappe.get_doc(doc.doctype, doc.name)
	for row in [row for row in doc.papers if row.requirement in papers]:
		doc.judge_paper(row.name, accept, reason)


def ask_applicant(doc):
	frappe.get_doc(doc.doctype, doc.name).ask_applicant()


@pytest.mark.parametrize(("opening", "service", "reason"), STORIES, ids=[story[1] for story in STORIES])
def test_from_the_first_word_to_the_document_in_hand(citizen, opening, service, reason):
	brought = STORIES.index((opening, service, reason)) % 2 == 1
	papers = required(service, reason)
	doc = apply_for(citizen, opening, papers, brought)
	assert (doc.service, doc.reason, doc.stage) == (service, reason, stages.RECEIVED)
	replace_refused_photo(citizen, doc, papers)
	as_user(officer(), judge, doc, True, papers)
	as_user(officer(), go_to, doc, stages.DECIDING)
	as_user(officer(), go_to, doc, stages.READY)
	(news,) = citizen.reads()
	assert ("diantar" if brought else "diambil") in news.lower()
	(bring if brought else collect)(citizen, doc)
	assert requests_of(f"+{citizen.number}")[0].stage == stages.COMPLETED
	assert "tidak ada permohonan" in citizen.writes("status pak")[-1].lower()
	check_everything_said(citizen)


def apply_for(citizen, opening: str, papers: list[str], brought: bool):
	needed = "\n".join(citizen.writes(opening))
	assert all(paper in needed for paper in papers)
	citizen.writes(DATA)
	summary = citizen.sends_photos(len(papers))[-1]
	assert "Andi Baso" in summary and "Balakia" in summary
	if brought:
		assert "alamat" in citizen.taps("Antar ke rumah")[-1]
		assert ADDRESS in citizen.writes(ADDRESS)[-1]
	told = "\n".join(citizen.taps("Setuju"))
	(doc,) = requests_of(f"+{citizen.number}")
	assert show_code(doc.tracking_code) in told
	assert doc.handover_method == (handover.HOME if brought else handover.COLLECT)
	return doc


def replace_refused_photo(citizen, doc, papers: list[str]):
	"""The officer refuses one photo and asks for another; the request goes on by itself once it is there."""
	as_user(officer(), go_to, doc, stages.CHECKING)
	as_user(officer(), judge, doc, False, papers[:1], REFUSED)
	as_user(officer(), ask_applicant, doc)
	(news,) = citizen.reads()
	assert papers[0] in news and REFUSED in news
	answers = "\n".join(citizen.sends_photos(1))
	assert "lengkap" in answers
	(doc,) = requests_of(f"+{citizen.number}")
	assert doc.stage == stages.CHECKING
	assert next(row for row in doc.papers if row.requirement == papers[0]).state == checklist.TO_CHECK


def collect(citizen, doc):
	proof = {"identity_checked": True, "identity_document": "KTP"}
	as_user(officer(), handover.at_counter, doc.doctype, doc.name, "Andi Baso", "Applicant", **proof)
	assert "diserahkan" in "\n".join(citizen.reads()).lower()


def bring(citizen, doc):
	plan = {"courier": COURIER, "planned_date": nowdate()}
	delivery = as_user(officer(), handover.plan, doc.doctype, doc.name, handover.HOME, **plan)
	assert frappe.db.get_value("Request Delivery", delivery, "address") == ADDRESS
	as_user(COURIER, handover.start, delivery)
	assert "antar" in "\n".join(citizen.reads()).lower()
	as_user(COURIER, handover.hand_over, delivery, "Andi Baso", "Applicant", signature=signature())
	assert "diterima" in "\n".join(citizen.reads()).lower()


def check_everything_said(citizen):
	"""Everything once, in order, in Indonesian, without a citizen's number."""
	frappe.db.rollback()
	rows = frappe.get_all(
		"Chat Message",
		{"number": f"+{citizen.number}", "direction": "Outgoing"},
		["message_id", "status", "text"],
		order_by="creation",
	)
	arrived = citizen.received()
	assert [row.message_id for row in rows] == [message["id"] for message in arrived]
	assert {row.status for row in rows} == {"Sent"}
	texts = "\n".join(row.text for row in rows)
	assert not re.search(r"\d{16}", texts)
	assert not (found := ENGLISH.findall(re.sub(r"https?://\S+", "", texts))), found
	incoming = {"number": f"+{citizen.number}", "direction": "Incoming"}
	assert set(frappe.get_all("Chat Message", incoming, pluck="status")) == {"Processed"}
	assert len(requests_of(f"+{citizen.number}")) == 1
