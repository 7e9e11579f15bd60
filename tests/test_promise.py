"""Until when a service is promised: cases worked out by hand, and what must hold for every case.

The office is open 08:00 to 16:00, on Fridays to 16:30, on the days that the shipped list leaves free.
"""

from datetime import date, datetime, time, timedelta

import pytest
from helpers import move, new_request
from hypothesis import given
from hypothesis import strategies as st

import frappe

from sinjai_services import stages
from sinjai_services.requests import clock, holidays, tracked
from sinjai_services.requests.promise import (
	LONGEST,
	ImpossibleTerms,
	NoWorkingTime,
	OfficeHours,
	Terms,
	near_at,
	promised_at,
)

SHIPPED = frozenset(date.fromisoformat(row["holiday_date"]) for row in holidays.shipped())
HOURS = OfficeHours(time(8), time(16), time(16, 30), SHIPPED)
NOON = time(12)


def at(text: str) -> datetime:
	"""Read "2026-11-25 14:00"."""
	return datetime.fromisoformat(text)


def minutes(value, **more):
	return Terms(value, "Minutes", **more)


def working_hours(value, **more):
	return Terms(value, "Working Hours", **more)


def working_days(value, **more):
	return Terms(value, "Working Days", **more)


# By hand -----------------------------------------------------------------------------------------------

# Around 25 November 2026, a Wednesday: 23 is a Monday, 27 a Friday, 30 a Monday.
# Lebaran 2026: 18 March (Wed) joint leave, 19 (Thu) Nyepi, 20 (Fri) joint leave, 21-22 Idul Fitri, 23-24
# joint leave. So the office works on Tuesday 17 and then again on Wednesday 25 March.
BY_HAND = [
	# Round the clock over midnight: 15 plain minutes.
	(minutes(15, round_the_clock=True), "2026-11-24 23:50", "2026-11-25 00:05"),
	# Over midnight in office hours: 2 h on Tuesday, 2 h on Wednesday.
	(working_hours(4), "2026-11-24 14:00", "2026-11-25 10:00"),
	# 10 hours in minutes: 1 h on Wednesday, 8 h on Thursday, 1 h on Friday.
	(minutes(600), "2026-11-25 15:00", "2026-11-27 09:00"),
	# Over a weekend: Friday, Monday, Tuesday.
	(working_days(3), "2026-11-27 10:00", "2026-12-01 16:00"),
	# Over a weekend in hours: 1.5 h until Friday's later closing, 1.5 h on Monday.
	(working_hours(3), "2026-11-27 15:00", "2026-11-30 09:30"),
	# Over Lebaran: Tuesday 17, Wednesday 25, Thursday 26 March.
	(working_days(3, same_day_cutoff=NOON), "2026-03-17 09:00", "2026-03-26 16:00"),
	# The same after the cut-off: Wednesday 25, Thursday 26, Friday 27, which closes later.
	(working_days(3, same_day_cutoff=NOON), "2026-03-17 13:00", "2026-03-27 16:30"),
	# Over Lebaran in hours: 1 h on Tuesday 17, 7 h on Wednesday 25.
	(working_hours(8), "2026-03-17 15:00", "2026-03-25 15:00"),
	# Received on a holiday (Nyepi), before noon: counts from Wednesday 25.
	(working_days(1, same_day_cutoff=NOON), "2026-03-19 10:00", "2026-03-25 16:00"),
	(minutes(30), "2026-03-19 10:00", "2026-03-25 08:30"),
	# On the stroke of the cut-off, and a minute later.
	(working_days(1, same_day_cutoff=NOON), "2026-11-25 12:00", "2026-11-25 16:00"),
	(working_days(1, same_day_cutoff=NOON), "2026-11-25 12:01", "2026-11-26 16:00"),
	# The cut-off holds for hours, too: they begin to pass on Thursday.
	(working_hours(2, same_day_cutoff=NOON), "2026-11-25 12:01", "2026-11-26 10:00"),
	# Before opening: counts from 08:00.
	(working_hours(2), "2026-11-25 06:30", "2026-11-25 10:00"),
	(working_days(1, same_day_cutoff=NOON), "2026-11-25 06:30", "2026-11-25 16:00"),
	# At closing time and later: the next working day.
	(working_days(1), "2026-11-25 16:00", "2026-11-26 16:00"),
	(working_days(1), "2026-11-27 20:00", "2026-11-30 16:00"),
	# Friday closing.
	(working_days(1), "2026-11-27 09:00", "2026-11-27 16:30"),
	(working_days(1), "2026-11-27 16:15", "2026-11-27 16:30"),
	# To the minute of closing time: not the next morning.
	(working_hours(8), "2026-11-25 08:00", "2026-11-25 16:00"),
	# Over New Year: Thursday 31 December, Friday 1 January is a holiday, Monday 4.
	(working_days(2, same_day_cutoff=NOON), "2026-12-31 09:00", "2027-01-04 16:00"),
	# Round the clock over New Year: plain hours, plain days, no cut-off.
	(working_hours(24, round_the_clock=True), "2026-12-31 18:00", "2027-01-01 18:00"),
	(working_days(2, round_the_clock=True, same_day_cutoff=NOON), "2026-12-31 18:00", "2027-01-02 18:00"),
]


