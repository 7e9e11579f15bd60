"""Prints of this app's documents as PDF, and what their templates may call.

wkhtmltopdf, the platform's own renderer, comes with Debian in a build that silently drops letterheads and
page footers, and it loads whatever address a document names. Documents that leave the house are therefore
rendered with WeasyPrint, a dependency of Frappe anyway, from the same Print Formats, Letter Heads and Print
Settings an administrator edits in the Desk. DocTypes of other apps keep the platform's renderer.

Three doors lead here, all named in hooks.py: the print view's PDF button (`download_pdf`), everything that
calls `frappe.get_print(as_pdf=True)`, such as attachments of mails and the printing of a list
(`route_prints`), and the hook `pdf_generator` of newer versions.
"""

import functools
import inspect
import mimetypes
import os
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import segno
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup, escape
from pypdf import PdfReader, PdfWriter

import frappe
from frappe import _
from frappe.core.doctype.access_log.access_log import make_access_log
from frappe.model.document import Document
from frappe.utils import cint, flt, get_datetime, get_files_path, get_url
from frappe.utils.jinja_globals import bundled_asset
from frappe.www.printview import (
	get_print_style,
	get_rendered_template,
	set_link_titles,
	validate_print_permission,
)

from sinjai_services.requests.tracking import show_code
from sinjai_services.requests.wording import long_date, long_datetime

APP = "sinjai_services"
LANGUAGE = "id"
"""What citizens read, unless the Print Format names another language."""

GENERATOR = "weasyprint"
"""Name of this renderer for the hook `pdf_generator`."""

PDF_VARIANT = "pdf/a-3b"

MARGIN = 15
"""Millimetres, where there is no Print Format to say otherwise; the platform's own default."""

GAP = 4
"""Millimetres between what repeats on every page and the text."""

MM_PER_PX = 25.4 / 96

PAPER_SIZES = {
	"A3": (297, 420),
	"A4": (210, 297),
	"A5": (148, 210),
	"B4": (250, 353),
	"B5": (176, 250),
	"Folio": (210, 330),
	"Letter": (215.9, 279.4),
	"Legal": (215.9, 355.6),
	"Executive": (190.5, 254),
	"Tabloid": (279.4, 431.8),
}
"""Width and height in millimetres of the sizes of Print Settings that fit a letter."""

HEADER, FOOTER = "header-html", "footer-html"
"""Ids by which the platform's print formats mark what repeats on every page."""

LETTERHEAD_OWNERS = ("Letter Head", "Print Format", "Sinjai Settings", "Agency")
"""DocTypes whose private attachments (a logo, a seal) belong on prints of other documents."""

LARGEST_RESOURCE = 20 * 1024 * 1024


class RefusedResource(ValueError):
	"""A print names something it may not load."""


# Which prints come here


def is_ours(doctype: str | None) -> bool:
	"""Tell whether prints of this DocType are rendered here: it lies in one of the app's modules."""
	module = frappe.get_cached_value("DocType", doctype, "module") if doctype else None
	return bool(module) and frappe.get_cached_value("Module Def", module, "app_name") == APP


# Open to guests because the original is (shared links of other apps); documents of ours are refused to them.
@frappe.whitelist(allow_guest=True)
def download_pdf(
	doctype: str,
	name: str | int,
	format: str | None = None,
	doc: Document | None = None,
	no_letterhead: bool | str | None = False,
	language: str | None = None,
	letterhead: str | None = None,
	**more,
):
	"""Answer with the document as PDF; stands in for `frappe.utils.print_format.download_pdf`.

	Open to guests as the platform's is, for the documents of other apps, which go on to it; ours refuse them.

	Raises:
		frappe.PermissionError: the user is a guest or may not print the document.
	"""
	if not is_ours(doctype):
		given = {**more, "doctype": doctype, "name": name, "format": format, "doc": doc, "language": language}
		given |= {"no_letterhead": no_letterhead, "letterhead": letterhead}
		return frappe.call("frappe.utils.print_format.download_pdf", **given)
	if frappe.session.user == "Guest":
		raise frappe.PermissionError(_("Please log in to print this document."))
	pdf = render_pdf(
		doctype,
		name,
		doc=doc,
		print_format=format,
		letterhead=letterhead,
		no_letterhead=no_letterhead,
		language=language,
		settings=frappe.parse_json(more.get("settings")),
	)
	make_access_log(doctype=doctype, document=name, file_type="PDF", method="Print")
	frappe.local.response.filename = f"{name}.pdf".replace(" ", "-").replace("/", "-")
	frappe.local.response.filecontent = pdf
	frappe.local.response.type = "pdf"


