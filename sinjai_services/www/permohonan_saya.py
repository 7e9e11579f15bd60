"""What somebody with an account has asked for: an applicant's own requests, a village officer's village."""

import frappe
from frappe.utils import cint

from sinjai_services import permissions
from sinjai_services.requests import catalogue, own_requests, wording

no_cache = 1


def get_context(context):
	if frappe.session.user == "Guest":
		frappe.local.flags.redirect_location = "/login?redirect-to=/permohonan-saya"
		raise frappe.Redirect
	context.house = wording.house()
	context.villages = village_names()
	start = max(cint(frappe.form_dict.get("mulai")), 0)
	rows = own_requests.of_user(start)
	context.rows = rows[: own_requests.PAGE_LENGTH]
	context.more = start + own_requests.PAGE_LENGTH if len(rows) > own_requests.PAGE_LENGTH else None
	context.doors = doors()


def village_names() -> list[str] | None:
	villages = permissions.own_villages()
	if villages is None:
		return None
	return [frappe.get_cached_value("Village", name, "village_name") for name in villages]


def doors() -> list[dict]:
	"""Return the forms by which something new is asked for, as {"url", "label"}."""
	doctypes = {service["request_doctype"] for service in catalogue.published_services()}
	forms = frappe.get_all(
		"Web Form",
		{"published": 1, "doc_type": ("in", list(doctypes) or [""])},
		["route", "title"],
		order_by="title",
	)
	return [{"url": f"/{form.route}", "label": form.title} for form in forms]
