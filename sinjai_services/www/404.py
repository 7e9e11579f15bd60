from sinjai_services.requests import wording


def get_context(context):
	context.http_status_code = 404
	context.house = wording.house()
