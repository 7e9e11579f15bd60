"""How letters come in: at the records office's desk, by the public form, by mail, from another agency."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from sinjai_services.requests import moves, uploads
from sinjai_services.simaya import agenda, custody, files, organisation, secrecy, tasks

PAPER, WEB, E_MAIL, INTERNAL = "On Paper", "Web", "E-mail", "Internal"
REGISTERED = "Letter Registered"
"""Trigger on the transition of the letters' workflow that an entry into the agenda takes."""

KEPT = ("agenda_key", "agenda_label", "agenda_year", "agenda_number", "registered_at", "registered_by")
KEPT += ("label_code", "tracking_code", "paper_position", "paper_user", "paper_since", "paper_on_way_to")
KEPT += ("source_doctype", "source_name", "submission_key", "received_at", "message", "agency", "channel")
"""What is written once or by the app's own functions."""


class NotRegistered(frappe.ValidationError):
	"""The letter cannot be entered into the agenda yet; the message says what is missing."""


def set_channel(letter):
	"""Tell a letter that the platform made of a mail by its sender's address; it knows no more of it yet."""
	if letter.flags.ignore_mandatory and letter.sender_email and not letter.agency:
		letter.channel, letter.has_paper = E_MAIL, 0
		letter.sender_name = letter.sender_name or letter.sender_email
	elif letter.channel != PAPER:
		letter.has_paper = 0


# Registering ---------------------------------------------------------------------------------------------


def set_registered(letter):
	"""Enter the letter into the agenda; the caller saves it."""
	if letter.agenda_key:
		return
	if not letter.agency or not letter.subject or not letter.sender_name:
		frappe.throw(_("Agency, sender and subject are needed for the agenda."), NotRegistered)
	letter.addressed_to = letter.addressed_to or next(iter(organisation.leaders_of(letter.agency)), None)
	letter.registered_at, letter.registered_by = now_datetime(), frappe.session.user
	agenda.give_number(letter)


def register(letter):
	"""Enter a stored letter into the agenda and send it on its way; a second call does nothing."""
	# Locked and read as it stands now: a snapshot taken before the lock may not know of its number yet.
	letter.flags.for_update = True
	letter.reload()
	if letter.agenda_key:
		return
	letter.flags.registering = True
	set_registered(letter)
	values = {field: letter.get(field) for field in (*KEPT[:6], "addressed_to")}
	letter.db_set(values)
	after_registering(letter)


def after_registering(letter):
	"""Start the paper's way and the addressee's task, and move the letter on."""
	custody.start(letter)
	if letter.addressed_to:
		address(letter)
	if moves.find_way(letter, REGISTERED):
		moves.move(frappe.get_doc("Incoming Letter", letter.name), REGISTERED)
		letter.reload()


def address(letter):
	"""Open the tasks of the addressee and of those who get a copy."""
	wanted = [(letter.addressed_to, tasks.ADDRESSEE)]
	wanted += [(row.position, tasks.COPY) for row in letter.copies if row.position != letter.addressed_to]
	for position, kind in wanted:
		if has_task(letter, position, kind):
			continue
		due = letter.answer_due if kind == tasks.ADDRESSEE else None
		task = tasks.open_task(position, kind, letter, letter=letter.name, due_date=due)
		tasks.tell(task, _("A letter for you: {0}"))


def has_task(letter, position: str, kind: str) -> bool:
	filters = {"letter": letter.name, "position": position, "kind": kind, "state": ("!=", tasks.WITHDRAWN)}
	return bool(frappe.db.exists("Letter Task", filters))


def follow_changes(letter):
	"""Carry a changed class, subject or addressee over to what was made from the letter."""
	before = letter.get_doc_before_save()
	if not before or not letter.agenda_key:
		return
	if before.addressed_to != letter.addressed_to:
		readdress(letter, before.addressed_to)
	elif {row.position for row in before.copies} != {row.position for row in letter.copies}:
		address(letter)
	for field in ("security", "subject"):
		if before.get(field) != letter.get(field):
			carry(letter, field)
	if letter.security == secrecy.SECRET != before.security:
		shut_answers(letter)


