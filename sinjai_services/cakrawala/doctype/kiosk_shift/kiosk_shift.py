from frappe.model.document import Document


class KioskShift(Document):
	"""When an officer is on duty at a kiosk."""
