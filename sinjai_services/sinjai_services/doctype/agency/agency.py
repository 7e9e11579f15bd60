from frappe.model.document import Document


class Agency(Document):
	pass
