"""What operators do in the queue, what nobody else may, and that two of them never have one conversation."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from helpers import (
	NIK_FEMALE,
	NIK_MALE,
	PASSWORD,
	VILLAGE,
	colleague,
	move,
	new_request,
	officer,
	photo,
	stranger_officer,
)

import frappe
from frappe.utils import now_datetime

from sinjai_services import stages
from sinjai_services.whatsapp import operator_requests, operators, settings
from whatsapp.chat import Phone
from whatsapp.chats import new_chat, new_message, new_picture, remove_chats

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}%_\\'\";--"
REFUSED = (frappe.PermissionError, frappe.DoesNotExistError)


@pytest.fixture
def as_officer():
	frappe.set_user(officer())


def keys(view="all", text="", **more) -> list[str]:
	return [item["key"] for item in operators.queue(view, text, **more)["items"]]


def item_of(key: str, **more) -> dict:
	return next(item for item in operators.queue(**more)["items"] if item["key"] == key)


# The queue ---------------------------------------------------------------------------------------------


def test_conversations_and_requests_stand_in_one_list_by_promise():
	waiting, later = new_chat(minutes=10), new_chat(minutes=2)
	request = new_request(whatsapp_number="+6281241009911")
	frappe.db.set_value(request.doctype, request.name, "promised_at", now_datetime() - timedelta(days=400))
	frappe.set_user(officer())
	found = keys(limit=200)
	places = [found.index(key) for key in (f"{request.doctype}/{request.name}", waiting.name, later.name)]
	assert places == sorted(places)


def test_the_list_shows_masked_numbers_only(as_officer):
	chat = new_chat()
	item = item_of(chat.name, limit=200)
	assert item["number"].endswith(chat.number[-4:]) and "****" in item["number"]
	assert chat.number not in frappe.as_json(operators.queue(limit=200))
	assert chat.number not in frappe.as_json(operators.show(chat.name))


def test_an_automatic_or_closed_conversation_does_not_wait_for_a_person(as_officer):
	automatic = new_chat(handling="Automatic")
	closed = new_chat(status="Closed", open_key=None)
	assert not {automatic.name, closed.name} & set(keys(limit=200))


def test_views_tell_mine_from_what_nobody_has_taken(as_officer):
	free, mine = new_chat(), new_chat()
	theirs = new_chat(handling="Operator", operator=colleague())
	operators.take(mine.name)
	waits, own = keys("waiting", limit=200), keys("mine", limit=200)
	assert free.name in waits and mine.name not in waits and theirs.name not in waits
	assert own == [mine.name]


@pytest.mark.parametrize("by", ["name", "number", "code"])
def test_search_by_name_number_end_and_code(as_officer, by):
	chat = new_chat(profile_name="Daeng Sikki")
	request = new_request(applicant_name="Daeng Tata", whatsapp_number="+6281241009912")
	code = request.tracking_code
	if by == "name":
		assert chat.name in keys(text="sikki")
	elif by == "number":
		assert keys(text=chat.number[-6:]) == [chat.name]
	else:
		assert keys(text=f"{code[:5]}-{code[5:]}".lower()) == [f"{request.doctype}/{request.name}"]


@pytest.mark.parametrize("text", [HOSTILE, "%", "____", "\\", "' or 1=1 --", "a" * 5000, "\x00"])
def test_hostile_search_finds_nothing_and_breaks_nothing(as_officer, text):
	"""Signs of a LIKE are left out; a search of nothing else is none, and shows the whole queue."""
	new_chat(profile_name="Biasa")
	meant = text.strip("%_\\")
	assert keys("all", text) == ([] if meant else keys("all"))


def test_what_is_left_over_is_offered_as_more(as_officer):
	chats = {new_chat(profile_name="Banyak Sekali").name for _number in range(4)}
	first = operators.queue("all", "Banyak Sekali", 3)
	assert len(first["items"]) == 3 and first["more"]
	whole = operators.queue("all", "Banyak Sekali", 10)
	assert {item["key"] for item in whole["items"]} == chats and not whole["more"]


def test_a_conversation_and_its_request_are_one_item_with_the_earlier_promise():
	request = new_request(whatsapp_number="+6281241009913")
	late = now_datetime() - timedelta(days=400)
	frappe.db.set_value(request.doctype, request.name, "promised_at", late)
	chat = new_chat(
		handling="Operator",
		operator=officer(),
		reference_doctype=request.doctype,
		reference_name=request.name,
		last_incoming_at=now_datetime() - timedelta(hours=2),
	)
	frappe.set_user(officer())
	assert f"{request.doctype}/{request.name}" not in keys(limit=200)
	assert item_of(chat.name, limit=200)["due"] == late


def test_an_answered_conversation_is_due_again_once_the_citizen_writes(as_officer):
	chat = new_chat()
	operators.send(chat.name, "Baik, Bapak/Ibu.")
	assert item_of(chat.name, limit=200)["due"] is None
	now = now_datetime()
	chat.db_set({"last_incoming_at": now, "last_message_at": now})
	assert item_of(chat.name, limit=200)["due"] > now


def test_a_poll_brings_only_what_is_new(as_officer):
	chat = new_chat()
	new_message(chat)
	shown = operators.show(chat.name)
	known = {
		"limit": 200,
		"conversation": chat.name,
		"queue_version": operators.queue(limit=200)["version"],
		"thread_version": shown["thread"]["version"],
	}
	assert operators.changes(**known) == {}
	message = new_message(chat, "masih di sana?")
	answer = operators.changes(**known)
	assert set(answer) == {"conversation", "thread"}
	assert answer["thread"]["messages"][-1]["name"] == message.name
	chat.db_set("answer_by", now_datetime())
	assert "queue" in operators.changes(**known)


def test_a_tick_that_changes_reaches_the_page(as_officer):
	chat = new_chat()
	answer = operators.send(chat.name, "Baik.")
	message = answer["thread"]["messages"][-1]
	frappe.db.set_value("Chat Message", message["name"], "status", "Read")
	after = operators.changes(conversation=chat.name, thread_version=answer["thread"]["version"])
	assert after["thread"]["messages"][-1]["status"] == "Read"


def test_earlier_messages_come_page_by_page(as_officer):
	chat = new_chat()
	names = []
	for number in range(operators.PAGE + 5):
		doc = new_message(chat, str(number))
		at = now_datetime() + timedelta(seconds=number)
		frappe.db.set_value("Chat Message", doc.name, "creation", at, update_modified=False)
		names.append(doc.name)
	last = operators.show(chat.name)["thread"]
	assert last["more"] and [row["name"] for row in last["messages"]] == names[5:]
	first = operators.earlier(chat.name, str(last["messages"][0]["creation"]))
	assert not first["more"] and [row["name"] for row in first["messages"]] == names[:5]


# Taking ------------------------------------------------------------------------------------------------


def test_take_hand_back_and_close(as_officer):
	chat = new_chat()
	assert operators.take(chat.name)["is_mine"]
	assert operators.hand_back(chat.name)["handling"] == "Waiting for Operator"
	assert frappe.db.get_value("Chat Conversation", chat.name, "answer_by") == chat.answer_by
	operators.send(chat.name, "Sebentar, Bapak/Ibu.")
	operators.hand_back(chat.name)
	assert frappe.db.get_value("Chat Conversation", chat.name, "answer_by") > now_datetime()
	operators.take(chat.name)
	assert operators.hand_back(chat.name, automatic=True)["handling"] == "Automatic"
	assert operators.close(chat.name)["status"] == "Closed"
	assert frappe.db.get_value("Chat Conversation", chat.name, "open_key") is None
	with pytest.raises(operators.ConversationClosed):
		operators.take(chat.name)


def test_a_colleagues_conversation_is_taken_over_only_on_purpose_and_on_record():
	chat = new_chat(handling="Operator", operator=colleague())
	frappe.set_user(officer())
	for door in (operators.take, operators.hand_back, operators.close):
		with pytest.raises(operators.AlreadyTaken, match=frappe.utils.get_fullname(colleague())):
			door(chat.name)
	with pytest.raises(operators.AlreadyTaken):
		operators.send(chat.name, "Saya saja.")
	assert operators.take(chat.name, take_over=True)["is_mine"]
	filters = {"reference_doctype": chat.doctype, "reference_name": chat.name, "comment_type": "Info"}
	record = frappe.get_last_doc("Comment", filters).content
	assert frappe.utils.get_fullname(colleague()) in record


def log_in(server, email: str) -> requests.Session:
	session = requests.Session()
	answer = session.post(f"{server.url}/api/method/login", data={"usr": email, "pwd": PASSWORD}, timeout=60)
	answer.raise_for_status()
	return session


def call(server, session, method: str, **args):
	address = f"{server.url}/api/method/sinjai_services.whatsapp.operators.{method}"
	return session.post(address, data=args, headers={"Accept": "application/json"}, timeout=60)


def test_of_two_who_take_at_once_one_gets_it_and_the_other_hears_who(server):
	chats = [new_chat() for _round in range(8)]
	frappe.db.commit()
	try:
		sessions = [log_in(server, email) for email in (officer(), colleague())]
		with ThreadPoolExecutor(2) as pool:
			for chat in chats:
				tries = [pool.submit(call, server, each, "take", conversation=chat.name) for each in sessions]
				answers = [each.result() for each in tries]
				assert sorted(answer.status_code for answer in answers) == [200, 409]
				frappe.db.rollback()
				holder = frappe.db.get_value("Chat Conversation", chat.name, "operator")
				told = next(answer for answer in answers if answer.status_code == 409)
				assert frappe.utils.get_fullname(holder) in told.text
	finally:
		remove_chats(*chats)


# Answering ---------------------------------------------------------------------------------------------


def test_an_answer_goes_out_as_it_was_written_and_takes_the_conversation(as_officer):
	chat = new_chat()
	answer = operators.send(chat.name, HOSTILE)
	assert answer["conversation"]["is_mine"]
	message = frappe.get_last_doc("Chat Message", {"conversation": chat.name})
	assert (message.direction, message.text, message.number) == ("Outgoing", HOSTILE, chat.number)


def test_a_second_click_sends_nothing_more(as_officer):
	chat = new_chat()
	for _click in range(2):
		operators.send(chat.name, "Baik.", key="same")
	assert frappe.db.count("Chat Message", {"conversation": chat.name}) == 1


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4097])
def test_nothing_and_too_much_are_refused(as_officer, text):
	chat = new_chat()
	with pytest.raises(frappe.ValidationError):
		operators.send(chat.name, text)
	assert not frappe.db.exists("Chat Message", {"conversation": chat.name})


def test_a_file_goes_along_cleaned_and_private(server):
	chat = new_chat()
	frappe.db.commit()
	try:
		session = log_in(server, officer())
		address = f"{server.url}/api/method/sinjai_services.whatsapp.operators.send"
		taken = {"file": ("a.jpg", photo("olive"), "image/jpeg")}
		answer = session.post(address, data={"conversation": chat.name}, files=taken, timeout=60)
		assert answer.status_code == 200
		shown = answer.json()["message"]["thread"]["messages"][-1]["file"]
		assert shown.startswith("/private/files/")
		assert session.get(server.url + shown, timeout=60).headers["Content-Type"] == "image/jpeg"
		assert server.get(shown).headers.get("Content-Type") != "image/jpeg"
		program = {"file": ("a.jpg", b"MZ\x90" + b"0" * 500, "image/jpeg")}
		refused = session.post(address, data={"conversation": chat.name}, files=program, timeout=60)
		assert refused.status_code == 417
	finally:
		remove_chats(chat)


def test_the_page_says_when_the_24_hours_are_over(as_officer, monkeypatch):
	chat = new_chat(minutes=24 * 60 + 1)
	assert not operators.show(chat.name)["conversation"]["window_closed"]
	monkeypatch.setattr(settings.gateway().__class__, "has_window", True)
	assert operators.show(chat.name)["conversation"]["window_closed"]
	assert not operators.show(new_chat().name)["conversation"]["window_closed"]


def test_snippets_are_the_agencys_and_come_filled(as_officer):
	frappe.set_user("Administrator")
	for code, agency in (("uji_semua", None), ("uji_kami", "Disdukcapil"), ("uji_lain", "DPMPTSP")):
		text = "Yth. {name}, kode {code} {service}"
		values = {"code": code, "purpose": code, "kind": "Snippet", "agency": agency, "text": text}
		frappe.get_doc({"doctype": "Reply Text", **values}).insert()
	request = new_request(applicant_name="Andi Baso", whatsapp_number="+6281241009914")
	chat = new_chat(reference_doctype=request.doctype, reference_name=request.name)
	frappe.set_user(officer())
	found = {row["code"]: row["text"] for row in operators.snippets(chat.name)}
	assert "uji_lain" not in found
	assert found["uji_semua"] == found["uji_kami"]
	assert found["uji_kami"] == f"Yth. Andi Baso, kode {request.tracking_code} {request.service_name()}"


# The request beside it ------------------------------------------------------------------------------------


def test_a_received_picture_goes_into_the_checklist():
	request = new_request(whatsapp_number="+6281241009915")
	chat = new_chat()
	message = new_picture(chat)
	frappe.set_user(officer())
	row = request.papers[0]
	operator_requests.attach(chat.name, message.name, request.doctype, request.name, row.name)
	paper = frappe.get_doc(request.doctype, request.name).papers[0]
	assert paper.state == "To Check"
	for owner in (request, message):
		file = {"file_url": paper.file, "attached_to_name": owner.name, "is_private": 1}
		assert frappe.db.exists("File", file)
	assert frappe.db.get_value("Chat Conversation", chat.name, "reference_name") == request.name


def test_another_picture_replaces_a_refused_one():
	request = new_request(whatsapp_number="+6281241009916")
	chat = new_chat()
	first, second = new_picture(chat, "navy"), new_picture(chat, "gold")
	frappe.set_user(officer())
	row = request.papers[0].name
	operator_requests.attach(chat.name, first.name, request.doctype, request.name, row)
	doc = frappe.get_doc(request.doctype, request.name)
	doc.judge_paper(row, False, "Buram")
	operator_requests.attach(chat.name, second.name, request.doctype, request.name, row)
	paper = frappe.get_doc(request.doctype, request.name).papers[0]
	assert (paper.state, paper.refusal_reason) == ("To Check", None)


def test_only_files_of_this_conversation_and_requests_one_may_write():
	request = new_request(whatsapp_number="+6281241009917")
	chat, other = new_chat(), new_chat()
	message, foreign, text = new_picture(chat), new_picture(other, "pink"), new_message(chat)
	# A message that names a file which is not its own, as somebody with a database script might leave it.
	stolen = new_message(chat, None)
	stolen.db_set("file", foreign.file)
	row = request.papers[0].name
	frappe.set_user(officer())
	for name in (foreign.name, text.name, stolen.name, "gibt-es-nicht"):
		with pytest.raises(frappe.PermissionError):
			operator_requests.attach(chat.name, name, request.doctype, request.name, row)
	with pytest.raises(frappe.PermissionError):
		operator_requests.attach(chat.name, message.name, "User", officer(), row)
	with pytest.raises(frappe.ValidationError):
		operator_requests.attach(chat.name, message.name, request.doctype, request.name, "another-row")
	frappe.set_user(stranger_officer())
	with pytest.raises(frappe.PermissionError):
		operator_requests.attach(chat.name, message.name, request.doctype, request.name, row)


def test_an_ended_request_takes_no_papers():
	request = new_request(whatsapp_number="+6281241009918")
	chat = new_chat()
	message = new_picture(chat)
	move(request, stages.WITHDRAWN)
	frappe.set_user(officer())
	with pytest.raises(frappe.ValidationError, match="berakhir"):
		operator_requests.attach(
			chat.name, message.name, request.doctype, request.name, request.papers[0].name
		)


def start(chat, **changes) -> dict:
	typed = {
		"service": "KTP-EL",
		"reason": "Rusak",
		"applicant_name": "Andi Tenri",
		"nik": NIK_FEMALE,
		"village": VILLAGE,
		"consent": "1",
	}
	return operator_requests.start_request(chat.name, **{**typed, **changes})


def test_a_request_starts_from_a_conversation_with_all_its_rules(as_officer):
	chat = new_chat()
	with pytest.raises(frappe.ValidationError):
		start(chat, nik="123")
	with pytest.raises(frappe.ValidationError):
		start(chat, consent="0")
	made = start(chat)
	doc = frappe.get_doc(made["doctype"], made["request"])
	assert (doc.channel, doc.whatsapp_number, doc.stage) == ("WhatsApp", chat.number, stages.RECEIVED)
	assert operators.show(chat.name)["conversation"]["request"] == doc.name
	with pytest.raises(frappe.ValidationError, match=doc.name):
		start(chat)


def test_the_citizen_is_asked_to_agree_and_the_request_starts_with_that(as_officer):
	chat = new_chat(applicant_name="Andi Tenri", consent_at=now_datetime())
	typed = {"service": "KTP-EL", "reason": "Rusak", "village": VILLAGE, "applicant_name": "Andi Tenri"}
	shown = operator_requests.ask_agreement(chat.name, nik=NIK_FEMALE, **typed)
	assert shown["conversation"]["is_mine"]
	summary = shown["thread"]["messages"][-1]
	assert (
		"Mohon diperiksa" in summary.text and "Andi Tenri" in summary.text and NIK_FEMALE not in summary.text
	)
	assert not operator_requests.start_values(chat.name)["consent"], "what was agreed to before was less"
	Phone(chat.number).writes("setuju")
	assert operator_requests.start_values(chat.name)["consent"]
	with pytest.raises(frappe.ValidationError):
		operator_requests.ask_agreement(chat.name, **{**typed, "service": "tidak-ada"})


def test_a_number_left_masked_is_the_conversations(as_officer):
	frappe.set_user("Administrator")
	chat = new_chat(nik=NIK_MALE, nik_masked="730701******0001")
	frappe.set_user(officer())
	values = operator_requests.start_values(chat.name)
	assert NIK_MALE not in frappe.as_json(values)
	made = start(chat, nik=values["nik"])
	assert frappe.get_doc(made["doctype"], made["request"]).get_password("nik") == NIK_MALE


def test_a_request_of_another_agencys_service_cannot_be_started(as_officer):
	chat = new_chat()
	frappe.db.set_value("Public Service", "KTP-EL", "agency", "DPMPTSP")
	frappe.clear_document_cache("Public Service", "KTP-EL")
	try:
		with pytest.raises(frappe.ValidationError):
			start(chat)
	finally:
		frappe.db.rollback()
		frappe.clear_document_cache("Public Service", "KTP-EL")


def test_an_existing_request_is_found_and_linked():
	chat = new_chat()
	request = new_request(whatsapp_number=chat.number)
	frappe.set_user(officer())
	assert [row["request"] for row in operator_requests.linkable(chat.name)] == [request.name]
	operator_requests.link_request(chat.name, request.doctype, request.name)
	assert operators.show(chat.name)["conversation"]["request"] == request.name
	assert operators.about_request(request.doctype, request.name)["conversation"]["name"] == chat.name


# Strangers ---------------------------------------------------------------------------------------------


def doors(chat, message, request) -> dict:
	row = request.papers[0].name
	return {
		"show": lambda: operators.show(chat),
		"earlier": lambda: operators.earlier(chat, "2030-01-01"),
		"changes": lambda: operators.changes(conversation=chat),
		"snippets": lambda: operators.snippets(chat),
		"take": lambda: operators.take(chat, take_over=True),
		"hand_back": lambda: operators.hand_back(chat),
		"close": lambda: operators.close(chat),
		"send": lambda: operators.send(chat, "halo"),
		"attach": lambda: operator_requests.attach(chat, message.name, request.doctype, request.name, row),
		"start_values": lambda: operator_requests.start_values(chat),
		"start_request": lambda: operator_requests.start_request(chat, "KTP-EL", "Andi", VILLAGE),
		"ask_agreement": lambda: operator_requests.ask_agreement(chat, "KTP-EL", "Andi", VILLAGE),
		"linkable": lambda: operator_requests.linkable(chat),
		"link_request": lambda: operator_requests.link_request(chat, request.doctype, request.name),
		"about_request": lambda: operators.about_request(request.doctype, request.name),
	}


@pytest.mark.parametrize(
	"user", [stranger_officer(), "tanpa.dinas@example.com", "tu.uji@example.com", "Guest"]
)
def test_a_stranger_learns_the_same_whether_it_exists_or_not(user):
	chat, request = new_chat(), new_request(whatsapp_number="+6281241009919")
	message = new_picture(chat)
	before = frappe.get_doc("Chat Conversation", chat.name).as_dict()
	for name in (chat.name, secrets.token_hex(5)):
		for door, enter in doors(name, message, request).items():
			frappe.set_user(user)
			frappe.clear_messages()
			with pytest.raises(frappe.PermissionError) as refusal:
				enter()
			assert str(refusal.value) == "Anda tidak berwenang melakukan ini, atau datanya tidak ada.", door
	frappe.set_user("Administrator")
	assert frappe.get_doc("Chat Conversation", chat.name).as_dict() == before


def test_another_agencys_queue_is_another_queue():
	ours, theirs = new_chat(), new_chat("DPMPTSP")
	frappe.set_user(officer())
	assert theirs.name not in keys(limit=200) and ours.name in keys(limit=200)
	frappe.set_user(stranger_officer())
	assert ours.name not in keys(limit=200) and theirs.name in keys(limit=200)
	frappe.set_user("tanpa.dinas@example.com")
	assert keys(limit=200) == []
	for user in ("tu.uji@example.com", "Guest"):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			operators.queue()


def test_the_doors_are_closed_over_http_too(server):
	for method in ("queue", "changes"):
		address = f"/api/method/sinjai_services.whatsapp.operators.{method}"
		assert server.get(address).status_code == 403
	assert server.get("/api/method/sinjai_services.whatsapp.operators.take?conversation=x").status_code == 403


def test_open_pages_of_the_agency_are_told(monkeypatch):
	told = []
	monkeypatch.setattr(frappe, "publish_realtime", lambda *_event, **to: told.append(to.get("user")))
	chat = new_chat()
	new_message(chat)
	assert {officer(), colleague()} <= set(told)
	assert stranger_officer() not in told
