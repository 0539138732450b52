"""Working time: measured between moments, and added to them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine.calendars import Calendar, Shift
from milepost.engine.people import DaySpan, Profile
from tests.engine.some_calendars import (
    AROUND_THE_CLOCK,
    HOUR,
    NO_WORK,
    NOTHING,
    ONE_DAY,
    SOME_MOMENTS,
    SOME_WEEKS,
    SOME_ZONES,
    at,
    calendar_of,
    calendar_with_history,
    in_zone,
    unhurried,
)


def test_working_time_leaves_out_nights_weekends_and_holidays() -> None:
    """From Friday afternoon to Tuesday morning three hours are worked when Monday is a holiday."""
    start, end = at("2026-05-22T15:00+02:00"), at("2026-05-26T10:00+02:00")
    bavaria = calendar_of(Calendar(zone="Europe/Berlin", country="DE", subdivision="BY"))
    assert bavaria.working_time(start, end) == 3 * HOUR
    assert in_zone("Europe/Berlin").working_time(start, end) == 11 * HOUR
    assert bavaria.working_time(end, start) == NOTHING


def test_working_time_goes_by_the_clock_on_the_wall_across_a_change() -> None:
    """A weekend in which the clocks change does not shift Monday's hours."""
    friday, monday = at("2026-03-27T16:00+01:00"), at("2026-03-30T10:00+02:00")
    assert in_zone("Europe/Madrid").working_time(friday, monday) == 2 * HOUR
    nights = in_zone("Europe/Madrid", AROUND_THE_CLOCK)
    assert nights.working_time(at("2026-03-29T00:00+01:00"), at("2026-03-30T00:00+02:00")) == 23 * HOUR


def test_elapsed_is_the_plain_difference_on_the_wall_clock() -> None:
    """By the wall clock a weekend counts, and going back is negative."""
    calendar, friday, monday = in_zone("UTC"), at("2026-03-06T16:00Z"), at("2026-03-09T10:00Z")
    assert calendar.elapsed(friday, monday, working=False) == 66 * HOUR
    assert calendar.elapsed(friday, monday, working=True) == 2 * HOUR
    assert calendar.elapsed(monday, friday, working=False) == -66 * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-06T16:00Z", 1, "2026-03-06T17:00Z"),
        ("2026-03-06T16:00Z", 2, "2026-03-09T10:00Z"),
        ("2026-03-07T12:00Z", 0.5, "2026-03-09T09:30Z"),
        ("2026-03-07T12:00Z", 0, "2026-03-07T12:00Z"),
        ("2026-03-02T09:00Z", 40, "2026-03-06T17:00Z"),
        ("2026-03-02T09:00Z", 40 * 52 * 6, "2032-02-20T17:00Z"),
    ],
)
def test_adding_working_time_gives_the_first_moment_it_has_passed(start: str, hours: float, end: str) -> None:
    """Adding working time gives the first moment at which it has passed."""
    assert in_zone("UTC").add(at(start), hours * HOUR, working=True) == at(end)


def test_adding_wall_time_counts_every_hour() -> None:
    """By the wall clock a night with a change of clocks has as many hours as it has."""
    added = in_zone("Europe/Madrid").add(at("2026-03-28T12:00+01:00"), 24 * HOUR, working=False)
    assert added.isoformat() == "2026-03-29T11:00:00+00:00"


def test_without_working_time_the_wall_clock_counts() -> None:
    """A calendar without working time, or leave without end, keeps nothing waiting for ever."""
    start = at("2026-03-02T16:00Z")
    assert in_zone("UTC", NO_WORK).add(start, 5 * HOUR, working=True) == start + 5 * HOUR
    assert in_zone("UTC", NO_WORK).working_time(start, start + 50 * ONE_DAY) == NOTHING
    gone = calendar_of(Calendar(), leave=[DaySpan(date(2026, 3, 3), date(2199, 1, 1))])
    assert gone.add(start, 5 * HOUR, working=True) == at("2026-03-02T21:00Z")


def test_placeholders_for_never_are_no_burden() -> None:
    """Days at either end of all time have starts, days and working time."""
    calendar = in_zone("Asia/Tokyo")
    first, last = calendar.parse_moment("0001-01-01T00:00:00"), calendar.parse_moment("9999-12-31T23:59:59Z")
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert calendar.day_of(first) < date(1, 2, 1) < date(9999, 12, 1) < calendar.day_of(last)
    assert calendar.start_of(date.min) < calendar.start_of(date.max)
    assert calendar.working_time(first, at("1970-01-01T00:00Z")) == NOTHING
    assert calendar.working_time(at("2100-01-01T00:00Z"), last) == NOTHING


def test_late_hours_in_the_far_west_are_worked_two_days_later_in_utc() -> None:
    """Monday's shift in Honolulu may last until Wednesday in UTC."""
    calendar = in_zone("Pacific/Honolulu", ((Shift(time(22), time(21)),), *((),) * 6))
    assert calendar.working_time(at("2026-03-04T06:00Z"), at("2026-03-04T12:00Z")) == HOUR


def test_hours_that_two_days_share_after_a_move_are_worked_once() -> None:
    """Tuesday in Tokyo begins before Monday in Honolulu has ended."""
    calendar = calendar_with_history(
        Profile(zone="Pacific/Honolulu"), Profile(since=at("2026-03-03T06:00Z"), zone="Asia/Tokyo")
    )
    assert calendar.shifts_on(date(2026, 3, 2))[0][1] == at("2026-03-03T03:00Z")
    assert calendar.shifts_on(date(2026, 3, 3))[0][0] == at("2026-03-03T00:00Z")
    assert calendar.working_time(at("2026-03-02T12:00Z"), at("2026-03-03T12:00Z")) == 13 * HOUR


# ------------------------------------------------------------- what holds for all


@unhurried
@given(
    zone=SOME_ZONES,
    week=SOME_WEEKS,
    start=SOME_MOMENTS,
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=4)),
)
def test_adding_working_time_and_measuring_it_are_inverse(
    zone: str, week: tuple[tuple[Shift, ...], ...], start: datetime, length: timedelta
) -> None:
    """The working time up to the moment given is the one asked for, and a moment earlier it is less."""
    leave = DaySpan(start.date() + ONE_DAY, start.date() + 3 * ONE_DAY)
    calendar = calendar_of(Calendar(zone=zone, week=week, country="ES"), leave=[leave])
    end = calendar.add(start, length, working=True)
    assert calendar.working_time(start, end) == length
    assert calendar.working_time(start, end - timedelta.resolution) < length


@unhurried
@given(
    zone=SOME_ZONES, week=SOME_WEEKS, start=SOME_MOMENTS, lengths=st.tuples(*[st.timedeltas(NOTHING, 9 * ONE_DAY)] * 2)
)
def test_working_time_adds_up(
    zone: str, week: tuple[tuple[Shift, ...], ...], start: datetime, lengths: tuple[timedelta, timedelta]
) -> None:
    """The working time of two stretches in a row is that of the whole, and no more than the wall clock's."""
    calendar = in_zone(zone, week)
    middle = start + lengths[0]
    end = middle + lengths[1]
    whole = calendar.working_time(start, end)
    assert calendar.working_time(start, middle) + calendar.working_time(middle, end) == whole <= end - start


@unhurried
@given(
    zone=st.sampled_from(["Europe/Madrid", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    start=st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 9), timezones=st.just(UTC)),  # noqa: DTZ001 - st adds it
    quarters=st.integers(0, 400),
)
def test_working_time_is_what_a_watch_counts(zone: str, start: datetime, quarters: int) -> None:
    """Looking at the clock four times an hour gives the same working time."""
    start = start.replace(minute=0, second=0, microsecond=0)
    step = HOUR / 4
    clocks = [(start + step * count).astimezone(ZoneInfo(zone)) for count in range(quarters)]
    counted = sum(clock.weekday() < 5 and 9 <= clock.hour < 17 for clock in clocks)
    assert in_zone(zone).working_time(start, start + step * quarters) == step * counted