@pytest.mark.parametrize(("terms", "received", "expected"), BY_HAND)
def test_by_hand(terms, received, expected):
	assert promised_at(terms, at(received), HOURS) == at(expected)


PAUSES_BY_HAND = [
	# Once: 1 h of the day's 7 was used; 6 h are left: 2 on Thursday, 4 on Friday.
	(
		working_days(1, same_day_cutoff=NOON),
		"2026-11-25 09:00",
		[("2026-11-25 10:00", "2026-11-26 14:00")],
		"2026-11-27 12:00",
	),
	# Twice: due on Monday 16:00. After the first 6 of 8 h are left: 4 on Monday, 2 on Tuesday, due 10:00. The
	# second begins an hour before that: 1 h is left on Wednesday.
	(
		working_hours(8),
		"2026-11-23 08:00",
		[("2026-11-23 10:00", "2026-11-23 12:00"), ("2026-11-24 09:00", "2026-11-25 08:30")],
		"2026-11-25 09:30",
	),
	# While the office was closed: nothing stood still. 2 h on Friday, 2 h on Monday, with and without.
	(working_hours(4), "2026-11-27 14:30", [("2026-11-27 16:30", "2026-11-30 08:00")], "2026-11-30 10:00"),
	# Begun in the evening, before the day that counts: all 8 h are left on Tuesday 09:00.
	(working_days(1), "2026-11-23 20:00", [("2026-11-23 21:00", "2026-11-24 09:00")], "2026-11-25 09:00"),
	# Ended before the day that counts: it counts as if nothing had been.
	(working_days(1), "2026-11-23 20:00", [("2026-11-23 21:00", "2026-11-24 07:00")], "2026-11-24 16:00"),
	# Over Lebaran: 1 h is left on Tuesday 17 at 15:00; resumed on Friday 20 (free), so Wednesday 25.
	(working_days(1), "2026-03-17 09:00", [("2026-03-17 15:00", "2026-03-20 10:00")], "2026-03-25 09:00"),
	# Resumed after the cut-off: the rest still counts from then on, not from the next day.
	(
		working_hours(2, same_day_cutoff=NOON),
		"2026-11-25 09:00",
		[("2026-11-25 10:00", "2026-11-25 13:00")],
		"2026-11-25 14:00",
	),
	# Round the clock: 3 plain hours on a Saturday.
	(
		working_days(1, round_the_clock=True),
		"2026-11-28 10:00",
		[("2026-11-28 12:00", "2026-11-28 15:00")],
		"2026-11-29 13:00",
	),
	# Begun when the promise was over already: too late to move it.
	(working_days(1), "2026-11-25 09:00", [("2026-11-26 09:00", "2026-11-26 12:00")], "2026-11-25 16:00"),
]


@pytest.mark.parametrize(("terms", "received", "paused", "expected"), PAUSES_BY_HAND)
def test_pauses_by_hand(terms, received, paused, expected):
	spans = [(at(begins), at(ends)) for begins, ends in paused]
	assert promised_at(terms, at(received), HOURS, spans) == at(expected)


NEAR_BY_HAND = [
	# 80 % of 8 h are 6 h 24 min.
	(working_days(1), "2026-11-25 08:00", [], "2026-11-25 14:24"),
	# Half of 16 h.
	(working_hours(16, near_share=50), "2026-11-25 08:00", [], "2026-11-25 16:00"),
	# 2 h were used before the pause; of 6 h 24 min 4 h 24 min are left: 2 h on Thursday, the rest on Friday.
	(working_days(1), "2026-11-25 08:00", [("2026-11-25 10:00", "2026-11-26 14:00")], "2026-11-27 10:24"),
	# Round the clock: 90 % of 10 minutes.
	(minutes(10, round_the_clock=True, near_share=90), "2026-11-28 23:55", [], "2026-11-29 00:04"),
]


