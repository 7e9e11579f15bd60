"""Whole conversations, as citizens have them."""

from unittest.mock import patch

import pytest
from helpers import NIK_FEMALE, NIK_MALE, NO_KK, move, new_request, officer, photo

import frappe
from frappe.utils import add_to_date, now_datetime

from sinjai_services import stages
from sinjai_services.requests import checklist, clock
from sinjai_services.requests.promise import OfficeHours
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import consent, conversation, intake, papers
from sinjai_services.whatsapp.papers import Picture
from sinjai_services.whatsapp.understanding import understand
from whatsapp.chat import Phone, take

PHONE = "+6281241019001"
OTHER = "+6281355500011"
FORM = f"#KTP#{NIK_MALE}#{NO_KK}#Andi Baso#Balakia#Sinjai Barat#Hilang"
DATA = f"NIK {NIK_MALE}, no kk {NO_KK}, nama Andi Baso, desa Balakia, kec Sinjai Barat"
WORKING_MOMENT = "2026-11-24 10:00:00"
CLOSED_MOMENT = "2026-11-28 21:00:00"

STORIES = [
	("mau urus ktp hilang pak", "KTP-EL", "Hilang"),
	("ktp pemula", "KTP-EL", "Pemula"),
	("pisah kk", "KK", "Pisah KK"),
	("akta lahir anak sy, baru lahir", "AKTA-LAHIR", "Belum Punya Akta"),
	("akta kematian belum punya", "AKTA-MATI", "Belum Punya Akta"),
	("kia anak umur 7 tahun", "KIA", "Anak 5 Tahun ke Atas"),
	("SUKET PINDAH sekeluarga", "SKPWNI", "Seluruh Keluarga"),
	("akta nikah rusak", "AKTA-KAWIN", "Rusak"),
]


@pytest.fixture
def phone():
	return Phone(PHONE)


def required(service: str, reason: str) -> list[str]:
	rows = frappe.get_doc("Public Service", service).requirements_for(reason)
	return [row.requirement for row in rows if not row.optional]


def send_papers(phone, service: str, reason: str) -> list[str]:
	with phone.at_once():
		for _paper in required(service, reason):
			phone.sends_photo()
	return phone.reads()


def ready_to_confirm(phone, opening=FORM, service="KTP-EL", reason="Hilang"):
	phone.writes(opening)
	send_papers(phone, service, reason)
	assert phone.conversation().step == "Confirming"


# Stories -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("opening", "service", "reason"), STORIES)
def test_from_the_first_message_to_the_tracking_code(phone, opening, service, reason):
	(needed,) = phone.writes(opening)
	for paper in required(service, reason):
		assert paper in needed
	for word in ("NIK", "No. KK", "Nama", "Desa", "UU 27/2022"):
		assert word in needed
	(still,) = phone.writes(DATA)
	assert "730701******0001" in still and NIK_MALE not in still
	(summary,) = send_papers(phone, service, reason)
	assert "Andi Baso" in summary and "Balakia" in summary and reason in summary
	assert [title for _id, title in phone.choices()] == ["Setuju", "Ubah", "Antar ke rumah"]
	assert not phone.requests()
	(done,) = phone.taps("Setuju")
	(doc,) = phone.requests()
	assert show_code(doc.tracking_code) in done and doc.tracking_code in done
	assert (doc.service, doc.reason, doc.channel, doc.whatsapp_number) == (service, reason, "WhatsApp", PHONE)
	assert doc.consent and doc.consent_at and doc.agency == "Disdukcapil" and doc.village == "73.07.01.1002"
	assert (doc.get_password("nik"), doc.get_password("no_kk")) == (NIK_MALE, NO_KK)
	given = {row.requirement: row.state for row in doc.papers if not row.optional}
	assert given == dict.fromkeys(required(service, reason), checklist.TO_CHECK)
	assert phone.conversation().status == "Closed"


def test_a_greeting_brings_the_offices_then_the_services_and_numbers_choose(phone):
	(offices,) = phone.writes("Assalamualaikum")
	assert "Kependudukan" in offices and "Bapak/Ibu" in offices
	assert ("agency:Disdukcapil", "Disdukcapil") in phone.choices()
	(menu,) = phone.taps("Disdukcapil")
	assert "KTP Elektronik" in menu and "Akta Perkawinan" in menu
	assert len(phone.choices()) == 7
	(reasons,) = phone.writes("1")
	assert "Pemula" in reasons
	(needed,) = phone.writes("yang hilang")
	assert "Surat Kehilangan dari Kepolisian" in needed