def carry(letter, field: str):
	for doctype in ("Letter Task", "Disposition", "Letter Movement"):
		if frappe.get_meta(doctype).has_field(field):
			table = frappe.qb.DocType(doctype)
			frappe.qb.update(table).set(table[field], letter.get(field)).where(
				table.letter == letter.name
			).run()


def shut_answers(letter):
	"""Make the answers to a letter that has become secret as secret: they name it to their readers."""
	table = frappe.qb.DocType("Outgoing Letter")
	frappe.qb.update(table).set(table.security, secrecy.SECRET).where(table.reply_to == letter.name).run()


def readdress(letter, old: str | None):
	"""Send a letter to another addressee, as long as the first one has done nothing with it."""
	task = old and frappe.db.get_value(
		"Letter Task",
		{"letter": letter.name, "position": old, "kind": tasks.ADDRESSEE, "state": ("!=", tasks.WITHDRAWN)},
		["name", "state"],
		as_dict=True,
	)
	if task and task.state not in (tasks.UNREAD, tasks.READ):
		frappe.throw(_("The addressee has already worked on this letter. Dispose it to the other position."))
	if task:
		frappe.db.set_value("Letter Task", task.name, {"state": tasks.WITHDRAWN, "waiting": 0})
	if letter.addressed_to:
		address(letter)


# Doors ---------------------------------------------------------------------------------------------------


def receive_internal(outgoing, agency: str, addressed_to: str | None = None, **values) -> str:
	"""Let a letter of one agency arrive at another one, in the sender's transaction and once.

	Args:
		outgoing: the signed letter; doctype and name, together with `agency`, are the key.
		agency: where it arrives.
		addressed_to: a position there; its head when left out.
		values: fields of Incoming Letter: subject, sender_name, letter_number, letter_date, urgency,
			security,
			classification, attachments_note. `file_url` is the address of the signed PDF, of which the letter
			gets a copy of its own.

	Returns:
		The name of the Incoming Letter, also when it had arrived before.
	"""
	key = f"{outgoing.doctype}|{outgoing.name}|{agency}"
	if arrived := frappe.db.get_value("Incoming Letter", {"submission_key": key}):
		return arrived
	file_url = values.pop("file_url", None)
	letter = frappe.new_doc("Incoming Letter")
	letter.update({"agency": agency, "addressed_to": addressed_to, "channel": INTERNAL, "has_paper": 0})
	letter.update({"source_doctype": outgoing.doctype, "source_name": outgoing.name, "submission_key": key})
	letter.update(values)
	letter.flags.ignore_permissions = True
	letter.insert()
	if file_url:
		keep_copy(letter, file_url)
	return letter.name


def keep_copy(letter, file_url: str):
	"""Give the letter a copy of the sender's signed PDF, byte by byte: cleaning would break its signature."""
	original = frappe.get_doc("File", {"file_url": file_url})
	content = uploads.as_bytes(original.get_content())
	file = uploads.save_private(uploads.CleanFile(content, "pdf"), "surat", letter.doctype, letter.name)
	files.put_in_field(file.file_url, "scan")
	files.disown(letter)
	frappe.db.set_value("Incoming Letter", letter.name, "scan", file.file_url, update_modified=False)


def separate_email(communication, method: str | None = None):
	"""Give a mail that is no reply a letter of its own.

	Hooked to Communication, before it is stored. The platform takes a mail with the subject of a letter that
	the same sender, or for users any sender, has written lately for a part of that one. A scanner writes all
	its mails alike: every scan after the first would vanish in the first one's letter.
	"""
	mail = communication
	if not is_mail_of_letter(mail) or mail.in_reply_to or is_fresh(mail.reference_name):
		return
	letter = frappe.new_doc("Incoming Letter")
	letter.update({"subject": (mail.subject or "")[:140], "sender_email": mail.sender})
	letter.flags.ignore_mandatory = True
	letter.insert(ignore_permissions=True)
	mail.reference_name = letter.name


