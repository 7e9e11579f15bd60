"""Visits in the field: agreed with the applicant, carried out by a team, and known to the request.

A Field Visit is written by this module and by `visit_report` only; nobody has the right to type one. Every
function locks the request before the visit, so that a double click, two officers or an officer and a phone
that sends late do nothing twice. Where the request goes is its workflow's affair: code names a trigger
(`requests.moves`), never a state. The visit's own states are a vocabulary of code.

Whether a service needs a visit at all is its own data; one that does not never meets this module.
"""

import frappe
from frappe import _
from frappe.utils import cint, cstr, flt, get_fullname, get_time, getdate, now_datetime, nowdate

from sinjai_services import stages
from sinjai_services.permissions import agencies_of, has_agency_permission
from sinjai_services.requests import checklist, moves
from sinjai_services.requests.handover import about, move_on, options
from sinjai_services.requests.language import site_language
from sinjai_services.requests.wording import clock, long_date, long_datetime

DOCTYPE = "Field Visit"
PLANNED, CONFIRMED, ON_THE_WAY, DONE, FAILED, CANCELLED = (
	"Planned",
	"Confirmed",
	"On the Way",
	"Done",
	"Failed",
	"Cancelled",
)
OPEN = (PLANNED, CONFIRMED, ON_THE_WAY)
AHEAD = (PLANNED, CONFIRMED)
"""The appointment can still be agreed on or moved."""

PICK_UP, SURVEY, INSPECTION = "pick_up", "survey", "inspection"
KINDS = {PICK_UP: "Pick-up of Papers", SURVEY: "Survey", INSPECTION: "Inspection"}
SURVEY_TEAM, TECHNICAL_TEAM = "Survey Team", "Technical Team"
TEAMS = (TECHNICAL_TEAM, SURVEY_TEAM)

OFFICE, WHATSAPP, WEB = "Office", "WhatsApp", "Web"
LONGEST_NOTE = 500
MOST_MEMBERS = 10


class VisitRefused(frappe.ValidationError):
	"""The visit cannot be planned or carried on like this; the message says what is in the way."""


# Planning ----------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def plan(
	doctype: str,
	name: str,
	kinds: str | list,
	team: str | list,
	date: str,
	time_from: str,
	time_until: str,
	papers: str | list | None = None,
	address: str | None = None,
	village: str | None = None,
	note: str | None = None,
) -> str:
	"""Plan a visit and propose its time to the applicant; the request moves by the trigger "Visit Planned".

	Args:
		doctype, name: the request; who may change it may plan.
		kinds: some of KINDS.
		team: Users with the role Survey Team or Technical Team in the request's agency.
		date, time_from, time_until: when the team comes, site time.
		papers: names of the papers the team is to take along; left out, those whose originals are needed.
		address, village: where to; the applicant's own when left out.
		note: what the team reads.

	Returns:
		The Field Visit's name.

	Raises:
		VisitRefused: the service needs no visit, one is open already, or something is missing.
	"""
	request = lock_request(doctype, name, right="write")
	check_may_plan(request)
	visit = frappe.new_doc(DOCTYPE)
	visit.update(
		{
			"reference_doctype": request.doctype,
			"reference_name": request.name,
			"agency": request.agency,
			"service": request.service,
			"applicant_name": request.applicant_name,
			"whatsapp_number": request.whatsapp_number,
			"address": tidy(address) or request.get("location_address") or request.address,
			"village": village or request.get("location_village") or request.village,
			"site_latitude": flt(request.get("latitude")),
			"site_longitude": flt(request.get("longitude")),
			"note": tidy(note),
			"state": PLANNED,
			**valid_kinds(kinds),
			**valid_window(date, time_from, time_until),
		}
	)
	set_team(visit, team)
	set_papers(visit, request, papers)
	set_questions(visit)
	note_step(visit, "Proposed", OFFICE)
	write(visit)
	tell(request, _("Visit planned for {0}", site_language()).format(window_text(visit)))
	move_on(request, moves.VISIT_PLANNED)
	visit.run_method("appointment_proposed")
	return visit.name


def may_plan(request) -> bool:
	"""Tell whether the session's user may plan visits for a request; the form of a state that somebody else
	edits is shut for the office, its visits are not."""
	return bool(
		request.service
		and request.service_terms().needs_field_work
		and request.stage not in stages.PROMISE_STOPPED
		and request.has_permission("write")
	)


