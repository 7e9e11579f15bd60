from frappe.model.document import Document


class DispositionTarget(Document):
	"""A position asked in a disposition."""
