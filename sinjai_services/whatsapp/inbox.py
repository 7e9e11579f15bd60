"""Messages of citizens: written down at once, worked on one by one, none lost and none twice.

A message is a row before anything is done about it. A job works through the rows of one number in their
order, each in a transaction of its own that also writes the replies; a sweep finds what a dead worker leaves.
"""

import time
import traceback
from collections.abc import Iterable
from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import add_to_date, now_datetime
from frappe.utils.password import decrypt, encrypt

from sinjai_services import permissions
from sinjai_services.identity import identity_hash, mask_numbers
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests.language import site_language
from sinjai_services.whatsapp import conversation, media, outbox, settings
from sinjai_services.whatsapp.gateway import LOG_ONLY
from sinjai_services.whatsapp.payload import LONGEST_TEXT, Incoming, as_text

DOCTYPE = "Chat Message"
NOT_ANSWERED = ("group", "reaction", "system")
"""Kinds that are written down and left alone: nobody expects an answer."""

MOST_ATTEMPTS = 5
PAUSES = (0, 0, 30, 60)
"""Seconds before the next attempt: at once first, as after a deadlock, then by the sweep. After the last one
there is nothing to wait for."""

LEASE_SECONDS = 180
"""How long a message is one worker's; longer than a file takes to be fetched and cleaned."""

SWEEP_AFTER_SECONDS = 30
SWEEP_MOST = 1000
ASKED_FOR_SECONDS = 60
JOB_SECONDS = 200
"""After these a job makes room for others; the platform kills it after 300."""

MOMENT = timedelta(microseconds=1)

MAY_SIMULATE = ("Operator", "Service Officer", "Sinjai Administrator", "System Manager")


# Writing down ------------------------------------------------------------------------------------------


def store(*messages: Incoming, agency: str | None = None):
	"""Write messages down in the caller's transaction; those that are there already stay as they are.

	The database's unique message_id decides what is new, so two deliveries at one moment make one row.

	Args:
		agency: whose message it is; left out, the agency of the number it was sent to.
	"""
	if not messages:
		return
	now = now_datetime()
	# In one order everywhere: two deliveries of the same messages must not wait for each other in a ring.
	rows = [as_row(message, agency, now + position * MOMENT) for position, message in enumerate(messages)]
	rows.sort(key=lambda row: row["message_id"])
	frappe.db.bulk_insert(
		DOCTYPE, list(rows[0]), [list(row.values()) for row in rows], ignore_duplicates=True
	)


def is_answered(message: Incoming) -> bool:
	return bool(message.number) and message.kind not in NOT_ANSWERED


def as_row(message: Incoming, agency: str | None, creation) -> dict:
	answered = is_answered(message)
	return {
		# Longer than usual: a collision would be taken for a duplicate.
		"name": frappe.generate_hash(length=20),
		"creation": creation,
		"modified": creation,
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"direction": "Incoming",
		"status": "Received" if answered else "Ignored",
		"at": message.at,
		"kind": message.kind,
		"number": message.number or message.wa_id,
		"phone_number_id": message.phone_number_id,
		"agency": agency or settings.agency_of(message.phone_number_id),
		"message_id": message.message_id,
		"text": mask_numbers(message.text),
		"media_id": message.media_id,
		"payload": encrypt(message.as_json()) if answered else "",
	}


def arrange(numbers: Iterable[str]):
	"""Have a worker look at these numbers once the transaction is committed.

	A queue that is down only delays: the sweep finds the rows. A number already asked for is not asked for
	again until a worker has begun on it.
	"""
	numbers = list(dict.fromkeys(numbers))
	if numbers:
		frappe.db.after_commit.add(lambda: ask_for(numbers))


def ask_for(numbers: Iterable[str]):
	try:
		for number in numbers:
			key = asked_key(number)
			if frappe.cache.incrby(key, 1) == 1:
				frappe.cache.expire(key, ASKED_FOR_SECONDS)
				frappe.enqueue("sinjai_services.whatsapp.inbox.run", sealed_number=encrypt(number))
	except Exception as error:
		log_without_content("WhatsApp: the queue of jobs cannot be reached", error)


def asked_key(number: str) -> str:
	return frappe.cache.make_key(f"sinjai:inbox:{fingerprint(number)}")


def fingerprint(number: str) -> str:
	"""Stands for a number in the names of keys and jobs."""
	return identity_hash(number.lstrip("+"))[:32]


# Working through ---------------------------------------------------------------------------------------


def run(sealed_number: str):
	"""Job: work on one number. It comes encrypted, as the queue logs what jobs are given."""
	process(decrypt(sealed_number))


def process(number: str):
	"""Work on what a number has written, oldest first, until there is nothing more to do at present.

	Several workers may do this for one number at once: only one of them works, and each message once.
	"""
	frappe.cache.delete(asked_key(number))
	frappe.local.lang = site_language()
	make_contact(number)
	until = time.monotonic() + JOB_SECONDS
	while message := claim(number):
		if message.attempts < MOST_ATTEMPTS:
			take(number, message.name)
		else:
			give_up(number, message.name)
		if time.monotonic() > until:
			ask_for([number])
			break


