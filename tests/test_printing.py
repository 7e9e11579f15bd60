"""Prints as PDF: what stands on them, what must never stand on them, and who gets them."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from urllib.parse import quote

import pytest
import segno
from helpers import officer, stranger_officer
from pypdf import PdfReader, PdfWriter

import frappe
from frappe.handler import execute_cmd
from frappe.utils import set_request
from frappe.utils.password import set_encrypted_password

from sinjai_services import printing
from sinjai_services.seeding import insert_if_missing, shipped_documents

REQUEST = "Civil Document Request"
RECEIPT = "Tanda Terima Permohonan"
LETTERHEAD = "Kop Kabupaten Sinjai"
NIK = "7307014101900003"
MASKED = "730701******0003"
CODE = "7K2MPQ4XWZ"
DOWNLOAD = "frappe.utils.print_format.download_pdf"


@pytest.fixture(autouse=True)
def printable(monkeypatch):
	"""The shipped letterhead and print format, and Print Settings as a new site has them."""
	monkeypatch.setattr("sinjai_services.requests.wording.get_system_timezone", lambda: "Asia/Makassar")
	for shipped in shipped_documents():
		if shipped["doctype"] in ("Letter Head", "Print Format"):
			as_shipped(shipped)
	settings = frappe.get_doc("Print Settings")
	settings.update(
		{"repeat_header_footer": 1, "pdf_page_size": "A4", "with_letterhead": 1, "send_print_as_pdf": 1}
	)
	settings.save()
	settings = frappe.get_doc("Sinjai Settings")
	settings.default_letter_head = LETTERHEAD
	settings.flags.ignore_mandatory = True
	settings.save()
	yield
	frappe.set_user("Administrator")
	frappe.local.request = None
	for single in ("Print Settings", "Sinjai Settings"):
		frappe.clear_document_cache(single, single)


def as_shipped(shipped: dict):
	"""Bring a document that an earlier version of the app put on the test site up to date."""
	insert_if_missing(shipped)
	doc = frappe.get_doc(shipped["doctype"], shipped["name"])
	doc.update(shipped)
	doc.db_update()


@pytest.fixture
def web():
	"""A server on this machine that counts who asks it for something."""
	hits = []

	class Listener(BaseHTTPRequestHandler):
		def do_GET(self):
			hits.append(self.path)
			self.send_error(404)

		def log_message(self, *args):
			pass

	server = HTTPServer(("127.0.0.1", 0), Listener)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	server.hits = hits
	server.url = f"http://127.0.0.1:{server.server_port}"
	yield server
	server.shutdown()
	server.server_close()


def stored(doctype: str, **values):
	"""Insert without the controller's rules: a print must be safe whatever the database holds."""
	doc = frappe.get_doc({"doctype": doctype, **values})
	doc.name = values.get("name") or frappe.generate_hash(length=10)
	doc.set_user_and_timestamp()
	doc.db_insert()
	for row in doc.get_all_children():
		row.parent, row.parenttype, row.name = doc.name, doctype, frappe.generate_hash(length=10)
		row.db_insert()
	return frappe.get_doc(doctype, doc.name)


@pytest.fixture
def agency():
	return stored(
		"Agency",
		agency_name="Dinas Kependudukan dan Pencatatan Sipil",
		address="Jalan Persatuan Raya No. 101, Sinjai",
		phone="(0482) 21001",
		complaints_channel="Loket pengaduan lantai 1\nlapor.go.id",
	)


