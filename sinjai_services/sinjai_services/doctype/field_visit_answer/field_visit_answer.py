from frappe.model.document import Document


class FieldVisitAnswer(Document):
	"""One question of a visit's checklists as it stood when the visit was planned, and its answer."""
