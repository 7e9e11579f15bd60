from frappe.model.document import Document


class LockerStocktakeLine(Document):
	"""One paper of a stocktake, and whether it was where it should be."""
