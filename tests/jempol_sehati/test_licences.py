"""Licences: what may be applied for, who decides, how they are numbered, signed, revoked and handed over."""

import io

import pytest
from helpers import NIK_FEMALE, NIK_MALE, PHONE, VILLAGE, added_field, photo, shorten, stranger_officer, visit
from pypdf import PdfReader

import frappe
from frappe import client
from frappe.utils import add_months, getdate, nowdate

from jempol_sehati.ground import (
	APPROVER,
	DOCTYPE,
	FRONT_DESK,
	HEAD,
	INSPECTOR,
	OTHER_VILLAGE,
	TECHNICAL,
	VILLAGE_OFFICER,
	application_values,
	apply,
	approved,
	at,
	checked,
	issued,
	make_person,
	recommended,
	sign,
	signed_record,
	step,
	to_be_recommended,
)
from jempol_sehati.visit_ground import TeamPhone, planned
from sinjai_services import printing, stages
from sinjai_services.jempol_sehati import decision, licence_numbers
from sinjai_services.requests import catalogue, handover, moves, own_requests, uploads, web_form
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.signing import copies, records
from sinjai_services.signing.errors import NotSignedYet

pytestmark = pytest.mark.usefixtures("people")
WITH_VISIT = {"PBG", "REKLAME", "TRAYEK", "APOTEK"}
WITHOUT_VISIT = {"IUMK", "SIP", "PENELITIAN"}
HUGE = "9" * 100_000


def reload(doc):
	return frappe.get_doc(doc.doctype, doc.name)


def text_of(pdf: bytes) -> str:
	return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


# What may be applied for ------------------------------------------------------------------------------------


def test_seven_licences_are_published_with_their_standard():
	published = {
		service["code"]: service
		for service in catalogue.published_services()
		if service["request_doctype"] == DOCTYPE
	}
	assert set(published) == WITH_VISIT | WITHOUT_VISIT
	for service in published.values():
		assert service["agency"] == "DPMPTSP"
		assert service["legal_basis"]
		assert service["requirements"]
		assert service["procedure"]
		assert service["form_url"]


@pytest.mark.parametrize("code", sorted(WITH_VISIT | WITHOUT_VISIT))
def test_the_service_decides_whether_somebody_visits(code):
	reasons = frappe.get_cached_doc("Public Service", code).reasons()
	doc = checked(service=code, reason=reasons[0] if reasons else None)
	wanted = stages.FIELD_WORK if code in WITH_VISIT else stages.DECIDING
	doc = step(doc, FRONT_DESK, stage=wanted)
	assert doc.stage == wanted


def test_an_administrator_who_takes_the_visit_off_sends_the_next_one_straight_on():
	frappe.db.set_value("Public Service", "REKLAME", "needs_field_work", 0)
	frappe.clear_document_cache("Public Service", "REKLAME")
	try:
		assert to_be_recommended(service="REKLAME", reason="Baru").stage == stages.DECIDING
	finally:
		frappe.db.rollback()
		frappe.clear_document_cache("Public Service", "REKLAME")


BUSINESS = {"applicant_type": "Business", "business_name": "CV Maju Bersama"}


@pytest.mark.parametrize(
	("typed", "kept"),
	[
		("01.312.166.0-091.000", "013121660091000"),
		("0013121660091000", "0013121660091000"),
		(f" {NIK_FEMALE[:8]} {NIK_FEMALE[8:]} ", "730701******0002"),
	],
)
def test_a_tax_number_is_kept_and_one_that_is_a_nik_only_masked(typed, kept):
	doc = apply(npwp=typed)
	assert doc.npwp == kept
	doc = reload(doc)
	doc.note = "Dibaca ulang"
	doc.save()
	assert doc.npwp == kept


@pytest.mark.parametrize(
	"npwp",
	[
		"0" * 15,
		"0" * 16,
		"123",
		"01.312.166.0-091.00X",
		"013121661091000",
		NIK_MALE,
		HUGE,
		"<b>1</b>",
		"１" * 15,
	],
	ids=shorten,
)
def test_a_tax_number_that_is_none_or_another_persons_is_refused(npwp):
	with pytest.raises(InvalidInput) as error:
		apply(npwp=npwp)
	assert "npwp" in error.value.faults


