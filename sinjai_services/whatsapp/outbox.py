"""Messages on their way to a phone: rows written in the transaction of what they tell about.

The rows are the truth; jobs only look at them, and a sweep each minute looks again, so that neither a lost
job nor a killed worker loses a message. What a row goes through:

	Queued, no lease     anybody may claim it, if no earlier message to the same number is unfinished
	Queued, leased       a worker prepares it; nothing has left. A lease that runs out makes it free again
	Sending, leased      committed *before* the gateway is called: from here on it may have left
	Sent …               committed with the gateway's number after its answer
	Uncertain            the answer was lost, or the worker died between the two commits

A message is therefore never sent twice by itself: what may have left once is not tried again but marked, and
a person decides (`retry`). A state that comes in later by webhook clears an Uncertain one up.

Two workers never send one message: the claim locks the row by its key and passes over locked ones, and each
later step holds only for the lease it was given. The order of a citizen's messages is kept, because a later
one waits while an earlier one is Queued or Sending; only one that waits for the end of quiet hours lets
others go ahead.
"""

import json
import random
import time
import traceback
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import asdict
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, now_datetime

from sinjai_services import limits
from sinjai_services.permissions import has_agency_permission
from sinjai_services.phone import normalise_mobile
from sinjai_services.requests.language import site_language
from sinjai_services.whatsapp import consent, outgoing, quiet, settings, states
from sinjai_services.whatsapp.cloud_api import LONGEST_CALL
from sinjai_services.whatsapp.gateway import (
	LOG_ONLY,
	AnswerLost,
	Choice,
	Gateway,
	GatewayError,
	Outgoing,
	Permanent,
	TemplateMissing,
	Temporary,
)
from sinjai_services.whatsapp.payload import StatusUpdate

WORKERS = 2
"""How many jobs of the outbox work at the same time; the others go home, so that other jobs have workers."""
IN_FLIGHT = 10
"""How many calls of one job are under way at most: 50 messages a second where an answer takes 200 ms."""
CANDIDATES = 100
LEASE_SECONDS = LONGEST_CALL + 60
RUN_SECONDS = 240
MOST_FAILURES_A_RUN = 5
"""After so many temporary failures one after the other the gateway is left alone until the next sweep."""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 15, 900
MAY_RETRY = ("Operator", "Service Officer", "Sinjai Administrator", "System Manager")
TO_RETRY = ("Failed", "Uncertain")


# Writing -----------------------------------------------------------------------------------------------


def put(
	number: str | None,
	text: str,
	*,
	agency: str | None = None,
	about=None,
	conversation: str | None = None,
	choices: Iterable[Choice] = (),
	file_url: str | None = None,
	template: str | None = None,
	template_parameters: Iterable[str] = (),
	notification: str | None = None,
	key: str | None = None,
	phone_number_id: str | None = None,
	urgent: bool = False,
	owner: str | None = None,
) -> str | None:
	"""Write a message down in the caller's transaction; a worker sends it once that is committed.

	Args:
		number: a mobile number in any form; one that is none is left out.
		text: what the person reads, plain text.
		agency: whose number it goes out from; left out, the agency of `about`.
		about: the request or letter it is about.
		conversation: name of the Chat Conversation it belongs to.
		choices: what can be tapped.
		file_url: a private File to send along.
		template, template_parameters: approved template for the time outside the 24-hour window.
		notification: name of the Notification that worded it.
		key: what makes it the same message: a second one with this key is not written.
		phone_number_id: ours that it goes out from; left out, the agency's.
		urgent: an answer to somebody who has just written: waits for no quiet hours, asks for no consent.
		owner: who says it; left out, the session's user.

	Returns:
		The name of the Chat Message, or None where none was written.
	"""
	try:
		number = normalise_mobile(number)
	except ValueError:
		return None
	if key and frappe.db.exists("Chat Message", {"idempotency_key": key}):
		return None
	agency = agency or (about and about.get("agency"))
	message = frappe.new_doc("Chat Message")
	message.update(
		{
			"direction": "Outgoing",
			"number": number,
			"phone_number_id": phone_number_id or settings.number_of(agency),
			"text": text,
			"at": now_datetime(),
			"agency": agency,
			"conversation": conversation,
			"file": file_url,
			"template": template,
			"extra": json.dumps(
				{"choices": [asdict(choice) for choice in choices], "parameters": list(template_parameters)}
			),
			"notification": notification,
			"idempotency_key": key,
			"urgent": urgent,
			"reference_doctype": about and about.doctype,
			"reference_name": about and about.name,
		}
	)
	message.update(beginning(message))
	name = insert(message)
	if name and owner:
		# Version 15 makes whoever inserts a document its owner, whatever it says.
		frappe.db.set_value("Chat Message", name, "owner", owner, update_modified=False)
	return name


