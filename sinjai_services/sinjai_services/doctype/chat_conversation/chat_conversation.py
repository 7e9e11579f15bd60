import frappe
from frappe.model.document import Document
from frappe.utils.password import remove_encrypted_password

from sinjai_services.permissions import agency_condition
from sinjai_services.personal_data import NUMBERS, HoldsCitizenNumbers
from sinjai_services.requests.faults import throw_faults


class ChatConversation(HoldsCitizenNumbers, Document):
	"""What a citizen and one of our numbers write each other about one matter.

	NIK and No. KK lie here only, encrypted, until the conversation ends: in messages they are masked.
	"""

	def validate(self):
		self.faults = self.set_citizen_numbers()
		throw_faults(self)

	def forget_numbers(self):
		"""Take NIK and No. KK out for good; the masked twins stay."""
		for field in NUMBERS:
			remove_encrypted_password(self.doctype, self.name, field)
		self.db_set({**dict.fromkeys(NUMBERS, ""), "nik_hash": None})


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Chat Conversation", user)


def on_doctype_update():
	frappe.db.add_index("Chat Conversation", ["agency", "status", "handling", "answer_by"], "queue")
	frappe.db.add_index("Chat Conversation", ["status", "last_message_at"], "idle")
