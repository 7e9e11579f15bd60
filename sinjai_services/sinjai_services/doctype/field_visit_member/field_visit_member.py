from frappe.model.document import Document


class FieldVisitMember(Document):
	"""One person of the team that visits."""