@pytest.mark.parametrize(
	"nib", ["0" * 13, "912000123456", "91200012345678", "912000123456A", HUGE], ids=shorten
)
def test_a_nib_has_thirteen_digits(nib):
	with pytest.raises(InvalidInput) as error:
		apply(**BUSINESS, nib=nib)
	assert "nib" in error.value.faults


def test_a_business_needs_its_name_and_a_person_has_none():
	with pytest.raises(InvalidInput) as error:
		apply(applicant_type="Business", business_name="  ")
	assert "business_name" in error.value.faults
	doc = apply(business_name="CV Maju", nib="9120001234567")
	assert (doc.business_name, doc.nib) == (None, None)
	assert apply(**BUSINESS, nib="912 0001 234 567").nib == "9120001234567"


@pytest.mark.parametrize(
	"position",
	[(91, 120), (-5.1, 181), (float("nan"), 120.0), (float("inf"), 1.0), (-5.1, 0)],
	ids=str,
)
def test_a_place_on_earth_or_none(position):
	with pytest.raises(InvalidInput):
		apply(latitude=position[0], longitude=position[1])


@pytest.mark.parametrize(
	"changes", [{"purpose": " "}, {"purpose": "x" * 1001}, {"location_address": "x" * 501}]
)
def test_the_purpose_is_said_in_measure(changes):
	with pytest.raises(InvalidInput):
		apply(**changes)


# Nobody writes what the app writes
# ---------------------------------------------------------------------------

FORGED = {
	"licence_number": "503/9999/IUMK/DPMPTSP/I/2026",
	"issued_at": "2026-01-01 08:00:00",
	"valid_until": "2099-01-01",
	"revoked": 1,
	"recommended_by": "Administrator",
	"decided_by": "Administrator",
	"decided_at": "2026-01-01 08:00:00",
	"needs_signature": 0,
}


def assert_not_forged(doc):
	for field in FORGED:
		assert not doc.get(field) or field == "needs_signature", field
	assert doc.needs_signature == 1


@pytest.mark.parametrize("user", [FRONT_DESK, "Administrator"])
def test_a_number_cannot_be_typed_at_any_door(user):
	made = at(user, lambda: client.insert(application_values(**FORGED)))
	doc = frappe.get_doc(DOCTYPE, made["name"])
	assert_not_forged(doc)
	doc.update(FORGED)
	at(user, doc.save)
	assert_not_forged(reload(doc))
	at(user, lambda: client.set_value(DOCTYPE, doc.name, dict(FORGED)))
	assert_not_forged(reload(doc))


def test_an_import_makes_ordinary_applications():
	frappe.flags.in_import = True
	try:
		doc = frappe.get_doc(application_values(**FORGED, workflow_state="Izin Terbit")).insert()
	finally:
		frappe.flags.in_import = False
	assert_not_forged(doc)
	assert doc.stage == stages.RECEIVED


def test_another_agency_neither_sees_nor_touches_licences():
	doc = apply()
	make_person("petugas.kependudukan@example.com", "Kartini", ("Service Officer", "Operator"), "Disdukcapil")
	frappe.set_user("petugas.kependudukan@example.com")
	assert doc.name not in frappe.get_list(DOCTYPE, pluck="name")
	assert not frappe.has_permission(DOCTYPE, "read", doc.name)
	frappe.set_user(stranger_officer())
	assert frappe.has_permission(DOCTYPE, "read", doc.name)


# Deciding
# -----------------------------------------------------------------------------------------------------


def test_a_licence_is_recommended_approved_and_signed_by_different_hands():
	doc = issued()
	assert (doc.recommended_by, doc.decided_by) == (TECHNICAL, APPROVER)
	assert doc.stage == stages.READY
	assert doc.licence_number
	assert signed_record(doc).number == doc.licence_number


