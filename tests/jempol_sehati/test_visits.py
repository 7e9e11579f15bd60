"""Field visits: agreed with the applicant, carried out by the team, reported once, and only as demanded."""

import io
import json
import threading
from datetime import timedelta

import pytest
from helpers import NIK_MALE, new_request, officer, visit
from PIL import Image
from pypdf import PdfReader
from whatsapp.chat import Phone

import frappe
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate

from jempol_sehati.ground import take_back
from jempol_sehati.visit_ground import (
	DESK,
	IDLE_SURVEYOR,
	NUMBER,
	STRANGER,
	SURVEYOR,
	TECHNICIAN,
	TeamPhone,
	application,
	make_crew,
	picture,
	planned,
	request_of,
	retire_crew,
	visit_of,
)
from sinjai_services import printing, stages
from sinjai_services.requests import moves, tracking, visit_day, visit_photos, visit_report, visits
from sinjai_services.requests.uploads import RefusedUpload
from sinjai_services.requests.visits import VisitRefused

pytestmark = pytest.mark.usefixtures("crew")
SIZE, PLACE, VIEW, STRONG = (
	"apakah_ukuran_reklame_sesuai_dengan_permohonan",
	"di_mana_reklame_dipasang",
	"apakah_reklame_mengganggu_pandangan_atau_jalan",
	"apakah_tiang_dan_rangkanya_kokoh",
)
"""Codes of the shipped checklist of advertisements."""


@pytest.fixture(scope="module")
def crew(site):
	"""Commit the people once: making them takes longer than any test here."""
	frappe.set_user("Administrator")
	make_crew()
	frappe.db.commit()
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	retire_crew()
	frappe.db.commit()


def begun(user: str = SURVEYOR, **changes) -> TeamPhone:
	phone = TeamPhone(planned(**changes), user)
	phone.starts()
	return phone


def told() -> list:
	return frappe.get_all(
		"Chat Message",
		{"number": NUMBER, "direction": "Outgoing"},
		["text", "extra"],
		order_by="creation",
	)


def texts_told() -> str:
	return "\n".join(row.text for row in told())


def public_labels(doc) -> list[str]:
	return [event.label for event in doc.timeline(public_only=True) if event.event == "Visit"]


# Planning ------------------------------------------------------------------------------------------------


def test_the_office_plans_and_the_applicant_reads_it_everywhere():
	doc = application()
	frappe.set_user(DESK)
	row = visit_of(planned(doc, day=1))
	frappe.set_user("Administrator")
	assert (row.state, row.agency, row.applicant_name) == ("Planned", "DPMPTSP", "Hasanuddin Tompo")
	assert [member.user for member in row.team] == [SURVEYOR, TECHNICIAN]
	assert [answer.code for answer in row.answers] == [SIZE, PLACE, VIEW, STRONG]
	assert "Kunjungan dijadwalkan" in public_labels(doc)[0]
	message = told()[-1]
	assert "09.00–11.00 WITA" in message.text
	assert [choice["title"] for choice in json.loads(message.extra)["choices"]] == [
		"Setuju",
		"Minta waktu lain",
	]
	(shown,) = tracking.public_view(doc)["visits"]
	assert shown["may_confirm"]
	assert SURVEYOR not in json.dumps(shown, default=str)


def test_a_service_without_field_work_never_meets_a_visit():
	for doc in (application(stages.CHECKING, service="IUMK"), new_request()):
		with pytest.raises(VisitRefused):
			planned(doc)


