import re

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_time


class LockerKiosk(Document):
	"""A place with lockers where permits are given out, and who is on duty there when."""

	def validate(self):
		self.validate_code()
		self.validate_shifts()

	def validate_code(self):
		self.code = (self.code or "").strip().upper()
		if not re.fullmatch(r"[A-Z0-9]{2,20}", self.code):
			frappe.throw(_("A kiosk's code has 2 to 20 letters and digits, such as LAPPA."))

	def validate_shifts(self):
		for row in self.shifts:
			if get_time(row.starts) == get_time(row.ends):
				frappe.throw(_("Row {0}: a shift ends at another time than it begins.").format(row.idx))
