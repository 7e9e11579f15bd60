"""Pictures and documents of citizens: fetched by the job, checked by content, re-encoded, kept private."""

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, now_datetime

from sinjai_services.requests import uploads
from sinjai_services.requests.uploads import CleanFile, RefusedUpload
from sinjai_services.whatsapp import settings
from sinjai_services.whatsapp.gateway import Permanent, Temporary

DOCTYPE = "Chat Message"
TAKEN = ("image", "document")
"""Kinds whose file is fetched. Of voice notes, films and stickers no paper can be made."""

PAUSES = (15, 60, 120)
"""Seconds before the gateway is asked again. What the citizen wrote afterwards waits as long, as its meaning
often depends on the picture; then the conversation goes on without it."""


def fetch(name: str) -> bool:
	"""Bring the file of a message into the house, in a transaction of its own.

	Returns:
		True when the message can be worked on: the file is there, there is none, or it cannot be had and
		`media_error` says why. False when it has to be tried again later.
	"""
	message = frappe.get_doc(DOCTYPE, name)
	if message.kind not in TAKEN or not message.media_id or message.file or message.media_error:
		return True
	if is_over_limit(message):
		refuse(name, too_many())
		return True
	try:
		content = settings.gateway().fetch_media(message.media_id, max_bytes())
		attach(name, uploads.clean_file(content, max_bytes()))
	except Temporary as error:
		return not put_off(message, error)
	except Permanent:
		refuse(name, gone_or_too_large())
	except RefusedUpload as refusal:
		refuse(name, str(refusal))
	frappe.db.commit()
	return True


def put_off(message, error: Temporary) -> bool:
	"""Arrange another attempt at the file; tell whether there is one."""
	if message.attempts > len(PAUSES):
		refuse(message.name, _("The file could not be fetched. Please send it again."))
		return False
	pause = max(PAUSES[message.attempts - 1], min(error.retry_after or 0, PAUSES[-1]))
	due = {"next_attempt_at": add_to_date(now_datetime(), seconds=pause), "lease_until": None}
	frappe.db.set_value(DOCTYPE, message.name, due, update_modified=False)
	return True


def refuse(name: str, why: str):
	frappe.db.set_value(DOCTYPE, name, "media_error", why, update_modified=False)
	frappe.db.commit()


def attach(name: str, clean: CleanFile):
	"""Keep a cleaned file with its message; whoever may read the message may open it."""
	if frappe.db.get_value(DOCTYPE, name, "file", for_update=True):
		return
	file = uploads.save_private(clean, "whatsapp", DOCTYPE, name)
	frappe.db.set_value(DOCTYPE, name, "file", file.file_url, update_modified=False)


# Limits ------------------------------------------------------------------------------------------------


def max_mb() -> int:
	return cint(settings.stored().media_max_mb) or 16


def max_bytes() -> int:
	return max_mb() * 1024 * 1024


def gone_or_too_large() -> str:
	# The gateway does not tell the two apart.
	sentence = _("The file could not be fetched: at most {0} MB can be taken. Please send it again.")
	return sentence.format(max_mb())


def too_many() -> str:
	return _("Too many files in one hour. Please send the others later.")


def is_over_limit(message) -> bool:
	"""Tell whether the number has sent as many files within the hour as are taken."""
	kept = {**of_last_hour(message), "file": ("is", "set")}
	return frappe.db.count(DOCTYPE, kept) >= (cint(settings.stored().media_per_hour) or 60)


def is_told_already(message) -> bool:
	"""Tell whether somebody over the limit has been told so within the hour: once is enough."""
	if message.media_error != too_many():
		return False
	told = {**of_last_hour(message), "media_error": message.media_error, "name": ("!=", message.name)}
	return bool(frappe.db.exists(DOCTYPE, {**told, "status": "Processed"}))


def of_last_hour(message) -> dict:
	since = add_to_date(now_datetime(), hours=-1)
	return {"number": message.number, "direction": "Incoming", "creation": (">", since)}


# Trying out --------------------------------------------------------------------------------------------


def simulated(file_url: str) -> CleanFile:
	"""Return the cleaned content of a file that the session's user has just uploaded; the upload itself goes.

	Raises:
		frappe.ValidationError: it is somebody else's, public or attached to something.
	"""
	name = frappe.db.get_value(
		"File",
		{
			"file_url": file_url,
			"owner": frappe.session.user,
			"is_private": 1,
			"attached_to_name": ("is", "not set"),
		},
	)
	if not name:
		frappe.throw(_("Upload the file again: only your own private uploads can be tried out."))
	file = frappe.get_doc("File", name)
	clean = uploads.clean_file(uploads.as_bytes(file.get_content()), max_bytes())
	file.delete(ignore_permissions=True)
	return clean
