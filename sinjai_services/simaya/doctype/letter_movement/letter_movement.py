from frappe.model.document import Document


class LetterMovement(Document):
	"""One step of a paper letter's way; written once, never changed or deleted."""
