from frappe.model.document import Document


class Disposition(Document):
	"""What one position asks of others, with or without a letter; written by `dispositions` only."""
