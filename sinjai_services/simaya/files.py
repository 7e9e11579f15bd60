"""Files of letters: taken from fresh uploads of the user only, cleaned, private, and nobody's own."""

import io

import pikepdf
from PIL import Image

import frappe
from frappe import _

from sinjai_services.requests import uploads

MOST_BYTES = 60 * 1024 * 1024
MOST_PAGES = 500
"""A scan of a whole file of papers; citizens' uploads are held shorter."""

DOTS_PER_INCH = 150


def take(doc, url: str, label: str) -> str:
	"""Return the address of the cleaned, private copy of a file the user has just uploaded.

	Raises:
		uploads.RefusedUpload: of another kind, damaged, too large.
		frappe.ValidationError: the address is no fresh upload of this user.
	"""
	return uploads.adopt(doc, frappe._dict(file=url, requirement=label), MOST_BYTES, MOST_PAGES)


def put_in_field(url: str, field: str):
	"""Say in which field of its document a file stands.

	The platform looks for that after saving; where it does not find it, it attaches the file once more, and
	version 15 thereby writes a public copy of a private file.
	"""
	frappe.db.set_value("File", {"file_url": url}, "attached_to_field", field, update_modified=False)


def disown(doc):
	"""Make the files of a document nobody's own: the platform gives a file to its owner for ever, and a
	letter
	may become secret to them. After saving, since the platform attaches files once more then."""
	file = frappe.qb.DocType("File")
	of_doc = (file.attached_to_doctype == doc.doctype) & (file.attached_to_name == doc.name)
	frappe.qb.update(file).set(file.owner, "Administrator").where(of_doc).run()


def pages_of(url: str) -> int:
	"""Return how many pages a PDF of ours has."""
	content = uploads.as_bytes(frappe.get_doc("File", {"file_url": url}).get_content())
	with pikepdf.open(io.BytesIO(content)) as pdf:
		return len(pdf.pages)


def picture_to_pdf(content: bytes) -> bytes:
	out = io.BytesIO()
	Image.open(io.BytesIO(content)).convert("RGB").save(out, "PDF", resolution=DOTS_PER_INCH)
	return out.getvalue()


@frappe.whitelist(methods=["POST"])
def pages_to_scan(letter: str, file_urls: str | list) -> int:
	"""Make one PDF of photographed or scanned pages, in their order, and keep it as the letter's scan.

	Args:
		letter: an Incoming Letter the user may write.
		file_urls: pictures or PDFs the user has just uploaded, page by page.

	Returns:
		The number of pages.
	"""
	doc = frappe.get_doc("Incoming Letter", letter)
	doc.check_permission("write")
	joined = pikepdf.new()
	for number, url in enumerate(frappe.parse_json(file_urls)):
		kept = take(doc, url, f"halaman-{number}")
		page = frappe.get_doc("File", {"file_url": kept})
		content = uploads.as_bytes(page.get_content())
		with pikepdf.open(io.BytesIO(content if kept.endswith(".pdf") else picture_to_pdf(content))) as part:
			joined.pages.extend(part.pages)
		page.delete(ignore_permissions=True)
	if not len(joined.pages):
		frappe.throw(_("Choose at least one page."))
	out = io.BytesIO()
	joined.save(out)
	file = uploads.save_private(uploads.CleanFile(out.getvalue(), "pdf"), "pindaian", doc.doctype, doc.name)
	doc.scan = file.file_url
	doc.save()
	return doc.pages
