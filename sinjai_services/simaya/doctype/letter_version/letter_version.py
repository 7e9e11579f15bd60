from frappe.model.document import Document


class LetterVersion(Document):
	"""The text of an outgoing letter as somebody left it; read through approval.versions only."""