@pytest.mark.parametrize(
	"changes",
	[
		{"kinds": []},
		{"kinds": ["party"]},
		{"kinds": "not json"},
		{"team": []},
		{"team": [STRANGER]},
		{"team": [DESK]},
		{"team": ["nobody@example.com"]},
		{"date": "2020-01-01"},
		{"date": "besok"},
		{"date": ""},
		{"time_from": "11:00", "time_until": "09:00"},
		{"time_from": "09:00", "time_until": "09:00"},
		{"time_from": "pagi"},
		{"time_until": ""},
		{"note": "x" * 501},
		{"kinds": ["pick_up"], "papers": ["Surat Cinta"]},
	],
	ids=str,
)
def test_a_plan_needs_a_purpose_a_team_of_the_agency_and_hours_to_come(changes):
	doc = application()
	with pytest.raises((VisitRefused, json.JSONDecodeError)):
		planned(doc, **changes)
	assert not frappe.db.exists("Field Visit", {"reference_name": doc.name})


def test_one_visit_at_a_time():
	doc = application()
	planned(doc)
	with pytest.raises(VisitRefused):
		planned(doc)


def test_only_who_may_change_the_request_plans():
	doc = application()
	for user in (officer(), STRANGER, "Guest"):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			planned(doc)


def test_nobody_writes_a_visit_past_its_functions():
	name = planned()
	for user in (DESK, SURVEYOR, TECHNICIAN):
		frappe.set_user(user)
		row = visit_of(name)
		row.recommendation = "Grant"
		with pytest.raises(frappe.PermissionError):
			row.save()
		with pytest.raises(frappe.PermissionError):
			frappe.new_doc("Field Visit").update(row.as_dict()).insert()
	frappe.set_user("Administrator")
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc("Field Visit", name)


def test_teams_see_the_visits_they_are_sent_to_and_the_office_its_agency_s():
	name = planned(team=[SURVEYOR])
	sees = {}
	for user in (SURVEYOR, DESK, IDLE_SURVEYOR, TECHNICIAN, STRANGER, officer()):
		frappe.set_user(user)
		listed = name in frappe.get_list("Field Visit", pluck="name", limit=0)
		assert listed == bool(frappe.has_permission("Field Visit", "read", name)), user
		sees[user] = listed
	assert [user for user, seen in sees.items() if seen] == [SURVEYOR, DESK]


def test_a_request_that_ends_takes_its_visit_along():
	name = planned(day=2)
	moves.move(request_of(name), moves.WITHDRAWN)
	assert visit_of(name).state == "Cancelled"


def test_a_visit_planned_during_the_check_ends_the_check():
	name = planned(application(stages.CHECKING))
	assert request_of(name).stage == stages.FIELD_WORK
	assert visit_of(name).state == "Planned"


def test_an_administrator_who_takes_the_trigger_off_moves_the_request_by_hand():
	workflow = frappe.get_doc("Workflow", stages.active_workflow("Licence Application").name)
	for way in workflow.transitions:
		if way.sinjai_trigger == moves.VISIT_PLANNED:
			way.sinjai_trigger = ""
	workflow.save()
	doc = application(stages.CHECKING)
	name = planned(doc)
	assert request_of(name).stage == stages.CHECKING
	assert visit_of(name).state == "Planned"


# The appointment -----------------------------------------------------------------------------------------


def test_the_applicant_agrees_with_one_tap_and_a_second_changes_nothing():
	name = planned(day=1)
	phone = Phone(NUMBER)
	phone.reads()
	answer = phone.taps("Setuju")
	assert "Terima kasih" in answer[0]
	row = visit_of(name)
	assert (row.state, row.appointments[-1].channel) == ("Confirmed", "WhatsApp")
	phone.sends("button", "Setuju", choice_id=f"visit_agree:{visits.proposal(row)}")
	assert len(visit_of(name).appointments) == len(row.appointments)


