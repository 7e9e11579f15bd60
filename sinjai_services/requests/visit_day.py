"""What a team's phone carries along: the visits of the day and of the days ahead, whole."""

import frappe
from frappe.sessions import get_csrf_token
from frappe.utils import add_days, cint, cstr, get_datetime_str, get_fullname, nowdate

from sinjai_services.requests import visits
from sinjai_services.requests.wording import clock, long_date

DAYS_AHEAD = 7
MOST = 100


@frappe.whitelist()
def my_day() -> dict:
	"""Return all a team's phone needs: the user's open visits that are due, those ahead, those done today.

	Comes with a fresh token for posting, since the phone's page may be days old.
	"""
	mine = {"parenttype": visits.DOCTYPE, "user": frappe.session.user}
	names = frappe.get_all("Field Visit Member", mine, pluck="parent") or [""]
	rows = frappe.get_list(
		visits.DOCTYPE,
		{
			"name": ("in", names),
			"state": ("in", visits.OPEN),
			"planned_date": ("<=", add_days(nowdate(), DAYS_AHEAD)),
		},
		pluck="name",
		order_by="planned_date asc, time_from asc",
		limit=MOST,
	)
	done = frappe.get_list(
		visits.DOCTYPE,
		{"name": ("in", names), "state": ("not in", visits.OPEN), "finished_at": (">=", nowdate())},
		["name", "applicant_name", "state", "finished_at"],
		order_by="finished_at desc",
		limit=50,
	)
	return {
		"user": frappe.session.user,
		"full_name": get_fullname(frappe.session.user),
		"csrf_token": get_csrf_token(),
		"today": nowdate(),
		"visits": [card(frappe.get_doc(visits.DOCTYPE, name)) for name in rows],
		"done": [{**row, "finished_at": get_datetime_str(row.finished_at)} for row in done],
	}


def card(visit) -> dict:
	"""Return a visit as the phone keeps it: all that is needed without a line."""
	village = frappe.db.get_value("Village", visit.village, ["village_name", "district"]) or ("", None)
	return {
		"name": visit.name,
		"state": visit.state,
		"kinds": visits.kinds_text(visit),
		"pick_up": visit.pick_up,
		"reports": cint(visit.survey or visit.inspection),
		"may_recommend": cint(bool(visit.inspection) and visits.is_technical(visit)),
		"applicant_name": visit.applicant_name,
		"whatsapp_number": visit.whatsapp_number,
		"service": frappe.db.get_value("Public Service", visit.service, "service_name") or visit.service,
		"request": visit.reference_name,
		"date": cstr(visit.planned_date),
		"day": long_date(visit.planned_date),
		"time": f"{clock(visit.time_from)}–{clock(visit.time_until)}",
		"confirmed": visit.state == visits.CONFIRMED,
		"address": visit.address,
		"village": village[0],
		"district": frappe.db.get_value("District", village[1], "district_name") if village[1] else "",
		"latitude": visit.site_latitude,
		"longitude": visit.site_longitude,
		"note": visit.note,
		"wish": visit.wish,
		"team": [get_fullname(row.user) for row in visit.team],
		"papers": [
			{"paper": row.paper, "picked_up": row.picked_up, "at": cstr(row.picked_up_at or "")}
			for row in visit.papers
		],
		"questions": [
			{
				"code": row.code,
				"question": row.question,
				"answers": (row.allowed_answers or "").splitlines(),
				"required": row.required,
				"photo_required": row.photo_required,
				"explanation": row.explanation,
				"answer": row.answer,
				"note": row.note,
				"key": row.client_key,
			}
			for row in visit.answers
		],
		"photos": [{"code": row.code, "key": row.client_key} for row in visit.photos],
	}