def check_may_plan(request):
	if not request.service_terms().needs_field_work:
		frappe.throw(
			_("The service {0} needs no visit.").format(frappe.bold(request.service_name())), VisitRefused
		)
	if open_visit(request):
		frappe.throw(_("A visit is planned already. Move that one, or cancel it first."), VisitRefused)


def valid_kinds(kinds) -> dict:
	chosen = frappe.parse_json(kinds) if isinstance(kinds, str) else kinds
	if not isinstance(chosen, list) or not chosen or not set(chosen) <= set(KINDS):
		frappe.throw(_("Choose what the visit is for."), VisitRefused)
	return {kind: cint(kind in chosen) for kind in KINDS}


def valid_window(date, time_from, time_until) -> dict:
	"""Return day and hours of a visit that lies ahead."""
	try:
		day, start, end = getdate(date), get_time(time_from), get_time(time_until)
	except (ValueError, TypeError, AttributeError, frappe.ValidationError):
		day = start = end = None
	if not date or not day or day < getdate(nowdate()):
		frappe.throw(_("Choose a day from today on."), VisitRefused)
	if not time_from or not time_until or start >= end:
		frappe.throw(_("Choose from when until when the team comes."), VisitRefused)
	return {"planned_date": day, "time_from": start.isoformat(), "time_until": end.isoformat()}


def set_team(visit, team):
	chosen = frappe.parse_json(team) if isinstance(team, str) else team
	known = {choice["value"]: choice["team"] for choice in members_of(visit.agency)}
	if not isinstance(chosen, list) or not 0 < len(chosen) <= MOST_MEMBERS or not set(chosen) <= set(known):
		frappe.throw(_("Choose the members of the team among those of this agency."), VisitRefused)
	visit.set("team", [{"user": user, "team": known[user]} for user in dict.fromkeys(chosen)])


def set_papers(visit, request, papers):
	"""List what the team takes along: what was chosen, else the papers whose originals are needed."""
	visit.set("papers", [])
	if not visit.pick_up:
		return
	chosen = frappe.parse_json(papers) if isinstance(papers, str) else papers
	known = [row.requirement for row in request.papers]
	wanted = known if isinstance(chosen, list) else papers_wanted(request)
	for paper in wanted:
		if not isinstance(chosen, list) or paper in chosen:
			visit.append("papers", {"paper": paper})
	if not visit.papers:
		frappe.throw(_("Choose which papers are picked up."), VisitRefused)


def papers_wanted(request) -> list[str]:
	return [
		row.requirement for row in request.papers if row.original_required or row.state == checklist.MISSING
	] or [row.requirement for row in request.papers]


def set_questions(visit):
	"""Write down the questions of the service's checklists as they are now: a phone may have no line
	later."""
	visit.set("answers", [])
	for form in checklists(visit):
		for row in form.questions:
			taken = {answer.code for answer in visit.answers}
			visit.append(
				"answers",
				{
					"code": f"{row.code[:50]}_{len(taken)}" if row.code in taken else row.code,
					"question": row.question,
					"allowed_answers": row.answers,
					"required": row.required,
					"photo_required": row.photo_required,
					"explanation": row.explanation,
				},
			)


def checklists(visit) -> list:
	"""Return the service's checklists for what the visit is for; a mere pick-up has none."""
	kinds = [KINDS[kind] for kind in (SURVEY, INSPECTION) if visit.get(kind)]
	names = frappe.get_all(
		"Inspection Checklist",
		{"service": visit.service, "active": 1},
		pluck="name",
		order_by="creation, name",
	)
	forms = [frappe.get_cached_doc("Inspection Checklist", name) for name in names]
	return [form for form in forms if kinds and (not form.kind or form.kind in kinds)]


@frappe.whitelist()
def choices(doctype: str, name: str) -> dict:
	"""Return what the office chooses from when it plans: members of the agency's teams, and the papers."""
	request = frappe.get_doc(doctype, name)
	request.check_permission("write")
	return {
		"members": members_of(request.agency),
		"papers": [row.requirement for row in request.papers],
		"wanted": papers_wanted(request),
	}


