"""Keeps `sinjai_services/translations/id.csv` complete: every string of the interface has its row.

A development tool; run it after adding strings, from the repository's root:

	python3 -m devbench.translations            add a row with an empty translation for every new string
	python3 -m devbench.translations --prune    remove the rows of strings that are gone, too

Then fill the empty rows: `tests/test_translations.py` fails until none is left. It reads the files alone and
needs neither bench nor site, so that it also sees what nobody has migrated yet. The texts of the documents in
seeded folders (web forms, workflows, catalogue) are Indonesian from the start and the administrator's
afterwards; of those only what stands in `_("…")` is taken.
"""

import argparse
import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parent.parent / "sinjai_services"
CSV = APP / "translations" / "id.csv"
PLATFORM = Path(__file__).with_name("platform_strings.txt")
"""Strings of the platform that it translates wrongly or not at all: a line each, a tab before the context."""

Key = tuple[str, str]
"""A source string and its context, which is mostly empty."""

SEEDED_FOLDERS = (
	"catalogue",
	"letter_heads",
	"notifications",
	"print_formats",
	"reply_texts",
	"web_forms",
	"workflows",
)
NOT_SHOWN = ("naming_series",)
"""Select fields whose options are patterns and not words."""

CALL = re.compile(
	r"""(?<![\w.])__?\(\s*
	(?P<quote>["'`])(?P<source>(?:\\.|(?!(?P=quote)).)*)(?P=quote)
	(?:\s*,\s*context\s*=\s*(?P<py>"[^"]*"|'[^']*')
	|\s*,\s*(?:null|undefined|\[[^\]]*\])\s*,\s*(?P<js>"[^"]*"|'[^']*'))?""",
	re.VERBOSE | re.DOTALL,
)
"""A call of the translating function in JavaScript or in a template, with its context if it has one."""


def main() -> None:
	"""Bring the file in line with the code and say what is left to do."""
	parser = argparse.ArgumentParser(description="Add missing rows to the Indonesian translations.")
	parser.add_argument("--prune", action="store_true", help="remove rows whose string is gone")
	options = parser.parse_args()
	wanted, rows = sources(), read()
	unused = set(rows) - set(wanted)
	if options.prune:
		rows = {key: text for key, text in rows.items() if key not in unused}
	missing = set(wanted) - set(rows)
	write({**rows, **dict.fromkeys(missing, "")})
	for source, _context in sorted(unused):
		print(f"{'Removed' if options.prune else 'No longer used'}: {source}")
	empty = sum(not text for text in read().values())
	print(f"{len(missing)} rows added, {empty} to be translated in {CSV.relative_to(APP.parent)}")


# The file ----------------------------------------------------------------------------------------------


def read() -> dict[Key, str]:
	"""Return the rows of the file as {(source, context): translation}; of equal ones the last."""
	return {(row[0], row[2] if len(row) > 2 else ""): row[1] for row in read_rows()}


def read_rows() -> list[list[str]]:
	"""Return the rows as they stand in the file."""
	if not CSV.exists():
		return []
	with CSV.open(encoding="utf-8", newline="") as file:
		return list(csv.reader(file))


def write(rows: dict[Key, str]) -> None:
	"""Write all rows in `order`."""
	CSV.parent.mkdir(exist_ok=True)
	with CSV.open("w", encoding="utf-8", newline="") as file:
		writer = csv.writer(file, lineterminator="\n")
		for source, context in sorted(rows, key=order):
			writer.writerow([source, rows[source, context], *([context] if context else [])])


def order(key: Key) -> tuple:
	"""Sort key of a row: by letters whatever their case, so that related strings stand together."""
	return key[0].casefold(), key


# What has to be in it ----------------------------------------------------------------------------------


def sources() -> dict[Key, str]:
	"""Return every string to be translated, with one place where it is used."""
	found: dict[Key, str] = {}
	for file in sorted(APP.rglob("*")):
		if not file.is_file() or "dist" in file.parts or "translations" in file.parts:
			continue
		for key in strings_of(file):
			if is_words(key[0]):
				found.setdefault(key, str(file.relative_to(APP)))
	for line in PLATFORM.read_text(encoding="utf-8").splitlines():
		source, _tab, context = line.partition("\t")
		found.setdefault((source, context), PLATFORM.name)
	return found


def strings_of(file: Path) -> Iterator[Key]:
	"""Return what one file has to be translated."""
	if file.suffix == ".py":
		yield from calls_in_python(file)
	elif file.suffix in (".js", ".html", ".vue"):
		yield from calls_in_text(file.read_text(encoding="utf-8"))
	elif file.name == "modules.txt":
		yield from ((line.strip(), "") for line in file.read_text(encoding="utf-8").splitlines())
	elif file.suffix == ".json":
		yield from strings_of_documents(file)


