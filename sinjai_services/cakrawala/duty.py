"""Who is on duty at a kiosk now, and what they are told at the bell of the Desk."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, escape_html, get_time, now_datetime

from sinjai_services.cakrawala import custody
from sinjai_services.requests.escalation import OFFICERS, put_into_bell, staff
from sinjai_services.requests.language import site_language

EVERY_DAY = "Every Day"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_A_RUN = 200


def on_duty(kiosk: str, now: datetime | None = None) -> list[str]:
	"""Return the users whose shift at the kiosk runs now, sorted."""
	now = now or now_datetime()
	rows = frappe.get_cached_doc("Locker Kiosk", kiosk).shifts
	return sorted({row.officer for row in rows if runs(row, now)})


def runs(shift, now: datetime) -> bool:
	"""Tell whether a shift runs; one that ends before it starts ends the next morning."""
	starts, ends, time = get_time(shift.starts), get_time(shift.ends), now.time()
	if starts < ends:
		return starts <= time < ends and is_day(shift, now)
	if time >= starts:
		return is_day(shift, now)
	return time < ends and is_day(shift, now - timedelta(days=1))


def is_day(shift, moment: datetime) -> bool:
	return shift.days in (EVERY_DAY, DAYS[moment.weekday()])


def next_on_duty(agency: str, now: datetime) -> datetime | None:
	"""Return from when on somebody is on duty at one of the agency's kiosks (hook `sinjai_duty`).

	Returns:
		`now` while a shift runs; None where no shifts are entered.
	"""
	kiosks = frappe.get_all("Locker Kiosk", {"agency": agency}, pluck="name")
	shifts = [shift for kiosk in kiosks for shift in frappe.get_cached_doc("Locker Kiosk", kiosk).shifts]
	if any(runs(shift, now) for shift in shifts):
		return now
	days = [now + timedelta(days=number) for number in range(8)]
	starts = [
		datetime.combine(day, get_time(shift.starts))
		for shift in shifts
		for day in days
		if is_day(shift, day)
	]
	return min((start for start in starts if start > now), default=None)


def officers(agency: str, kiosk: str | None = None) -> list[str]:
	"""Return whom to tell: who is on duty at the kiosk, or at any of the agency's; else all its officers."""
	kiosks = [kiosk] if kiosk else frappe.get_all("Locker Kiosk", {"agency": agency}, pluck="name")
	users = {user for each in kiosks for user in on_duty(each)}
	enabled = (
		frappe.get_all("User", {"name": ("in", list(users)), "enabled": 1}, pluck="name") if users else []
	)
	return sorted(enabled or staff(agency, custody.REQUEST, OFFICERS))


def tell_of_request(doc):
	"""Tell whoever is on duty of a request that has come in through no hands of theirs."""
	if doc.channel == "Counter" or frappe.flags.in_import:
		return
	for user in officers(doc.agency):
		text = _("New request {0}: {1}", language_of(user)).format(
			frappe.bold(doc.name), escape_html(doc.service_name())
		)
		put_into_bell(user, doc.doctype, doc.name, text)


def ask_for_papers(doc):
	"""Ask whoever has papers of a withdrawn request, and who is on duty, to put them back."""
	papers = [custody.lock(name) for name in custody.papers_out(doc.name, for_update=True)]
	for user in sorted({paper.held_by for paper in papers} | set(officers(doc.agency) if papers else ())):
		text = _("{0} was withdrawn. Put its papers back into the locker: {1}", language_of(user)).format(
			frappe.bold(doc.name), escape_html(", ".join(paper.requirement for paper in papers))
		)
		put_into_bell(user, doc.doctype, doc.name, text)


def run():
	"""Tell of papers that are out too long; by the scheduler. Each is its own transaction."""
	frappe.local.lang = site_language()
	for name in out_too_long():
		try:
			tell_of_paper(name)
		except Exception as error:
			frappe.db.rollback()
			# Its name only: a traceback would show the owner's numbers.
			frappe.log_error(f"Telling of a paper that is out too long failed: {name}", type(error).__name__)
		frappe.db.commit()


def limit() -> datetime:
	"""Return since when a paper that is out is out too long."""
	minutes = cint(frappe.get_cached_doc("Cakrawala Settings").out_too_long_minutes) or 120
	return add_to_date(now_datetime(), minutes=-minutes)


def out_too_long() -> list[str]:
	"""Return the papers that are out too long and nobody was told of, longest first."""
	return frappe.get_all(
		"Locker Document",
		{"custody": custody.TAKEN, "late_told_at": ("is", "not set"), "since": ("<=", limit())},
		pluck="name",
		order_by="since",
		limit=MOST_A_RUN,
	)


def tell_of_paper(name: str) -> bool:
	"""Tell the kiosk's officers and the holder of one paper, unless somebody has. The caller commits."""
	row = custody.lock(name)
	if row.custody != custody.TAKEN or row.late_told_at or row.since > limit():
		return False
	frappe.db.set_value("Locker Document", name, "late_told_at", now_datetime(), update_modified=False)
	kiosk = frappe.db.get_value("Locker", row.locker, "kiosk")
	for user in sorted({row.held_by, *officers(row.agency, kiosk)}):
		text = _("{0} of locker {1} is out too long: {2}", language_of(user)).format(
			frappe.bold(escape_html(row.requirement)), row.locker, escape_html(custody.where_text(row))
		)
		put_into_bell(user, "Locker Document", name, text)
	return True


def language_of(user: str) -> str:
	return frappe.db.get_value("User", user, "language") or site_language()