@pytest.fixture
def make_request(agency):
	def make(papers: int = 3, **values):
		service = stored(
			"Public Service",
			service_code=frappe.generate_hash(length=8),
			service_name="KTP Elektronik",
			agency=agency.name,
		)
		given = {
			"agency": agency.name,
			"service": service.name,
			"applicant_name": "Andi Rahmawati",
			"nik_masked": MASKED,
			"reason": "Hilang",
			"channel": "Web",
			"tracking_code": CODE,
			"whatsapp_number": "+6281355550199",
			"received_at": "2026-11-25 09:12:00",
			"promised_at": "2026-11-25 14:00:00",
		}
		states = ("Accepted", "To Check", "Refused", "Missing", "On File")
		rows = [
			{
				"doctype": "Request Paper",
				"parentfield": "papers",
				"idx": number + 1,
				"requirement": f"Berkas {number + 1}",
				"state": states[number % len(states)],
				"refusal_reason": "Foto buram" if states[number % len(states)] == "Refused" else None,
			}
			for number in range(papers)
		]
		return stored(REQUEST, papers=rows, **{**given, **values})

	return make


def make_user(role: str, agency: str | None) -> str:
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=8)}@example.org",
			"first_name": "Rosdiana",
			"last_name": "Petugas",
			"send_welcome_email": 0,
			"roles": [{"role": role}],
		}
	).insert(ignore_permissions=True)
	if agency:
		frappe.get_doc(
			{"doctype": "User Permission", "user": user.name, "allow": "Agency", "for_value": agency}
		).insert(ignore_permissions=True)
	return user.name


def text_of(pdf: bytes) -> str:
	return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def words_of(pdf: bytes) -> str:
	return " ".join(text_of(pdf).split())


def call_download(user: str, **arguments) -> bytes:
	"""Call the endpoint the Desk's button calls, as the request handler does."""
	frappe.set_user(user)
	set_request(method="POST", path=f"/api/method/{DOWNLOAD}")
	frappe.local.form_dict = frappe._dict(cmd=DOWNLOAD, **arguments)
	frappe.local.response = frappe._dict(docs=[])
	execute_cmd(DOWNLOAD)
	assert frappe.local.response.type == "pdf"
	return frappe.local.response.filecontent


# What stands on the paper


def test_receipt_says_what_it_should(make_request):
	words = words_of(printing.render_pdf(doc=make_request(papers=5)))
	for expected in (
		"PEMERINTAH KABUPATEN SINJAI",
		"DINAS KEPENDUDUKAN DAN PENCATATAN SIPIL",
		"Jalan Persatuan Raya No. 101",
		"TANDA TERIMA PERMOHONAN",
		"Andi Rahmawati",
		MASKED,
		"KTP Elektronik",
		"Hilang",
		"Situs web",
		"Rabu, 25 November 2026 pukul 09.12 WITA",
		"Rabu, 25 November 2026 pukul 14.00 WITA",
		"Diterima",
		"menunggu diperiksa",
		"Belum dapat diterima: Foto buram",
		"Belum ada",
		"Sudah tersimpan di kantor",
		"7K2MP-Q4XWZ",
		"4 angka terakhir nomor WhatsApp",
		"Petugas penerima",
		"Sinjai, 25 November 2026",
		"Loket pengaduan lantai 1; lapor.go.id.",
		"Halaman 1 dari 1",
	):
		assert expected in words
	assert "0199" not in words, "the second secret of the tracking page"


def test_letterhead_and_page_count_repeat_on_every_page(make_request):
	pages = PdfReader(BytesIO(printing.render_pdf(doc=make_request(papers=40)))).pages
	assert len(pages) > 1
	for number, page in enumerate(pages, 1):
		text = page.extract_text()
		assert "PEMERINTAH KABUPATEN SINJAI" in text
		assert f"Halaman {number} dari {len(pages)}" in text


def test_letterhead_stands_on_the_first_page_only_where_print_settings_say_so(make_request):
	frappe.db.set_single_value("Print Settings", "repeat_header_footer", 0)
	frappe.clear_document_cache("Print Settings", "Print Settings")
	pages = PdfReader(BytesIO(printing.render_pdf(doc=make_request(papers=40)))).pages
	assert ["PEMERINTAH" in page.extract_text() for page in pages] == [True] + [False] * (len(pages) - 1)
	assert f"Halaman 2 dari {len(pages)}" in pages[1].extract_text()


