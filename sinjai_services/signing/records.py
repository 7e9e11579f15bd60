"""Signed Documents: how file and record come into being together, and what is swept up after a crash.

File first, then the row, both in the caller's transaction. A process that dies in between leaves a file that
no row names; the transaction it was part of never happened. `sweep` removes such files.
"""

import os
import re
import secrets
import time
from contextlib import suppress

import frappe
from frappe import _
from frappe.utils import get_files_path

from sinjai_services.signing.provider import SignedPdf
from sinjai_services.signing.stamp import Details
from sinjai_services.signing.verification import Proof

DOCTYPE = "Signed Document"
PREFIX = "dokumen-ttd-"
FILE_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{32}}\.pdf")

ORPHAN_AFTER = 3600
"""Seconds; the transaction that wrote the file has ended long before."""


def signing_key(doc, purpose: str) -> str:
	"""Return what is kept unique while a signature is valid: one per document and purpose."""
	return f"{doc.doctype}:{doc.name}:{purpose}"[:140]


def store(doc, purpose: str, officer, details: Details, signed: SignedPdf, proof: Proof) -> str:
	"""Write the signed file and its record; return the record's name."""
	record = frappe.new_doc(DOCTYPE)
	name = frappe.generate_hash(length=10)
	file = save_file(signed.content, name)
	record.update(
		{
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
			"purpose": purpose,
			"signing_key": signing_key(doc, purpose),
			"kind": details.kind,
			"number": details.number,
			"holder_name": details.holder_name,
			"agency": officer.agency,
			"valid_until": details.valid_until,
			"signing_officer": officer.name,
			"signer_name": details.signer_name,
			"signer_position": details.signer_position,
			"signer_nip": details.signer_nip,
			"signed_at": details.signed_at,
			"verification_code": details.verification_code,
			"file": file.file_url,
			"provider": officer.provider,
			"provider_document_id": signed.document_id,
			"signature_level": signed.level,
			"sha256": proof.sha256,
			"signature_digest": proof.signature_digest,
			"certificate_fingerprint": proof.certificate_fingerprint,
			"page_count": proof.pages,
		}
	)
	record.insert(ignore_permissions=True, set_name=name)
	return record.name


def save_file(content: bytes, name: str):
	"""Keep the signed PDF as a private File of the record `name`, safely on disk."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{PREFIX}{secrets.token_hex(16)}.pdf",
			"is_private": 1,
			"attached_to_doctype": DOCTYPE,
			"attached_to_name": name,
			"attached_to_field": "file",
			"content": content,
		}
	).insert(ignore_permissions=True)
	with suppress(OSError):  # another app may keep files elsewhere
		handle = os.open(file.get_full_path(), os.O_RDONLY)
		try:
			os.fsync(handle)
		finally:
			os.close(handle)
	return file


def content_of(record) -> bytes:
	"""Return the signed PDF of a record."""
	file = frappe.get_doc(
		"File", {"attached_to_doctype": DOCTYPE, "attached_to_name": record.name, "file_url": record.file}
	)
	return file.get_content()


def keep_file(file, method: str | None = None):
	"""Refuse to delete the file of a signed document."""
	if file.attached_to_doctype == DOCTYPE and frappe.db.exists(
		DOCTYPE, {"name": file.attached_to_name, "file": file.file_url}
	):
		frappe.throw(_("This is the signed file itself. Revoke the document instead."))


def sweep():
	"""Daily: remove signed files that a crash left without a record; nobody has ever seen them."""
	now = time.time()
	with os.scandir(get_files_path(is_private=True)) as entries:
		old = [
			entry
			for entry in entries
			if FILE_NAME.fullmatch(entry.name) and now - entry.stat().st_mtime > ORPHAN_AFTER
		]
	for start in range(0, len(old), 500):
		part = old[start : start + 500]
		urls = [f"/private/files/{entry.name}" for entry in part]
		known = set(frappe.get_all("File", {"file_url": ("in", urls)}, pluck="file_url"))
		for entry, url in zip(part, urls, strict=True):
			if url not in known:
				os.remove(entry.path)
