"""Renewal before it hurts: owners are told of permits and locker papers that expire, and answer "YA".

Told once for each paper, expiry and step, also when two schedulers run: the name of the Renewal Reminder is
made of the three, so the database takes the second one for a duplicate. Reminder and message are written in
one transaction. A day without a scheduler leaves nothing out: the step that is due then is told later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import frappe
from frappe.utils import add_days, date_diff, getdate, now_datetime

from sinjai_services import stages
from sinjai_services.cakrawala import custody
from sinjai_services.requests.language import site_language
from sinjai_services.requests.wording import long_date
from sinjai_services.whatsapp import outbox, texts
from sinjai_services.whatsapp.gateway import Choice

REQUEST, PAPER, REMINDER = "Fishing Permit Request", "Locker Document", "Renewal Reminder"
ISSUED = (stages.READY, stages.HANDING_OVER, stages.COMPLETED)
CHOICE = "renew:"
"""What the id of a tapped "YA" begins with; the name of the Renewal Reminder follows."""


@dataclass(frozen=True)
class Expiring:
	"""A permit or paper that expires soon.

	Args:
		doctype, name: of the permit's request or the locker paper.
		title: what it is called.
		expires_on: its last day.
		citizen: the owner.
		vessel: the boat, if it is one boat's.
		service: the Public Service that renews it, or None.
		agency: whose lockers.
		locker: where it lies, for papers.
	"""

	doctype: str
	name: str
	title: str
	expires_on: date
	citizen: str
	vessel: str | None
	service: str | None
	agency: str
	locker: str | None = None


@dataclass(frozen=True)
class Answer:
	"""What became of a "YA".

	Args:
		requests: names of the renewal requests, made now or before.
		open: reminders to choose from where it is not clear which is meant, as {name, title, vessel_name}.
	"""

	requests: tuple[str, ...] = ()
	open: tuple[dict, ...] = ()


# Telling -----------------------------------------------------------------------------------------------


def run():
	"""Tell of everything that is due; daily by the scheduler. Each message is its own transaction."""
	frappe.local.lang = site_language()
	for paper in expiring(getdate()):
		try:
			tell(paper, getdate())
		except Exception as error:
			frappe.db.rollback()
			# Its name only: a traceback would show the owner's numbers.
			title = f"Telling of an expiry failed: {paper.doctype} {paper.name}"
			frappe.log_error(title, type(error).__name__)
		frappe.db.commit()


def days_before() -> list[int]:
	"""Return how many days before an expiry owners are told, the earliest first."""
	return frappe.get_cached_doc("Cakrawala Settings").days_before()


def step_of(expires_on: date, today: date) -> int | None:
	"""Return the step that is due: the last one reached. None before the first and after the expiry."""
	left = date_diff(expires_on, today)
	return min((days for days in days_before() if left <= days), default=None) if left >= 0 else None


def expiring(today: date) -> Iterator[Expiring]:
	"""Return what expires within the first step and has not been renewed, soonest first."""
	until = add_days(today, days_before()[0])
	permits = list(expiring_permits(today, until))
	yield from permits
	known = {(permit.vessel, permit.service, permit.expires_on) for permit in permits}
	for paper in expiring_papers(today, until):
		if (paper.vessel, paper.service, paper.expires_on) not in known or not paper.service:
			yield paper


def expiring_permits(today: date, until: date) -> Iterator[Expiring]:
	for row in frappe.get_all(
		REQUEST,
		{"expires_on": ("between", (today, until)), "stage": ("in", ISSUED), "vessel": ("is", "set")},
		["name", "service", "vessel", "expires_on", "agency"],
		order_by="expires_on, name",
	):
		service = renewing_service(row.service)
		owner = frappe.db.get_value("Fishing Vessel", {"name": row.vessel, "active": 1}, "citizen")
		if not owner or has_later_permit(row, service):
			continue
		title = frappe.get_cached_value("Public Service", row.service, "service_name")
		yield Expiring(REQUEST, row.name, title, row.expires_on, owner, row.vessel, service, row.agency)


def renewing_service(service: str) -> str | None:
	"""Return the active service that renews a permit: the one named there, else the service itself."""
	name = frappe.get_cached_value("Public Service", service, "renewal_service") or service
	return name if frappe.get_cached_value("Public Service", name, "active") else None


def has_later_permit(row, service: str | None) -> bool:
	"""Tell whether the boat has a later permit of the kind, or is about to get one."""
	request = frappe.qb.DocType(REQUEST)
	query = (
		frappe.qb.from_(request)
		.select(request.name)
		.where((request.vessel == row.vessel) & request.service.isin([row.service, service or row.service]))
		.where(request.name != row.name)
		.where((request.expires_on > row.expires_on) | request.stage.notin([*ISSUED, *stages.ENDED]))
		.limit(1)
	)
	return bool(query.run())


def expiring_papers(today: date, until: date) -> Iterator[Expiring]:
	services = dict(
		frappe.get_all(
			"Public Service",
			{"renews_paper": ("is", "set"), "active": 1},
			["renews_paper", "name"],
			as_list=True,
		)
	)
	for row in frappe.get_all(
		PAPER,
		{"expires_on": ("between", (today, until)), "custody": ("in", (custody.IN_LOCKER, custody.TAKEN))},
		["name", "requirement", "vessel", "expires_on", "citizen", "agency", "locker"],
		order_by="expires_on, name",
	):
		vessel = row.vessel or only_boat(row.citizen)
		service = services.get(row.requirement) if vessel else None
		yield Expiring(
			PAPER,
			row.name,
			row.requirement,
			row.expires_on,
			row.citizen,
			vessel,
			service,
			row.agency,
			row.locker,
		)


def only_boat(citizen: str) -> str | None:
	boats = frappe.get_all("Fishing Vessel", {"citizen": citizen, "active": 1}, pluck="name", limit=2)
	return boats[0] if len(boats) == 1 else None


def tell(paper: Expiring, today: date) -> str | None:
	"""Tell the owner of one expiry, unless that was done; return the reminder's name. The caller commits."""
	step = step_of(paper.expires_on, today)
	number = number_of(paper)
	if step is None or not number:
		return None
	name = f"{paper.name}:{paper.expires_on}:{step}"
	if frappe.db.exists(REMINDER, name):
		return None
	frappe.db.savepoint("reminder")
	try:
		write_reminder(name, paper, step, number)
	except frappe.DuplicateEntryError:
		# Another scheduler was faster.
		frappe.db.rollback(save_point="reminder")
		frappe.clear_last_message()
		return None
	choices = [Choice(id=f"{CHOICE}{name}", title="YA")] if paper.service else []
	outbox.put(
		number,
		text_of(paper, date_diff(paper.expires_on, today)),
		agency=paper.agency,
		about=frappe.get_doc(paper.doctype, paper.name),
		choices=choices,
		key=f"renewal:{name}",
	)
	return name


