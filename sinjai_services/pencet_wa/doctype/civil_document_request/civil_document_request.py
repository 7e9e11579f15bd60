from sinjai_services.requests.service_request import ServiceRequest, add_queue_index


class CivilDocumentRequest(ServiceRequest):
	"""A request for one of the civil documents of Pencet WA Saja."""


def on_doctype_update():
	add_queue_index("Civil Document Request")
