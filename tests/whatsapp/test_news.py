"""News of a request as they reach a phone: at the right hour, only to who wants them, and well to read."""

import re
from datetime import timedelta

import pytest
from fakes.meta import PHONE_NUMBER_ID
from helpers import move, new_request

import frappe
from frappe.utils import add_to_date, now_datetime

from sinjai_services import stages
from sinjai_services.whatsapp import outbox, settings
from whatsapp.chat import Phone

NUMBER = "+6281241072001"


@pytest.fixture
def request_of_citizen(cloud):
	"""A request that is being decided about, of a citizen who has just written; taken back afterwards."""
	Phone(NUMBER, PHONE_NUMBER_ID).writes("halo")
	doc = new_request(whatsapp_number=NUMBER, applicant_name="Nur'aini Ba'so", handover_method="Collect")
	for stage in (stages.CHECKING, stages.DECIDING):
		doc = move(doc, stage)
	forget_news()
	return doc


@pytest.fixture(autouse=True)
def in_one_transaction(monkeypatch):
	"""Workers' commits would keep the request; the stand-in is real all the same."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


def forget_news():
	frappe.db.delete("Chat Message", {"number": NUMBER, "direction": "Outgoing"})


def quiet(doc, begins: int, ends: int):
	"""Let the service's quiet hours begin and end so many hours from now."""
	now = now_datetime()
	hours = {
		"quiet_from": str((now + timedelta(hours=begins)).time())[:8],
		"quiet_until": str((now + timedelta(hours=ends)).time())[:8],
	}
	frappe.db.set_value("Public Service", doc.service, hours)
	frappe.clear_document_cache("Public Service", doc.service)


def news() -> list:
	rows = {"number": NUMBER, "direction": "Outgoing", "notification": ("is", "set")}
	return frappe.get_all("Chat Message", rows, ["name", "status", "text"], order_by="creation")


def test_quiet_hours_and_the_words_stop_and_mulai_are_honoured(request_of_citizen, cloud, monkeypatch):
	doc, phone = request_of_citizen, Phone(NUMBER, PHONE_NUMBER_ID)
	quiet(doc, -1, 1)
	doc = move(doc, stages.READY)
	phone.writes("status")
	outbox.run()
	# The answer went out, the news wait for the morning.
	assert len(cloud.messages) == 1 and "Permohonan dari nomor ini" in cloud.texts()[0]
	assert [row.status for row in news()] == ["Queued"]
	quiet(doc, 2, 3)
	due = add_to_date(now_datetime(), seconds=-1)
	frappe.db.set_value("Chat Message", news()[0].name, {"next_attempt_at": due, "quiet_until": due})
	outbox.run()
	assert len(cloud.messages) == 2 and "diambil" in cloud.texts()[1].lower()
	phone.writes("STOP")
	frappe.get_doc(doc.doctype, doc.name).run_method("tell_applicant")
	outbox.run()
	assert len(cloud.messages) == 3, "only the answer that there will be no more"
	assert news()[-1].status == "Suppressed"
	phone.writes("mulai")
	frappe.get_doc(doc.doctype, doc.name).run_method("tell_applicant")
	outbox.run()
	assert len(cloud.messages) == 5
	assert news()[-1].status == "Sent"


def test_news_are_well_to_read_on_a_phone(request_of_citizen, cloud):
	doc = move(request_of_citizen, stages.READY)
	outbox.run()
	(text,) = cloud.texts()
	assert text.startswith("Yth. Bapak/Ibu Nur'aini Ba'so,\n\n")
	# WhatsApp shows plain text: no tags, no entities, no gaps, no spaces at the ends of lines.
	assert not re.search(r"<[a-z/]|&#?\w+;|\n{3}|[ \t]\n|\t|{{|{%", text)
	(link,) = re.findall(r"https?://\S+", text)
	assert doc.tracking_code in link and not re.search(r"[.,;)]$", link)
	assert text.index(link) + len(link) == text.index("\n", text.index(link)), "the link ends its line"
	assert len(text) < 1024


def test_the_papers_that_are_asked_for_stand_one_a_line(request_of_citizen, cloud):
	doc = new_request(whatsapp_number=NUMBER, channel="WhatsApp", reason="Hilang")
	doc = move(doc, stages.CHECKING)
	doc.ask_applicant()
	outbox.run()
	text = cloud.texts()[-1]
	lines = [line for line in text.split("\n") if line.startswith("- ")]
	assert lines == [f"- {paper['label']}" for paper in doc.open_papers()]
	assert not re.search(r"\n{3}|<|&\w+;", text)


def test_the_general_template_takes_the_news_on_one_line(request_of_citizen, cloud):
	frappe.db.delete("Chat Message", {"number": NUMBER, "direction": "Incoming"})
	move(request_of_citizen, stages.READY)
	outbox.run()
	(sent,) = cloud.messages
	assert sent["type"] == "template" and settings.stored().default_template == sent["template"]["name"]
	(value,) = sent["template"]["components"][0]["parameters"]
	assert "\n" not in value["text"] and "Nur'aini" in value["text"]
