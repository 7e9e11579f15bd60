"""Staff see the requests of their own agency only.

Who belongs to which agency is said by User Permissions on Agency. Somebody without any sees nothing; the
app's administrators and System Managers see all. The two functions always go together: lists use the first,
single documents the second.
"""

import frappe
from frappe.permissions import get_user_permissions

VILLAGE_OFFICER = "Village Officer"
SEES_ALL = {"System Manager", "Sinjai Administrator"}


def sees_all(user: str) -> bool:
	return user == "Administrator" or bool(SEES_ALL & set(frappe.get_roles(user)))


def agencies_of(user: str) -> list[str]:
	"""Return the agencies the user works for."""
	return [permission["doc"] for permission in get_user_permissions(user).get("Agency", [])]


def own_villages() -> list[str] | None:
	"""Return the villages a village officer enters requests for; None for everybody else.

	They are User Permissions on Village, strictly: an officer without any enters nothing.
	"""
	user = frappe.session.user
	if user in ("Guest", "Administrator") or VILLAGE_OFFICER not in frappe.get_roles(user):
		return None
	return [permission["doc"] for permission in get_user_permissions(user).get("Village", [])]


def agency_condition(doctype: str, user: str | None = None) -> str:
	"""Return the SQL condition that keeps lists of `doctype` to the user's agencies.

	Each DocType's module names itself in its own hook function: version 15 hands over the user only.
	"""
	user = user or frappe.session.user
	if sees_all(user):
		return ""
	agencies = agencies_of(user)
	if not agencies:
		return "1 = 0"
	names = ", ".join(frappe.db.escape(name) for name in agencies)
	return f"`tab{doctype}`.`agency` in ({names})"


def has_agency_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Tell whether the user may touch this document at all; roles and workflow decide the rest.

	Both what it says and what is stored under its name have to be of the user's agencies: some doors of the
	platform ask this of whatever a browser has sent.
	"""
	user = user or frappe.session.user
	if sees_all(user):
		return True
	agencies = agencies_of(user)
	return bool(agencies) and {doc.get("agency"), stored_agency(doc)} <= {*agencies, None, ""}


def stored_agency(doc) -> str | None:
	if not doc.get("doctype") or not doc.get("name"):
		return None
	return frappe.db.get_value(doc.doctype, doc.name, "agency")


def take_as_stored(doc, right: str = "write"):
	"""Turn a document into what is stored under its name, and ask for a right on that.

	A document's own whitelisted functions are called on whatever a browser sends: agency, state and rows may
	be made up, and with `__islocal` the platform does not even compare them with the database.

	Raises:
		frappe.PermissionError: the session's user has not got that right.
	"""
	doc.__dict__.pop("__islocal", None)
	doc.reload()
	doc.check_permission(right)
