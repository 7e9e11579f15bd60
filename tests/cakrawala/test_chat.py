"""What boat owners write to the kiosk, and what becomes of it."""

import pytest
from helpers import photo
from whatsapp.chat import Phone

import frappe

from cakrawala import world
from cakrawala.test_renewals import issued, tell_all
from sinjai_services import stages
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import conversation

OWNER = "+6281241007701"
AGENT = "+6281241007702"
STRANGER = "+6281241007799"
REQUEST = "Fishing Permit Request"


@pytest.fixture
def phone():
	return Phone(OWNER)


def requests(number: str = OWNER) -> list:
	names = frappe.get_all(REQUEST, {"whatsapp_number": number}, pluck="name", order_by="creation")
	return [frappe.get_doc(REQUEST, name) for name in names]


@pytest.mark.parametrize(
	"text",
	[
		"perpanjang SIPI KM Bintang Laut",
		"Assalamualaikum pak, mau perpanjang sipi bintang laut",
		"sipi bintang laut",
		"sipi bintng laot",
		"perpanjang bintanglaut",
		"SIPI KMN. BINTANG LAUT",
	],
)
def test_one_message_and_one_yes_make_the_request_and_no_paper_is_asked_for(phone, text):
	_owner, vessel, box = world.stocked()
	(summary,) = phone.writes(text)
	assert "Perpanjangan SIPI" in summary and "KM Bintang Laut" in summary
	assert "Haji Baharuddin" in summary and world.NIK not in summary
	assert box.name in summary and "kirim foto" not in summary
	assert not requests()
	(done,) = phone.taps("Setuju")
	(doc,) = requests()
	assert (doc.service, doc.vessel, doc.channel) == ("SIPI-PERPANJANGAN", vessel.name, "WhatsApp")
	assert doc.consent_at and show_code(doc.tracking_code) in done
	assert {row.state for row in doc.papers} == {"On File"}
	assert phone.conversation().status == "Closed"


def test_who_says_new_gets_a_new_one(phone):
	world.stocked()
	(text,) = phone.writes("sipi baru bintang laut")
	assert "SIPI Baru" in text and "NPWP" in text


def test_only_what_the_locker_lacks_is_asked_for(phone):
	_owner, _vessel, box = world.stocked(papers=world.RENEWAL_PAPERS[:-2])
	world.paper(box, 9, "Surat Ukur Kapal", expires_on=world.in_days(-5))
	(needed,) = phone.writes("perpanjang sipi bintang laut")
	lines = needed.splitlines()
	assert all("✓" in line for line in lines if line[:2] in ("1.", "2.", "3.", "4."))
	surat = next(line for line in lines if "Surat Ukur" in line)
	assert "✓" not in surat and "berakhir" in surat
	with phone.at_once():
		phone.sends_photo("surat ukur")
		phone.sends_photo("spesifikasi alat tangkap", photo("#123456"))
	(summary,) = phone.reads()
	assert "KM Bintang Laut" in summary
	phone.taps("Setuju")
	(doc,) = requests()
	states = {row.requirement: row.state for row in doc.papers}
	assert states.pop("Surat Ukur Kapal") == states.pop("Spesifikasi Alat Penangkapan Ikan") == "To Check"
	assert set(states.values()) == {"On File"}


def test_an_owner_of_several_boats_is_asked_which(phone):
	citizen, _vessel, _box = world.stocked()
	other = world.boat(citizen, "KM Cahaya Laut")
	(question,) = phone.writes("perpanjang sipi")
	assert "Cahaya Laut" in question and "Bintang Laut" in question
	(answer,) = phone.taps("KM Cahaya Laut")
	assert "KM Cahaya Laut" in answer and "Setuju" in dict(phone.choices()).values()
	assert phone.conversation().vessel == other.name
	phone.writes("batal")
	phone.writes("perpanjang sipi")
	(answer,) = phone.writes("cahya laut")
	assert "KM Cahaya Laut" in answer
	phone.writes("batal")
	phone.writes("perpanjang sipi")
	phone.writes("1")
	assert phone.conversation().vessel


def test_two_boats_that_sound_alike_are_asked_about(phone):
	citizen, _vessel, _box = world.stocked()
	world.boat(citizen, "KM Bintang Lauta")
	phone.writes("perpanjang sipi KM Bintang Lautt")
	assert len([id for id, _title in phone.choices() if id.startswith("boat:")]) == 2


def test_more_boats_than_fit_into_a_list_are_chosen_by_number(phone):
	citizen, _vessel, _box = world.stocked()
	for number in range(2, 13):
		world.boat(citizen, f"KM Samudra {number}")
	(question,) = phone.writes("perpanjang sipi")
	assert "12." in question and phone.choices() == []
	phone.writes("12")
	assert phone.conversation().vessel