def test_a_recommendation_says_what_and_why():
	doc = to_be_recommended()
	with pytest.raises(decision.NotDecidedYet):
		step(doc, TECHNICAL, trigger=moves.RECOMMENDED)
	with pytest.raises(decision.NotDecidedYet):
		step(doc, TECHNICAL, trigger=moves.RECOMMENDED, recommendation="Refuse", recommendation_note=" ")


def give_role(email: str, *roles: str):
	user = frappe.get_doc("User", email)
	user.add_roles(*roles)


def approve_by(user: str, doc, door: str):
	"""Try to approve at one of the doors."""
	target = "Menunggu Tanda Tangan"
	if door == "action":
		step(doc, user, trigger=moves.APPROVED)
	elif door == "save":
		fresh = reload(doc)
		fresh.workflow_state = target
		at(user, fresh.save)
	else:
		at(user, lambda: client.set_value(DOCTYPE, doc.name, "workflow_state", target))


@pytest.mark.parametrize("door", ["action", "save", "rest"])
@pytest.mark.parametrize("hand", ["entered", "recommended"])
def test_nobody_approves_what_they_had_a_hand_in(hand, door):
	user = {"entered": FRONT_DESK, "recommended": TECHNICAL}[hand]
	give_role(user, "Approver")
	doc = recommended()
	with pytest.raises((frappe.PermissionError, frappe.ValidationError, AssertionError)):
		approve_by(user, doc, door)
	assert reload(doc).workflow_state == doc.workflow_state
	approve_by(HEAD, doc, door)
	assert reload(doc).decided_by == HEAD


@pytest.mark.parametrize("door", ["action", "save", "rest"])
def test_who_was_on_the_visit_does_not_approve(door):
	doc = inspected(INSPECTOR, TECHNICAL)
	doc = step(doc, TECHNICAL, trigger=moves.RECOMMENDED, recommendation="Grant")
	with pytest.raises(decision.FourEyes, match="memeriksa"):
		approve_by(INSPECTOR, doc, door)
	assert reload(doc).workflow_state == doc.workflow_state
	approve_by(APPROVER, doc, door)
	assert reload(doc).decided_by == APPROVER


def test_who_was_on_the_visit_does_not_sign():
	give_role(HEAD, "Survey Team")
	doc = inspected(HEAD, TECHNICAL)
	doc = step(doc, TECHNICAL, trigger=moves.RECOMMENDED, recommendation="Grant")
	doc = step(doc, APPROVER, trigger=moves.APPROVED)
	(row,) = sign(doc)
	assert row["signed_document"] is None
	assert "orang lain" in row["error"].lower()
	assert not reload(doc).licence_number
	assert not frappe.db.exists("Signed Document", {"reference_name": doc.name})


def inspected(*team: str):
	"""Return an application whose place `team` has visited; the first of them held the phone."""
	reason = frappe.get_cached_doc("Public Service", "REKLAME").reasons()[0]
	doc = checked(service="REKLAME", reason=reason)
	phone = TeamPhone(at(FRONT_DESK, lambda: planned(doc, team=list(team))), team[0])
	phone.starts()
	phone.does_everything_asked()
	assert phone.finishes()["ok"]
	return reload(doc)


@pytest.mark.parametrize("hand", ["entered", "recommended"])
def test_nobody_signs_what_they_had_a_hand_in(hand):
	doc = approved()
	field = {"entered": "owner", "recommended": "recommended_by"}[hand]
	frappe.db.set_value(DOCTYPE, doc.name, field, HEAD, update_modified=False)
	(row,) = sign(doc)
	assert row["signed_document"] is None
	assert "orang lain" in row["error"].lower()
	assert not reload(doc).licence_number


def test_administrator_too_is_held_to_four_eyes():
	doc = frappe.get_doc(application_values()).insert()
	frappe.db.set_value(DOCTYPE, doc.name, "workflow_state", "Menunggu Persetujuan", update_modified=False)
	with pytest.raises((decision.FourEyes, AssertionError)):
		step(doc, "Administrator", trigger=moves.APPROVED)
	with pytest.raises(decision.FourEyes):
		approve_by("Administrator", doc, "save")


