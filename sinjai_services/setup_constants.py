"""What install and uninstall both name: kept in one place so that they mirror each other."""

ROLES = (
	"Sinjai Administrator",
	"Service Officer",
	"Operator",
	"Survey Team",
	"Technical Team",
	"Approver",
	"Courier",
	"Records Officer",
	"Leader",
	"Village Officer",
)

MAX_REQUEST_BYTES = 60 * 1024 * 1024
"""A form sent without script carries all its photographs at once; Frappe's default is 10 MB."""
