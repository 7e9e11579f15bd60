"""A citizen's conversation with one of our numbers: what is done with each message, and when a person takes
over.

The inbox calls `handle` for one message at a time, in a transaction of its own, with the number's Chat
Contact locked. All that is known between two messages stands in the Chat Conversation.

understanding.py  what a text means      intake.py     from service to request
texts.py          what is said           enquiries.py  requests made before
papers.py         which picture is which paper        answering.py  when a person answers
"""

import json

import frappe
from frappe import _
from frappe.utils import add_to_date, cint, now_datetime

from sinjai_services.phone import mask_phone
from sinjai_services.requests import catalogue, wording
from sinjai_services.requests.language import site_language
from sinjai_services.whatsapp import answering, consent, enquiries, intake, papers, settings, texts
from sinjai_services.whatsapp import understanding as meaning
from sinjai_services.whatsapp.gateway import WINDOW_HOURS
from sinjai_services.whatsapp.intake import AUTOMATIC, COLLECTING, CONFIRMING, DONE, START, start_request
from sinjai_services.whatsapp.understanding import Place, Understood, understand

__all__ = ["ask_agreement", "close", "close_idle", "hand_to_operator", "handle", "start_request"]

WAITING, OPERATOR = "Waiting for Operator", "Operator"
PASSED_OVER = ("reaction", "group")
WITH_FILE = ("image", "document")
KINDS = {
	"audio": "pesan suara",
	"video": "video",
	"sticker": "stiker",
	"location": "lokasi",
	"contacts": "kontak",
}
"""What cannot be read, as the citizen calls it."""

MISUNDERSTOOD_AT_MOST = 1
CLOSED_AT_ONCE = 200


def handle(message, incoming):
	"""Do what a message asks for, and answer it.

	Args:
		message: the Chat Message, with `file` where one came and could be kept, `media_error` where not.
		incoming: a payload.Incoming, the message as it was sent.
	"""
	if incoming.kind in PASSED_OVER or not incoming.number:
		message.status = "Ignored"
		return
	frappe.local.lang = site_language()
	conversation = open_conversation(incoming, message.agency)
	message.db_set({"conversation": conversation.name, "agency": conversation.agency}, update_modified=False)
	Talk(conversation, message, incoming).answer()
	if conversation.status == "Closed":
		return
	conversation.save(ignore_permissions=True)
	if conversation.step == DONE and conversation.handling == AUTOMATIC:
		close(conversation)


def open_conversation(incoming, agency: str | None = None):
	"""Return the conversation that is going on with this number, or begin one.

	Args:
		agency: whose number was written to, where that is known already.
	"""
	key = f"{incoming.phone_number_id}:{incoming.number}"
	name = frappe.db.get_value("Chat Conversation", {"open_key": key})
	conversation = (
		frappe.get_doc("Chat Conversation", name, for_update=True) if name else begin(incoming, key, agency)
	)
	if incoming.profile_name:
		conversation.profile_name = incoming.profile_name[:140]
	conversation.last_incoming_at = conversation.last_message_at = now_datetime()
	return conversation


def begin(incoming, key: str, agency: str | None):
	conversation = frappe.new_doc("Chat Conversation")
	conversation.update(
		{
			"number": incoming.number,
			"number_masked": mask_phone(incoming.number),
			"phone_number_id": incoming.phone_number_id,
			"agency": agency or settings.agency_of(incoming.phone_number_id) or only_agency(),
			"open_key": key,
			"status": "Open",
			"handling": AUTOMATIC,
			"step": START,
		}
	)
	return conversation.insert(ignore_permissions=True)


def only_agency() -> str | None:
	"""Return the agency of all services asked for in chats where there is but one: without a number of its
	own it still is meant."""
	agencies = {service["agency"] for service in intake.chat_services()}
	return agencies.pop() if len(agencies) == 1 else None


