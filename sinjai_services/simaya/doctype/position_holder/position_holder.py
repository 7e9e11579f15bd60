import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from sinjai_services.simaya import organisation


class PositionHolder(Document):
	"""Somebody who acts for a position from one day to another."""

	def validate(self):
		self.agency = organisation.agency_of(self.position)
		self.validate_dates()
		self.validate_not_for_oneself()
		self.validate_one_definitive()

	def on_update(self):
		self.end_delegations()
		organisation.forget_positions()

	def on_trash(self):
		organisation.forget_positions()

	def end_delegations(self):
		"""What somebody has delegated ends with their own time, also where that is cut short afterwards."""
		theirs = {"position": self.position, "user": self.user, "kind": ("!=", organisation.DELEGATE)}
		last_days = frappe.get_all("Position Holder", theirs, pluck="to_date")
		if not last_days or None in last_days:
			return
		table = frappe.qb.DocType("Position Holder")
		given = (table.position == self.position) & (table.delegated_by == self.user)
		last = max(last_days)
		frappe.qb.update(table).set(table.to_date, last).where(given & (table.to_date > last)).run()

	def validate_dates(self):
		if self.to_date and getdate(self.to_date) < getdate(self.from_date):
			frappe.throw(_("The last day lies before the first one."))
		if self.kind != organisation.DEFINITIVE and not self.to_date:
			frappe.throw(_("Say until when: only a definitive holder stays until further notice."))

	def validate_not_for_oneself(self):
		"""Nobody opens secret letters by giving themselves the position that may read them."""
		own = self.user == frappe.session.user and self.user != "Administrator"
		if own and (self.is_new() or self.has_value_changed("position") or self.has_value_changed("user")):
			frappe.throw(
				_("You cannot give yourself a position; another administrator has to do that."),
				frappe.PermissionError,
			)

	def validate_one_definitive(self):
		if self.kind != organisation.DEFINITIVE:
			return
		other = frappe.qb.DocType("Position Holder")
		query = (
			frappe.qb.from_(other)
			.select(other.full_name)
			.where((other.position == self.position) & (other.kind == self.kind))
			.where((other.name != (self.name or "")) & (other.user != self.user))
			.where(other.to_date.isnull() | (other.to_date >= self.from_date))
		)
		if self.to_date:
			query = query.where(other.from_date <= self.to_date)
		if found := query.run(pluck=True):
			frappe.throw(
				_("{0} already holds this position in that time. Enter the last day there first.").format(
					found[0]
				)
			)


def on_doctype_update():
	frappe.db.add_index("Position Holder", ["user", "from_date"], "positions_of_user")
	frappe.db.add_index("Position Holder", ["position", "from_date"], "holders_of_position")
