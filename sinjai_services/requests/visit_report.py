"""What a team's phone sends of a visit: set out, papers taken along, answers, photographs, the end.

A phone may have been without a line for hours: everything carries a key the phone made up, so that what is
sent twice is kept once, and times are told as age: the moment by the phone's clock beside the phone's "now",
which makes a wrong clock harmless (and known). What two phones of one team answer differently is not
overwritten: the later phone is told and its user chooses. What was gathered for a visit that the office has
cancelled meanwhile is kept as well; only ending it is refused.
"""

import json
import time
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import cint, cstr, flt, get_fullname, now_datetime

from sinjai_services import limits
from sinjai_services.requests import proofs, uploads, visit_photos, visits
from sinjai_services.requests.handover import position
from sinjai_services.requests.language import site_language
from sinjai_services.requests.visits import VisitRefused

MOST_PHOTOS = 60
PHOTOS_PER_HOUR = 600
OLDEST = timedelta(days=14)
"""What a phone has kept for longer is dated now."""
CLOCK_TOLERANCE = 300
"""Seconds a phone's clock may be off before it is noted."""
LONGEST_KEY, LONGEST_ANSWER, LONGEST_FINDINGS = 64, 1000, 4000


@frappe.whitelist(methods=["POST"])
def start(visit: str, at: float, phone_now: float) -> dict:
	"""Set out, or begin; a second time changes nothing. Times as of `moment`; returns {"state"}."""
	request, row = mine(visit)
	if row.state in visits.AHEAD:
		row.update(
			{
				"state": visits.ON_THE_WAY,
				"started_at": moment(at, phone_now),
				"started_by": frappe.session.user,
				**clock_note(phone_now),
			}
		)
		visits.write(row)
		visits.tell(request, _("The team has set out", site_language()))
	return {"state": row.state}


@frappe.whitelist(methods=["POST"])
def save(visit: str, phone_now: float, answers: str = "[]", papers: str = "[]") -> dict:
	"""Keep answers, and papers that were taken along.

	Args:
		visit: name of a visit the session's user is sent to.
		phone_now: by the phone's clock, as of `moment`.
		answers: JSON list of {code, answer, note, at, key, base}; `base` is the key of the answer the phone
			had before, so that another phone's answer is not overwritten unseen.
		papers: JSON list of {paper, note, at} that were taken along; a receipt is not taken back.

	Returns:
		{"state", "kept": keys, "conflicts": [{code, answer, note, key, by}], "faults": [{code, text}]}
	"""
	request, row = mine(visit)
	kept, conflicts, faults = [], [], []
	if row.state != visits.DONE:
		for given in listed(answers):
			keep_answer(row, given, phone_now, kept, conflicts, faults)
		taken = keep_papers(row, listed(papers), phone_now)
		if kept or taken:
			row.update(clock_note(phone_now))
			visits.write(row)
		if taken:
			tell_papers(request, row, taken)
	else:
		kept = [row.client_key for row in row.answers if row.client_key]
	return {"state": row.state, "kept": kept, "conflicts": conflicts, "faults": faults}


def keep_answer(visit, given: dict, phone_now: float, kept: list, conflicts: list, faults: list):
	code, key = cstr(given.get("code")), cstr(given.get("key"))[:LONGEST_KEY]
	row = next((row for row in visit.answers if row.code == code), None)
	if not row or not key:
		faults.append({"code": code, "text": _("This question is not asked at this visit.")})
		return
	if row.client_key == key:
		kept.append(key)
		return
	answer, note = cstr(given.get("answer")).strip(), cstr(given.get("note")).strip()
	if fault := answer_fault(row, answer, note):
		faults.append({"code": code, "text": fault})
		return
	same = (row.answer or "", row.note or "") == (answer, note)
	if row.client_key and row.client_key != cstr(given.get("base")) and not same:
		by = get_fullname(row.answered_by)
		conflicts.append(
			{"code": code, "answer": row.answer, "note": row.note, "key": row.client_key, "by": by}
		)
		return
	row.update({"answer": answer, "note": note, "client_key": key, "answered_by": frappe.session.user})
	row.answered_at = moment(given.get("at"), phone_now)
	kept.append(key)


