from frappe.model.document import Document


class SinjaiWhatsAppSettings(Document):
	"""Which gateway carries messages, from which numbers, and within which limits."""