def test_letterhead_names_the_region_once(make_request, agency):
	agency.db_set("agency_name", "Dinas Perhubungan Kabupaten Sinjai")
	doc = make_request()
	assert printing.issuing_office(doc).short_name == "Dinas Perhubungan"
	assert words_of(printing.render_pdf(doc=doc)).count("KABUPATEN SINJAI") == 1


def test_print_without_letterhead(make_request):
	doc = make_request()
	assert "PEMERINTAH" not in text_of(printing.render_pdf(doc=doc, no_letterhead=True))
	assert "PEMERINTAH" not in text_of(printing.render_pdf(doc=doc, no_letterhead="1"))


def test_letterhead_or_print_format_that_does_not_exist_is_an_error(make_request):
	doc = make_request()
	with pytest.raises(frappe.DoesNotExistError):
		printing.render_pdf(doc=doc, letterhead="No such letterhead")
	with pytest.raises(frappe.DoesNotExistError):
		printing.render_pdf(doc=doc, print_format="No such format")


def test_fault_in_a_print_format_raises(make_request):
	form = stored(
		"Print Format",
		name="Broken",
		doc_type=REQUEST,
		custom_format=1,
		print_format_type="Jinja",
		html="{{ 1 / 0 }}",
	)
	# Version 16 gives the fault another class and names the line.
	with pytest.raises((ZeroDivisionError, frappe.ValidationError), match="division by zero"):
		printing.render_pdf(doc=make_request(), print_format=form.name)


def test_pdf_is_an_archive_in_indonesian_without_a_name_in_its_title(make_request):
	doc = make_request()
	reader = PdfReader(BytesIO(printing.render_pdf(doc=doc)))
	catalogue = reader.trailer["/Root"]
	assert catalogue["/Lang"] == "id"
	metadata = catalogue["/Metadata"].get_object().get_data().decode()
	assert 'part="3"' in metadata or "part>3<" in metadata
	assert catalogue["/OutputIntents"]
	assert reader.metadata.title == f"{RECEIPT} {doc.name}"
	assert reader.metadata.author == "Dinas Kependudukan dan Pencatatan Sipil"


def test_session_language_changes_nothing_on_the_paper(make_request):
	frappe.local.lang = "en"
	words = words_of(printing.render_pdf(doc=make_request()))
	assert "Belum dapat diterima" in words and "Refused" not in words
	assert frappe.local.lang == "en"


def test_qr_code_leads_to_the_tracking_page(make_request):
	doc = make_request()
	url = printing.tracking_url(doc)
	assert url == frappe.utils.get_url(f"/lacak?kode={CODE}")
	assert segno.make(url, error="m").svg_data_uri(border=0).replace("&", "&amp;") in preview(doc)["html"]


def test_officer_who_took_it_in_signs(make_request):
	doc = make_request(channel="Counter")
	user = make_user("Service Officer", doc.agency)
	doc.owner = user
	assert "Rosdiana Petugas" in words_of(printing.render_pdf(doc=doc))


def test_first_member_of_staff_to_act_signs_for_requests_from_the_web(make_request):
	doc = make_request()
	doc.owner = "Guest"
	assert printing.receiving_officer(doc) == ""
	for moment, user in (("08:00", "Guest"), ("10:00", make_user("Service Officer", doc.agency))):
		stored(
			"Request Event",
			reference_doctype=REQUEST,
			reference_name=doc.name,
			event="Stage",
			at=f"2026-11-25 {moment}:00",
			by=user,
		)
	assert printing.receiving_officer(doc) == "Rosdiana Petugas"


@pytest.mark.parametrize(
	("value", "text"),
	[
		("2026-11-25 14:00:00", "Rabu, 25 November 2026 pukul 14.00 WITA"),
		("2026-11-25", "Rabu, 25 November 2026"),
		(None, ""),
	],
)
def test_indonesian_date(value, text):
	assert printing.indonesian_date(value) == text


