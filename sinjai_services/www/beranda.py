"""The site's start page: ask for a document, follow a request, find a service."""

import frappe
from frappe.utils import cstr

from sinjai_services.requests import catalogue, wording

no_cache = 1
"""The platform caches pages by path alone; this one answers to ?q=."""

OFTEN_SHOWN = 6
LONGEST_QUERY = 80


def get_context(context):
	context.current = "beranda"
	context.house = wording.house()
	context.query = cstr(frappe.form_dict.get("q")).strip()[:LONGEST_QUERY]
	services = catalogue.published_services()
	if context.query:
		context.services = catalogue.search(services, context.query)
	else:
		context.services = services[:OFTEN_SHOWN]
		context.ask_url = ask_url(services)
		context.letter_url = letter_url()


def letter_url() -> str | None:
	"""Return where a letter to an office is sent; None where no form is published for it."""
	route = frappe.db.get_value("Web Form", {"doc_type": "Incoming Letter", "published": 1}, "route")
	return route and f"/{route}"


def ask_url(services: list[dict]) -> str:
	"""Return where a request begins: the one form there is, or the catalogue where there are several."""
	forms = {service["form_url"].split("?")[0] for service in services if service["form_url"]}
	return forms.pop() if len(forms) == 1 else "/layanan"