def test_a_list_is_tapped(phone):
	phone.writes("menu")
	phone.taps("Disdukcapil")
	phone.taps("Kartu Keluarga (KK)")
	(needed,) = phone.taps("Pisah KK")
	assert "Foto KTP-el Pemohon" in needed


def test_photos_before_anything_is_said(phone):
	(question,) = phone.sends_photo("kartu keluarga")
	assert "layanan apa" in question
	phone.sends_photo()
	(needed,) = phone.writes("ktp hilang")
	assert needed.count("✓") == 2
	(summary,) = phone.writes(DATA)
	assert "Surat Kehilangan" in summary
	phone.taps("agree")
	assert {row.state for row in phone.requests()[0].papers if not row.optional} == {checklist.TO_CHECK}


def test_five_photos_at_once_are_answered_once(phone):
	phone.writes("ktp hilang")
	with phone.at_once():
		for _number in range(5):
			phone.sends_photo()
	assert len(phone.reads()) == 1


def test_a_text_behind_a_burst_of_photos_answers_for_all(phone):
	phone.writes("ktp hilang")
	with phone.at_once():
		phone.sends_photo()
		phone.sends_photo()
		phone.writes(DATA)
	(answer,) = phone.reads()
	assert "Mohon diperiksa" in answer


def test_a_photo_together_with_a_last_word_is_told_of_no_more(phone):
	ready_to_confirm(phone)
	with phone.at_once():
		phone.sends_photo()
		phone.taps("agree")
	assert len(phone.reads()) == 1
	phone.writes("ktp pemula")
	with phone.at_once():
		phone.sends_photo()
		phone.writes("batal")
	(answer,) = phone.reads()
	assert "dibatalkan" in answer


def test_captions_say_which_paper_a_photo_is(phone):
	phone.writes(FORM)
	phone.sends_photo("surat polisi")
	phone.sends_photo("ini kk")
	phone.sends_photo("surat kuasa")
	pictures = papers.pictures(phone.conversation().name)
	state = intake.progress(phone.conversation())
	assert state.sorted["Surat Kehilangan dari Kepolisian"] == pictures[0]
	assert state.sorted["Foto Kartu Keluarga"] == pictures[1]
	assert state.sorted["Surat Kuasa (F-1.07)"] == pictures[2]


def test_a_caption_with_a_paper_does_not_change_the_service(phone):
	phone.writes("ktp hilang")
	phone.sends_photo("kk")
	assert phone.conversation().service == "KTP-EL"


def test_photos_beyond_the_checklist_go_along_to_be_sorted(phone):
	ready_to_confirm(phone)
	phone.sends_photo()
	phone.taps("agree")
	(doc,) = phone.requests()
	assert frappe.db.count("Chat Message", {"reference_name": doc.name, "file": ("is", "set")}) == 3
	assert any(event.event == "Message" and event.detail == "1" for event in doc.timeline())


def test_documents_are_papers_as_well(phone):
	phone.writes(FORM)
	phone.sends_document()
	phone.sends_document()
	phone.taps("agree")
	assert all(row.file.endswith(".pdf") for row in phone.requests()[0].papers if not row.optional)


def test_an_unreadable_file_is_told_of(phone):
	phone.writes("ktp hilang")
	(answer,) = phone.sends_broken_photo("Fotonya tidak terbaca.")
	assert "Fotonya tidak terbaca." in answer
	assert not papers.pictures(phone.conversation().name)


def test_done_with_something_missing_lists_it_and_makes_nothing(phone):
	phone.writes(FORM)
	phone.sends_photo()
	(answer,) = phone.writes("sudah semua pak")
	assert "Surat Kehilangan dari Kepolisian" in answer and "Foto Kartu Keluarga" not in answer
	assert not phone.requests()


def test_without_a_family_card_number_the_request_can_be_made(phone):
	phone.writes(f"#KTP#{NIK_MALE}#Andi Baso#Balakia#Sinjai Barat#Hilang")
	(answer,) = send_papers(phone, "KTP-EL", "Hilang")
	assert "No. KK" in answer
	(summary,) = phone.writes("selesai")
	assert "Mohon diperiksa" in summary
	phone.taps("agree")
	assert phone.requests()


def test_nothing_is_made_without_the_agreement(phone):
	ready_to_confirm(phone)
	for text in ("selesai", "kirim", "halo", "apa kabar kantornya"):
		phone.writes(text)
	assert not phone.requests()
	phone.writes("setuju pak")
	assert len(phone.requests()) == 1


