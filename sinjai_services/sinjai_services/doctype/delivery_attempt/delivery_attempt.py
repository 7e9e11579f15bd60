from frappe.model.document import Document


class DeliveryAttempt(Document):
	"""One time somebody tried to hand a product over, and how it went."""
