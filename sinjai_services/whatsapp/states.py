"""What becomes of a message once it has left: sent, delivered, read or failed, as Meta's webhooks tell.

They come repeated, late, out of order, and faster than our own note of the message's number.
"""

from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from sinjai_services.whatsapp.payload import StatusUpdate

STATES = {"sent": "Sent", "delivered": "Delivered", "read": "Read", "failed": "Failed"}
TIMES = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at"}
RANK = {"Queued": 0, "Sending": 0, "Uncertain": 0, "Sent": 1, "Failed": 2, "Delivered": 3, "Read": 4}
"""A state only replaces a lower one. What a phone has shown has arrived, whatever was said of it."""
EARLY_SECONDS = 3600


def apply(status: StatusUpdate) -> None:
	"""Take in what the gateway says of one of our messages; repeated, late or unknown news change nothing."""
	if status.status not in STATES:
		return
	message = message_of(status)
	if not message:
		# The news may be faster than our own note of the message's number: kept until that is written.
		frappe.cache.set_value(early_key(status), as_early(status), expires_in_sec=EARLY_SECONDS)
		message = message_of(status, as_committed=True)
	if message:
		take_in(message, status)


def message_of(status: StatusUpdate, as_committed: bool = False):
	"""Return the message that news are about, locked: by Meta's number, or by ours where that was lost.

	Args:
		as_committed: look past the transaction's view at what is committed by now. Locks the gap where
			nothing is found, hence only the second time.
	"""
	filters = {"message_id": status.message_id, "direction": "Outgoing"}
	name = frappe.db.get_value("Chat Message", filters, "name", for_update=as_committed) or status.reference
	fields = ["name", "direction", "status", "sent_at", "delivered_at", "read_at", "message_id"]
	message = name and frappe.db.get_value("Chat Message", name, fields, as_dict=True, for_update=True)
	if not message or message.direction != "Outgoing":
		return None
	known = message.message_id == status.message_id
	return message if known or (message.status == "Uncertain" and not message.message_id) else None


def take_in(message, status: StatusUpdate):
	fields = {}
	if not message.message_id:
		fields["message_id"] = status.message_id
	time_field = TIMES.get(status.status)
	if time_field and not message.get(time_field):
		fields[time_field] = status.at
	state = STATES[status.status]
	if RANK[state] > RANK.get(message.status, 0):
		fields["status"] = state
		fields["error"] = (status.error or _("The message did not arrive.")) if state == "Failed" else None
	if fields:
		frappe.db.set_value("Chat Message", message.name, fields)


def early_key(status: StatusUpdate) -> str:
	return f"sinjai:early-status:{status.message_id}:{status.status}"


def as_early(status: StatusUpdate) -> dict:
	return {"at": str(status.at), "error": status.error}


def apply_early(message_id: str):
	"""Take in the news that came before the message's number was written down."""
	for state in STATES:
		status = StatusUpdate(message_id, state, now_datetime())
		early = frappe.cache.get_value(early_key(status))
		if early:
			at = get_datetime(early["at"])
			apply(replace(status, at=at, error=early["error"]))
	frappe.db.commit()
