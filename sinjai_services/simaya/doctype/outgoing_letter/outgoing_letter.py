import frappe
from frappe import _
from frappe.utils import getdate, nowdate

from sinjai_services import stages
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests.tracked import TrackedDocument
from sinjai_services.signing.errors import SigningRefused
from sinjai_services.signing.process import Terms
from sinjai_services.simaya import approval, body, cases, dispatch, files, numbers, organisation, secrecy

OPEN_TO_DRAFTER = (stages.RECEIVED,)
OPEN_TO_CHECKER = (stages.CHECKING,)
CONTENT = (
	"subject",
	"template",
	"kind",
	"classification",
	"urgency",
	"security",
	"drafter_position",
	"signing_position",
	"reply_to",
	"body",
	"attachments_note",
)
"""What the letter says and to whom: fixed once it waits for its signature."""

DRAFTERS_ONLY = ("drafter_position", "signing_position", "security")
"""What a checker may not change: it would change the way of the checks themselves."""

OF_THE_APP = ("number", "letter_date", "sent_at", "ending_reason", "waits_for")
ADDRESS = ("channel", "position", "addressee", "is_copy", "email", "whatsapp_number", "address")
DISPATCH = ("state", "sent_at", "incoming_letter", "receiver_name", "handed_over_at", "message")
LONGEST_WAY = 200
"""Addressees of one letter; a circular to all agencies and villages has about 150."""