def is_words(text: str) -> bool:
	"""Tell whether `text` is something a person reads, by the same rule as the platform's."""
	return bool(re.search("[a-zA-Z]", text)) and not re.match(r"fa fa-|eval:", text) and text[-2:] != "px"


def calls_in_python(file: Path) -> Iterator[Key]:
	"""Return the strings of `_()` and `_lt()`."""
	for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
		if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
			continue
		if node.func.id in ("_", "_lt") and isinstance(node.args[0], ast.Constant):
			contexts = [word.value for word in node.keywords if word.arg == "context"]
			yield node.args[0].value, contexts[0].value if contexts else ""


def calls_in_text(text: str) -> Iterator[Key]:
	"""Return the strings of `__()` in JavaScript and of `_()` in templates."""
	for call in CALL.finditer(text):
		quote, context = call["quote"], call["py"] or call["js"]
		source = call["source"] if quote == "`" else ast.literal_eval(quote + call["source"] + quote)
		yield source, context[1:-1] if context else ""


# Documents ---------------------------------------------------------------------------------------------


def strings_of_documents(file: Path) -> Iterator[Key]:
	"""Return what the documents in a JSON file show; files that hold none give nothing."""
	content = json.loads(file.read_text(encoding="utf-8"))
	documents = content if isinstance(content, list) else [content]
	if file.parent.name in SEEDED_FOLDERS:
		for text in texts(documents):
			yield from calls_in_text(text)
		return
	for document in documents:
		reader = READERS.get(document.get("doctype")) if isinstance(document, dict) else None
		if reader:
			yield from ((text, "") if isinstance(text, str) else text for text in reader(document) if text)


def texts(value) -> Iterator[str]:
	"""Return every text within a document."""
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		yield from texts(list(value.values()))
	elif isinstance(value, list):
		for part in value:
			yield from texts(part)


def of_doctype(doctype: dict) -> Iterator[str | None]:
	yield from (doctype.get("name"), doctype.get("module"), doctype.get("description"))
	for field in doctype.get("fields", []):
		yield from of_field(field)
	yield from (row.get("role") for row in doctype.get("permissions", []))
	yield from (row.get("group") for row in doctype.get("links", []))
	yield from (row.get("label") for row in doctype.get("actions", []))
	yield from (row.get("title") for row in doctype.get("states", []))


def of_field(field: dict) -> Iterator[str | None]:
	yield from (field.get("label"), field.get("description"))
	options = field.get("options") or ""
	if field.get("fieldtype") == "Select" and field.get("fieldname") not in NOT_SHOWN:
		yield from options.split("\n")
	elif field.get("fieldtype") == "HTML":
		yield options


def of_property_setter(setter: dict) -> Iterator[str | None]:
	if setter.get("property") in ("label", "description"):
		yield setter.get("value")
	elif setter.get("property") == "options" and setter.get("field_name") not in NOT_SHOWN:
		yield from (setter.get("value") or "").split("\n")


def of_workspace(workspace: dict) -> Iterator[str | None]:
	yield from (workspace.get("label"), workspace.get("title"))
	for table in ("charts", "number_cards", "links", "shortcuts", "quick_lists", "custom_blocks"):
		for row in workspace.get(table, []):
			yield from (row.get("label"), row.get("description"), row.get("format"))
	for block in json.loads(workspace.get("content") or "[]"):
		if block.get("type") in ("header", "paragraph"):
			yield re.sub("<[^>]+>", "", block.get("data", {}).get("text") or "").strip()


def of_report(report: dict) -> Iterator[str | Key | None]:
	yield from (report.get("name"), report.get("report_name"))
	for column in report.get("columns", []):
		if column.get("label"):
			# The platform looks columns up with this context first.
			yield column["label"], f"Column of report '{report.get('name')}'"
	yield from (row.get("label") for row in report.get("filters", []))


def of_label(document: dict) -> Iterator[str | None]:
	yield document.get("label")


READERS = {
	"DocType": of_doctype,
	"Custom Field": of_field,
	"Property Setter": of_property_setter,
	"Role": lambda role: [role.get("role_name")],
	"Workspace": of_workspace,
	"Report": of_report,
	"Number Card": of_label,
	"Dashboard Chart": lambda chart: [chart.get("chart_name")],
	"Dashboard": lambda dashboard: [dashboard.get("dashboard_name")],
	"Page": lambda page: [page.get("title"), page.get("name")],
	"Onboarding Step": lambda step: [step.get("title"), step.get("action_label"), step.get("description")],
	"Module Onboarding": lambda page: [page.get("title"), page.get("subtitle"), page.get("success_message")],
}
"""How each kind of document that is the app's own shows its texts."""


if __name__ == "__main__":
	main()
