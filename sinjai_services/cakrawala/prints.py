"""What the print formats of Cakrawala call: their layouts are the administrator's, what they list is not."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import flt

from sinjai_services.cakrawala import lockers
from sinjai_services.requests.language import site_language

RECEIPT = (
	"receiver_name",
	"receiver_relation",
	"identity_checked",
	"identity_document",
	"signature",
	"handed_over_at",
	"handed_over_by",
)


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


def needs_signature(doc: Any) -> bool:
	"""Tell whether the permit is signed electronically: its QR code then leads to its verification."""
	return bool(frappe.get_cached_value("Public Service", doc.service, "needs_signature"))


def permit_receipt(doc: Any) -> frappe._dict:
	"""Return who has received the permit, with relation, identity, signature and officer; else nothing."""
	row = frappe.db.get_value(
		"Request Delivery",
		{"reference_doctype": doc.doctype, "reference_name": doc.name, "handed_over_at": ("is", "set")},
		list(RECEIPT),
		as_dict=True,
		order_by="handed_over_at desc",
	)
	if not row:
		return frappe._dict()
	row.relation = _(row.receiver_relation, site_language()) if row.receiver_relation else ""
	row.identity = _(row.identity_document, site_language()) if row.identity_checked else ""
	row.officer = frappe.db.get_value("User", row.handed_over_by, "full_name")
	return row
