"""Quiet hours of a service: its news wait for their end, answers do not."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime


def until(doctype: str | None, name: str | None) -> datetime | None:
	"""Return when the quiet hours of a document's service end, or None where it is not quiet now."""
	if not doctype or not name or not frappe.get_meta(doctype).has_field("service"):
		return None
	service = frappe.db.get_value(doctype, name, "service")
	hours = service and frappe.get_cached_value("Public Service", service, ["quiet_from", "quiet_until"])
	return end(*hours, now_datetime()) if hours else None


def end(begins: timedelta | None, ends: timedelta | None, now: datetime) -> datetime | None:
	"""Return when the quiet hours around `now` end, or None outside them.

	Args:
		begins, ends: times of day as the database gives them; a beginning after the end goes round midnight.
	"""
	if begins is None or ends is None or begins == ends:
		return None
	midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
	time_of_day = now - midnight
	if begins < ends:
		return midnight + ends if begins <= time_of_day < ends else None
	if time_of_day >= begins:
		return midnight + timedelta(days=1) + ends
	return midnight + ends if time_of_day < ends else None
