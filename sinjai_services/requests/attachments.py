"""Private files in the fields of a document stay private.

After saving, the platform looks for each file in a field of kind Attach whether it is attached to this very
document *and field*. Where it is not, the platform attaches it once more, and thereby writes a public copy of
a private file (frappe/core/doctype/file/utils.py, attach_files_to_document). It misses more than one thinks:
files uploaded on the form of a document that had no name yet, and files that code keeps.
"""

import frappe
from frappe import _

from sinjai_services.requests.uploads import is_fresh_upload

PRIVATE = "/private/files/"
ATTACH = ("Attach", "Attach Image")


class NotYours(frappe.ValidationError):
	"""The address names a private file that the user may not read."""


def keep_private(doc, method: str | None = None):
	"""Attach the private files in a document's fields before the platform does (hook on_update).

	Raises:
		NotYours: an address was typed in that names somebody else's private file.
	"""
	for df in doc.meta.get("fields", {"fieldtype": ("in", ATTACH)}):
		url = doc.get(df.fieldname) or ""
		if url.startswith(PRIVATE):
			attach(doc, df, url)


def attach(doc, df, url: str):
	place = {
		"attached_to_doctype": doc.doctype,
		"attached_to_name": doc.name,
		"attached_to_field": df.fieldname,
	}
	if frappe.db.exists("File", {"file_url": url, **place}):
		return
	files = frappe.get_all("File", {"file_url": url}, ["name", "owner", "file_name", *place])
	own = next((file for file in files if is_of_document(doc, file) or is_fresh_upload(doc, file)), None)
	if own:
		frappe.db.set_value("File", own.name, place, update_modified=False)
		return
	if doc.has_value_changed(df.fieldname) and not doc.flags.ignore_permissions and not may_read(files):
		frappe.throw(
			_("{0}: this file was not uploaded here. Attach it again.").format(_(df.label)), NotYours
		)
	share(files, url, place)


def is_of_document(doc, file) -> bool:
	return (file.attached_to_doctype, file.attached_to_name) == (doc.doctype, doc.name)


def may_read(files: list) -> bool:
	return any(frappe.get_doc("File", file.name).has_permission("read") for file in files)


def share(files: list, url: str, place: dict):
	"""Let a second document have a file that belongs to another one; the content lies there once."""
	file = frappe.new_doc("File")
	file.update({"file_url": url, "is_private": 1, "folder": "Home/Attachments", **place})
	file.file_name = files[0].file_name if files else url.rpartition("/")[2]
	file.flags.ignore_duplicate_entry_error = True
	try:
		file.insert(ignore_permissions=True)
	except FileNotFoundError:
		# An address of nothing; the platform notes that in the error log.
		return