def test_nothing_is_approved_while_papers_are_missing():
	doc = recommended()
	row = next(row for row in doc.papers if not row.optional)
	frappe.db.set_value("Request Paper", row.name, "state", "Missing")
	with pytest.raises(decision.NotDecidedYet) as error:
		step(doc, APPROVER, trigger=moves.APPROVED)
	assert row.requirement in str(error.value)


@pytest.mark.parametrize("door", ["action", "save", "rest"])
def test_nothing_is_marked_as_signed_without_a_signature(door):
	doc = approved()
	target = "Izin Terbit"
	with pytest.raises((NotSignedYet, frappe.PermissionError)):
		if door == "action":
			step(doc, HEAD, trigger=moves.SIGNED)
		elif door == "save":
			fresh = reload(doc)
			fresh.workflow_state = target
			at(HEAD, fresh.save)
		else:
			at(HEAD, lambda: client.set_value(DOCTYPE, doc.name, "workflow_state", target))
	assert reload(doc).stage == stages.DECIDING


def test_a_refusal_gives_reasons_and_what_to_do():
	doc = recommended()
	with pytest.raises(decision.NotDecidedYet):
		step(doc, APPROVER, stage=stages.REJECTED, rejection_reason="Tidak sesuai tata ruang")
	doc = step(doc, APPROVER, stage=stages.REJECTED, rejection_advice="Ajukan di tempat lain")
	assert (doc.stage, doc.decided_by) == (stages.REJECTED, APPROVER)
	letter = text_of(printing.attach_pdf(doc, "Surat Penolakan Izin")["fcontent"])
	assert "Tidak sesuai tata ruang" in letter
	assert "Ajukan di tempat lain" in letter
	(said,) = frappe.get_all(
		"Chat Message", {"reference_name": doc.name, "text": ("like", "%Tidak sesuai%")}, pluck="text"
	)
	assert "Ajukan di tempat lain" in said


# Numbers
# ------------------------------------------------------------------------------------------------------


def test_numbers_follow_the_pattern_and_never_repeat():
	first, second = approved(), approved()
	rows = sign(first, second)
	assert [row["error"] for row in rows] == [None, None]
	numbers = [reload(doc).licence_number for doc in (first, second)]
	assert len(set(numbers)) == 2
	day = getdate(nowdate())
	for number in numbers:
		place, count, code, agency, month, year = number.split("/")
		assert (place, code, agency, year) == ("503", "IUMK", "DPMPTSP", str(day.year))
		assert month == licence_numbers.MONTHS[day.month - 1]
		assert len(count) == 4
	assert int(numbers[1].split("/")[1]) == int(numbers[0].split("/")[1]) + 1


def test_a_signature_that_fails_leaves_no_gap():
	first, second = approved(), approved()
	(failed,) = sign(first, passphrase="salah")
	assert failed["error"]
	assert not reload(first).licence_number
	(done,) = sign(second)
	assert done["error"] is None
	(later,) = sign(first)
	assert later["error"] is None
	counts = [int(reload(doc).licence_number.split("/")[1]) for doc in (second, first)]
	assert counts[1] == counts[0] + 1


def test_numbers_used_under_another_pattern_are_skipped():
	doc = issued()
	service = frappe.get_doc("Public Service", "IUMK")
	used = int(doc.licence_number.split("/")[1])
	frappe.db.sql("update `tabSeries` set current = %s where name like 'IZIN-IUMK-%%'", used - 1)
	assert int(licence_numbers.allot(DOCTYPE, service, nowdate()).split("/")[1]) == used + 1


@pytest.mark.parametrize(
	"pattern", ["503/{nomor}", "{tahun}/X", "{nomor}/{tahun}/{x}", "{nomor/{tahun}", "{nomor}{tahun}{{}}"]
)
def test_a_pattern_without_counter_and_year_is_refused(pattern):
	service = frappe.get_doc("Public Service", "IUMK")
	service.licence_number_pattern = pattern
	with pytest.raises(licence_numbers.BadPattern):
		service.save()


