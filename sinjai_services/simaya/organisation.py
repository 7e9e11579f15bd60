"""Who holds which position of an agency on a day, and who stands above or below whom.

Positions form a tree in each agency (nested set); people hold them for a time, definitively, as acting holder
(Plt: the post is vacant, Plh: the holder is absent) or by the holder's own delegation. Everybody who holds a
position on a day acts for it on that day.
"""

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate, nowdate
from frappe.utils.nestedset import NestedSet

DEFINITIVE, ACTING, DAILY_ACTING, DELEGATE = ("Definitive", "Acting (Plt)", "Daily Acting (Plh)", "Delegate")


class OrganisationTree(NestedSet):
	"""Base of Work Unit and Work Position: a tree that keeps to one agency.

	Rows of a spreadsheet come in any order. An entry whose superior is not there yet waits for it under its
	code, and is put in its place when the superior arrives.
	"""

	def validate(self):
		self.find_superior()
		self.validate_same_agency()
		self.validate_no_loop()

	def on_update(self):
		super().on_update()
		self.take_waiting()

	def find_superior(self):
		if not self.superior_code:
			return
		parent = frappe.db.get_value(
			self.doctype, {"agency": self.agency, "code": self.superior_code.strip()}
		)
		if parent:
			self.set(self.nsm_parent_field, parent)
			self.superior_code = None

	def validate_same_agency(self):
		parent = self.get(self.nsm_parent_field)
		if parent and frappe.db.get_value(self.doctype, parent, "agency") != self.agency:
			frappe.throw(
				_("{0} belongs to another agency. Choose a superior of the same agency.").format(parent),
				title=_("Another Agency"),
			)

	def validate_no_loop(self):
		parent, seen = self.get(self.nsm_parent_field), {self.name}
		while parent:
			if parent in seen:
				frappe.throw(_("{0} would stand below itself. Choose another superior.").format(self.name))
			seen.add(parent)
			parent = frappe.db.get_value(self.doctype, parent, self.nsm_parent_field)

	def take_waiting(self):
		"""Put entries that waited for this one below it."""
		waiting = {"agency": self.agency, "superior_code": self.code}
		for name in frappe.get_all(self.doctype, waiting, pluck="name"):
			frappe.get_doc(self.doctype, name).save()


# Positions and people ------------------------------------------------------------------------------------


def valid_on(holder, day: date):
	"""Return the condition that a row of Position Holder holds on `day`."""
	return (holder.from_date <= day) & (holder.to_date.isnull() | (holder.to_date >= day))


def holders_of(position: str, on: date | str | None = None) -> list[str]:
	"""Return the users who act for a position on a day, the definitive holder first.

	Args:
		position: name of a Work Position.
		on: the day; today when left out.
	"""
	holder, user = frappe.qb.DocType("Position Holder"), frappe.qb.DocType("User")
	rows = (
		frappe.qb.from_(holder)
		.join(user)
		.on(user.name == holder.user)
		.select(holder.user, holder.kind)
		.where(
			(holder.position == position) & (user.enabled == 1) & valid_on(holder, getdate(on or nowdate()))
		)
		.orderby(holder.from_date)
	).run()
	return list(dict.fromkeys(user for user, kind in sorted(rows, key=lambda row: row[1] != DEFINITIVE)))


def positions_of(user: str | None = None, on: date | str | None = None) -> list[str]:
	"""Return the positions a user acts for on a day; asked once a request for today and a user."""
	user = user or frappe.session.user
	day = getdate(on or nowdate())
	if not hasattr(frappe.local, "sinjai_positions"):
		frappe.local.sinjai_positions = {}
	cache = frappe.local.sinjai_positions
	if (user, day) not in cache:
		holder, position = frappe.qb.DocType("Position Holder"), frappe.qb.DocType("Work Position")
		cache[user, day] = (
			frappe.qb.from_(holder)
			.join(position)
			.on(position.name == holder.position)
			.select(holder.position)
			.distinct()
			.where((holder.user == user) & (position.active == 1) & valid_on(holder, day))
			.orderby(holder.position)
		).run(pluck=True)
	return cache[user, day]


