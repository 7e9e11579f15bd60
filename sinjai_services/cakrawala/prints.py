"""What the print formats of Cakrawala call: their layouts are the administrator's, what they list is not."""

from typing import Any

import frappe
from frappe.utils import flt

from sinjai_services.cakrawala import lockers


def permit_title(doc: Any) -> str:
	"""Return the title of the permit, such as "SURAT IZIN PENANGKAPAN IKAN (SIPI)"."""
	service = frappe.get_cached_doc("Public Service", doc.service)
	return service.get("permit_title") or service.service_name.upper()


def permit_boat(doc: Any) -> frappe._dict:
	"""Return the boat a permit is for, with its owner: what the register of boats holds."""
	boat = frappe.get_doc("Fishing Vessel", doc.vessel).as_dict() if doc.vessel else frappe._dict()
	boat.gt_text = f"{flt(boat.gt):g}".replace(".", ",") if boat.gt else ""
	boat.length_text = f"{flt(boat.length_m):g} m".replace(".", ",") if boat.length_m else ""
	boat.title = boat.vessel_name or doc.vessel_name
	return boat


def kiosk_lockers(doc: Any) -> list[dict]:
	"""Return the lockers of a kiosk for its labels, in their order; a Locker alone is printed by itself."""
	filters = {"kiosk": doc.name} if doc.doctype == "Locker Kiosk" else {"name": doc.name}
	fields = ["name", "cabinet", "number", "code", "owner_name"]
	return frappe.get_all("Locker", filters, fields, order_by="cabinet, number")


def locker_contents(doc: Any) -> list[dict]:
	"""Return the papers that belong into a locker, by slot, each with `where`."""
	return lockers.contents(doc.name)


def health_protocol() -> str:
	"""Return the line on the health protocol, or "" where an administrator has switched it off."""
	settings = frappe.get_cached_doc("Cakrawala Settings")
	return (settings.health_protocol_text or "") if settings.health_protocol else ""
