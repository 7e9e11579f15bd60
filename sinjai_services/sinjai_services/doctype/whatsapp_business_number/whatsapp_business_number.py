from frappe.model.document import Document


class WhatsAppBusinessNumber(Document):
	"""One of our numbers, with the agency that answers there."""
