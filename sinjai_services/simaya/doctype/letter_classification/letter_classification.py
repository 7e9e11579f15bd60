from frappe.model.document import Document


class LetterClassification(Document):
	"""A class of letters as Permendagri 83/2022 lists them, with how long they are kept."""