def members_of(agency: str) -> list[dict]:
	"""Return the people of an agency's teams as {"value", "label", "team"}."""
	rows = frappe.get_all(
		"Has Role", {"role": ("in", TEAMS), "parenttype": "User"}, ["parent", "role"], order_by="role desc"
	)
	teams = {row.parent: row.role for row in rows}
	users = frappe.get_all(
		"User",
		{"name": ("in", list(teams) or [""]), "enabled": 1},
		["name", "full_name"],
		order_by="full_name",
	)
	return [
		{"value": user.name, "label": user.full_name or user.name, "team": teams[user.name]}
		for user in users
		if agency in agencies_of(user.name)
	]


# The appointment ---------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def move(visit: str, date: str, time_from: str, time_until: str, reason: str) -> str:
	"""Move an appointment and propose the new time to the applicant, who reads the reason; returns its
	name."""
	request, row = lock_visit(visit)
	check_may_act(request, row)
	if row.state not in AHEAD:
		frappe.throw(_("The team is on the way already, or the visit is over."), VisitRefused)
	reason = needed(reason, _("Say why the appointment is moved; the applicant reads it."))
	row.update({**valid_window(date, time_from, time_until), "state": PLANNED})
	row.update({"confirmed_at": None, "wish": None})
	note_step(row, "Moved", OFFICE, reason)
	write(row)
	tell(request, _("Visit moved to {0}", site_language()).format(window_text(row)), reason)
	row.run_method("appointment_proposed")
	return row.name


@frappe.whitelist(methods=["POST"])
def confirm(visit: str) -> str:
	"""Record that the applicant agreed when the office spoke to them; returns the visit's name."""
	request, row = lock_visit(visit)
	check_may_act(request, row)
	if not agree(request, row, OFFICE):
		frappe.throw(_("This appointment cannot be confirmed any more."), VisitRefused)
	return row.name


def agree(request, visit, channel: str) -> bool:
	"""Take the applicant's yes; a second one changes nothing. False where there is nothing to agree to."""
	if visit.state == CONFIRMED:
		return True
	if visit.state != PLANNED or is_past(visit):
		return False
	visit.update({"state": CONFIRMED, "confirmed_at": now_datetime(), "wish": None})
	note_step(visit, "Confirmed", channel)
	write(visit)
	tell(request, _("Visit confirmed for {0}", site_language()).format(window_text(visit)))
	return True


def ask_to_move(request, visit, channel: str, wish: str | None) -> bool:
	"""Take the applicant's wish for another time; the office decides. False where it is too late for that."""
	if visit.state not in AHEAD or is_past(visit):
		return False
	wish = cstr(wish).strip()[:LONGEST_NOTE]
	lang = site_language()
	visit.update({"state": PLANNED, "confirmed_at": None, "wish": wish or _("Another time, please", lang)})
	note_step(visit, "Asked to Move", channel, wish)
	write(visit)
	tell(request, _("Another time was asked for the visit", lang), wish or None)
	return True


@frappe.whitelist(methods=["POST"])
def cancel(visit: str, reason: str):
	"""Cancel a visit that nobody has set out for; the applicant reads the reason."""
	request, row = lock_visit(visit)
	request.check_permission("write")
	if row.state not in AHEAD:
		frappe.throw(_("The team is on the way already, or the visit is over."), VisitRefused)
	reason = needed(reason, _("Say why the visit is cancelled; the applicant reads it."))
	row.update({"state": CANCELLED, "failure_note": reason})
	write(row)
	tell(request, _("Visit cancelled", site_language()), reason)
	row.run_method("appointment_cancelled")


def is_past(visit) -> bool:
	return getdate(visit.planned_date) < getdate(nowdate())


def note_step(visit, what: str, channel: str, reason: str | None = None):
	visit.append(
		"appointments",
		{
			"at": now_datetime(),
			"what": what,
			"channel": channel,
			"date": visit.planned_date,
			"time_from": visit.time_from,
			"time_until": visit.time_until,
			"reason": reason,
			"by": frappe.session.user,
		},
	)


def window_text(visit) -> str:
	"""Return an appointment as in "Rabu, 25 November 2026 pukul 09.00–11.00 WITA"."""
	return f"{long_date(visit.planned_date)} pukul {clock(visit.time_from)}–{clock(visit.time_until)} WITA"


def kinds_text(visit) -> str:
	lang = site_language()
	return ", ".join(_(label, lang) for kind, label in KINDS.items() if visit.get(kind))