def test_indonesian_date_without_weekday():
	assert printing.indonesian_date("2026-11-25 14:00:00", weekday=False) == "25 November 2026"


# What must never stand there


def test_whole_citizen_number_is_never_printed(make_request):
	doc = make_request(nik="*" * len(NIK))
	set_encrypted_password(REQUEST, doc.name, NIK, "nik")
	assert doc.get_password("nik") == NIK
	for form in (RECEIPT, "Standard"):
		assert NIK not in text_of(printing.render_pdf(doc=doc, print_format=form))
	doc.nik = NIK
	assert NIK not in text_of(printing.render_pdf(doc=doc))


def hostile_text(url: str) -> str:
	return (
		f'<img src="{url}/img"> <script src="{url}/js">alert(1)</script> {{{{ 6789*6789 }}}} {{% raise %}}'
		f"<link rel=stylesheet href={url}/css> <iframe src={url}/frame></iframe>"
		f"<style>@import url({url}/import); body {{ background: url({url}/bg) }}</style> & \U0001f600"
	)


def test_what_citizens_type_is_printed_as_text(make_request, web):
	typed = hostile_text(web.url)
	doc = make_request(note=typed, address=typed)
	doc.applicant_name = doc.reason = doc.submitted_by_name = doc.submitter_relation = typed
	doc.papers[0].refusal_reason = typed
	words = words_of(printing.render_pdf(doc=doc))
	for sign in ("<img src=", "<script", "{{ 6789*6789 }}", "{% raise %}", "& "):
		assert words.count(sign) >= 5
	assert str(6789 * 6789) not in words
	assert not web.hits


def test_preview_in_the_desk_is_as_inert(make_request, web):
	doc = make_request()
	doc.applicant_name = doc.note = hostile_text(web.url)
	html = preview(doc)["html"]
	assert "<script" not in html and "<iframe" not in html and f'<img src="{web.url}' not in html
	assert "PEMERINTAH" in html.upper()


def preview(doc) -> dict:
	from frappe.www.printview import get_print_format_doc, get_rendered_template

	form = get_print_format_doc(RECEIPT, doc.meta)
	return {"html": get_rendered_template(doc, form, doc.meta, letterhead=LETTERHEAD)}


def test_nothing_is_fetched_whatever_the_layout_names(make_request, web, tmp_path):
	"""The platform's own layout escapes nothing, and an administrator may write anything into a format."""
	secret = tmp_path / "secret.svg"
	secret.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
	inner = quote(
		"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>"
		f"<image xlink:href='{web.url}/inner' width='9' height='9'/><image href='{web.url}/inner2'/></svg>"
	)
	html = (
		f'<img src="{web.url}/a.png"><img src="//127.0.0.1:{web.server_port}/b.png"><img src="file://{secret}">'
		f'<img src="data:image/svg+xml,{inner}"><link rel="stylesheet" href="{web.url}/c.css">'
		f'<link rel="attachment" href="{web.url}/d.pdf"><a rel="attachment" href="file:///etc/hostname">x</a>'
		f'<object data="{web.url}/e.png"></object><embed src="{web.url}/f.png">'
	)
	css = (
		f"@import url({web.url}/g.css); @font-face {{ font-family: x; src: url({web.url}/h.woff) }}"
		f"body {{ font-family: x; background: url({web.url}/i.png) }}"
	)
	form = stored(
		"Print Format",
		name="Greedy",
		doc_type=REQUEST,
		custom_format=1,
		print_format_type="Jinja",
		html=html,
		css=css,
	)
	doc = make_request(note=hostile_text(web.url))
	reader = PdfReader(BytesIO(printing.render_pdf(doc=doc, print_format=form.name)))
	assert not reader.attachments
	printing.render_pdf(doc=doc, print_format="Standard")
	assert not web.hits


