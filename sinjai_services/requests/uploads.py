"""Papers from outside: a narrow door that takes pictures and PDFs, cleans them and keeps them private.

A visitor uploads each paper as soon as it is chosen, under a token that the form carries. The files hang on
the Upload Token until the form is sent; then they move to the request. What is never sent is removed.
"""

import hashlib
import hmac
import io
import secrets
import time
from dataclasses import dataclass

import filetype
import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, now_datetime
from frappe.utils.password import get_encryption_key

from sinjai_services import limits, stages

register_heif_opener()

TOKEN_HOURS = 24
UPLOADS_PER_HOUR = 600
"""From one address: a village shares one."""

MAX_PIXELS = 60_000_000
MAX_EDGE = 2200
MAX_PAGES = 100
PICTURES = ("image/jpeg", "image/png", "image/heic", "image/heif")


class RefusedUpload(frappe.ValidationError):
	"""The file cannot be taken; the message tells the applicant why and what to do."""


@dataclass(frozen=True)
class CleanFile:
	content: bytes
	extension: str


# Tokens ------------------------------------------------------------------------------------------------


def new_token() -> str:
	"""Return a token for one visit to a form; no row is written until something is uploaded or sent."""
	body = f"{int(time.time())}.{secrets.token_urlsafe(18)}"
	return f"{body}.{token_signature(body)}"


def token_signature(body: str) -> str:
	return hmac.new(
		get_encryption_key().encode(), b"upload-token:" + body.encode(), hashlib.sha256
	).hexdigest()[:32]


def valid_token(token: str | None) -> bool:
	"""Tell whether the token was made here within the last day."""
	body, _dot, signature = (token or "").rpartition(".")
	if not body or not hmac.compare_digest(signature.encode(), token_signature(body).encode()):
		return False
	return time.time() - int(body.split(".")[0]) < TOKEN_HOURS * 3600


def token_key(token: str) -> str:
	"""Return the name under which a token's uploads and its submission are kept; not the token itself."""
	return hashlib.sha256(token.encode()).hexdigest()[:32]


def token_row(token: str, web_form: str):
	name = token_key(token)
	if frappe.db.exists("Upload Token", name):
		return frappe.get_doc("Upload Token", name, for_update=True)
	row = frappe.get_doc(
		{
			"doctype": "Upload Token",
			"name": name,
			"web_form": web_form,
			"expires_at": add_to_date(now_datetime(), hours=TOKEN_HOURS),
			"file_count": 0,
			"total_bytes": 0,
		}
	)
	return row.insert(ignore_permissions=True)


# The door ----------------------------------------------------------------------------------------------


@frappe.whitelist(allow_guest=True, methods=["POST"])
def upload(token: str, web_form: str, slot: str) -> dict:
	"""Take one paper of a public form.

	Open to guests because citizens have no account: limited per address, per token in number and size, by
	content to pictures and PDFs; the file is private and readable by nobody until the form is sent.

	Args:
		token: the form's token.
		web_form: name of the published Web Form.
		slot: the Requirement the paper is for.

	Returns:
		{"ok": True, "file_name", "size_text"} or {"ok": False, "error"}; never an address of the file.
	"""
	try:
		limits.count("upload", limits.address(), UPLOADS_PER_HOUR, seconds=3600)
		file = frappe.request.files.get("file")
		if not file:
			raise RefusedUpload(_("No file has arrived. Please choose it again."))
		content = file.stream.read(max_bytes() + 1)
		stored = store(token, web_form, slot, content)
	except limits.TooManyRequests:
		return {"ok": False, "error": _("Too many files from this connection. Please try again in an hour.")}
	except RefusedUpload as refusal:
		return {"ok": False, "error": str(refusal)}
	return {"ok": True, "file_name": stored.file_name, "size_text": size_text(stored.file_size)}


def store(token: str, web_form: str, slot: str, content: bytes):
	"""Clean `content` and keep it under the token for the requirement `slot`; replaces an earlier one.

	Raises:
		RefusedUpload: token, slot, kind, size or number is not allowed.
	"""
	if not valid_token(token):
		raise RefusedUpload(_("This form was open too long. Please reload the page."))
	if not frappe.db.exists("Requirement", slot):
		raise RefusedUpload(_("This paper is not asked for here."))
	clean = clean_file(content)
	row = token_row(token, web_form)
	if row.used_name:
		raise RefusedUpload(_("This form has already been sent."))
	if row.file_count >= (cint(settings().max_uploads) or 20) * 3:
		raise RefusedUpload(_("Too many files. Please send the form with those you have."))
	for earlier in uploaded(token, slot):
		frappe.delete_doc("File", earlier.name, ignore_permissions=True)
	file = save_private(clean, slot, "Upload Token", row.name)
	row.file_count += 1
	row.total_bytes += len(clean.content)
	row.save(ignore_permissions=True)
	return file