def test_an_administrator_writes_the_pattern():
	service = frappe.get_doc("Public Service", "SIP")
	service.licence_number_pattern = "SIP.{nomor}/{tahun}"
	service.save()
	doc = issued(service="SIP", reason="Baru")
	assert doc.licence_number.startswith("SIP.")
	assert str(doc.valid_until) == add_months(nowdate(), 60)
	frappe.clear_document_cache("Public Service", "SIP")


# The print
# ----------------------------------------------------------------------------------------------------


def test_the_signed_licence_carries_number_holder_validity_and_an_administrators_field():
	with added_field(DOCTYPE, "luas_tempat", "Luas tempat (m²)"):
		doc = issued(service="REKLAME", reason="Baru", luas_tempat="24 meter persegi", **BUSINESS)
		printed = text_of(records.content_of(signed_record(doc)))
	for wanted in (
		doc.licence_number,
		"CV Maju Bersama",
		"24 meter persegi",
		"730701******0002",
		"Berlaku sampai",
	):
		assert wanted in printed
	assert NIK_FEMALE not in printed


# Revoking
# -----------------------------------------------------------------------------------------------------


def test_an_approver_revokes_and_page_and_register_say_so():
	doc = issued()
	link = doc.digital_copy()
	with pytest.raises(frappe.ValidationError):
		at(APPROVER, lambda: reload(doc).revoke(" "))
	at(APPROVER, lambda: reload(doc).revoke("Data yang diberikan tidak benar"))
	doc = reload(doc)
	assert (doc.revoked, doc.revoked_by) == (1, APPROVER)
	record = signed_record(doc)
	page = visit(f"/verifikasi/{record.verification_code}").get_data(as_text=True)
	assert "Data yang diberikan tidak benar" in page
	assert doc.digital_copy() == ""
	assert visit(link[link.index("/salinan") :]).status_code == 404
	with pytest.raises(decision.NotDecidedYet):
		at(APPROVER, lambda: reload(doc).revoke("Sekali lagi dicabut"))


def test_the_register_follows_a_revocation_of_the_signed_document():
	doc = issued()
	at(APPROVER, lambda: signed_record(doc).revoke("Salah ketik nama pemegang"))
	assert reload(doc).revocation_reason == "Salah ketik nama pemegang"


@pytest.mark.parametrize("user", [FRONT_DESK, TECHNICAL])
def test_others_revoke_nothing(user):
	doc = issued()
	with pytest.raises(frappe.PermissionError):
		at(user, lambda: reload(doc).revoke("Karena saya mau begitu"))
	assert not reload(doc).revoked


# The form
# -----------------------------------------------------------------------------------------------------

ROUTE = "/jempol-sehati"


def form_values(token, **changes) -> dict:
	typed = {
		"token": token,
		"layanan": "IUMK",
		"applicant_name": "Sitti Rahmah",
		"nik": NIK_FEMALE,
		"whatsapp_number": PHONE,
		"village": VILLAGE,
		"address": "Jalan Persatuan Raya 5",
		"applicant_type": "Person",
		"purpose": "Warung kelontong",
		"handover_method": "Digital",
		"latitude": "-5,124500",
		"longitude": "120.253",
		"consent": "1",
	}
	return {**typed, **changes}


def send(**changes):
	"""Send the form as a page does, papers included."""
	token = uploads.new_token()
	for row in frappe.get_doc("Public Service", "IUMK").requirements_for(None):
		uploads.store(token, "jempol-sehati", row.requirement, photo(f"#{row.idx:02}7799"))
	form = web_form.RequestForm(frappe.get_doc("Web Form", "jempol-sehati"), form_values(token, **changes))
	return frappe.get_doc(DOCTYPE, {"tracking_code": form.submit({})})


def test_the_public_form_takes_a_position_without_script():
	page = visit(f"{ROUTE}?layanan=IUMK").get_data(as_text=True)
	assert 'name="latitude"' in page
	assert "Gunakan posisi saya" in page
	doc = at("Guest", send)
	assert (round(doc.latitude, 4), round(doc.longitude, 4)) == (-5.1245, 120.253)
	assert (doc.channel, doc.owner, doc.handover_method) == ("Web", "Guest", "Digital")


