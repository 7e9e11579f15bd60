"""When a person answers a conversation: by the clock of what it is about, which may never stop."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import cint

from sinjai_services.requests import clock
from sinjai_services.whatsapp import settings

MINUTES = 15


def opens_at(conversation, now: datetime) -> datetime:
	"""Return from when on somebody is there to answer; `now` where somebody is there already.

	A service that is open round the clock is answered round the clock. Where nothing is chosen yet, it is
	enough that the agency has such a service: somebody is there. When shifts are entered for those who are
	there (hook `sinjai_duty`), it is when one of them begins.
	"""
	kinds = round_the_clock_kinds(conversation)
	if not kinds:
		return clock.office_hours().at_work(now)
	return min(next_on_duty(kind, conversation.agency, now) for kind in kinds)


def round_the_clock_kinds(conversation) -> list[str]:
	"""Return the DocTypes of the requests that may be meant and are dealt with round the clock."""
	about = {"name": conversation.service} if conversation.service else {"agency": conversation.agency or ""}
	return frappe.get_all(
		"Public Service",
		{**about, "active": 1, "round_the_clock": 1},
		pluck="request_doctype",
		distinct=True,
		order_by="request_doctype",
	)


def next_on_duty(doctype: str, agency: str, now: datetime) -> datetime:
	"""Ask the innovation who is on duty; one without shifts always has somebody there."""
	moments = [
		frappe.get_attr(path)(agency, now) for path in frappe.get_hooks("sinjai_duty", {}).get(doctype, [])
	]
	return min((moment for moment in moments if moment), default=now)


def answer_by(conversation, now: datetime) -> datetime:
	"""Return when an operator should have answered, as the settings promise."""
	length = timedelta(minutes=cint(settings.stored().answer_minutes) or MINUTES)
	opens = opens_at(conversation, now)
	return opens + length if round_the_clock_kinds(conversation) else clock.office_hours().add(opens, length)