def write_reminder(name: str, paper: Expiring, step: int, number: str):
	reminder = frappe.new_doc(REMINDER)
	reminder.update(
		{
			"reference_doctype": paper.doctype,
			"reference_name": paper.name,
			"expires_on": paper.expires_on,
			"step": step,
			"number": number,
			"service": paper.service,
			"vessel": paper.vessel,
			"told_at": now_datetime(),
			"agency": paper.agency,
		}
	)
	reminder.insert(ignore_permissions=True, set_name=name)


def number_of(paper: Expiring) -> str | None:
	"""Return the owner's number, or that of the boat's agent where the owner has none."""
	agent = paper.vessel and frappe.db.get_value("Fishing Vessel", paper.vessel, "agent")
	numbers = (
		frappe.db.get_value("Citizen", citizen, "whatsapp_number")
		for citizen in (paper.citizen, agent)
		if citizen
	)
	return next((number for number in numbers if number), None)


def text_of(paper: Expiring, days: int) -> str:
	"""Return the message in the words of its Reply Text: with a permit of ours that renews it, or without."""
	renewable = bool(paper.service)
	vessel = frappe.db.get_value("Fishing Vessel", paper.vessel, "vessel_name") if paper.vessel else None
	values = {
		"name": frappe.db.get_value("Citizen", paper.citizen, "full_name"),
		"paper": paper.title,
		"vessel": (vessel or "") if renewable else (f" ({vessel})" if vessel else ""),
		"expires": long_date(paper.expires_on),
		"days": str(days),
		"locker": paper.locker or "",
	}
	return texts.render("cakrawala_renewal" if renewable else "cakrawala_paper_expires", **values)