def resources(doc=None) -> printing.Resources:
	return printing.Resources(doc)


def test_files_of_the_site_are_read_from_disk_and_only_from_their_folders():
	site = frappe.utils.get_url()
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "lambang.svg",
			"is_private": 0,
			"content": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
		}
	).insert(ignore_permissions=True)
	assert resources()(site + file.file_url)["mime_type"] == "image/svg+xml"
	assert resources()("data:image/gif;base64,R0lGODlhAQABAAAAACw=")
	for path in (
		"/files/../../site_config.json",
		"/files/%2e%2e/%2e%2e/private/files/x.png",
		"/assets/../apps.txt",
		"/assets/frappe/../../x.css",
		"/site_config.json",
		"/files",
		"/api/method/ping.png",
		"/private/files/none.png",
	):
		with pytest.raises(printing.RefusedResource):
			resources()(site + path)
	for url in (
		"file:///etc/hostname",
		"http://127.0.0.1/x.png",
		"ftp://x/y.png",
		f"{site}@x.example/files/x.png",
	):
		with pytest.raises(printing.RefusedResource):
			resources()(url)


def test_private_files_are_printed_only_where_they_belong_and_to_who_may_read_them(make_request, agency):
	mine, other = make_request(tracking_code="A"), make_request(tracking_code="B")
	site = frappe.utils.get_url()

	def private(**home) -> str:
		content = f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {frappe.generate_hash()} --></svg>".encode()
		name = f"{frappe.generate_hash(length=8)}.svg"
		values = {"doctype": "File", "file_name": name, "is_private": 1, "content": content, **home}
		file = frappe.get_doc(values)
		return site + file.insert(ignore_permissions=True).file_url

	own = private(attached_to_doctype=REQUEST, attached_to_name=mine.name)
	theirs = private(attached_to_doctype=REQUEST, attached_to_name=other.name)
	seal = private(attached_to_doctype="Letter Head", attached_to_name=LETTERHEAD)
	loose = private()
	assert resources(mine)(own) and resources(mine)(seal)
	for url in (theirs, loose):
		with pytest.raises(printing.RefusedResource):
			resources(mine)(url)
	frappe.set_user(stranger_officer())
	with pytest.raises(printing.RefusedResource):
		resources(mine)(own)


# Who gets it


def test_officer_of_the_agency_downloads(make_request):
	doc = make_request(agency="Disdukcapil")
	pdf = call_download(
		officer(),
		doctype=REQUEST,
		name=doc.name,
		format=RECEIPT,
		no_letterhead="0",
		letterhead=LETTERHEAD,
		settings="{}",
		_lang="en",
		pdf_generator="wkhtmltopdf",
	)
	assert "PEMERINTAH KABUPATEN SINJAI" in text_of(pdf)
	assert frappe.local.response.filename == f"{doc.name}.pdf"
	assert frappe.db.exists("Access Log", {"export_from": REQUEST, "reference_document": doc.name})


def test_guest_is_refused_even_with_a_key(make_request):
	doc = make_request()
	key = doc.get_document_share_key(no_expiry=True)
	with pytest.raises(frappe.PermissionError):
		call_download("Guest", doctype=REQUEST, name=doc.name, key=key)


def test_officer_of_another_agency_is_refused(make_request):
	doc = make_request(agency="Disdukcapil")
	with pytest.raises(frappe.PermissionError):
		call_download(stranger_officer(), doctype=REQUEST, name=doc.name)


def test_reader_without_the_right_to_print_is_refused(make_request):
	doc = make_request()
	leader = make_user("Leader", doc.agency)
	assert frappe.has_permission(REQUEST, "read", doc, user=leader)
	with pytest.raises(frappe.PermissionError):
		call_download(leader, doctype=REQUEST, name=doc.name)


