import re
from urllib.parse import urlsplit

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_url

from sinjai_services.phone import InvalidPhone, normalise_mobile
from sinjai_services.whatsapp import settings
from sinjai_services.whatsapp.gateway import CLOUD_API, GatewayError

WEBHOOK = "/api/method/sinjai_services.whatsapp.webhook.receive"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MAY_TEST = ("System Manager", "Sinjai Administrator")

RANGES = {
	"messages_per_second": (1, 80),
	"give_up_after_hours": (1, 24 * 7),
	"media_max_mb": (1, 100),
	"media_per_hour": (1, 1000),
	"conversation_hours": (1, 24 * 30),
	"answer_minutes": (1, 24 * 60),
	"retention_months": (0, 120),
}
"""What makes sense: Meta takes 80 messages a second of a number and files of up to 100 MB."""


class SinjaiWhatsAppSettings(Document):
	"""Which gateway carries messages, from which numbers, and within which limits."""

	def onload(self):
		self.set_onload("webhook", get_url(WEBHOOK))

	def validate(self):
		self.set_numbers()
		self.validate_numbers()
		self.validate_base_url()
		self.validate_version()
		self.validate_ranges()
		self.validate_complete()

	def set_numbers(self):
		for row in self.numbers:
			row.phone_number_id = (row.phone_number_id or "").strip()
			try:
				row.number = normalise_mobile(row.number)
			except InvalidPhone as error:
				frappe.throw(_("Row {0}: {1}").format(row.idx, error), title=_("Number Cannot Be Used"))

	def validate_numbers(self):
		seen = {}
		for row in self.numbers:
			if not re.fullmatch(r"[0-9]{5,20}", row.phone_number_id):
				frappe.throw(
					_(
						"Row {0}: the Phone Number ID has digits only. It is not the telephone number itself."
					).format(row.idx)
				)
			first = seen.setdefault(row.phone_number_id, row.idx)
			if first != row.idx:
				frappe.throw(_("Rows {0} and {1} have the same Phone Number ID.").format(first, row.idx))

	def validate_base_url(self):
		"""Keep the access token on encrypted ways; a stand-in on the same machine may do without."""
		self.base_url = (self.base_url or "https://graph.facebook.com").strip().rstrip("/")
		try:
			address = urlsplit(self.base_url)
			usable = address.hostname and (address.port is None or address.port > 0)
		except ValueError:
			usable = False
		if not usable or address.username or address.path or address.query or address.fragment:
			frappe.throw(_("The base address is written like https://graph.facebook.com, without a path."))
		if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
			frappe.throw(_("The base address begins with https://, because the access token is sent there."))

	def validate_version(self):
		if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", self.api_version or ""):
			frappe.throw(_("The version of the Graph API is written like v21.0."))

	def validate_ranges(self):
		for field, (least, most) in RANGES.items():
			if not least <= cint(self.get(field)) <= most:
				label = _(self.meta.get_label(field))
				frappe.throw(_("{0} lies between {1} and {2}.").format(label, least, most))

	def validate_complete(self):
		if self.gateway != CLOUD_API:
			return
		if not self.numbers:
			frappe.throw(_("Enter at least one number before messages go out by the Cloud API."))
		typed = self.access_token and not self.is_dummy_password(self.access_token)
		if not typed and not self.get_password("access_token", raise_exception=False):
			frappe.throw(_("Enter the access token before messages go out by the Cloud API."))


@frappe.whitelist(methods=["POST"])
def test_connection() -> list[dict]:
	"""Ask the gateway about each of our numbers, as the settings are stored; return {number, works, text}."""
	frappe.only_for(MAY_TEST)
	gateway = settings.gateway()
	if settings.stored().gateway != CLOUD_API:
		frappe.throw(_("With the gateway Log Only there is no connection to test."))
	return [answer_about(gateway, row) for row in settings.stored().numbers]


def answer_about(gateway, row) -> dict:
	try:
		return {"number": row.number, "works": True, "text": gateway.check_number(row.phone_number_id)}
	except GatewayError as error:
		return {"number": row.number, "works": False, "text": str(error)}