def is_mail_of_letter(mail) -> bool:
	received = mail.sent_or_received == "Received" and bool(mail.email_account)
	return received and mail.reference_doctype == "Incoming Letter"


def is_fresh(name: str) -> bool:
	"""Tell whether the platform has made this letter of a mail just now."""
	channel, agency = frappe.db.get_value("Incoming Letter", name, ["channel", "agency"])
	mail = {"reference_doctype": "Incoming Letter", "reference_name": name}
	return channel == E_MAIL and not agency and not frappe.db.exists("Communication", mail)


def take_email(communication, method: str | None = None):
	"""Complete a letter that the platform has just made of a mail: to whom it came, from whom, what it says.

	Hooked to Communication. The agency is the one whose address the mail account has.
	"""
	mail = communication
	if not is_mail_of_letter(mail):
		return
	letter = frappe.get_doc("Incoming Letter", mail.reference_name)
	if letter.channel != E_MAIL or letter.agenda_key:
		return
	if not letter.agency:
		set_receiver(letter, mail)
	if not letter.message and mail.content:
		# The platform writes the text only after the attachments.
		letter.db_set("message", mail.content, update_modified=False)
	if not letter.scan and not letter.attachments:
		take_attachments(letter, mail)


def take_attachments(letter, mail):
	"""Keep cleaned copies of a mail's papers: the first PDF as the letter itself, the others beside it.

	The mail keeps what was sent: cleaning breaks a signature, and other kinds of files are opened there.
	"""
	filters = {"attached_to_doctype": mail.doctype, "attached_to_name": mail.name}
	for name in frappe.get_all("File", filters, order_by="creation", pluck="name"):
		sent = frappe.get_doc("File", name)
		try:
			clean = uploads.clean_file(
				uploads.as_bytes(sent.get_content()), files.MOST_BYTES, files.MOST_PAGES
			)
		except uploads.RefusedUpload as refusal:
			tell_refused(letter, sent.file_name, str(refusal))
			continue
		label = "lampiran" if letter.scan else "surat"
		file = uploads.save_private(clean, label, letter.doctype, letter.name)
		if clean.extension == "pdf" and not letter.scan:
			letter.scan = file.file_url
			files.put_in_field(file.file_url, "scan")
			letter.db_set({"scan": letter.scan, "pages": files.pages_of(letter.scan)}, update_modified=False)
		else:
			row = letter.append("attachments", {"file": file.file_url, "description": sent.file_name})
			row.db_insert()
	files.disown(letter)


def tell_refused(letter, file_name: str, why: str):
	"""Note in the timeline, once, that a file of the mail could not be taken."""
	label = _("Not taken: {0}").format(file_name)[:140]
	if not any(event.label == label for event in letter.timeline()):
		letter.add_event("Note", label=label, detail=why)


def set_receiver(letter, mail):
	address = frappe.db.get_value("Email Account", mail.email_account, "email_id")
	agency = frappe.db.get_value("Agency", {"email": address, "active": 1})
	letter.db_set(
		{
			"agency": agency,
			"sender_name": (mail.sender_full_name or mail.sender or "")[:200],
			"subject": (mail.subject or _("No Subject"))[:500],
		},
		update_modified=False,
	)
	if not agency:
		frappe.log_error(
			f"A letter by mail belongs to no agency: {letter.name}",
			f"No active Agency has the address {address}",
		)


def adopt_token(letter, key: str):
	"""Move what a public form uploaded under its token to the letter: the letter itself, then attachments."""
	filters = {"attached_to_doctype": "Upload Token", "attached_to_name": key}
	for file in frappe.get_all("File", filters, ["name", "file_url"], order_by="creation"):
		place = {"attached_to_doctype": letter.doctype, "attached_to_name": letter.name}
		frappe.db.set_value("File", file.name, place, update_modified=False)
	if letter.scan:
		files.put_in_field(letter.scan, "scan")
	if frappe.db.exists("Upload Token", key):
		frappe.db.set_value("Upload Token", key, {"used_doctype": letter.doctype, "used_name": letter.name})
