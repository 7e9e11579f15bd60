import secrets

import frappe
from frappe import _
from frappe.utils import cint, escape_html, get_datetime, getdate, now_datetime, nowdate

from sinjai_services.identity import mask_name
from sinjai_services.permissions import take_as_stored
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests.faults import throw_faults
from sinjai_services.requests.tracked import TrackedDocument
from sinjai_services.simaya import custody, files, incoming, organisation, secrecy
from sinjai_services.simaya.secrecy import KeepsSecrets

LONGEST = {"subject": 500, "sender_name": 200, "letter_number": 140, "sender_organisation": 140}
SCAN, ATTACHMENT = "pindaian", "lampiran"


class IncomingLetter(KeepsSecrets, TrackedDocument):
	"""A letter that came to an agency: on paper, by the public form, by mail or from another agency."""

	public_form = "sinjai_services.simaya.web_form.LetterForm"

	def before_insert(self):
		super().before_insert()
		# The Desk's field knows minutes only, and would call every letter changed as soon as it is opened.
		self.received_at = get_datetime(self.received_at).replace(second=0, microsecond=0)
		self.label_code = secrets.token_hex(8).upper()
		self.registered_at = self.registered_by = self.agenda_key = self.agenda_label = None
		incoming.set_channel(self)
		if self.channel == incoming.PAPER:
			# The desk enters minutes; with seconds the form would take itself for changed.
			self.received_at = get_datetime(self.received_at).replace(second=0, microsecond=0)

	def validate(self):
		self.find_faults()
		throw_faults(self)
		self.keep_what_is_given()
		self.set_book()
		self.take_files()
		self.register_at_the_desk()

	def find_faults(self) -> dict[str, str]:
		"""Check and tidy what was typed; return {fieldname: sentence} of all that is wrong."""
		self.faults = {}
		self.validate_texts()
		self.validate_dates()
		self.validate_positions()
		self.validate_sender()
		return self.faults

	def after_insert(self):
		super().after_insert()
		self.adopt_uploads()
		if self.agenda_key:
			incoming.after_registering(self)

	def on_update(self):
		super().on_update()
		incoming.follow_changes(self)

	def on_change(self):
		super().on_change()
		files.disown(self)

	def validate_texts(self):
		for field, longest in LONGEST.items():
			self.set(field, " ".join((self.get(field) or "").split()))
			if len(self.get(field)) > longest:
				self.faults[field] = _("Too long: at most {0} characters.").format(longest)

	def validate_dates(self):
		if self.letter_date and getdate(self.letter_date) > getdate(nowdate()):
			self.faults["letter_date"] = _("The date of the letter lies in the future.")

	def validate_positions(self):
		named = [self.addressed_to, *(row.position for row in self.copies)]
		for position in filter(None, named):
			if organisation.agency_of(position) != self.agency:
				field = "addressed_to" if position == self.addressed_to else "copies"
				self.faults[field] = _("{0} belongs to another agency.").format(
					organisation.position_label(position) or position
				)

	def validate_sender(self):
		if self.whatsapp_number:
			try:
				self.whatsapp_number = normalise_mobile(self.whatsapp_number)
			except ValueError as fault:
				self.faults["whatsapp_number"] = str(fault)
		if self.channel == incoming.WEB and self.is_new():
			self.require_of_public()

	def require_of_public(self):
		for field in ("whatsapp_number", "sender_name", "subject"):
			if not self.get(field):
				self.faults.setdefault(field, _("Please fill in this field."))
		if not self.consent:
			self.faults["consent"] = _("Without your agreement we may not process the request.")
		self.consent_at = self.consent_at or now_datetime()

	def keep_what_is_given(self):
		"""Take from the database what nobody types, whatever the form or REST still holds."""
		before = self.get_doc_before_save()
		if not before:
			return
		for field in incoming.KEPT:
			self.set(field, before.get(field))

	def set_book(self):
		"""Keep the secret letters' agenda apart: its book is read by fewer people."""
		if self.agenda_key:
			self.book = self.get_doc_before_save().book if not self.is_new() else self.book
		elif self.security == secrecy.SECRET:
			self.book = "Secret"

	def take_files(self):
		"""Take scan and attachments over from fresh uploads, cleaned."""
		before = self.get_doc_before_save()
		if self.scan and (not before or before.scan != self.scan):
			self.scan = files.take(self, self.scan, SCAN)
			if not self.flags.upload_token:
				files.put_in_field(self.scan, "scan")
		self.pages = (
			files.pages_of(self.scan) if (self.scan or "").endswith(".pdf") else cint(bool(self.scan))
		)
		known = {row.file for row in before.attachments} if before else set()
		for row in self.attachments:
			if row.file not in known:
				row.file = files.take(self, row.file, ATTACHMENT)

	def register_at_the_desk(self):
		"""Give what the records office enters its number at once; what comes by itself waits for the
		office."""
		if self.is_new() and self.channel in (incoming.PAPER, incoming.INTERNAL):
			incoming.set_registered(self)

	@frappe.whitelist()
	def register(self):
		"""Enter a letter that came by form or mail into the agenda."""
		take_as_stored(self)
		incoming.register(self)

	def adopt_uploads(self):
		key = self.flags.upload_token
		if key:
			incoming.adopt_token(self, key)

	def tell_if_wanted(self):
		"""Leave the telling to the answer where one has just been sent."""
		if not self.flags.answer_sent:
			super().tell_if_wanted()

	def public_title(self) -> str:
		return _("Letter: {0}").format(self.subject)

	def public_name(self) -> str:
		return mask_name(self.sender_name)

	def onload(self):
		super().onload()
		self.set_onload("place", custody.place(self))

	def label(self) -> str:
		"""Return what names the letter to people who may not know what is in it."""
		if self.security == secrecy.SECRET:
			return secrecy.MASKED
		return escape_html(self.subject)


def on_doctype_update():
	frappe.db.add_index("Incoming Letter", ["agency", "stage", "received_at"], "queue")
	frappe.db.add_index("Incoming Letter", ["agency", "agenda_year", "book", "agenda_number"], "agenda")
	frappe.db.add_index("Incoming Letter", ["has_paper", "paper_since"], "paper")
	frappe.db.add_index("Incoming Letter", ["source_doctype", "source_name"], "source")
