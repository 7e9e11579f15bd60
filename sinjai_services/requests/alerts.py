"""The platform's Notifications on our documents: each on its own, none of them able to stop the work.

The platform evaluates them inside the save and throws what is wrong with one of them at whoever saves: an
officer could not go on because of a typing error in a message's condition.
"""

import frappe
from frappe import _

EVENTS = {
	"after_insert": "New",
	"on_update": "Save",
	"on_submit": "Submit",
	"on_cancel": "Cancel",
	"on_change": "Value Change",
}


def run(doc, method: str):
	"""Do what the platform's `Document.run_notifications` does, with a guard round each Notification."""
	if not wanted():
		return
	if doc.flags.notifications_executed is None:
		doc.flags.notifications_executed = []
	for alert in enabled(doc):
		if alert.name not in doc.flags.notifications_executed and concerns(alert, doc, method):
			doc.flags.notifications_executed.append(alert.name)
			attempt(doc, alert.name, evaluate, doc, alert)


def wanted() -> bool:
	flags = frappe.flags
	return not ((flags.in_import and flags.mute_emails) or flags.in_patch or flags.in_install)


def enabled(doc) -> list:
	"""Return the Notifications on this DocType; asked for once a document, as the platform does."""
	if doc.flags.sinjai_notifications is None:
		filters = {"enabled": 1, "document_type": doc.doctype}
		doc.flags.sinjai_notifications = frappe.get_all("Notification", filters, ["name", "event", "method"])
	return doc.flags.sinjai_notifications


def concerns(alert, doc, method: str) -> bool:
	if alert.event == "Method":
		return method == alert.method
	if alert.event == "Value Change" and doc.flags.in_insert:
		return False
	return bool(alert.event) and EVENTS.get(method) == alert.event


def evaluate(doc, alert):
	from frappe.email.doctype.notification.notification import evaluate_alert

	evaluate_alert(doc, alert.name, alert.event)


def attempt(doc, notification: str, function, *args):
	"""Call a function for a Notification; what it wrote before it failed is taken back, the failure noted."""
	messages = len(frappe.local.message_log)
	frappe.db.savepoint("notification")
	try:
		function(*args)
	except Exception:
		frappe.db.rollback(save_point="notification")
		# The platform has shown the error already; the officer can do nothing about it.
		del frappe.local.message_log[messages:]
		# The traceback is passed: the platform would add what variables hold, such as numbers of citizens.
		doc.log_error(f"Notification {notification} failed"[:140], frappe.get_traceback())
		if hasattr(doc, "add_event"):
			doc.add_event(
				"Note", label=_("The message {0} could not be sent; see the Error Log").format(notification)
			)