def test_an_agent_asks_for_several_owners():
	agent = world.owner("7307011508900022", "Ambo Tuo", AGENT)
	_owner, vessel, _box = world.stocked(agent=agent.name)
	second = world.owner("7307011508900099", "Haji Sattar", "081241007703")
	world.boat(second, "KM Cahaya Laut", agent=agent.name)
	phone = Phone(AGENT)
	(question,) = phone.writes("urus sipi")
	assert "Bintang Laut" in question and "Cahaya Laut" in question
	(summary,) = phone.writes("bintang laut")
	assert "Haji Baharuddin" in summary
	phone.taps("Setuju")
	(doc,) = requests(AGENT)
	assert doc.vessel == vessel.name and doc.applicant_name == "Haji Baharuddin"
	assert doc.submitted_by_name == "Ambo Tuo" and doc.submitter_relation


@pytest.mark.parametrize(("gt", "told"), [(45, "UPT Pelabuhan"), (4, "Tanda Daftar Kapal")])
def test_tonnage_decides_and_says_whom_to_turn_to(phone, gt, told):
	world.stocked(gt=gt)
	(answer,) = phone.writes("perpanjang sipi bintang laut")
	assert "Mohon maaf Bapak/Ibu" in answer and told.casefold() in answer.casefold()
	assert not requests()


def test_a_small_boat_is_offered_what_it_may_have(phone):
	world.stocked(gt=4)
	phone.writes("sipi bintang laut")
	assert "service:TDKP" in dict(phone.choices())
	(answer,) = phone.taps("service:TDKP")
	assert "TDKP" in answer and "Spesifikasi" in answer


def test_a_boat_alone_brings_its_permits(phone):
	world.stocked()
	(question,) = phone.writes("KM Bintang Laut")
	assert "Izin apa" in question and "SIKPI" in question
	phone.taps("SIKPI")
	assert phone.conversation().service == "SIKPI"


def test_strangers_learn_nothing_of_boats_that_are_registered():
	world.stocked()
	phone, other = Phone(STRANGER), Phone("+6281241007798")
	known = phone.writes("perpanjang sipi KM Bintang Laut")
	unknown = other.writes("perpanjang sipi KM Tak Ada")
	assert known == unknown and "tanda selar" in known[0]
	known, unknown = phone.writes("KM Bintang Laut, selar GT 12 No 5"), other.writes("KM Tak Ada, selar GT 9")
	assert known == unknown
	assert "Baharuddin" not in str(known)
	chat = phone.conversation()
	assert chat.handling == "Waiting for Operator" and "Bintang Laut" in chat.vessel_text
	assert chat.agency == "DPMPTSP" and not chat.vessel


def test_strangers_cannot_tap_somebody_elses_boat():
	_owner, vessel, _box = world.stocked()
	phone = Phone(STRANGER)
	phone.writes("perpanjang sipi")
	answers = phone.taps(f"boat:{vessel.name}")
	assert not phone.conversation().vessel and "Baharuddin" not in str(answers)


def test_a_name_that_is_not_ones_boat_is_asked_about_once_and_then_helped_with(phone):
	citizen, _vessel, _box = world.stocked()
	world.boat(citizen, "KM Cahaya Laut")
	(answer,) = phone.writes("sipi KM Garuda Perkasa")
	assert "tidak kami temukan" in answer
	phone.writes("KM Garuda Perkasa")
	assert phone.conversation().handling == "Waiting for Operator"


def test_yes_answers_a_reminder(phone):
	_owner, vessel, _box = world.stocked()
	issued(vessel, 14)
	tell_all()
	assert "Balas YA" in phone.reads()[0]
	(answer,) = phone.writes("YA")
	doc = requests()[-1]
	assert doc.renewal_of and show_code(doc.tracking_code) in answer
	assert phone.conversation().status == "Closed"
	phone.writes("ya")
	assert len([row for row in requests() if row.renewal_of]) == 1


def test_yes_to_one_of_several_reminders_is_asked_which_and_papers_that_lack_are_named(phone):
	citizen, vessel, _box = world.stocked()
	other = world.boat(citizen, "KM Cahaya Laut")
	issued(vessel, 14)
	issued(other, 14)
	reminders = tell_all()
	phone.reads()
	(question,) = phone.writes("iya")
	assert "Bintang Laut" in question and "Cahaya Laut" in question
	phone.writes("km cahaya laut")
	assert [row.vessel for row in requests() if row.renewal_of] == [other.name]
	phone.taps(f"renew:{reminders[0]}")
	assert len([row for row in requests() if row.renewal_of]) == 2


def test_yes_without_a_reminder_is_no_request(phone):
	world.stocked()
	assert phone.writes("ya")
	assert not requests()


def test_strangers_cannot_renew_with_somebody_elses_button():
	_owner, vessel, _box = world.stocked()
	issued(vessel, 14)
	(reminder,) = tell_all()
	phone = Phone(STRANGER)
	phone.taps(f"renew:{reminder}")
	assert not [row for row in requests() + requests(STRANGER) if row.renewal_of]


