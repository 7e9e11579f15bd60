from frappe.model.document import Document


class ReplyText(Document):
	"""A text that the product says on WhatsApp, or that operators choose. The administrator's."""
