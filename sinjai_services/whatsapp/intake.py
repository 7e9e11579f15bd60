"""From a conversation to a request: which service, why, what is needed, what has come, and the agreement.

Everything that has been said so far stands in the Chat Conversation; what comes next follows from what is
still open there, so that a conversation goes on where it stood, whatever comes in between and in whichever
order.
"""

import hashlib
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import get_url, now_datetime

from sinjai_services.identity import mask_number, mask_numbers
from sinjai_services.personal_data import is_mask
from sinjai_services.requests import catalogue, checklist, handover, wording
from sinjai_services.requests.checklist import OnFile
from sinjai_services.requests.faults import InvalidInput
from sinjai_services.requests.language import site_language
from sinjai_services.requests.tracking import show_code
from sinjai_services.whatsapp import papers, texts
from sinjai_services.whatsapp.gateway import Choice
from sinjai_services.whatsapp.papers import Picture
from sinjai_services.whatsapp.understanding import FORM, SERVICE, Understood, sort_numbers

START, CHOOSING, COLLECTING, CONFIRMING, DONE = (
	"Start",
	"Choosing Service",
	"Collecting",
	"Confirming",
	"Done",
)
AUTOMATIC = "Automatic"

# Said to citizens, who read Indonesian whatever the language of the session: hence no _().
DATA = {
	"nik": "NIK (16 angka)",
	"no_kk": "No. KK (16 angka)",
	"applicant_name": "Nama lengkap sesuai KTP",
	"village": "Desa/kelurahan dan kecamatan",
}
SHOWN = {
	"reason": "Alasan",
	"applicant_name": "Nama",
	"nik": "NIK",
	"no_kk": "No. KK",
	"village": "Desa/kelurahan",
}
IF_AT_HAND = "jika ada"
NOTHING = "-"
COLLECT_TEXT, BRING_TEXT = "diambil di kantor", "diantar ke {0}"
LONGEST_ADDRESS = 500


ASKED_IN_CHAT = {*DATA, "service", "whatsapp_number"}
"""What a conversation gives a request; a form that has to have more is filled in on the web."""


@dataclass
class Progress:
	"""What a conversation has of all that its service needs.

	Args:
		asked_for: papers that have to come, in order.
		optional: papers that may come, with the reason why.
		sorted: {paper: picture}.
		extra: pictures that fit none.
		on_file: {paper: what is known of it}; without a name it cannot be used.
		missing: lines of what has to come; wanted: of what is only asked for.
		received: lines of what has come.
	"""

	asked_for: list[str]
	optional: dict[str, str]
	sorted: dict[str, Picture]
	extra: list[Picture]
	on_file: dict[str, OnFile] = field(default_factory=dict)
	missing: list[str] = field(default_factory=list)
	wanted: list[str] = field(default_factory=list)
	received: list[str] = field(default_factory=list)


def chat_services() -> list[dict]:
	"""Return the published services that can be asked for in a conversation."""
	return [row for row in catalogue.published_services() if not needs_form(row["request_doctype"])]


def needs_form(doctype: str) -> bool:
	"""Tell whether requests of this DocType need something that nobody asks for in a conversation."""
	needed = {df.fieldname for df in frappe.get_meta(doctype).fields if df.reqd and not df.default}
	return not needed <= ASKED_IN_CHAT


def point_to_form(conversation, service):
	"""Send somebody to the form of a service that asks for more than a conversation does."""
	standard = catalogue.service_standard(service.name) or {}
	conversation.update({"service": None, "reason": None, "step": START})
	url = get_url(standard.get("form_url") or "/layanan")
	texts.say("use_form", conversation, service=service.service_name, url=url)


def terms(conversation):
	return frappe.get_cached_doc("Public Service", conversation.service)


def number_of(conversation, fieldname: str) -> str | None:
	"""Return NIK or No. KK of a conversation, typed a moment ago or stored."""
	value = conversation.get(fieldname)
	if value and is_mask(value):
		return conversation.get_password(fieldname, raise_exception=False)
	return value or None


def asked_fields(conversation) -> dict[str, bool]:
	"""Return {field: has to be there} of the data this service's request takes."""
	meta = frappe.get_meta(terms(conversation).request_doctype)
	fields = {name: meta.get_field(name) for name in DATA}
	return {name: bool(field.reqd) for name, field in fields.items() if field and not field.hidden}