@frappe.whitelist()
def get_html_and_style(doc: str, name: str | None = None, print_format: str | None = None, **more) -> dict:
	"""Show a print on the screen; stands in for the function of the same name in `frappe.www.printview`.

	The Desk sends the whole document along, and so may anybody else: what prints of ours look up by its name
	or its links would then be another one's. They show what is stored, of the DocType they were made for.

	Raises:
		frappe.PermissionError: the user may not read the document, or it is none of the print format's.
	"""
	given = {} if isinstance(name, str) else frappe.parse_json(doc)
	doctype = given.get("doctype") if given else doc
	form = existing("Print Format", print_format)
	made_for = form and frappe.get_cached_value("Print Format", form, "doc_type")
	if is_ours(made_for) and made_for != doctype:
		raise frappe.PermissionError
	if given and is_ours(doctype):
		doc, name = doctype, given.get("name") or ""
	shown = {**more, "doc": doc, "name": name, "print_format": print_format}
	return frappe.call("frappe.www.printview.get_html_and_style", **shown)


def route_prints():
	"""Let `frappe.get_print` render PDFs of our DocTypes here; hooked to the start of requests and jobs.

	`get_print` itself has no hook before `pdf_generator`, and that one is asked only where a Print Format
	names another renderer. So the function is wrapped, once a process; for everything that is not a PDF of
	one of our DocTypes the wrapper only passes on, also on other sites of the bench.
	"""
	if not hasattr(frappe.get_print, "sinjai_route"):
		wrapped = routed(frappe.get_print)
		homes = [frappe]
		if inspect.getmodule(frappe.get_print) is not frappe:
			homes.append(inspect.getmodule(frappe.get_print))
		for home in homes:
			home.get_print = wrapped


def routed(get_print):
	signature = inspect.signature(get_print)

	@functools.wraps(get_print)
	def route(*args, **kwargs):
		given = signature.bind(*args, **kwargs).arguments
		doc = given.get("doc")
		doctype = given.get("doctype") or (doc and doc.doctype)
		if not given.get("as_pdf") or not is_ours(doctype):
			return get_print(*args, **kwargs)
		doc = doc or frappe.get_doc(doctype, given.get("name"))
		pdf = render_pdf(
			doc=doc,
			print_format=given.get("print_format"),
			letterhead=given.get("letterhead"),
			no_letterhead=given.get("no_letterhead", False),
		)
		make_access_log(doctype=doctype, document=doc.name, file_type="PDF", method="Print")
		password = given.get("password") or (given.get("pdf_options") or {}).get("password")
		return hand_over(pdf, given.get("output"), password)

	route.sinjai_route = True
	return route


def pdf_generator(
	print_format: str | None = None,
	html: str | None = None,
	options: dict | None = None,
	output: PdfWriter | None = None,
	pdf_generator: str | None = None,
) -> bytes | PdfWriter | None:
	"""Render for Print Formats that name this renderer; the hook of newer versions."""
	if pdf_generator != GENERATOR or not html:
		return None  # which leaves it to others
	form = frappe.get_doc("Print Format", print_format) if existing("Print Format", print_format) else None
	return hand_over(html_to_pdf(html, form), output, (options or {}).get("password"))


def attach_pdf(doc: Document, print_format: str | None = None, letterhead: str | None = None) -> dict:
	"""Return the document's print as an attachment for `frappe.sendmail` or a File.

	The system sends it, not the user at hand, whose right to print is therefore not asked for; the same
	holds for `frappe.attach_print`.

	Returns:
		{"fname": name of the file, "fcontent": the PDF}
	"""
	before = frappe.flags.ignore_print_permissions
	frappe.flags.ignore_print_permissions = True
	try:
		pdf = render_pdf(doc=doc, print_format=print_format, letterhead=letterhead)
	finally:
		frappe.flags.ignore_print_permissions = before
	return {"fname": f"{doc.name}.pdf".replace(" ", "-").replace("/", "-"), "fcontent": pdf}


