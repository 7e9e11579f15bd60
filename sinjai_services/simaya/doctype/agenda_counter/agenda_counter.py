from frappe.model.document import Document


class AgendaCounter(Document):
	"""The last number given in one agenda book; a row an agency, year and book, written by `agenda` only."""