def progress(conversation) -> Progress:
	"""Look what has come and what is still open."""
	rows = terms(conversation).requirements_for(conversation.reason)
	asked_for = [row.requirement for row in rows if not row.optional]
	optional = {row.requirement: row.note or IF_AT_HAND for row in rows if row.optional}
	on_file = papers_on_file(conversation, [*asked_for, *optional])
	to_come = [[paper for paper in named if not is_there(on_file, paper)] for named in (asked_for, optional)]
	found, extra = papers.sort(papers.pictures(conversation.name), *to_come)
	state = Progress(asked_for, optional, found, extra, on_file)
	state.received = paper_lines(state)
	state.missing = [with_note(paper, on_file) for paper in to_come[0] if paper not in found]
	for name, required in asked_fields(conversation).items():
		if conversation.get(name):
			state.received.append(shown(conversation, name))
		else:
			(state.missing if required else state.wanted).append(DATA[name])
	return state


def papers_on_file(conversation, requirements: list[str]) -> dict[str, OnFile]:
	"""Return what the house has already, as far as it is known whose papers are meant."""
	doctype = terms(conversation).request_doctype
	if not checklist.sources(doctype):
		return {}
	doc = frappe.new_doc(doctype)
	doc.update(own_values(conversation, doctype))
	return {paper: checklist.find_on_file(doc, paper) for paper in requirements}


def is_there(on_file: dict[str, OnFile], paper: str) -> bool:
	return paper in on_file and bool(on_file[paper].name)


def with_note(paper: str, on_file: dict[str, OnFile]) -> str:
	"""Return a paper with where it lies, or why the one that is there cannot be used."""
	note = on_file[paper].note if paper in on_file else None
	return f"{paper} ({note})" if note else paper


def paper_lines(state: Progress) -> list[str]:
	"""Return the papers that have come or lie in the house."""
	named = [*state.asked_for, *state.optional]
	return [
		with_note(paper, state.on_file) if is_there(state.on_file, paper) else paper
		for paper in named
		if paper in state.sorted or is_there(state.on_file, paper)
	]


def own_fields(doctype: str) -> list:
	"""Return the fields an innovation has added to conversations and has in its requests, too."""
	request = frappe.get_meta(doctype)
	fields = frappe.get_meta("Chat Conversation").get("fields", {"is_custom_field": 1})
	return [df for df in fields if request.has_field(df.fieldname)]


def own_values(conversation, doctype: str) -> dict:
	return {df.fieldname: conversation.get(df.fieldname) for df in own_fields(doctype)}


def own_lines(conversation) -> list[str]:
	"""Return the values of an innovation's own fields as their owner reads them again."""
	lines = []
	for df in own_fields(terms(conversation).request_doctype):
		if value := conversation.get(df.fieldname):
			title = frappe.get_meta(df.options).title_field if df.fieldtype == "Link" else None
			value = frappe.db.get_value(df.options, value, title) if title else value
			lines.append(f"{_(df.label, site_language())}: {value}")
	return lines


def shown(conversation, name: str) -> str:
	"""Return one value as its owner reads it again; numbers masked."""
	value = conversation.get(name)
	if name == "village":
		value = village_text(value)
	elif name in ("nik", "no_kk"):
		value = mask_number(number_of(conversation, name))
	return f"{SHOWN[name]}: {value or NOTHING}"


def village_text(code: str | None) -> str:
	row = frappe.db.get_value("Village", code, ["village_name", "district"], as_dict=True) if code else None
	if not row:
		return ""
	return f"{row.village_name}, Kec. {frappe.get_cached_value('District', row.district, 'district_name')}"


def bullets(lines: list[str]) -> str:
	return "\n".join(f"- {line}" for line in lines)


def numbered(lines: list[str]) -> str:
	return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))


# Taking in what was said ---------------------------------------------------------------------------------


def absorb(conversation, said: Understood) -> tuple[list[str], tuple[str, ...]]:
	"""Keep what a message gives.

	Returns:
		(sentences about numbers that cannot be right, villages of which one has to be chosen).
	"""
	known = {name: number_of(conversation, name) for name in ("nik", "no_kk")}
	numbers, faults = sort_numbers(said.numbers, **known)
	for name, number in numbers.items():
		conversation.set(name, number)
	if said.name:
		conversation.applicant_name = said.name
	if len(said.villages) == 1:
		conversation.village = said.villages[0]
	if said.reason and conversation.service and said.reason in terms(conversation).reasons():
		if not conversation.reason or said.intent in (FORM, SERVICE) or said.only_reason:
			conversation.reason = said.reason
	return list(faults.values()), said.villages if len(said.villages) > 1 else ()


