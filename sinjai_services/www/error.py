"""What a visitor sees when a page fails: no exception, no traceback; both go to the Error Log.

Reads nothing for its frame: what failed may be the very settings the frame is made of.
"""

import frappe

no_cache = 1


def get_context(context):
	if frappe.flags.in_migrate:
		return
	# Version 15 shows the fault and keeps nothing of it. Deferred: a GET is rolled back at its end.
	# The traceback is passed, as the platform would add what the variables hold: what a citizen typed.
	frappe.log_error("Public page failed", frappe.get_traceback(), defer_insert=True)
	if frappe.session.data.user_type == "System User" and frappe.get_system_settings("allow_error_traceback"):
		context.traceback = frappe.get_traceback()
