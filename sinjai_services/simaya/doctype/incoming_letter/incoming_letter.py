from frappe.model.document import Document


class IncomingLetter(Document):
	"""A letter that came to an agency."""
