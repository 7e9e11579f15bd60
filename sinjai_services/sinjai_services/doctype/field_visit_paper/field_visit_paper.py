from frappe.model.document import Document


class FieldVisitPaper(Document):
	"""One paper the team takes along, receipted to the applicant when it is picked up."""
