"""Ships the documents that belong to the administrator once installed, and upgrades those nobody has edited.

They lie as lists of documents in the folders that files.py names, made in the Desk and exported (export.py).
The ledger, one Shipped Document a document, knows what was shipped and what the database held after saving:
what differs from that was edited and is kept. docs/shipped-documents.md says which kinds these are and why.

files.py     the shipped files
content.py   what a document holds, in a form in which equal means unchanged
writing.py   puts a shipped document into the database; differences between versions of the platform
ledger.py    the rows, and what each document has become
difference.py  what the form of a row shows
export.py    back into the files
"""

import frappe
from frappe.utils import cstr, strip_html

from sinjai_services.seeding import ledger, writing
from sinjai_services.seeding.content import Names
from sinjai_services.seeding.files import ORDER, shipped_documents, shipped_hash
from sinjai_services.seeding.ledger import note_change, note_rename

__all__ = ["insert_if_missing", "note_change", "note_rename", "seed", "shipped_documents"]

SAVEPOINT = "sinjai_seed"


def seed():
	"""Bring every shipped document and its ledger row up to date, as the table in the documentation says.

	A document and its row are written between one savepoint and the next, so there is never the one without
	the other. Nothing is committed here: install and migrate commit what they did as a whole, and what a
	killed process leaves uncommitted is done by the next run. A failing document is logged and shown in its
	row, and the others go on: a migrate never stops here.
	"""
	faults = []
	documents = shipped_documents(on_fault=lambda file, error: faults.append((file, error)))
	for file, error in faults:
		frappe.log_error(f"Shipped file cannot be read: {file.parent.name}/{file.name}"[:140], cstr(error))
	rows = ledger.rows()
	names, modified = Names(rows.values()), modified_times()
	for shipped in documents:
		seed_one(shipped, rows.get((shipped["doctype"], shipped["name"])), names, modified)
	if not faults:
		ledger.note_no_longer_shipped(rows, {(shipped["doctype"], shipped["name"]) for shipped in documents})


def seed_one(shipped: dict, row, names: Names, modified: dict):
	"""Settle one document; log and note what goes wrong."""
	time = modified.get((shipped["doctype"], row.document_name if row else shipped["name"]))
	if row and ledger.is_settled(row, shipped_hash(shipped), time):
		return
	frappe.db.savepoint(SAVEPOINT)
	try:
		settle(shipped, row, names, exists=time is not None)
	except Exception as error:
		undo()
		frappe.clear_document_cache(shipped["doctype"], row.document_name if row else shipped["name"])
		title = f"Shipped document failed: {shipped['doctype']} {shipped['name']}"[:140]
		frappe.log_error(title, frappe.get_traceback())
		ledger.note_failure(shipped, row, strip_html(cstr(error)) or type(error).__name__)


def settle(shipped: dict, row, names: Names, exists: bool):
	"""Do for one document what its row and the database ask for.

	Args:
		shipped: the document as it is in the files.
		row: its ledger row, or None.
		exists: whether the document is in the database.
	"""
	seeded = row and row.shipped_hash
	if not seeded and exists:
		# Somebody else's. A row without a hash is left from an insert that failed before they made theirs.
		ledger.forget(row)
	elif not seeded:
		ledger.note_applied(shipped, row, writing.insert(shipped, names), names)
	elif ledger.refresh(shipped, row, names) == ledger.OUTDATED:
		doc = writing.update(shipped, row.document_name, names)
		ledger.note_applied(shipped, row, doc, names)


def undo():
	"""Take back what was written since the savepoint; where a deadlock took that, the whole transaction."""
	try:
		frappe.db.rollback(save_point=SAVEPOINT)
	except Exception:
		frappe.db.rollback()


def modified_times() -> dict:
	"""Return when each document of the shipped kinds was last written, with one query a kind."""
	return {
		(doctype, row.name): row.modified
		for doctype in ORDER
		if frappe.db.table_exists(doctype)
		for row in frappe.get_all(doctype, fields=["name", "modified"])
	}


def insert_if_missing(shipped: dict):
	"""Insert a shipped document without a word in the ledger; for tests that need it there."""
	if not frappe.db.exists(shipped["doctype"], shipped["name"]):
		writing.insert(shipped, Names([]))
