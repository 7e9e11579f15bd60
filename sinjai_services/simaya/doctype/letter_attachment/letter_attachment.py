from frappe.model.document import Document


class LetterAttachment(Document):
	"""A file that came with a letter."""
