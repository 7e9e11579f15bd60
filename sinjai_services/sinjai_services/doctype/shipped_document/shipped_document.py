import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from sinjai_services.permissions import sees_all
from sinjai_services.seeding import ledger, writing
from sinjai_services.seeding.difference import difference
from sinjai_services.seeding.files import ignore, shipped_document, shipped_documents


class ShippedDocument(Document):
	"""The ledger row of one document the app ships: what was shipped, and what has become of it here.

	Only seeding and the functions below write it; no role may create, change or delete one by hand.
	"""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		document_name: DF.Data | None
		document_type: DF.Link | None
		error: DF.SmallText | None
		kept_against: DF.Data | None
		saved: DF.LongText | None
		seen: DF.Data | None
		shipped_hash: DF.Data | None
		shipped_name: DF.Data | None
		state: DF.Literal[
			"As Shipped",
			"Edited by You",
			"Update Available",
			"Kept for Good",
			"Deleted by You",
			"Failed",
			"No Longer Shipped",
		]
		title: DF.Data | None
	# end: auto-generated types

	def onload(self):
		"""Show what is true now, whatever was noted: the document may have been changed past every hook."""
		shipped = shipped_document(self.document_type, self.shipped_name)
		doc, names = ledger.document_of(self), ledger.all_names()
		if self.shipped_hash and self.state != ledger.FAILED:
			state = ledger.judge(shipped, self, doc, names)
			self.state = ledger.AS_SHIPPED if state == ledger.OUTDATED else state
		self.set_onload("exists", bool(doc))
		if shipped and doc:
			self.set_onload("difference", difference(shipped, self, doc, names))


def on_doctype_update():
	frappe.db.add_unique("Shipped Document", ["document_type", "shipped_name"], "one_row_a_shipped_document")


# The buttons -------------------------------------------------------------------------------------------


@frappe.whitelist(methods=["POST"])
def take_ours(name: str):
	"""Replace the document of this site by the shipped one; its switches stay.

	Args:
		name: of the ledger row.
	"""
	row, shipped = opened(name)
	if not ledger.document_of(row):
		frappe.throw(_("This document was deleted. Restore it instead."))
	names = ledger.all_names()
	ledger.note_applied(shipped, row, writing.update(shipped, row.document_name, names), names)
	row.add_comment("Info", _("took the shipped version"))


@frappe.whitelist(methods=["POST"])
def keep_mine(name: str):
	"""Keep the document as it is here for good: newer ones are no longer offered, and never put in its place.

	Args:
		name: of the ledger row.
	"""
	row, shipped = opened(name)
	doc, names = ledger.document_of(row), ledger.all_names()
	state = ledger.judge(shipped, row, doc, names)
	if state not in (ledger.EDITED, ledger.UPDATE):
		frappe.throw(_("There is nothing of yours to keep here."))
	ledger.write(row, {"kept_against": ledger.shipped_hash(shipped), "error": None})
	row.reload()
	ledger.refresh(shipped, row, names)
	row.add_comment("Info", _("kept the office's own version for good"))


@frappe.whitelist(methods=["POST"])
def restore(name: str):
	"""Bring a document back that was deleted here, as it is shipped now.

	Args:
		name: of the ledger row.
	"""
	row, shipped = opened(name)
	if ledger.document_of(row) or frappe.db.exists(row.document_type, row.shipped_name):
		frappe.throw(
			_("There is a {0} called {1} already.").format(
				_(row.document_type), frappe.bold(escape_html(row.document_name or row.shipped_name))
			)
		)
	names = ledger.all_names()
	ledger.note_applied(shipped, row, writing.insert(shipped, names), names)
	row.add_comment("Info", _("restored the document"))


@frappe.whitelist(methods=["POST"])
def check_now():
	"""Look at every document afresh, also where somebody wrote past the hooks. Changes no document."""
	only_administrators()
	shipped = {(d["doctype"], d["name"]): d for d in shipped_documents(on_fault=ignore)}
	names = ledger.all_names()
	for key, row in ledger.rows().items():
		if row.shipped_hash:
			ledger.refresh(shipped.get(key), row, names)


def opened(name: str):
	"""Return the ledger row and the document as it is shipped now, for whoever may decide about it."""
	only_administrators()
	row = frappe.get_doc("Shipped Document", name)
	row.check_permission("read")
	shipped = shipped_document(row.document_type, row.shipped_name)
	if not shipped:
		frappe.throw(_("This document is no longer shipped. It is yours now."))
	return row, shipped


def only_administrators():
	if not sees_all(frappe.session.user):
		frappe.throw(
			_("Only administrators decide about shipped documents."),
			frappe.PermissionError,
			title=_("Not Permitted"),
		)
