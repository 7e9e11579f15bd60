"""What boat owners and their agents write to the kiosk: which permit, for which boat, and "YA" to a renewal.

Only boats of whoever owns the number are known here: to anybody else a registered boat and one that does not
exist are answered alike. What is not about permits is left to the core, which also collects papers, shows
what will be sent and asks for the agreement.
"""

import frappe
from frappe import _
from frappe.utils import escape_html, flt

from sinjai_services.cakrawala import duty, lockers, permits, renewals, vessel_names
from sinjai_services.requests import catalogue
from sinjai_services.requests.escalation import put_into_bell
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import conversation as talk
from sinjai_services.whatsapp import intake, texts
from sinjai_services.whatsapp import understanding as meaning
from sinjai_services.whatsapp.gateway import Choice

LEFT_TO_THE_CORE = (
	meaning.STOP,
	meaning.START,
	meaning.OPERATOR,
	meaning.CANCEL,
	meaning.STATUS,
	meaning.TERMS,
	meaning.THANKS,
	meaning.GREETING,
	meaning.CHOICE,
	meaning.NO,
	meaning.DONE,
	meaning.CHANGE,
	meaning.LATER,
	meaning.FORM,
)
PERMIT_WORDS = {"izin", "ijin", "surat"}
RENEW_WORDS = {"perpanjang", "perpanjangan", "memperpanjang", "diperpanjang"}
NEW_WORDS = {"baru"}
SURE = 0.85
"""How alike a boat's name has to be where nothing else says that a boat is meant."""

BOAT = "boat:"
MOST_TEXT = 100


def read(text: str, conversation) -> bool:
	"""Answer what is about permits and boats; True where it was (hook `sinjai_chat_readers`)."""
	services = fishing_services()
	said = meaning.understand(text, services)
	if said.intent == meaning.YES:
		return is_free(conversation) and renew(conversation)
	if said.intent in LEFT_TO_THE_CORE or is_about_something_else(conversation):
		return False
	boats = boats_of(conversation.number)
	found = boats_meant(text, services, boats)
	if is_ours(conversation):
		return answer_about_boat(text, conversation, said, boats, found)
	service = service_meant(text, said, found)
	if not service:
		return len(said.services) < 2 and offer_permits(conversation, sure(found))
	if len(found) == 1:
		conversation.vessel = found[0].name
	intake.choose(conversation, renewal_meant(text, service, found or boats))
	if not conversation.vessel and (len(found) > 1 or (boats and names_boat(text, services))):
		return ask_boat(conversation, boats, found, text)
	intake.go_on(conversation)
	return True


def fishing_services() -> list[dict]:
	return [row for row in catalogue.published_services() if row["request_doctype"] == permits.REQUEST]


def is_free(conversation) -> bool:
	"""Tell whether nothing has been asked that a "YA" could answer."""
	return not conversation.service and not (conversation.choices_offered or "").strip("[]")


def is_ours(conversation) -> bool:
	return bool(conversation.service) and intake.terms(conversation).request_doctype == permits.REQUEST


def is_about_something_else(conversation) -> bool:
	return bool(conversation.service) and conversation.step != intake.DONE and not is_ours(conversation)


# Boats -------------------------------------------------------------------------------------------------


def boats_of(number: str) -> list:
	"""Return the active boats that whoever has this number owns or runs as agent."""
	return vessel_names.boats(frappe.get_all("Citizen", {"whatsapp_number": number}, pluck="name"))


def boats_meant(text: str, services: list[dict], boats: list) -> list:
	"""Return the boats among `boats` that the text names, the likeliest first."""
	best = []
	for part in boat_texts(text, services):
		found = vessel_names.likeliest(part, boats)
		if found and (not best or found[0].likeness > best[0].likeness):
			best = found
	return best


def boat_texts(text: str, services: list[dict]) -> list[str]:
	"""Return the parts of a text that may be a boat's name, without the words around it."""
	of_service = meaning.services_in(text, services).words | RENEW_WORDS | PERMIT_WORDS
	rest = [word for word in meaning.words(text) if word not in of_service]
	plain = [word for word in rest if word not in meaning.EVERYDAY_WORDS]
	return [" ".join(part) for part in (behind_prefix(rest), rest, plain) if part]


def behind_prefix(words: list[str]) -> list[str]:
	"""Return what stands behind the last "KM" or the like."""
	places = [place for place, word in enumerate(words) if word in vessel_names.PREFIXES]
	return words[places[-1] + 1 :] if places else []


