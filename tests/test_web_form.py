"""The public form: what a citizen sees, what is taken, what is told when it cannot be taken."""

import io
import re
from pathlib import Path

import pytest
from helpers import NIK_MALE, NO_KK, PHONE, VILLAGE, pdf, photo, request_values, shorten, visit
from PIL import Image

import frappe

from sinjai_services.requests import uploads, web_form

ROUTE = "/pencet-wa"


@pytest.fixture
def token():
	return uploads.new_token()


def values(token, **changes) -> dict:
	typed = {
		"token": token,
		"layanan": "KTP-EL",
		"reason": "Rusak",
		"applicant_name": "Andi Baso",
		"nik": NIK_MALE,
		"no_kk": NO_KK,
		"whatsapp_number": PHONE,
		"village": VILLAGE,
		"consent": "1",
	}
	return {**typed, **changes}


def upload_all(token, reason="Rusak"):
	service = frappe.get_doc("Public Service", "KTP-EL")
	for row in service.requirements_for(reason):
		uploads.store(token, "pencet-wa", row.requirement, photo(f"#{row.idx:02}8899"))


def send(token, **changes):
	return visit(ROUTE, "POST", values(token, **changes))


def requests_made() -> int:
	return frappe.db.count("Civil Document Request")


def errors_of(page: str) -> set[str]:
	return set(re.findall(r'id="err-([^"]+)"', page)) | set(re.findall(r'id="error-([^"]+)"', page))


def test_without_a_choice_the_seven_documents_are_offered():
	page = visit(ROUTE).get_data(as_text=True)
	for service in frappe.get_all(
		"Public Service", {"request_doctype": "Civil Document Request"}, pluck="name"
	):
		assert f"layanan={service}" in page


def test_the_form_shows_the_requirements_of_the_chosen_document():
	page = visit(f"{ROUTE}?layanan=KTP-EL").get_data(as_text=True)
	for row in frappe.get_doc("Public Service", "KTP-EL").requirements:
		assert frappe.utils.escape_html(row.requirement) in page
	assert 'name="nik"' in page
	assert "no-store" in visit(f"{ROUTE}?layanan=KTP-EL").headers["Cache-Control"]


def test_a_complete_form_becomes_one_request_with_its_papers(token):
	upload_all(token)
	answer = send(token)
	assert answer.status_code == 200
	doc = frappe.get_last_doc("Civil Document Request")
	page = answer.get_data(as_text=True)
	assert f"{doc.tracking_code[:5]}-{doc.tracking_code[5:]}" in page
	assert doc.name not in page
	assert NIK_MALE not in page
	assert (doc.channel, doc.applicant_name) == ("Web", "Andi Baso")
	assert {row.state for row in doc.papers} == {"To Check"}
	files = frappe.get_all("File", {"attached_to_name": doc.name}, ["file_url", "is_private"])
	assert {file.file_url for file in files} == {row.file for row in doc.papers}
	assert all(file.is_private for file in files)


def test_the_same_form_sent_twice_makes_one_request(token):
	upload_all(token)
	first, before = send(token).get_data(as_text=True), requests_made()
	second = send(token).get_data(as_text=True)
	assert requests_made() == before
	code = frappe.get_last_doc("Civil Document Request").tracking_code
	assert code[:5] in first and code[:5] in second


@pytest.mark.parametrize(
	("field", "value"),
	[
		("nik", "12"),
		("nik", ""),
		("no_kk", "x" * 500),
		("applicant_name", "A" * 200),
		("applicant_name", "Andi 😀"),
		("applicant_name", "<script>alert(1)</script>"),
		("whatsapp_number", "021 555"),
		("village", "99.99.99.9999"),
		("reason", "Karangan"),
		("consent", ""),
		("note", "n" * 5000),
	],
	ids=shorten,
)
def test_bad_input_is_told_next_to_its_field_and_nothing_typed_is_lost(token, field, value):
	upload_all(token)
	before = requests_made()
	form = web_form.RequestForm(frappe.get_doc("Web Form", "pencet-wa"), values(token, **{field: value}))
	with pytest.raises(web_form.InvalidInput):
		form.submit({})
	page = form.render()
	assert set(form.faults) == {field}
	assert requests_made() == before
	assert form.faults[field] in page or frappe.utils.escape_html(form.faults[field]) in page
	kept = "Andi Baso" if field != "applicant_name" else "0812-4100-7788"
	assert kept in page
	assert "<script>alert" not in page


