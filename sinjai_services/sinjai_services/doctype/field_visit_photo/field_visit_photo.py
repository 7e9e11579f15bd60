from frappe.model.document import Document


class FieldVisitPhoto(Document):
	"""One photograph of a visit, with when and where the phone says it was taken."""
