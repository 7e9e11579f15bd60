import difflib

import frappe
from frappe import _
from frappe.model.document import Document

from sinjai_services import seeding


class ShippedDocument(Document):
	"""The ledger row of one document the app ships: what was shipped, and what became of it here."""

	def onload(self):
		self.set_onload("differences", self.differences())

	def differences(self) -> list[dict]:
		"""Return where the document here differs from the shipped one: label, and lines marked +, - or neither."""
		shipped = seeding.shipped_document(self.document_type, self.document_name)
		if not shipped or not frappe.db.exists(self.document_type, self.document_name):
			return []
		doc = frappe.get_doc(self.document_type, self.document_name)
		ours, yours = seeding.content(frappe.get_doc(seeding.fit(shipped)), shipped), seeding.content(doc, shipped)
		return [
			{"label": _(doc.meta.get_label(key)), "lines": compare(ours[key], yours[key])}
			for key in ours
			if ours[key] != yours[key]
		]

	@frappe.whitelist()
	def take_ours(self):
		"""Replace the document here by the shipped one, or bring a deleted one back."""
		self.check_permission("write")
		shipped = seeding.shipped_document(self.document_type, self.document_name)
		if not shipped:
			frappe.throw(_("This document is no longer shipped."))
		exists = frappe.db.exists(self.document_type, self.document_name)
		with seeding.seeding():
			doc = seeding.update(shipped) if exists else seeding.insert(shipped)
		seeding.note_applied(self.name, shipped, doc)

	@frappe.whitelist()
	def keep_for_good(self):
		"""Keep the document as it is here for good; upgrades no longer offer theirs."""
		self.check_permission("write")
		if self.state not in (seeding.EDITED, seeding.UPDATE):
			frappe.throw(_("There is nothing of yours to keep here."))
		seeding.write_row(self.name, keep_mine=1, state=seeding.KEPT)


def compare(ours, yours) -> list[str]:
	lines = difflib.ndiff(as_lines(ours), as_lines(yours))
	return [line for line in lines if not line.startswith("?")][:400]


def as_lines(value) -> list[str]:
	if isinstance(value, list):
		return [", ".join(f"{key}: {text}" for key, text in row.items() if text) for row in value]
	return value.split("\n")


def on_doctype_update():
	frappe.db.add_unique("Shipped Document", ["document_type", "document_name"], "one_row_a_document")
