"""Papers that an applicant hands in later, from the tracking page: what was missing or refused."""

from frappe import _

from sinjai_services import limits, stages
from sinjai_services.requests import checklist, uploads


def is_open(doc) -> bool:
	"""Tell whether the applicant may still hand in papers."""
	return doc.stage in stages.PAPERS_OPEN and bool(open_slots(doc))


def open_slots(doc) -> list[str]:
	"""Return the requirements of which a paper is missing or was refused."""
	open_states = (checklist.MISSING, checklist.REFUSED)
	return [row.requirement for row in doc.get("papers") or [] if row.state in open_states]


def take(doc, files) -> dict[str, str]:
	"""Keep the papers that came with the tracking page's form.

	Args:
		doc: a request whose code and digits were given.
		files: uploaded files by input name, `paper:` and the requirement.

	Returns:
		{input name: fault} of those refused; the others are in the checklist, to be checked.
	"""
	faults, taken = {}, []
	allowed = open_slots(doc) if is_open(doc) else []
	for name, file in files.items():
		slot = name.removeprefix("paper:")
		if slot == name or not file.filename:
			continue
		try:
			if slot not in allowed:
				raise uploads.RefusedUpload(_("This paper is not asked for any more."))
			limits.count("upload", limits.address(), uploads.UPLOADS_PER_HOUR, seconds=3600)
			put(doc, slot, file.stream.read(uploads.max_bytes() + 1))
			taken.append(slot)
		except uploads.RefusedUpload as refusal:
			faults[name] = str(refusal)
		except limits.TooManyRequests:
			faults[name] = _("Too many files from this connection. Please try again in an hour.")
	if taken:
		keep(doc, taken)
	return faults


def keep(doc, slots: list[str]):
	"""Save what `put` has put into the checklist, and say so on the timeline."""
	doc.save(ignore_permissions=True)
	doc.add_event("Paper", label=_("Papers handed in by the applicant"), detail=", ".join(slots), public=True)


def put(doc, slot: str, content: bytes):
	file = uploads.save_private(uploads.clean_file(content), slot, doc.doctype, doc.name)
	row = next(row for row in doc.papers if row.requirement == slot)
	row.file = file.file_url