def beginning(message) -> dict:
	"""Return the fields with which a message begins its way."""
	if not message.urgent and not consent.wants_messages(message.number):
		return {"status": "Suppressed"}
	if settings.stored().gateway == LOG_ONLY:
		return {"status": "Logged"}
	return queued(message)


def queued(message) -> dict:
	quiet_until = None if message.urgent else quiet.until(message.reference_doctype, message.reference_name)
	begin = quiet_until or now_datetime()
	return {
		"status": "Queued",
		"quiet_until": quiet_until,
		"next_attempt_at": begin,
		"give_up_at": add_to_date(begin, hours=cint(settings.stored().give_up_after_hours) or 24),
	}


def insert(message) -> str | None:
	frappe.db.savepoint("outbox")
	messages = len(frappe.local.message_log)
	try:
		message.insert(ignore_permissions=True)
	except frappe.UniqueValidationError:
		# Somebody else has written the message with this key at the same moment.
		frappe.db.rollback(save_point="outbox")
		del frappe.local.message_log[messages:]
		return None
	if message.status == "Queued" and not message.quiet_until:
		frappe.db.after_commit.add(call_worker)
	return message.name


def call_worker():
	"""Ask for a worker. Redis being away must not fail what has just been committed: the sweep comes by."""
	try:
		# A name of its own each second: the platform drops a job while its namesake runs, which may be
		# past looking at the rows already.
		job_id = f"sinjai-outbox-{int(time.time())}"
		if frappe.flags.sinjai_outbox_job == job_id:
			return
		frappe.flags.sinjai_outbox_job = job_id
		frappe.enqueue("sinjai_services.whatsapp.outbox.run", queue="short", job_id=job_id, deduplicate=True)
	except Exception as error:
		frappe.logger("sinjai").warning("No worker for the outbox could be called: %s", type(error).__name__)


# Working -----------------------------------------------------------------------------------------------


def sweep():
	"""Each minute by the scheduler: mark what a dead worker left in the middle, and send what is due."""
	frappe.local.lang = site_language()
	mark_abandoned()
	if has_due():
		call_worker()


def mark_abandoned():
	"""Mark as Uncertain what a worker was sending when it died: it may have left.

	The lease is longer than any call lasts. A worker that lives all the same writes down what it knows.
	"""
	filters = {"direction": "Outgoing", "status": "Sending", "lease_until": ("<", now_datetime())}
	for name in frappe.get_all("Chat Message", filters, pluck="name"):
		if locked({"name": name, **filters}):
			write(name, status="Uncertain", error=_("The sending was interrupted; it may have left or not."))
		frappe.db.commit()


def run():
	"""Send what is due. Any number may run at once: at most WORKERS of them work."""
	frappe.local.lang = site_language()
	for lane in range(WORKERS):
		while take_lane(lane):
			try:
				go_on = work()
			finally:
				leave_lane(lane)
			# A worker that was called while this one was leaving has found the lanes taken.
			if not go_on or not has_due():
				return


def take_lane(lane: int) -> bool:
	return frappe.db.sql("select get_lock(%s, 0)", (lane_name(lane),))[0][0] == 1


def leave_lane(lane: int):
	frappe.db.sql("select release_lock(%s)", (lane_name(lane),))


