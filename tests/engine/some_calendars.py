"""Calendars, people and moments that the tests of time share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import available_timezones

from hypothesis import settings
from hypothesis import strategies as st

from milepost.engine.calendars import OFFICE_WEEK, Calendar, PersonalCalendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, DaySpan, Profile

#: The first look at a zone or country reads its tables.
unhurried = settings(deadline=None)

ONE_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOTHING = timedelta()

NIGHTS = ((Shift(time(22), time(6)),),) * 5 + ((),) * 2
AROUND_THE_CLOCK = ((Shift(time(), time()),),) * 7
NO_WORK: tuple[tuple[Shift, ...], ...] = ((),) * 7

SOME_SHIFTS = st.builds(
    Shift,
    st.times(max_value=time(23, 59)).map(lambda clock: clock.replace(microsecond=0)),
    st.times(max_value=time(23, 59)).map(lambda clock: clock.replace(microsecond=0)),
)
SOME_WEEKS = st.tuples(*[st.lists(SOME_SHIFTS, max_size=2).map(tuple)] * 7).filter(any)
SOME_ZONES = st.sampled_from(sorted(available_timezones()))
SOME_MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - st adds it


def calendar_of(calendar: Calendar, *, zone: str | None = None, leave: Sequence[DaySpan] = ()) -> PersonalCalendar:
    """Give the time of a person who has always gone by *calendar*."""
    actor = Actor("ana", profiles=(Profile(zone=zone),), leave=tuple(leave))
    return PersonalCalendar.of_actor(actor, Facts(calendars={"default": calendar}))


def calendar_with_history(*profiles: Profile, **calendars: Calendar) -> PersonalCalendar:
    """Give the time of a person with several profiles."""
    return PersonalCalendar.of_actor(Actor("ana", profiles=profiles), Facts(calendars=calendars))


def in_zone(zone: str, week: tuple[tuple[Shift, ...], ...] = OFFICE_WEEK) -> PersonalCalendar:
    """Give the time of a person in a zone."""
    return calendar_of(Calendar(zone=zone, week=week))


def at(text: str) -> datetime:
    """Read a moment with its offset."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment
