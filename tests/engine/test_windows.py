"""Calendar windows and their days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.engine.calendars import Calendar, PersonalCalendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.kinds import CalendarWindow
from milepost.engine.people import Actor, DaySpan
from milepost.engine.windows import (
    bounds,
    days_in,
    following,
    is_working_window,
    window_from_key,
    window_of,
    working_days_in,
)

#: The first look at a zone or country reads its tables.
unhurried = settings(deadline=None)

DAY, WEEK, MONTH, QUARTER, YEAR = CalendarWindow

SOME_DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
SOME_KINDS = st.sampled_from(CalendarWindow)


def calendar_of(calendar: Calendar, *leave: DaySpan) -> PersonalCalendar:
    """Give the time of a person who goes by *calendar*."""
    return PersonalCalendar.of_actor(Actor("ana", leave=leave), Facts(calendars={"default": calendar}))


@pytest.mark.parametrize(
    ("day", "kind", "key", "first_on", "last_on"),
    [
        (date(2026, 3, 2), DAY, "2026-03-02", date(2026, 3, 2), date(2026, 3, 2)),
        (date(2026, 3, 8), WEEK, "2026-W10", date(2026, 3, 2), date(2026, 3, 8)),
        (date(2027, 1, 3), WEEK, "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (date(2025, 12, 29), WEEK, "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        (date(2026, 2, 28), MONTH, "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 1), MONTH, "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), MONTH, "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 3, 31), QUARTER, "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 11, 1), QUARTER, "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), YEAR, "2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_window_of_each_kind(
    day: date, kind: CalendarWindow, key: str, first_on: date, last_on: date
) -> None:
    """A day lies in one window of each kind, which has a key and two ends."""
    window = window_of(day, kind)
    assert (window.kind, window.key, window.first_on, window.last_on) == (kind, key, first_on, last_on)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("2026-02-30", DAY),
        ("20260302", DAY),
        ("2026-W10-1", DAY),
        ("2026-W54", WEEK),
        ("2025-W53", WEEK),
        ("2026-W1", WEEK),
        ("2026-03", WEEK),
        ("2026-13", MONTH),
        ("2026-Q5", QUARTER),
        ("2026-Q0", QUARTER),
        ("0000", YEAR),
        ("26", YEAR),
        ("\u0662\u0660\u0662\u0666", YEAR),
        ("", YEAR),
        ("ever", WEEK),
    ],
)
def test_a_wrong_key_is_refused_with_an_example(key: str, kind: CalendarWindow) -> None:
    """A key that names no window is refused with one that does."""
    with pytest.raises(ValueError, match=f"write it like {window_of(date(2026, 3, 2), kind).key}"):
        window_from_key(key, kind)


@pytest.mark.parametrize(
    ("zone", "day", "kind", "start", "hours"),
    [
        ("Europe/Madrid", date(2026, 3, 29), DAY, "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Madrid", date(2026, 3, 29), WEEK, "2026-03-22T23:00:00+00:00", 7 * 24 - 1),
        ("Europe/Madrid", date(2026, 10, 1), MONTH, "2026-09-30T22:00:00+00:00", 31 * 24 + 1),
        ("Australia/Lord_Howe", date(2026, 4, 5), DAY, "2026-04-04T13:00:00+00:00", 24.5),
        ("Pacific/Apia", date(2011, 12, 31), WEEK, "2011-12-26T10:00:00+00:00", 6 * 24),
        ("America/Sao_Paulo", date(2018, 11, 4), DAY, "2018-11-04T03:00:00+00:00", 23),
    ],
)
def test_windows_begin_and_end_with_the_holders_days(
    zone: str, day: date, kind: CalendarWindow, start: str, hours: float
) -> None:
    """A window's moments are those of the holder's first day and of the day after the last."""
    begins, ends = bounds(window_of(day, kind), calendar_of(Calendar(zone=zone)))
    assert begins.isoformat() == start
    assert ends - begins == timedelta(hours=hours)


def test_the_week_of_a_night_worker_ends_with_the_last_shift() -> None:
    """Sunday's night shift belongs to the week that ends with Sunday."""
    calendar = calendar_of(Calendar(week=((Shift(time(22), time(6)),),) * 7))
    assert bounds(window_of(date(2026, 3, 2), WEEK), calendar) == (
        datetime(2026, 3, 2, 6, tzinfo=UTC),
        datetime(2026, 3, 9, 6, tzinfo=UTC),
    )


def test_the_working_days_of_a_window_leave_out_holidays_and_leave() -> None:
    """The week of Epiphany has three working days when Friday is leave."""
    window = window_of(date(2026, 1, 5), WEEK)
    friday = DaySpan(date(2026, 1, 9), date(2026, 1, 9))
    calendar = calendar_of(Calendar(country="DE", subdivision="BY"), friday)
    assert len(days_in(window)) == 7
    assert [day.day for day in working_days_in(window, calendar)] == [5, 7, 8]


def test_a_week_of_leave_is_no_working_week() -> None:
    """A window is a working one while one working day is left."""
    window = window_of(date(2026, 3, 2), WEEK)
    whole, most = (DaySpan(date(2026, 3, 2), date(2026, 3, day)) for day in (6, 5))
    assert not is_working_window(window, calendar_of(Calendar(), whole))
    assert is_working_window(window, calendar_of(Calendar(), most))


@unhurried
@given(day=SOME_DAYS, kind=SOME_KINDS)
def test_windows_part_the_days_among_them(day: date, kind: CalendarWindow) -> None:
    """All days of a window lie in it and in no other, and the days around it in its neighbours."""
    window = window_of(day, kind)
    assert day in days_in(window)
    assert all(window_of(other, kind) == window for other in (window.first_on, window.last_on))
    assert following(window).first_on == window.last_on + timedelta(days=1)


@unhurried
@given(day=SOME_DAYS, kind=SOME_KINDS)
def test_a_key_leads_back_to_its_window(day: date, kind: CalendarWindow) -> None:
    """A key leads back to its window, and keys are in the order of time."""
    window = window_of(day, kind)
    assert window_from_key(window.key, kind) == window
    assert window.key < following(window).key