def test_civil_documents_go_on_as_before(phone):
	world.stocked()
	(needed,) = phone.writes("ktp hilang")
	assert "Surat Kehilangan" in needed
	(answer,) = phone.writes("nama Bintang Laut")
	assert phone.conversation().service == "KTP-EL" and "kapal" not in answer


@pytest.mark.parametrize(
	"text", ["km", "kapal", "sipi km", "KM " * 400, "🚤🚤 sipi", "sipi '; drop table--", "x" * 5000]
)
def test_strange_texts_are_answered(phone, text):
	world.stocked()
	failed = {"method": ("like", "Chat reader failed%")}
	before = frappe.db.count("Error Log", failed)
	assert phone.writes(text)
	assert frappe.db.count("Error Log", failed) == before


def test_at_night_and_on_sundays_the_kiosk_answers_and_tells_at_once(phone):
	for code in frappe.get_all("Public Service", {"request_doctype": REQUEST}, pluck="name"):
		terms = frappe.get_doc("Public Service", code)
		assert terms.round_the_clock and not terms.quiet_from and not terms.quiet_until, code


SUNDAY_NIGHT = frappe.utils.get_datetime("2026-11-29 02:10:00")


@pytest.fixture
def night(monkeypatch):
	monkeypatch.setattr(conversation, "now_datetime", lambda: SUNDAY_NIGHT)
	return SUNDAY_NIGHT


def shifts(*rows):
	kiosk = world.kiosk()
	kiosk.set("shifts", [{"officer": world.OFFICER, "days": "Every Day", **row} for row in rows])
	kiosk.save()


def test_who_asks_the_kiosk_for_a_person_at_night_gets_one_at_night(phone, night):
	world.stocked()
	phone.writes("sipi bintang laut")
	(answer,) = phone.writes("mau bicara dengan petugas")
	assert "02.25" in answer and "tutup" not in answer
	chat = phone.conversation()
	assert (chat.waiting_since, str(chat.answer_by)) == (night, "2026-11-29 02:25:00")


@pytest.mark.parametrize(
	("begin", "end", "told", "answer_by"),
	[
		("20:00:00", "06:00:00", "02.25", "2026-11-29 02:25:00"),
		("06:00:00", "14:00:00", "Minggu, 29 November 2026 pukul 06.00", "2026-11-29 06:15:00"),
	],
)
def test_the_kiosks_shifts_say_when_somebody_is_there(phone, night, begin, end, told, answer_by):
	world.stocked()
	shifts({"starts": begin, "ends": end})
	phone.writes("sipi bintang laut")
	(answer,) = phone.writes("petugas")
	assert told in answer
	assert str(phone.conversation().answer_by) == answer_by


def test_what_is_asked_of_an_office_that_sleeps_is_answered_when_it_opens(phone, night):
	phone.writes("izin praktik dokter")
	chat = phone.conversation()
	chat.db_set({"service": "IUMK", "agency": "DPMPTSP"})
	(answer,) = phone.writes("petugas")
	assert "Senin, 30 November 2026 pukul 08.00" in answer
	assert str(phone.conversation().answer_by) == "2026-11-30 08:15:00"


def with_papers_taken(phone):
	"""Return a request made on WhatsApp whose papers an officer has."""
	world.stocked()
	phone.writes("sipi bintang laut")
	phone.taps("Setuju")
	(doc,) = requests()
	frappe.set_user(world.OFFICER)
	frappe.get_doc(REQUEST, doc.name).take_papers()
	frappe.set_user("Administrator")
	return doc


def test_who_withdraws_on_whatsapp_need_not_wait_and_the_papers_are_asked_back(phone):
	doc = with_papers_taken(phone)
	phone.writes("batal")
	phone.taps("Ya, tarik kembali")
	assert frappe.db.get_value(REQUEST, doc.name, "stage") == stages.WITHDRAWN
	filters = {"document_name": doc.name, "for_user": world.OFFICER}
	bell = frappe.get_all("Notification Log", filters, pluck="subject")
	assert any("KTP Pemilik Kapal" in text for text in bell)


def test_the_promise_is_a_quarter_of_an_hour_from_papers_in_hand(phone):
	doc = with_papers_taken(phone)
	doc.reload()
	assert 14 * 60 < (doc.promised_at - doc.promise_starts_at).total_seconds() <= 15 * 60


def test_who_is_on_duty_hears_of_what_comes_by_whatsapp(phone):
	world.stocked()
	kiosk = frappe.get_doc("Locker Kiosk", world.KIOSK)
	shift = {"officer": world.OFFICER, "days": "Every Day", "starts": "00:00", "ends": "23:59:59"}
	kiosk.append("shifts", shift)
	kiosk.save()
	phone.writes("sipi bintang laut")
	phone.taps("Setuju")
	(doc,) = requests()
	told = frappe.get_all("Notification Log", {"document_name": doc.name}, pluck="for_user")
	assert world.OFFICER in told
