"""The text of a letter: what may be in it, and how two versions of it differ.

The platform's own sanitiser lets text through that happens to be JSON, keeps SVG and style sheets, and lets a
letter name pictures anywhere. A letter is shown to everybody on its way and printed: it holds text, tables
and its own pictures, nothing else.
"""

import difflib
import re

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bs4 import BeautifulSoup

TAGS = frozenset(
	"p br strong b em i u s sub sup ol ul li h1 h2 h3 h4 blockquote table thead tbody tr td th colgroup col"
	" span div a img hr".split()
)
ATTRIBUTES = {
	"*": ["class", "style"],
	"a": ["href", "title"],
	"img": ["src", "alt", "width", "height"],
	"td": ["colspan", "rowspan", "data-row"],
	"th": ["colspan", "rowspan"],
	"li": ["data-list"],
}
STYLES = (
	"text-align text-indent text-decoration font-weight font-style width height margin-left padding-left"
	" vertical-align color background-color border"
).split()
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+|/(private/)?files/[^\"'<>\\]+")
CLASS = re.compile(r"ql-[a-z0-9-]+")
BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "tr", "blockquote")
HIDDEN = ("script", "style", "template", "noscript", "iframe", "object", "svg", "math")

LONGEST = 1_000_000
"""Characters of a body; pictures are stored as files and do not count that much."""


def clean(html: str | None) -> str:
	"""Return the text with everything that could run, load or hide something taken out."""
	soup = BeautifulSoup(html or "", "html.parser")
	for tag in soup(HIDDEN):
		tag.decompose()
	cleaned = bleach.clean(
		str(soup),
		tags=TAGS,
		attributes=allowed,
		protocols={"http", "https", "mailto", "tel", "data"},
		css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES),
		strip=True,
		strip_comments=True,
	)
	return without_strange_addresses(cleaned)


def allowed(tag: str, name: str, value: str) -> bool:
	if name == "src":
		return tag == "img" and bool(PICTURE.fullmatch(value)) and ".." not in value
	if name == "class":
		return all(CLASS.fullmatch(each) for each in value.split())
	return name in ATTRIBUTES.get(tag, ()) or name in ATTRIBUTES["*"]


def without_strange_addresses(html: str) -> str:
	"""Take out links to anything but pages and addresses: `data:` is for pictures only."""
	soup = BeautifulSoup(html, "html.parser")
	for link in soup("a", href=True):
		if not link["href"].lower().startswith(("http://", "https://", "mailto:", "tel:", "#", "/")):
			del link["href"]
	return str(soup)


def is_empty(html: str | None) -> bool:
	soup = BeautifulSoup(html or "", "html.parser")
	return not soup.get_text(strip=True) and not soup.find("img")


def as_text(html: str | None) -> str:
	"""Return what a reader reads, one block a line."""
	return "\n".join(paragraphs(html))


def paragraphs(html: str | None) -> list[str]:
	soup = BeautifulSoup(html or "", "html.parser")
	for tag in soup("br"):
		tag.replace_with(" ")
	for tag in soup(BLOCKS):
		tag.append("\n")
	lines = (" ".join(line.split()) for line in soup.get_text().splitlines())
	return [line for line in lines if line]


# Differences -------------------------------------------------------------------------------------------


def difference(old: str | None, new: str | None) -> list[dict]:
	"""Return what has changed between two bodies, for a reader.

	Returns:
		A list a paragraph: {"parts": [(kind, text), …]} with kind "same", "added" or "removed"; plain text,
		to be escaped by whoever shows it. Paragraphs that are the same are left out but for one neighbour.
	"""
	before, after = paragraphs(old), paragraphs(new)
	rows = []
	for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
		if kind == "equal":
			rows += [{"parts": [("same", text)]} for text in before[a:b]]
		elif kind == "replace":
			rows += replaced(before[a:b], after[c:d])
		else:
			rows += [{"parts": [("removed", text)]} for text in before[a:b]]
			rows += [{"parts": [("added", text)]} for text in after[c:d]]
	return near_changes(rows)


def replaced(before: list[str], after: list[str]) -> list[dict]:
	"""Return paragraphs that took the place of others, word by word where they go in pairs."""
	pairs = min(len(before), len(after))
	rows = [{"parts": words(*pair)} for pair in zip(before[:pairs], after[:pairs], strict=True)]
	rows += [{"parts": [("removed", text)]} for text in before[pairs:]]
	return rows + [{"parts": [("added", text)]} for text in after[pairs:]]


def words(before: str, after: str) -> list[tuple[str, str]]:
	old, new = before.split(" "), after.split(" ")
	parts = []
	for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new).get_opcodes():
		if kind == "equal":
			parts.append(("same", " ".join(old[a:b])))
			continue
		if b > a:
			parts.append(("removed", " ".join(old[a:b])))
		if d > c:
			parts.append(("added", " ".join(new[c:d])))
	return parts


def near_changes(rows: list[dict]) -> list[dict]:
	changed = {place for place, row in enumerate(rows) if any(kind != "same" for kind, _text in row["parts"])}
	shown = {near for place in changed for near in (place - 1, place, place + 1)}
	return [row for place, row in enumerate(rows) if place in shown]