def answer_fault(row, answer: str, note: str) -> str | None:
	if answer and row.allowed_answers and answer not in row.allowed_answers.splitlines():
		return _("This answer is not one of those allowed.")
	if max(len(answer), len(note)) > LONGEST_ANSWER:
		return _("Too long: at most {0} characters.").format(LONGEST_ANSWER)
	return None


def keep_papers(visit, given: list, phone_now: float) -> list:
	taken = []
	for each in given:
		row = next((row for row in visit.papers if row.paper == each.get("paper")), None)
		if row and not row.picked_up:
			row.update(
				{
					"picked_up": 1,
					"picked_up_at": moment(each.get("at"), phone_now),
					"picked_up_by": frappe.session.user,
					"note": cstr(each.get("note")).strip()[:500],
				}
			)
			taken.append(row)
	return taken


def tell_papers(request, visit, taken: list):
	"""Receipt papers to the applicant: on the timeline, and by whatever listens to `papers_picked_up`."""
	names = ", ".join(row.paper for row in taken)
	label = _("Papers picked up by {0}", site_language()).format(get_fullname(frappe.session.user))
	visits.tell(request, label, names)
	visit.flags.picked_up = taken
	visit.run_method("papers_picked_up")


@frappe.whitelist(methods=["POST"])
def photo(
	visit: str,
	key: str,
	at: float,
	phone_now: float,
	code: str = "",
	utc_offset: int = 0,
	latitude: float | None = None,
	longitude: float | None = None,
	accuracy: float | None = None,
) -> dict:
	"""Keep the photograph that comes as the file `file`.

	Args:
		key: made up by the phone; the same one is kept once.
		at, phone_now: when it was taken and now, by the phone's clock, as of `moment`.
		code: of the question it belongs to; "" for the visit as a whole.
		utc_offset: of the phone's zone, in minutes.
		latitude, longitude, accuracy: where the phone was, in degrees and metres.

	Returns:
		{"key"} where it is kept now or was before.

	Raises:
		uploads.RefusedUpload: it is no picture or too large. limits.TooManyRequests.
	"""
	_request, row = mine(visit)
	key = cstr(key)[:LONGEST_KEY]
	if not key:
		frappe.throw(_("The phone's key is missing."), VisitRefused)
	if any(each.client_key == key for each in row.photos):
		return {"key": key}
	if row.state == visits.DONE or len(row.photos) >= MOST_PHOTOS:
		frappe.throw(_("No more photographs can be taken for this visit."), VisitRefused)
	question = next((each.question for each in row.answers if each.code == code), "")
	limits.count("visit-photo", frappe.session.user, PHOTOS_PER_HOUR, seconds=3600)
	place = position(latitude, longitude)
	file, agreement, remark = clean_photo(row, flt(at) / 1000, cint(utc_offset), place, flt(accuracy))
	row.append(
		"photos",
		{
			"photo": file.file_url,
			"code": code if question else "",
			"question": question,
			"taken_at": moment(at, phone_now),
			"taken_by": frappe.session.user,
			"client_key": key,
			"agreement": agreement,
			"remark": remark,
			**place,
		},
	)
	row.update(clock_note(phone_now))
	visits.write(row)
	return {"key": key}


def clean_photo(visit, at: float, utc_offset: int, place: dict, accuracy: float) -> tuple:
	upload = frappe.request.files.get("file")
	if not upload:
		raise uploads.RefusedUpload(_("No file has arrived. Please choose it again."))
	content = upload.stream.read(uploads.max_bytes() + 1)
	clean = uploads.clean_file(content)
	if clean.extension != "jpg":
		raise uploads.RefusedUpload(_("The picture cannot be read. Please take the photograph again."))
	agreement, remark = visit_photos.compare(
		visit_photos.read_camera(content),
		at,
		utc_offset,
		place.get("latitude"),
		place.get("longitude"),
		accuracy,
	)
	return uploads.save_private(clean, "visit", visit.doctype, visit.name), agreement, remark