@pytest.mark.parametrize("latitude", ["nan", "inf", "1e999", "-5.1.2", "lima", "95"])
def test_a_position_that_is_none_is_told_beside_its_field(latitude):
	with pytest.raises(InvalidInput) as error:
		at("Guest", lambda: send(latitude=latitude))
	assert "latitude" in error.value.faults


def test_a_field_an_administrator_adds_flows_through_the_form():
	shown = {"fieldname": "jenis_usaha", "fieldtype": "Data", "label": "Jenis usaha"}
	with added_field(DOCTYPE, "jenis_usaha", "Jenis usaha"):
		form = frappe.get_doc("Web Form", "jempol-sehati")
		form.append("web_form_fields", shown)
		form.save()
		assert 'name="jenis_usaha"' in visit(f"{ROUTE}?layanan=IUMK").get_data(as_text=True)
		assert at("Guest", lambda: send(jenis_usaha="Kuliner")).jenis_usaha == "Kuliner"
	frappe.clear_document_cache("Web Form", "jempol-sehati")


def test_the_forms_other_door_takes_nothing_that_is_not_asked():
	doc = at("Guest", lambda: send(**{key: str(value) for key, value in FORGED.items()}, stage="Ready"))
	assert_not_forged(doc)
	assert doc.stage == stages.RECEIVED


def test_digital_is_not_offered_where_nothing_is_signed():
	with pytest.raises(InvalidInput) as error:
		frappe.get_doc(
			{
				"doctype": "Civil Document Request",
				"service": "KTP-EL",
				"reason": "Rusak",
				"channel": "Counter",
				"applicant_name": "Andi Baso",
				"nik": NIK_MALE,
				"whatsapp_number": PHONE,
				"village": VILLAGE,
				"handover_method": "Digital",
			}
		).insert()
	assert "handover_method" in error.value.faults


# Village officers and applicants with an account
# -----------------------------------------------------------------


def test_a_village_officer_enters_for_people_of_the_own_village():
	doc = at(VILLAGE_OFFICER, send)
	assert (doc.channel, doc.owner) == ("Village Officer", VILLAGE_OFFICER)
	assert doc.submitted_by_name
	assert doc.submitter_relation == "Aparat desa/kelurahan" or doc.submitter_relation
	codes = at(VILLAGE_OFFICER, lambda: [row["code"] for row in own_requests.of_user()])
	assert codes == [f"{doc.tracking_code[:5]}-{doc.tracking_code[5:]}"]


def test_a_village_officer_sees_and_enters_no_other_village():
	with pytest.raises(InvalidInput) as error:
		at(VILLAGE_OFFICER, lambda: send(village=OTHER_VILLAGE))
	assert "village" in error.value.faults
	groups = at(VILLAGE_OFFICER, lambda: web_form.village_groups([VILLAGE]))
	assert [code for _district, members in groups for code, _name in members] == [VILLAGE]
	with pytest.raises(InvalidInput):
		at(
			VILLAGE_OFFICER,
			lambda: frappe.get_doc(
				application_values(channel="Village Officer", village=OTHER_VILLAGE)
			).insert(ignore_permissions=True),
		)


def test_a_village_officer_without_a_village_enters_nothing():
	frappe.db.delete("User Permission", {"user": VILLAGE_OFFICER})
	frappe.cache.hdel("user_permissions", VILLAGE_OFFICER)
	with pytest.raises(InvalidInput):
		at(VILLAGE_OFFICER, send)
	assert at(VILLAGE_OFFICER, own_requests.of_user) == []
	frappe.cache.hdel("user_permissions", VILLAGE_OFFICER)


@pytest.mark.parametrize("user", ["Guest", FRONT_DESK])
def test_nobody_else_enters_in_a_village_officers_name(user):
	with pytest.raises((InvalidInput, frappe.PermissionError)) as error:
		at(user, lambda: frappe.get_doc(application_values(channel="Village Officer")).insert())
	assert user == "Guest" or "channel" in error.value.faults