class Talk:
	"""One message and the conversation it belongs to."""

	def __init__(self, conversation, message, incoming):
		self.conversation = conversation
		self.message = message
		self.incoming = incoming
		self.text = incoming.text or ""
		self.services = catalogue.published_services()
		self.places = places()

	def answer(self):
		said = understand(self.text, self.services, self.places, self.conversation.service)
		if said.intent in (meaning.STOP, meaning.START) and self.incoming.kind == "text":
			self.set_consent(said.intent)
		elif self.incoming.choice_id and self.is_taken_by_others(self.incoming.choice_id):
			self.conversation.misunderstood = 0
		elif self.conversation.handling == OPERATOR:
			self.keep_silently(said)
		elif self.is_plain_text() and (self.tap_title() or self.is_read_by_others()):
			self.conversation.misunderstood = 0
		elif self.incoming.kind in WITH_FILE:
			self.take_file(said)
		elif self.incoming.kind == "button" and self.incoming.choice_id and self.tap(self.incoming.choice_id):
			self.conversation.misunderstood = 0
		elif self.incoming.kind in ("text", "button"):
			self.take_text(said)
		else:
			self.say_once("only_text", kind=KINDS.get(self.incoming.kind, "pesan seperti ini"))
		self.tell_what_was_left_untold()

	def is_read_by_others(self) -> bool:
		"""Let innovations understand what the core does not know of (hook `sinjai_chat_readers`).

		Each is called with the text and the conversation, and returns True where it has answered.
		"""
		return any(self.is_done_by(path, self.text) for path in frappe.get_hooks("sinjai_chat_readers"))

	def is_plain_text(self) -> bool:
		return self.incoming.kind == "text" and bool(self.text)

	def is_taken_by_others(self, choice: str) -> bool:
		"""Let whoever offered it take a choice the conversation itself does not know.

		The hook `sinjai_chat_choices` maps a choice's first part to a function that is called with the rest
		and the conversation, and returns True where it has answered. It holds while an operator talks as
		well: what is agreed to by a button is agreed.
		"""
		what, _colon, value = choice.partition(":")
		paths = frappe.get_hooks("sinjai_chat_choices", {}).get(what) or []
		return any(self.is_done_by(path, value) for path in paths)

	def is_done_by(self, path: str, said: str) -> bool:
		"""Call an innovation; one that fails is passed over: nobody's message is lost for it."""
		before = self.conversation.as_dict()
		frappe.db.savepoint("innovation")
		try:
			return bool(frappe.get_attr(path)(said, self.conversation))
		except Exception as error:
			frappe.db.rollback(save_point="innovation")
			self.conversation.update(before)
			# Its name only: a traceback would show what the citizen wrote.
			frappe.log_error(f"Chat reader failed: {path}"[:140], type(error).__name__)
		return False

	def set_consent(self, intent: str):
		wanted = intent == meaning.START
		(consent.opt_in if wanted else consent.opt_out)(self.conversation.number)
		texts.say("started" if wanted else "stopped", self.conversation)

	def keep_silently(self, said: Understood):
		"""Keep what an operator will need: numbers stand nowhere else, and an agreement counts whoever
		asked."""
		intake.absorb(self.conversation, said)
		if self.conversation.step == CONFIRMING and (
			self.incoming.choice_id == "agree" or said.intent == meaning.YES
		):
			self.conversation.consent_at = now_datetime()

	def say_once(self, code: str, **values):
		"""Answer the last of several messages that came at once."""
		if not self.more_is_waiting():
			texts.say(code, self.conversation, **values)

	def more_is_waiting(self) -> bool:
		return bool(
			frappe.db.exists(
				"Chat Message",
				{
					"number": self.conversation.number,
					"phone_number_id": self.conversation.phone_number_id,
					"direction": "Incoming",
					"status": "Received",
					"name": ("!=", self.message.name),
				},
			)
		)

	# Files -----------------------------------------------------------------------------------------------

	def take_file(self, said: Understood):
		"""Keep a picture, and what its caption gives; which paper it is, papers.py tells."""
		conversation = self.conversation
		if not self.message.file:
			self.say_once("file_refused", fault=self.message.media_error)
			return
		conversation.misunderstood = 0
		if not self.is_collecting():
			# A caption such as "KTP" names the paper rather than the service; a wish is a wish.
			wish = said.service if said.asks_for_service and len(meaning.words(self.text)) > 2 else None
			takers = enquiries.takers(conversation)
			if takers and wish in (None, *(doc.service for doc in takers)):
				return self.give_papers(takers)
			if wish:
				intake.choose(conversation, wish, said.reason)
		self.absorb(said)
		conversation.papers_untold = 1

	def is_collecting(self) -> bool:
		"""Tell whether this conversation is about a request that is still to be made."""
		return bool(self.conversation.service) and self.conversation.step != DONE

	def give_papers(self, takers: list):
		if len(takers) == 1:
			doc = enquiries.own_request(self.conversation.number, takers[0].doctype, takers[0].name)
			enquiries.hand_in(self.conversation, doc)
		elif not self.more_is_waiting():
			enquiries.ask_for_which(self.conversation, takers)

	def tell_what_was_left_untold(self):
		"""Tell of the papers that came, once no newer message waits to be answered."""
		conversation = self.conversation
		if not conversation.papers_untold or self.more_is_waiting() or conversation.handling == OPERATOR:
			return
		if conversation.reference_name and not self.is_collecting():
			enquiries.tell_handed_in(conversation)
		else:
			intake.go_on(conversation)
		conversation.papers_untold = 0

	# Texts -----------------------------------------------------------------------------------------------

	def take_text(self, said: Understood):
		"""Do what a text asks for; count what was not understood."""
		if self.do(said):
			self.conversation.misunderstood = 0
		elif self.conversation.handling == WAITING:
			# A person will read it.
			return
		elif cint(self.conversation.misunderstood) >= MISUNDERSTOOD_AT_MOST:
			hand_to_operator(self.conversation, _("Not understood"))
		else:
			self.conversation.misunderstood = cint(self.conversation.misunderstood) + 1
			texts.say("not_understood", self.conversation)

	def do(self, said: Understood) -> bool:
		"""Do what was understood; False where that is nothing."""
		if self.tap_title():
			return True
		actions = {
			meaning.OPERATOR: lambda: hand_to_operator(self.conversation, _("Asked for a person")),
			meaning.CANCEL: self.cancel,
			meaning.STATUS: lambda: enquiries.status(self.conversation, said.tracking_code),
			meaning.TERMS: lambda: intake.tell_terms(self.conversation),
			meaning.THANKS: lambda: texts.say("thanks", self.conversation),
		}
		if said.intent in actions:
			actions[said.intent]()
			return True
		if said.intent == meaning.CHOICE and not intake.lacks_address(self.conversation):
			return self.tap_number(said.choice)
		if self.take_handover_wish(said):
			return True
		if said.intent in (meaning.FORM, meaning.SERVICE) and self.take_service(said):
			return True
		if said.intent in (meaning.YES, meaning.NO, meaning.CHANGE) and self.take_answer(said.intent):
			return True
		if said.intent == meaning.GREETING:
			self.greet()
			return True
		if said.intent == meaning.LATER and is_unfinished(self.conversation):
			texts.say("we_wait", self.conversation)
			return True
		if said.intent == meaning.DONE:
			self.finish()
			return True
		return self.take_data(said)

	def cancel(self):
		"""Drop what has been begun, or ask whether a request made before is to be withdrawn."""
		if not is_unfinished(self.conversation):
			enquiries.ask_what_to_withdraw(self.conversation)
			return
		texts.say("cancelled", self.conversation)
		self.conversation.papers_untold = 0
		if self.conversation.handling == AUTOMATIC:
			close(self.conversation)
		else:
			# Somebody still waits for a person.
			self.conversation.update({"service": None, "reason": None, "step": START})

	def greet(self):
		wants_menu = "menu" in meaning.words(self.text)
		if self.conversation.step in (COLLECTING, CONFIRMING) and not wants_menu:
			intake.go_on(self.conversation)
		else:
			intake.greet(self.conversation)

	def finish(self):
		if self.conversation.service:
			intake.finish(self.conversation)
		elif papers.pictures(self.conversation.name):
			intake.go_on(self.conversation)
		else:
			texts.say("nothing_started", self.conversation)

	def take_service(self, said: Understood) -> bool:
		conversation = self.conversation
		if len(said.services) > 1 and not conversation.service:
			self.absorb(said)
			fitting = [service for service in self.services if service["code"] in said.services]
			intake.offer_services(conversation, "which_service", fitting)
			return True
		if not said.service:
			return False
		other = conversation.service and conversation.service != said.service
		if other and said.intent != meaning.FORM:
			return bool(said.asks_for_service) and self.ask_switch(said.service)
		intake.choose(conversation, said.service, said.reason)
		if self.absorb(said):
			intake.go_on(conversation)
		return True

	def ask_switch(self, code: str) -> bool:
		texts.say(
			"switch_service",
			self.conversation,
			choices=(f"service:{code}", "continue"),
			service=intake.terms(self.conversation).service_name,
			other=frappe.get_cached_value("Public Service", code, "service_name"),
		)
		return True

	def take_answer(self, intent: str) -> bool:
		"""Take yes, no or change as an answer to what was asked last."""
		offered = self.offered()
		conversation = self.conversation
		if conversation.step == CONFIRMING and "setuju" in meaning.words(self.text):
			return self.tap("agree")
		if len(offered) >= 2 and offered[1] in ("change", "keep", "continue"):
			wanted = offered[0] if intent == meaning.YES else offered[1]
			return self.tap(wanted)
		if intent == meaning.CHANGE and conversation.step in (COLLECTING, CONFIRMING):
			return self.tap("change")
		if intent == meaning.YES and conversation.service:
			intake.go_on(conversation)
			return True
		return False

	def take_data(self, said: Understood) -> bool:
		"""Keep what the text gives; a bare name counts where the name is what is missing."""
		conversation = self.conversation
		reason_given = said.reason and conversation.service and (not conversation.reason or said.only_reason)
		village = self.village_offered(said)
		if village:
			return self.tap(village)
		if conversation.service and not conversation.applicant_name and said.loose and not said.has_data:
			if not reason_given and conversation.step in (COLLECTING, CONFIRMING):
				conversation.applicant_name = said.loose
				intake.go_on(conversation)
				return True
		if not said.has_data and not reason_given:
			return False
		if self.absorb(said):
			intake.go_on(conversation)
		return True

	def take_handover_wish(self, said: Understood) -> bool:
		"""Take how the document is to reach the citizen, and where; an address asked for may be any text."""
		conversation = self.conversation
		if conversation.step not in (COLLECTING, CONFIRMING) or not intake.terms(conversation).home_delivery:
			return False
		wish = meaning.handover_wish(self.text)
		if wish == meaning.COLLECTED:
			intake.collect(conversation)
		elif wish is not None:
			intake.bring(conversation, wish)
		elif intake.lacks_address(conversation) and not (said.numbers or said.name):
			if said.intent == meaning.NO:
				intake.collect(conversation)
			else:
				intake.bring(conversation, meaning.address(self.text))
		else:
			return False
		return True

	def village_offered(self, said: Understood) -> str | None:
		"""Return the village offered that lies in the district named: the answer to "which Pattongko?"."""
		villages = [choice for choice in self.offered() if choice.startswith("village:")]
		of_district = {f"village:{place.code}" for place in self.places if place.district == said.district}
		fitting = [choice for choice in villages if choice in of_district]
		return fitting[0] if len(fitting) == 1 else None

	def absorb(self, said: Understood) -> bool:
		"""Keep what was given; False where something about it had to be asked, which is answer enough."""
		faults, villages = intake.absorb(self.conversation, said)
		if faults:
			texts.say("number_fault", self.conversation, fault=" ".join(faults))
		elif villages:
			intake.ask_village(self.conversation, villages)
		return not faults and not villages

	# Choices ---------------------------------------------------------------------------------------------

	def offered(self) -> list[str]:
		return [choice for choice, _title in self.offered_with_titles()]

	def offered_with_titles(self) -> list[list[str]]:
		return json.loads(self.conversation.choices_offered or "[]")

	def tap_title(self) -> bool:
		"""Take words that are those of a choice as if it had been tapped."""
		written = meaning.words(self.text)
		titles = self.offered_with_titles()
		return bool(written) and any(
			meaning.words(title) == written and self.tap(choice) for choice, title in titles
		)

	def tap_number(self, number: int) -> bool:
		offered = self.offered()
		return number <= len(offered) and self.tap(offered[number - 1])

	def tap(self, choice: str) -> bool:
		"""Do what was tapped, also long ago; False for what is no choice of ours or no longer one."""
		what, _colon, value = choice.partition(":")
		if what not in TAPS:
			return self.is_taken_by_others(choice)
		return getattr(self, f"tap_{what}")(value) is not False

	def tap_service(self, code: str):
		if code not in {service["code"] for service in self.services}:
			return False
		intake.choose(self.conversation, code)
		intake.go_on(self.conversation)

	def tap_agency(self, agency: str):
		if agency not in {service["agency"] for service in self.services}:
			return False
		self.conversation.agency = agency
		intake.greet(self.conversation)

	def tap_reason(self, reason: str):
		if not self.conversation.service or reason not in intake.terms(self.conversation).reasons():
			return False
		self.conversation.reason = reason
		intake.go_on(self.conversation)

	def tap_village(self, code: str):
		if not frappe.db.exists("Village", code):
			return False
		self.conversation.village = code
		intake.go_on(self.conversation)

	def tap_agree(self, _value: str):
		if self.conversation.step != CONFIRMING or not self.conversation.service:
			return False
		if not intake.agree(self.conversation):
			hand_to_operator(self.conversation, _("The request needs more than a conversation asks for"))

	def tap_change(self, _value: str):
		if not self.conversation.service:
			return False
		intake.change(self.conversation)

	def tap_bring(self, _value: str):
		if not self.is_collecting() or not intake.terms(self.conversation).home_delivery:
			return False
		intake.bring(self.conversation)

	def tap_collect(self, _value: str):
		if not self.is_collecting():
			return False
		intake.collect(self.conversation)

	def tap_continue(self, _value: str):
		intake.go_on(self.conversation)

	def tap_keep(self, _value: str):
		texts.say("kept", self.conversation)

	def tap_ask_withdraw(self, value: str):
		if not (doc := self.own(value)):
			return False
		enquiries.ask_withdrawal(self.conversation, doc)

	def tap_withdraw(self, value: str):
		if not (doc := self.own(value)):
			return False
		if not enquiries.withdraw(self.conversation, doc):
			hand_to_operator(self.conversation, _("Wants to withdraw"), tell=False)

	def tap_papers(self, value: str):
		if not (doc := self.own(value)):
			return False
		enquiries.hand_in(self.conversation, doc)

	def own(self, value: str):
		doctype, _bar, name = value.partition("|")
		return enquiries.own_request(self.conversation.number, doctype, name)