@frappe.whitelist(methods=["POST"])
def finish(
	visit: str,
	key: str,
	at: float,
	phone_now: float,
	findings: str = "",
	signature: str | None = None,
	signer_name: str = "",
	unsigned_because: str = "",
	recommendation: str = "",
	recommendation_reason: str = "",
	photo_keys: str = "[]",
	latitude: float | None = None,
	longitude: float | None = None,
	accuracy: float | None = None,
) -> dict:
	"""End the visit once everything its checklists demand is there; the request goes on by "Visit Done".

	Args:
		key: made up by the phone; the same one ends the visit once.
		at, phone_now: by the phone's clock, as of `moment`.
		findings: what was seen, in the team's words.
		signature: of the applicant, a picture as data: address; without one `unsigned_because` says why.
		recommendation, recommendation_reason: of the technical team; may follow later (`visits.recommend`).
		photo_keys: JSON list of the photographs the phone knows of; the visit does not end while one is
		missing. latitude, longitude, accuracy: where the phone is, in degrees and metres.

	Returns:
		{"ok": True} or {"ok": False, "faults": [{code, text}]} with everything that is missing.
	"""
	request, row = mine(visit)
	if row.state == visits.DONE and row.finish_key == cstr(key):
		return {"ok": True, "state": row.state}
	if row.state != visits.ON_THE_WAY:
		text = _("This visit is closed: {0}. What was sent is kept.").format(_(row.state))
		return {"ok": False, "state": row.state, "faults": [{"code": "", "text": text}]}
	row.update(
		{
			"findings": cstr(findings).strip(),
			"signer_name": " ".join(cstr(signer_name).split())[:140],
			"unsigned_because": cstr(unsigned_because).strip()[:500],
			"signature": proofs.clean_signature(signature),
		}
	)
	faults = missing(row, recommendation, recommendation_reason, listed_keys(photo_keys))
	if faults:
		return {"ok": False, "state": visits.ON_THE_WAY, "faults": faults}
	if recommendation:
		visits.set_recommendation(row, recommendation, recommendation_reason)
	row.update(
		{
			"state": visits.DONE,
			"finish_key": cstr(key)[:LONGEST_KEY],
			"finished_at": moment(at, phone_now),
			"finished_by": frappe.session.user,
			"accuracy": min(max(cint(accuracy), 0), 100_000),
			**position(latitude, longitude),
			**clock_note(phone_now),
		}
	)
	visits.write(row)
	visits.tell(request, _("Visit done", site_language()))
	if row.recommendation:
		visits.note_recommendation(request, row)
	visits.report_to_request(request, row)
	return {"ok": True, "state": row.state}


def missing(visit, recommendation: str, reason: str, photo_keys: list[str]) -> list[dict]:
	"""Return everything that keeps the visit from ending, as {code, text}."""
	faults = [{"code": row.code, "text": text} for row in visit.answers if (text := row_fault(visit, row))]
	here = {row.client_key for row in visit.photos}
	if lost := [key for key in photo_keys if key not in here]:
		text = _("{0} photographs have not arrived yet.").format(len(lost))
		faults.append({"code": "", "text": text})
	for code, text in (
		("findings", findings_fault(visit)),
		("signature", signature_fault(visit)),
		("recommendation", may_recommend_fault(visit, recommendation, reason)),
	):
		if text:
			faults.append({"code": code, "text": text})
	return faults


def row_fault(visit, row) -> str | None:
	if row.required and not row.answer:
		return _("{0}: not answered yet.").format(row.question)
	if fault := answer_fault(row, row.answer or "", row.note or ""):
		return _("{0}: {1}").format(row.question, fault)
	if row.photo_required and not any(each.code == row.code for each in visit.photos):
		return _("{0}: a photograph is needed.").format(row.question)
	return None


def findings_fault(visit) -> str | None:
	if len(visit.findings) > LONGEST_FINDINGS:
		return _("Too long: at most {0} characters.").format(LONGEST_FINDINGS)
	if (visit.survey or visit.inspection) and not visit.findings:
		return _("Write what was found.")
	return None