# Asking --------------------------------------------------------------------------------------------------


def services_of(conversation) -> list[dict]:
	"""Return the services of the conversation's agency; all there are where it has none."""
	own = [row for row in catalogue.published_services() if row["agency"] == conversation.agency]
	return own or chat_services()


def offer_services(conversation, code: str, offered: list[dict] | None = None, **values):
	"""Ask for the service, with a list to tap from; where it is too long for one, by number."""
	offered = offered or services_of(conversation)
	conversation.step = CHOOSING
	lines = [" ".join(filter(None, (service["icon"], service["name"]))) for service in offered]
	choices = [
		Choice(f"service:{service['code']}", short_name(service["name"]), service["description"])
		for service in offered
	]
	offer(conversation, code, choices, services=numbered(lines), **values)


def offer(conversation, code: str, choices: list[Choice], **values):
	"""Ask with choices. More than fit into a list are not shown to be tapped, but their numbers are
	understood."""
	tappable = choices if len(choices) <= texts.MOST_ROWS else []
	texts.say(code, conversation, choices=tappable, **values)
	texts.note_choices(conversation, choices)


def offer_offices(conversation, offices: list[dict]):
	names = [office["agency_name"] for office in offices]
	choices = [
		Choice(f"agency:{office['agency']}", office["agency"], name)
		for office, name in zip(offices, names, strict=True)
	]
	offer(conversation, "which_office", choices, agency=wording.house()["name"], offices=numbered(names))


def short_name(name: str) -> str:
	"""Return a service's name without what stands in brackets, where it would be cut off in a list."""
	return name if len(name) <= texts.LONGEST_ROW else name.partition("(")[0].strip()


def greet(conversation):
	"""Offer the agency's services; where the number written to is nobody's own, ask for the office first."""
	if not conversation.agency and len(offices := catalogue.by_agency(catalogue.published_services())) > 1:
		return offer_offices(conversation, offices)
	name = first_name(conversation.number)
	agency = conversation.agency and frappe.get_cached_value("Agency", conversation.agency, "agency_name")
	house = agency or wording.house()["name"]
	offer_services(conversation, "greeting_known" if name else "greeting", name=name, agency=house)


def first_name(number: str) -> str | None:
	"""Return how the one Citizen with this number is called; families share numbers, and then nobody is
	meant."""
	names = frappe.get_all("Citizen", {"whatsapp_number": number}, pluck="full_name", limit=2)
	if len(names) != 1:
		return None
	return next((part for part in names[0].split() if len(part) > 2 and "." not in part), None)


def choose(conversation, code: str, reason: str | None = None):
	"""Take a service; what was said before stays, as far as it fits."""
	service = frappe.get_cached_doc("Public Service", code)
	if conversation.service != service.name or conversation.step == DONE:
		conversation.update({"reason": None, "consent_at": None, "step": CHOOSING})
	conversation.service = service.name
	conversation.agency = service.agency
	if reason in service.reasons():
		conversation.reason = reason


def go_on(conversation):
	"""Ask for whatever comes next."""
	if not conversation.service:
		return offer_services(conversation, "choose_service")
	if is_guided(conversation):
		return None
	service = terms(conversation)
	if needs_form(service.request_doctype):
		return point_to_form(conversation, service)
	if service.reasons() and conversation.reason not in service.reasons():
		return ask_reason(conversation, service)
	state = progress(conversation)
	first_time = conversation.step in (START, CHOOSING)
	conversation.papers_untold = 0
	conversation.step = COLLECTING
	if first_time and state.missing:
		return tell_requirements(conversation, service, state)
	if state.missing or state.wanted:
		return tell_progress(conversation, state)
	return summarise(conversation, state)


def is_guided(conversation) -> bool:
	"""Let the innovation behind a service ask for what only it knows of (hook `sinjai_chat_guides`).

	By DocType of the request; called with the conversation, it returns True where it has asked something.
	"""
	paths = frappe.get_hooks("sinjai_chat_guides", {}).get(terms(conversation).request_doctype, [])
	return any(frappe.get_attr(path)(conversation) for path in paths)


def ask_reason(conversation, service):
	reasons = service.reasons()
	conversation.step = CHOOSING
	offer(
		conversation,
		"ask_reason",
		[Choice(f"reason:{reason}", reason) for reason in reasons],
		service=service.service_name,
		reasons=numbered(reasons),
	)


