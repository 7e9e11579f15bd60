import frappe
from frappe import _
from frappe.model.document import Document

MOST_DAYS = 366


class CakrawalaSettings(Document):
	"""What holds for the permit kiosks: papers out too long, reminders, what owners of large boats read."""

	def validate(self):
		self.renewal_days = ", ".join(str(days) for days in self.days_before())

	def days_before(self) -> list[int]:
		"""Return how many days before an expiry the owner is told, the earliest first.

		Raises:
			frappe.ValidationError: something else than whole numbers is typed.
		"""
		try:
			days = {int(part) for part in (self.renewal_days or "30, 14, 3").split(",") if part.strip()}
		except ValueError:
			days = set()
		if not days or not all(0 < each <= MOST_DAYS for each in days):
			frappe.throw(
				_("Days before the expiry are whole numbers with commas between, such as 30, 14, 3.")
			)
		return sorted(days, reverse=True)
