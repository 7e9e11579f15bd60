"""A citizen who asks on WhatsApp for a licence, which needs more than a conversation asks for."""

import pytest
from whatsapp.chat import Phone

import frappe

from sinjai_services.whatsapp import intake

NUMBER = "+6281241019077"
SERVICE = "PBG"


@pytest.fixture
def phone():
	return Phone(NUMBER)


def assert_sent_to_the_form(texts: list[str], service: str = SERVICE):
	(text,) = texts
	assert frappe.db.get_value("Public Service", service, "service_name") in text
	assert f"/jempol-sehati?layanan={service}" in text
	assert "{" not in text


@pytest.mark.parametrize(
	("opening", "service"),
	[
		("mau urus izin mendirikan bangunan pak", "PBG"),
		("IMB", "PBG"),
		("pasang reklame di depan toko", "REKLAME"),
		("syarat izin trayek apa saja?", "TRAYEK"),
		("bu mau buka apotek", "APOTEK"),
	],
)
def test_who_asks_for_a_licence_gets_the_address_of_its_form(phone, opening, service):
	assert_sent_to_the_form(phone.writes(opening), service)
	assert phone.conversation().step == intake.START
	assert not phone.conversation().service


def test_asking_again_is_answered_again_and_other_services_go_on(phone):
	phone.writes("imb")
	assert_sent_to_the_form(phone.writes("imb"))
	phone.writes("mau urus ktp hilang")
	assert phone.conversation().service == "KTP-EL"


def test_pictures_sent_along_make_no_request(phone):
	with phone.at_once():
		phone.sends_photo()
		phone.sends_photo("ini untuk imb")
	texts = phone.reads()
	assert any(f"layanan={SERVICE}" in text for text in texts)
	assert not frappe.db.exists("Licence Application", {"whatsapp_number": NUMBER})


def test_no_list_offers_what_cannot_be_asked_for_in_a_conversation():
	offered = {row["code"] for row in intake.chat_services()}
	licences = set(frappe.get_all("Public Service", {"request_doctype": "Licence Application"}, pluck="name"))
	assert licences and not licences & offered
