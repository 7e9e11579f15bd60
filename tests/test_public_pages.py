"""The public face: what a citizen on a cheap phone gets, and what no page may show or keep."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from helpers import PHONE, new_request
from werkzeug.wrappers import Response

import frappe
from frappe.translate import get_language
from frappe.utils import set_request
from frappe.website.serve import get_response

from sinjai_services.requests import catalogue, tracking, wording
from sinjai_services.requests.language import set_public_language
from sinjai_services.www import lacak

APP = Path(frappe.get_app_path("sinjai_services"))
SCRIPT = APP / "public" / "js" / "sinjai_public_form.js"
STATIC = ("beranda", "layanan", "layanan?kode=KTP-EL", "lacak", "404")
FORMS = ("pencet-wa", "pencet-wa?layanan=KTP-EL")
LAST4 = PHONE[-4:]
HOSTILE = """</textarea><script>alert(1)</script>{{ 7 * 7 }}{% raise %}"><img src=x onerror=alert(1)>"""


@pytest.fixture(autouse=True)
def fresh():
	catalogue.forget_rows()
	yield
	catalogue.forget_rows()
	frappe.local.request = None


def visit(address: str, data: dict | None = None, user: str = "Guest", language: str = "en-GB,en"):
	"""Return the response to `address`, asked for by a browser that speaks English unless told otherwise."""
	path, _, query = address.partition("?")
	set_request(
		method="POST" if data is not None else "GET",
		path=f"/{path}",
		query_string=query,
		data=data,
		headers={"Accept-Language": language},
	)
	frappe.set_user(user)
	frappe.local.form_dict = frappe._dict({**frappe.request.args.to_dict(), **frappe.request.form.to_dict()})
	frappe.local.response = frappe._dict(docs=[])
	frappe.local.lang = get_language()
	frappe.local.jenv = None
	set_public_language()
	return get_response()


def page(address: str, data: dict | None = None, **options) -> BeautifulSoup:
	return BeautifulSoup(visit(address, data, **options).get_data(as_text=True), "html.parser")


def text(soup: BeautifulSoup) -> str:
	return " ".join(soup.find("main").get_text(" ").split())


def stated_sentences() -> set[str]:
	"""Return the English sentences of our own templates, as they stand in the source."""
	found = set()
	for file in [*(APP / "www").glob("*.html"), *(APP / "templates" / "sinjai").glob("*.html")]:
		found |= set(re.findall(r"""_\(["'](.+?)["']\)""", file.read_text(encoding="utf-8")))
	return {sentence for sentence in found if len(sentence.split()) > 2}


# Every page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", STATIC + FORMS)
def test_page_stays_small(address):
	html = visit(address).get_data()
	script = SCRIPT.stat().st_size if b"sinjai_public_form.js" in html else 0
	assert len(html) + script < 60_000
	if not script:
		assert len(html) < 40_000


@pytest.mark.parametrize("address", STATIC + FORMS)
def test_page_stands_alone(address):
	soup = page(address)
	loaded = [tag.get("src") or tag.get("href") for tag in soup.find_all(["script", "link", "img", "iframe"])]
	assert all(url.startswith(("/", "data:")) and not url.startswith("//") for url in loaded if url)
	assert not any("/assets/frappe" in url for url in loaded if url)
	assert soup.find("html")["lang"] == "id"
	assert soup.select_one(".skip")["href"] == "#main" and soup.find(id="main")
	assert len(soup.find_all("h1")) == 1


@pytest.mark.parametrize("address", STATIC + FORMS)
def test_every_input_has_a_label(address):
	soup = page(address)
	for tag in soup.find_all(["input", "select", "textarea"]):
		if tag.get("type") != "hidden":
			assert soup.find("label", attrs={"for": tag["id"]}), tag
	for tag in soup.select("[aria-describedby]"):
		for name in tag["aria-describedby"].split():
			assert soup.find(id=name), tag


@pytest.mark.parametrize("address", STATIC + FORMS)
def test_no_english_for_an_english_phone(address):
	shown = text(page(address, language="en"))
	assert not [sentence for sentence in stated_sentences() if sentence in shown]


@pytest.mark.parametrize("address", STATIC[:4])
def test_page_is_not_cached_by_the_platform(address):
	visit(address)
	assert not frappe.cache.hget("website_page", address.partition("?")[0])


