import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

from sinjai_services.permissions import sees_all
from sinjai_services.simaya import cases
from sinjai_services.simaya.secrecy import agencies_for, quoted

OF_THE_APP = (
	"state",
	"opened_on",
	"closed_on",
	"active_until",
	"inactive_until",
	"final_disposition",
	"transferred_on",
	"destroyed_on",
	"record_of_act",
)


class LetterCase(Document):
	"""Letters that belong together and are kept, transferred and destroyed together."""

	def before_insert(self):
		self.update({**dict.fromkeys(OF_THE_APP), "state": cases.OPEN, "opened_on": getdate(nowdate())})

	def validate(self):
		self.validate_agency()
		self.keep_what_the_app_writes()

	def validate_agency(self):
		user = frappe.session.user
		if self.is_new() and not sees_all(user) and self.agency not in agencies_for(user):
			frappe.throw(_("This agency is not yours."), frappe.PermissionError)

	def keep_what_the_app_writes(self):
		before = self.get_doc_before_save()
		if not before or self.flags.by_app:
			return
		self.update({field: before.get(field) for field in OF_THE_APP})
		fixed = ("agency",) if self.state == cases.OPEN else ("agency", "classification", "title")
		if any(before.get(field) != self.get(field) for field in fixed):
			frappe.throw(_("A closed case is not changed any more."))

	def on_trash(self):
		if any(frappe.db.exists(doctype, {"letter_case": self.name}) for doctype in cases.LETTERS):
			frappe.throw(_("Letters lie in this case; it cannot be deleted."))

	def onload(self):
		self.set_onload("letters", cases.letters_of(self.name))


def get_permission_query_conditions(user: str | None = None) -> str:
	user = user or frappe.session.user
	return "" if sees_all(user) else f"`tabLetter Case`.`agency` in ({quoted(agencies_for(user))})"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	user = user or frappe.session.user
	return sees_all(user) or not doc.get("agency") or doc.agency in agencies_for(user)


def on_doctype_update():
	frappe.db.add_index("Letter Case", ["agency", "state", "active_until"], "to_transfer")
	frappe.db.add_index("Letter Case", ["agency", "state", "inactive_until"], "to_destroy")
