"""What script reports share."""


def column(
	fieldname: str, label: str, width: int, fieldtype: str = "Data", options: str | None = None
) -> dict:
	"""Return a column of a report.

	Args:
		width: in pixels.
		options: of a Link, the DocType.
	"""
	return {
		"fieldname": fieldname,
		"label": label,
		"fieldtype": fieldtype,
		"options": options,
		"width": width,
	}