def test_a_missing_paper_is_named(token):
	form = web_form.RequestForm(frappe.get_doc("Web Form", "pencet-wa"), values(token))
	with pytest.raises(web_form.InvalidInput):
		form.submit({})
	service = frappe.get_doc("Public Service", "KTP-EL")
	needed = {f"paper:{row.requirement}" for row in service.requirements_for("Rusak") if not row.optional}
	assert set(form.faults) == needed


def test_an_unknown_or_closed_service_leads_back_to_the_choice(token):
	page = visit(f"{ROUTE}?layanan=TIDAK-ADA").get_data(as_text=True)
	assert "layanan=KTP-EL" in page
	before = requests_made()
	send(token, layanan="TIDAK-ADA")
	assert requests_made() == before


@pytest.mark.parametrize("bad", ["", "abc", "1.2.3", "9999999999.x.y", "😀.😀"])
def test_a_forged_or_stale_token_makes_nothing(bad):
	before = requests_made()
	assert send(bad).status_code == 422
	assert requests_made() == before


def test_fields_that_are_not_asked_cannot_be_set(token):
	upload_all(token)
	send(
		token,
		officer_note="palsu",
		stage="Completed",
		agency="DPMPTSP",
		citizen="WRG-000001",
		tracking_code="AAAAAAAAAA",
	)
	doc = frappe.get_last_doc("Civil Document Request")
	assert (doc.stage, doc.agency, doc.citizen, doc.officer_note) == ("Received", "Disdukcapil", None, None)
	assert doc.tracking_code != "AAAAAAAAAA"


def test_somebody_elses_nik_changes_and_tells_nothing(token):
	citizen = frappe.get_doc(
		{
			"doctype": "Citizen",
			"full_name": "Pemilik Asli",
			"nik": NIK_MALE,
			"whatsapp_number": "0813 9999 1111",
		}
	).insert()
	upload_all(token)
	page = send(token, applicant_name="Orang Lain").get_data(as_text=True)
	citizen.reload()
	assert (citizen.full_name, citizen.whatsapp_number) == ("Pemilik Asli", "+6281399991111")
	assert "Pemilik" not in page
	doc = frappe.get_last_doc("Civil Document Request")
	assert (doc.applicant_name, doc.citizen) == ("Orang Lain", None)


def test_the_platforms_own_address_goes_through_the_same_door(token):
	upload_all(token)
	sent = values(token, service="KTP-EL", consent=1)
	answer = web_form.accept("pencet-wa", frappe.as_json(sent))
	doc = frappe.get_last_doc("Civil Document Request")
	assert answer == {"tracking_code": doc.tracking_code}
	with pytest.raises(frappe.ValidationError):
		web_form.accept("pencet-wa", frappe.as_json(values(uploads.new_token(), nik="1")))


@pytest.mark.parametrize("data", ["[]", '"x"', "null", "12"])
def test_nonsense_at_the_platforms_address_is_refused(data):
	with pytest.raises(frappe.ValidationError):
		web_form.accept("pencet-wa", data)


def test_a_form_the_administrator_closed_is_not_served():
	frappe.db.set_value("Web Form", "pencet-wa", "published", 0)
	frappe.clear_document_cache("Web Form", "pencet-wa")
	with pytest.raises(frappe.ValidationError):
		web_form.accept("pencet-wa", frappe.as_json(values(uploads.new_token())))
	frappe.clear_document_cache("Web Form", "pencet-wa")


def test_a_field_the_administrator_adds_is_asked_and_kept(token):
	form = frappe.get_doc("Web Form", "pencet-wa")
	form.append(
		"web_form_fields",
		{"fieldname": "submitter_relation", "fieldtype": "Data", "label": "Hubungan keluarga (diubah)"},
	)
	form.save()
	assert "Hubungan keluarga (diubah)" in visit(f"{ROUTE}?layanan=KTP-EL").get_data(as_text=True)
	frappe.clear_document_cache("Web Form", "pencet-wa")


# Papers ------------------------------------------------------------------------------------------------


def keep(token, content, slot=None):
	slot = slot or frappe.get_doc("Public Service", "KTP-EL").requirements[0].requirement
	return uploads.store(token, "pencet-wa", slot, content)


@pytest.mark.parametrize("content", [photo(), photo(kind="PNG"), pdf(3)], ids=["jpeg", "png", "pdf"])
def test_pictures_and_pdfs_are_taken_and_private(token, content):
	file = keep(token, content)
	assert file.is_private
	assert file.attached_to_doctype == "Upload Token"


