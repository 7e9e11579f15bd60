"""The ledger: one row a shipped document, and what has become of it on this site."""

import json

import frappe

from sinjai_services.seeding import writing
from sinjai_services.seeding.content import Names, contents, digests, edited_keys, shipped_keys
from sinjai_services.seeding.files import shipped_document, shipped_hash

LEDGER = "Shipped Document"

AS_SHIPPED = "As Shipped"
EDITED = "Edited by You"
UPDATE = "Update Available"
KEPT = "Kept for Good"
DELETED = "Deleted by You"
FAILED = "Failed"
GONE = "No Longer Shipped"
OUTDATED = "Outdated"
"""As we left it, and the shipped one has changed: the next migrate brings it up to date. Never stored."""

SHOWN = (
	"name",
	"document_type",
	"shipped_name",
	"document_name",
	"state",
	"shipped_hash",
	"kept_against",
	"seen",
)
"""What is read of every row at a migrate; the digests are long and wanted for few."""


# Reading -----------------------------------------------------------------------------------------------


def rows() -> dict:
	"""Return all rows by DocType and shipped name."""
	return {(row.document_type, row.shipped_name): row for row in frappe.get_all(LEDGER, fields=SHOWN)}


def row_of(doctype: str, name: str):
	"""Return the row of a document by its name on this site, or None."""
	found = frappe.get_all(LEDGER, {"document_type": doctype, "document_name": name}, SHOWN, limit=1)
	return found[0] if found else None


def all_names() -> Names:
	return Names(rows().values())


def digests_of(row) -> dict:
	"""Return the digests of what the database held after we saved the document."""
	return json.loads(frappe.db.get_value(LEDGER, row.name, "saved") or "{}")


def document_of(row):
	"""Return the document as the database holds it, or None."""
	if not row.document_name or not frappe.db.exists(row.document_type, row.document_name):
		return None
	return frappe.get_doc(row.document_type, row.document_name)


# Judging -----------------------------------------------------------------------------------------------


def title_of(doc) -> str:
	"""Return what people call a document: many are named by a code, and some are titled by a template."""
	title = doc.get_title()
	return title[:140] if title and "{{" not in title else doc.name


def seen_mark(version: str, modified) -> str:
	"""Return what a row notes of the last look: the state changes only when file or document do."""
	return f"{version} {modified}"


def is_settled(row, version: str, modified) -> bool:
	return row.state not in (FAILED, GONE) and row.seen == seen_mark(version, modified)


def judge(shipped: dict | None, row, doc, names: Names) -> str:
	"""Return what has become of a document.

	Args:
		shipped: the document as it is in the files, or None when it no longer is.
		row: its ledger row.
		doc: the document as the database holds it, or None.
	"""
	if not shipped:
		return GONE
	if not doc:
		return DELETED
	if row.kept_against:
		return KEPT
	newer = row.shipped_hash != shipped_hash(shipped)
	if newer and not different_keys(shipped, doc, names):
		return AS_SHIPPED
	if edited_here(shipped, row, doc, names):
		return UPDATE if newer else EDITED
	return OUTDATED if newer else AS_SHIPPED


def edited_here(shipped: dict | None, row, doc, names: Names) -> set[str]:
	"""Return the keys an administrator has changed; of what is no longer shipped every field counts."""
	found = contents(doc, names)
	return edited_keys(found, digests_of(row), shipped_keys(shipped) if shipped else found, doc.doctype)


def different_keys(shipped: dict, doc, names: Names) -> list[str]:
	"""Return the keys in which a document differs from the shipped one."""
	ours, theirs = contents(writing.prepared(shipped, names), names), contents(doc, names)
	return [key for key in shipped_keys(shipped) if ours[key] != theirs[key]]


