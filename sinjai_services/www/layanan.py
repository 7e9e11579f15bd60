"""The catalogue of services, and with ?kode= the published standard of one (UU 25/2009, article 21)."""

import frappe
from frappe.utils import cstr

from sinjai_services.requests import catalogue, wording
from sinjai_services.www.beranda import LONGEST_QUERY

no_cache = 1
"""The platform caches pages by path alone; this one answers to ?kode= and ?q=."""


def get_context(context):
	context.current = "layanan"
	context.house = wording.house()
	context.service = catalogue.service_standard(cstr(frappe.form_dict.get("kode")))
	if context.service:
		return
	context.unknown = bool(frappe.form_dict.get("kode"))
	if context.unknown:
		context.http_status_code = 404
	context.query = cstr(frappe.form_dict.get("q")).strip()[:LONGEST_QUERY]
	context.groups = catalogue.by_agency(catalogue.search(catalogue.published_services(), context.query))
