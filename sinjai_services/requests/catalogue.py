"""The catalogue of services as the public reads it: each active service with its published standard.

UU 25/2009, article 21, names what a standard has to publish: legal basis, requirements, procedure, time, fee,
product, complaints. Everything returned here may be shown to anybody.
"""

import re
import unicodedata
from urllib.parse import quote

import frappe
from frappe import _

from sinjai_services.requests.wording import fee_text, promise_note, promise_text, public_file
from sinjai_services.sinjai_services.doctype.public_service.public_service import lines

CACHE_KEY = "sinjai_public_catalogue"
CACHE_SECONDS = 600
"""Changes clear the cache at once; the limit heals what was written past the documents, as by a restore."""

SERVICE_FIELDS = (
	"service_code",
	"service_name",
	"agency",
	"request_doctype",
	"icon",
	"description",
	"reason_options",
	"keywords",
	"promise_value",
	"promise_unit",
	"round_the_clock",
	"same_day_cutoff",
	"legal_basis",
	"procedure",
	"product",
	"fee",
	"fee_note",
	"validity_months",
	"complaints_channel",
)
AGENCY_FIELDS = (
	"name",
	"agency_name",
	"phone",
	"whatsapp_number",
	"email",
	"website",
	"address",
	"office_hours_text",
	"complaints_channel",
)
REQUIREMENT_FIELDS = ("name", "explanation", "original_required", "max_age_months", "example_picture")


def published_services() -> list[dict]:
	"""Return the active services of active agencies, in the catalogue's order.

	Each has code, name, icon, description, agency, agency_name, contact, promise_text, promise_note,
	round_the_clock, fee_text, fee_note, reasons, requirements, procedure, legal_basis, product, validity,
	complaints, keywords, request_doctype, url, and form_url (None: not offered on the web).
	"""
	return [describe_service(row) for row in stored_rows()]


def service_standard(code: str | None) -> dict | None:
	"""Return the published service with this code, however it is capitalised, or None."""
	code = (code or "").strip().upper()
	return next((service for service in published_services() if service["code"] == code), None)


def search(services: list[dict], query: str) -> list[dict]:
	"""Return the services that fit all words of `query`; where none does, those that fit any of them.

	Args:
		services: as of published_services().
		query: what a person typed; case, accents and hyphens do not matter.
	"""
	words = set(plain(query).split())
	if not words:
		return services
	texts = [(service, searchable_text(service)) for service in services]
	return [service for service, text in texts if all(word in text for word in words)] or [
		service for service, text in texts if any(word in text for word in words if len(word) > 2)
	]


def by_agency(services: list[dict]) -> list[dict]:
	"""Return the services in groups: one dict with agency, agency_name and services for each agency."""
	groups = {}
	for service in services:
		group = groups.setdefault(
			service["agency"],
			{"agency": service["agency"], "agency_name": service["agency_name"], "services": []},
		)
		group["services"].append(service)
	return list(groups.values())


def clear_cache(doc=None, method: str | None = None, *_renamed):
	"""Forget the catalogue; called when a document it is made from changes.

	Once more after the commit: until then a reader elsewhere fills the cache with what was.
	"""
	forget_rows()
	frappe.db.after_commit.add(forget_rows)


def forget_rows():
	frappe.cache.delete_value(CACHE_KEY)


def stored_rows() -> list[dict]:
	"""Return the plain rows behind the catalogue, without words that depend on the reader's language."""
	rows = frappe.cache.get_value(CACHE_KEY, expires=True)
	if rows is None:
		rows = read_rows()
		frappe.cache.set_value(CACHE_KEY, rows, expires_in_sec=CACHE_SECONDS)
	return rows


def read_rows() -> list[dict]:
	agencies = {
		row.name: row for row in frappe.get_all("Agency", filters={"active": 1}, fields=list(AGENCY_FIELDS))
	}
	services = frappe.get_all(
		"Public Service",
		filters={"active": 1, "agency": ["in", list(agencies)]},
		fields=list(SERVICE_FIELDS),
		order_by="sort_order asc, service_name asc",
	)
	requirements = requirements_by_service([service.service_code for service in services])
	routes = form_routes({service.request_doctype for service in services})
	for service in services:
		service.agency_row = agencies[service.agency]
		service.requirements = requirements.get(service.service_code, [])
		service.form_route = routes.get(service.request_doctype)
	return services


