import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, getdate, now_datetime

from sinjai_services.cakrawala import custody
from sinjai_services.permissions import agency_condition, take_as_stored


class SlotTaken(frappe.DuplicateEntryError):
	"""Another paper lies in this slot."""


class LockerDocument(Document):
	"""A paper in a locker. Where it is, is written by `cakrawala.custody` alone."""

	def before_insert(self):
		self.update({"custody": custody.IN_LOCKER, "held_by": None, "taken_for": None, "late_told_at": None})
		self.since = now_datetime()

	def validate(self):
		self.keep_custody()
		self.set_from_locker()
		self.validate_move()
		self.validate_slot()
		self.validate_vessel()
		self.validate_dates()

	def after_insert(self):
		custody.write_movement(self.name, "Put In", self.locker, None, None, self.since, None, self.agency)

	def on_update(self):
		if self.is_moved():
			note = self.get_doc_before_save().place()
			custody.write_movement(
				self.name, "Put In", self.locker, None, None, now_datetime(), note, self.agency
			)

	def on_trash(self):
		frappe.throw(_("A paper stays on record. Give it to its owner instead."))

	def keep_custody(self):
		"""Take over where the paper is now: a form that was open meanwhile must not put it elsewhere."""
		if not self.is_new():
			self.update(
				frappe.db.get_value(
					"Locker Document", self.name, custody.FIELDS, as_dict=True, for_update=True
				)
			)

	def place(self) -> str:
		return _("Locker {0}, slot {1}").format(self.locker, self.slot)

	def is_moved(self) -> bool:
		"""Tell whether this save puts the paper into another locker or slot."""
		before = self.get_doc_before_save()
		return bool(before) and (before.locker, cint(before.slot)) != (self.locker, cint(self.slot))

	def validate_move(self):
		if self.is_moved() and self.custody != custody.IN_LOCKER:
			frappe.throw(
				_("Only a paper that lies in its locker is put into another. {0}").format(
					custody.where_text(self)
				)
			)

	def set_from_locker(self):
		locker = frappe.db.get_value("Locker", self.locker, ("agency", "citizen", "owner_name"), as_dict=True)
		if not locker or not locker.citizen:
			frappe.throw(_("Locker {0} has no owner yet. Enter the owner first.").format(self.locker))
		self.agency, self.citizen, self.owner_name = locker.agency, locker.citizen, locker.owner_name

	def validate_slot(self, coming_back: bool = False):
		if not 1 <= cint(self.slot) <= 999:
			frappe.throw(_("Slots are numbered from 1 to 999."))
		# Locks the locker: two officers who fill one slot at the same moment come one after the other.
		frappe.db.get_value("Locker", self.locker, "name", for_update=True)
		there = {"locker": self.locker, "slot": self.slot, "name": ("!=", self.name or "")}
		other = frappe.db.get_value(
			"Locker Document", {**there, "custody": ("!=", custody.GIVEN)}, "requirement", for_update=True
		)
		if other and (self.custody != custody.GIVEN or coming_back):
			frappe.throw(
				_("Slot {0} of locker {1} holds {2} already.").format(self.slot, self.locker, other),
				title=_("Slot Taken"),
				exc=SlotTaken,
			)

	def validate_vessel(self):
		if not self.vessel:
			self.vessel_name = None
			return
		vessel = frappe.db.get_value("Fishing Vessel", self.vessel, ("vessel_name", "citizen"), as_dict=True)
		if vessel.citizen != self.citizen:
			frappe.throw(
				_("{0} belongs to another owner than locker {1}.").format(vessel.vessel_name, self.locker)
			)
		self.vessel_name = vessel.vessel_name

	def validate_dates(self):
		if self.issued_on and self.expires_on and getdate(self.expires_on) < getdate(self.issued_on):
			frappe.throw(_("The paper expires before it is issued. Check both dates."))

	@frappe.whitelist()
	def take(self, request: str | None = None):
		"""Let the session's user have the paper."""
		self.may_move(request)
		custody.take(self.name, request)

	@frappe.whitelist()
	def give_back(self):
		"""Put the paper back into its locker."""
		self.may_move()
		custody.give_back(self.name)

	@frappe.whitelist()
	def hand_over(self, officer: str):
		"""Let another officer of the agency have the paper."""
		self.may_move()
		if not frappe.has_permission("Locker Document", "write", doc=self, user=officer):
			frappe.throw(_("This officer may not have papers of these lockers."), frappe.PermissionError)
		custody.hand_over(self.name, officer)

	@frappe.whitelist()
	def give_to_owner(self, note: str | None = None):
		"""Give the paper back to its owner for good."""
		self.may_move()
		custody.give_to_owner(self.name, note)

	@frappe.whitelist()
	def put_in(self):
		"""Take the paper in again from its owner."""
		self.may_move()
		self.validate_slot(coming_back=True)
		custody.put_in(self.name)

	@frappe.whitelist()
	def mark_found(self):
		"""Say that the missing paper is in its locker."""
		self.may_move()
		custody.found(self.name)

	@frappe.whitelist()
	def mark_missing(self):
		"""Say that the paper is not in its locker."""
		self.may_move()
		custody.missing(self.name)

	def may_move(self, request: str | None = None):
		take_as_stored(self)
		if request:
			frappe.get_doc(custody.REQUEST, request).check_permission("write")

	def onload(self):
		movements = frappe.get_all(
			"Locker Movement",
			{"document": self.name},
			["event", "officer", "request", "at", "by", "note"],
			order_by="at desc, creation desc",
			limit=100,
		)
		self.set_onload("movements", movements)
		self.set_onload("where", custody.where_text(self))


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Locker Document", user)


def on_doctype_update():
	frappe.db.add_index("Locker Document", ["taken_for", "custody"], "taken_for_custody")
	frappe.db.add_index("Locker Document", ["custody", "late_told_at", "since"], "out_too_long")
	frappe.db.add_index("Locker Document", ["locker", "slot"], "place")
	frappe.db.add_index("Locker Document", ["citizen", "requirement"], "owner_paper")
	frappe.db.add_index("Locker Document", ["expires_on"], "expiry")
