from frappe.model.document import Document


class LetterApproval(Document):
	"""One check of a draft on its way up."""
