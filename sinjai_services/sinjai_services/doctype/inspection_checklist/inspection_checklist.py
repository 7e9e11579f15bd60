import re

import frappe
from frappe import _
from frappe.model.document import Document

LONGEST_CODE = 60


class InspectionChecklist(Document):
	"""What a team asks and photographs at a visit: data of a service, the administrator's."""

	def validate(self):
		self.tidy_answers()
		self.set_codes()

	def tidy_answers(self):
		for row in self.questions:
			lines = [" ".join(line.split()) for line in (row.answers or "").splitlines()]
			row.answers = "\n".join(dict.fromkeys(filter(None, lines)))
			row.question = " ".join(row.question.split())
			if len(row.answers.splitlines()) == 1:
				frappe.throw(
					_("Row {0}: allow at least two answers, or leave them empty for a text.").format(row.idx)
				)

	def set_codes(self):
		"""Give each question a code of its own, which it keeps when it is reworded."""
		taken = set()
		for row in self.questions:
			code = row.code or re.sub(r"[^a-z0-9]+", "_", row.question.lower()).strip("_")[:LONGEST_CODE]
			while code in taken:
				code = f"{code[: LONGEST_CODE - 7]}_{frappe.generate_hash(length=6)}"
			row.code = code
			taken.add(code)
