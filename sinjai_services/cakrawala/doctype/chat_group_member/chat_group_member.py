import frappe
from frappe.model.document import Document

from sinjai_services.permissions import agency_condition
from sinjai_services.phone import mask_phone


class ChatGroupMember(Document):
	"""Somebody in the boat owners' WhatsApp group, from the list an officer has brought in."""

	def validate(self):
		self.agency = frappe.db.get_value("Locker Kiosk", self.kiosk, "agency")
		self.number_masked = mask_phone(self.number)


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Chat Group Member", user)