def names_boat(text: str, services: list[dict]) -> bool:
	"""Tell whether a boat is named at all, as "KM Bintang Laut" does."""
	of_service = meaning.services_in(text, services).words
	named = behind_prefix([word for word in meaning.words(text) if word not in of_service])
	return any(word not in meaning.EVERYDAY_WORDS for word in named)


def sure(found: list) -> list:
	return [match for match in found if match.likeness >= SURE]


def answer_about_boat(text: str, conversation, said, boats: list, found: list) -> bool:
	"""Take a text in the middle of a permit request: the boat that was asked for, or another boat."""
	if said.numbers or (conversation.vessel and not (sure(found) and names_boat(text, fishing_services()))):
		return False
	if len(found) == 1:
		conversation.vessel = found[0].name
		intake.go_on(conversation)
		return True
	if boats:
		is_asked = bool(found) or names_boat(text, fishing_services())
		return is_asked and ask_boat(conversation, boats, found, text)
	return not said.services and hand_over(conversation, text, said)


def ask_boat(conversation, boats: list, found: list = (), text: str = "") -> bool:
	"""Ask for the boat; who names one that is not theirs twice is helped by a person."""
	conversation.step = intake.CHOOSING
	offered = [boat for boat in boats if boat.name in {match.name for match in found}] or boats
	unknown = bool(text) and not found
	if unknown:
		if conversation.vessel_text:
			return hand_over(conversation, text)
		conversation.vessel_text = text[:MOST_TEXT]
	code = "cakrawala_boat_not_found" if unknown else "cakrawala_which_boat"
	choices = [Choice(f"{BOAT}{boat.name}", boat.vessel_name, size(boat)) for boat in offered]
	lines = intake.numbered([f"{boat.vessel_name} ({size(boat)})" for boat in offered])
	intake.offer(conversation, code, choices, boats=lines, service=intake.terms(conversation).service_name)
	return True


def size(boat) -> str:
	return f"{flt(boat.gt):g} GT".replace(".", ",")


def hand_over(conversation, text: str, said=None) -> bool:
	"""Leave it to an officer which boat is meant; tell whoever is on duty."""
	conversation.vessel_text = text[:MOST_TEXT]
	if said:
		intake.absorb(conversation, said)
	talk.hand_to_operator(conversation, _("Which boat is meant has to be looked up"))
	for user in duty.officers(conversation.agency):
		news = _("{0} asks for a permit; the boat has to be looked up", duty.language_of(user))
		name = escape_html(conversation.profile_name or conversation.number_masked)
		put_into_bell(user, conversation.doctype, conversation.name, news.format(frappe.bold(name)))
	return True


# Permits -----------------------------------------------------------------------------------------------


def service_meant(text: str, said, found: list) -> str | None:
	"""Return the permit that is asked for; a renewal without its name is the only permit that renews."""
	if said.service:
		return said.service
	renewing = {row for row in renewing_services() if row}
	if not said.services and found and RENEW_WORDS & set(meaning.words(text)) and len(renewing) == 1:
		return renewing.pop()
	return None


def renewing_services() -> list[str]:
	rows = {"request_doctype": permits.REQUEST, "active": 1, "renewal_service": ("is", "set")}
	return frappe.get_all("Public Service", rows, pluck="renewal_service")


def renewal_meant(text: str, service: str, boats: list) -> str:
	"""Return the service that renews, where a boat that may be meant has the permit and "new" is not said."""
	renewing = renewals.renewing_service(service)
	if not renewing or renewing == service or NEW_WORDS & set(meaning.words(text)):
		return service
	paper = frappe.get_cached_value("Public Service", renewing, "renews_paper")
	issued = {
		"vessel": ("in", [boat.name for boat in boats]),
		"service": service,
		"stage": ("in", renewals.ISSUED),
	}
	on_file = paper and any(lockers.papers_of(boat.name, paper) for boat in boats)
	return renewing if on_file or frappe.db.exists(permits.REQUEST, issued) else service


def offer_permits(conversation, found: list) -> bool:
	"""Ask which permit is wanted by somebody who has only named a boat of theirs."""
	if len(found) != 1:
		return False
	boat = frappe.get_cached_doc("Fishing Vessel", found[0].name)
	conversation.update({"vessel": boat.name, "agency": boat.agency, "service": None})
	possible = permits.possible(flt(boat.gt))
	if not possible:
		fault = frappe.get_cached_doc("Cakrawala Settings").too_large_text
		return refuse(conversation, boat, _("Fishing permit"), fault)
	names = intake.numbered([service.service_name for service in possible])
	conversation.step = intake.CHOOSING
	intake.offer(
		conversation,
		"cakrawala_which_permit",
		permit_choices(possible),
		vessel=boat.vessel_name,
		permits=names,
	)
	return True


