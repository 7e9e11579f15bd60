from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document

ADDRESSES = ("timestamp_url", "bsre_url")


class SinjaiSigningSettings(Document):
	"""By whom is signed, where BSrE and the timestamp authority are, and how much the public may ask."""

	def validate(self):
		self.validate_addresses()

	def validate_addresses(self):
		for field in ADDRESSES:
			address = (self.get(field) or "").strip().rstrip("/")
			self.set(field, address)
			if address and not (urlsplit(address).scheme in ("http", "https") and urlsplit(address).netloc):
				frappe.throw(
					_("{0} has to be a whole address that begins with https://.").format(
						_(self.meta.get_label(field))
					)
				)