def hand_over(pdf: bytes, output: PdfWriter | None, password: str | None) -> bytes | PdfWriter:
	"""Return the PDF the way `get_print` does: added to `output` if there is one, locked if asked."""
	if output is None and not password:
		return pdf
	writer = PdfWriter() if output is None else output
	for page in PdfReader(BytesIO(pdf)).pages:
		writer.add_page(page)
	if output is not None:
		return output
	writer.encrypt(password)
	locked = BytesIO()
	writer.write(locked)
	return locked.getvalue()


# Rendering


def render_pdf(
	doctype: str | None = None,
	name: str | int | None = None,
	doc: Document | None = None,
	print_format: str | None = None,
	letterhead: str | None = None,
	no_letterhead: bool | str | None = False,
	language: str | None = None,
	settings: dict | None = None,
) -> bytes:
	"""Return the document as PDF/A-3b, rendered with its Print Format and Letter Head.

	Args:
		doctype, name: the document, unless `doc` is given.
		print_format: name of a Print Format; without one the DocType's default.
		letterhead: name of a Letter Head; without one the document's own, then that of Sinjai Settings, then
			the site's default.
		no_letterhead: print without; None leaves it to Print Settings.
		language: language code; without one that of the Print Format, then Indonesian.
		settings: values that replace those of Print Settings for this print.

	Raises:
		frappe.PermissionError: the user may not print the document (`frappe.flags.ignore_print_permissions`
			is respected), or Print Settings forbid it for a draft.
		frappe.DoesNotExistError: the Print Format or Letter Head named does not exist or is disabled.
	"""
	doc = doc or frappe.get_doc(doctype, name)
	check_may_print(doc)
	form = find_print_format(doc, print_format)
	language = language or (form and form.default_print_language) or LANGUAGE
	if not cint(no_letterhead):
		letterhead = find_letterhead(doc, letterhead)
	with printing_in(language):
		set_link_titles(doc)
		body = get_rendered_template(
			doc, form, doc.meta, no_letterhead=no_letterhead, letterhead=letterhead, settings=settings
		)
		page = page_html(doc, form, body, language)
	return html_to_pdf(page, form, doc)


def check_may_print(doc: Document):
	"""Apply the platform's own check, which is content with "read", and ask for "print" as well."""
	if not frappe.flags.ignore_print_permissions:
		validate_print_permission(doc)
		doc.check_permission("print")


def find_print_format(doc: Document, name: str | None) -> Document | None:
	"""Return the Print Format to use, or None for the platform's standard layout.

	One that is named must exist; a default that an administrator has deleted need not.
	"""
	name = name or existing("Print Format", doc.meta.default_print_format)
	return frappe.get_doc("Print Format", name) if name and name != "Standard" else None


def find_letterhead(doc: Document, name: str | None) -> str | None:
	"""Return the Letter Head to use; None leaves the choice to the platform. One that is named must exist."""
	name = name or doc.get("letter_head") or frappe.get_cached_doc("Sinjai Settings").default_letter_head
	return frappe.get_doc("Letter Head", name).name if name else None


def existing(doctype: str, name: str | None) -> str | None:
	return name if name and frappe.db.exists(doctype, name) else None


@contextmanager
def printing_in(language: str):
	"""Render in `language`. The platform's `print_language` does the same but stays in it after an error."""
	before = frappe.local.lang, frappe.local.jenv
	frappe.local.lang, frappe.local.jenv = language, None
	try:
		yield
	finally:
		frappe.local.lang, frappe.local.jenv = before


def page_html(doc: Document, form: Document | None, body: str, language: str) -> str:
	"""Return the rendered body as a whole page with the platform's print styles."""
	title = f"{_(form.name if form else doc.doctype)} {doc.name}"
	return f"""<!DOCTYPE html>
<html lang="{escape(language)}">
<head>
	<meta charset="utf-8">
	<title>{escape(title)}</title>
	<meta name="author" content="{escape(issuing_office(doc).name)}">
	<link rel="stylesheet" href="{escape(bundled_asset("print.bundle.css"))}">
	<style>{get_print_style(print_format=form)}</style>
</head>
<body><div class="print-format">{body}</div></body>
</html>"""


