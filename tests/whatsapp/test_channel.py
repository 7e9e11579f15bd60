"""Notifications on the channel WhatsApp: who is written to, and that none of them stops an officer's work."""

import pytest
from helpers import move, new_request, officer

import frappe

from sinjai_services import stages

KINDS = ("New", "Save", "Value Change", "Method")


def notification(event="Save", **changes):
	doc = frappe.new_doc("Notification")
	doc.update(
		{
			"name": "Kabar Uji",
			"subject": "Uji",
			"document_type": "Civil Document Request",
			"event": event,
			"channel": "WhatsApp",
			"message": "Kabar {{ doc.name }}",
			"value_changed": "stage" if event == "Value Change" else None,
			"method": "tell_applicant" if event == "Method" else None,
			**changes,
		}
	)
	doc.set("recipients", changes.get("recipients") or [{"receiver_by_document_field": "whatsapp_number"}])
	doc.condition = None
	doc.insert()
	# The platform tries a condition on an empty document; many break on a real one only.
	doc.db_set("condition", changes.get("condition"))


def written(**filters) -> list:
	filters = {"notification": "Kabar Uji", **filters}
	return frappe.get_all("Chat Message", filters, ["number", "text", "template", "extra"], order_by="number")


def numbers() -> list[str]:
	return [message.number for message in written()]


# Who ---------------------------------------------------------------------------------------------------


def test_the_applicant_the_submitter_and_the_agency_are_written_to_once():
	frappe.db.set_value("User", officer(), "mobile_no", "0812 4100 1111")
	frappe.db.set_value("Agency", "Disdukcapil", "whatsapp_number", "+6281241002222")
	recipients = [{"sinjai_recipient": name} for name in ("Applicant", "Submitter", "Agency", "Applicant")]
	notification("New", recipients=recipients)
	frappe.set_user(officer())
	request = new_request()
	assert numbers() == sorted({request.whatsapp_number, "+6281241001111", "+6281241002222"})


def test_a_role_means_the_agencys_own_people():
	frappe.db.set_value("User", "petugas.uji@example.com", "mobile_no", "0812 4100 1111")
	frappe.db.set_value("User", "petugas.lain@example.com", "mobile_no", "0812 4100 3333")
	notification("New", recipients=[{"receiver_by_role": "Service Officer"}])
	new_request()
	assert numbers() == ["+6281241001111"]


def test_a_recipients_condition_counts():
	notification("New", recipients=[{"sinjai_recipient": "Applicant", "condition": "doc.channel == 'Web'"}])
	new_request()
	assert numbers() == []


@pytest.mark.parametrize("number", [None, "", "0411-555", "bukan nomor"])
def test_who_has_no_mobile_number_is_left_out(number):
	frappe.db.set_value("Agency", "Disdukcapil", "whatsapp_number", number)
	notification("New", recipients=[{"sinjai_recipient": "Agency"}, {"sinjai_recipient": "Applicant"}])
	request = new_request()
	assert numbers() == [request.whatsapp_number]


def test_the_template_of_the_notification_goes_along():
	notification(
		"New",
		sinjai_template="permohonan_masuk",
		sinjai_template_parameters="{{ doc.applicant_name }}\n\n{{ doc.name }}\n",
	)
	request = new_request()
	(message,) = written()
	assert message.template == "permohonan_masuk"
	assert frappe.parse_json(message.extra)["parameters"] == [request.applicant_name, request.name]


# Nothing stops the work --------------------------------------------------------------------------------


def faults() -> list[dict]:
	return [
		{"condition": "doc.tidak_ada.sama_sekali"},
		{"condition": "1 / 0"},
		{"message": "{{ doc.tidak_ada.sama_sekali }}"},
		{"recipients": [{"receiver_by_document_field": "whatsapp_number", "condition": "doc.tidak.ada"}]},
	]


@pytest.mark.parametrize("event", KINDS)
@pytest.mark.parametrize("fault", faults(), ids=["condition", "division", "message", "recipient"])
def test_a_broken_notification_stops_nobody(event, fault):
	notification(event, **fault)
	request = move(new_request(), stages.CHECKING)
	request.ask_applicant()
	assert frappe.db.get_value(request.doctype, request.name, "stage") == stages.WAITING
	assert written() == []
	assert any("Kabar Uji" in (entry.label or "") for entry in request.timeline())
	assert frappe.local.message_log == []
	# The shipped one has done its part all the same.
	assert frappe.db.count("Chat Message", {"reference_name": request.name}) == 1


def test_a_template_that_breaks_off_in_the_middle_writes_nothing(monkeypatch):
	frappe.db.set_value("Agency", "Disdukcapil", "whatsapp_number", "+6281241002222")
	notification("New", recipients=[{"sinjai_recipient": "Applicant"}, {"sinjai_recipient": "Agency"}])
	from sinjai_services.whatsapp import outbox

	real = outbox.put

	def put(number, *args, **options):
		if number == "+6281241002222":
			raise RuntimeError
		return real(number, *args, **options)

	monkeypatch.setattr(outbox, "put", put)
	request = new_request()
	assert written() == [] and frappe.db.exists(request.doctype, request.name)


def test_an_officer_saves_while_the_gateway_is_down(monkeypatch):
	from sinjai_services.whatsapp import settings

	monkeypatch.setattr(settings, "gateway", lambda: pytest.fail("called inside the save"))
	request = move(new_request(), stages.CHECKING)
	request.ask_applicant()
	assert frappe.db.count("Chat Message", {"reference_name": request.name}) == 1


def test_an_officer_saves_while_redis_is_away(monkeypatch):
	from sinjai_services.whatsapp import outbox

	def away(*args, **options):
		raise ConnectionError

	monkeypatch.setattr(frappe, "enqueue", away)
	number = "+6281241007755"
	outbox.put(number, "Kabar")
	outbox.call_worker()
	assert frappe.db.exists("Chat Message", {"number": number})


@pytest.mark.parametrize("event", KINDS)
def test_a_sound_notification_is_sent_once_for_each_event(event):
	notification(event, condition="doc.stage == 'Waiting for Applicant'" if event == "Save" else None)
	request = move(new_request(), stages.CHECKING)
	before = len(written())
	request.ask_applicant()
	assert len(written()) - before == (0 if event == "New" else 1)


def test_other_channels_stay_the_platforms():
	notification("New", channel="System Notification", recipients=[{"receiver_by_role": "Service Officer"}])
	new_request()
	assert written() == []