def test_what_is_wrong_can_be_changed(phone):
	ready_to_confirm(phone)
	(how,) = phone.taps("Ubah")
	assert "nama:" in how
	(summary,) = phone.writes("nama: Andi Basso Rahman")
	assert "Andi Basso Rahman" in summary
	(summary,) = phone.writes("desa: Balangnipa")
	assert "Balangnipa" in summary
	phone.taps("agree")
	doc = phone.requests()[0]
	assert (doc.applicant_name, doc.village) == (
		"Andi Basso Rahman",
		frappe.db.get_value("Village", {"village_name": "Balangnipa"}),
	)


def test_numbers_one_by_one_in_any_order(phone):
	phone.writes("ktp rusak")
	phone.writes(NO_KK)
	phone.writes(NIK_MALE)
	assert intake.number_of(phone.conversation(), "nik") == NIK_MALE
	assert intake.number_of(phone.conversation(), "no_kk") == NO_KK


def test_a_wrong_nik_is_told_and_asked_for_again(phone):
	phone.writes("ktp rusak")
	(answer,) = phone.writes("nik 730701150890001")
	assert "16" in answer and "15" in answer
	assert not phone.conversation().nik_masked
	(answer,) = phone.writes("7307019915900001")
	assert "NIK" in answer
	phone.writes(NIK_MALE)
	assert phone.conversation().nik_masked


def test_two_districts_have_a_pattongko(phone):
	phone.writes(FORM)
	(question,) = phone.writes("desa: pattongko")
	assert "Sinjai Tengah" in question and "Tellulimpoe" in question
	phone.writes("Tellulimpoe")
	assert phone.conversation().village == "73.07.08.2007"


def test_it_goes_on_where_it_stood_days_of_silence_or_not(phone):
	phone.writes("akta lahir")
	phone.writes("terima kasih")
	phone.writes("belum punya akta")
	(answer,) = phone.writes("halo")
	assert "Surat Keterangan Kelahiran" in answer


def test_what_it_costs_and_what_is_needed_can_be_asked_any_time(phone):
	phone.writes("ktp hilang")
	(answer,) = phone.writes("berapa biayanya?")
	assert "Gratis" in answer or "tidak dipungut" in answer.casefold()
	(answer,) = phone.writes("syaratnya apa saja")
	assert "Surat Kehilangan dari Kepolisian" in answer
	(answer,) = phone.writes("fotonya menyusul")
	assert "kami tunggu" in answer
	assert phone.conversation().handling == "Automatic"


def test_the_reason_can_be_changed(phone):
	phone.writes("ktp hilang")
	(answer,) = phone.writes("rusak")
	assert "Foto KTP-el yang Rusak" in answer


def test_another_service_in_between_is_asked_about(phone):
	phone.writes("ktp hilang")
	(question,) = phone.writes("mau urus kk")
	assert "Ganti" in question
	phone.taps("Tidak, lanjutkan")
	assert phone.conversation().service == "KTP-EL"
	phone.writes("mau urus kk")
	phone.taps("Ya, ganti")
	assert phone.conversation().service == "KK"


def test_the_words_of_a_button_may_be_written(phone):
	phone.writes("ktp hilang")
	phone.writes("mau urus kk")
	phone.writes("ya ganti")
	assert phone.conversation().service == "KK"
	doc = new_request(whatsapp_number=PHONE)
	phone.writes("batal")
	phone.writes("batal")
	phone.writes("Ya, tarik kembali")
	assert frappe.db.get_value(doc.doctype, doc.name, "stage") == stages.WITHDRAWN


def test_several_services_that_fit_are_offered(phone):
	phone.writes("ktp dan kk")
	assert {id for id, _title in phone.choices()} == {"service:KTP-EL", "service:KK"}


# Once, and only once -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("wish", "where", "address"),
	[
		(
			"Antar ke rumah",
			"Jl. Persatuan Raya No. 12, dekat masjid",
			"Jl. Persatuan Raya No. 12, dekat masjid",
		),
		("bisa diantar pak?", "BTN Lappa Mas\nblok C4", "BTN Lappa Mas blok C4"),
		("diantar ke rumah saya di Dusun Batulappa RT 2", None, "Dusun Batulappa RT 2"),
		("antarkan saja", f"Jalan Teratai 5 NIK {NIK_FEMALE}", None),
	],
)
def test_the_document_can_be_brought_home(phone, wish, where, address):
	ready_to_confirm(phone)
	answers = phone.writes(wish)
	if where:
		assert "alamat" in answers[0] and phone.choices() == [("collect", "Ambil di kantor")]
		(summary,) = phone.writes(where)
	else:
		(summary,) = answers
	if not address:
		# A number in between is data; the address is asked for again.
		assert "alamat" in summary
		return
	assert f"Penyerahan: diantar ke {address}" in summary
	assert [title for _id, title in phone.choices()] == ["Setuju", "Ubah", "Ambil di kantor"]
	phone.taps("Setuju")
	(doc,) = phone.requests()
	assert (doc.handover_method, doc.delivery_address) == ("Home Delivery", address)
	assert not phone.conversation().delivery_address


