"""When a service must be done: working time of the office, or plain time for a service that never closes.

All times are the site's (WITA for Sinjai), naive as the platform keeps them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import frappe
from frappe.utils import get_time, getdate

FRIDAY, SATURDAY = 4, 5


@dataclass(frozen=True)
class OfficeHours:
	"""When the office works. Saturdays, Sundays and `holidays` are free."""

	opens: time = time(8)
	closes: time = time(16)
	friday_closes: time = time(16, 30)
	holidays: frozenset[date] = field(default_factory=frozenset)

	def works_on(self, day: date) -> bool:
		return day.weekday() < SATURDAY and day not in self.holidays

	def span(self, day: date) -> tuple[datetime, datetime]:
		closes = self.friday_closes if day.weekday() == FRIDAY else self.closes
		return datetime.combine(day, self.opens), datetime.combine(day, closes)

	def next_working_day(self, day: date) -> date:
		day += timedelta(days=1)
		while not self.works_on(day):
			day += timedelta(days=1)
		return day


def promised_at(service, received_at: datetime, hours: OfficeHours | None = None) -> datetime:
	"""Return the moment until which `service` must be done.

	Args:
		service: a Public Service; its promise is in minutes, working hours or working days.
		received_at: when the request was complete.
		hours: office hours; those of Sinjai Settings when left out.

	A working day promised means: by closing time of that working day, where a request after the service's
	same-day cut-off, or on a free day, counts from the next working day. "1 working day" is the same day.
	"""
	if service.round_the_clock or service.promise_unit == "Minutes" and not service.same_day_cutoff:
		return received_at + plain_time(service)
	hours = hours or office_hours()
	start = working_start(service, received_at, hours)
	if service.promise_unit == "Working Days":
		return end_of_working_day(start, service.promise_value, hours)
	minutes = service.promise_value * (60 if service.promise_unit == "Working Hours" else 1)
	return add_working_time(start, timedelta(minutes=minutes), hours)


def plain_time(service) -> timedelta:
	unit = {"Minutes": timedelta(minutes=1), "Working Hours": timedelta(hours=1)}
	return service.promise_value * unit.get(service.promise_unit, timedelta(days=1))


def working_start(service, received_at: datetime, hours: OfficeHours) -> datetime:
	"""Return the working moment from which the promise counts."""
	day = received_at.date()
	cutoff = service.same_day_cutoff and get_time(service.same_day_cutoff)
	if hours.works_on(day):
		opens, closes = hours.span(day)
		late = received_at >= closes or (cutoff and received_at.time() > cutoff)
		if not late:
			return max(received_at, opens)
	return hours.span(hours.next_working_day(day))[0]


def end_of_working_day(start: datetime, days: int, hours: OfficeHours) -> datetime:
	day = start.date()
	for _step in range(days - 1):
		day = hours.next_working_day(day)
	return hours.span(day)[1]


def add_working_time(start: datetime, length: timedelta, hours: OfficeHours) -> datetime:
	closes = hours.span(start.date())[1]
	while start + length > closes:
		length -= closes - start
		start, closes = hours.span(hours.next_working_day(start.date()))
	return start + length


def office_hours() -> OfficeHours:
	"""Return the office hours of Sinjai Settings."""
	settings = frappe.get_cached_doc("Sinjai Settings")
	closes = get_time(settings.office_closes or "16:00")
	return OfficeHours(
		opens=get_time(settings.office_opens or "08:00"),
		closes=closes,
		friday_closes=get_time(settings.friday_closes or closes),
		holidays=frozenset(getdate(row.holiday_date) for row in settings.get("holidays") or []),
	)