def uploaded(token: str, slot: str | None = None) -> list:
	"""Return the files kept under a token, of one requirement or of all."""
	filters = {"attached_to_doctype": "Upload Token", "attached_to_name": token_key(token)}
	if slot:
		filters["attached_to_field"] = slot_field(slot)
	return frappe.get_all(
		"File",
		filters,
		["name", "file_url", "file_name", "file_size", "attached_to_field"],
		order_by="creation",
	)


def slot_field(slot: str) -> str:
	"""Return the requirement in a form that File accepts as a field name."""
	return "paper_" + hashlib.sha256(slot.encode()).hexdigest()[:16]


def save_private(clean: CleanFile, slot: str, doctype: str, name: str):
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.scrub(slot)[:60]}-{secrets.token_hex(6)}.{clean.extension}",
			"is_private": 1,
			"attached_to_doctype": doctype,
			"attached_to_name": name,
			"attached_to_field": slot_field(slot),
			"content": clean.content,
		}
	)
	return file.insert(ignore_permissions=True)


# Cleaning ----------------------------------------------------------------------------------------------


def clean_file(content: bytes, most_bytes: int | None = None, most_pages: int = MAX_PAGES) -> CleanFile:
	"""Return a harmless version of a picture or PDF: re-encoded, without metadata, scripts or attachments.

	Args:
		content: the bytes as sent; the kind is read from them, never from a name.
		most_bytes: what may be taken; left out, what Sinjai Settings allow.
		most_pages: of a PDF.

	Raises:
		RefusedUpload: too large, of another kind, damaged or locked.
	"""
	if not content:
		raise RefusedUpload(_("The file is empty. Please choose it again."))
	most_bytes = most_bytes or max_bytes()
	if len(content) > most_bytes:
		raise RefusedUpload(_("The file is too large: at most {0} MB.").format(most_bytes // 1024 // 1024))
	kind = filetype.guess_mime(content)
	if kind in PICTURES:
		return clean_picture(content)
	if kind == "application/pdf":
		return clean_pdf(content, most_pages)
	raise RefusedUpload(_("Only photographs (JPEG, PNG, HEIC) and PDF files can be taken."))


def clean_picture(content: bytes) -> CleanFile:
	unreadable = _("The picture cannot be read. Please take the photograph again.")
	try:
		picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "HEIF"))
		if picture.width * picture.height > MAX_PIXELS:
			raise RefusedUpload(_("The picture has too many pixels. Please take a smaller photograph."))
		picture = ImageOps.exif_transpose(picture).convert("RGB")
	except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
		raise RefusedUpload(unreadable) from error
	picture.thumbnail((MAX_EDGE, MAX_EDGE))
	out = io.BytesIO()
	picture.save(out, "JPEG", quality=85, optimize=True)
	return CleanFile(out.getvalue(), "jpg")


ACTIVE_PARTS = ("/OpenAction", "/AA", "/Names", "/AcroForm", "/JavaScript", "/Metadata")


def clean_pdf(content: bytes, most_pages: int = MAX_PAGES) -> CleanFile:
	try:
		with pikepdf.open(io.BytesIO(content)) as pdf:
			if not 1 <= len(pdf.pages) <= most_pages:
				raise RefusedUpload(_("The PDF has too many pages: at most {0}.").format(most_pages))
			strip_active_parts(pdf)
			out = io.BytesIO()
			pdf.save(out)
	except pikepdf.PasswordError as error:
		raise RefusedUpload(_("The PDF is locked with a password. Please send it without one.")) from error
	except pikepdf.PdfError as error:
		raise RefusedUpload(
			_("The PDF cannot be read. Please send it again or send a photograph.")
		) from error
	return CleanFile(out.getvalue(), "pdf")


def strip_active_parts(pdf):
	for part in ACTIVE_PARTS:
		if part in pdf.Root:
			del pdf.Root[part]
	for page in pdf.pages:
		for part in ("/AA", "/Annots"):
			if part in page:
				del page[part]
	with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
		metadata.clear()
	if "/Info" in pdf.trailer:
		del pdf.trailer["/Info"]


def max_bytes() -> int:
	return (cint(settings().max_upload_mb) or 10) * 1024 * 1024


def settings():
	return frappe.get_cached_doc("Sinjai Settings")


def size_text(size: int) -> str:
	"""Return a size as people read it: 850 KB, 2,4 MB."""
	if size < 1024 * 1024:
		return f"{max(1, round(size / 1024))} KB"
	return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


# From upload to request --------------------------------------------------------------------------------


