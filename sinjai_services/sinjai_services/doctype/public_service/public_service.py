import re

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from sinjai_services import stages
from sinjai_services.requests import promise

TIMES = ("same_day_cutoff", "quiet_from", "quiet_until")


class PublicService(Document):
	"""A service of an agency: what is asked for, what is needed, how long it takes. The administrator's."""

	def _set_defaults(self):
		"""Leave times empty that are not given: the platform would fill in the time of day."""
		given = {field: self.get(field) for field in TIMES}
		super()._set_defaults()
		self.update(given)

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
		if self.request_doctype not in stages.request_doctypes():
			frappe.throw(
				_("{0} is not a request form. Choose one of: {1}").format(
					_(self.request_doctype), ", ".join(_(name) for name in stages.request_doctypes())
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
					_("Row {0}: this service has no reason called {1}.").format(
						row.idx, ", ".join(sorted(unknown))
					)
				)

	def validate_promise(self):
		if cint(self.promise_value) <= 0:
			frappe.throw(_("The promised time must be at least 1."))
		longest = promise.LONGEST.get(self.promise_unit)
		if longest and cint(self.promise_value) > longest:
			frappe.throw(
				_("The promised time may be at most {0} {1}. Choose a larger unit or a shorter time.").format(
					longest, _(self.promise_unit)
				)
			)
		if not 1 <= cint(self.near_share) <= 99:
			frappe.throw(_("Warn at a share from 1 to 99 percent of the promised time; 80 is usual."))

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
