from frappe.model.document import Document


class DispositionInstructionRow(Document):
	"""An instruction chosen in a disposition."""
