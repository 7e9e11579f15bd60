"""Ships the documents that belong to the administrator once installed, and upgrades those nobody has edited.

They lie as lists of documents in the folders named here, made in the Desk and exported (commands.py). The
ledger, one Shipped Document a document, knows what was shipped and what the database held after saving it:
what differs from that was edited and is kept. docs/shipped-documents.md says which kinds and why.
"""

import hashlib
import json
from contextlib import contextmanager
from pathlib import Path

import frappe
from frappe.utils import cstr

LEDGER = "Shipped Document"
FOLDERS = (
	"regions",
	"list_view_settings",
	"catalogue",
	"letter_heads",
	"print_formats",
	"workflows",
	"web_forms",
	"notifications",
)
ORDER = (
	"District",
	"Village",
	"Agency",
	"Requirement",
	"Letter Head",
	"Print Format",
	"Public Service",
	"Workflow State",
	"Workflow Action Master",
	"Workflow",
	"Web Form",
	"List View Settings",
	"Notification",
)
"""What is linked to comes before what links to it."""

SWITCHES = {"enabled", "is_active", "active", "published", "disabled"}
"""An operator turns these on and off; that is no edit, and an upgrade does not turn them back."""

AS_SHIPPED, EDITED, UPDATE, KEPT, DELETED, FAILED = (
	"As Shipped",
	"Edited by You",
	"Update Available",
	"Kept for Good",
	"Deleted by You",
	"Failed",
)


# Seeding -----------------------------------------------------------------------------------------------


def seed():
	"""Bring every shipped document and its ledger row up to date.

	Each document and its row are written together; a failing one is logged and the others go on, so a migrate
	never stops here. Whatever a killed run has not committed is done by the next.
	"""
	ledger, modified = ledger_rows(), modified_times()
	with seeding():
		for shipped in shipped_documents():
			key = shipped["doctype"], shipped["name"]
			frappe.db.savepoint("seed")
			try:
				seed_document(shipped, ledger.get(key), modified.get(key))
			except Exception as error:
				frappe.db.rollback(save_point="seed")
				frappe.clear_messages()
				frappe.log_error(f"Shipped document failed: {shipped['doctype']} {shipped['name']}"[:140])
				if key in ledger:
					write_row(ledger[key].name, state=FAILED, error=cstr(error)[:500])


@contextmanager
def seeding():
	"""Tell the hooks on documents that it is us who write."""
	before = frappe.flags.sinjai_seeding
	frappe.flags.sinjai_seeding = True
	try:
		yield
	finally:
		frappe.flags.sinjai_seeding = before


def seed_document(shipped: dict, row, modified):
	"""Do for one document what the table in docs/shipped-documents.md says.

	Args:
		shipped: the document as it is in the files now.
		row: its ledger row, or None.
		modified: when the document in the database was last written; None: there is none.
	"""
	if not row:
		if not modified:
			note_applied(add_row(shipped), shipped, insert(shipped))
	elif not modified:
		write_row(row.name, state=DELETED)
	elif row.shipped_hash != shipped_hash(shipped) and is_as_left(row, shipped, modified):
		note_applied(row.name, shipped, update(shipped))
	elif row.document_modified != modified or row.shipped_hash != shipped_hash(shipped) or row.state == FAILED:
		write_row(row.name, state=state_of(row, shipped, modified), document_modified=modified, error=None)


def is_as_left(row, shipped: dict, modified) -> bool:
	"""Tell whether the database still holds what we left there."""
	if row.document_modified == modified and row.state == AS_SHIPPED:
		return True
	applied = json.loads(row.shipped_json)
	return content_hash(frappe.get_doc(shipped["doctype"], shipped["name"]), applied) == row.saved_hash


def state_of(row, shipped: dict, modified) -> str:
	if is_as_left(row, shipped, modified):
		return AS_SHIPPED
	if row.keep_mine:
		return KEPT
	return UPDATE if row.shipped_hash != shipped_hash(shipped) else EDITED


def shipped_documents() -> list[dict]:
	"""Return all shipped documents in the order in which they can be inserted."""
	documents = [document for file in shipped_files() for document in json.loads(file.read_text(encoding="utf-8"))]
	return sorted(documents, key=lambda document: ORDER.index(document["doctype"]))


def shipped_files() -> list[Path]:
	root = Path(frappe.get_app_path("sinjai_services"))
	return [file for folder in FOLDERS for file in sorted((root / folder).glob("*.json"))]


def shipped_document(doctype: str, name: str) -> dict | None:
	"""Return the document as it is shipped now, or None when it no longer is."""
	return next((d for d in shipped_documents() if (d["doctype"], d["name"]) == (doctype, name)), None)


# Writing documents -------------------------------------------------------------------------------------


def insert_if_missing(shipped: dict):
	if not frappe.db.exists(shipped["doctype"], shipped["name"]):
		insert(shipped)


