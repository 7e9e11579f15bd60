from frappe.model.document import Document


class FieldVisitAppointment(Document):
	"""One step on which office and applicant agreed, or did not, about when a visit is."""