# Answering ---------------------------------------------------------------------------------------------


def answer_yes(number: str, reminder: str | None = None) -> Answer:
	"""Make the renewal request that somebody asks for with "YA"; asked twice it is made once.

	Args:
		number: the mobile number that answers, in E.164.
		reminder: the Renewal Reminder meant, as in the id of the tapped button after CHOICE; left out, the
			only one that is open for the number.

	Returns:
		The request; or what to choose from where several are open; or nothing where none is.

	Raises:
		frappe.ValidationError: the owner's entry lacks what a request needs; an officer has to take it up.
	"""
	found = open_reminders(number)
	if reminder:
		found = [row for row in found if row.name == reminder]
	if len(found) > 1:
		return Answer(
			open=tuple({key: row[key] for key in ("name", "title", "vessel_name")} for row in found)
		)
	return Answer(requests=tuple(renew(row) for row in found))


def open_reminders(number: str) -> list:
	"""Return the newest reminder of each permit and paper that this number was told of and can renew."""
	rows = frappe.get_all(
		REMINDER,
		{
			"number": number,
			"service": ("is", "set"),
			"vessel": ("is", "set"),
			"expires_on": (">=", add_days(getdate(), -30)),
		},
		["name", "number", "reference_doctype", "reference_name", "expires_on", "service", "vessel"],
		order_by="step asc",
	)
	newest = {}
	for row in rows:
		newest.setdefault((row.reference_name, row.expires_on), row)
	for row in newest.values():
		row.title = frappe.get_cached_value("Public Service", row.service, "service_name")
		row.vessel_name = frappe.db.get_value("Fishing Vessel", row.vessel, "vessel_name")
	return list(newest.values())


def renew(reminder) -> str:
	"""Return the request that renews what a reminder is about, making it where there is none."""
	key = f"{reminder.reference_name}:{reminder.expires_on}"
	if made := made_before(key):
		return made
	frappe.db.savepoint("renewal")
	try:
		doc = new_request(reminder, key)
	except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
		# The same answer arrived twice at the same moment; the other one has made the request.
		frappe.db.rollback(save_point="renewal")
		frappe.clear_messages()
		return made_before(key)
	note = {"request": doc.name}
	references = {"reference_name": reminder.reference_name, "expires_on": reminder.expires_on}
	for name in frappe.get_all(REMINDER, references, pluck="name"):
		frappe.db.set_value(REMINDER, name, note, update_modified=False)
	return doc.name


def made_before(key: str) -> str | None:
	# A locking read: it sees what another transaction has just committed.
	return frappe.db.get_value(REQUEST, {"renewal_of": key}, "name", for_update=True)


def new_request(reminder, key: str):
	owner = frappe.get_doc("Citizen", frappe.db.get_value("Fishing Vessel", reminder.vessel, "citizen"))
	doc = frappe.new_doc(REQUEST)
	doc.update(
		{
			"service": reminder.service,
			"channel": "WhatsApp",
			"vessel": reminder.vessel,
			"applicant_name": owner.full_name,
			"nik": owner.get_password("nik"),
			"citizen": owner.name,
			"whatsapp_number": reminder.number,
			"village": owner.village,
			"address": owner.address,
			"consent": 1,
			"renewal_of": key,
		}
	)
	return doc.insert(ignore_permissions=True)
