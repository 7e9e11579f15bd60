"""Texts the product says: shipped, the administrator's, and safe whatever stands in them."""

import re
from pathlib import Path

import pytest

import frappe

import sinjai_services
from sinjai_services.seeding import shipped_documents
from sinjai_services.whatsapp import texts
from sinjai_services.whatsapp.gateway import Choice
from whatsapp.chat import Phone

PHONE = "+6281241007788"
SHIPPED = {d["code"]: d for d in shipped_documents() if d["doctype"] == "Reply Text"}
CODE = "".join(file.read_text() for file in Path(sinjai_services.__file__).parent.rglob("*.py"))
CALLED = set(
	re.findall(
		r'(?:texts\.say|texts\.render|offer_services|offer|say_once|\brender|send)'
		r'\(\s*(?:[\w.]+,\s*)?"(\w+)"',
		CODE,
	)
)


def new_text(**values):
	return frappe.get_doc(
		{"doctype": "Reply Text", "code": "uji", "text": "Halo", "purpose": "Uji", **values}
	)


def test_every_text_the_code_says_is_shipped_and_every_shipped_one_is_said():
	pairs = {name for pair in re.findall(r'"(\w+)" if \w+ else "(\w+)"', CODE) for name in pair}
	replies = {code for code, document in SHIPPED.items() if document.get("kind") != "Snippet"}
	assert replies - {"greeting"} <= CALLED | pairs
	assert CALLED <= replies


def test_there_are_snippets_for_operators():
	snippets = [document for document in SHIPPED.values() if document.get("kind") == "Snippet"]
	assert 6 <= len(snippets) <= 8
	for document in snippets:
		assert set(texts.PLACEHOLDER.findall(document["text"])) <= set(texts.IN_SNIPPETS)
	assert {document["placeholders"] for document in snippets} == {"\n".join(texts.IN_SNIPPETS)}


@pytest.mark.parametrize("code", SHIPPED)
def test_shipped_texts_are_valid_and_polite_indonesian(code):
	doc = frappe.get_doc("Reply Text", code)
	doc.save()
	assert doc.purpose
	assert not re.search(r"\b(you|please|kamu|anda)\b", doc.text, re.IGNORECASE)
	assert len(doc.text) < 1024


def test_placeholders_are_filled_plainly():
	text = texts.render("status_unknown")
	assert "{" not in text
	assert texts.fill("Halo {name}, {{ name }} {name}", {"name": "{code} {{ 7*7 }}"}) == (
		"Halo {code} {{ 7*7 }}, {{code} {{ 7*7 }}} {code} {{ 7*7 }}"
	)
	assert texts.fill("{ name }", {"name": "Andi"}) == "Andi"


def test_a_value_that_is_left_out_leaves_no_bracket():
	assert texts.fill("Halo {name}!", {}) == "Halo !"


@pytest.mark.parametrize(
	("values", "told"),
	[
		({"text": "Halo {nama}", "placeholders": "name"}, "{name}"),
		({"text": "Halo {nama}"}, "{nama}"),
		({"text": "Halo {}", "placeholders": "name"}, "{}"),
		({"buttons": "A\nB\nC\nD"}, "3"),
		({"buttons": "Tombol yang jauh terlalu panjang"}, "20"),
		({"buttons": "Ya\nYa"}, ""),
		({"text": "x" * 5000}, "4096"),
		({"text": "x" * 1100, "buttons": "Ya"}, "1024"),
		({"code": "Kode Salah"}, ""),
		({"template_parameters": "kode", "placeholders": "code"}, "{kode}"),
	],
	ids=range(10),
)
def test_what_would_not_work_is_refused_with_a_sentence(values, told):
	frappe.clear_messages()
	with pytest.raises(frappe.ValidationError) as error:
		new_text(**values).insert()
	assert told in str(error.value)
	assert str(error.value).endswith(".") or ":" in str(error.value)


def test_a_changed_text_is_said_as_it_was_changed():
	doc = frappe.get_doc("Reply Text", "thanks")
	doc.text = "Sama-sama. Salam dari Sinjai."
	doc.save()
	assert Phone(PHONE).writes("makasih") == ["Sama-sama. Salam dari Sinjai."]


def test_a_deleted_text_is_said_as_it_is_shipped():
	before = texts.render("thanks")
	frappe.delete_doc("Reply Text", "thanks")
	frappe.clear_document_cache("Reply Text", "thanks")
	assert texts.render("thanks") == before
	assert Phone(PHONE).writes("makasih") == [before]


def test_buttons_carry_the_administrators_words_and_missing_ones_the_shipped():
	doc = frappe.get_doc("Reply Text", "withdraw")
	doc.buttons = "Tarik saja"
	doc.save()
	titles = [choice.title for choice in texts.with_titles(("a", "b"), "withdraw")]
	assert titles == ["Tarik saja", "Tidak"]


def test_choices_fit_what_whatsapp_shows():
	buttons = texts.with_titles([Choice("a", "x" * 40)], "choose")
	rows = texts.with_titles([Choice(str(n), "y" * 40, "z" * 200) for n in range(15)], "choose")
	assert len(buttons[0].title) == 20
	assert len(rows) == 10 and len(rows[0].title) == 24 and len(rows[0].description) == 72


def test_a_text_too_long_for_its_buttons_goes_ahead_of_them():
	phone = Phone(PHONE)
	phone.writes("halo")
	texts.speak(phone.conversation(), "x" * 2000, [Choice("a", "Ya")])
	long, short = phone.reads()
	assert len(long) == 2000 and short == texts.render("choose")
	assert phone.choices() == [("a", "Ya")]


def test_a_text_to_a_number_alone():
	texts.say("thanks", PHONE)
	assert frappe.db.exists("Chat Message", {"number": PHONE, "direction": "Outgoing"})
