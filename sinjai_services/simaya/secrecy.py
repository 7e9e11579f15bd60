"""Who sees which letter, at every door.

An ordinary letter is seen by the agency's staff; a restricted one by its records office and its head and by
those it went to; a secret one (rahasia) by the addressee and those on the disposition path alone, the app's
administrators not among them. "On the path" is one question everywhere: is there a Letter Task for one of the
user's positions that was not withdrawn.

What hangs on a letter (files, comments, mails, versions, timeline, notices) is seen by who sees the letter.
The platform's Administrator, who may run code and SQL, cannot be kept from anything; lists hide secret
letters from it all the same, and opening one is recorded as everybody's opening is.
"""

from pypika.terms import LiteralValue

import frappe
from frappe import _
from frappe.desk.form import linked_with
from frappe.utils import now_datetime

from sinjai_services import personal_data, stages
from sinjai_services.permissions import agencies_of, sees_all
from sinjai_services.simaya import organisation

ORDINARY, RESTRICTED, SECRET = "Ordinary", "Restricted", "Secret"
WITHDRAWN = "Withdrawn"
READERS_OF_RESTRICTED = {"Records Officer", "Leader", "Approver"}
MASKED = "Surat rahasia"
"""What stands for the subject where somebody else might read along."""

REFERENCES = {
	"Request Event": ("reference_doctype", "reference_name"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Version": ("ref_doctype", "docname"),
	"Activity Log": ("reference_doctype", "reference_name"),
	"Access Log": ("export_from", "reference_document"),
	"View Log": ("reference_doctype", "reference_name"),
	"Notification Log": ("document_type", "document_name"),
	"Email Queue": ("reference_doctype", "reference_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Chat Message": ("reference_doctype", "reference_name"),
	"Signed Document": ("reference_doctype", "reference_name"),
}
"""DocTypes whose documents are about another document, and the fields that name it."""


def secret_doctypes() -> list[str]:
	"""Return the DocTypes with a security class; hooks.py lists them."""
	return frappe.get_hooks("sinjai_secret_doctypes")


def is_secret(doctype: str | None, name: str | None) -> bool:
	"""Tell whether a document is a secret letter or belongs to one."""
	if not name or doctype not in secret_doctypes():
		return False
	return frappe.db.get_value(doctype, name, "security") == SECRET


# Letters -------------------------------------------------------------------------------------------------


def agencies_for(user: str) -> list[str]:
	return sorted({*agencies_of(user), *organisation.agencies_of_positions(user)})


def quoted(names: list[str]) -> str:
	"""Return names as an SQL list; "''", which nothing equals, for none."""
	return ", ".join(frappe.db.escape(name) for name in names) or "''"


def openly_visible(doctype: str, user: str) -> str:
	"""Return the SQL condition of what the user sees of `doctype` without being on any path."""
	table = f"`tab{doctype}`"
	if sees_all(user):
		return f"{table}.`security` != '{SECRET}'"
	reads_restricted = READERS_OF_RESTRICTED & set(frappe.get_roles(user))
	classes = (ORDINARY, RESTRICTED) if reads_restricted else (ORDINARY,)
	agencies = quoted(agencies_for(user))
	return f"({table}.`security` in ({quoted(classes)}) and {table}.`agency` in ({agencies}))"


def on_path(column: str, value: str, user: str) -> str:
	"""Return the SQL condition that a Letter Task of the user's has `value` (an SQL column) in `column`."""
	positions = quoted(organisation.positions_of(user))
	return (
		"exists (select 1 from `tabLetter Task` path where "
		f"path.`{column}` = {value} and path.`position` in ({positions}) and path.`state` != '{WITHDRAWN}')"
	)


def letter_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	table = "`tabIncoming Letter`"
	entering = (
		f"({table}.`registered_by` = {frappe.db.escape(user)} and {table}.`stage` = '{stages.RECEIVED}')"
	)
	visible = openly_visible("Incoming Letter", user)
	return f"({visible} or {entering} or {on_path('letter', f'{table}.`name`', user)})"


def disposition_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	table = "`tabDisposition`"
	own = f"{table}.`from_position` in ({quoted(organisation.positions_of(user))})"
	letter = on_path("letter", f"{table}.`letter`", user)
	asked = on_path("disposition", f"{table}.`name`", user)
	return f"({openly_visible('Disposition', user)} or {own} or {letter} or {asked})"


def task_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	table = "`tabLetter Task`"
	positions = quoted(organisation.positions_of(user))
	own = f"({table}.`position` in ({positions}) and {table}.`state` != '{WITHDRAWN}')"
	asked = f"{table}.`from_position` in ({positions})"
	letter = on_path("letter", f"{table}.`letter`", user)
	return f"({openly_visible('Letter Task', user)} or {own} or {asked} or {letter})"


def movement_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	letter = on_path("letter", "`tabLetter Movement`.`letter`", user)
	return f"({openly_visible('Letter Movement', user)} or {letter})"


CONDITIONS = {
	"Incoming Letter": letter_condition,
	"Disposition": disposition_condition,
	"Letter Task": task_condition,
	"Letter Movement": movement_condition,
}


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Tell whether the user may touch this letter, disposition, task or movement at all.

	Asked of the database with the very condition that lists use; of a document that is not stored yet, only
	the agency is asked.
	"""
	user = user or frappe.session.user
	if not doc.name or not frappe.db.exists(doc.doctype, doc.name):
		return sees_all(user) or not doc.get("agency") or doc.agency in agencies_for(user)
	return visible(doc.doctype, doc.name, user)


def visible(doctype: str, name: str, user: str) -> bool:
	"""Tell whether the list condition of `doctype` lets the user see the document `name`."""
	table = frappe.qb.DocType(doctype)
	seen = LiteralValue(condition_of(doctype, user))
	return bool(frappe.qb.from_(table).select(table.name).where(table.name == name).where(seen).run())


def condition_of(doctype: str, user: str) -> str:
	"""Return the list condition of a DocType with a security class, as hooks.py names it."""
	return frappe.get_attr(frappe.get_hooks("permission_query_conditions")[doctype][-1])(user)


# What hangs on letters -----------------------------------------------------------------------------------


def reference_condition(doctype: str, user: str) -> str:
	"""Return the SQL condition that keeps documents about unseen secret letters out of lists."""
	of_doctype, of_name = REFERENCES[doctype]
	hidden = [
		f"(`tab{doctype}`.`{of_doctype}` = {frappe.db.escape(letters)} and exists ("
		f"select 1 from `tab{letters}`"
		f" where `tab{letters}`.`name` = `tab{doctype}`.`{of_name}`"
		f" and `tab{letters}`.`security` = '{SECRET}' and not {condition_of(letters, user)}))"
		for letters in secret_doctypes()
	]
	return f"not ({' or '.join(hidden)})"


def reference_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Tell whether a document about another one may be touched; the platform's own answer is asked, too.

	Version 15 takes the first answer of several hooks for the last word, so ours has to pass the others on.
	"""
	user = user or frappe.session.user
	of_doctype, of_name = (doc.get(field) for field in REFERENCES[doc.doctype])
	if is_secret(of_doctype, of_name) and not visible(of_doctype, of_name, user):
		return False
	others = frappe.get_hooks("has_permission").get(doc.doctype, [])
	return all(
		frappe.call(frappe.get_attr(other), doc=doc, ptype=ptype, user=user) is not False
		for other in others
		if other != OWN_HOOK
	)


OWN_HOOK = f"{__name__}.reference_permission"


def request_event_condition(user: str | None = None) -> str:
	return reference_condition("Request Event", user or frappe.session.user)


def file_condition(user: str | None = None) -> str:
	return reference_condition("File", user or frappe.session.user)


def comment_condition(user: str | None = None) -> str:
	return reference_condition("Comment", user or frappe.session.user)


def communication_condition(user: str | None = None) -> str:
	return reference_condition("Communication", user or frappe.session.user)


def version_condition(user: str | None = None) -> str:
	return reference_condition("Version", user or frappe.session.user)


def activity_log_condition(user: str | None = None) -> str:
	return reference_condition("Activity Log", user or frappe.session.user)


def access_log_condition(user: str | None = None) -> str:
	return reference_condition("Access Log", user or frappe.session.user)


def view_log_condition(user: str | None = None) -> str:
	return reference_condition("View Log", user or frappe.session.user)


def notification_log_condition(user: str | None = None) -> str:
	return reference_condition("Notification Log", user or frappe.session.user)


def email_queue_condition(user: str | None = None) -> str:
	return reference_condition("Email Queue", user or frappe.session.user)


def signed_document_condition(user: str | None = None) -> str:
	return reference_condition("Signed Document", user or frappe.session.user)


def todo_condition(user: str | None = None) -> str:
	return reference_condition("ToDo", user or frappe.session.user)


# Doors that ask no permission of their own ---------------------------------------------------------------


@frappe.whitelist()
def get_linked_docs(doctype: str, docname: str) -> dict:
	"""Return what is linked with a document; stands in for `frappe.desk.form.linked_with.get`.

	The platform's own asks no permission of the documents it lists, and shows their list fields.
	"""
	found = linked_with.get(doctype, docname) or {}
	for letters in set(found) & set(secret_doctypes()):
		seen = set(
			frappe.get_list(letters, {"name": ("in", [row.name for row in found[letters]])}, pluck="name")
		)
		found[letters] = [row for row in found[letters] if row.name in seen]
	return {key: rows for key, rows in found.items() if rows}


def mask_notice(log, method: str | None = None):
	"""Take the subject of a secret letter out of a notice before it is written: it also goes out by mail."""
	if is_secret(log.document_type, log.document_name):
		log.subject = _("{0}: open it in the Desk to read it").format(MASKED)
		log.email_content = ""


class KeepsSecrets:
	"""Mixin of documents with a security class: what is secret is opened with a record of who opened it."""

	def apply_fieldlevel_read_permissions(self):
		"""Called by the platform at every door through which a document is handed to a user."""
		super().apply_fieldlevel_read_permissions()
		record_opening(self, "document")

	def before_print(self, settings=None):
		record_opening(self, "print")


def record_opening(doc, field: str):
	"""Write down that the session's user opened a secret document, once in five minutes."""
	if doc.is_new() or doc.get("security") != SECRET:
		return
	key = f"sinjai:opened:{doc.doctype}:{doc.name}:{field}:{frappe.session.user}"
	if frappe.cache.get_value(key, expires=True):
		return
	frappe.cache.set_value(key, now_datetime().isoformat(), expires_in_sec=300)
	personal_data.record_access(doc, field)
	# Most doors are asked with GET, after which the platform commits only when told so.
	frappe.local.flags.commit = True


def guard_download():
	"""Refuse files of secret letters to whoever does not see the letter, and write down who fetches them.

	Hooked to the start of requests. The platform gives a file to whoever uploaded it, for ever, and to
	whoever has put a File of their own at its address; so the letter is asked here, before the platform is.
	"""
	path = frappe.request.path
	# A command is obeyed at every address.
	if path.endswith("download_file") or (frappe.form_dict.get("cmd") or "").endswith("download_file"):
		path = frappe.form_dict.get("file_url") or ""
	if not path.startswith("/private/files/"):
		return
	secret = [about for about in documents_with(path) if is_secret(*about)]
	seen = [about for about in secret if visible(*about, frappe.session.user)]
	if secret and not seen:
		raise frappe.PermissionError(_("You may not open this file."))
	for about in seen:
		record_opening(frappe.get_doc(*about), "file")


def documents_with(path: str) -> list[tuple[str, str]]:
	"""Return the documents a file belongs to, of a signed file the one that was signed.

	The platform keeps equal files once: the letter that went to several agencies lies at one address for all.
	"""
	found = []
	fields = ["attached_to_doctype", "attached_to_name"]
	for about in frappe.get_all("File", {"file_url": path}, fields, as_list=True):
		if about[0] == "Signed Document":
			about = frappe.db.get_value(*about, REFERENCES["Signed Document"]) or about
		found.append(tuple(about))
	return list(dict.fromkeys(found))
