from frappe.model.document import Document


class LetterAddressee(Document):
	"""Somebody a letter goes to, how, and what has become of it."""