def insert(shipped: dict):
	"""Insert a shipped document under its own name and return it."""
	doc = frappe.get_doc(fit(shipped))
	doc.insert(ignore_permissions=True, set_name=shipped["name"])
	after_saving(doc, shipped)
	return doc


def update(shipped: dict):
	"""Give the document in the database the shipped content; operator's switches stay."""
	doc = frappe.get_doc(shipped["doctype"], shipped["name"])
	doc.update({key: value for key, value in fit(shipped).items() if key not in SWITCHES})
	doc.save(ignore_permissions=True)
	after_saving(doc, shipped)
	return doc


def fit(shipped: dict) -> dict:
	"""Return the document as this version of the platform and this site can take it; the one place for that."""
	meta = frappe.get_meta(shipped["doctype"])
	fitted = {
		key: value
		for key, value in shipped.items()
		if key in ("doctype", "name") or meta.has_field(key) or key == "__newname"
	}
	if shipped["doctype"] == "Workflow" and fitted.get("is_active"):
		rival = {"document_type": shipped["document_type"], "is_active": 1, "name": ("!=", shipped["name"])}
		fitted["is_active"] = 0 if frappe.db.exists("Workflow", rival) else 1
	return fitted


def after_saving(doc, shipped: dict):
	if doc.doctype == "Letter Head" and doc.source != shipped.get("source"):
		# Version 15 makes every new letterhead one of a picture and then hides its text from the editor.
		doc.db_set("source", shipped["source"])


# Hashes ------------------------------------------------------------------------------------------------


def shipped_hash(shipped: dict) -> str:
	return digest({key: value for key, value in shipped.items() if key not in SWITCHES})


def content_hash(doc, like: dict) -> str:
	"""Return the hash of what the database holds, over the keys that were shipped."""
	return digest(content(doc, like))


def content(doc, like: dict) -> dict:
	"""Return the document's values under the keys of `like`, in a form in which equal means unchanged."""
	return {
		key: child_rows(doc.get(key), value) if isinstance(value, list) else plain(doc.get(key))
		for key, value in like.items()
		if key not in SWITCHES and key not in ("doctype", "name")
	}


def child_rows(rows, shipped_rows: list) -> list[dict]:
	keys = sorted({key for row in shipped_rows for key in row if key != "doctype"})
	return [{key: plain(row.get(key)) for key in keys} for row in rows or []]


def plain(value) -> str:
	"""Return a value as text; nothing, zero and the empty text are the same, as the platform mixes them."""
	return cstr(value).replace("\r\n", "\n").rstrip() if value not in (None, 0, 0.0, False) else ""


def digest(value) -> str:
	text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=cstr)
	return hashlib.sha256(text.encode()).hexdigest()


# The ledger --------------------------------------------------------------------------------------------


def ledger_rows() -> dict:
	rows = frappe.get_all(LEDGER, fields=["*"])
	return {(row.document_type, row.document_name): row for row in rows}


def modified_times() -> dict:
	"""Return when each document of the shipped kinds was last written, with one query a kind."""
	return {
		(doctype, row.name): row.modified for doctype in ORDER for row in frappe.get_all(doctype, fields=["name", "modified"])
	}


def add_row(shipped: dict) -> str:
	row = {"doctype": LEDGER, "document_type": shipped["doctype"], "document_name": shipped["name"]}
	return frappe.get_doc(row).insert(ignore_permissions=True, ignore_links=True).name


def note_applied(row: str, shipped: dict, doc):
	"""Write down that the database now holds what is shipped, read back as it was stored."""
	stored = frappe.get_doc(doc.doctype, doc.name)
	write_row(
		row,
		shipped_hash=shipped_hash(shipped),
		saved_hash=content_hash(stored, shipped),
		shipped_json=json.dumps(shipped, ensure_ascii=False, indent=1),
		document_modified=stored.modified,
		state=AS_SHIPPED,
		keep_mine=0,
		error=None,
	)


def write_row(name: str, **values):
	frappe.db.set_value(LEDGER, name, values, update_modified=False)


def note_change(doc, method: str | None = None):
	"""Keep the ledger's state true when somebody edits or deletes a shipped document (hook)."""
	if frappe.flags.sinjai_seeding or frappe.flags.in_uninstall:
		return
	row = frappe.db.get_value(LEDGER, {"document_type": doc.doctype, "document_name": doc.name}, "*", as_dict=True)
	if not row:
		return
	if method == "on_trash":
		write_row(row.name, state=DELETED)
		return
	shipped = shipped_document(doc.doctype, doc.name)
	as_left = content_hash(doc, json.loads(row.shipped_json)) == row.saved_hash
	newer = shipped and row.shipped_hash != shipped_hash(shipped)
	state = AS_SHIPPED if as_left else KEPT if row.keep_mine else UPDATE if newer else EDITED
	write_row(row.name, state=state, document_modified=None)
