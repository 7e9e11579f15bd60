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

FRAPPES_DORMANT_DAYS, NEVER_DORMANT_DAYS = 4, 3650
"""Days without a log-in after which the scheduler slows to once a day: by default, and with the app."""
