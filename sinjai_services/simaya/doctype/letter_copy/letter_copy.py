from frappe.model.document import Document


class LetterCopy(Document):
	"""A position that receives a copy of a letter (tembusan)."""
