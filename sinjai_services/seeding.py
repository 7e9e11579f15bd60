"""Ships the documents that belong to the administrator once installed.

Kept as one list of documents a file in the folders named here, made in the Desk and exported. A document that
is not there is inserted; one that is there is left alone.
"""

import json
from pathlib import Path

import frappe

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


def seed():
	"""Insert every shipped document that is missing. A failing one is logged; the others go on."""
	for shipped in shipped_documents():
		frappe.db.savepoint("seed")
		try:
			insert_if_missing(shipped)
		except Exception:
			frappe.db.rollback(save_point="seed")
			frappe.log_error(f"Shipped document failed: {shipped['doctype']} {shipped['name']}")


def shipped_documents() -> list[dict]:
	"""Return all shipped documents in the order in which they can be inserted."""
	root = Path(frappe.get_app_path("sinjai_services"))
	documents = []
	for folder in FOLDERS:
		for file in sorted((root / folder).glob("*.json")):
			documents += json.loads(file.read_text(encoding="utf-8"))
	return sorted(documents, key=lambda document: ORDER.index(document["doctype"]))


def insert_if_missing(shipped: dict):
	if frappe.db.exists(shipped["doctype"], shipped["name"]):
		return
	doc = frappe.get_doc(shipped)
	doc.insert(ignore_permissions=True, set_name=shipped["name"])
	if doc.doctype == "Letter Head" and doc.source != shipped.get("source"):
		# Version 15 makes every new letterhead one of a picture and then hides its text from the editor.
		doc.db_set("source", shipped["source"])
