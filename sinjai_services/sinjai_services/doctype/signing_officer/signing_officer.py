import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, now_datetime, nowdate

from sinjai_services.permissions import sees_all
from sinjai_services.personal_data import HoldsCitizenNumbers
from sinjai_services.requests.faults import throw_faults
from sinjai_services.signing.provider import BSRE, LOCAL, CertificateState

CERTIFICATE_FIELDS = (
	"certificate_state",
	"certificate_subject",
	"certificate_issuer",
	"certificate_expires",
	"certificate_checked_at",
)


class SigningOfficer(HoldsCitizenNumbers, Document):
	"""Somebody who signs for an agency, and with what; the passphrase is never kept."""

	def before_insert(self):
		self.provider = self.provider or frappe.get_cached_doc("Sinjai Signing Settings").default_provider

	def validate(self):
		self.faults = self.set_citizen_numbers()
		self.validate_period()
		self.validate_provider()
		throw_faults(self)
		self.set_private_certificate()
		self.forget_state_of_another_certificate()

	def on_update(self):
		self.adopt_certificate()

	def validate_period(self):
		if self.valid_from and self.valid_until and getdate(self.valid_until) < getdate(self.valid_from):
			self.faults["valid_until"] = _("The last day lies before the first.")

	def validate_provider(self):
		"""Ask for what the provider needs; an officer who is not active may be entered unfinished."""
		if not self.active:
			return
		if self.provider == BSRE and not self.nik_masked and "nik" not in self.faults:
			self.faults["nik"] = _("BSrE signs by NIK. Enter the officer's NIK.")
		if self.provider == LOCAL and not self.certificate:
			self.faults["certificate"] = _("Attach the officer's certificate file (.p12 or .pfx).")

	def set_private_certificate(self):
		"""Take only a file of this officer or one just uploaded by this user, and keep it private."""
		before = self.get_doc_before_save()
		if not self.certificate or (before and before.certificate == self.certificate):
			return
		file = self.certificate_file()
		if not file:
			frappe.throw(_("The certificate file was not uploaded here. Attach it again."))
		if not file.is_private:
			file.is_private = 1
			file.save(ignore_permissions=True)
			self.certificate = file.file_url

	def certificate_file(self):
		"""Return the File of the certificate, or None where the address names somebody else's."""
		for name in frappe.get_all("File", {"file_url": self.certificate}, pluck="name"):
			file = frappe.get_doc("File", name)
			own = (file.attached_to_doctype, file.attached_to_name) == (self.doctype, self.name)
			fresh = file.owner == frappe.session.user and (
				not file.attached_to_name
				or (
					file.attached_to_doctype == self.doctype
					and not frappe.db.exists(self.doctype, file.attached_to_name)
				)
			)
			if own or fresh:
				return file
		return None

	def adopt_certificate(self):
		if self.certificate and (file := self.certificate_file()):
			home = {
				"attached_to_doctype": self.doctype,
				"attached_to_name": self.name,
				"attached_to_field": "certificate",
			}
			frappe.db.set_value("File", file.name, home)

	def forget_state_of_another_certificate(self):
		before = self.get_doc_before_save()
		if before and any(
			before.get(field) != self.get(field) for field in ("provider", "certificate", "nik_masked")
		):
			self.update(dict.fromkeys(CERTIFICATE_FIELDS))

	def keep_certificate_state(self, state: CertificateState):
		"""Note what a check of the certificate has found."""
		self.db_set(
			{
				"certificate_state": state.text,
				"certificate_subject": state.subject,
				"certificate_issuer": state.issuer,
				"certificate_expires": state.expires,
				"certificate_checked_at": now_datetime(),
			}
		)

	def in_office(self) -> bool:
		"""Tell whether the officer may sign today."""
		today = getdate(nowdate())
		return bool(
			self.active
			and (not self.valid_from or getdate(self.valid_from) <= today)
			and (not self.valid_until or getdate(self.valid_until) >= today)
		)

	def position(self) -> str:
		"""Return the position as printed, with Plt. or Plh. before it."""
		return " ".join(part for part in (self.acting, self.position_title) if part)


def get_permission_query_conditions(user: str | None = None) -> str:
	"""Officers see themselves only: the certificate's file hangs on the document."""
	user = user or frappe.session.user
	return "" if sees_all(user) else f"`tabSigning Officer`.`user` = {frappe.db.escape(user)}"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	user = user or frappe.session.user
	return sees_all(user) or doc.user == user