def html_to_pdf(html: str, form: Document | None = None, doc: Document | None = None) -> bytes:
	"""Return a page made by the platform's print view as PDF.

	Args:
		html: the whole page. Elements with the ids `header-html` and `footer-html` repeat on every page, as
			they do with a complete wkhtmltopdf; `.page` and `.topage` become page counters.
		form: the Print Format, for its margins.
		doc: the document printed; its own private attachments may appear on it.
	"""
	# Imported here: it needs system libraries, and without them all but this must go on working.
	import weasyprint

	resources = Resources(doc)
	soup, repeating = split_page(html)
	# Older versions know no variants; theirs is an ordinary PDF.
	options = {"pdf_variant": PDF_VARIANT} if hasattr(weasyprint, "DEFAULT_OPTIONS") else {}
	options["stylesheets"] = take_asset_sheets(soup, resources)

	def render(page: str):
		return weasyprint.HTML(string=page, base_url=get_url("/"), url_fetcher=resources).render(**options)

	frame = PageFrame(form)
	heights = measure(repeating, soup.head, frame, render)
	soup.head.insert(0, style_tag(soup, frame.css(heights)))
	home = soup.select_one(".print-format") or soup.body
	for part in repeating.values():
		home.insert(0, part)
	pdf = render(str(soup)).write_pdf(**options)
	resources.report()
	return pdf


def split_page(html: str) -> tuple[BeautifulSoup, dict[str, Tag]]:
	"""Return the page without scripts and parts for the screen, and apart from it what repeats, by its id."""
	soup = BeautifulSoup(html, "html5lib")
	for tag in soup.select("script, noscript, .action-banner"):
		tag.decompose()
	repeating = {}
	for part in (HEADER, FOOTER):
		for tag in soup.find_all(id=part):
			repeating.setdefault(part, tag.extract())
	for part in repeating.values():
		part["class"] = [name for name in part.get("class", []) if name not in ("hidden-pdf", "visible-pdf")]
	for tree in (soup, *repeating.values()):
		for tag in tree.select(".hidden-pdf"):
			tag.decompose()
		for tag in tree.select(".visible-pdf"):
			tag["class"].remove("visible-pdf")
	return soup, repeating


def take_asset_sheets(soup: BeautifulSoup, resources: "Resources") -> list:
	"""Take the links to style sheets among the site's assets out of the page and return the sheets, parsed.

	The platform's own has 200 KB and takes longer to parse than everything else together. Passed apart from
	the page it yields to the page's own styles, as it did by standing first.
	"""
	sheets = []
	for link in soup.select('link[rel="stylesheet"][href*="/assets/"]'):
		url = urljoin(get_url("/"), link["href"])
		try:
			file = resources.locate(url)
			sheets.append(parsed_sheet(url, file, os.path.getmtime(file)))
		except (RefusedResource, OSError):
			continue
		link.extract()
	return sheets


@functools.lru_cache(maxsize=8)
def parsed_sheet(url: str, file: str, modified: float):
	"""Return the parsed style sheet; `modified` makes a rebuilt one another entry."""
	import weasyprint

	with open(file, encoding="utf-8") as content:
		return weasyprint.CSS(string=content.read(), base_url=url, url_fetcher=Resources())


class PageFrame:
	"""Paper size and margins in millimetres, from Print Settings and the Print Format."""

	def __init__(self, form: Document | None):
		settings = frappe.get_cached_doc("Print Settings")
		self.width, self.height = PAPER_SIZES.get(settings.pdf_page_size) or PAPER_SIZES["A4"]
		if settings.pdf_page_size == "Custom":
			self.width, self.height = flt(settings.pdf_page_width), flt(settings.pdf_page_height)
		self.top, self.right, self.bottom, self.left = (
			flt(form.get(f"margin_{side}")) if form else MARGIN for side in ("top", "right", "bottom", "left")
		)

	@property
	def text_width(self) -> float:
		return self.width - self.left - self.right

	def css(self, heights: dict[str, float]) -> str:
		"""Return the page's style; it comes first, so that a Print Format's own CSS has the last word.

		Args:
			heights: height in millimetres of what repeats, by its id. Margins have to make room for it.
		"""
		top = self.top + (heights[HEADER] + GAP if HEADER in heights else 0)
		bottom = self.bottom + (heights[FOOTER] + GAP if FOOTER in heights else 0)
		return f"""
			@page {{
				size: {self.width}mm {self.height}mm;
				margin: {top:.2f}mm {self.right}mm {bottom:.2f}mm {self.left}mm;
				@top-left {{
					content: element({HEADER}); width: 100%; vertical-align: top; padding-top: {self.top}mm;
				}}
				@bottom-left {{
					content: element({FOOTER}); width: 100%; vertical-align: bottom;
					padding-bottom: {self.bottom}mm;
				}}
			}}
			#{HEADER} {{ position: running({HEADER}) }}
			#{FOOTER} {{ position: running({FOOTER}) }}
			.page::after {{ content: counter(page) }}
			.topage::after {{ content: counter(pages) }}
			body, .print-format {{ margin: 0; padding: 0; max-width: none }}
			.print-format > .page-break:last-child {{ break-after: auto !important }}
		"""


