"""Nobody meets an English sentence: every string of the interface has its row, and no row is idle."""

import re
from collections import Counter

import pytest

import frappe
from frappe.translate import get_messages_for_app
from frappe.utils import is_html

from devbench import translations

PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)s|%s")
SERIES = re.compile(r"\.#+\.?$|\.YYYY\.")
NOT_OURS = ("Navbar:", "Workflow:")
"""The Desk's own menu, and the states and actions of workflows: the administrator's, in their own words."""


@pytest.fixture(scope="module")
def rows():
	return translations.read()


@pytest.fixture(scope="module")
def written():
	"""Strings as the app's files hold them, with the place of each."""
	return translations.sources()


@pytest.fixture(scope="module")
def extracted(site):
	"""Strings as the platform finds them in the files and on the site."""
	# It remembers which files it has read and would pass over them.
	frappe.flags.scanned_files = set()
	found = {}
	for path, source, *rest in get_messages_for_app("sinjai_services"):
		if is_ours(path or "", source):
			found[source, (rest[0] if rest else None) or ""] = path or ""
	return found


def is_ours(path: str, source: str) -> bool:
	"""Tell whether a string is the app's and has words in it."""
	# A built bundle shortens names, some of them to the translating function's.
	elsewhere = path.startswith(NOT_OURS) or "/public/dist/" in path
	return translations.is_words(source) and not elsewhere and not SERIES.search(source)


def has_row(rows, key) -> bool:
	"""Tell whether a string is translated; without a row for its context the plain one serves, as in _()."""
	return bool((rows.get(key) or rows.get((key[0], "")) or "").strip())


def test_every_string_in_the_files_is_translated(rows, written):
	missing = [f"{place}: {key[0]!r}" for key, place in written.items() if not has_row(rows, key)]
	assert not missing, "Run `python3 -m devbench.translations`, then translate:\n" + "\n".join(missing)


def test_every_string_the_platform_finds_is_translated(rows, extracted):
	missing = [f"{place}: {key[0]!r}" for key, place in extracted.items() if not has_row(rows, key)]
	assert not missing, "\n".join(missing)


def test_every_row_is_used(rows, written, extracted):
	idle = [source for source, context in rows if (source, context) not in {**written, **extracted}]
	assert not idle, "Run `python3 -m devbench.translations --prune`:\n" + "\n".join(idle)


def test_placeholders_agree(rows):
	wrong = [
		source
		for (source, _context), text in rows.items()
		if Counter(PLACEHOLDER.findall(source)) != Counter(PLACEHOLDER.findall(text))
	]
	assert not wrong, "\n".join(wrong)


def test_sentences_end_alike(rows):
	"""A lost full stop or ellipsis shows where texts are put together."""
	wrong = [source for (source, _c), text in rows.items() if (source[-1] in ".…?:") != (text[-1:] in ".…?:")]
	assert not wrong, "\n".join(wrong)


def test_nothing_is_left_in_english(rows):
	"""One word or a name may be the same in both languages; a phrase may not."""
	same = [source for (source, _c), text in rows.items() if source == text and len(source.split()) > 2]
	assert not same, "\n".join(same)


def test_sources_carry_no_markup(rows):
	"""The platform strips tags before it looks a string up, so that such a row would never be found."""
	assert not [source for source, _context in rows if is_html(source)]


def test_file_is_as_the_tool_writes_it(rows):
	lines = translations.read_rows()
	assert all(len(line) in (2, 3) for line in lines)
	keys = [(line[0], line[2] if len(line) > 2 else "") for line in lines]
	assert len(keys) == len(set(keys)), "A string has two rows."
	assert keys == sorted(keys, key=translations.order), "Run `python3 -m devbench.translations`."
	assert all(text == text.strip() for line in lines for text in line[:2])


def test_the_platform_reads_the_file(rows):
	source = "{0} must have 16 digits; {1} are written."
	assert frappe._(source, "id") == rows[source, ""]
	assert frappe._(source, "en") == source


def test_the_tool_adds_what_is_missing_and_prunes_on_demand(tmp_path, monkeypatch, capsys):
	monkeypatch.setattr(translations, "CSV", tmp_path / "translations" / "id.csv")
	monkeypatch.setattr(translations, "PLATFORM", tmp_path / "none.txt")
	translations.PLATFORM.touch()
	monkeypatch.setattr(translations, "APP", tmp_path)
	(tmp_path / "page.py").write_text('_("New {0}").format(1)\n_("Of two", context="numbers")\n')
	(tmp_path / "form.js").write_text("__('It\\'s here', null, 'place'); frappe.__x('no'); __(`Back`)")
	translations.write({("Old", ""): "Lama", ("Back", ""): "Kembali"})

	monkeypatch.setattr("sys.argv", ["translations"])
	translations.main()
	assert translations.read() == {
		("Back", ""): "Kembali",
		("It's here", "place"): "",
		("New {0}", ""): "",
		("Of two", "numbers"): "",
		("Old", ""): "Lama",
	}
	monkeypatch.setattr("sys.argv", ["translations", "--prune"])
	translations.main()
	assert ("Old", "") not in translations.read()
	assert "Removed: Old" in capsys.readouterr().out