def test_the_applicant_asks_for_another_time_and_what_they_write_next_is_that_time():
	name = planned(day=1)
	phone = Phone(NUMBER)
	phone.reads()
	assert "hari dan jamnya" in phone.taps("Minta waktu lain")[0]
	assert "Senin pagi" in phone.writes("Senin pagi saja pak, jam 9")[0]
	row = visit_of(name)
	assert (row.state, row.wish) == ("Planned", "Senin pagi saja pak, jam 9")
	assert "Senin pagi" not in "".join(phone.writes("status"))
	frappe.set_user(DESK)
	visits.move(name, add_days(nowdate(), 3), "13:00", "15:00", "Sesuai permintaan Bapak/Ibu")
	frappe.set_user("Administrator")
	row = visit_of(name)
	assert (row.state, row.wish, row.planned_date) == ("Planned", None, getdate(add_days(nowdate(), 3)))
	assert "Sesuai permintaan" in told()[-1].text
	assert [step.what for step in row.appointments] == ["Proposed", "Asked to Move", "Asked to Move", "Moved"]


def test_an_old_button_agrees_to_nothing_new_and_a_stranger_s_to_nothing():
	name = planned(day=1)
	old = visits.proposal(visit_of(name))
	visits.move(name, add_days(nowdate(), 2), "09:00", "11:00", "Hujan lebat")
	phone, other = Phone(NUMBER), Phone("+6281341007766")
	assert "tidak berlaku" in phone.sends("button", "Setuju", choice_id=f"visit_agree:{old}")[-1]
	other.sends("button", "Setuju", choice_id=f"visit_agree:{visits.proposal(visit_of(name))}")
	assert visit_of(name).state == "Planned"


def test_a_command_is_not_taken_for_a_wish():
	name = planned(day=1)
	phone = Phone(NUMBER)
	phone.reads()
	phone.taps("Minta waktu lain")
	phone.writes("petugas")
	assert not visit_of(name).appointments[-1].reason
	assert phone.conversation().handling != "Automatic"


def test_a_tap_counts_while_an_operator_talks():
	name = planned(day=1)
	phone = Phone(NUMBER)
	phone.writes("halo")
	phone.conversation().db_set("handling", "Operator")
	phone.sends("button", "Setuju", choice_id=f"visit_agree:{visits.proposal(visit_of(name))}")
	assert visit_of(name).state == "Confirmed"


def post(doc, **values) -> str:
	data = {"kode": doc.tracking_code, "hp": doc.whatsapp_number[-4:], **values}
	return visit("/lacak", "POST", data).get_data(as_text=True)


def test_the_tracking_page_shows_the_time_and_takes_the_answer():
	doc = application()
	name = planned(doc, day=1)
	key = visits.proposal(visit_of(name))
	page = post(doc)
	assert "Waktunya cocok" in page
	assert "09.00–11.00 WITA" in page
	assert SURVEYOR not in page
	post(doc, kunjungan=key, janji="setuju", hp="0000")
	assert visit_of(name).state == "Planned"
	assert "Waktunya cocok" not in post(doc, kunjungan=key, janji="setuju")
	assert (visit_of(name).state, visit_of(name).appointments[-1].channel) == ("Confirmed", "Web")
	page = post(doc, kunjungan=key, janji="lain", waktu="<b>Kamis</b> sore")
	assert visit_of(name).wish == "<b>Kamis</b> sore"
	assert "<b>Kamis" not in page
	assert "tidak berlaku" in post(doc, kunjungan="KUN-2020-00001|x", janji="setuju")


def test_another_request_s_visit_is_not_answered_with_ones_own_code():
	mine, other = application(nik=NIK_MALE), application(whatsapp_number="0812-0000-1234")
	name = planned(other, day=1)
	post(mine, kunjungan=visits.proposal(visit_of(name)), janji="setuju")
	assert visit_of(name).state == "Planned"


def test_the_office_confirms_by_telephone_moves_and_cancels_with_reasons():
	doc = application()
	frappe.set_user(DESK)
	name = planned(doc, day=1)
	visits.confirm(name)
	with pytest.raises(VisitRefused):
		visits.move(name, add_days(nowdate(), 2), "09:00", "11:00", " ")
	with pytest.raises(VisitRefused):
		visits.cancel(name, "")
	visits.cancel(name, "Permohonan digabung")
	assert visit_of(name).state == "Cancelled"
	frappe.set_user("Administrator")
	assert "Permohonan digabung" in told()[-1].text
	assert planned(doc) != name


