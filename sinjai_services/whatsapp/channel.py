"""The channel "WhatsApp" of the platform's Notifications: how every message to a citizen is configured."""

import frappe
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.email.doctype.notification.notification import Notification

from sinjai_services.whatsapp import outbox

CHANNEL = "WhatsApp"


class WhatsAppNotification(Notification):
	"""Notification with one more channel; everything else is the platform's.

	The class is extended because version 15 has no hook where a channel sends.
	"""

	def send(self, doc):
		"""Put the message into the outbox in the transaction of what it tells about, then do the rest."""
		if self.channel == CHANNEL:
			text = frappe.render_template(self.message, {"doc": doc, "alert": self}).strip()
			for number in dict.fromkeys(self.get_receiver_list(doc, {"doc": doc})):
				outbox.put(number, text, about=doc, notification=self.name)
		super().send(doc)


def offer_channel():
	"""Add the channel to the choices this version of the platform has; runs before the seeding."""
	options = frappe.get_meta("Notification", cached=False).get_field("channel").options.split("\n")
	if CHANNEL in options:
		return
	choices = "\n".join([*options, CHANNEL])
	setter = make_property_setter("Notification", "channel", "options", choices, "Text")
	setter.db_set("module", "Sinjai Services")
