"""Which picture is which paper: by what its caption says, otherwise in the order the papers were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from frappe import _

from sinjai_services.requests.uploads import as_bytes
from sinjai_services.whatsapp.understanding import alike, words

SAYS_NOTHING = set(
	"foto photo gambar scan asli fotokopi copy ini itu yang yg dari dan atau di saya sy pak bu nya sudah ada kutipan"
	" kedua formulir berkas dokumen depan belakang".split()
)
WRITTEN_OUT = {
	"kk": ("kartu", "keluarga"),
	"polisi": ("kepolisian",),
	"bidan": ("kelahiran",),
	"ortu": ("orang", "tua"),
}
LONGEST_CAPTION = 300


@dataclass(frozen=True)
class Picture:
	"""A file that came in a message."""

	message: str
	file: str
	caption: str = ""


def pictures(conversation: str) -> list[Picture]:
	"""Return the files of a conversation that no request has yet, oldest first."""
	rows = frappe.get_all(
		"Chat Message",
		{
			"conversation": conversation,
			"direction": "Incoming",
			"file": ("is", "set"),
			"reference_name": ("is", "not set"),
		},
		["name", "file", "text"],
		order_by="at asc, creation asc",
	)
	return [Picture(row.name, row.file, row.text or "") for row in rows]


def sort(
	found: Sequence[Picture], asked_for: Sequence[str], optional: Sequence[str] = ()
) -> tuple[dict[str, Picture], list[Picture]]:
	"""Give each picture the paper it shows.

	Args:
		found: oldest first; of two with one caption the later one counts, as it was sent to replace the other.
		asked_for: papers in the order in which they were asked for.
		optional: papers that only a caption can mean.

	Returns:
		({paper: picture}, pictures left over, which a person has to sort).
	"""
	sorted_by_caption, loose, left = {}, [], []
	for picture in found:
		paper = named_paper(picture.caption, [*asked_for, *optional])
		if not paper:
			loose.append(picture)
			continue
		if paper in sorted_by_caption:
			left.append(sorted_by_caption[paper])
		sorted_by_caption[paper] = picture
	open_papers = [paper for paper in asked_for if paper not in sorted_by_caption]
	in_order = dict(zip(open_papers, loose, strict=False))
	return {**sorted_by_caption, **in_order}, [*left, *loose[len(open_papers) :]]


def named_paper(caption: str, papers: Sequence[str]) -> str | None:
	"""Return the paper that a caption names, or None; where several fit equally, the one with the shortest name."""
	said = set()
	for word in words(caption[:LONGEST_CAPTION]):
		said |= {word, *WRITTEN_OUT.get(word, ())}
	said -= SAYS_NOTHING
	scored = []
	for place, paper in enumerate(papers):
		meant = [word for word in words(paper) if word not in SAYS_NOTHING]
		hits = sum(any(is_said(word, spoken) for spoken in said) for word in meant)
		if hits:
			scored.append((-hits, len(meant), place, paper))
	return min(scored)[3] if scored else None


def is_said(word: str, spoken: str) -> bool:
	"""Tell whether a word of a caption means a word of a paper's name: "polisi" is in "Kepolisian"."""
	if alike(spoken, word):
		return True
	return min(len(word), len(spoken)) >= 5 and (spoken in word or word in spoken)


def content(picture: Picture) -> bytes:
	"""Return the bytes of a picture."""
	name = frappe.db.get_value(
		"File",
		{
			"file_url": picture.file,
			"attached_to_doctype": "Chat Message",
			"attached_to_name": picture.message,
		},
	)
	return as_bytes(frappe.get_doc("File", name).get_content())


def hand_over(found: Sequence[Picture], doc):
	"""Note that the pictures now belong to a request."""
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name}
	for picture in found:
		frappe.db.set_value("Chat Message", picture.message, about, update_modified=False)


def note_extra(doc, count: int):
	"""Tell the officer of pictures that fit none of the papers; they lie in the conversation."""
	if count > 0:
		doc.add_event("Message", label=_("Further pictures on WhatsApp, to be sorted"), detail=str(count))