# The report ----------------------------------------------------------------------------------------------


def test_a_visit_from_setting_out_to_the_request_that_goes_on():
	phone = begun()
	phone.does_everything_asked()
	done = phone.finishes(latitude=-5.12, longitude=120.25, accuracy=12)
	assert done["ok"], done
	row = visit_of(phone.visit)
	assert (row.state, row.finished_by, row.open_key) == ("Done", SURVEYOR, None)
	assert round(row.latitude, 2) == -5.12
	assert row.signature.startswith("data:image/png")
	doc = request_of(phone.visit)
	assert doc.stage == stages.DECIDING
	assert public_labels(doc)[:2] == ["Kunjungan selesai", "Tim telah berangkat"]
	assert {SURVEYOR, TECHNICIAN} <= doc.inspectors()


def test_everything_that_is_missing_is_said_at_once_and_nothing_moves():
	phone = begun()
	phone.answers(**{SIZE: "Ya"})
	answer = phone.finishes(findings="", signature=None, signer_name="")
	assert not answer["ok"]
	said = {fault["code"]: fault["text"] for fault in answer["faults"]}
	assert set(said) == {SIZE, PLACE, VIEW, STRONG, "findings", "signature"}
	assert "foto" in said[SIZE]
	assert "belum dijawab" in said[PLACE]
	assert visit_of(phone.visit).state == "On the Way"
	assert request_of(phone.visit).stage == stages.FIELD_WORK


def test_an_answer_that_is_not_allowed_is_refused_alone():
	phone = begun()
	answer = phone.answers(**{SIZE: "Mungkin", VIEW: "Tidak", "tidak_ada": "Ya"})
	assert {fault["code"] for fault in answer["faults"]} == {SIZE, "tidak_ada"}
	kept = {row.code: row.answer for row in visit_of(phone.visit).answers if row.answer}
	assert kept == {VIEW: "Tidak"}


def test_what_is_sent_twice_is_kept_once():
	phone = begun()
	photo, end = phone.key(), phone.key()
	for _time in range(3):
		phone.starts()
		phone.sends_photo(SIZE, key=photo)
	phone.does_everything_asked()
	assert phone.finishes(end)["ok"]
	assert phone.finishes(end)["ok"]
	row = visit_of(phone.visit)
	assert len([each for each in row.photos if each.client_key == photo]) == 1
	labels = public_labels(request_of(phone.visit))
	assert labels.count("Tim telah berangkat") == labels.count("Kunjungan selesai") == 1
	assert phone.sends_photo(SIZE, key=photo) == {"key": photo}
	assert not phone.finishes()["ok"]


def test_a_visit_does_not_end_while_a_photograph_is_still_on_the_phone():
	phone = begun()
	phone.does_everything_asked()
	answer = phone.finishes(photo_keys=json.dumps(["belum-sampai"]))
	assert "1 foto belum sampai" in answer["faults"][0]["text"]


def test_two_phones_of_one_team_do_not_overwrite_each_other():
	one = begun()
	two = TeamPhone(one.visit, TECHNICIAN)
	one.answers(**{SIZE: ("Ya", "diukur")})
	answer = two.answers(**{SIZE: "Tidak"})
	(other,) = answer["conflicts"]
	assert (other["answer"], other["note"]) == ("Ya", "diukur")
	assert visit_of(one.visit).answers[0].answer == "Ya"
	two.answers(base=other["key"], **{SIZE: "Tidak"})
	row = visit_of(one.visit).answers[0]
	assert (row.answer, row.answered_by) == ("Tidak", TECHNICIAN)


def test_only_the_team_reports():
	name = planned(team=[SURVEYOR])
	for user in (TECHNICIAN, IDLE_SURVEYOR, STRANGER, DESK, "Guest"):
		phone = TeamPhone(name, user)
		for act in (phone.starts, phone.sends_photo, phone.finishes):
			with pytest.raises(frappe.PermissionError):
				act()
	assert visit_of(name).state == "Planned"