@pytest.mark.parametrize(
	"change_of_mind", ["Ambil di kantor", "tidak usah diantar", "saya ambil sendiri", "tidak"]
)
def test_bringing_home_can_be_taken_back(phone, change_of_mind):
	ready_to_confirm(phone)
	phone.taps("bring")
	(summary,) = phone.writes(change_of_mind)
	assert "Penyerahan: diambil di kantor" in summary
	phone.taps("agree")
	(doc,) = phone.requests()
	assert (doc.handover_method, doc.delivery_address) == ("Collect", None)


@pytest.mark.parametrize("vague", ["ya", "selesai", "ok pak", "1", "🙏"])
def test_an_address_is_asked_for_until_it_is_one(phone, vague):
	ready_to_confirm(phone)
	phone.taps("bring")
	answers = phone.writes(vague)
	assert "alamat" in answers[-1]
	assert not phone.taps("agree") or not phone.requests()


def test_where_nothing_is_brought_nobody_is_asked(phone):
	frappe.db.set_value("Public Service", "KTP-EL", "home_delivery", 0)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	ready_to_confirm(phone)
	assert [title for _id, title in phone.choices()] == ["Setuju", "Ubah"]
	assert "Penyerahan" not in phone.received()[-1].text
	phone.taps("bring")
	assert not phone.conversation().handover_method


def test_what_is_said_of_ones_own_papers_is_no_wish(phone):
	ready_to_confirm(phone)
	phone.writes("nanti saya antar berkas aslinya ke kantor")
	assert not phone.conversation().handover_method


def test_agreeing_twice_makes_one_request(phone):
	ready_to_confirm(phone)
	with phone.at_once():
		phone.taps("agree")
		phone.taps("agree")
	assert len(phone.requests()) == 1


def test_a_second_start_of_one_conversation_gives_the_first_request(phone):
	ready_to_confirm(phone)
	chat = phone.conversation()
	chat.consent_at = now_datetime()
	first = intake.start_request(chat)
	chat.reload()
	chat.update({"reference_name": None, "reference_doctype": None})
	assert intake.start_request(chat).name == first.name
	assert len(phone.requests()) == 1


def test_what_the_rules_refuse_is_told_and_the_state_stays(phone):
	ready_to_confirm(phone)
	frappe.db.set_value("Public Service", "KTP-EL", "active", 0)
	frappe.clear_document_cache("Public Service", "KTP-EL")
	(answer,) = phone.taps("agree")
	frappe.clear_document_cache("Public Service", "KTP-EL")
	assert "ditutup" in answer or "tutup" in answer
	assert not phone.requests()
	assert phone.conversation().status == "Open" and phone.conversation().applicant_name == "Andi Baso"


def test_an_old_button_does_nothing_wrong(phone):
	ready_to_confirm(phone)
	phone.taps("agree")
	phone.taps("agree")
	for choice in (
		"withdraw:User|Administrator",
		"service:NONE",
		"village:x",
		"reason:x",
		"papers:|",
		"own:x",
		"__init__:",
		"number:1",
	):
		phone.taps(choice)
	assert len(phone.requests()) == 1


# Requests made before ------------------------------------------------------------------------------------


def test_status_of_ones_own_requests(phone):
	doc = new_request(whatsapp_number=PHONE)
	(answer,) = phone.writes("status")
	assert show_code(doc.tracking_code) in answer and doc.citizen_label() in answer
	assert "A*** B***" in answer and "Andi Baso" not in answer
	(answer,) = phone.writes(f"status {show_code(doc.tracking_code)}")
	assert show_code(doc.tracking_code) in answer


def test_a_code_of_somebody_else_is_answered_like_none(phone):
	doc = new_request(whatsapp_number=OTHER)
	(theirs,) = phone.writes(f"status {show_code(doc.tracking_code)}")
	(nobodys,) = phone.writes("status AAAA2-AAAA3")
	assert theirs == nobodys
	(answer,) = phone.writes("status")
	assert doc.tracking_code not in answer and show_code(doc.tracking_code) not in answer