TAPS = {
	name.removeprefix("tap_")
	for name in vars(Talk)
	if name.startswith("tap_") and name not in ("tap_number", "tap_title")
}


def places() -> list[Place]:
	"""Return the villages of the register."""
	districts = {
		row.name: row.district_name for row in frappe.get_all("District", fields=["name", "district_name"])
	}
	rows = frappe.get_all("Village", fields=["name", "village_name", "district"])
	return [Place(row.name, row.village_name, row.district, districts.get(row.district, "")) for row in rows]


# A person ------------------------------------------------------------------------------------------------


def hand_to_operator(conversation, why: str, tell: bool = True):
	"""Put a conversation into the operators' queue, and say when somebody answers.

	Args:
		why: what the operator reads.
		tell: False where the citizen has been told already.
	"""
	if conversation.handling == AUTOMATIC:
		now = now_datetime()
		conversation.agency = conversation.agency or next(
			(service["agency"] for service in catalogue.published_services()), None
		)
		conversation.update(
			{
				"handling": WAITING,
				"waiting_since": now,
				"answer_by": answering.answer_by(conversation, now),
				"waiting_because": why,
				"misunderstood": 0,
			}
		)
		if tell:
			tell_when_answered(conversation, now)
	elif conversation.handling == WAITING and tell:
		texts.say("operator_waiting", conversation, until=wording.long_datetime(conversation.answer_by))
	conversation.save(ignore_permissions=True)