def test_other_apps_documents_keep_the_platforms_renderer(monkeypatch):
	asked = []

	def original(doctype, name, format=None, doc=None, no_letterhead=0, language=None, letterhead=None):
		asked.append((doctype, name, format, no_letterhead))
		frappe.local.response.type = "pdf"

	monkeypatch.setattr(DOWNLOAD, original)
	call_download("Administrator", doctype="ToDo", name="x", format="F", no_letterhead="1", settings="{}")
	assert asked == [("ToDo", "x", "F", "1")]


def test_which_documents_are_ours():
	assert printing.is_ours(REQUEST) and printing.is_ours("Public Service")
	assert not any(printing.is_ours(doctype) for doctype in ("User", "No such DocType", "", None))


# The platform's other ways to a PDF


@pytest.fixture
def routed(monkeypatch):
	"""`frappe.get_print` as requests and jobs have it, with the platform's own put back afterwards."""
	monkeypatch.setattr(frappe, "get_print", getattr(frappe.get_print, "__wrapped__", frappe.get_print))
	printing.route_prints()


def test_mail_attachments_are_rendered_here(make_request, routed):
	doc = make_request()
	attachment = frappe.attach_print(REQUEST, doc.name, print_format=RECEIPT)
	assert attachment["fname"] == f"{doc.name}.pdf"
	assert "PEMERINTAH KABUPATEN SINJAI" in text_of(attachment["fcontent"])


def test_attachments_respect_the_letterhead_choice_and_the_password(make_request, routed):
	doc = make_request()
	attachment = frappe.attach_print(REQUEST, doc.name, print_letterhead=False, password="rahasia")
	reader = PdfReader(BytesIO(attachment["fcontent"]))
	assert reader.is_encrypted and reader.decrypt("rahasia")
	assert "PEMERINTAH" not in reader.pages[0].extract_text()


def test_lists_are_printed_into_one_file(make_request, routed):
	output = PdfWriter()
	for doc in (make_request(), make_request(tracking_code="B")):
		assert frappe.get_print(REQUEST, doc.name, RECEIPT, as_pdf=True, output=output) is output
	assert len(output.pages) == 2


def test_get_print_asks_for_permission(make_request, routed):
	doc = make_request()
	frappe.set_user(make_user("Leader", doc.agency))
	with pytest.raises(frappe.PermissionError):
		frappe.get_print(REQUEST, doc.name, as_pdf=True)


def test_route_is_laid_once_and_leaves_the_rest_alone(monkeypatch):
	asked = []

	def get_print(doctype=None, name=None, print_format=None, style=None, as_pdf=False, doc=None):
		asked.append((doctype, as_pdf))
		return "html"

	monkeypatch.setattr(frappe, "get_print", get_print)
	printing.route_prints()
	laid = frappe.get_print
	printing.route_prints()
	assert frappe.get_print is laid
	assert frappe.get_print("ToDo", "x", as_pdf=True) == "html"
	assert frappe.get_print(REQUEST, "x") == "html"
	assert asked == [("ToDo", True), (REQUEST, False)]


def test_our_own_code_attaches_without_asking_the_user(make_request):
	doc = make_request()
	frappe.set_user("Guest")
	attachment = printing.attach_pdf(doc)
	assert attachment["fname"] == f"{doc.name}.pdf"
	assert "PEMERINTAH KABUPATEN SINJAI" in text_of(attachment["fcontent"])
	assert not frappe.flags.ignore_print_permissions


def test_pdf_generator_answers_for_its_own_name_only(make_request):
	html = preview(make_request())["html"]
	page = f"<html><head></head><body><div class='print-format'>{html}</div></body></html>"
	assert printing.pdf_generator(RECEIPT, page, {}, None, "chrome") is None
	assert printing.pdf_generator(RECEIPT, None, {}, None, printing.GENERATOR) is None
	assert "PEMERINTAH" in text_of(printing.pdf_generator(RECEIPT, page, {}, None, printing.GENERATOR))