@pytest.mark.parametrize(("terms", "received", "paused", "expected"), NEAR_BY_HAND)
def test_near_by_hand(terms, received, paused, expected):
	spans = [(at(begins), at(ends)) for begins, ends in paused]
	assert near_at(terms, at(received), HOURS, spans) == at(expected)


@pytest.mark.parametrize(
	("value", "unit"),
	[
		(0, "Minutes"),
		(-1, "Working Days"),
		(1, "Fortnights"),
		(1, None),
		*((n + 1, u) for u, n in LONGEST.items()),
	],
)
def test_absurd_terms_are_refused(value, unit):
	with pytest.raises(ImpossibleTerms):
		Terms(value, unit)


def test_the_longest_terms_are_worked_out():
	for unit, value in LONGEST.items():
		assert promised_at(Terms(value, unit), at("2026-01-05 09:00"), HOURS) < at("2028-01-01 00:00")


def test_an_office_that_never_works_is_an_error_and_not_an_endless_search():
	free = frozenset(date(2026, 1, 1) + timedelta(days=number) for number in range(1000))
	with pytest.raises(NoWorkingTime):
		promised_at(working_days(1), at("2026-01-05 09:00"), OfficeHours(holidays=free))
	for closes, friday_closes in ((time(8), time(16)), (time(16), time(7))):
		with pytest.raises(NoWorkingTime):
			OfficeHours(time(8), closes, friday_closes)


# Always ------------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))
cutoffs = st.none() | st.times(time(8), time(15))
values = {"Minutes": 2000, "Working Hours": 100, "Working Days": 30}


@st.composite
def office_terms(draw):
	unit = draw(st.sampled_from(list(values)))
	return Terms(
		draw(st.integers(1, values[unit])),
		unit,
		same_day_cutoff=draw(cutoffs),
		near_share=draw(st.integers(1, 99)),
	)


@st.composite
def some_terms(draw):
	terms = draw(office_terms())
	return Terms(**{**vars(terms), "round_the_clock": draw(st.booleans())})


@st.composite
def pause_lists(draw):
	edges = sorted(draw(st.lists(moments, max_size=6)))
	return list(zip(edges[::2], edges[1::2], strict=False))


@given(some_terms(), moments, moments)
def test_what_comes_later_is_never_promised_earlier(terms, one, other):
	first, second = sorted((one, other))
	assert promised_at(terms, first, HOURS) <= promised_at(terms, second, HOURS)
	assert near_at(terms, first, HOURS) <= near_at(terms, second, HOURS)


@given(office_terms(), moments, pause_lists())
def test_nothing_is_promised_outside_office_hours(terms, received, paused):
	for moment in (promised_at(terms, received, HOURS, paused), near_at(terms, received, HOURS, paused)):
		opens, closes = HOURS.span(moment.date())
		assert HOURS.works_on(moment.date())
		assert opens < moment <= closes


@given(some_terms(), moments, pause_lists(), moments)
def test_a_pause_of_no_length_changes_nothing(terms, received, paused, moment):
	inserted = sorted([*paused, (moment, moment)])
	assert promised_at(terms, received, HOURS, inserted) == promised_at(terms, received, HOURS, paused)


@given(some_terms(), moments, pause_lists())
def test_near_lies_within_the_promise_and_pauses_only_move_it_on(terms, received, paused):
	near, due = (moment(terms, received, HOURS, paused) for moment in (near_at, promised_at))
	assert received <= near <= due
	assert due >= promised_at(terms, received, HOURS)


@given(office_terms(), moments, pause_lists())
def test_the_working_time_promised_is_the_working_time_given(terms, received, paused):
	start = HOURS.start(terms, received)
	promised = HOURS.between(start, HOURS.end(terms, start))
	due = promised_at(terms, received, HOURS, paused)
	stood = sum((HOURS.between(max(begins, start), min(ends, due)) for begins, ends in paused), timedelta())
	assert HOURS.between(start, due) - stood == promised


