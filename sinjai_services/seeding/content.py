"""What a document holds, in a form in which equal means unchanged.

A document becomes a flat dictionary: {"field": text} for its own fields and {"table.column": [text, …]} for
child rows, in their order. Own fields are judged where the shipped file has them, since an upgrade writes no
others; child rows are judged whole, since an upgrade replaces them whole.
"""

import hashlib
import json
from collections.abc import Iterable

import frappe
from frappe.model import no_value_fields, table_fields
from frappe.utils import cint, cstr, flt

SWITCHES = {"enabled", "is_active", "active", "published", "disabled", "is_default"}
"""An operator turns these on and off: that is no edit, and an upgrade does not turn them back."""

UNSEEN = {"workflow_data", "workflow_builder_id", "datetime_last_run", "sinjai_successors"}
"""Written by the platform or emptied on saving, and no content."""

NUMBERS = {"Float", "Currency", "Percent", "Rating", "Duration"}


class Names:
	"""Shipped documents that an administrator renamed: links that followed the new name are no edits."""

	def __init__(self, rows: Iterable):
		renamed = [row for row in rows if row.document_name and row.document_name != row.shipped_name]
		self._here = {(row.document_type, row.shipped_name): row.document_name for row in renamed}
		self._shipped = {(doctype, here): shipped for (doctype, shipped), here in self._here.items()}

	def here(self, doctype: str, name: str) -> str:
		"""Return what a shipped document is called on this site."""
		return self._here.get((doctype, name), name)

	def shipped(self, doctype: str, name: str) -> str:
		"""Return what a document of this site is called in the shipped files."""
		return self._shipped.get((doctype, name), name)


def fields_of(doctype: str) -> list:
	"""Return the fields of a DocType that hold content, tables left out."""
	return [
		df
		for df in frappe.get_meta(doctype).fields
		if df.fieldtype not in no_value_fields
		and df.fieldtype not in table_fields
		and df.fieldtype != "Password"
		and df.fieldname not in UNSEEN
		and not df.get("is_virtual")
	]


def own_name_field(doctype: str) -> str | None:
	"""Return the field a DocType is named by, which renaming changes along."""
	autoname = frappe.get_meta(doctype).autoname or ""
	return autoname.removeprefix("field:") if autoname.startswith("field:") else None


def contents(doc, names: Names) -> dict:
	"""Return everything a document holds, save the switches."""
	found = {}
	for df in fields_of(doc.doctype):
		if df.fieldname not in SWITCHES:
			found[df.fieldname] = plain(doc.get(df.fieldname), df, names)
	by_name = own_name_field(doc.doctype)
	if by_name in found:
		found[by_name] = names.shipped(doc.doctype, found[by_name])
	for table in doc.meta.get_table_fields():
		rows = doc.get(table.fieldname) or []
		for df in fields_of(table.options):
			found[f"{table.fieldname}.{df.fieldname}"] = [
				plain(row.get(df.fieldname), df, names) for row in rows
			]
	return found


def plain(value, df, names: Names) -> str:
	"""Return a value as text. Nothing, zero and the empty text are one, as the platform mixes them."""
	if df.fieldtype in ("Check", "Int"):
		return str(cint(value) or "")
	if df.fieldtype in NUMBERS:
		return str(flt(value, 9) or "")
	if value in (None, ""):
		return ""
	if df.fieldtype == "Link":
		return names.shipped(df.options, cstr(value))
	if df.fieldtype == "Time":
		return f"{cstr(value).split('.')[0]:0>8}"
	if df.fieldtype == "JSON" or df.options == "JSON":
		return same_json(value)
	return same_text(cstr(value))


def same_text(text: str) -> str:
	return text.replace("\r\n", "\n").rstrip()


def same_json(value) -> str:
	"""Return JSON in a fixed order of its keys; what is none stays as it is."""
	try:
		parsed = json.loads(value) if isinstance(value, str) else value
	except ValueError:
		return same_text(value)
	return json.dumps(parsed, sort_keys=True, ensure_ascii=False)


def shipped_keys(shipped: dict) -> list[str]:
	"""Return the keys of `contents` that an upgrade writes, as far as this version's DocTypes have them."""
	meta, keys = frappe.get_meta(shipped["doctype"]), []
	own = {df.fieldname for df in fields_of(shipped["doctype"])} - SWITCHES
	for key in shipped:
		df = meta.get_field(key)
		if df and df.fieldtype in table_fields:
			keys += [f"{key}.{column.fieldname}" for column in fields_of(df.options)]
		elif key in own:
			keys.append(key)
	return keys


def digests(found: dict) -> dict:
	"""Return a short hash for every key: kept in the ledger, they tell what changed without keeping it."""
	return {key: digest(value) for key, value in found.items()}


def digest(value) -> str:
	return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:16]


def edited_keys(found: dict, saved: dict, keys: Iterable[str], doctype: str) -> set[str]:
	"""Return the keys whose value is no longer the one we saved.

	A field that came after we saved, with a newer version of the platform or as somebody's Custom Field, is
	unedited while it holds its default.

	Args:
		found: contents of the document now.
		saved: digests of its contents after we saved it.
		keys: what is judged.
	"""
	return {
		key
		for key in keys
		if key in found
		and digest(found[key]) != (saved.get(key) or digest(default(doctype, key, found[key])))
	}


def default(doctype: str, key: str, like):
	"""Return what `key` holds where nobody has set it; for a column as many as there are rows in `like`."""
	field, _dot, column = key.partition(".")
	df = frappe.get_meta(doctype).get_field(field)
	if column:
		df = frappe.get_meta(df.options).get_field(column)
	value = plain(df.default, df, Names([]))
	return [value] * len(like) if column else value
