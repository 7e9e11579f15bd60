import re

import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services import stages


class PublicService(Document):
	"""A service of an agency: what is asked for, what is needed, how long it takes. The administrator's."""

	def validate(self):
		self.validate_service_code()
		self.validate_request_doctype()
		self.validate_requirements()
		self.validate_promise()

	def validate_service_code(self):
		self.service_code = (self.service_code or "").strip().upper()
		if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,39}", self.service_code):
			frappe.throw(_("A service code has letters, digits and hyphens only, such as KTP-EL."))

	def validate_request_doctype(self):
		if self.request_doctype not in stages.tracked_doctypes():
			frappe.throw(
				_("{0} is not a request form. Choose one of: {1}").format(
					_(self.request_doctype), ", ".join(_(name) for name in stages.tracked_doctypes())
				)
			)

	def validate_requirements(self):
		seen = set()
		reasons = set(self.reasons())
		for row in self.requirements:
			if row.requirement in seen:
				frappe.throw(_("Row {0}: {1} is listed twice.").format(row.idx, row.requirement))
			seen.add(row.requirement)
			unknown = set(lines(row.only_for_reasons)) - reasons
			if unknown:
				frappe.throw(
					_("Row {0}: this service has no reason called {1}.").format(row.idx, ", ".join(sorted(unknown)))
				)

	def validate_promise(self):
		if self.promise_value <= 0:
			frappe.throw(_("The promised time must be at least 1."))

	def reasons(self) -> list[str]:
		"""Return the reasons an applicant may choose from; empty when none is asked."""
		return lines(self.reason_options)

	def requirements_for(self, reason: str | None) -> list:
		"""Return the rows that apply when the applicant's reason is `reason`."""
		return [
			row
			for row in self.requirements
			if not row.only_for_reasons or reason in lines(row.only_for_reasons)
		]


def lines(text: str | None) -> list[str]:
	"""Split what an administrator typed one a line, without empty lines and outer spaces."""
	return [line.strip() for line in (text or "").splitlines() if line.strip()]
