"""A stocktake of a kiosk's lockers, on a phone, locker by locker. Every tick is kept at once."""

import re
from collections import Counter

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from sinjai_services.cakrawala import custody

STOCKTAKE, LINE = "Locker Stocktake", "Locker Stocktake Line"
UNCHECKED, FOUND, MISSING, UNEXPECTED = "Not Checked", "Found", "Not Found", "Unexpected"
OPEN, FINISHED = "Open", "Finished"
LONGEST_NOTE = 140


class StocktakeFinished(frappe.ValidationError):
	"""The stocktake is finished; its result stays as it is."""


class UnknownLocker(frappe.ValidationError):
	"""What was scanned or typed is no locker of the kiosk."""


@frappe.whitelist()
def kiosks() -> list[dict]:
	"""Return the kiosks whose lockers the user may count, each with its open stocktake if there is one."""
	check_may_count()
	rows = frappe.get_list("Locker Kiosk", fields=["name", "kiosk_name"], order_by="kiosk_name")
	for row in rows:
		row.stocktake = frappe.db.get_value(STOCKTAKE, {"open_key": row.name})
	return rows


@frappe.whitelist(methods=["POST"])
def start(kiosk: str) -> dict:
	"""Go on with the kiosk's open stocktake, or begin one; return its progress."""
	check_may_count()
	frappe.get_doc("Locker Kiosk", kiosk).check_permission("read")
	# Locks the kiosk: two officers who begin at the same moment count together.
	agency = frappe.db.get_value("Locker Kiosk", kiosk, "agency", for_update=True)
	name = frappe.db.get_value(STOCKTAKE, {"open_key": kiosk}, for_update=True)
	return progress(name or begin(kiosk, agency))


def begin(kiosk: str, agency: str) -> str:
	doc = frappe.new_doc(STOCKTAKE)
	doc.update(
		{
			"kiosk": kiosk,
			"agency": agency,
			"open_key": kiosk,
			"status": OPEN,
			"started_by": frappe.session.user,
			"started_at": now_datetime(),
		}
	)
	for paper in expected(kiosk):
		title = f"{paper.slot} · {paper.requirement}" + (
			f" · {paper.vessel_name}" if paper.vessel_name else ""
		)
		doc.append(
			"lines",
			{"document": paper.name, "locker": paper.locker, "paper": title[:140], "result": UNCHECKED},
		)
	return doc.insert(ignore_permissions=True).name


def expected(kiosk: str) -> list:
	"""Return the papers that ought to lie in the kiosk's lockers; what somebody has out is not looked for."""
	lockers = frappe.get_all("Locker", {"kiosk": kiosk}, pluck="name")
	filters = {"locker": ("in", lockers), "custody": ("in", (custody.IN_LOCKER, custody.MISSING))}
	fields = ["name", "locker", "slot", "requirement", "vessel_name"]
	return frappe.get_all("Locker Document", filters, fields, order_by="locker, slot") if lockers else []


@frappe.whitelist()
def progress(stocktake: str) -> dict:
	"""Return how far a stocktake is: counts by result, and the lockers with something left to look at."""
	doc = read(stocktake)
	counts = dict.fromkeys((UNCHECKED, FOUND, MISSING, UNEXPECTED), 0) | Counter(
		line.result for line in doc.lines
	)
	left = list(dict.fromkeys(line.locker for line in doc.lines if line.result == UNCHECKED))
	return {"name": doc.name, "kiosk": doc.kiosk, "status": doc.status, "counts": counts, "left": left}


@frappe.whitelist()
def open_locker(stocktake: str, code: str) -> dict:
	"""Return what ought to lie in the locker whose label was scanned, or whose name was typed.

	Raises:
		UnknownLocker: no locker of the kiosk has this label or name.
	"""
	doc = read(stocktake)
	locker = find_locker(doc.kiosk, code)
	lines = [line for line in doc.lines if line.locker == locker.name]
	keys = ("name", "document", "paper", "result", "note")
	return {
		"locker": locker.name,
		"owner_name": locker.owner_name,
		"state": locker.state,
		"lines": [{key: line.get(key) for key in keys} for line in lines],
		"out": out_of(locker.name),
	}


def find_locker(kiosk: str, code: str):
	"""Return the locker by the code on its label, or by its name, with or without the kiosk's."""
	typed = re.sub(r"[^A-Z0-9]+", "-", (code or "")[:100].upper()).strip("-")
	fields = ("name", "owner_name", "state")
	for filters in ({"code": typed.replace("-", "")}, {"name": ("in", spellings(kiosk, typed))}):
		if row := frappe.db.get_value("Locker", {**filters, "kiosk": kiosk}, fields, as_dict=True):
			return row
	frappe.throw(
		_(
			"{0} is no locker of {1}. Scan the label once more, or type cabinet and number, such as A-07."
		).format(frappe.bold(frappe.utils.escape_html(code or "")), kiosk),
		exc=UnknownLocker,
	)