def lane_name(lane: int) -> str:
	return f"{frappe.conf.db_name}:outbox:{lane}"


def work() -> bool:
	"""Send until nothing is due; return False where the gateway, or the time of the job, has had enough."""
	until = time.monotonic() + RUN_SECONDS
	flight = Flight(settings.gateway())
	try:
		while (names := due()) or flight.under_way:
			for name in names:
				flight.start(name)
				if flight.failures >= MOST_FAILURES_A_RUN or time.monotonic() > until:
					return False
			if not names:
				flight.land()
		return True
	finally:
		flight.end()


class Flight:
	"""The calls of one job that are under way: several at a time, as an answer takes longer than the rest.

	Only the calls themselves are made side by side; the database stays with the job's own thread. How many
	depends on the gateway: one until it answers, twice as many after each success, and one after a failure.
	"""

	def __init__(self, gateway: Gateway):
		self.gateway = gateway
		self.pool = ThreadPoolExecutor(IN_FLIGHT)
		self.under_way: dict[Future, frappe._dict] = {}
		self.width = 1
		self.failures = 0
		# What the threads say of failures is translated; the first translation asks the database.
		_("No answer from the gateway ({0}).")

	def start(self, name: str):
		"""Send one message if nobody else has; returns when there is a place for the next."""
		message, outcome = make_ready(name, self.gateway)
		if message:
			self.call(message)
		else:
			self.count(outcome)
		while len(self.under_way) >= self.width:
			self.land()

	def call(self, message):
		job = (copy_context().run, attempt, message, message.ready, self.gateway)
		self.under_way[self.pool.submit(*job)] = message

	def land(self):
		"""Write down what has become of the calls that have ended; waits until one has."""
		for future in wait(self.under_way, return_when=FIRST_COMPLETED).done:
			message = self.under_way.pop(future)
			answer = future.result()
			if not (isinstance(answer, TemplateMissing) and self.call_with_template(message)):
				self.count(finish(message, outcome_of(message, answer)))

	def call_with_template(self, message) -> bool:
		"""Meta counts the window otherwise than we do and refused free text; tell whether a template goes."""
		if message.ready.template:
			return False
		try:
			message.ready = outgoing.with_template(message, message.ready)
		except TemplateMissing:
			return False
		self.call(message)
		return True

	def count(self, outcome: str | None):
		if outcome == "Queued":
			self.failures, self.width = self.failures + 1, 1
		elif outcome:
			self.failures, self.width = 0, min(self.width * 2, IN_FLIGHT)

	def end(self):
		while self.under_way:
			self.land()
		self.pool.shutdown()


def due(limit: int = CANDIDATES) -> list[str]:
	"""Return messages that may be sent now, at most one a number, the longest due first.

	Reads through the indexes of what is unfinished, so that it does not grow with the archive.
	"""
	frappe.db.commit()  # A new look at the rows: each message is a unit of work of its own.
	now = now_datetime()
	return frappe.db.sql(
		"""
		select message.name
		from `tabChat Message` message
		where message.direction = 'Outgoing' and message.status = 'Queued'
			and message.next_attempt_at <= %(now)s
			and (message.lease_until is null or message.lease_until < %(now)s)
			and not exists (
				select earlier.name
				from `tabChat Message` earlier
				where earlier.number = message.number and earlier.direction = 'Outgoing'
					and earlier.status in ('Queued', 'Sending') and earlier.creation < message.creation
					and (earlier.quiet_until is null or earlier.quiet_until <= %(now)s)
			)
		order by message.next_attempt_at
		limit %(limit)s
		""",
		{"now": now, "limit": limit},
		pluck=True,
	)


def has_due() -> bool:
	return bool(due(limit=1))


