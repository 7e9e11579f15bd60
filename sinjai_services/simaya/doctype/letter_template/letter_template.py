# Copyright (c) 2026, Kabupaten Sinjai and contributors
# For license information, please see license.txt

# import frappe
from frappe.model.document import Document


class LetterTemplate(Document):
	pass