# What the technical team says ------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def recommend(visit: str, recommendation: str, reason: str | None = None):
	"""Write down the technical team's recommendation after an inspection.

	Args:
		recommendation: one of the options of Field Visit.
		reason: needed for everything but a plain yes.

	Raises:
		VisitRefused: given before, or the visit is not done.
		frappe.PermissionError: the session's user is not of the visit's technical team.
	"""
	request, row = lock_visit(visit)
	if row.state != DONE or row.recommendation:
		frappe.throw(_("Recommend once, when the inspection is done."), VisitRefused)
	check_technical(row)
	if fault := recommendation_fault(recommendation, reason):
		frappe.throw(fault, VisitRefused)
	set_recommendation(row, recommendation, reason)
	write(row)
	note_recommendation(request, row)


def check_technical(visit):
	if not is_technical(visit):
		frappe.throw(_("The technical team of this visit recommends."), frappe.PermissionError)


def is_technical(visit, user: str | None = None) -> bool:
	user = user or frappe.session.user
	member = any(row.user == user for row in visit.team)
	return member and TECHNICAL_TEAM in frappe.get_roles(user)


def recommendation_fault(recommendation: str | None, reason: str | None) -> str | None:
	known = options(DOCTYPE, "recommendation")
	if not recommendation or recommendation not in known:
		return _("Choose what the technical team recommends.")
	if recommendation != known[1] and not cstr(reason).strip():
		return _("Write the reason or the conditions of the recommendation.")
	return None


def set_recommendation(visit, recommendation: str, reason: str | None):
	visit.update(
		{
			"recommendation": recommendation,
			"recommendation_reason": tidy(reason, 2000),
			"recommended_by": frappe.session.user,
			"recommended_at": now_datetime(),
		}
	)


def note_recommendation(request, visit):
	"""Write the recommendation to the timeline, for staff; the applicant hears the decision."""
	label = _("Recommendation of the technical team: {0}").format(_(visit.recommendation))
	request.add_event("Visit", label=label, detail=visit.recommendation_reason)


def report_to_request(request, visit):
	"""Let the request know what came out, and go on by the trigger "Visit Done".

	A mere pick-up of papers does not end the field work of a service that has a checklist.
	"""
	request.take_visit(visit)
	if (
		visit.survey
		or visit.inspection
		or not frappe.db.exists("Inspection Checklist", {"service": visit.service, "active": 1})
	):
		moves.move(request, moves.VISIT_DONE)


# What the request asks -------------------------------------------------------------------------------------


def inspectors(request) -> set[str]:
	"""Return who inspected for a request: they do not approve it, nor does who recommended."""
	found = set()
	for name in frappe.get_all(DOCTYPE, {**about(request), "state": DONE}, pluck="name"):
		visit = frappe.get_doc(DOCTYPE, name)
		found |= {row.user for row in visit.team}
		found |= {visit.started_by, visit.finished_by, visit.recommended_by}
		found |= {row.answered_by for row in visit.answers}
	return found - {None, ""}


def close_open(request):
	"""Cancel what is still planned for a request that has ended another way."""
	if visit := open_visit(request):
		visit.state = CANCELLED
		write(visit)


def form_view(request) -> dict | None:
	"""Return the newest visit as the request's form shows it, or None."""
	found = frappe.get_all(DOCTYPE, about(request), pluck="name", order_by="creation desc", limit=1)
	if not found:
		return None
	visit = frappe.get_doc(DOCTYPE, found[0])
	return {
		"name": visit.name,
		"state": visit.state,
		"when": window_text(visit),
		"wish": visit.wish,
		"recommendation": visit.recommendation,
		"date": visit.planned_date,
		"time_from": cstr(visit.time_from),
		"time_until": cstr(visit.time_until),
		"team": ", ".join(get_fullname(row.user) for row in visit.team),
	}


def public_view(request) -> list[dict]:
	"""Return the visits as the tracking page shows them: no member's name, no findings."""
	names = frappe.get_all(
		DOCTYPE, {**about(request), "state": ("!=", CANCELLED)}, pluck="name", order_by="creation"
	)
	return [public_row(frappe.get_doc(DOCTYPE, name)) for name in names]