# Kept by a request -------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def office():
	"""The office of this file, as Sinjai Settings hold it; caches forget it when the test is rolled back."""
	settings = frappe.get_doc("Sinjai Settings")
	settings.update({"office_opens": "08:00", "office_closes": "16:00", "friday_closes": "16:30"})
	settings.set("holidays", [{**row, "shipped_date": row["holiday_date"]} for row in holidays.shipped()])
	settings.save()
	yield settings
	frappe.db.rollback()
	frappe.clear_document_cache("Sinjai Settings", "Sinjai Settings")
	frappe.clear_document_cache("Public Service", "KTP-EL")


@pytest.fixture
def clock_at(monkeypatch):
	"""Set the clock by which requests change their stage."""

	def set_clock(text: str):
		monkeypatch.setattr(tracked, "now_datetime", lambda: at(text))

	return set_clock


def change_service(**values):
	service = frappe.get_doc("Public Service", "KTP-EL")
	service.update(values)
	service.save()


def stored(doc, *fields):
	return frappe.db.get_value(doc.doctype, doc.name, fields or ("promised_at", "near_at", "promise_state"))


def test_every_request_form_has_what_the_promise_needs():
	for doctype in stages.request_doctypes():
		meta = frappe.get_meta(doctype)
		assert all(meta.has_field(field) for field in clock.KEPT)
		for index in ("promise_near", "promise_past", "promise_kept"):
			assert frappe.db.has_index(f"tab{doctype}", index)


def test_a_request_keeps_what_it_was_promised(clock_at):
	change_service(promise_value=1, promise_unit="Working Days", same_day_cutoff="12:00:00", near_share=50)
	clock_at("2026-11-25 09:00")
	doc = new_request()
	assert stored(doc) == (at("2026-11-25 16:00"), at("2026-11-25 12:30"), "Running")
	change_service(promise_value=9, promise_unit="Minutes", same_day_cutoff=None, near_share=10)
	doc.reload()
	doc.note = "Mohon dibantu"
	doc.save()
	clock.recompute(doc.doctype, [doc.name])
	assert stored(doc) == (at("2026-11-25 16:00"), at("2026-11-25 12:30"), "Running")
	assert stored(doc, "promise_value", "promise_unit") == (1, "Working Days")


def test_nobody_types_a_promise(clock_at):
	clock_at("2026-11-25 09:00")
	doc = new_request(promised_at="2030-01-01 00:00:00", promise_value=300, promise_state="Met")
	assert stored(doc, "promised_at", "promise_state") == (at("2026-11-25 16:00"), "Running")
	doc.promised_at = "2030-01-01 00:00:00"
	doc.update({"promise_value": 300, "received_at": "2030-01-01 00:00:00", "promise_state": "Met"})
	doc.save()
	assert stored(doc, "promised_at", "promise_state") == (at("2026-11-25 16:00"), "Running")
	assert stored(doc, "promise_value", "received_at") == (1, at("2026-11-25 09:00"))


def test_the_clock_stands_still_while_the_applicant_is_awaited(clock_at):
	clock_at("2026-11-25 08:00")
	doc = new_request()
	clock_at("2026-11-25 09:00")
	doc = move(doc, stages.CHECKING)
	clock_at("2026-11-25 10:00")
	doc = move(doc, stages.WAITING)
	assert stored(doc, "promise_state") == "Standing"
	# 6 of 8 h are left on Thursday 14:00: 2 h on Thursday, 4 on Friday.
	clock_at("2026-11-26 14:00")
	doc = move(doc, stages.CHECKING)
	assert stored(doc, "promised_at", "promise_state") == (at("2026-11-27 12:00"), "Running")
	# Once more, with an hour left; Monday 10:00 and an hour.
	clock_at("2026-11-27 11:00")
	doc = move(doc, stages.WAITING)
	clock_at("2026-11-30 10:00")
	doc = move(doc, stages.CHECKING)
	assert stored(doc, "promised_at") == at("2026-11-30 11:00")
	# The timeline alone gives the same moment.
	assert clock.recompute(doc.doctype, [doc.name]) == 0


@pytest.mark.parametrize(("ready", "state"), [("2026-11-25 16:00", "Met"), ("2026-11-25 16:01", "Missed")])
def test_a_promise_is_met_or_missed_when_the_product_is_ready(clock_at, ready, state):
	clock_at("2026-11-25 08:00")
	doc = move(move(new_request(), stages.CHECKING), stages.DECIDING)
	clock_at(ready)
	doc = move(doc, stages.READY)
	assert stored(doc, "promise_state") == state
	clock_at("2026-12-20 10:00")
	doc = move(doc, stages.COMPLETED)
	assert stored(doc, "promise_state") == state