def refresh(shipped: dict | None, row, names: Names) -> str:
	"""Look at a document, write its state into its row, and return it."""
	doc = document_of(row)
	state = judge(shipped, row, doc, names)
	if state == AS_SHIPPED and row.shipped_hash != shipped_hash(shipped):
		# The same by another way: an administrator's own change, or the files were exported from this site.
		note_applied(shipped, row, doc, names)
		return state
	shown = state
	if state == OUTDATED:
		shown = FAILED if row.state == FAILED else AS_SHIPPED
	values = {"state": shown, "seen": None}
	if doc:
		values["title"] = title_of(doc)
	if state not in (OUTDATED, GONE):
		values["seen"] = seen_mark(shipped_hash(shipped), doc and doc.modified)
	if shown != FAILED:
		values["error"] = None
	write(row, values)
	return state


# Writing -----------------------------------------------------------------------------------------------


def write(row, values: dict):
	frappe.db.set_value(LEDGER, row.name, values, update_modified=False)


def add(shipped: dict):
	"""Make the row of a document, without what makes it ours: that is written once the document is saved."""
	doc = frappe.new_doc(LEDGER)
	doc.document_type = shipped["doctype"]
	doc.title = doc.shipped_name = doc.document_name = shipped["name"]
	return doc.insert(ignore_permissions=True)


def forget(row):
	if row:
		frappe.delete_doc(LEDGER, row.name, ignore_permissions=True, force=True, delete_permanently=True)


def note_applied(shipped: dict, row, doc, names: Names):
	"""Write down that a document now is as shipped.

	Args:
		row: its ledger row, or None for a new one.
		doc: the document, read back from the database after saving.
	"""
	write(
		row or add(shipped),
		{
			"title": title_of(doc),
			"document_name": doc.name,
			"state": AS_SHIPPED,
			"shipped_hash": shipped_hash(shipped),
			"saved": json.dumps(saved_digests(shipped, row, doc, names), sort_keys=True),
			"seen": seen_mark(shipped_hash(shipped), doc.modified),
			"kept_against": None,
			"error": None,
		},
	)


def saved_digests(shipped: dict, row, doc, names: Names) -> dict:
	"""Return what to remember of a document we have just written.

	Of fields that are not shipped, what they held at first: an administrator's own value there is found when
	the field is shipped one day.
	"""
	now, before, written = (
		digests(contents(doc, names)),
		digests_of(row) if row else {},
		set(shipped_keys(shipped)),
	)
	return {key: value if key in written else before.get(key, value) for key, value in now.items()}


def note_failure(shipped: dict, row, error: str):
	write(row or add(shipped), {"state": FAILED, "error": error[:500], "seen": None})


def note_no_longer_shipped(rows: dict, shipped: set):
	for key, row in rows.items():
		if key not in shipped and row.state != GONE:
			if row.shipped_hash:
				write(row, {"state": GONE, "seen": None, "error": None})
			else:
				forget(row)


# Following what administrators do (hooks) --------------------------------------------------------------


def note_change(doc, method: str | None = None):
	"""Keep the row true when somebody saves or deletes a shipped document; a migrate looks at all itself."""
	flags = frappe.flags
	if flags.in_migrate or flags.in_install or flags.in_uninstall or doc.flags.in_delete:
		return
	row = row_of(doc.doctype, doc.name)
	if not row or not row.shipped_hash:
		return
	if method == "on_trash":
		write(row, {"state": DELETED, "seen": None, "error": None})
	else:
		refresh(shipped_document(row.document_type, row.shipped_name), row, all_names())


def note_rename(doc, method: str, old: str, new: str, merge: bool = False):
	"""Follow a shipped document to its new name, so that the old one does not come back.

	One that was merged into another is deleted next, which note_change sees; but links to it now lead to the
	other one without those documents being saved, so every document is looked at again.
	"""
	if not frappe.db.table_exists(LEDGER):
		return
	if merge:
		frappe.db.set_value(LEDGER, {"seen": ("is", "set")}, "seen", None, update_modified=False)
		return
	here = {"document_type": doc.doctype}
	frappe.db.set_value(LEDGER, {**here, "document_name": new}, "document_name", None, update_modified=False)
	values = {"document_name": new, "title": title_of(doc)}
	frappe.db.set_value(LEDGER, {**here, "document_name": old}, values, update_modified=False)
