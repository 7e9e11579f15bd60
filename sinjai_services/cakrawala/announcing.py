"""What is said in the boat owners' group, and the links and posters that lead from there to the kiosk.

The Cloud API gives a business number no access to ordinary groups: an officer copies the text into the group,
and each member writes to the kiosk's number.
"""

from typing import Any
from urllib.parse import quote

import frappe
from frappe import _

from sinjai_services.phone import normalise_mobile
from sinjai_services.whatsapp import settings, texts

CHAT_LINK = "https://wa.me/"
"""https://faq.whatsapp.com/5913398998672934"""


@frappe.whitelist()
def group_text(kiosk: str) -> str:
	"""Return the text an officer copies into the group."""
	row = frappe.get_doc("Locker Kiosk", kiosk)
	row.check_permission("read")
	return texts.render("cakrawala_announcement", kiosk=row.kiosk_name, link=link_or_throw(row.agency))


@frappe.whitelist()
def boat_link(vessel: str) -> str:
	"""Return the link that opens WhatsApp with a message about one boat filled in."""
	boat = frappe.get_doc("Fishing Vessel", vessel)
	boat.check_permission("read")
	return link_or_throw(boat.agency, message_of(boat))


def boat_poster(doc: Any) -> frappe._dict:
	"""Return kiosk, number and link for a boat's poster; without a number of the kiosk no link."""
	number = number_of(doc.agency)
	return frappe._dict(
		kiosk=frappe.db.get_value("Locker Kiosk", {"agency": doc.agency}, "kiosk_name") or "",
		number=f"0{number[2:]}" if number else "",
		link=link(number, message_of(doc)) if number else "",
	)


def message_of(boat) -> str:
	return texts.render("cakrawala_boat_message", vessel=boat.vessel_name)


def number_of(agency: str) -> str | None:
	"""Return the agency's WhatsApp number as links take it: 628…, or None where it has none."""
	rows = settings.stored().numbers
	own = next((row.number for row in rows if row.agency == agency), None)
	try:
		number = own or frappe.get_cached_value("Agency", agency, "whatsapp_number")
		return normalise_mobile(number).lstrip("+") if number else None
	except ValueError:
		return None


def link_or_throw(agency: str, text: str | None = None) -> str:
	if number := number_of(agency):
		return link(number, text)
	frappe.throw(
		_("Enter the WhatsApp number of {0} first, in the agency or the WhatsApp settings.").format(agency)
	)


def link(number: str, text: str | None = None) -> str:
	return f"{CHAT_LINK}{number}" + (f"?text={quote(text, safe='')}" if text else "")