def test_withdrawn_while_waiting_is_judged_by_the_time_that_was_left(clock_at):
	clock_at("2026-11-25 08:00")
	doc = move(new_request(), stages.CHECKING)
	doc = move(doc, stages.WAITING)
	clock_at("2026-12-20 10:00")
	doc = move(doc, stages.WITHDRAWN)
	assert stored(doc, "promise_state") == "Met"


def test_a_state_that_becomes_a_waiting_one_stops_the_clock(clock_at):
	"""An administrator changes what a state means; the requests in it follow without moving."""
	clock_at("2026-11-25 08:00")
	doc = move(new_request(), stages.CHECKING)
	flow = frappe.get_doc("Workflow", frappe.get_meta(doc.doctype).get_workflow())
	row = next(row for row in flow.states if row.state == doc.workflow_state)
	try:
		clock_at("2026-11-25 10:00")
		row.sinjai_stage = stages.WAITING
		flow.save()
		assert stored(doc, "promise_state") == "Standing"
		clock_at("2026-11-26 10:00")
		row.sinjai_stage = stages.CHECKING
		flow.save()
		# 6 h are left on Thursday 10:00.
		assert stored(doc, "promised_at", "promise_state") == (at("2026-11-26 16:00"), "Running")
		assert clock.recompute(doc.doctype, [doc.name]) == 0
	finally:
		frappe.db.rollback()
		frappe.clear_cache(doctype=doc.doctype)
		frappe.clear_document_cache("Workflow", flow.name)


# Holidays and office hours change ----------------------------------------------------------------------


@pytest.fixture
def enqueued(monkeypatch):
	calls = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **options: calls.append((method, options)))
	return calls


def test_a_new_holiday_moves_running_promises_and_is_put_on_record(clock_at, office, enqueued):
	clock_at("2026-11-25 13:00")
	doc = new_request()
	ended = move(new_request(), stages.WITHDRAWN)
	assert stored(doc, "promised_at") == at("2026-11-26 16:00")
	before = stored(ended)
	office.append("holidays", {"holiday_date": "2026-11-26", "holiday_name": "Pilkada", "kind": "Local"})
	office.save()
	((method, options),) = enqueued
	assert frappe.get_attr(method) is clock.recompute_all
	assert options["enqueue_after_commit"]
	assert clock.recompute(doc.doctype, [doc.name, ended.name]) == 1
	assert stored(doc, "promised_at") == at("2026-11-27 16:30")
	assert stored(ended) == before
	notes = [event for event in doc.timeline() if event.event == "Note"]
	assert [bool(note.public) for note in notes] == [False]
	assert clock.recompute(doc.doctype, [doc.name, ended.name]) == 0
	assert len([event for event in doc.timeline() if event.event == "Note"]) == 1


def test_only_a_real_difference_starts_the_job(office, enqueued):
	office.slogan = "Sinjai Bersatu"
	office.holidays[0].holiday_name = "Tahun Baru"
	office.save()
	office.reload()
	office.save()
	assert enqueued == []
	office.friday_closes = "11:00"
	office.save()
	assert len(enqueued) == 1


def test_the_job_takes_all_open_requests_in_batches(clock_at, office, monkeypatch):
	clock_at("2026-11-25 13:00")
	docs = [new_request() for _number in range(3)]
	office.append("holidays", {"holiday_date": "2026-11-26", "holiday_name": "Pilkada", "kind": "Local"})
	office.save()
	commits = []
	monkeypatch.setattr(frappe.db, "commit", lambda: commits.append(1))
	monkeypatch.setattr(clock, "BATCH", 2)
	clock.recompute_all()
	assert {stored(doc, "promised_at") for doc in docs} == {at("2026-11-27 16:30")}
	assert len(commits) >= 2


def test_a_request_that_cannot_be_promised_does_not_stop_the_others(clock_at, office):
	clock_at("2026-11-25 13:00")
	broken, doc = new_request(), new_request()
	frappe.db.set_value(broken.doctype, broken.name, "promise_unit", "")
	office.append("holidays", {"holiday_date": "2026-11-26", "holiday_name": "Pilkada", "kind": "Local"})
	office.save()
	assert clock.recompute(doc.doctype, [broken.name, doc.name]) == 1
	assert stored(doc, "promised_at") == at("2026-11-27 16:30")


