"""Old conversations go for good, with texts and pictures; what is still needed stays."""

import pytest
from helpers import move, new_request, photo

import frappe
from frappe.utils import add_to_date, now_datetime
from frappe.utils.password import get_decrypted_password

from sinjai_services import stages
from sinjai_services.whatsapp import consent, conversation, outbox, retention
from whatsapp.chats import new_chat, new_message

NUMBER = "+6281241071001"


@pytest.fixture(autouse=True)
def uncommitted(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


def closed(months: int = 13, **changes):
	chat = new_chat(**changes)
	message = new_message(chat, "mau urus ktp", photo("olive"))
	chat.reload()
	conversation.close(chat)
	chat.db_set("closed_at", add_to_date(now_datetime(), months=-months))
	return chat, message


def test_an_old_conversation_goes_with_texts_and_pictures():
	chat, message = closed(nik="7307011508900001")
	file = frappe.get_doc("File", {"attached_to_name": message.name})
	retention.remove_old()
	assert not frappe.db.exists("Chat Conversation", chat.name)
	assert not frappe.db.exists("Chat Message", message.name)
	assert not frappe.db.exists("File", file.name)
	assert not frappe.db.exists("Deleted Document", {"deleted_name": ("in", [chat.name, message.name])})
	assert not get_decrypted_password(chat.doctype, chat.name, "nik", raise_exception=False)


def test_what_is_younger_open_or_kept_for_ever_stays():
	young, _message = closed(months=11)
	open_one = new_chat()
	old, _message = closed()
	settings = frappe.get_doc("Sinjai WhatsApp Settings")
	settings.retention_months = 0
	settings.save()
	retention.remove_old()
	for chat in (young, open_one, old):
		assert frappe.db.exists("Chat Conversation", chat.name)
	settings.retention_months = 12
	settings.save()
	retention.remove_old()
	left = [bool(frappe.db.exists("Chat Conversation", chat.name)) for chat in (young, open_one, old)]
	assert left == [True, True, False]


def test_a_conversation_about_a_request_under_way_stays_until_it_has_ended():
	doc = new_request()
	chat, _message = closed(reference_doctype=doc.doctype, reference_name=doc.name)
	retention.remove_old()
	assert frappe.db.exists("Chat Conversation", chat.name)
	for stage in (stages.CHECKING, stages.REJECTED):
		doc = move(doc, stage)
	retention.remove_old()
	assert not frappe.db.exists("Chat Conversation", chat.name)


def test_news_of_no_conversation_go_as_well_but_not_what_is_still_to_be_sent():
	names = [outbox.put(NUMBER, f"Kabar {n}", agency="Disdukcapil") for n in range(2)]
	old = {"creation": add_to_date(now_datetime(), months=-13)}
	for name in names:
		frappe.db.set_value("Chat Message", name, old, update_modified=False)
	frappe.db.set_value("Chat Message", names[1], "status", "Queued")
	retention.remove_old()
	assert [bool(frappe.db.exists("Chat Message", name)) for name in names] == [False, True]


def test_who_wants_no_news_is_remembered():
	for number in (NUMBER, "+6281241071002"):
		frappe.get_doc({"doctype": "Chat Contact", "number": number}).insert(ignore_permissions=True)
	consent.opt_out(NUMBER)
	frappe.db.sql("update `tabChat Contact` set modified = '2020-01-01' where name like '+628124107100%'")
	retention.remove_old()
	assert not frappe.db.exists("Chat Contact", "+6281241071002")
	assert not consent.wants_messages(NUMBER)


def test_the_papers_of_a_request_stay_when_its_conversation_goes():
	from whatsapp.chat import Phone
	from whatsapp.test_conversation import ready_to_confirm

	phone = Phone("+6281241071003")
	ready_to_confirm(phone)
	phone.taps("agree")
	(doc,) = phone.requests()
	for stage in (stages.CHECKING, stages.REJECTED):
		doc = move(doc, stage)
	phone.conversation().db_set("closed_at", add_to_date(now_datetime(), months=-13))
	retention.remove_old()
	assert not phone.conversation()
	for row in [row for row in doc.papers if row.file]:
		file = frappe.get_doc(
			"File", {"file_url": row.file, "attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
		)
		assert file.get_content()