def test_answers_to_a_query_are_not_shown_to_the_next():
	assert "zzz" in visit("layanan?q=zzz").get_data(as_text=True)
	assert "zzz" not in visit("layanan").get_data(as_text=True)


def test_script_holds_no_sentences():
	code = re.sub(r"//.*", "", SCRIPT.read_text(encoding="utf-8"))
	assert not re.findall(r"""["'`][A-Z][a-z]+ [a-z]+ [a-z]+""", code)


def test_page_not_found():
	response = visit("tidak-ada")
	assert response.status_code == 404
	assert "/layanan" in response.get_data(as_text=True)


def test_failing_page_shows_a_guest_no_traceback(monkeypatch):
	def fail():
		raise RuntimeError("secret detail")

	monkeypatch.setattr(catalogue, "published_services", fail)
	response = visit("beranda")
	assert response.status_code == 500
	assert "secret detail" not in response.get_data(as_text=True)


# The catalogue ------------------------------------------------------------------------------------------


def test_start_page_leads_to_the_letter_form_while_there_is_one():
	form = frappe.get_doc("Web Form", {"doc_type": "Incoming Letter"})
	assert page("").find("a", href=f"/{form.route}")
	frappe.db.set_value("Web Form", form.name, "published", 0)
	assert not page("").find("a", href=f"/{form.route}")


def test_catalogue_lists_services_by_agency():
	soup = page("layanan")
	assert "KTP" in soup.select_one(".group .card h3").get_text()
	assert soup.select_one(".card a")["href"].startswith("/layanan?kode=")


def test_standard_is_published_in_full():
	service = frappe.get_doc("Public Service", "KTP-EL")
	shown = text(page("layanan?kode=ktp-el"))
	for line in catalogue.lines(service.legal_basis) + catalogue.lines(service.procedure):
		assert line in shown
	for row in service.requirements:
		assert row.requirement in shown
	assert page("layanan?kode=ktp-el").select_one(".button")["href"] == "/pencet-wa?layanan=KTP-EL"


def test_unknown_service_shows_the_list():
	response = visit("layanan?kode=TIDAK-ADA")
	assert response.status_code == 404
	assert "KTP-EL" in response.get_data(as_text=True)


def test_change_of_a_service_shows_at_once():
	assert catalogue.service_standard("KTP-EL")
	service = frappe.get_doc("Public Service", "KTP-EL")
	service.fee = 50000
	service.save()
	assert catalogue.service_standard("KTP-EL")["fee_text"] == "Rp50.000"
	service.active = 0
	service.save()
	assert not catalogue.service_standard("KTP-EL")


def test_closed_form_gives_no_link():
	form = frappe.get_doc("Web Form", "pencet-wa")
	form.published = 0
	form.save()
	assert catalogue.service_standard("KTP-EL")["form_url"] is None
	assert not page("layanan?kode=KTP-EL").select_one(".button")


def test_private_picture_is_no_example():
	assert wording.public_file("/private/files/ktp.jpg") is None
	assert wording.public_file("https://example.com/ktp.jpg") is None
	assert wording.public_file("/files/ktp.jpg") == "/files/ktp.jpg"


@pytest.mark.parametrize("query", ["ktp", "KTP el", "ktpel", "bikin ktp hilang", "kartu tanda penduduk"])
def test_search_finds_what_people_type(query):
	assert "KTP-EL" in [found["code"] for found in catalogue.search(catalogue.published_services(), query)]


def test_search_without_a_hit_says_so():
	soup = page("?q=helikopter")
	assert not soup.select(".card") and soup.select_one(".notice")


def test_typed_words_are_only_text():
	soup = page("?q=" + "%3Cscript%3Ealert(1)%3C/script%3E%7B%7B7*7%7D%7D")
	assert not soup.find_all("script")
	assert soup.find(id="q")["value"] == "<script>alert(1)</script>{{7*7}}"


# Words --------------------------------------------------------------------------------------------------


def test_dates_are_written_in_indonesian():
	frappe.local.lang = "en"
	assert wording.long_datetime("2026-11-25 14:00:00") == "Rabu, 25 November 2026 pukul 14.00 WITA"
	assert wording.long_datetime(None) == ""