def make_ready(name: str, gateway: Gateway) -> tuple[frappe._dict | None, str | None]:
	"""Get one message as far as it can be called an attempt, if nobody else has.

	Each step is committed by itself; see the head of the module for why.

	Returns:
		(message with `ready`, None), or (None, the status it is left in; None where it is another's).
	"""
	message = claim(name)
	frappe.db.commit()
	if not message:
		return None, None
	try:
		message.ready = prepare(message, gateway)
	except (frappe.db.OperationalError, frappe.db.InternalError):
		# The database is away: nothing has left, and the lease frees the message by itself.
		raise
	except Exception as error:
		return None, finish(message, failure(message, error))
	if not message.ready:
		frappe.db.commit()
		return None, "Held"
	pace()
	if not mark_sending(message):
		frappe.db.rollback()
		return None, None
	frappe.db.commit()
	return message, None


def pace():
	"""Wait for a place among the messages of this second, which all workers share through Redis."""
	most = cint(settings.stored().messages_per_second) or 20
	while True:
		try:
			return limits.count("whatsapp-second", str(int(time.time())), most, seconds=5)
		except limits.TooManyRequests:
			time.sleep(1 - time.time() % 1)


def claim(name: str):
	"""Lease a due message to this worker; None where another has it, or it is not due any more."""
	table = frappe.qb.DocType("Chat Message")
	now = now_datetime()
	free = table.lease_until.isnull() | (table.lease_until < now)
	is_due = (table.status == "Queued") & (table.next_attempt_at <= now) & free
	query = frappe.qb.from_(table).select("*").where((table.name == name) & is_due)
	rows = query.for_update(skip_locked=True).run(as_dict=True)
	if not rows:
		return None
	message = rows[0]
	message.lease_token = frappe.generate_hash(length=16)
	message.attempts += 1
	write(name, lease_token=message.lease_token, lease_until=lease_end(), attempts=message.attempts)
	return message


def lease_end() -> datetime:
	return add_to_date(now_datetime(), seconds=LEASE_SECONDS)


def mark_sending(message) -> bool:
	"""Say that from now on the message may have left; False where the lease is another's by now."""
	if not locked({"name": message.name, "status": "Queued", "lease_token": message.lease_token}):
		return False
	write(message.name, status="Sending", lease_until=lease_end())
	return True


def attempt(message, ready: Outgoing, gateway: Gateway) -> str | Exception | None:
	"""Call the gateway, in a thread of its own; return its number of the message, or what went wrong."""
	try:
		return transmit(message, ready, gateway)
	except Exception as error:
		return error


def outcome_of(message, answer: str | Exception | None) -> dict:
	"""Return the fields that say what has become of a message."""
	if isinstance(answer, Exception):
		return failure(message, answer)
	if answer is None:
		return {"status": "Logged"}
	return {"status": "Sent", "message_id": answer, "sent_at": now_datetime(), "error": message.note}


def transmit(message, ready: Outgoing, gateway: Gateway) -> str | None:
	try:
		return gateway.send(ready)
	except TemplateMissing:
		if not ready.template:
			raise
		template = ready.template
		raise TemplateMissing(
			_("Meta has no approved template {0} with language {1} and {2} parameters.").format(
				template.name, template.language, len(template.parameters)
			)
		) from None


def finish(message, fields: dict) -> str | None:
	"""Write down what has become of a message, also through a short absence of the database.

	Returns:
		The status; None where the lease has passed to somebody else, whose word counts.
	"""
	for pause in (1, 2, 4, 8, 15, None):
		try:
			return write_outcome(message, fields)
		except (frappe.db.OperationalError, frappe.db.InternalError):
			if pause is None:
				raise
			frappe.db.close()
			time.sleep(pause)


def write_outcome(message, fields: dict) -> str | None:
	mine = locked({"name": message.name, "lease_token": message.lease_token})
	if not mine:
		frappe.db.rollback()
		return None
	write(message.name, lease_token=None, lease_until=None, **fields)
	frappe.db.commit()
	if fields.get("message_id"):
		states.apply_early(fields["message_id"])
	return fields["status"]


def locked(filters: dict) -> str | None:
	"""Return the name of a message that fits now, locked until the end of the transaction."""
	return frappe.db.get_value("Chat Message", filters, "name", for_update=True)


def write(name: str, **fields):
	frappe.db.set_value("Chat Message", name, fields)


