from frappe.model.document import Document


class SinjaiSettings(Document):
	pass
