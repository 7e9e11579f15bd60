from frappe.model.document import Document


class DispositionInstruction(Document):
	"""One of the requests a disposition may carry, such as to coordinate or to answer."""