def test_heic_from_a_phone_becomes_a_jpeg(token):
	import pillow_heif

	out = io.BytesIO()
	pillow_heif.from_pillow(Image.open(io.BytesIO(photo("teal")))).save(out)
	assert keep(token, out.getvalue()).file_name.endswith(".jpg")


@pytest.mark.parametrize(
	"content",
	[
		b"",
		b"MZ\x90\x00 program",
		b"<html><script>alert(1)</script></html>",
		b"\xff\xd8\xff\xe0 no picture at all",
		b"%PDF-1.7 broken",
		b"GIF89a\x01\x00\x01\x00",
		pdf(101),
	],
	ids=["empty", "program", "html", "broken-jpeg", "broken-pdf", "gif", "long-pdf"],
)
def test_what_is_no_paper_is_refused_with_a_sentence(token, content):
	with pytest.raises(uploads.RefusedUpload) as refusal:
		keep(token, content)
	assert str(refusal.value).endswith(".")
	assert uploads.uploaded(token) == []


def test_a_locked_pdf_is_refused(token):
	import pikepdf

	with pytest.raises(uploads.RefusedUpload):
		keep(token, pdf(encryption=pikepdf.Encryption(owner="a", user="b")))


def test_a_large_file_is_refused(token):
	with pytest.raises(uploads.RefusedUpload) as refusal:
		keep(token, b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024))
	assert "10" in str(refusal.value)


def test_position_and_program_code_do_not_survive(token):
	picture = Image.open(io.BytesIO(photo("teal")))
	exif = picture.getexif()
	exif[0x010E] = "rahasia"
	out = io.BytesIO()
	picture.save(out, "JPEG", exif=exif)
	file = keep(token, out.getvalue() + b"<?php system('id'); ?>")
	content = frappe.get_doc("File", file.name).get_content()
	assert b"rahasia" not in content
	assert b"<?php" not in content


def test_scripts_in_a_pdf_do_not_survive(token):
	import pikepdf

	out = io.BytesIO()
	document = pikepdf.new()
	document.add_blank_page()
	document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
	document.save(out)
	stored = frappe.get_doc("File", keep(token, out.getvalue()).name)
	with pikepdf.open(stored.get_full_path()) as clean:
		assert "/OpenAction" not in clean.Root


def test_a_huge_picture_in_a_small_file_is_refused(token):
	out = io.BytesIO()
	Image.new("1", (12000, 12000)).save(out, "PNG")
	with pytest.raises(uploads.RefusedUpload):
		keep(token, out.getvalue())


def test_a_second_photograph_replaces_the_first(token):
	keep(token, photo("navy"))
	keep(token, photo("maroon"))
	assert len(uploads.uploaded(token)) == 1


def test_a_paper_nobody_asked_for_is_refused(token):
	with pytest.raises(uploads.RefusedUpload):
		keep(token, photo(), slot="../../etc/passwd")


def test_endless_uploads_are_stopped(token):
	frappe.get_cached_doc("Sinjai Settings").max_uploads = 1
	with pytest.raises(uploads.RefusedUpload):
		for attempt in range(10):
			keep(token, photo(f"#{attempt:02}0000", size=(8, 8)))
	frappe.clear_document_cache("Sinjai Settings", "Sinjai Settings")


def test_what_was_never_sent_is_removed(token):
	file = keep(token, photo("indigo"))
	path = frappe.get_doc("File", file.name).get_full_path()
	frappe.db.set_value("Upload Token", uploads.token_key(token), "expires_at", "2020-01-01")
	uploads.remove_expired()
	assert not frappe.db.exists("File", file.name)
	assert not Path(path).exists()


def test_a_paper_of_the_form_can_be_read_by_no_guest_and_no_foreign_officer(token):
	from helpers import officer, stranger_officer

	upload_all(token)
	send(token)
	doc = frappe.get_last_doc("Civil Document Request")
	file = frappe.get_doc("File", {"attached_to_name": doc.name})
	for user, allowed in (("Guest", False), (stranger_officer(), False), (officer(), True)):
		frappe.set_user(user)
		assert bool(file.has_permission("read")) == allowed, user


def test_without_script_the_papers_come_with_the_form(token):
	data = values(token)
	for row in frappe.get_doc("Public Service", "KTP-EL").requirements_for("Rusak"):
		data[f"paper:{row.requirement}"] = (io.BytesIO(photo(f"#44{row.idx:02}44")), "IMG 0001.JPG")
	before = requests_made()
	assert visit(ROUTE, "POST", data).status_code == 200
	assert requests_made() == before + 1
	assert request_values()["applicant_name"] == frappe.get_last_doc("Civil Document Request").applicant_name
