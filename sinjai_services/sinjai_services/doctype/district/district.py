from frappe.model.document import Document


class District(Document):
	pass
