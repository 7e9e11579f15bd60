from frappe.model.document import Document


class LetterTask(Document):
	"""What waits for one position: a letter addressed to it, or a disposition asking it."""