def test_papers_are_receipted_to_the_applicant_with_time_and_who():
	doc = application()
	papers = [row.requirement for row in doc.papers][:2]
	phone = TeamPhone(planned(doc, kinds=["pick_up"], papers=papers))
	phone.starts()
	phone.takes_papers(papers[0])
	phone.takes_papers(papers[0], "Surat Cinta")
	row = visit_of(phone.visit)
	assert [(each.picked_up, each.picked_up_by) for each in row.papers] == [(1, SURVEYOR), (0, None)]
	receipts = [each.text for each in told() if "Tanda terima" in each.text]
	assert len(receipts) == 1
	assert papers[0] in receipts[0]
	assert "Survei Kunjungan" in receipts[0]
	assert papers[0] in post(doc)
	assert [label for label in public_labels(doc) if "Berkas diambil" in label]
	assert phone.finishes(findings="")["ok"]
	assert request_of(phone.visit).stage == stages.FIELD_WORK, "an inspection is still to come"


def test_times_follow_the_site_whatever_the_phone_s_clock_says():
	phone = TeamPhone(planned(), slow_clock=5 * 3600)
	phone.starts(ago=3600)
	phone.answers(ago=1800, **{VIEW: "Tidak"})
	row = visit_of(phone.visit)
	assert abs(get_datetime(row.started_at) - now_datetime() + timedelta(hours=1)) < timedelta(seconds=30)
	answered = next(each.answered_at for each in row.answers if each.code == VIEW)
	assert abs(get_datetime(answered) - now_datetime() + timedelta(minutes=30)) < timedelta(seconds=30)
	assert abs(row.clock_offset + 5 * 3600) < 30


def test_a_cancelled_visit_still_keeps_what_the_phone_had_gathered():
	phone = TeamPhone(planned())
	visits.cancel(phone.visit, "Permohonan ditarik")
	assert phone.starts() == {"state": "Cancelled"}
	phone.answers(**{VIEW: "Tidak"})
	phone.sends_photo(SIZE)
	answer = phone.finishes()
	assert not answer["ok"]
	row = visit_of(phone.visit)
	assert (row.state, len(row.photos)) == ("Cancelled", 1)


def test_a_team_that_came_in_vain_says_why_and_the_office_plans_anew():
	phone = begun()
	doc = request_of(phone.visit)
	with pytest.raises(VisitRefused):
		phone.call(visit_report.fail, reason="Malas", at=phone.now())
	for _time in range(2):
		phone.call(visit_report.fail, reason="Nobody There", at=phone.now(), note="Pagar terkunci")
	row = visit_of(phone.visit)
	assert (row.state, row.failure_note) == ("Failed", "Pagar terkunci")
	messages = [each.text for each in told() if "belum terlaksana" in each.text]
	assert len(messages) == 1
	assert "Pagar terkunci" not in messages[0]
	assert planned(doc)


@pytest.mark.parametrize("sent", ["{}", "nonsense", "3", '["x", 5]', "[]"])
def test_rubbish_from_a_phone_is_refused_or_passed_over(sent):
	phone = begun()
	frappe.set_user(SURVEYOR)
	try:
		visit_report.save(phone.visit, phone.now(), answers=sent, papers=sent)
	except VisitRefused:
		pass
	assert not [row for row in visit_of(phone.visit).answers if row.answer]


# The recommendation --------------------------------------------------------------------------------------