def requirements_by_service(codes: list[str]) -> dict[str, list[dict]]:
	rows = frappe.get_all(
		"Service Requirement",
		filters={"parenttype": "Public Service", "parent": ["in", codes]},
		fields=["parent", "requirement", "optional", "only_for_reasons", "note"],
		order_by="parent asc, idx asc",
	)
	details = {
		row.name: row
		for row in frappe.get_all(
			"Requirement",
			filters={"name": ["in", list({row.requirement for row in rows})]},
			fields=list(REQUIREMENT_FIELDS),
		)
	}
	grouped = {}
	for row in rows:
		grouped.setdefault(row.parent, []).append({**details.get(row.requirement, {}), **row})
	return grouped


def form_routes(doctypes: set[str]) -> dict[str, str]:
	"""Return the route of the published Web Form of each of `doctypes`; of several the oldest."""
	forms = frappe.get_all(
		"Web Form",
		filters={"published": 1, "doc_type": ["in", list(doctypes)]},
		fields=["doc_type", "route"],
		order_by="creation desc",
	)
	return {form.doc_type: form.route for form in forms if form.route}


def describe_service(row) -> dict:
	agency = row.agency_row
	code = quote(row.service_code)
	return {
		"code": row.service_code,
		"name": row.service_name,
		"icon": row.icon,
		"description": row.description,
		"agency": row.agency,
		"agency_name": agency.agency_name or row.agency,
		"contact": {
			"phone": agency.phone,
			"whatsapp_number": agency.whatsapp_number,
			"email": agency.email,
			"website": agency.website,
			"address": agency.address,
			"office_hours": agency.office_hours_text,
		},
		"promise_text": promise_text(row),
		"promise_note": promise_note(row),
		"round_the_clock": bool(row.round_the_clock),
		"fee_text": fee_text(row.fee),
		"fee_note": row.fee_note,
		"reasons": lines(row.reason_options),
		"requirements": [describe_requirement(requirement) for requirement in row.requirements],
		"procedure": lines(row.procedure),
		"legal_basis": lines(row.legal_basis),
		"product": row.product,
		"validity": _("{0} months").format(row.validity_months) if row.validity_months else None,
		"complaints": lines(row.complaints_channel) or lines(agency.complaints_channel),
		"keywords": lines(row.keywords),
		"request_doctype": row.request_doctype,
		"form_url": f"/{row.form_route}?layanan={code}" if row.form_route else None,
		"url": f"/layanan?kode={code}",
	}


def describe_requirement(row: dict) -> dict:
	months = row.get("max_age_months")
	return {
		"requirement": row["requirement"],
		"label": row["requirement"],
		"explanation": row.get("explanation"),
		"note": row["note"],
		"example_picture": public_file(row.get("example_picture")),
		"original_required": bool(row.get("original_required")),
		"optional": bool(row["optional"]),
		"only_for": lines(row["only_for_reasons"]),
		"max_age": _("issued within the last {0} months").format(months) if months else None,
	}


def searchable_text(service: dict) -> str:
	"""Return the words a service is found by, with and without its hyphens."""
	text = plain(
		" ".join(
			filter(
				None,
				(
					service["name"],
					service["code"],
					service["description"],
					service["product"],
					service["agency"],
					service["agency_name"],
					*service["keywords"],
				),
			)
		)
	)
	return f"{text} {plain(service['code'].replace('-', ''))}"


def plain(text: str) -> str:
	"""Return `text` in small letters, without accents, all other signs turned into spaces."""
	letters = unicodedata.normalize("NFKD", text.casefold())
	return re.sub(r"[^a-z0-9]+", " ", "".join(sign for sign in letters if not unicodedata.combining(sign)))
