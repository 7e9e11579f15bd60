from frappe.model.document import Document


class Requirement(Document):
	pass