def make_contact(number: str):
	"""Make sure of the row that is the lock; in a transaction of its own, so that nobody waits for it."""
	if not frappe.db.exists("Chat Contact", number):
		now = now_datetime()
		values = {"name": number, "number": number, "creation": now, "modified": now}
		frappe.db.bulk_insert("Chat Contact", list(values), [list(values.values())], ignore_duplicates=True)
	frappe.db.commit()


def lock(number: str):
	"""Wait until nobody else works on this number. Has to be the transaction's first statement: what was read
	before would be old."""
	frappe.db.get_value("Chat Contact", number, "name", for_update=True)


def claim(number: str) -> frappe._dict | None:
	"""Reserve the number's oldest message for this worker.

	Returns the message with the attempts made so far, or None when there is nothing to do at present.

	The attempt is counted before it is made: a message that kills its worker must not do so for ever.
	"""
	lock(number)
	message = next(iter(waiting(number)), None)
	now = now_datetime()
	if not message or later(message.lease_until, now) or later(message.next_attempt_at, now):
		frappe.db.commit()
		return None
	lease = {"attempts": message.attempts + 1, "lease_until": add_to_date(now, seconds=LEASE_SECONDS)}
	frappe.db.set_value(DOCTYPE, message.name, lease, update_modified=False)
	frappe.db.commit()
	return message


def waiting(number: str) -> list:
	return frappe.get_all(
		DOCTYPE,
		{"number": number, "direction": "Incoming", "status": "Received"},
		["name", "attempts", "lease_until", "next_attempt_at"],
		order_by="at asc, creation asc",
		limit=1,
	)


def later(moment, now) -> bool:
	return bool(moment) and moment > now


def take(number: str, name: str):
	"""Work on one claimed message: its file first, then its meaning and the replies, in one transaction."""
	try:
		if media.fetch(name):
			frappe.db.commit()
			work_on(number, name)
	except Exception as error:
		frappe.db.rollback()
		note_failure(name, error)
	frappe.db.commit()


def work_on(number: str, name: str):
	"""Let the conversation handle a message; what it writes is committed with the message's new status."""
	lock(number)
	message = frappe.get_doc(DOCTYPE, name, for_update=True)
	if message.status != "Received":
		return
	incoming = Incoming.from_json(decrypt(message.payload))
	remember_name(incoming)
	if media.is_told_already(message):
		message.status = "Ignored"
	else:
		conversation.handle(message, incoming)
	finish(message)


def remember_name(incoming: Incoming):
	if incoming.profile_name:
		frappe.db.set_value("Chat Contact", incoming.number, "profile_name", incoming.profile_name)


def finish(message):
	"""Write down that a message is done, and what the conversation has set on it; its payload goes."""
	links = ("conversation", "reference_doctype", "reference_name")
	values = {field: message.get(field) for field in links if message.get(field)}
	status = message.status if message.status == "Ignored" else "Processed"
	done = {"status": status, "payload": "", "lease_until": None, "next_attempt_at": None, "error": None}
	frappe.db.set_value(DOCTYPE, message.name, {**values, **done})


# What fails --------------------------------------------------------------------------------------------


def note_failure(name: str, error: Exception):
	"""Write down that an attempt failed and when the next one is due."""
	log_without_content("WhatsApp: a message could not be worked on", error, name)
	attempts = frappe.db.get_value(DOCTYPE, name, "attempts") or 1
	pause = PAUSES[attempts - 1] if attempts <= len(PAUSES) else 0
	due = {
		"next_attempt_at": add_to_date(now_datetime(), seconds=pause) if pause else None,
		"lease_until": None,
	}
	frappe.db.set_value(DOCTYPE, name, {**due, "error": type(error).__name__}, update_modified=False)


def give_up(number: str, name: str):
	"""Leave a message that cannot be worked on to a person, so that the next ones go on.

	Its payload stays, encrypted: it is the only whole copy of what the citizen wrote.
	"""
	try:
		lock(number)
		message = frappe.get_doc(DOCTYPE, name, for_update=True)
		incoming = Incoming.from_json(decrypt(message.payload))
		talk = conversation.open_conversation(incoming, message.agency)
		frappe.db.set_value(
			DOCTYPE, name, {"status": "Failed", "conversation": talk.name, "lease_until": None}
		)
		conversation.hand_to_operator(talk, _("A message could not be read automatically."))
	except Exception as error:
		frappe.db.rollback()
		log_without_content("WhatsApp: a message could not be handed to an operator", error, name)
		frappe.db.set_value(DOCTYPE, name, {"status": "Failed", "lease_until": None})
	frappe.db.commit()


