"""What applicants are told on WhatsApp: worded by an administrator's Notification, kept in the outbox."""

from helpers import move, new_request, officer, stranger_officer

import frappe

from sinjai_services import stages
from sinjai_services.whatsapp import outbox


def messages(doc) -> list:
	return frappe.get_all(
		"Chat Message", {"reference_name": doc.name}, ["number", "text", "status"], order_by="creation"
	)


def test_one_message_lists_everything_that_is_asked_for():
	doc = move(new_request(reason="Hilang"), stages.CHECKING)
	assert messages(doc) == []
	doc.ask_applicant()
	(message,) = messages(doc)
	assert message.number == doc.whatsapp_number
	assert doc.citizen_label() in message.text
	for row in doc.papers:
		assert (row.requirement in message.text) == (not row.optional)
	assert f"{doc.tracking_code[:5]}-{doc.tracking_code[5:]}" in message.text


def test_an_administrators_words_are_used():
	notification = frappe.get_doc("Notification", "Kabar untuk Pemohon")
	notification.message = "Halo {{ doc.applicant_name }}, {{ doc.citizen_label() }}"
	notification.save()
	doc = new_request()
	for stage in (stages.CHECKING, stages.DECIDING, stages.READY):
		doc = move(doc, stage)
	assert [message.text for message in messages(doc)] == [
		f"Halo {doc.applicant_name}, {doc.citizen_label()}"
	]


def test_a_broken_notification_never_stops_the_officer():
	frappe.db.set_value("Notification", "Kabar untuk Pemohon", "condition", "doc.tidak_ada.sama_sekali")
	frappe.cache.delete_key("notifications")
	doc = move(new_request(), stages.CHECKING)
	doc.ask_applicant()
	assert doc.stage == stages.WAITING
	assert frappe.db.get_value(doc.doctype, doc.name, "stage") == stages.WAITING
	assert messages(doc) == []
	assert any("Error Log" in (event.label or "") for event in doc.timeline())


def test_the_log_of_a_message_that_failed_holds_no_number_of_a_citizen(monkeypatch):
	"""The platform writes down what all variables held, unless it is told what to write."""

	def failing(number, text, **more):
		raise ValueError("gagal")

	monkeypatch.setattr(outbox, "put", failing)
	doc = move(new_request(), stages.CHECKING)
	doc.ask_applicant()
	logged = frappe.get_last_doc("Error Log")
	assert "gagal" in logged.error
	assert doc.whatsapp_number not in logged.error and doc.applicant_name not in logged.error


def test_what_a_citizen_typed_is_not_executed_in_a_message():
	doc = move(new_request(submitter_relation="{{ 7 * 7 }}"), stages.CHECKING)
	doc.papers[0].state, doc.papers[0].refusal_reason = "Refused", "{{ frappe.session.user }} {% raw %}"
	doc.save()
	doc.ask_applicant()
	assert "{{ frappe.session.user }}" in messages(doc)[0].text


def test_messages_are_read_by_their_agency_only():
	doc = move(new_request(), stages.CHECKING)
	doc.ask_applicant()
	frappe.set_user(officer())
	assert len(frappe.get_list("Chat Message", {"reference_name": doc.name})) == 1
	frappe.set_user(stranger_officer())
	assert frappe.get_list("Chat Message", {"reference_name": doc.name}) == []