def tell_when_answered(conversation, now):
	opens = answering.opens_at(conversation, now)
	if opens > now:
		texts.say("operator_later", conversation, opens=wording.long_datetime(opens))
	elif conversation.answer_by.date() == now.date():
		texts.say("operator_soon", conversation, time=wording.clock(conversation.answer_by))
	else:
		texts.say("operator_waiting", conversation, until=wording.long_datetime(conversation.answer_by))


def ask_agreement(conversation):
	"""Ask the citizen to agree to the request an operator has prepared; the answer sets `consent_at`."""
	intake.summarise(conversation)
	conversation.save(ignore_permissions=True)


# The end -------------------------------------------------------------------------------------------------


def close(conversation):
	"""End a conversation; the next message begins a new one. NIK, No. KK and address do not stay in it."""
	conversation.update(
		{
			"status": "Closed",
			"handling": AUTOMATIC,
			"open_key": None,
			"closed_at": now_datetime(),
			"waiting_since": None,
			"answer_by": None,
			"choices_offered": None,
			"delivery_address": None,
		}
	)
	conversation.save(ignore_permissions=True)
	conversation.forget_numbers()


def is_unfinished(conversation) -> bool:
	"""Tell whether something has been begun that has not become a request."""
	if conversation.step == DONE:
		return False
	return bool(conversation.service or papers.pictures(conversation.name))


def close_idle():
	"""Hourly: close conversations nobody has written in for long; what waits for a person stays open."""
	hours = idle_hours()
	before = add_to_date(now_datetime(), minutes=-round(hours * 60))
	for name in frappe.get_all(
		"Chat Conversation",
		{"status": "Open", "handling": AUTOMATIC, "last_message_at": ("<", before)},
		pluck="name",
		order_by="last_message_at",
		limit=CLOSED_AT_ONCE,
	):
		conversation = frappe.get_doc("Chat Conversation", name, for_update=True)
		# It may have gone on since the list was read.
		if conversation.status == "Open" and conversation.last_message_at < before:
			if is_unfinished(conversation) and hours < WINDOW_HOURS:
				texts.say("closed_idle", conversation)
			close(conversation)


def idle_hours() -> float:
	"""Return after how many hours a conversation is idle: so early that a last word still passes the gateway.

	Free text has to be sent within the gateway's window, and the next run is an hour away. Where an
	administrator has set a longer time, nothing is said at the end.
	"""
	hours = cint(settings.stored().conversation_hours) or WINDOW_HOURS
	return WINDOW_HOURS - 1.5 if hours == WINDOW_HOURS else hours