def test_cancelling_what_was_begun(phone):
	ready_to_confirm(phone)
	phone.writes("batal")
	assert phone.conversation().status == "Closed"
	(answer,) = phone.writes("selesai")
	assert "Belum ada" in answer
	assert not phone.requests()


def test_withdrawing_a_request_is_asked_first(phone):
	doc = new_request(whatsapp_number=PHONE)
	phone.writes("batal")
	phone.taps("Tidak")
	doc.reload()
	assert doc.stage == stages.RECEIVED
	phone.writes("batalkan")
	phone.taps("Ya, tarik kembali")
	doc.reload()
	assert doc.stage == stages.WITHDRAWN


def test_of_several_requests_one_is_chosen_to_withdraw(phone):
	first, second = new_request(whatsapp_number=PHONE), new_request(whatsapp_number=PHONE, reason="Pemula")
	(question,) = phone.writes("batal")
	assert show_code(first.tracking_code) in question and show_code(second.tracking_code) in question
	phone.taps(show_code(first.tracking_code))
	phone.taps("Ya, tarik kembali")
	assert frappe.db.get_value(first.doctype, first.name, "stage") == stages.WITHDRAWN
	assert frappe.db.get_value(first.doctype, second.name, "stage") == stages.RECEIVED


def test_nobody_withdraws_anothers_request(phone):
	doc = new_request(whatsapp_number=OTHER)
	phone.taps(f"withdraw:{doc.doctype}|{doc.name}")
	phone.taps(f"papers:{doc.doctype}|{doc.name}")
	doc.reload()
	assert doc.stage == stages.RECEIVED


def waiting_request(**changes):
	doc = move(new_request(channel="WhatsApp", whatsapp_number=PHONE, **changes), stages.CHECKING)
	doc.ask_applicant()
	return doc


def test_papers_for_a_request_that_waits_go_there(phone):
	doc = waiting_request()
	first, *others = [paper["label"] for paper in doc.open_papers()]
	(answer,) = phone.sends_photo()
	assert first in answer and others[0] in answer
	with phone.at_once():
		for _paper in others:
			phone.sends_photo()
	(answer,) = phone.reads()
	assert "lengkap" in answer
	doc.reload()
	assert doc.stage == stages.CHECKING
	assert not doc.open_papers()


def test_a_refused_photo_is_replaced(phone):
	ready_to_confirm(phone)
	phone.taps("agree")
	doc = move(phone.requests()[0], stages.CHECKING)
	row = next(row for row in doc.papers if row.requirement == "Foto Kartu Keluarga")
	doc.judge_paper(row.name, False, "Buram")
	doc.reload()
	doc.ask_applicant()
	before = row.file
	(answer,) = phone.sends_photo("kk yg jelas")
	assert "lengkap" in answer
	doc.reload()
	row = next(row for row in doc.papers if row.requirement == "Foto Kartu Keluarga")
	assert row.file != before and row.state == checklist.TO_CHECK
	assert doc.stage == stages.CHECKING


def test_when_several_requests_wait_it_asks_which(phone):
	first, second = waiting_request(), waiting_request(reason="Pemula")
	with phone.at_once():
		phone.sends_photo()
		phone.sends_photo()
	(question,) = phone.reads()
	assert show_code(first.tracking_code) in question and show_code(second.tracking_code) in question
	phone.taps(show_code(first.tracking_code))
	first.reload()
	second.reload()
	assert sum(bool(row.file) for row in first.papers) == 2 and not any(row.file for row in second.papers)


def test_a_photo_right_behind_the_agreement_still_belongs_to_the_request(phone):
	ready_to_confirm(phone)
	phone.taps("agree")
	phone.sends_photo("surat kuasa")
	doc = phone.requests()[0]
	assert next(row for row in doc.papers if row.requirement.startswith("Surat Kuasa")).file
	assert len(phone.requests()) == 1


# People --------------------------------------------------------------------------------------------------


def test_a_photo_with_another_wish_right_behind_a_request_begins_anew(phone):
	ready_to_confirm(phone)
	phone.taps("agree")
	(needed,) = phone.sends_photo("sekalian mau urus kk yang rusak juga pak")
	assert "Kartu Keluarga" in needed and "Foto Kartu Keluarga yang Rusak" in needed
	assert phone.conversation().service == "KK"
	assert len(phone.requests()) == 1


def citizen(number, nik=NIK_FEMALE, name="Sitti Aminah"):
	values = {"doctype": "Citizen", "full_name": name, "nik": nik, "whatsapp_number": number}
	return frappe.get_doc(values).insert()


