"""What the form of a ledger row shows: the shipped document beside the one of this site, field by field.

Everything here is text; the form writes it as text, so that nothing in a document is ever run or rendered.
"""

import re
from difflib import SequenceMatcher

from frappe import _
from frappe.model import table_fields
from frappe.utils import cint

from sinjai_services.seeding import writing
from sinjai_services.seeding.content import Names, contents, digest, fields_of
from sinjai_services.seeding.ledger import different_keys, digests_of

CONTEXT = 2
"""How many equal lines are shown around a different one."""

LONGEST_LINE = 4000
"""Longer lines are compared as a whole and cut off."""

Segment = tuple[bool, str]
"""A piece of a line, and whether it is different from the other side."""


def difference(shipped: dict, row, doc, names: Names) -> list[dict]:
	"""Return the fields in which a document differs from the shipped one.

	Returns:
		for each: label, edited (the administrator changed it), newer (the shipped one has changed since), and
		lines, each {"ours": segments or None, "yours": segments or None} or {"skipped": how many lines}.
	"""
	ours = writing.prepared(shipped, names)
	saved = digests_of(row)
	now, then = contents(doc, names), contents(ours, names)
	by_field = {}
	for key in different_keys(shipped, doc, names):
		by_field.setdefault(key.partition(".")[0], []).append(key)
	return [
		{
			"label": _(doc.meta.get_label(field)),
			"edited": any(digest(now[key]) != saved.get(key) for key in keys),
			"newer": any(digest(then[key]) != saved.get(key) for key in keys),
			"lines": compare(as_lines(ours, field), as_lines(doc, field)),
		}
		for field, keys in by_field.items()
	]


def as_lines(doc, field: str) -> list[str]:
	"""Return a field as lines of text; of a table a line a row."""
	df = doc.meta.get_field(field)
	if df.fieldtype in table_fields:
		return [as_line(row) for row in doc.get(field) or []]
	return shown(doc.get(field), df).splitlines()


def as_line(row) -> str:
	parts = ((df, shown(row.get(df.fieldname), df)) for df in fields_of(row.doctype))
	return " · ".join(
		f"{_(df.label or df.fieldname)}: {' '.join(text.split())}" for df, text in parts if text
	)


def shown(value, df) -> str:
	if df.fieldtype == "Check":
		return _("Yes") if cint(value) else ""
	if value in (None, "", 0, 0.0):
		return ""
	return _(value) if df.fieldtype == "Select" else str(value)


# Line by line ------------------------------------------------------------------------------------------


def compare(ours: list[str], yours: list[str]) -> list[dict]:
	"""Return both sides line by line, without the long stretches in which they are equal."""
	pairs = []
	blocks = SequenceMatcher(None, ours, yours, autojunk=False).get_opcodes()
	for number, (kind, i1, i2, j1, j2) in enumerate(blocks):
		if kind == "equal":
			pairs += equal_lines(ours[i1:i2], first=number == 0, last=number == len(blocks) - 1)
		else:
			pairs += changed_lines(ours[i1:i2], yours[j1:j2])
	return pairs


def equal_lines(lines: list[str], first: bool, last: bool) -> list[dict]:
	before, after = 0 if first else CONTEXT, 0 if last else CONTEXT
	same = [{"ours": [(False, cut(line))], "yours": [(False, cut(line))]} for line in lines]
	if len(lines) <= before + after + 1:
		return same
	return [*same[:before], {"skipped": len(lines) - before - after}, *same[len(lines) - after :]]


def changed_lines(ours: list[str], yours: list[str]) -> list[dict]:
	"""Pair the lines of a changed stretch in their order; what is left over stands alone."""
	pairs = [compare_words(one, other) for one, other in zip(ours, yours, strict=False)]
	pairs += [{"ours": [(True, cut(line))], "yours": None} for line in ours[len(yours) :]]
	pairs += [{"ours": None, "yours": [(True, cut(line))]} for line in yours[len(ours) :]]
	return pairs


def compare_words(ours: str, yours: str) -> dict:
	if max(len(ours), len(yours)) > LONGEST_LINE:
		return {"ours": [(True, cut(ours))], "yours": [(True, cut(yours))]}
	a, b = words(ours), words(yours)
	left, right = [], []
	for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
		left.append((kind != "equal", "".join(a[i1:i2])))
		right.append((kind != "equal", "".join(b[j1:j2])))
	return {"ours": [part for part in left if part[1]], "yours": [part for part in right if part[1]]}


def words(line: str) -> list[str]:
	return re.findall(r"\w+|\s+|[^\w\s]", line)


def cut(line: str) -> str:
	return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " …"
