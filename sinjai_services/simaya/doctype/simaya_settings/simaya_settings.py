from frappe.model.document import Document

from sinjai_services.simaya import numbers


class SIMAYASettings(Document):
	"""What holds for the letters of all agencies."""

	def validate(self):
		self.number_pattern = self.number_pattern or numbers.DEFAULT_PATTERN
		numbers.validate_pattern(self.number_pattern)