def test_the_technical_team_recommends_at_the_place_and_the_application_carries_it():
	phone = begun(TECHNICIAN)
	phone.does_everything_asked()
	answer = phone.finishes(recommendation="Grant with Conditions", recommendation_reason=" ")
	assert [fault["code"] for fault in answer["faults"]] == ["recommendation"]
	assert phone.finishes(
		recommendation="Grant with Conditions", recommendation_reason="Jarak 2 m dari kabel"
	)["ok"]
	doc = request_of(phone.visit)
	assert (doc.recommendation, doc.recommendation_note) == ("Grant with Conditions", "Jarak 2 m dari kabel")
	assert "Jarak 2 m" not in json.dumps(tracking.public_view(doc), default=str)


def test_a_surveyor_does_not_recommend_and_the_technical_team_may_later():
	phone = begun()
	phone.does_everything_asked()
	assert not phone.finishes(recommendation="Grant")["ok"]
	assert phone.finishes()["ok"]
	for user in (SURVEYOR, DESK):
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			visits.recommend(phone.visit, "Grant")
	frappe.set_user(TECHNICIAN)
	with pytest.raises(VisitRefused):
		visits.recommend(phone.visit, "Refuse")
	visits.recommend(phone.visit, "Refuse", "Terlalu dekat jalan")
	with pytest.raises(VisitRefused):
		visits.recommend(phone.visit, "Grant")
	assert visit_of(phone.visit).recommended_by == TECHNICIAN


# Photographs ---------------------------------------------------------------------------------------------

HERE = (-5.1241, 120.2534)


def local(seconds: float = 0) -> str:
	from datetime import datetime, timezone

	zone = timezone(timedelta(hours=8))
	return (datetime.now(zone) + timedelta(seconds=seconds)).strftime("%Y:%m:%d %H:%M:%S")


@pytest.mark.parametrize(
	("seconds", "place", "agreement", "said"),
	[
		(0, HERE, "Agree", ""),
		(600, HERE, "Agree", ""),
		(7200, HERE, "Differ", "120 menit"),
		(0, (-5.20, 120.2534), "Differ", "meter"),
		(None, None, "No Data", ""),
		(0, None, "Agree", ""),
	],
	ids=str,
)
def test_what_the_camera_wrote_is_compared_noted_and_removed(seconds, place, agreement, said):
	phone = begun()
	content = picture(at=None if seconds is None else local(seconds), place=place)
	phone.sends_photo(SIZE, content, latitude=HERE[0], longitude=HERE[1], accuracy=20)
	row = visit_of(phone.visit).photos[0]
	assert row.agreement == agreement, row.remark
	assert said in (row.remark or "")
	file = frappe.get_doc("File", {"file_url": row.photo})
	assert file.is_private
	assert not dict(Image.open(io.BytesIO(file.get_content())).getexif())


@pytest.mark.parametrize(
	"content", [b"", b"%PDF-1.4 x", b"\xff\xd8\xff" + b"0" * 50, b"<svg onload=x>"], ids=str
)
def test_what_is_no_photograph_is_refused(content):
	phone = begun()
	with pytest.raises(RefusedUpload):
		phone.sends_photo(SIZE, content or b" ")
	assert not visit_of(phone.visit).photos


def test_strange_camera_data_never_stops_a_photograph():
	assert (
		visit_photos.read_camera(b"\xff\xd8\xff\xe1\x00\x10Exif\0\0II*\0\xff\xff\xff\xff")
		== visit_photos.Camera()
	)
	camera = visit_photos.read_camera(picture(at="0000:00:00 00:00:00", place=(95, 200)))
	assert camera == visit_photos.Camera()


def test_photographs_are_limited_in_number_and_stay(monkeypatch):
	monkeypatch.setattr(visit_report, "MOST_PHOTOS", 2)
	phone = begun()
	phone.sends_photo(SIZE)
	phone.sends_photo("")
	with pytest.raises(VisitRefused):
		phone.sends_photo(SIZE)
	url = visit_of(phone.visit).photos[0].photo
	frappe.set_user(SURVEYOR)
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc("File", frappe.db.get_value("File", {"file_url": url}))


