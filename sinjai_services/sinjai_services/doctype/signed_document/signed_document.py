import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, now_datetime, nowdate

from sinjai_services.permissions import agency_condition, take_as_stored

VALID, EXPIRED, REVOKED = "Valid", "Expired", "Revoked"
LONGEST_REASON = 500


class SignedDocument(Document):
	"""A document as it was signed; written by the app only, and changed by its revocation only."""

	def before_validate(self):
		if not self.is_new() and not self.flags.revoking:
			self.refuse()

	def on_trash(self):
		self.refuse()

	def refuse(self):
		if not frappe.flags.in_uninstall:
			frappe.throw(
				_("A signed document cannot be changed afterwards. Revoke it instead."),
				frappe.PermissionError,
			)

	def state_today(self) -> str:
		"""Return Valid, Expired or Revoked; whether it has expired is a matter of the day and not stored."""
		if self.state == REVOKED:
			return REVOKED
		return EXPIRED if self.valid_until and getdate(self.valid_until) < getdate(nowdate()) else VALID

	@frappe.whitelist(methods=["POST"])
	def revoke(self, reason: str):
		"""Declare the document void; the public page says so from now on.

		Args:
			reason: what everybody reads who verifies the document.

		Raises:
			frappe.PermissionError: the user may not write signed documents of this agency.
		"""
		take_as_stored(self)
		self.declare_void(reason)

	def declare_void(self, reason: str):
		"""Revoke without asking who may; for documents whose own rules have decided it."""
		stored = frappe.get_doc(self.doctype, self.name, for_update=True)
		reason = " ".join((reason or "").split())
		if stored.state == REVOKED:
			frappe.throw(_("This document has been revoked already."))
		if not 5 <= len(reason) <= LONGEST_REASON:
			frappe.throw(
				_(
					"Write the reason in 5 to {0} characters; everybody who verifies the document reads it."
				).format(LONGEST_REASON)
			)
		stored.flags.revoking = True
		stored.update(
			{
				"state": REVOKED,
				"revocation_reason": reason,
				"revoked_by": frappe.session.user,
				"revoked_at": now_datetime(),
				"signing_key": None,
			}
		)
		stored.save(ignore_permissions=True)

	def onload(self):
		from sinjai_services.signing.verification import url_of

		self.set_onload("state_today", self.state_today())
		self.set_onload("verification_url", url_of(self.verification_code))


def get_permission_query_conditions(user: str | None = None) -> str:
	return agency_condition("Signed Document", user)


def on_doctype_update():
	frappe.db.add_index("Signed Document", ["reference_doctype", "reference_name"], "about")
	frappe.db.add_index("Signed Document", ["agency", "signed_at"], "agency_signed")
