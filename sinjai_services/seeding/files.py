"""The shipped files: lists of documents as JSON, in folders of the app."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import frappe

from sinjai_services.seeding.content import SWITCHES

FOLDERS = (
	"regions",
	"list_view_settings",
	"catalogue",
	"inspection_checklists",
	"letter_heads",
	"print_formats",
	"workflows",
	"web_forms",
	"reply_texts",
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
	"Inspection Checklist",
	"Workflow State",
	"Workflow Action Master",
	"Workflow",
	"Web Form",
	"List View Settings",
	"Reply Text",
	"Notification",
)
"""The shipped kinds; what is linked to comes before what links to it. hooks.py names them, too."""


def root() -> Path:
	return Path(frappe.get_app_path("sinjai_services"))


def shipped_files() -> list[Path]:
	return [file for folder in FOLDERS for file in sorted((root() / folder).glob("*.json"))]


def read(file: Path) -> list[dict]:
	"""Return the documents in a file; raises ValueError for one that holds anything else."""
	documents = json.loads(file.read_text(encoding="utf-8"))
	if not isinstance(documents, list) or not all(is_shippable(document) for document in documents):
		raise ValueError(f"{file.name} is no list of documents of the shipped kinds with their names")
	return documents


def is_shippable(document) -> bool:
	return isinstance(document, dict) and document.get("doctype") in ORDER and bool(document.get("name"))


def shipped_documents(on_fault: Callable[[Path, ValueError], None] | None = None) -> list[dict]:
	"""Return all shipped documents in the order in which they can be inserted.

	Args:
		on_fault: takes file and error of what cannot be read; without it the error is raised.
	"""
	documents = []
	for file in shipped_files():
		try:
			documents += read(file)
		except ValueError as error:
			if not on_fault:
				raise
			on_fault(file, error)
	return sorted(documents, key=lambda document: ORDER.index(document["doctype"]))


def shipped_document(doctype: str, name: str) -> dict | None:
	"""Return the document as it is shipped now, or None when it no longer is."""
	found = (d for d in shipped_documents(on_fault=ignore) if (d["doctype"], d["name"]) == (doctype, name))
	return next(found, None)


def ignore(file: Path, error: ValueError):
	"""The migrate logs a broken file; who looks at one document is not told of another."""


def shipped_hash(shipped: dict) -> str:
	"""Return what stands for the shipped version of a document in the ledger; switches are the operator's."""
	values = {key: value for key, value in shipped.items() if key not in SWITCHES}
	return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