class OutgoingLetter(secrecy.KeepsSecrets, TrackedDocument):
	"""A letter of an agency, from the draft over its checks, signature and number to those who get it."""

	def before_insert(self):
		super().before_insert()
		self.set("approvals", [])
		self.update(dict.fromkeys(OF_THE_APP))
		for row in self.addressees:
			row.update({**dict.fromkeys(DISPATCH), "state": dispatch.WAITING})
		self.fill_from_template()

	def validate(self):
		self.keep_what_the_app_writes()
		self.validate_drafter()
		self.validate_signer()
		self.set_body()
		self.validate_addressees()
		self.validate_secret_channels()
		self.validate_reply()
		cases.validate_letter(self)
		self.validate_content()
		self.take_enclosures()

	def on_update(self):
		super().on_update()
		approval.keep_version(self)

	# What it is made of --------------------------------------------------------------------------------

	def fill_from_template(self):
		"""Take from the template what the drafter left open."""
		if not self.template:
			return
		template = frappe.get_cached_doc("Letter Template", self.template)
		self.kind = template.kind
		self.subject = self.subject or template.subject
		self.classification = self.classification or template.classification
		if body.is_empty(self.body):
			self.body = template.body

	def keep_what_the_app_writes(self):
		"""Put back what only the app's own steps may change, whatever a form or REST call sent."""
		before = self.get_doc_before_save()
		if self.flags.by_app or not before:
			return
		self.update({field: before.get(field) for field in OF_THE_APP})
		self.set("approvals", before.approvals)
		stored = {row.name: row for row in before.addressees}
		for row in self.addressees:
			old = stored.get(row.name)
			row.update({field: old.get(field) if old else None for field in DISPATCH})
			row.state = row.state or dispatch.WAITING

	def validate_drafter(self):
		"""A letter is drafted for a position of one's own; the agency follows from it."""
		self.agency = organisation.agency_of(self.drafter_position)
		if not self.agency:
			frappe.throw(_("Choose the position you draft this letter for."))
		before = self.get_doc_before_save()
		if before and before.drafter_position == self.drafter_position:
			return
		if not self.flags.by_app and self.drafter_position not in organisation.positions_of():
			frappe.throw(
				_("You do not hold the position {0}. Choose one of your own.").format(
					organisation.position_label(self.drafter_position)
				),
				frappe.PermissionError,
			)

	def validate_signer(self):
		if organisation.agency_of(self.signing_position) != self.agency:
			frappe.throw(_("The letter is signed by a position of the same agency."))

	def set_body(self):
		before = self.get_doc_before_save()
		if before and before.body == self.body:
			return
		if len(self.body or "") > body.LONGEST:
			frappe.throw(_("The text is too long. Put long parts into enclosures."))
		self.body = body.clean(self.body)

	def validate_addressees(self):
		if len(self.addressees) > LONGEST_WAY:
			frappe.throw(_("A letter has at most {0} addressees.").format(LONGEST_WAY))
		seen = set()
		for row in self.addressees:
			self.validate_addressee(row)
			key = (row.position or row.email or row.whatsapp_number or f"{row.addressee} {row.address}",)
			if key in seen:
				frappe.throw(_("Row {0}: this addressee is there already.").format(row.idx))
			seen.add(key)

	def validate_addressee(self, row):
		"""Keep of a row what its channel needs, and ask for it."""
		needed = dispatch.NEEDED.get(row.channel)
		if not needed:
			frappe.throw(_("Row {0}: choose how the letter is sent.").format(row.idx))
		for field in set(dispatch.NEEDED.values()) - {needed, "addressee"}:
			row.set(field, None)
		if row.channel == dispatch.INSIDE and row.position:
			row.addressee = dispatch.name_of(row.position, self.agency)
		if not row.get(needed) or not (row.addressee or "").strip():
			label = _(row.meta.get_label(needed if not row.get(needed) else "addressee"))
			frappe.throw(_("Row {0} of the addressees: {1} is missing.").format(row.idx, label))
		if row.channel == dispatch.WHATSAPP:
			row.whatsapp_number = normalise_mobile(row.whatsapp_number)
		if row.channel == dispatch.EMAIL:
			frappe.utils.validate_email_address(row.email, throw=True)

	def validate_secret_channels(self):
		"""A secret letter stays inside or goes by hand: mail and WhatsApp keep copies elsewhere."""
		open_ways = (dispatch.EMAIL, dispatch.WHATSAPP)
		if self.confidential and any(row.channel in open_ways for row in self.addressees):
			frappe.throw(
				_("A secret letter goes inside the system or on paper, not by e-mail or WhatsApp."),
				title=_("Secret Letter"),
			)

	def validate_reply(self):
		"""Let a letter answer what its drafter may read; its readers get at fields of the letter it names."""
		if not self.reply_to or self.flags.by_app:
			return
		if secrecy.is_secret("Incoming Letter", self.reply_to) and not self.confidential:
			frappe.throw(
				_("The letter you answer is secret; the answer has to be so, too."), title=_("Secret Letter")
			)
		before = self.get_doc_before_save()
		if before and before.reply_to == self.reply_to:
			return
		answered = frappe.get_doc("Incoming Letter", self.reply_to)
		if answered.agency != self.agency or not answered.has_permission("read"):
			frappe.throw(
				_("You cannot answer this letter: it is not one you may read."), frappe.PermissionError
			)

	def validate_content(self):
		"""Enforce who may change the text at which step; nobody once it waits for its signature."""
		before = self.get_doc_before_save()
		if not before or self.flags.by_app or self.flags.moved_by:
			return
		changed = changed_content(before, self)
		if not changed:
			return
		if self.stage in OPEN_TO_DRAFTER:
			allowed = approval.is_drafter(self)
		elif self.stage in OPEN_TO_CHECKER:
			allowed = approval.is_checker(self) and not changed & set(DRAFTERS_ONLY)
		else:
			allowed = False
		if not allowed:
			frappe.throw(
				_("At this step you cannot change {0}. Send the letter back with a comment instead.").format(
					", ".join(sorted(_(self.meta.get_label(field)) for field in changed))
				),
				frappe.PermissionError,
			)

	def take_enclosures(self):
		"""Take enclosures over from fresh uploads, cleaned; naming another document's file opens nothing."""
		before = self.get_doc_before_save()
		known = {row.file for row in before.attachments} if before else set()
		for row in self.attachments:
			if row.file not in known:
				row.file = files.take(self, row.file, "lampiran")

	# Its way -------------------------------------------------------------------------------------------

	def validate_may_edit(self, state: str):
		"""Which step is open to whom depends on positions and not on roles: `validate_content`."""

	def validate_workflow(self):
		"""Refuse a step by hand that the letter takes itself: it would pass the checks by."""
		before = self.get_doc_before_save()
		if before and not self.flags.moved_by and before.workflow_state != self.workflow_state:
			workflow = stages.active_workflow(self.doctype)
			for row in workflow.transitions if workflow else ():
				way = (row.state, row.next_state) == (before.workflow_state, self.workflow_state)
				if way and row.get("sinjai_trigger"):
					frappe.throw(
						_("Use the buttons of the letter: this step belongs to who is to act now."),
						frappe.PermissionError,
					)
		super().validate_workflow()

	STAGE_FIELDS = (*TrackedDocument.STAGE_FIELDS, "waits_for")

	def follow_stage(self):
		super().follow_stage()
		self.waits_for = approval.waits_for(self)

	def tell_applicant(self):
		"""Letters have no applicant; Notifications may hang on it all the same."""

	# Its signature -------------------------------------------------------------------------------------

	@property
	def confidential(self) -> bool:
		"""Whether only those on its way may know of it; what is made from it has to follow."""
		return self.security == secrecy.SECRET

	def signing_terms(self) -> Terms:
		"""Return what is signed; the number is given while it is being signed (`signing_number`)."""
		return Terms(
			print_format=dispatch.print_format_of(self),
			kind=_(self.kind, "id"),
			number=self.number,
		)

	def before_signing(self, officer):
		"""Let only who holds the signing position today sign, and only what is ready to be sent."""
		if self.stage != stages.DECIDING:
			raise SigningRefused(_("The letter has not been checked by everybody yet."))
		if frappe.session.user not in organisation.holders_of(self.signing_position):
			raise SigningRefused(
				_("This letter is signed by {0}.").format(organisation.position_label(self.signing_position))
			)

	def signing_number(self) -> str:
		"""Take the letter's number, inside the transaction of the signature; one it has is kept."""
		if not self.number:
			today = getdate(nowdate())
			given = numbers.give(
				self.agency, classification=self.classification, kind=self.kind, letter=self.name, on=today
			)
			self.db_set({"number": given.number, "letter_date": today}, update_modified=False)
		return self.number

	def onload(self):
		super().onload()
		self.set_onload("acts", approval.acts(self))
		self.set_onload("signed_file", dispatch.signed_file(self))
		self.set_onload("waits_for_name", organisation.position_label(self.waits_for))

	# What prints ask -----------------------------------------------------------------------------------

	def main_addressees(self) -> list:
		return [row for row in self.addressees if not row.is_copy]

	def copies(self) -> list:
		return [row for row in self.addressees if row.is_copy]


def changed_content(before, after) -> set[str]:
	"""Return the fields of the letter's content that differ."""
	changed = {field for field in CONTENT if (before.get(field) or None) != (after.get(field) or None)}
	for table, columns in (("addressees", ADDRESS), ("attachments", ("file", "description"))):
		old, new = (
			[[row.get(c) or None for c in columns] for row in doc.get(table)] for doc in (before, after)
		)
		if old != new:
			changed.add(table)
	return changed


def on_doctype_update():
	frappe.db.add_index("Outgoing Letter", ["reply_to"], "answers")
	frappe.db.add_index("Outgoing Letter", ["agency", "stage", "stage_since"], "queue")
	frappe.db.add_index("Outgoing Letter", ["waits_for", "stage"], "waits_for_stage")
	frappe.db.add_index("Outgoing Letter", ["agency", "letter_date"], "register")
	frappe.db.add_index("Outgoing Letter", ["letter_case"], "in_case")
