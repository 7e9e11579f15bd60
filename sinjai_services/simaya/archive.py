"""Finding letters by what stands in them: subject, sender, number, text, and the text of their PDFs.

Every letter has a row in Letter Text, marked as stale in the transaction that changes the letter; a job fills
it in, and a sweep comes by for what a lost job has left. The row's text is looked through by the database's
full-text index, which does not grow slower with the archive as a look at every row would.

Who may find a letter is part of that index: each text begins with marks, one for the agency of an ordinary
letter, one for every position a secret one has passed. A search asks for the words and for one of the user's
marks; what it finds is then asked of the letters' own permissions, which have the last word.
"""

import hashlib
import re

import frappe
from frappe.utils import cint

from sinjai_services.permissions import sees_all
from sinjai_services.requests import uploads
from sinjai_services.simaya import access, body, organisation, pdf_text, secrecy

DOCTYPE = "Letter Text"
LETTERS = ("Outgoing Letter", "Incoming Letter")
EVERYBODYS = "mkall"
"""Mark of what the app's administrators may find: everything but secret letters."""

WORD = re.compile(r"[^\W_]+")
SHORTEST_WORD = 3
"""InnoDB's innodb_ft_min_token_size; shorter words are not in the index."""

MOST_WORDS, MOST_CANDIDATES = 12, 300
LONGEST_TEXT = 1_000_000
BATCH = 50
FIELDS = {
	"Outgoing Letter": ("subject", "number", "kind", "attachments_note"),
	"Incoming Letter": (
		"subject",
		"letter_number",
		"sender_name",
		"sender_organisation",
		"agenda_label",
		"attachments_note",
	),
}
TEXTS = {"Outgoing Letter": "body", "Incoming Letter": "message"}


# Filling in --------------------------------------------------------------------------------------------


def note_change(doc, method: str | None = None):
	"""Mark a letter's text as stale in the transaction that changes it (hook)."""
	mark_stale(doc.doctype, doc.name)
	frappe.db.after_commit.add(call_worker)


def note_path(doc, method: str | None = None):
	"""A letter passed on is found by those it was passed to (hook of Letter Task)."""
	if doc.get("letter"):
		mark_stale("Incoming Letter", doc.letter)
		frappe.db.after_commit.add(call_worker)


def mark_stale(doctype: str, name: str):
	frappe.db.sql(
		"""
		insert into `tabLetter Text`
			(name, creation, modified, owner, modified_by, reference_doctype, reference_name, stale)
		values (%(key)s, now(6), now(6), 'Administrator', 'Administrator', %(doctype)s, %(name)s, 1)
		on duplicate key update stale = stale + 1
		""",
		{"key": key_of(doctype, name), "doctype": doctype, "name": name},
	)


def key_of(doctype: str, name: str) -> str:
	return f"{doctype}:{name}"


def call_worker():
	"""Ask for a worker; where Redis is away the sweep comes by."""
	try:
		frappe.enqueue("sinjai_services.simaya.archive.run", queue="long", job_id="sinjai-letter-text")
	except Exception as error:
		frappe.logger("sinjai").warning("No worker for the archive could be called: %s", type(error).__name__)


def sweep():
	"""Every few minutes by the scheduler: fill in what a lost job has left."""
	if frappe.db.exists(DOCTYPE, {"stale": (">", 0)}):
		call_worker()


def run():
	"""Fill in stale texts; any number may run at once, each takes rows the others do not hold."""
	while sum(fill_and_commit(name) for name in stale_rows()):
		pass


def fill_and_commit(name: str) -> bool:
	"""Write the text of one letter; one that fails is noted and does not come again before it changes."""
	# A new look at the database: what is read now is no older than the row's lock.
	frappe.db.commit()
	done = fill(name)
	frappe.db.commit()
	return done


def stale_rows() -> list[str]:
	table = frappe.qb.DocType(DOCTYPE)
	return (
		frappe.qb.from_(table).select(table.name).where(table.stale > 0).orderby(table.modified).limit(BATCH)
	).run(pluck=True)


def fill(name: str) -> bool:
	"""Write the text of one letter; False where somebody else is at it."""
	table = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(table).select("*").where((table.name == name) & (table.stale > 0))
	rows = query.for_update(skip_locked=True).run(as_dict=True)
	if not rows:
		return False
	row = rows[0]
	if not frappe.db.exists(row.reference_doctype, row.reference_name):
		frappe.db.delete(DOCTYPE, {"name": name})
		return True
	try:
		text, problem = text_of(frappe.get_doc(row.reference_doctype, row.reference_name))
	except Exception as error:
		text, problem = row.content, type(error).__name__
	frappe.db.set_value(DOCTYPE, name, {"content": text, "problem": problem, "stale": 0})
	return True


