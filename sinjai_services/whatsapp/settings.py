"""Which gateway carries messages, and which of our numbers belongs to which agency."""

import frappe

from sinjai_services.whatsapp.cloud_api import CloudAPI
from sinjai_services.whatsapp.gateway import CLOUD_API, Gateway, LogOnly

NO_NUMBER = "log-only"
"""Stands for our number where none is set up and messages are only kept."""


def stored():
	return frappe.get_cached_doc("Sinjai WhatsApp Settings")


def gateway() -> Gateway:
	"""Return the gateway that the administrator has chosen."""
	chosen = stored()
	if chosen.gateway != CLOUD_API:
		return LogOnly()
	token = chosen.get_password("access_token", raise_exception=False) or ""
	return CloudAPI(chosen.base_url, chosen.api_version, token)


def number_of(agency: str | None) -> str:
	"""Return the phone_number_id an agency writes from; where it has none, the first one there is."""
	rows = stored().numbers
	row = next((row for row in rows if row.agency == agency), rows[0] if rows else None)
	return row.phone_number_id if row else NO_NUMBER


def agency_of(phone_number_id: str) -> str | None:
	"""Return the agency that answers at one of our numbers, or None for a number that is not ours."""
	row = next((row for row in stored().numbers if row.phone_number_id == phone_number_id), None)
	return row.agency if row else None
