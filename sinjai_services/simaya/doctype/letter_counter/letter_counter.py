from frappe.model.document import Document


class LetterCounter(Document):
	"""How far a series of numbers has come; see numbers.next_serial."""