def spellings(kiosk: str, typed: str) -> list[str]:
	"""Return the names a typed locker may have: "a7", "A-7" and "LAPPA-A-07" are one."""
	match = re.fullmatch(r"([A-Z0-9]*[A-Z])-?0*([0-9]{1,4})", typed.removeprefix(f"{kiosk}-"))
	return [typed, *([f"{kiosk}-{match[1]}-{int(match[2]):02}"] if match else [])]


def out_of(locker: str) -> list[str]:
	"""Return a sentence for each paper of the locker that somebody has."""
	rows = frappe.get_all(
		"Locker Document",
		{"locker": locker, "custody": custody.TAKEN},
		["requirement", "locker", "slot", *custody.FIELDS],
	)
	return [_("{0}: {1}").format(row.requirement, custody.where_text(row)) for row in rows]


@frappe.whitelist(methods=["POST"])
def mark(stocktake: str, line: str, found: bool) -> dict:
	"""Tick a paper as found or missing; return the progress."""
	lock_open(stocktake)
	if not frappe.db.exists(LINE, {"name": line, "parent": stocktake, "document": ("is", "set")}):
		frappe.throw(_("This paper is not part of the stocktake. Reload the page."))
	result = FOUND if frappe.utils.sbool(found) else MISSING
	values = {"result": result, "at": now_datetime(), "by": frappe.session.user}
	frappe.db.set_value(LINE, line, values, update_modified=False)
	return progress(stocktake)


@frappe.whitelist(methods=["POST"])
def add_unexpected(stocktake: str, locker: str, note: str) -> dict:
	"""Note a paper that lies in a locker and should not."""
	lock_open(stocktake)
	note = " ".join((note or "").split())[:LONGEST_NOTE]
	if not note:
		frappe.throw(_("Say which paper it is."))
	kiosk = frappe.db.get_value(STOCKTAKE, stocktake, "kiosk")
	line = frappe.new_doc(LINE)
	line.update(
		{
			"parent": stocktake,
			"parenttype": STOCKTAKE,
			"parentfield": "lines",
			"idx": len(current_lines(stocktake)) + 1,
			"locker": find_locker(kiosk, locker).name,
			"paper": note,
			"result": UNEXPECTED,
			"at": now_datetime(),
			"by": frappe.session.user,
		}
	)
	line.insert(ignore_permissions=True)
	return progress(stocktake)


@frappe.whitelist(methods=["POST"])
def finish(stocktake: str) -> dict:
	"""End the stocktake: write what was found and missing into the papers' records; return the result.

	A paper that somebody has taken or put back since it was ticked is left as it is.
	"""
	lock_open(stocktake)
	lines = current_lines(stocktake)
	for line in sorted(lines, key=lambda line: line.document or ""):
		if line.document and line.result in (FOUND, MISSING):
			settle(line)
	counts = Counter(line.result for line in lines)
	values = {
		"status": FINISHED,
		"open_key": None,
		"finished_at": now_datetime(),
		"found": counts[FOUND],
		"missing": counts[MISSING],
		"unexpected": counts[UNEXPECTED],
		"unchecked": counts[UNCHECKED],
	}
	frappe.db.set_value(STOCKTAKE, stocktake, values)
	return {**progress(stocktake), "differences": differences(lines)}


def current_lines(stocktake: str) -> list:
	"""Return the lines as they are committed now; a plain read would miss ticks of the moment before."""
	line = frappe.qb.DocType(LINE)
	query = frappe.qb.from_(line).select("*").where(line.parent == stocktake).orderby(line.idx)
	return query.for_update().run(as_dict=True)


def settle(line):
	now = custody.lock(line.document)
	if get_datetime(now.since) > get_datetime(line.at):
		line.note = _("moved since: {0}").format(custody.where_text(now))[:LONGEST_NOTE]
		frappe.db.set_value(LINE, line.name, "note", line.note, update_modified=False)
	elif line.result == MISSING and now.custody == custody.IN_LOCKER:
		custody.missing(line.document, line.parent)
	elif line.result == FOUND and now.custody == custody.MISSING:
		custody.found(line.document, line.parent)


def differences(lines) -> list[dict]:
	"""Return what is not as it should be: missing, unexpected, not looked at."""
	keys = ("locker", "paper", "result", "note")
	return [{key: line.get(key) for key in keys} for line in lines if line.result != FOUND or line.note]


# Doors -------------------------------------------------------------------------------------------------


def check_may_count():
	if not frappe.has_permission("Locker Document", "write"):
		frappe.throw(_("Only officers of a kiosk may count its lockers."), frappe.PermissionError)


def read(stocktake: str):
	check_may_count()
	doc = frappe.get_doc(STOCKTAKE, stocktake)
	doc.check_permission("read")
	return doc


def lock_open(stocktake: str):
	"""Check that the user may count here and the stocktake is open, and lock it."""
	read(stocktake)
	if frappe.db.get_value(STOCKTAKE, stocktake, "status", for_update=True) != OPEN:
		frappe.throw(_("This stocktake is finished. Begin a new one."), exc=StocktakeFinished)
