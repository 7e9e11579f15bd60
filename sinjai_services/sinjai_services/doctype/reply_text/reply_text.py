import re

import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services.sinjai_services.doctype.public_service.public_service import lines
from sinjai_services.whatsapp import texts


class ReplyText(Document):
	"""A text that the product says on WhatsApp, or that operators choose. The administrator's."""

	def validate(self):
		self.validate_code()
		self.validate_placeholders()
		self.validate_buttons()
		self.validate_length()

	def validate_code(self):
		if not re.fullmatch(r"[a-z0-9_]+", self.code or ""):
			frappe.throw(
				_("A code has small letters, digits and underscores only, such as our_opening_hours.")
			)

	def validate_placeholders(self):
		"""Refuse what nobody would fill in: a citizen would read a gap."""
		known = set(lines(self.placeholders))
		used = texts.PLACEHOLDER.findall(self.text or "") + lines(self.template_parameters)
		unknown = [name for name in dict.fromkeys(used) if name not in known]
		if unknown:
			shown = ", ".join(f"{{{name}}}" for name in unknown)
			if not known:
				frappe.throw(
					_("This text has no placeholders, so {0} would stay empty. Take it out.").format(shown)
				)
			allowed = ", ".join(f"{{{name}}}" for name in sorted(known))
			frappe.throw(
				_("{0} is not known here and would stay empty. There are: {1}").format(shown, allowed)
			)

	def validate_buttons(self):
		titles = lines(self.buttons)
		if len(titles) > texts.MOST_BUTTONS:
			frappe.throw(_("WhatsApp shows at most {0} buttons.").format(texts.MOST_BUTTONS))
		for title in titles:
			if len(title) > texts.LONGEST_BUTTON:
				frappe.throw(
					_("The button «{0}» is too long: at most {1} letters.").format(
						title, texts.LONGEST_BUTTON
					)
				)
		if len(set(titles)) < len(titles):
			frappe.throw(_("Two buttons have the same name."))

	def validate_length(self):
		longest = texts.LONGEST_WITH_CHOICES if lines(self.buttons) else texts.LONGEST_TEXT
		if len(self.text or "") > longest:
			frappe.throw(_("The text is too long for WhatsApp: at most {0} letters.").format(longest))