def adopt(doc, row, most_bytes: int | None = None, most_pages: int = MAX_PAGES) -> str:
	"""Return the address under which a newly given file of a checklist row may be kept.

	Only files that this submitter has just uploaded are taken: Frappe would otherwise link any private file
	whose address is typed in, and let the readers of this request download it. What comes through the Desk or
	REST is cleaned here just as what a public form uploads.

	Raises:
		frappe.ValidationError: the address is not such a file.
	"""
	files = frappe.get_all(
		"File",
		{"file_url": row.file},
		["name", "owner", "is_private", "attached_to_doctype", "attached_to_name", "attached_to_field"],
	)
	if any(is_under_token(doc, file) or is_attached(doc, file) for file in files):
		return row.file
	if given := next((file for file in files if is_offered(doc, file)), None):
		return share(given.name, doc, row)
	own = next((file for file in files if is_fresh_upload(doc, file)), None)
	if not own:
		frappe.throw(
			_("The file of {0} was not uploaded with this request. Upload it again.").format(row.requirement)
		)
	original = frappe.get_doc("File", own.name)
	try:
		clean = clean_file(as_bytes(original.get_content()), most_bytes, most_pages)
	except RefusedUpload as refusal:
		frappe.throw(f"{row.requirement}: {refusal}", RefusedUpload)
	file = save_private(clean, row.requirement, doc.doctype, doc.name)
	original.delete(ignore_permissions=True)
	return file.file_url


def as_bytes(content: bytes | str) -> bytes:
	return content.encode() if isinstance(content, str) else content


def is_under_token(doc, file) -> bool:
	return (
		bool(doc.flags.upload_token)
		and file.attached_to_doctype == "Upload Token"
		and file.attached_to_name == doc.flags.upload_token
	)


def is_offered(doc, file) -> bool:
	"""Tell whether the code that makes the request has offered the documents this file hangs on.

	`doc.flags.papers_from` holds (DocType, name) of documents whose files were cleaned when they came in,
	such as the messages of a conversation.
	"""
	place = (file.attached_to_doctype, file.attached_to_name)
	return bool(file.is_private) and place in (doc.flags.papers_from or ())


def share(name: str, doc, row) -> str:
	"""Give the request a file of its own with the content of another one, which stays where it is."""
	original = frappe.get_doc("File", name)
	clean = CleanFile(as_bytes(original.get_content()), original.file_url.rpartition(".")[2])
	return save_private(clean, row.requirement, doc.doctype, doc.name).file_url


def is_attached(doc, file) -> bool:
	"""Tell whether the file already is a cleaned paper of this very document."""
	return (
		bool(file.is_private)
		and (file.attached_to_doctype, file.attached_to_name) == (doc.doctype, doc.name)
		and (file.attached_to_field or "").startswith("paper_")
	)


def is_fresh_upload(doc, file) -> bool:
	"""Tell whether the session's user uploaded the file for this document or for none yet."""
	if file.owner != frappe.session.user or frappe.session.user == "Guest":
		return False
	if not file.attached_to_name or (file.attached_to_doctype, file.attached_to_name) == (
		doc.doctype,
		doc.name,
	):
		return True
	return file.attached_to_doctype == doc.doctype and not frappe.db.exists(
		doc.doctype, file.attached_to_name
	)


def attach(doc):
	"""Move the files of the form's token to the request that was made from it."""
	key = doc.flags.upload_token
	if not key:
		return
	kept = {row.file for row in doc.papers if row.file}
	for file in frappe.get_all(
		"File", {"attached_to_doctype": "Upload Token", "attached_to_name": key}, ["name", "file_url"]
	):
		if file.file_url in kept:
			frappe.db.set_value(
				"File", file.name, {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
			)
	if frappe.db.exists("Upload Token", key):
		frappe.db.set_value("Upload Token", key, {"used_doctype": doc.doctype, "used_name": doc.name})


def keep_papers(file, method: str | None = None):
	"""Refuse to delete a file that stands in a checklist: the form's sidebar offers that with one click."""
	if file.attached_to_doctype not in stages.tracked_doctypes():
		return
	if frappe.db.exists("Request Paper", {"parent": file.attached_to_name, "file": file.file_url}):
		if frappe.db.exists(file.attached_to_doctype, file.attached_to_name):
			frappe.throw(_("This file belongs to the checklist. Replace it there."))


def remove_expired():
	"""Hourly: remove tokens that ran out, with the files that were never sent."""
	for name in frappe.get_all(
		"Upload Token", {"expires_at": ("<", now_datetime())}, pluck="name", limit=500
	):
		frappe.delete_doc("Upload Token", name, ignore_permissions=True)
