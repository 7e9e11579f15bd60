"""When a service must be done: pure arithmetic on datetimes, without a database.

A promise is a function of four things, and can be worked out anew at any time: the terms it was given under,
when the request was received, the pauses in which the office waited for the applicant, and when the office
works. `requests.clock` says where these come from.

The rule. A service that is open round the clock is promised in plain time: so many minutes, hours or days of
24 hours after it was received. Every other service is promised in working time:

- It counts from the moment of receipt, or from the next opening when the office is closed then. What comes in
  after the service's same-day cut-off counts from the opening of the next working day.
- Minutes and working hours pass only while the office is open.
- A working day ends when the office closes. "1 working day" is by closing time of the same working day for
  what came in before the cut-off.
- While the office waits for the applicant nothing passes: the working time that was left when the pause began
  is left when it ends. Several pauses add up. What begins after the promised moment changes nothing.

All times are the site's (WITA for Sinjai), naive as the platform keeps them; Indonesia has no summer time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

MINUTES, WORKING_HOURS, WORKING_DAYS = "Minutes", "Working Hours", "Working Days"
LONGEST = {MINUTES: 43_200, WORKING_HOURS: 2_000, WORKING_DAYS: 366}
"""Nothing is promised for longer: about a month in minutes, about a year in hours or days."""

FRIDAY, SATURDAY = 4, 5
SEARCHED_DAYS = 366
"""A calendar without a working day for a year is a mistake, not a long holiday."""

Pause = tuple[datetime, datetime]
"""From when until when the office waited for the applicant."""


class NoWorkingTime(ValueError):
	"""The office never works: it closes before it opens, or every day of a year is free."""


class ImpossibleTerms(ValueError):
	"""The promised time is nothing, negative, longer than LONGEST, or in an unknown unit."""


@dataclass(frozen=True)
class Terms:
	"""What was promised.

	Args:
		value: how many of `unit`, from 1 to LONGEST.
		unit: MINUTES, WORKING_HOURS or WORKING_DAYS.
		round_the_clock: the service never closes; hours and days are then plain ones.
		same_day_cutoff: what comes in later than this counts from the next working day.
		near_share: percent of the promised time after which it is called near.
	"""

	value: int
	unit: str
	round_the_clock: bool = False
	same_day_cutoff: time | None = None
	near_share: int = 80

	def __post_init__(self):
		if not 0 < self.value <= LONGEST.get(self.unit, 0):
			raise ImpossibleTerms(f"{self.value} {self.unit}")

	def length(self) -> timedelta:
		"""Return the promised time as a length, a day as one of 24 hours."""
		return self.value * {MINUTES: timedelta(minutes=1), WORKING_HOURS: timedelta(hours=1)}.get(
			self.unit, timedelta(days=1)
		)


@dataclass(frozen=True)
class OfficeHours:
	"""When the office works. Saturdays, Sundays and `holidays` are free.

	Raises:
		NoWorkingTime: it closes before it opens.
	"""

	opens: time = time(8)
	closes: time = time(16)
	friday_closes: time = time(16, 30)
	holidays: frozenset[date] = field(default_factory=frozenset)

	def __post_init__(self):
		if self.opens >= min(self.closes, self.friday_closes):
			raise NoWorkingTime("closes before it opens")

	def works_on(self, day: date) -> bool:
		return day.weekday() < SATURDAY and day not in self.holidays

	def span(self, day: date) -> tuple[datetime, datetime]:
		"""Return when the office opens and closes on a working day."""
		closes = self.friday_closes if day.weekday() == FRIDAY else self.closes
		return datetime.combine(day, self.opens), datetime.combine(day, closes)

	def next_working_day(self, day: date) -> date:
		"""Return the first working day after `day`.

		Raises:
			NoWorkingTime: there is none within a year.
		"""
		for _step in range(SEARCHED_DAYS):
			day += timedelta(days=1)
			if self.works_on(day):
				return day
		raise NoWorkingTime("every day of a year is free")

	def at_work(self, moment: datetime) -> datetime:
		"""Return the first moment from `moment` on at which the office is open."""
		if self.works_on(moment.date()):
			opens, closes = self.span(moment.date())
			if moment < closes:
				return max(moment, opens)
		return self.span(self.next_working_day(moment.date()))[0]

	def add(self, start: datetime, length: timedelta) -> datetime:
		"""Return when `length` of working time has passed since `start`; never later than closing time."""
		start = self.at_work(start)
		closes = self.span(start.date())[1]
		while start + length > closes:
			length -= closes - start
			start, closes = self.span(self.next_working_day(start.date()))
		return start + length

	def between(self, start: datetime, end: datetime) -> timedelta:
		"""Return the working time from `start` to `end`; none when `end` is not later."""
		total, day = timedelta(), start.date()
		while day <= end.date():
			if self.works_on(day):
				opens, closes = self.span(day)
				total += max(min(end, closes) - max(start, opens), timedelta())
			day += timedelta(days=1)
		return total

	def start(self, terms: Terms, received_at: datetime) -> datetime:
		"""Return the working moment from which a promise counts."""
		day = received_at.date()
		cutoff = terms.same_day_cutoff
		if cutoff and self.works_on(day) and received_at.time() > cutoff:
			return self.span(self.next_working_day(day))[0]
		return self.at_work(received_at)

	def end(self, terms: Terms, start: datetime) -> datetime:
		"""Return when the promised time is over if nothing pauses it."""
		if terms.unit != WORKING_DAYS:
			return self.add(start, terms.length())
		day = start.date()
		for _step in range(terms.value - 1):
			day = self.next_working_day(day)
		return self.span(day)[1]


class RoundTheClock:
	"""Plain time, in the same words as OfficeHours."""

	def add(self, start: datetime, length: timedelta) -> datetime:
		return start + length

	def between(self, start: datetime, end: datetime) -> timedelta:
		return max(end - start, timedelta())

	def start(self, terms: Terms, received_at: datetime) -> datetime:
		return received_at

	def end(self, terms: Terms, start: datetime) -> datetime:
		return start + terms.length()


def promised_at(
	terms: Terms, received_at: datetime, hours: OfficeHours, pauses: Iterable[Pause] = ()
) -> datetime:
	"""Return the moment until which the service must be done.

	Args:
		terms: what was promised.
		received_at: when the request came in.
		hours: when the office works; not used for a service that is open round the clock.
		pauses: when the office waited for the applicant, oldest first, without the one that is still going
		on.

	Raises:
		NoWorkingTime: `hours` have no working day within a year.
	"""
	clock = RoundTheClock() if terms.round_the_clock else hours
	start = clock.start(terms, received_at)
	return after_pauses(clock.end(terms, start), start, pauses, clock)


def near_at(
	terms: Terms, received_at: datetime, hours: OfficeHours, pauses: Iterable[Pause] = ()
) -> datetime:
	"""Return the moment at which `terms.near_share` percent of the promise have passed; see `promised_at`."""
	clock = RoundTheClock() if terms.round_the_clock else hours
	start = clock.start(terms, received_at)
	whole = clock.between(start, clock.end(terms, start))
	return after_pauses(clock.add(start, whole * terms.near_share / 100), start, pauses, clock)


def after_pauses(
	moment: datetime, start: datetime, pauses: Iterable[Pause], clock: OfficeHours | RoundTheClock
) -> datetime:
	"""Return `moment` moved by the working time that passed in the pauses before it."""
	for begins, ends in pauses:
		if begins < moment and begins < ends:
			left = clock.between(max(begins, start), moment)
			moment = clock.add(max(ends, start), left)
	return moment