def measure(repeating: dict[str, Tag], head: Tag, frame: PageFrame, render) -> dict[str, float]:
	"""Return the heights in millimetres of the parts that repeat, laid out alone at the width of the text."""
	if not repeating:
		return {}
	style = f"""
		@page {{ size: {frame.text_width}mm 3000mm; margin: 0 }}
		body, .print-format {{ margin: 0; padding: 0; max-width: none }}
		.measured {{ display: flow-root; break-after: page }}
		.mark {{ height: 1px }}
	"""
	parts = "".join(
		f'<div class="measured">{part}<div class="mark" id="end-of-{name}"></div></div>'
		for name, part in repeating.items()
	)
	page = f'<html>{head}<body><style>{style}</style><div class="print-format">{parts}</div></body></html>'
	pages = render(page).pages
	marks = {mark: place[1] for page in pages for mark, place in page.anchors.items()}
	return {name: marks[f"end-of-{name}"] * MM_PER_PX for name in repeating}


def style_tag(soup: BeautifulSoup, css: str) -> Tag:
	tag = soup.new_tag("style")
	tag.string = css
	return tag


class Resources:
	"""Loads what a print names: data: addresses and files of this site, from disk; nothing over the network.

	Given to WeasyPrint as its URL fetcher, which also serves style sheets, fonts and pictures in pictures.
	"""

	def __init__(self, doc: Document | None = None):
		self.doc = doc
		self.site = {urlsplit(get_url())[:2]}
		if frappe.request:
			self.site.add(urlsplit(frappe.request.host_url)[:2])
		self.failed = {}

	def __call__(self, url: str, *args, **kwargs) -> dict:
		try:
			return self.fetch(url)
		except (RefusedResource, OSError) as fault:
			self.failed[url[:200]] = str(fault)
			raise

	def fetch(self, url: str) -> dict:
		from weasyprint import default_url_fetcher

		if urlsplit(url).scheme == "data":
			return default_url_fetcher(url)
		file = self.locate(url)
		if os.path.getsize(file) > LARGEST_RESOURCE:
			raise RefusedResource("too large")
		with open(file, "rb") as content:
			return {"string": content.read(), "mime_type": mimetypes.guess_type(file)[0]}

	def locate(self, url: str) -> str:
		"""Return the file behind an address of this site.

		Raises:
			RefusedResource: another site, another kind of file, a way out of the folders, or a private file
				that does not belong on this print.
		"""
		address = urlsplit(url)
		if address[:2] not in self.site:
			raise RefusedResource("not on this site")
		path = unquote(address.path)
		if not (mimetypes.guess_type(path)[0] or "").startswith(("image/", "font/", "text/css")):
			raise RefusedResource("neither picture nor font nor style sheet")
		match path.strip("/").split("/"):
			case ["assets", app, *rest]:
				folder = os.path.join(frappe.local.sites_path, "assets", app)
			case ["files", *rest]:
				folder = get_files_path()
			case ["private", "files", *rest]:
				self.check_private_file(path)
				folder = get_files_path(is_private=True)
			case _:
				raise RefusedResource("not a file of this site")
		folder = os.path.realpath(folder)
		file = os.path.realpath(os.path.join(folder, *rest))
		if ".." in path.split("/") or not file.startswith(folder + os.sep):
			raise RefusedResource("outside its folder")
		return file

	def check_private_file(self, path: str):
		"""Let a private file through if it hangs on the document printed or on a letterhead, and may be read.

		Being readable is not enough: an officer may read many citizens' papers, and a citizen who types a
		path into a form must not get another one's paper printed.
		"""
		for name in frappe.get_all("File", {"file_url": path, "is_private": 1}, pluck="name"):
			file = frappe.get_doc("File", name)
			home = file.attached_to_doctype, file.attached_to_name
			own = self.doc and home == (self.doc.doctype, self.doc.name)
			if (own or home[0] in LETTERHEAD_OWNERS) and file.has_permission("read"):
				return
		raise RefusedResource("a private file that does not belong on this print")

	def report(self):
		"""Leave a note for the administrator about what was missing from the print."""
		if not self.failed:
			return
		frappe.log_error(
			title="Print without some of its pictures or styles",
			message="\n".join(f"{url}: {fault}" for url, fault in self.failed.items()),
			reference_doctype=self.doc and self.doc.doctype,
			reference_name=self.doc and self.doc.name,
			defer_insert=True,
		)