def signature_fault(visit) -> str | None:
	if not visit.signature and not visit.unsigned_because:
		return _("Let the applicant sign, or write why they did not.")
	return _("Write who has signed.") if visit.signature and not visit.signer_name else None


def may_recommend_fault(visit, recommendation: str, reason: str) -> str | None:
	if not recommendation:
		return None
	if not visits.is_technical(visit):
		return _("The technical team of this visit recommends.")
	return visits.recommendation_fault(recommendation, reason)


@frappe.whitelist(methods=["POST"])
def fail(
	visit: str,
	reason: str,
	at: float,
	phone_now: float,
	note: str | None = None,
	latitude: float | None = None,
	longitude: float | None = None,
) -> dict:
	"""Record that the team came in vain; the office plans anew. A second time changes nothing.

	Args:
		reason: one of the options of Field Visit; the applicant reads it.
		at, phone_now: as of `moment`.
		note: what the office reads besides.
	"""
	request, row = mine(visit)
	if row.state not in visits.OPEN:
		return {"state": row.state}
	if not reason or reason not in visits.options(visits.DOCTYPE, "failure_reason"):
		frappe.throw(_("Choose why the visit did not take place."), VisitRefused)
	row.update(
		{
			"state": visits.FAILED,
			"failure_reason": reason,
			"failure_note": visits.tidy(note),
			"finished_at": moment(at, phone_now),
			"finished_by": frappe.session.user,
			**position(latitude, longitude),
			**clock_note(phone_now),
		}
	)
	visits.note_step(row, "Failed", visits.OFFICE, _(reason, site_language()))
	visits.write(row)
	visits.tell(
		request, _("The visit did not take place: {0}", site_language()).format(_(reason, site_language()))
	)
	row.run_method("visit_failed")
	return {"state": row.state}


# Shared --------------------------------------------------------------------------------------------------


def mine(name: str) -> tuple:
	"""Return request and visit, locked, for who is sent to it.

	Raises:
		frappe.PermissionError: the session's user is not of the team.
	"""
	request, row = visits.lock_visit(name)
	if not visits.is_member(row):
		frappe.throw(_("You are not sent to this visit."), frappe.PermissionError)
	return request, row


def moment(at, phone_now):
	"""Return a moment in site time from two of the phone's clock, in milliseconds since 1970.

	Only their difference counts, so that a clock that is wrong, or in another zone, does not matter.
	"""
	age = timedelta(seconds=max((flt(phone_now) - flt(at)) / 1000, 0)) if flt(at) else timedelta(0)
	return now_datetime() - (age if age <= OLDEST else timedelta(0))


def clock_note(phone_now) -> dict:
	"""Return by how much the phone's clock is off, where it is off by more than sending takes."""
	offset = round(flt(phone_now) / 1000 - time.time())
	return {"clock_offset": max(min(offset, 10**9), -(10**9))} if abs(offset) > CLOCK_TOLERANCE else {}


def listed(text: str) -> list[dict]:
	rows = parsed(text)
	return [row for row in rows[:200] if isinstance(row, dict)]


def listed_keys(text: str) -> list[str]:
	return [key for key in parsed(text)[: 2 * MOST_PHOTOS] if isinstance(key, str)]


def parsed(text: str) -> list:
	try:
		rows = json.loads(text) if isinstance(text, str) else text
	except ValueError:
		rows = None
	if not isinstance(rows, list):
		frappe.throw(_("What the phone sent cannot be read."), VisitRefused)
	return rows


def keep_files(file, method: str | None = None):
	"""Refuse to delete a photograph of a visit (hook); it goes with the visit only."""
	if file.attached_to_doctype == visits.DOCTYPE and not frappe.flags.in_uninstall:
		if frappe.db.exists("Field Visit Photo", {"parent": file.attached_to_name, "photo": file.file_url}):
			frappe.throw(_("This photograph belongs to the report of a visit and stays."))
