import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from sinjai_services.cakrawala.custody import GIVEN
from sinjai_services.cakrawala.lockers import own_agency
from sinjai_services.cakrawala.vessel_names import search_key
from sinjai_services.permissions import agency_condition

LARGEST_GT = 10_000
LONGEST_M = 200
MOST_CREW = 200


class FishingVessel(Document):
	"""A fishing boat, its owner, and who runs its papers."""

	def before_insert(self):
		self.agency = own_agency()

	def validate(self):
		self.set_names()
		self.validate_measures()
		self.validate_owner()

	def set_names(self):
		self.vessel_name = " ".join((self.vessel_name or "").split())
		self.tanda_selar = " ".join((self.tanda_selar or "").split()) or None
		self.search_key = search_key(self.vessel_name)
		if not self.search_key or len(self.vessel_name) > 100:
			frappe.throw(_("A boat's name has 1 to 100 letters or digits."))

	def validate_measures(self):
		if not 0 < flt(self.gt) <= LARGEST_GT:
			frappe.throw(_("The gross tonnage is more than 0 and at most {0}.").format(LARGEST_GT))
		if flt(self.length_m) > LONGEST_M:
			frappe.throw(_("The boat is longer than {0} m. Check it.").format(LONGEST_M))
		if flt(self.crew_size) > MOST_CREW:
			frappe.throw(_("The crew has more than {0} people. Check it.").format(MOST_CREW))

	def validate_owner(self):
		"""Refuse to sell a boat whose papers still lie in its former owner's locker."""
		before = self.get_doc_before_save()
		if not before or before.citizen == self.citizen:
			return
		locker = frappe.db.get_value(
			"Locker Document", {"vessel": self.name, "custody": ("!=", GIVEN)}, "locker"
		)
		if locker:
			frappe.throw(
				_(
					"Papers of this boat are still in locker {0} of {1}. Give them to their owner first."
				).format(locker, before.owner_name),
				title=_("Locker Not Empty"),
			)

	def people(self) -> list[str]:
		"""Return the Citizens who may ask for the boat's permits: its owner and agent."""
		return [citizen for citizen in (self.citizen, self.agent) if citizen]


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Fishing Vessel", user)


def on_doctype_update():
	frappe.db.add_index("Fishing Vessel", ["citizen"], "owner_boats")
	frappe.db.add_index("Fishing Vessel", ["agent"], "agent_boats")
