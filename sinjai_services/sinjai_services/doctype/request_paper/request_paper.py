from frappe.model.document import Document


class RequestPaper(Document):
	pass
