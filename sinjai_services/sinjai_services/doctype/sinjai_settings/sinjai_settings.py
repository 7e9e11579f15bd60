import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import formatdate, getdate

from sinjai_services.requests import clock, holidays


class SinjaiSettings(Document):
	"""What holds for the whole government: name, office hours, holidays, personal data, public forms."""

	def validate(self):
		self.validate_holidays()
		self.sort_holidays()
		self.validate_working_time()

	def on_update(self):
		self.promise_anew()

	def validate_holidays(self):
		first = {}
		for row in self.holidays:
			day = getdate(row.holiday_date)
			if not day:
				frappe.throw(_("Row {0}: the date of the holiday is missing.").format(row.idx))
			if day in first:
				frappe.throw(
					_("{0} is a holiday twice, in rows {1} and {2}. Remove one of them.").format(
						formatdate(day), first[day], row.idx
					),
					title=_("Holiday Listed Twice"),
				)
			first[day] = row.idx

	def sort_holidays(self):
		self.holidays.sort(key=lambda row: getdate(row.holiday_date))
		for position, row in enumerate(self.holidays, start=1):
			row.idx = position

	def validate_working_time(self):
		clock.check_working_time(clock.office_hours(self))

	def promise_anew(self):
		"""Promise open requests anew when the office works at other times than before."""
		before = self.get_doc_before_save()
		if not before or clock.office_hours(before) != clock.office_hours(self):
			clock.enqueue_recompute()

	@frappe.whitelist()
	def missing_shipped_holidays(self) -> list[dict]:
		"""Return the shipped holidays of this year and later that the table lacks; nothing is written."""
		self.check_permission("write")
		return holidays.missing(self)