def public_row(visit) -> dict:
	ahead = visit.state in AHEAD and not is_past(visit)
	return {
		"key": proposal(visit),
		"kinds": kinds_text(visit),
		"state": _("Please confirm")
		if ahead and visit.state == PLANNED and not visit.wish
		else _(visit.state),
		"when": window_text(visit),
		"wish": visit.wish,
		"reason": moved_because(visit),
		"may_confirm": ahead and visit.state == PLANNED,
		"may_ask": ahead,
		"papers": [row.paper for row in visit.papers if not row.picked_up] if ahead else [],
		"picked_up": [
			{
				"paper": row.paper,
				"at": long_datetime(row.picked_up_at),
				"by": get_fullname(row.picked_up_by),
			}
			for row in visit.papers
			if row.picked_up
		],
	}


def answer_public(request, key: str, agrees: bool, wish: str) -> bool:
	"""Take an answer from the tracking page, whose code and digits opened the request.

	Args:
		key: as of `proposal`: what was on the page the applicant saw.
		agrees: False asks for another time, `wish` says which.
	"""
	name = key.partition("|")[0]
	if not frappe.db.exists(DOCTYPE, {**about(request), "name": name}):
		return False
	_locked, visit = lock_visit(name)
	if proposal(visit) != key:
		return False
	return agree(request, visit, WEB) if agrees else ask_to_move(request, visit, WEB, wish)


def proposal(visit) -> str:
	"""Return what names a visit and the time proposed: an answer to an old proposal is none to a new one."""
	return f"{visit.name}|{visit.planned_date}.{clock(visit.time_from)}.{clock(visit.time_until)}"


def moved_because(visit) -> str:
	last = visit.appointments[-1] if visit.appointments else None
	return last.reason or "" if last and last.what in ("Moved", "Failed") else ""


# Shared --------------------------------------------------------------------------------------------------


def lock_request(doctype: str, name: str, right: str | None = None):
	"""Return the request, locked until the transaction ends; only one that has not been decided.

	Args:
		right: asked for before anything is said of the request.
	"""
	if doctype not in stages.request_doctypes():
		frappe.throw(_("{0} is no request.").format(_(doctype)), VisitRefused)
	request = frappe.get_doc(doctype, name, for_update=True)
	if right:
		request.check_permission(right)
	if request.stage in stages.PROMISE_STOPPED:
		frappe.throw(
			_("The request needs no visit any more: it is in the stage {0}.").format(
				frappe.bold(_(request.stage))
			),
			VisitRefused,
		)
	return request


def lock_visit(name: str) -> tuple:
	"""Return request and visit, both locked; the request first, as everywhere here."""
	reference = frappe.db.get_value(DOCTYPE, name, ["reference_doctype", "reference_name"])
	if not reference:
		frappe.throw(_("This visit does not exist any more."), frappe.DoesNotExistError)
	request = frappe.get_doc(*reference, for_update=True)
	return request, frappe.get_doc(DOCTYPE, name, for_update=True)


def check_may_act(request, visit):
	"""Let the visit's team go on, and the office; everybody else is refused."""
	if not is_member(visit):
		request.check_permission("write")


def is_member(visit, user: str | None = None) -> bool:
	user = user or frappe.session.user
	named = any(row.user == user for row in visit.team)
	return (
		named and bool(set(TEAMS) & set(frappe.get_roles(user))) and has_agency_permission(visit, user=user)
	)


def open_visit(request):
	"""Return the request's open visit, locked, or None; looked up without a lock, as handover does."""
	name = frappe.db.get_value(DOCTYPE, {"open_key": f"{request.doctype}:{request.name}"})
	visit = frappe.get_doc(DOCTYPE, name, for_update=True) if name else None
	return visit if visit and visit.state in OPEN else None


def write(visit):
	"""Save a visit; the database keeps a request from having two open ones."""
	key = f"{visit.reference_doctype}:{visit.reference_name}"
	visit.open_key = key if visit.state in OPEN else None
	try:
		visit.save(ignore_permissions=True)
	except frappe.UniqueValidationError:
		frappe.clear_last_message()
		frappe.throw(_("Somebody else has just planned this. Reload the page."), VisitRefused)


def tidy(text: str | None, longest: int = LONGEST_NOTE) -> str:
	text = cstr(text).strip()
	if len(text) > longest:
		frappe.throw(_("Too long: at most {0} characters.").format(longest), VisitRefused)
	return text


def needed(text: str | None, complaint: str) -> str:
	text = tidy(text)
	if not text:
		frappe.throw(complaint, VisitRefused)
	return text


def tell(request, label: str, detail: str | None = None):
	"""Write what has happened to the request's timeline, where the applicant sees it."""
	request.add_event("Visit", label=label, detail=detail, public=True)