def test_a_known_number_is_greeted_by_its_first_name(phone):
	citizen(PHONE)
	phone.writes("halo")
	(greeting,) = phone.taps("Disdukcapil")
	assert "Sitti" in greeting and "Aminah" not in greeting


def test_a_nik_of_somebody_elses_number_gives_nothing_away(phone):
	other = Phone(OTHER)
	known, unknown = [], []
	for who, said in ((phone, known), (other, unknown)):
		said += who.writes("ktp hilang")
		said += who.writes(DATA.replace(NIK_MALE, NIK_FEMALE))
		if who is phone:
			citizen("+6281299998888")
	ready_to_confirm(other, FORM.replace(NIK_MALE, NIK_FEMALE))
	assert known == unknown
	other.taps("agree")
	assert len(other.requests()) == 1 and not other.requests()[0].citizen


def test_who_is_on_the_register_with_number_and_nik_is_linked(phone):
	known = citizen(PHONE, nik=NIK_MALE, name="Andi Lama")
	ready_to_confirm(phone)
	phone.taps("agree")
	(doc,) = phone.requests()
	assert doc.citizen == known.name
	known.reload()
	assert (known.full_name, known.address) == ("Andi Lama", None)


def test_two_phones_do_not_mix(phone):
	other = Phone(OTHER)
	phone.writes("ktp hilang")
	other.writes("akta lahir")
	phone.sends_photo()
	assert phone.conversation().service == "KTP-EL" and other.conversation().service == "AKTA-LAHIR"
	assert not papers.pictures(other.conversation().name)


def test_stop_and_start(phone):
	phone.writes("STOP")
	assert not consent.wants_messages(PHONE)
	phone.writes("mulai")
	assert consent.wants_messages(PHONE)


# What cannot be read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["audio", "sticker", "video", "location", "contacts", "unsupported"])
def test_what_cannot_be_read_is_answered_kindly(phone, kind):
	(answer,) = phone.sends(kind)
	assert "Mohon maaf" in answer and "PETUGAS" in answer


@pytest.mark.parametrize("kind", ["reaction", "group"])
def test_reactions_and_groups_are_passed_over(phone, kind):
	assert not phone.sends(kind, "👍")
	assert not phone.conversation()
	assert frappe.db.get_value("Chat Message", {"number": PHONE}, "status") == "Ignored"


