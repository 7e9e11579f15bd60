from frappe.model.document import Document


class SinjaiHoliday(Document):
	"""A day on which the office is closed; a row of Sinjai Settings."""