def tell_terms(conversation):
	"""Answer what is needed, what it costs and how long it takes."""
	if not conversation.service:
		return greet(conversation)
	service = terms(conversation)
	if needs_form(service.request_doctype):
		return point_to_form(conversation, service)
	if service.reasons() and not conversation.reason:
		return ask_reason(conversation, service)
	return tell_requirements(conversation, service, progress(conversation))


def tell_requirements(conversation, service, state: Progress):
	"""Say everything that is needed in one message; what has come already is ticked."""
	here = {paper for paper in [*state.asked_for, *state.optional] if is_there(state.on_file, paper)}
	here |= set(state.sorted)
	lines = [with_note(paper, state.on_file) + tick(paper in here) for paper in state.asked_for]
	lines += [
		f"{with_note(paper, state.on_file)} ({note}){tick(paper in here)}"
		for paper, note in state.optional.items()
	]
	data = [DATA[name] + tick(bool(conversation.get(name))) for name in asked_fields(conversation)]
	texts.say(
		"requirements",
		conversation,
		service=service.service_name,
		papers=numbered(lines),
		data=bullets(data),
		fee=wording.fee_text(service.fee),
		promise=wording.promise_text(service),
	)


def tick(is_here: bool) -> str:
	return " ✓" if is_here else ""


def tell_progress(conversation, state: Progress):
	missing = bullets([*state.missing, *(f"{line} – {IF_AT_HAND}" for line in state.wanted)])
	received = list(state.received)
	if state.extra:
		received.append(f"{len(state.extra)} berkas lain")
	texts.say("progress", conversation, received=bullets(received) or NOTHING, missing=missing)


def ask_village(conversation, codes: tuple[str, ...]):
	names = [village_text(code) for code in codes]
	choices = [
		Choice(f"village:{code}", name.partition("Kec. ")[2] or name)
		for code, name in zip(codes, names, strict=True)
	]
	village = names[0].partition(",")[0]
	offer(conversation, "ask_village", choices, village=village, villages=numbered(names))


def finish(conversation):
	"""Answer somebody who says that everything has been sent."""
	service = terms(conversation)
	if (service.reasons() and not conversation.reason) or conversation.step in (START, CHOOSING):
		return go_on(conversation)
	state = progress(conversation)
	conversation.papers_untold = 0
	if state.missing:
		texts.say("not_complete", conversation, missing=bullets(state.missing))
	else:
		summarise(conversation, state)


def summarise(conversation, state: Progress | None = None):
	"""Show what will be sent, and ask for the agreement without which nothing is."""
	if lacks_address(conversation):
		return ask_address(conversation)
	state = state or progress(conversation)
	conversation.step = CONFIRMING
	fields = [*(("reason",) if conversation.reason else ()), *asked_fields(conversation)]
	fields.sort(key=list(SHOWN).index)
	details = [*own_lines(conversation), *(shown(conversation, name) for name in fields)]
	lines = paper_lines(state)
	if state.extra:
		lines.append(f"{len(state.extra)} berkas lain")
	texts.say(
		"summary",
		conversation,
		choices=("agree", "change", *handover_choice(conversation)),
		service=terms(conversation).service_name,
		details="\n".join([*details, *handover_lines(conversation)]),
		papers=bullets(lines) or NOTHING,
	)


def change(conversation):
	conversation.step = COLLECTING
	texts.say("change", conversation)


# Handing over --------------------------------------------------------------------------------------------


def is_brought(conversation) -> bool:
	"""Tell whether the citizen wishes to have the document brought, and the service offers it."""
	return conversation.handover_method == handover.HOME and bool(terms(conversation).home_delivery)


def lacks_address(conversation) -> bool:
	return is_brought(conversation) and not conversation.delivery_address


def handover_lines(conversation) -> list[str]:
	"""Return the line of the summary that says how the document is handed over, where there is a choice."""
	if not terms(conversation).home_delivery:
		return []
	brought = BRING_TEXT.format(conversation.delivery_address)
	return [f"Penyerahan: {brought if is_brought(conversation) else COLLECT_TEXT}"]


def handover_choice(conversation) -> list[Choice | str]:
	"""Return the button for the other way; "bring" is named by the summary, "collect" by `ask_address`."""
	if not terms(conversation).home_delivery:
		return []
	return texts.with_titles(["collect"], "ask_address") if is_brought(conversation) else ["bring"]


