import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.simaya import body


class LetterTemplate(Document):
	"""The beginning of a letter of one kind, and how it is printed; the administrator's."""

	def validate(self):
		self.body = body.clean(self.body)
		form = self.print_format and frappe.db.get_value("Print Format", self.print_format, "doc_type")
		if self.print_format and form != "Outgoing Letter":
			frappe.throw(_("Choose a print format for outgoing letters."))
