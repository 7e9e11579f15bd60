from frappe.model.document import Document


class InspectionQuestion(Document):
	"""One question of a service's checklist, with the answers it allows."""
