"""Writes documents of a site back into the shipped files, made in the Desk and never typed."""

import json
from pathlib import Path

import frappe
from frappe.model import table_fields
from frappe.utils import cint, flt

from sinjai_services.seeding import files, writing
from sinjai_services.seeding.content import (
	NUMBERS,
	SWITCHES,
	Names,
	contents,
	fields_of,
	own_name_field,
	plain,
)
from sinjai_services.seeding.files import ORDER, read, shipped_files
from sinjai_services.seeding.ledger import all_names

ALONG = {"Workflow State": ("states", "state"), "Workflow Action Master": ("transitions", "action")}
"""Shipped beside the Workflow that uses them: DocType → its table and column."""


class Missing(Exception):
	"""A document to be shipped is not on this site."""


def export(doctype: str | None = None, anew: bool = False) -> list[str]:
	"""Write the site's documents over the shipped ones; return what there is to say, a line each.

	What has not changed stays as it is in its file, to the letter: the files' history shows edits only.

	Args:
		doctype: only documents of this kind.
		anew: write unchanged documents too, as the export would.
	"""
	names, said = all_names(), []
	elsewhere = {(d["doctype"], d["name"]) for file in shipped_files() for d in read(file)}
	for file in shipped_files():
		old = read(file)
		new = []
		for shipped in old:
			if doctype and shipped["doctype"] != doctype:
				new.append(shipped)
				continue
			name = names.here(shipped["doctype"], shipped["name"])
			if not frappe.db.exists(shipped["doctype"], name):
				said.append(f"Not on this site, left as it was: {shipped['doctype']} {shipped['name']}")
				new.append(shipped)
				continue
			doc = frappe.get_doc(shipped["doctype"], name)
			new += [*companions(doc, elsewhere, names), exported(doc, shipped, names, anew)]
		said += save(file, old, new)
	return said


def add(path: str, doctype: str, name: str) -> list[str]:
	"""Put a document of the site, and what has to come with it, at the end of a shipped file.

	Args:
		path: file in one of the shipped folders, as `notifications/reminder.json`; made where there is none.
	"""
	if doctype not in ORDER:
		raise Missing(f"{doctype} is not shipped this way. Kinds: {', '.join(ORDER)}")
	if not frappe.db.exists(doctype, name):
		raise Missing(f"{doctype} {name} is not on this site")
	file, names = files.root() / path, all_names()
	everything = {(d["doctype"], d["name"]) for other in shipped_files() for d in read(other)}
	old = read(file) if file.exists() else []
	doc = frappe.get_doc(doctype, name)
	if (doctype, names.shipped(doctype, name)) in everything:
		raise Missing(f"{doctype} {name} is shipped already; export it without --add")
	return save(file, old, [*old, *companions(doc, everything, names), exported(doc, {}, names)])


def save(file: Path, old: list[dict], new: list[dict]) -> list[str]:
	"""Write a file where something changed; return a line a changed document."""
	text = json.dumps(new, indent=1, ensure_ascii=False) + "\n"
	if file.exists() and file.read_text(encoding="utf-8") == text:
		return []
	file.write_text(text, encoding="utf-8")
	place = f"{file.parent.name}/{file.name}"
	return [f"{place}: {d['doctype']} {d['name']}" for d in new if d not in old] or [f"{place}: layout"]


def companions(doc, elsewhere: set, names: Names) -> list[dict]:
	"""Return the states and actions of a workflow that no file ships yet, and note them in `elsewhere`."""
	found = []
	for doctype, (table, column) in ALONG.items() if doc.doctype == "Workflow" else ():
		for name in dict.fromkeys(row.get(column) for row in doc.get(table)):
			key = (doctype, names.shipped(doctype, name))
			if key not in elsewhere:
				elsewhere.add(key)
				found.append(exported(frappe.get_doc(doctype, name), {}, names))
	return found


# One document ------------------------------------------------------------------------------------------


def exported(doc, shipped: dict, names: Names, anew: bool = True) -> dict:
	"""Return a document as it is shipped.

	Keys that are shipped already keep their place, also once they are empty: an upgrade has to empty them.
	Others follow in the order of the form where they hold something. Switches stay as they are shipped.

	Args:
		shipped: the document as it is in its file, or {} for a new one.
		anew: write values that have not changed, too.
	"""
	unchanged = set() if anew or not shipped else unchanged_fields(doc, shipped, names)
	new = {"doctype": doc.doctype, "name": names.shipped(doc.doctype, doc.name)}
	for key, value in shipped.items():
		df = doc.meta.get_field(key)
		if key in new:
			continue
		if not df or key in SWITCHES or key in unchanged:
			new[key] = value
		elif df.fieldtype in table_fields:
			new[key] = exported_rows(doc, df, names)
		else:
			new[key] = as_json(doc.get(key), df, names)
	add_what_is_new(doc, new, names, whole=not shipped)
	by_name = own_name_field(doc.doctype)
	if by_name in new:
		new[by_name] = new["name"]
	return new


def unchanged_fields(doc, shipped: dict, names: Names) -> set[str]:
	now, ours = contents(doc, names), contents(writing.prepared(shipped, names), names)
	changed = {key.partition(".")[0] for key in now if now[key] != ours[key]}
	return set(shipped) - changed


def add_what_is_new(doc, new: dict, names: Names, whole: bool):
	"""Put fields into `new` that hold something and are not shipped yet."""
	plain_new = frappe.new_doc(doc.doctype, as_dict=True)
	content = {df.fieldname for df in fields_of(doc.doctype)}
	for df in doc.meta.fields:
		if df.fieldname in new or (df.fieldname in SWITCHES and not whole):
			continue
		if df.fieldtype in table_fields:
			if doc.get(df.fieldname):
				new[df.fieldname] = exported_rows(doc, df, names)
		elif df.fieldname in content and differs(doc, plain_new, df, names):
			new[df.fieldname] = as_json(doc.get(df.fieldname), df, names)


def exported_rows(doc, table, names: Names) -> list[dict]:
	"""Return child rows without what is empty in a new row by itself, in the order of the form."""
	plain_new = frappe.new_doc(table.options, as_dict=True)
	return [
		{
			"doctype": table.options,
			**{
				df.fieldname: as_json(row.get(df.fieldname), df, names)
				for df in fields_of(table.options)
				if row.get(df.fieldname) not in (None, "", 0, 0.0) or differs(row, plain_new, df, names)
			},
		}
		for row in doc.get(table.fieldname)
	]


def differs(doc, plain_new: dict, df, names: Names) -> bool:
	"""Tell whether a value has to be written down to be there after the next insert."""
	new_value = None if df.fieldtype == "Time" else plain_new.get(df.fieldname)
	return plain(doc.get(df.fieldname), df, names) != plain(new_value, df, names)


def as_json(value, df, names: Names):
	"""Return a stored value as the files have it: whole numbers without a point, times and dates as text."""
	if df.fieldtype in ("Check", "Int"):
		return cint(value)
	if df.fieldtype in NUMBERS:
		number = flt(value, 9)
		return int(number) if number == int(number) else number
	if value in (None, ""):
		return None
	if df.fieldtype in ("Link", "Time"):
		return plain(value, df, names)
	return value.replace("\r\n", "\n") if isinstance(value, str) else str(value)
