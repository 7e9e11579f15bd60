"""The channel "WhatsApp" of the platform's Notifications: how every message to a citizen is configured.

Recipients are our own: the platform's mean everybody with a role on the whole site, and version 16 takes no
number out of a plain field.
"""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.email.doctype.notification.notification import Notification, get_context

from sinjai_services.requests import alerts
from sinjai_services.requests.escalation import staff
from sinjai_services.whatsapp import outbox

CHANNEL = "WhatsApp"


class WhatsAppNotification(Notification):
	"""Notification with one more channel; everything else is the platform's.

	The class is extended because version 15 has no hook where a channel sends.
	"""

	def send(self, doc):
		"""Put the message into the outbox in the transaction of what it tells about, then go on as ever."""
		if self.channel == CHANNEL:
			alerts.attempt(doc, self.name, self.send_on_whatsapp, doc)
		super().send(doc)

	def send_on_whatsapp(self, doc):
		context = {**get_context(doc), "alert": self}
		text = frappe.render_template(self.message, context).strip()
		parameters = [frappe.render_template(line, context) for line in self.lines_of_parameters()]
		for number in self.numbers(doc, context):
			outbox.put(
				number,
				text,
				about=doc,
				notification=self.name,
				template=self.get("sinjai_template"),
				template_parameters=parameters,
			)

	def lines_of_parameters(self) -> list[str]:
		return [line for line in (self.get("sinjai_template_parameters") or "").splitlines() if line.strip()]

	def numbers(self, doc, context) -> list[str]:
		"""Return the numbers to write to, each once."""
		found = []
		for row in self.recipients:
			if row.condition and not frappe.safe_eval(row.condition, None, context):
				continue
			found += numbers_of(row, doc)
		return list(dict.fromkeys(filter(None, found)))


def numbers_of(row, doc) -> list[str | None]:
	"""Return the numbers that one row of recipients means for a document."""
	numbers = [FINDERS[row.sinjai_recipient](doc)] if row.get("sinjai_recipient") in FINDERS else []
	if row.receiver_by_document_field:
		numbers += numbers_in_field(doc, row.receiver_by_document_field)
	if row.receiver_by_role:
		numbers += numbers_of_role(doc, row.receiver_by_role)
	return numbers


def submitter(doc) -> str | None:
	"""Return the number of whoever entered the document for the applicant; a guest is the applicant."""
	return None if doc.owner == "Guest" else frappe.db.get_value("User", doc.owner, "mobile_no")


FINDERS = {
	"Applicant": lambda doc: doc.get("whatsapp_number"),
	"Submitter": submitter,
	"Agency": lambda doc: doc.get("agency") and frappe.db.get_value("Agency", doc.agency, "whatsapp_number"),
}


def numbers_in_field(doc, field: str) -> list[str | None]:
	"""Return what a field holds; the platform writes `field,table` for the field of a table."""
	field, _comma, table = field.partition(",")
	if field == "owner":
		return [submitter(doc)]
	return [row.get(field) for row in doc.get(table) or ()] if table else [doc.get(field)]


def numbers_of_role(doc, role: str) -> list[str]:
	"""Return the numbers of who has the role and works for the document's agency; without one, nobody's."""
	users = staff(doc.get("agency"), doc.doctype, (role,)) if doc.get("agency") else []
	return (
		frappe.get_all("User", {"name": ("in", users)}, pluck="mobile_no", order_by="name") if users else []
	)


def offer_channel():
	"""Add the channel to the choices this version of the platform has; runs before the seeding."""
	options = frappe.get_meta("Notification", cached=False).get_field("channel").options.split("\n")
	if CHANNEL in options:
		return
	choices = "\n".join([*options, CHANNEL])
	setter = make_property_setter("Notification", "channel", "options", choices, "Text")
	setter.db_set("module", "Sinjai Services")