HOSTILE = [
	"'; DROP TABLE `tabChat Conversation`; --",
	"{{ 7 * 7 }} {% for x in range(10) %}{{ frappe.get_all('User') }}{% endfor %}",
	"{agency} {services} {name}",
	"<script>alert(1)</script><img src=x onerror=alert(1)>",
	"a" * 10_000,
	"😀" * 2_000,
	"\u202egnalih ptk\u202c",
	"\x00\x01\x02",
	"#" * 500,
	"nama: {{ frappe.db.sql('select 1') }}",
	"nama: <b>Andi</b>",
	f"#KTP#{'9' * 16}#{'1' * 16}#'; --#<x>#{{{{1}}}}#Hilang",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_answered_like_any_other(phone, text):
	for step in ("", "ktp hilang", DATA):
		if step:
			phone.writes(step)
		phone.writes(text)
		said = "\n".join(row.text for row in phone.received())
		assert (
			"<script" not in said
			and "<b>" not in said
			and "{{" not in said
			and "49" not in said.replace("4100", "")
		)
	assert frappe.db.table_exists("Chat Conversation")
	assert frappe.db.count("Chat Conversation", {"number": PHONE, "status": "Open"}) == 1


def test_values_never_become_placeholders(phone):
	phone.writes(FORM.replace("Andi Baso", "Andi"))
	chat = phone.conversation()
	frappe.db.set_value("Chat Conversation", chat.name, "applicant_name", "{papers} {service}")
	(answer,) = phone.writes("halo")
	assert "{papers} {service}" in answer


def test_citizen_numbers_stand_in_no_text_and_in_no_log(phone):
	ready_to_confirm(phone)
	phone.taps("agree")
	phone.writes(f"nik {NIK_FEMALE}")
	chats = frappe.get_all("Chat Conversation", {"number": PHONE}, pluck="name")
	kept = frappe.get_all("Chat Message", {"number": PHONE}, ["text", "extra"]) + frappe.get_all(
		"Error Log", ["method", "error"]
	)
	kept += frappe.get_all("Chat Conversation", {"name": ("in", chats)}, ["*"])
	for number in (NIK_MALE, NIK_FEMALE, NO_KK):
		assert number not in frappe.as_json(kept)
	closed = next(
		frappe.get_doc("Chat Conversation", name)
		for name in chats
		if frappe.db.get_value("Chat Conversation", name, "status") == "Closed"
	)
	assert not closed.get_password("nik", raise_exception=False)


def test_error_messages_do_not_stop_a_reader_from_another_app(phone):
	def reader(text, chat):
		if "kapal" in text:
			raise RuntimeError(text)

	with patched_readers(reader):
		(answer,) = phone.writes(f"kapal saya {NIK_MALE}")
	assert answer
	log = frappe.get_all("Error Log", ["method", "error"], order_by="creation desc", limit=1)[0]
	assert NIK_MALE not in log.error and "Chat reader failed" in log.method


# Readers of the innovations ------------------------------------------------------------------------------

SEEN = []


def boat_reader(text, chat):
	"""Stands for what an innovation adds."""
	SEEN.append((text, chat.number))
	return "kapal" in text


def patched_readers(reader):
	real_hooks, real_attr = frappe.get_hooks, frappe.get_attr

	class Both:
		def __enter__(self):
			self.patches = [
				patch.object(
					frappe,
					"get_hooks",
					lambda hook=None, *args, **kwargs: (
						["tests.reader"]
						if hook == "sinjai_chat_readers"
						else real_hooks(hook, *args, **kwargs)
					),
				),
				patch.object(
					frappe, "get_attr", lambda path: reader if path == "tests.reader" else real_attr(path)
				),
			]
			for each in self.patches:
				each.start()

		def __exit__(self, *_error):
			for each in self.patches:
				each.stop()

	return Both()


def test_an_innovation_reads_first(phone):
	with patched_readers(boat_reader):
		assert not phone.writes("kapal KM Sinar Laut")
		assert phone.writes("ktp hilang")
	assert SEEN[0] == ("kapal KM Sinar Laut", PHONE)


# A person ------------------------------------------------------------------------------------------------


@pytest.fixture
def at(monkeypatch):
	def set_time(moment):
		moment = frappe.utils.get_datetime(moment)
		for module in (conversation, clock):
			if hasattr(module, "now_datetime"):
				monkeypatch.setattr(module, "now_datetime", lambda: moment)
		monkeypatch.setattr(clock, "office_hours", lambda settings=None: OfficeHours())
		return moment

	return set_time


def test_who_asks_for_a_person_gets_one_within_office_hours(phone, at):
	moment = at(WORKING_MOMENT)
	(answer,) = phone.writes("mau bicara dengan petugas")
	chat = phone.conversation()
	assert "10.15" in answer
	assert (chat.handling, chat.waiting_since, chat.agency) == ("Waiting for Operator", moment, "Disdukcapil")
	assert chat.answer_by == add_to_date(moment, minutes=15)


def test_outside_office_hours_the_opening_is_told(phone, at):
	at(CLOSED_MOMENT)
	(answer,) = phone.writes("petugas")
	assert "Senin, 30 November 2026 pukul 08.00" in answer
	assert str(phone.conversation().answer_by) == "2026-11-30 08:15:00"


def test_the_second_message_not_understood_goes_to_a_person(phone, at):
	at(WORKING_MOMENT)
	(first,) = phone.writes("berapa harga ikan di pasar")
	assert "belum kami mengerti" in first
	(second,) = phone.writes("ikan yang besar itu")
	assert "petugas" in second
	assert phone.conversation().handling == "Waiting for Operator"
	assert not phone.writes("yang warnanya merah")


def test_what_is_understood_in_between_starts_the_count_anew(phone):
	phone.writes("berapa harga ikan di pasar")
	phone.writes("halo")
	phone.writes("ikan yang besar itu")
	assert phone.conversation().handling == "Automatic"


def test_the_app_is_silent_while_an_operator_talks_but_keeps_everything(phone):
	phone.writes("petugas")
	chat = phone.conversation()
	chat.db_set({"handling": "Operator", "operator": officer()})
	assert not phone.writes(f"nik saya {NIK_MALE}")
	assert not phone.sends_photo("kk")
	assert not phone.writes("ktp hilang")
	assert not phone.sends("audio")
	chat = phone.conversation()
	assert intake.number_of(chat, "nik") == NIK_MALE
	assert len(papers.pictures(chat.name)) == 1
	assert phone.writes("stop")


def test_who_waits_for_a_person_can_go_on_and_is_not_forgotten(phone):
	phone.writes("petugas")
	ready_to_confirm(phone)
	phone.taps("agree")
	assert len(phone.requests()) == 1
	chat = phone.conversation()
	assert (chat.status, chat.handling) == ("Open", "Waiting for Operator")
	ready_to_confirm(phone, FORM.replace("Hilang", "Pemula"), "KTP-EL", "Pemula")
	phone.taps("agree")
	assert len(phone.requests()) == 2


def test_an_operator_starts_the_request_with_their_own_rights(phone):
	ready_to_confirm(phone)
	chat = phone.conversation()
	chat.consent_at = now_datetime()
	frappe.set_user(officer())
	doc = conversation.start_request(chat, operator=officer())
	assert doc.owner == officer() and doc.papers[0].file


def test_a_request_an_operator_starts_needs_the_agreement(phone):
	ready_to_confirm(phone)
	with pytest.raises(frappe.ValidationError):
		conversation.start_request(phone.conversation(), operator=officer())
	assert not phone.requests()


# The end -------------------------------------------------------------------------------------------------


def idle(phone, hours=25):
	phone.conversation().db_set(
		"last_message_at", add_to_date(now_datetime(), hours=-hours), update_modified=False
	)
	conversation.close_idle()
	return phone.reads()


def test_idle_conversations_close_with_a_word_only_where_something_was_unfinished(phone):
	phone.writes("halo")
	assert not idle(phone)
	assert phone.conversation().status == "Closed"
	phone.writes("ktp hilang")
	phone.writes(DATA)
	phone.reads()
	(farewell,) = idle(phone)
	assert "MENU" in farewell
	chat = phone.conversation()
	assert (
		chat.status == "Closed" and not chat.open_key and not chat.get_password("nik", raise_exception=False)
	)


def test_who_waits_for_a_person_is_never_closed_away(phone):
	phone.writes("petugas")
	idle(phone, hours=100)
	assert phone.conversation().status == "Open"


def test_a_fresh_conversation_stays(phone):
	phone.writes("ktp hilang")
	phone.reads()
	conversation.close_idle()
	assert phone.conversation().status == "Open"


# Which picture is which paper ----------------------------------------------------------------------------


def test_pictures_are_sorted_by_caption_then_in_order():
	asked_for = [
		"Kutipan Akta Kelahiran Anak",
		"Foto Kartu Keluarga",
		"Foto KTP-el Kedua Orang Tua",
		"Pas Foto Anak",
	]
	found = [
		Picture(str(n), f"/private/files/{n}.jpg", caption)
		for n, caption in enumerate(["", "ktp ortu", "foto anak", ""])
	]
	given, extra = papers.sort(found, asked_for, ["Surat Kuasa (F-1.07)"])
	assert [given[paper].message for paper in asked_for] == ["0", "3", "1", "2"]
	assert not extra


def test_a_picture_sent_again_with_its_name_replaces_the_first():
	found = [Picture("a", "", "kk"), Picture("b", "", "KK yang jelas")]
	given, extra = papers.sort(found, ["Foto Kartu Keluarga"])
	assert given["Foto Kartu Keluarga"].message == "b" and [picture.message for picture in extra] == ["a"]


@pytest.mark.parametrize("caption", ["", "ini pak", "foto", "🙏", "x" * 5000])
def test_captions_that_name_nothing(caption):
	assert papers.named_paper(caption, ["Foto Kartu Keluarga", "Foto KTP-el Pemohon"]) is None


def test_a_strangers_file_cannot_be_taken_from_a_message(phone):
	"""Only the conversation's own files may become the request's papers."""
	other = Phone(OTHER)
	other.writes("ktp hilang")
	other.sends_photo(content=photo("gold"))
	theirs = papers.pictures(other.conversation().name)[0]
	doc = frappe.new_doc("Civil Document Request")
	doc.update(
		{
			"service": "KTP-EL",
			"reason": "Pemula",
			"channel": "WhatsApp",
			"applicant_name": "Andi Baso",
			"nik": NIK_MALE,
		}
	)
	doc.update({"whatsapp_number": PHONE, "village": "73.07.01.1001", "consent": 1})
	doc.append("papers", {"requirement": "Foto Kartu Keluarga", "file": theirs.file})
	doc.flags.papers_from = {("Chat Message", "another")}
	frappe.set_user("Guest")
	with pytest.raises(frappe.ValidationError):
		doc.insert(ignore_permissions=True)
	frappe.set_user("Administrator")


def test_understood_needs_no_database():
	assert understand("halo", []).intent == "greeting"


def test_a_message_is_taken_as_the_inbox_does(phone):
	assert callable(take)
	phone.writes("halo")
	message = frappe.get_last_doc("Chat Message", {"number": PHONE, "direction": "Incoming"})
	assert message.status == "Processed" and message.conversation == phone.conversation().name