@pytest.mark.parametrize(
	("terms", "expected"),
	[
		({"promise_unit": "Minutes", "promise_value": 15}, "15 menit"),
		({"promise_unit": "Working Hours", "promise_value": 4}, "4 jam kerja"),
		({"promise_unit": "Working Days", "promise_value": 3}, "3 hari kerja"),
		({"promise_unit": "Working Days", "promise_value": 2, "round_the_clock": 1}, "2 hari"),
	],
)
def test_promise_in_words(terms, expected):
	assert wording.promise_text(frappe._dict(terms)) == expected


def test_fee_in_words():
	assert wording.fee_text(0) == wording.fee_text(None) == "Gratis"
	assert wording.fee_text(1250000) == "Rp1.250.000"


# Following a request ------------------------------------------------------------------------------------


def follow(code: str, digits: str, **options) -> BeautifulSoup:
	return page("lacak", {"kode": code, "hp": digits}, **options)


def test_course_of_a_request_is_shown_masked():
	request = new_request(applicant_name="Andi Baso Patimbangi")
	shown = text(follow(request.tracking_code, LAST4))
	assert wording.long_datetime(request.received_at) in shown
	assert wording.long_datetime(request.promised_at) in shown
	assert "Patimbangi" not in shown and request.nik_masked not in shown and PHONE not in shown


@pytest.mark.parametrize("digits", [PHONE, "+62 812-4100-7788", " 7788 "])
def test_whole_number_is_understood_too(digits):
	assert follow(new_request().tracking_code, digits).select_one(".state")


def test_code_is_understood_as_people_type_it():
	code = new_request().tracking_code
	assert follow(f" {code[:5].lower()} - {code[5:].lower()}", LAST4).select_one(".state")


def test_wrong_code_and_wrong_digits_look_the_same():
	code = new_request().tracking_code
	wrong_digits = text(follow(code, "0000"))
	assert wrong_digits == text(follow("2222222222", "0000"))
	assert not follow(code, "0000").select_one(".state")


def test_empty_fields_are_named():
	soup = follow("", "")
	targets = [link["href"] for link in soup.select("#errors a")]
	assert targets == ["#f-kode", "#f-hp"]
	assert soup.find(id="f-kode")["aria-invalid"] == "true"


def test_missing_paper_is_named_with_its_reason():
	request = new_request()
	paper = request.papers[0]
	paper.update({"state": "Refused", "refusal_reason": f"Buram {HOSTILE}"})
	request.save()
	soup = follow(request.tracking_code, LAST4)
	missing = soup.select_one(".missing")
	assert paper.requirement in missing.get_text() and "Buram" in missing.get_text()
	assert not soup.find_all("script") and not missing.find("img")


def test_too_many_lookups(monkeypatch):
	def limited(code, last4):
		raise tracking.TooManyLookups

	monkeypatch.setattr(tracking, "identify", limited)
	response = visit("lacak", {"kode": "2222222222", "hp": LAST4})
	assert response.status_code == 429
	assert 'role="alert"' in response.get_data(as_text=True)


def test_code_in_the_address_only_fills_the_field():
	soup = page(f"lacak?kode={new_request().tracking_code}&hp={LAST4}")
	assert soup.find(id="f-kode")["value"] and not soup.select_one(".state")


def test_personal_page_is_kept_nowhere():
	response = Response()
	visit("lacak")
	lacak.keep_out_of_caches(response=response, request=frappe.request)
	assert response.headers["Cache-Control"] == "no-store"
	other = Response()
	visit("layanan")
	lacak.keep_out_of_caches(response=other, request=frappe.request)
	assert "Cache-Control" not in other.headers


@pytest.mark.parametrize(
	("stage", "now"),
	[("Received", 0), ("Waiting for Applicant", 1), ("Deciding", 2), ("Handing Over", 3), ("Completed", 4)],
)
def test_milestones_follow_the_stage(stage, now):
	assert [step["now"] for step in lacak.milestones(stage)].index(True) == now


@pytest.mark.parametrize("stage", ["Rejected", "Withdrawn"])
def test_who_left_the_way_has_no_milestones(stage):
	assert lacak.milestones(stage) == []


# The request form's templates ---------------------------------------------------------------------------


