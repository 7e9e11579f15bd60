"""The public form for letters: the shared form without a service, with the letter and its attachments."""

import frappe
from frappe import _

from sinjai_services.requests import uploads
from sinjai_services.requests.web_form import RequestForm

LETTER, ENCLOSURES = "Surat yang dikirim", "Lampiran surat"
"""Requirements, shipped: what they explain to the sender is the administrator's."""


class LetterForm(RequestForm):
	"""One visit to the form by which people and organisations send a letter."""

	def chosen_service(self):
		return frappe._dict(name=None, home_delivery=0, reasons=list)

	def slots(self) -> list:
		rows = frappe.get_all("Requirement", {"name": ("in", (LETTER, ENCLOSURES))}, ["name", "explanation"])
		return sorted(rows, key=lambda row: row.name != LETTER)

	def check_papers(self, reason):
		received = {file.attached_to_field for file in uploads.uploaded(self.token)}
		if f"paper:{LETTER}" not in self.faults and uploads.slot_field(LETTER) not in received:
			self.faults[f"paper:{LETTER}"] = _(
				"The letter is still missing. Photograph it or choose the file."
			)

	def set_terms(self, doc):
		doc.has_paper = 0

	def append_papers(self, doc):
		for file in uploads.uploaded(self.token):
			if file.attached_to_field == uploads.slot_field(LETTER):
				doc.scan = file.file_url
			else:
				doc.append("attachments", {"file": file.file_url, "description": ENCLOSURES})

	def paper_slots(self) -> list[dict]:
		received = {file.attached_to_field: file for file in uploads.uploaded(self.token)}
		slots = []
		for row in self.slots():
			file = received.get(uploads.slot_field(row.name))
			shown = file and {"file_name": file.file_name, "size_text": uploads.size_text(file.file_size)}
			slot = {"slot": row.name, "label": row.name, "explanation": row.explanation, "uploaded": shown}
			slots.append(
				{**slot, "optional": row.name != LETTER, "error": self.faults.get(f"paper:{row.name}")}
			)
		return slots

	def terms(self) -> dict:
		about = {"name": self.web_form.title, "description": None}
		return {"agency_name": None, "service": about, "services": [], "send_label": _("Send the letter")}

	def receipt(self, doc) -> dict:
		agency = frappe.get_cached_value("Agency", doc.agency, "agency_name")
		return {"service": {"name": agency}, "letter": True, "promised_text": None}