# What is sent ------------------------------------------------------------------------------------------


def prepare(message, gateway: Gateway) -> Outgoing | None:
	"""Return the message as the gateway takes it; None where it is held back, which is then written down.

	Raises:
		GatewayError: it cannot be sent as it is.
	"""
	if message.give_up_at and message.give_up_at <= now_datetime():
		raise Permanent(_("It could not be sent in time."))
	if not message.urgent and hold_back(message):
		return None
	return outgoing.build(message, gateway)


def hold_back(message) -> bool:
	"""Keep a message that is not wanted, or not at this hour: either may have changed meanwhile."""
	if not consent.wants_messages(message.number):
		write(message.name, status="Suppressed", lease_token=None, lease_until=None)
		return True
	quiet_until = quiet.until(message.reference_doctype, message.reference_name)
	if quiet_until:
		give_up_at = max(message.give_up_at, add_to_date(quiet_until, hours=1))
		write(
			message.name,
			quiet_until=quiet_until,
			next_attempt_at=quiet_until,
			give_up_at=give_up_at,
			attempts=message.attempts - 1,
			lease_token=None,
			lease_until=None,
		)
	return bool(quiet_until)


# What goes wrong ---------------------------------------------------------------------------------------


def failure(message, error: Exception) -> dict:
	"""Return the fields of a message that did not pass."""
	if isinstance(error, AnswerLost):
		return {"status": "Uncertain", "error": _("The gateway's answer was lost: {0}").format(error)}
	if isinstance(error, Temporary):
		return try_later(message, error)
	if isinstance(error, GatewayError):
		return {"status": "Failed", "error": str(error)}
	log_fault(error, message.name)
	return {"status": "Failed", "error": _("A fault of the app; see the Error Log.")}


def try_later(message, error: Temporary) -> dict:
	next_attempt_at = add_to_date(now_datetime(), seconds=wait_seconds(message.attempts, error.retry_after))
	if next_attempt_at > message.give_up_at:
		text = _("Given up after {0} attempts: {1}").format(message.attempts, error)
		return {"status": "Failed", "error": text}
	return {"status": "Queued", "next_attempt_at": next_attempt_at, "error": str(error)}


def wait_seconds(attempts: int, retry_after: float | None) -> float:
	"""Return how long to wait: doubled with each attempt, spread, never less than the gateway asked for."""
	wait = min(FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_WAIT_SECONDS)
	return max(wait * random.uniform(0.75, 1.25), retry_after or 0)


def log_fault(error: Exception, name: str):
	"""Log where a fault lies, without its text and the values around, which hold number and message."""
	places = "".join(traceback.format_tb(error.__traceback__))
	frappe.log_error(f"A message could not be sent: {name}", f"{places}{type(error).__name__}")


@frappe.whitelist(methods=["POST"])
def retry(name: str) -> None:
	"""Send a message anew that has failed, or of which nobody knows; an officer's decision."""
	doc = message_to_retry(name)
	if doc.direction != "Outgoing" or doc.status not in TO_RETRY:
		frappe.throw(_("Only a message that has failed, or is uncertain, can be sent again."))
	anew = {"attempts": 0, "error": None, "message_id": None, "lease_token": None, "lease_until": None}
	write(name, **{**anew, **queued(doc)})
	doc.add_comment("Info", _("Sent again by hand"))
	frappe.db.after_commit.add(call_worker)


def message_to_retry(name: str):
	"""Return a message, locked, of which the session's user may order another attempt.

	Raises:
		frappe.PermissionError: not theirs, or not there; the one is not told from the other.
	"""
	frappe.only_for(MAY_RETRY)
	if not frappe.db.exists("Chat Message", name):
		raise frappe.PermissionError
	doc = frappe.get_doc("Chat Message", name, for_update=True)
	if not has_agency_permission(doc) or not doc.has_permission("read"):
		raise frappe.PermissionError
	return doc


def apply_status(status: StatusUpdate) -> None:
	"""Take in what the gateway says of one of our messages; repeated, late or unknown news change nothing."""
	states.apply(status)