def rendered_form(**changes) -> BeautifulSoup:
	context = {
		"web_form": {"name": "pencet-wa", "title": "Permohonan", "introduction_html": ""},
		"agency_name": "Disdukcapil",
		"service": catalogue.service_standard("KTP-EL"),
		"items": [
			field("applicant_name", error="Nama perlu diisi.", value=HOSTILE),
			field("note", fieldtype="Small Text", value=HOSTILE),
			field(
				"reason",
				fieldtype="Select",
				options=[("Hilang", "Hilang"), ("Rusak", "Rusak")],
				error="Pilih.",
			),
			field("village", fieldtype="Link", groups=[("Sinjai Utara", [("1", "Lappa")])], value="1"),
			field("nik", fieldtype="Password"),
			{"kind": "papers", "label": "", "description": ""},
			field("consent", fieldtype="Check", error="Perlu persetujuan."),
		],
		"papers": [
			paper("Kartu Keluarga", error="Belum ada."),
			paper(
				"Surat Kehilangan", only_for=["Hilang"], uploaded={"file_name": "a.jpg", "size_text": "80 KB"}
			),
		],
		"errors": [
			{"fieldname": "applicant_name", "message": "Nama perlu diisi."},
			{"fieldname": "reason", "message": "Pilih."},
			{"fieldname": "consent", "message": "Perlu persetujuan."},
			{"fieldname": "paper:Kartu Keluarga", "message": "Belum ada."},
		],
		"form_error": None,
		"token": "token",
		"csrf_token": None,
		"action": "/pencet-wa",
		"upload_url": "/api/method/upload",
		"max_upload_mb": 10,
		**changes,
	}
	html = frappe.render_template("templates/sinjai/request_form.html", context)
	return BeautifulSoup(html, "html.parser")


def field(fieldname, **changes):
	item = {
		"kind": "field",
		"fieldname": fieldname,
		"label": fieldname.title(),
		"fieldtype": "Data",
		"reqd": True,
	}
	return {
		**item,
		"description": "",
		"value": "",
		"error": None,
		"maxlength": 140,
		"inputmode": None,
		**changes,
	}


def paper(slot, **changes):
	return {"slot": slot, "label": slot, "only_for": [], "uploaded": None, "error": None, **changes}


def test_each_error_stands_by_its_field_and_in_the_summary():
	soup = rendered_form()
	links = soup.select("#errors a")
	assert len(links) == 4
	for link in links:
		assert soup.find(id=link["href"][1:]), link
	for name in ("applicant_name", "consent"):
		tag = soup.find(id=f"f-{name}")
		assert tag["aria-invalid"] == "true"
		assert soup.find(id=tag["aria-describedby"].split()[0]).get_text()


def test_typed_text_comes_back_as_text():
	soup = rendered_form()
	assert soup.find(id="f-applicant_name")["value"] == HOSTILE
	assert soup.find(id="f-note").get_text() == HOSTILE
	assert not soup.select("main script") and not soup.select("main img[onerror]")


def test_chosen_option_stays_chosen():
	assert rendered_form().select_one("#f-village option[selected]")["value"] == "1"


def test_identity_number_is_never_offered_by_the_browser():
	tag = rendered_form().find(id="f-nik")
	assert (tag["type"], tag["inputmode"], tag["autocomplete"]) == ("text", "numeric", "off")
	assert "data-private" in tag.attrs


def test_paper_says_for_which_reason_and_what_has_arrived():
	box = rendered_form().select_one('[data-slot="Surat Kehilangan"]')
	assert "hanya untuk alasan: Hilang" in box.get_text()
	assert "80 KB" in box.select_one(".uploaded").get_text()
	assert box.find("input")["accept"] == "image/*,application/pdf"


def test_logged_in_visitor_sends_a_csrf_token():
	assert rendered_form(csrf_token="abc").select_one("[name=csrf_token]")["value"] == "abc"
	assert not rendered_form().select_one("[name=csrf_token]")
	assert page("lacak", user="Administrator").select_one("[name=csrf_token]")
	assert not page("lacak").select_one("[name=csrf_token]")


def test_done_page_shows_the_code():
	html = frappe.render_template(
		"templates/sinjai/request_done.html",
		{
			"service": catalogue.service_standard("KTP-EL"),
			"tracking_code": "ABCDE-23456",
			"promised_text": "Rabu",
			"track_url": "/lacak?kode=ABCDE23456",
		},
	)
	soup = BeautifulSoup(html, "html.parser")
	assert soup.find(id="code").get_text() == "ABCDE-23456"
	assert soup.select_one('a[href="/lacak?kode=ABCDE23456"]')
