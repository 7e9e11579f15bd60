from frappe.model.document import Document


class LetterReport(Document):
	"""What a position answered to a disposition."""