def test_a_form_opened_before_does_not_write_the_old_promise_back(clock_at, office):
	clock_at("2026-11-25 13:00")
	doc = new_request()
	office.append("holidays", {"holiday_date": "2026-11-26", "holiday_name": "Pilkada", "kind": "Local"})
	office.save()
	clock.recompute(doc.doctype, [doc.name])
	doc.note = "Formulir sudah lama terbuka"
	doc.save()
	assert stored(doc, "promised_at") == at("2026-11-27 16:30")


@pytest.mark.parametrize(
	"values",
	[
		{"office_closes": "08:00"},
		{"friday_closes": "07:00"},
		{
			"holidays": [
				{"holiday_date": "2026-11-26", "holiday_name": name, "kind": "Local"} for name in "AB"
			]
		},
		{
			"holidays": [
				{
					"holiday_date": date(2026, 1, 1) + timedelta(days=number),
					"holiday_name": "Libur",
					"kind": "Local",
				}
				for number in range(1200)
			]
		},
	],
	ids=["closes-before-it-opens", "on-fridays-too", "a-day-twice", "never-open"],
)
def test_an_office_that_cannot_work_is_refused_with_what_to_do(office, values):
	office.update(values)
	with pytest.raises(frappe.ValidationError):
		office.save()


def test_holidays_are_kept_in_order(office):
	office.append(
		"holidays", {"holiday_date": "2026-02-27", "holiday_name": "Hari Jadi Sinjai", "kind": "Local"}
	)
	office.save()
	office.reload()
	days = [row.holiday_date for row in office.holidays]
	assert days == sorted(days)
	assert date(2026, 2, 27) in days


# The shipped list --------------------------------------------------------------------------------------


@pytest.fixture
def in_2026(monkeypatch):
	monkeypatch.setattr(holidays, "getdate", lambda day=None: frappe.utils.getdate(day or "2026-11-25"))


def test_the_shipped_list_fills_an_empty_table_once(office, in_2026):
	office.set("holidays", [])
	office.save()
	assert holidays.add_shipped_holidays() == len(holidays.shipped())
	assert holidays.add_shipped_holidays() == 0
	kinds = {row.holiday_date: row.kind for row in frappe.get_doc("Sinjai Settings").holidays}
	assert kinds[date(2026, 3, 19)] == "National"
	assert kinds[date(2026, 3, 20)] == "Joint Leave"


def test_fetching_again_touches_no_row(office, in_2026):
	"""A moved row, a renamed one, a day that is a local holiday already: none of them comes again."""
	by_day = {str(row.holiday_date): row for row in office.holidays}
	by_day["2027-03-10"].holiday_date = "2027-03-09"
	office.remove(by_day["2027-03-09"])
	by_day["2027-01-01"].holiday_name = "Tahun Baru"
	office.remove(by_day["2027-12-24"])
	assert [row["holiday_date"] for row in office.missing_shipped_holidays()] == ["2027-12-24"]


def test_years_gone_by_are_not_fetched(office, monkeypatch):
	monkeypatch.setattr(holidays, "getdate", lambda day=None: frappe.utils.getdate(day or "2027-01-02"))
	office.set("holidays", [])
	assert {row["holiday_date"][:4] for row in office.missing_shipped_holidays()} == {"2027"}


# The service -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	"values",
	[{"promise_value": 0}, {"promise_value": 367}, {"near_share": 0}, {"near_share": 100}],
	ids=str,
)
def test_a_service_cannot_promise_the_impossible(values):
	with pytest.raises(frappe.ValidationError):
		change_service(**values)


def test_a_service_without_a_cut_off_gets_none():
	"""The platform fills an empty time with the time of day, which would be a cut-off nobody wanted."""
	values = frappe.get_doc("Public Service", "KTP-EL").as_dict()
	keys = ("doctype", "service_name", "agency", "request_doctype", "promise_value", "promise_unit")
	copy = frappe.get_doc({**{key: values[key] for key in keys}, "service_code": "TANPA-BATAS"}).insert()
	assert frappe.db.get_value("Public Service", copy.name, ["same_day_cutoff", "near_share"]) == (None, 80)
