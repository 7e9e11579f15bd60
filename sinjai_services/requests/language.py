"""Citizens read Indonesian, whatever language their phone asks for."""

import frappe


def set_public_language():
	"""Give guests the site's language; by itself Frappe lets the browser's Accept-Language win."""
	if frappe.session.user == "Guest":
		frappe.local.lang = site_language()


def site_language() -> str:
	"""Return the site's language, in which also jobs write: by themselves those speak English."""
	return frappe.db.get_default("lang") or "id"
