from frappe.model.document import Document


class ServiceRequirement(Document):
	pass
