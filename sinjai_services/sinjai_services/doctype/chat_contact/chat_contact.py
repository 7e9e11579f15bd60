from frappe.model.document import Document


class ChatContact(Document):
	"""A citizen's number, and whether its owner wants messages. Its row is the lock of all work on the
	number."""