@pytest.mark.parametrize("user", [VILLAGE_OFFICER, "warga.akun@example.com"])
def test_accounts_without_an_office_read_nothing_past_the_page(user):
	make_person("warga.akun@example.com", "Nurdin", (), None)
	doc = at(user, send)
	frappe.set_user(user)
	assert not frappe.has_permission(DOCTYPE, "read", doc.name)
	with pytest.raises(frappe.PermissionError):
		frappe.get_list(DOCTYPE)
	with pytest.raises(frappe.PermissionError):
		client.get(DOCTYPE, doc.name)


def test_an_applicant_with_an_account_sees_the_own_ones_only():
	make_person("warga.akun@example.com", "Nurdin", (), None)
	doc = at("warga.akun@example.com", send)
	apply()
	rows = at("warga.akun@example.com", own_requests.of_user)
	assert [row["url"] for row in rows] == [f"/lacak?kode={doc.tracking_code}"]
	assert at("Guest", own_requests.of_user) == []


# The digital copy
# ---------------------------------------------------------------------------------------------


def page_of(link: str):
	return visit(link[link.index("/salinan") :])


def token_of(link: str) -> str:
	return link.rpartition("/")[2]


def download(token: str):
	frappe.local.response = frappe._dict()
	frappe.set_user("Guest")
	copies.download(token)
	frappe.set_user("Administrator")
	return frappe.local.response


def test_the_link_is_told_and_only_its_button_hands_over():
	doc = issued(handover_method="Digital")
	link = doc.digital_copy()
	told = frappe.get_all("Chat Message", {"reference_name": doc.name, "text": ("like", "%/salinan/%")})
	assert len(told) == 1
	page = page_of(link)
	assert page.status_code == 200
	assert doc.licence_number in page.get_data(as_text=True)
	assert reload(doc).stage == stages.READY
	answer = download(token_of(link))
	assert answer.filecontent[:5] == b"%PDF-"
	assert "/" not in answer.filename
	doc = reload(doc)
	assert doc.stage == stages.COMPLETED
	row = frappe.get_doc("Request Delivery", {"reference_name": doc.name})
	assert (row.method, row.state, row.receiver_relation) == ("Digital", "Handed Over", "Applicant")
	assert download(token_of(link)).filecontent
	assert len([event for event in doc.timeline() if event.label == frappe._("Digital copy opened")]) == 1


def test_a_copy_of_what_is_collected_completes_nothing():
	doc = issued()
	assert download(token_of(doc.digital_copy())).filecontent
	assert reload(doc).stage == stages.READY
	assert not frappe.db.exists("Request Delivery", {"reference_name": doc.name})


def test_wrong_expired_and_malformed_links_are_answered_alike():
	doc = issued()
	name = signed_record(doc).name
	good = copies.token(name)
	head, moment, key = good.split("-")
	wrong = [
		copies.token(name, days=-1),
		f"{head}-{int(moment) + 86400}-{key}",
		f"{head}-{moment}-{key[:-1]}{'0' if key[-1] != '0' else '1'}",
		f"{frappe.generate_hash(length=10)}-{moment}-{key}",
		"x",
		"--",
		f"{head}-²-{key}",
		"%00",
		"a" * 5000,
	]
	pages = {visit(f"/salinan/{token}").get_data(as_text=True) for token in wrong}
	assert len(pages) == 1
	assert all(visit(f"/salinan/{token}").status_code == 404 for token in wrong)
	assert all(download(token).type == "redirect" for token in wrong)
	assert visit(f"/salinan/{good}").status_code == 200


def test_links_are_limited_by_address(monkeypatch):
	monkeypatch.setattr(copies, "PER_HOUR", 3)
	for _try in range(3):
		assert visit("/salinan/x").status_code == 404
	assert visit("/salinan/x").status_code == 429


def test_the_tracking_page_gives_a_fresh_link():
	doc = issued()
	page = visit("/lacak", "POST", {"kode": doc.tracking_code, "hp": doc.whatsapp_number[-4:]})
	assert "/salinan/" in page.get_data(as_text=True)
	assert handover.DIGITAL == "Digital"
