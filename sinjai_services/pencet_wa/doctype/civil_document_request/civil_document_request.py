from sinjai_services.permissions import agency_condition
from sinjai_services.requests.service_request import ServiceRequest, add_queue_index


class CivilDocumentRequest(ServiceRequest):
	"""A request for one of the civil documents of Pencet WA Saja."""


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Civil Document Request", user)


def on_doctype_update():
	add_queue_index("Civil Document Request")