def test_photographs_are_read_by_who_sees_the_visit_only():
	phone = begun(team=[SURVEYOR])
	phone.sends_photo(SIZE)
	file = frappe.get_doc("File", {"file_url": visit_of(phone.visit).photos[0].photo})
	may = {}
	for user in (SURVEYOR, DESK, IDLE_SURVEYOR, officer()):
		frappe.set_user(user)
		may[user] = bool(file.has_permission("read"))
	assert may == {SURVEYOR: True, DESK: True, IDLE_SURVEYOR: False, officer(): False}


# The day, and prints ---------------------------------------------------------------------------------------


def test_the_phone_carries_its_own_visits_along_whole():
	today, ahead = planned(), planned(application(), day=3)
	others = planned(application(), team=[TECHNICIAN])
	far = planned(application(), day=30)
	frappe.set_user(SURVEYOR)
	day = visit_day.my_day()
	names = [row["name"] for row in day["visits"]]
	assert today in names and ahead in names and far not in names and others not in names
	card = next(row for row in day["visits"] if row["name"] == today)
	assert next(question["answers"] for question in card["questions"]) == ["Ya", "Tidak"]
	assert card["may_recommend"] == 0
	assert day["csrf_token"]


def text_of(pdf: bytes) -> str:
	return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_report_prints_answers_photographs_and_signatures():
	phone = begun(TECHNICIAN)
	phone.does_everything_asked()
	phone.finishes(recommendation="Grant", findings="Tiang <b>kokoh</b>")
	pdf = printing.render_pdf("Field Visit", phone.visit)
	text = text_of(pdf)
	assert "BERITA ACARA KUNJUNGAN LAPANGAN" in text.upper()
	assert "Tiang <b>kokoh</b>" in text
	assert "Apakah ukuran reklame sesuai" in text
	assert "Hasanuddin Tompo" in text
	reader = PdfReader(io.BytesIO(pdf))
	assert sum(len(page.images) for page in reader.pages) >= 4
	assert not frappe.db.exists("Error Log", {"method": ("like", "Print without some%")})


def test_the_receipt_of_papers_names_them_and_leads_to_the_course():
	doc = application()
	paper = doc.papers[0].requirement
	phone = TeamPhone(planned(doc, kinds=["pick_up", "survey"], papers=[paper]))
	phone.starts()
	phone.takes_papers(paper)
	text = text_of(printing.render_pdf("Field Visit", phone.visit, print_format="Tanda Terima Berkas"))
	assert paper in text
	assert "Survei Kunjungan" in text
	assert doc.tracking_code[:5] in text


# Checklists ------------------------------------------------------------------------------------------------


def test_an_administrator_s_question_is_asked_at_the_next_visit_and_running_ones_stay():
	running = planned()
	form = frappe.get_doc("Inspection Checklist", "Pemeriksaan Reklame")
	form.append("questions", {"question": "Apakah ada lampu?", "answers": "Ya\n Ya \n\nTidak", "required": 1})
	form.save()
	assert len(visit_of(running).answers) == 4
	row = visit_of(planned(application())).answers[-1]
	assert (row.question, row.allowed_answers) == ("Apakah ada lampu?", "Ya\nTidak")
	form.append("questions", {"question": "Satu saja?", "answers": "Ya"})
	with pytest.raises(frappe.ValidationError):
		form.save()


def test_two_offices_that_plan_at_the_same_moment_plan_one_visit():
	doc = application()
	frappe.db.commit()
	try:
		made, faults = [], []
		site, path = frappe.local.site, frappe.local.sites_path

		def go():
			frappe.init(site=site, sites_path=path)
			frappe.connect()
			frappe.local.lang = "id"
			try:
				made.append(planned(doc))
				frappe.db.commit()
			except Exception as error:
				faults.append(error)
			finally:
				frappe.destroy()

		threads = [threading.Thread(target=go) for _each in range(2)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		assert (len(made), len(faults)) == (1, 1), faults
	finally:
		frappe.db.rollback()
		take_back(doc)