def bring(conversation, address: str | None = None):
	"""Note that the document is to be brought, and go on; without an address, ask for it."""
	conversation.handover_method = handover.HOME
	if address:
		conversation.delivery_address = mask_numbers(address)[:LONGEST_ADDRESS]
	if lacks_address(conversation):
		ask_address(conversation)
	else:
		go_on(conversation)


def collect(conversation):
	conversation.update({"handover_method": handover.COLLECT, "delivery_address": None})
	go_on(conversation)


def ask_address(conversation):
	conversation.step = COLLECTING
	texts.say("ask_address", conversation, choices=("collect",))


# The request ---------------------------------------------------------------------------------------------


def agree(conversation) -> bool:
	"""Make the request of somebody who has agreed; tell what its rules find wrong.

	Returns:
		False where the request needs more than a conversation asks for, so that a person has to help.
	"""
	state = progress(conversation)
	if state.missing or lacks_address(conversation):
		finish(conversation)
		return True
	conversation.consent_at = now_datetime()
	try:
		doc = start_request(conversation)
	except InvalidInput as error:
		conversation.step = COLLECTING
		texts.say("refused_by_rules", conversation, faults=bullets(list(error.faults.values())))
		return True
	except frappe.ValidationError:
		return False
	tell_made(conversation, doc)
	return True


def tell_made(conversation, doc):
	texts.say(
		"request_made",
		conversation,
		about=doc,
		service=doc.service_name(),
		code=show_code(doc.tracking_code),
		promise=wording.long_datetime(doc.promised_at),
		link=tracking_link(doc),
	)


def tracking_link(doc) -> str:
	return frappe.utils.get_url(f"/lacak?kode={doc.tracking_code}")


def start_request(conversation, operator: str | None = None):
	"""Make the request of a conversation, with its papers; called twice it is made once.

	Args:
		conversation: with service, the applicant's data and `consent_at`.
		operator: the user who does it in the Desk, with their own rights; left out, the citizen has done it.

	Returns:
		The request.

	Raises:
		InvalidInput: `faults` says what is wrong with which field.
		frappe.ValidationError: the request takes more than a conversation knows.
	"""
	doctype = terms(conversation).request_doctype
	if conversation.step == DONE and conversation.reference_name:
		return frappe.get_doc(conversation.reference_doctype, conversation.reference_name)
	if made := frappe.db.get_value(doctype, {"submission_key": submission_key(conversation)}):
		return frappe.get_doc(doctype, made)
	doc = new_request(conversation, doctype)
	frappe.db.savepoint("chat_request")
	try:
		doc.insert(ignore_permissions=not operator)
	except frappe.ValidationError:
		frappe.db.rollback(save_point="chat_request")
		if not operator:
			frappe.clear_messages()
		raise
	conversation.update(
		{"reference_doctype": doctype, "reference_name": doc.name, "step": DONE, "papers_untold": 0}
	)
	pictures = papers.pictures(conversation.name)
	papers.hand_over(pictures, doc)
	papers.note_extra(doc, len(pictures) - sum(bool(row.file) for row in doc.papers))
	return doc


def new_request(conversation, doctype: str):
	"""Return a request filled with what the conversation holds, not saved yet."""
	state = progress(conversation)
	doc = frappe.new_doc(doctype)
	doc.update(
		{
			"service": conversation.service,
			"reason": conversation.reason,
			"channel": "WhatsApp",
			"whatsapp_number": conversation.number,
			"consent": 1 if conversation.consent_at else 0,
			"consent_at": conversation.consent_at,
			"submission_key": submission_key(conversation),
		}
	)
	doc.update(own_values(conversation, doctype))
	if is_brought(conversation):
		doc.update({"handover_method": handover.HOME, "delivery_address": conversation.delivery_address})
	for name in asked_fields(conversation):
		doc.set(name, number_of(conversation, name) if name in ("nik", "no_kk") else conversation.get(name))
	for paper in [*state.asked_for, *state.optional]:
		picture = state.sorted.get(paper)
		doc.append("papers", {"requirement": paper, "file": picture and picture.file, "state": "Missing"})
	doc.flags.papers_from = {("Chat Message", picture.message) for picture in state.sorted.values()}
	return doc


def submission_key(conversation) -> str:
	"""Return what makes the request the conversation's only one, next to those it is about already."""
	told = f"chat:{conversation.name}:{conversation.reference_name or ''}"
	return hashlib.sha256(told.encode()).hexdigest()[:32]