# What templates may call


def qr_svg(text: str, size_mm: float = 28) -> Markup:
	"""Return a picture of `text` as QR code, `size_mm` millimetres wide, that needs no further file.

	Never a Micro QR code, which short texts would become: phones do not read them.
	"""
	source = segno.make_qr(text, error="m").svg_data_uri(border=0)
	size = f"{flt(size_mm)}mm"
	return Markup('<img class="qr" alt="{}" src="{}" style="width: {}; height: {}">').format(
		text, source, size, size
	)


def tracking_url(doc: Any) -> str:
	"""Return the address at which the applicant follows this request."""
	return get_url(f"/lacak?kode={doc.tracking_code}")


def tracking_page() -> str:
	"""Return the address of the tracking page as people type it, without scheme."""
	return get_url("/lacak").split("://", 1)[-1]


def tracking_code(doc: Any) -> str:
	"""Return the request's tracking code in two groups: ABCDE-FGHJK."""
	return show_code(doc.tracking_code or "")


def indonesian_date(value: date | datetime | str | None, weekday: bool = True) -> str:
	"""Return a date as "Rabu, 25 November 2026", a moment as "… pukul 14.00 WITA", nothing as "".

	Args:
		value: a date, a moment of the site, or either as the database writes it.
		weekday: False leaves day of the week and time away: "25 November 2026".
	"""
	if isinstance(value, str) and len(value) > len("2026-11-25"):
		value = get_datetime(value)
	if not weekday:
		return long_date(value).partition(", ")[2]
	return long_datetime(value) if isinstance(value, datetime) else long_date(value)


def issuing_office(doc: Any) -> frappe._dict:
	"""Return what a letterhead says of the agency that owns the document.

	Returns:
		government: as printed above the agency's name.
		name: of the agency, or of the government where the document has no agency.
		short_name: the same without the region, which the government's name tells already.
		address, contacts, complaints: in one line each, empty where nothing is known; of the channels for
			complaints the service's own come first.
		logo: address of the government's logo, or None.
	"""
	settings = frappe.get_cached_doc("Sinjai Settings")
	agency = existing("Agency", doc.get("agency"))
	agency = frappe.get_cached_doc("Agency", agency) if agency else frappe._dict()
	service = existing("Public Service", doc.get("service"))
	service = frappe.get_cached_doc("Public Service", service) if service else frappe._dict()
	government = settings.government_name or "Pemerintah Kabupaten Sinjai"
	region = government.removeprefix("Pemerintah ")
	contacts = (
		agency.phone and f"Telepon {agency.phone}",
		agency.whatsapp_number and f"WhatsApp {agency.whatsapp_number}",
		agency.email,
		agency.website,
	)
	return frappe._dict(
		government=government,
		name=agency.agency_name or government,
		short_name=(agency.agency_name or "").removesuffix(region).strip() or government,
		address=", ".join((agency.address or "").splitlines()),
		contacts=" · ".join(contact for contact in contacts if contact),
		complaints="; ".join((service.complaints_channel or agency.complaints_channel or "").splitlines()),
		logo=settings.logo,
	)


def receiving_officer(doc: Any) -> str:
	"""Return the full name of the member of staff who took the request in, or "" where nobody has yet.

	Whoever typed it at the counter; otherwise whoever was the first to act on it.
	"""
	if is_staff(doc.owner):
		return frappe.utils.get_fullname(doc.owner)
	events = frappe.get_all(
		"Request Event",
		{"reference_doctype": doc.doctype, "reference_name": doc.name},
		pluck="by",
		order_by="at asc, creation asc",
	)
	return next((frappe.utils.get_fullname(user) for user in events if is_staff(user)), "")


def is_staff(user: str | None) -> bool:
	if not user or user in frappe.STANDARD_USERS:
		return False
	return frappe.get_cached_value("User", user, "user_type") == "System User"
