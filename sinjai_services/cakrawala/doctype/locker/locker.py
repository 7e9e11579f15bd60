import re

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from sinjai_services.cakrawala import custody, lockers
from sinjai_services.permissions import agency_condition
from sinjai_services.requests.tracking import new_tracking_code

FREE, IN_USE, BLOCKED = "Free", "In Use", "Blocked"


class Locker(Document):
	"""A numbered locker of a kiosk, with the papers of one owner. An owner may have several."""

	def autoname(self):
		"""Name it after its place: the database then keeps the number unique in its cabinet."""
		self.cabinet = (self.cabinet or "").strip().upper()
		if not re.fullmatch(r"[A-Z0-9]{1,10}", self.cabinet):
			frappe.throw(_("A cabinet's name has 1 to 10 letters and digits, such as A."))
		if not 1 <= cint(self.number) <= 9999:
			frappe.throw(_("Lockers are numbered from 1 to 9999."))
		self.name = f"{self.kiosk}-{self.cabinet}-{cint(self.number):02}"

	def before_insert(self):
		self.code = new_tracking_code()

	def validate(self):
		self.agency = frappe.get_cached_value("Locker Kiosk", self.kiosk, "agency")
		self.set_owner()
		self.set_state()

	def set_owner(self):
		before = self.get_doc_before_save()
		if before and before.citizen != self.citizen and self.has_papers():
			frappe.throw(
				_("Papers of {0} are still in this locker. Give them back first.").format(before.owner_name),
				title=_("Locker Not Empty"),
			)
		self.owner_name = frappe.db.get_value("Citizen", self.citizen, "full_name") if self.citizen else None

	def set_state(self):
		if self.state != BLOCKED:
			self.state = IN_USE if self.citizen else FREE
			self.block_reason = None
		elif not (self.block_reason or "").strip():
			frappe.throw(_("Say why the locker is blocked."))

	def has_papers(self) -> bool:
		return bool(
			frappe.db.exists("Locker Document", {"locker": self.name, "custody": ("!=", custody.GIVEN)})
		)

	def onload(self):
		self.set_onload("contents", lockers.contents(self.name))


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Locker", user)