def text_of(doc) -> tuple[str, str | None]:
	"""Return everything a letter can be found by, and what could not be read of it."""
	parts = [" ".join(marks_of(doc)), *(str(doc.get(field) or "") for field in FIELDS[doc.doctype])]
	parts += [row.addressee or "" for row in doc.get("addressees") or ()]
	parts.append(body.as_text(doc.get(TEXTS[doc.doctype])))
	unread = []
	for file in files_of(doc):
		if not is_pdf(file):
			continue
		text, whole = pdf_text.of_stranger(uploads.as_bytes(file.get_content()))
		parts.append(text)
		if not whole:
			unread.append(file.file_name)
	return "\n".join(parts)[:LONGEST_TEXT], ", ".join(unread) or None


def is_pdf(file) -> bool:
	return (file.file_url or "").lower().endswith(".pdf")


def files_of(doc) -> list:
	"""Return the files that hang on a letter, without its own signed form: that text is the body's."""
	home = {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
	return [frappe.get_doc("File", name) for name in frappe.get_all("File", home, pluck="name")]


# Marks -------------------------------------------------------------------------------------------------


def marks_of(doc) -> list[str]:
	"""Return the marks by which those who may see a letter find it."""
	marks = [mark("position", position) for position in sorted(positions_of(doc))]
	marks.append(mark("user", doc.owner))
	if doc.get("security") != secrecy.SECRET:
		marks += [EVERYBODYS, mark("agency", doc.agency)]
	return marks


def positions_of(doc) -> set[str]:
	if doc.doctype == access.DOCTYPE:
		return access.positions_on_way(doc)
	filters = {"letter": doc.name, "state": ("!=", secrecy.WITHDRAWN)}
	return set(frappe.get_all("Letter Task", filters, pluck="position"))


def marks_for(user: str) -> list[str]:
	"""Return the marks a user searches with."""
	marks = [mark("position", position) for position in organisation.positions_of(user)]
	marks.append(mark("user", user))
	if sees_all(user):
		return [*marks, EVERYBODYS]
	return [*marks, *(mark("agency", agency) for agency in secrecy.agencies_for(user))]


def mark(kind: str, name: str) -> str:
	"""Return a word nobody types, that stands for an agency, position or user in the index."""
	return f"mk{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:20]}"


# Searching ---------------------------------------------------------------------------------------------


def search(text: str, limit: int = 50, user: str | None = None) -> list[dict]:
	"""Return the letters the user may see in which all the words stand, the best match first.

	Args:
		text: words; the beginning of one is enough, signs between them mean nothing.
		limit: how many at most.

	Returns:
		Rows of {"doctype", "name", "score"}.
	"""
	user = user or frappe.session.user
	wanted = expression(text, user)
	if not wanted:
		return []
	found = candidates(wanted, MOST_CANDIDATES)
	seen = {doctype: visible_names(doctype, found, user) for doctype in LETTERS}
	rows = [
		{"doctype": row.reference_doctype, "name": row.reference_name, "score": row.score}
		for row in found
		if row.reference_name in seen.get(row.reference_doctype, ())
	]
	return rows[: max(cint(limit), 1)]


def expression(text: str, user: str) -> str | None:
	"""Return the search as the index takes it, or None where nothing is asked.

	Only letters and digits come through: no sign of the search language of the database does.
	"""
	words = [word for word in WORD.findall((text or "").lower()) if len(word) >= SHORTEST_WORD]
	words = [word for word in dict.fromkeys(words) if not word.startswith("mk") or len(word) < 20]
	if not words:
		return None
	asked = " ".join(f"+{word}*" for word in words[:MOST_WORDS])
	return f"{asked} +({' '.join(marks_for(user))})"


def candidates(wanted: str, limit: int) -> list:
	return frappe.db.sql(
		"""
		select reference_doctype, reference_name,
			match(content) against (%(wanted)s in boolean mode) as score
		from `tabLetter Text`
		where match(content) against (%(wanted)s in boolean mode)
		order by score desc, modified desc
		limit %(limit)s
		""",
		{"wanted": wanted, "limit": limit},
		as_dict=True,
	)


def visible_names(doctype: str, found: list, user: str) -> set[str]:
	"""Return which of the letters found their own permissions let the user see."""
	names = [row.reference_name for row in found if row.reference_doctype == doctype]
	if not names:
		return set()
	return set(frappe.get_list(doctype, {"name": ("in", names)}, pluck="name", user=user, limit=len(names)))
