"""Which permits a boat may have, and their numbers. The bounds are data of the Public Service."""

import frappe
from frappe import _
from frappe.model.naming import getseries
from frappe.utils import flt

REQUEST = "Fishing Permit Request"
DIGITS = 4
PATTERN = "{code}/{number}/{year}"


def fits(service, gt: float) -> bool:
	"""Tell whether a boat of `gt` may have the permit: over `min_gt`, up to `max_gt`, where 0 is no limit."""
	return gt > flt(service.get("min_gt")) and (
		not flt(service.get("max_gt")) or gt <= flt(service.get("max_gt"))
	)


def possible(gt: float) -> list:
	"""Return the active permits a boat of `gt` may have, in the catalogue's order."""
	services = frappe.get_all(
		"Public Service",
		{"request_doctype": REQUEST, "active": 1},
		["name", "service_name", "min_gt", "max_gt"],
		order_by="sort_order, name",
	)
	return [service for service in services if fits(service, gt)]


def fault(service, gt: float) -> str | None:
	"""Return what to tell whoever asks for a permit that a boat of `gt` cannot have, or None where it can."""
	if fits(service, gt):
		return None
	names = [each.service_name for each in possible(gt)]
	size = f"{flt(gt):g}".replace(".", ",")
	if not names or gt > largest():
		return frappe.get_cached_doc("Cakrawala Settings").too_large_text
	return _("For a boat of {0} GT these permits are possible: {1}.").format(size, ", ".join(names))


def largest() -> float:
	"""Return up to how many GT the kiosk's largest boats go; 0 GT bounds do not count."""
	bounds = frappe.get_all("Public Service", {"request_doctype": REQUEST, "active": 1}, pluck="max_gt")
	return max((flt(bound) for bound in bounds), default=0)


def next_number(service, year: int) -> str:
	"""Return the next number of this kind of permit in this year; never the same one twice.

	The counter's row stays locked until the caller's transaction ends, and goes back when that fails: numbers
	have no gaps. Where an administrator's pattern leads to a number that is given already, the next is taken.
	"""
	# The platform's counter fails where two begin it at the same moment: the kind's row lets one go first.
	frappe.db.get_value("Public Service", service.name, "name", for_update=True)
	while True:
		number = getseries(f"{REQUEST}:{service.name}:{year}:", DIGITS)
		text = service.get("permit_number_pattern") or PATTERN
		for key, value in (("number", number), ("code", service.name), ("year", str(year))):
			text = text.replace("{" + key + "}", value)
		if not frappe.db.exists(REQUEST, {"permit_number": text}):
			return text
		if "{number}" not in (service.get("permit_number_pattern") or PATTERN):
			frappe.throw(
				_("The pattern of the permit number of {0} lacks {1}.").format(service.name, "{number}")
			)