@frappe.whitelist(methods=["POST"])
def retry(name: str) -> None:
	"""Read a message anew that could not be worked on; an operator's decision, once its cause is mended."""
	doc = outbox.message_to_retry(name)
	if doc.direction != "Incoming" or doc.status != "Failed" or not doc.payload:
		frappe.throw(_("Only a message that could not be read can be read again."))
	anew = {"status": "Received", "attempts": 0, "error": None, "next_attempt_at": None, "lease_until": None}
	frappe.db.set_value(DOCTYPE, name, anew)
	doc.add_comment("Info", _("Read again by hand"))
	arrange([doc.number])


def log_without_content(title: str, error: Exception, name: str | None = None):
	"""Write an Error Log that says where it happened; no values, as they are what a citizen wrote."""
	frames = traceback.extract_tb(error.__traceback__)
	places = "\n".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
	try:
		frappe.log_error(
			title, f"{places}\n{type(error).__name__}", reference_doctype=DOCTYPE, reference_name=name
		)
	except Exception:
		frappe.logger("sinjai").error(f"{title}: {type(error).__name__}")


def sweep():
	"""Every minute: ask for the numbers whose messages were left lying, by a dead worker or a lost job."""
	for number in left_lying():
		frappe.enqueue(
			"sinjai_services.whatsapp.inbox.run",
			# A name of its own each minute: the job of a killed worker counts as running for long.
			job_id=f"sinjai-inbox-{fingerprint(number)}-{int(time.time() // 60)}",
			deduplicate=True,
			sealed_number=encrypt(number),
		)


def left_lying() -> list[str]:
	"""Return the numbers with a message that is overdue, the longest waiting first."""
	now = now_datetime()
	message = frappe.qb.DocType(DOCTYPE)
	query = (
		frappe.qb.from_(message)
		.select(message.number)
		.where((message.direction == "Incoming") & (message.status == "Received"))
		.where(message.creation < add_to_date(now, seconds=-SWEEP_AFTER_SECONDS))
		.where(message.next_attempt_at.isnull() | (message.next_attempt_at <= now))
		.where(message.lease_until.isnull() | (message.lease_until <= now))
		.orderby(message.creation)
		.limit(SWEEP_MOST)
	)
	return list(dict.fromkeys(query.run(pluck=True)))


# Trying out --------------------------------------------------------------------------------------------


@frappe.whitelist()
def can_simulate() -> bool:
	"""Tell the Desk whether the session's user may enter messages as a citizen at present."""
	return settings.stored().gateway == LOG_ONLY and bool(set(MAY_SIMULATE) & set(frappe.get_roles()))


@frappe.whitelist(methods=["POST"])
def simulate(number: str, text: str = "", files: str | list | None = None, agency: str | None = None) -> dict:
	"""Enter what a citizen would write, so that everything can be tried without an account at Meta.

	Only while messages stay in the house: with a real gateway nobody may put words into a citizen's mouth.

	Args:
		number: the citizen's mobile number.
		text: the message, or the caption of the first file.
		files: addresses of private files that the user has just uploaded; each becomes a message.
		agency: whose WhatsApp number is written to; left out, the user's own.

	Returns:
		{"messages": number of messages entered}.

	Raises:
		frappe.PermissionError: another agency's, or no role for it.
	"""
	frappe.only_for(MAY_SIMULATE)
	if settings.stored().gateway != LOG_ONLY:
		frappe.throw(_("Messages can only be tried out while the gateway is Log Only."))
	number = normalise_mobile_or_throw(number)
	agency = own_agency(agency)
	urls = frappe.parse_json(files) if isinstance(files, str) else files or []
	text = as_text(text, LONGEST_TEXT)
	if not (text or urls):
		frappe.throw(_("Write a message or choose a file."))
	entered = [media.simulated(url) for url in urls] or [None]
	for position, content in enumerate(entered):
		enter(number, text if position == 0 else "", content, agency)
	arrange([number])
	return {"messages": len(entered)}


def normalise_mobile_or_throw(number: str) -> str:
	try:
		return normalise_mobile(number)
	except ValueError as fault:
		frappe.throw(str(fault))


def own_agency(agency: str | None) -> str:
	"""Return the agency a user may write to; the user's own where none is named."""
	user = frappe.session.user
	own = permissions.agencies_of(user)
	agency = agency or next(iter(own), None)
	if not agency or not frappe.db.exists("Agency", agency):
		frappe.throw(_("Choose the agency that the message is sent to."))
	if agency not in own and not permissions.sees_all(user):
		frappe.throw(_("You work for another agency."), frappe.PermissionError)
	return agency


def enter(number: str, text: str, content: media.CleanFile | None, agency: str):
	"""Write down one message as if it had come from the gateway."""
	message_id = f"simulated.{frappe.generate_hash(length=20)}"
	kind = "text" if not content else "document" if content.extension == "pdf" else "image"
	incoming = Incoming(
		message_id=message_id,
		number=number,
		wa_id=number.lstrip("+"),
		phone_number_id=settings.number_of(agency),
		profile_name=None,
		at=now_datetime(),
		kind=kind,
		text=text,
	)
	store(incoming, agency=agency)
	if content:
		media.attach(frappe.db.get_value(DOCTYPE, {"message_id": message_id}), content)