def permit_choices(services: list) -> list[Choice]:
	return [
		Choice(f"service:{service.name}", intake.short_name(service.service_name)) for service in services
	]


def refuse(conversation, boat, service: str, fault: str) -> bool:
	"""Say which permits the boat may have, or whom to turn to; what was begun is over."""
	conversation.update({"service": None, "reason": None, "step": intake.START})
	texts.say(
		"cakrawala_not_possible",
		conversation,
		choices=permit_choices(permits.possible(flt(boat.gt))),
		service=service,
		vessel=boat.vessel_name,
		fault=fault,
	)
	return True


def guide(conversation) -> bool:
	"""Ask for the boat before anything else; True where something was asked (hook `sinjai_chat_guides`).

	With the boat its owner is the applicant, as the register has them.
	"""
	if not conversation.vessel and conversation.vessel_text and conversation.handling != talk.AUTOMATIC:
		return False
	if not conversation.vessel:
		boats = boats_of(conversation.number)
		if not boats:
			conversation.step = intake.CHOOSING
			service = intake.terms(conversation).service_name
			texts.say("cakrawala_ask_selar", conversation, service=service)
			return True
		if len(boats) > 1:
			return ask_boat(conversation, boats)
		conversation.vessel = boats[0].name
	boat = frappe.get_doc("Fishing Vessel", conversation.vessel)
	terms = intake.terms(conversation)
	if fault := permits.fault(terms, flt(boat.gt)):
		return refuse(conversation, boat, terms.service_name, fault)
	conversation.vessel_text = None
	fill_in_owner(conversation, boat)
	return False


def fill_in_owner(conversation, boat):
	owner = frappe.get_doc("Citizen", boat.citizen)
	conversation.applicant_name = owner.full_name
	conversation.village = conversation.village or owner.village
	if not intake.number_of(conversation, "nik"):
		conversation.nik = owner.get_password("nik", raise_exception=False)


# Choices -----------------------------------------------------------------------------------------------


def tap_boat(value: str, conversation) -> bool:
	"""Take the boat that was tapped, if it is one of the number's (hook `sinjai_chat_choices`)."""
	boat = next((boat for boat in boats_of(conversation.number) if boat.name == value), None)
	if not boat or is_about_something_else(conversation):
		return False
	if not is_ours(conversation):
		return offer_permits(conversation, [boat])
	conversation.vessel = boat.name
	intake.go_on(conversation)
	return True


def tap_renewal(value: str, conversation) -> bool:
	"""Renew what the tapped reminder was about (hook `sinjai_chat_choices`)."""
	return renew(conversation, value)


def renew(conversation, reminder: str | None = None) -> bool:
	"""Make the renewal request that a "YA" asks for; ask which where several are open."""
	try:
		answer = renewals.answer_yes(conversation.number, reminder)
	except frappe.ValidationError:
		frappe.clear_messages()
		talk.hand_to_operator(conversation, _("Wants to renew a permit, but the register lacks something"))
		return True
	if answer.open:
		ask_which_renewal(conversation, answer.open)
	for name in answer.requests:
		tell_renewed(conversation, frappe.get_doc(permits.REQUEST, name))
	return bool(answer.open or answer.requests)


def ask_which_renewal(conversation, rows: tuple[dict, ...]):
	choices = [Choice(f"{renewals.CHOICE}{row['name']}", row["vessel_name"], row["title"]) for row in rows]
	lines = intake.numbered([f"{row['title']}, {row['vessel_name']}" for row in rows])
	intake.offer(conversation, "cakrawala_which_renewal", choices, permits=lines)


def tell_renewed(conversation, doc):
	"""Say that the request is made, and at once which papers the locker lacks."""
	intake.tell_made(conversation, doc)
	if doc.open_papers():
		on_file = [row.requirement for row in doc.papers if row.on_file_name]
		texts.say(
			"papers_for_request",
			conversation,
			about=doc,
			service=doc.service_name(),
			code=show_code(doc.tracking_code),
			received=intake.bullets(on_file) or intake.NOTHING,
			missing=doc.open_papers_text(),
		)
	conversation.update(
		{
			"service": doc.service,
			"agency": doc.agency,
			"vessel": doc.vessel,
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
			"step": intake.DONE,
		}
	)