def forget_positions():
	"""Ask again who holds what; called when holders or positions change."""
	frappe.local.sinjai_positions = {}


def agencies_of_positions(user: str) -> list[str]:
	"""Return the agencies in which a user holds a position today."""
	return sorted({agency_of(position) for position in positions_of(user)})


def agency_of(position: str) -> str:
	return frappe.get_cached_value("Work Position", position, "agency")


def position_label(position: str | None) -> str:
	return frappe.get_cached_value("Work Position", position, "position_name") if position else ""


def name_of_holder(position: str, on: date | str | None = None) -> str:
	"""Return the full name of who acts for a position, or "" while nobody does."""
	holders = holders_of(position, on)
	return frappe.get_cached_value("User", holders[0], "full_name") if holders else ""


# The tree ------------------------------------------------------------------------------------------------


def superiors(position: str) -> list[str]:
	"""Return the positions above, the next one first."""
	above = []
	parent = frappe.get_cached_value("Work Position", position, "parent_work_position")
	while parent and parent not in above:
		above.append(parent)
		parent = frappe.get_cached_value("Work Position", parent, "parent_work_position")
	return above


def subordinates(position: str) -> list[str]:
	"""Return every active position below, at any depth, in the tree's order."""
	row = frappe.db.get_value("Work Position", position, ["lft", "rgt", "agency"], as_dict=True)
	if not row:
		return []
	table = frappe.qb.DocType("Work Position")
	return (
		frappe.qb.from_(table)
		.select(table.name)
		.where((table.lft > row.lft) & (table.rgt < row.rgt) & (table.active == 1))
		.where(table.agency == row.agency)
		.orderby(table.lft)
	).run(pluck=True)


def same_agency(*positions: str) -> bool:
	"""Tell whether all these positions belong to one agency."""
	return len({agency_of(position) for position in positions}) <= 1


def leaders_of(agency: str) -> list[str]:
	filters = {"agency": agency, "is_leader": 1, "active": 1}
	return frappe.get_all("Work Position", filters, order_by="lft", pluck="name")


def records_offices_of(agency: str) -> list[str]:
	filters = {"agency": agency, "is_records_office": 1, "active": 1}
	return frappe.get_all("Work Position", filters, order_by="lft", pluck="name")


# Being away ----------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def delegate(position: str, to_user: str, from_date: str, to_date: str) -> str:
	"""Let somebody act for one of the session user's own positions while they are away.

	Args:
		position: a position the user holds definitively or as acting holder.
		to_user: who stands in; works in the same agency.
		from_date, to_date: first and last day, within the time the user holds it.

	Returns:
		The name of the Position Holder row.

	Raises:
		frappe.PermissionError: the position is not the user's own, only delegated to them, or for a shorter
			time.
	"""
	own = frappe.qb.DocType("Position Holder")
	ends = (
		frappe.qb.from_(own)
		.select(own.to_date)
		.where((own.position == position) & (own.user == frappe.session.user) & (own.kind != DELEGATE))
		.where(valid_on(own, getdate(nowdate())))
	).run(pluck=True)
	if not ends:
		frappe.throw(_("You can delegate your own positions only."), frappe.PermissionError)
	if None not in ends and getdate(to_date) > max(ends):
		frappe.throw(
			_("You hold this position until {0} only. Choose a last day no later than that.").format(
				frappe.format(max(ends), "Date")
			),
			frappe.PermissionError,
		)
	if agency_of(position) not in agencies_of_positions(to_user):
		frappe.throw(_("Choose somebody who holds a position in the same agency."))
	holder = frappe.new_doc("Position Holder")
	holder.update({"position": position, "user": to_user, "kind": DELEGATE, "from_date": from_date})
	holder.update({"to_date": to_date, "delegated_by": frappe.session.user})
	return holder.insert(ignore_permissions=True).name
