"""When people may be told, whatever their zone, shifts, leave and quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine.calendars import OFFICE_WEEK, Calendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, DaySpan, Holder, HolderKind, Preferences, Profile, Team
from milepost.engine.telling import MessageWishes, QuietHours, Timing
from milepost.engine.views import calendar_of
from milepost.operations.telling_times import FAR, digest_moment, digest_period, next_welcome
from tests.engine.some_calendars import (
    NIGHTS,
    NO_WORK,
    ONE_DAY,
    SOME_MOMENTS,
    SOME_WEEKS,
    SOME_ZONES,
    at,
    unhurried,
)

ANA = Holder(HolderKind.ACTOR, "ana")
SUPPORT = Holder(HolderKind.TEAM, "support")
Week = tuple[tuple[Shift, ...], ...]
_CLOCKS = st.times(max_value=time(23, 59)).map(lambda clock: clock.replace(second=0, microsecond=0))
SOME_QUIET = st.lists(
    st.builds(QuietHours, _CLOCKS, _CLOCKS).filter(lambda one: one.begins != one.ends), max_size=2
).map(tuple)
SOME_LEAVE = st.lists(
    st.builds(lambda first, days: (first, days), st.integers(-5, 30), st.integers(0, 200)), max_size=2
)
#: Nobody works past midnight.
WEEKS_OF_DAYS = st.tuples(
    *[st.builds(Shift, st.times(max_value=time(11)), st.times(time(12))).map(lambda shift: (shift,)) | st.just(())] * 7
).filter(any)


@dataclass(frozen=True)
class Person:
    """Ana with a calendar and wishes, and what her clock says."""

    facts: Facts
    wishes: MessageWishes

    @classmethod
    def of(
        cls, zone: str, week: Week = OFFICE_WEEK, leave: Sequence[DaySpan] = (), wishes: MessageWishes | None = None
    ) -> Person:
        """Put her together."""
        chosen = wishes or MessageWishes()
        actor = Actor(
            "ana", profiles=(Profile(zone=zone),), leave=tuple(leave), preferences=Preferences(messages=chosen)
        )
        return cls(Facts(actors={"ana": actor}, calendars={"default": Calendar(week=week)}), chosen)

    def welcome(self, moment: datetime) -> datetime:
        """Give the next welcome moment."""
        return next_welcome(ANA, moment, self.facts)

    def is_welcome(self, moment: datetime) -> bool:
        """Say whether a moment is in working hours and not quiet, by the clock on the wall."""
        calendar = calendar_of(ANA, self.facts)
        days = [calendar.day_of(moment) + timedelta(days=number) for number in (-1, 0, 1)]
        works = any(begins <= moment < ends for day in days for begins, ends in calendar.shifts_on(day))
        is_quiet = any(calendar.local(moment).time() in one for one in self.wishes.quiet)
        return (works or self.wishes.outside_working_hours) and not is_quiet


@unhurried
@given(st.data(), SOME_ZONES, SOME_WEEKS, SOME_QUIET, SOME_MOMENTS, SOME_LEAVE)
def test_it_is_the_first_moment_that_is_welcome(
    data: st.DataObject,
    zone: str,
    week: Week,
    quiet: tuple[QuietHours, ...],
    moment: datetime,
    away: list[tuple[int, int]],
) -> None:
    first = [moment.date() + timedelta(days=begins) for begins, _ in away]
    leave = [DaySpan(on, on + timedelta(days=days)) for on, (_, days) in zip(first, away, strict=True)]
    person = Person.of(zone, week, leave, MessageWishes(quiet=quiet))
    found = person.welcome(moment)
    assert found >= moment
    if not person.is_welcome(found):  # the quiet hours leave nothing of the working hours
        found = moment + timedelta(days=14)
    assert person.welcome(found) >= found
    between = data.draw(st.integers(0, max(0, (found - moment) // timedelta(minutes=1) - 1)))
    earlier = moment + timedelta(minutes=between)
    assert earlier >= found or not person.is_welcome(earlier)


@unhurried
@given(SOME_ZONES, SOME_QUIET, SOME_MOMENTS)
def test_who_may_be_told_at_any_time_is_never_told_in_quiet_hours(
    zone: str, quiet: tuple[QuietHours, ...], moment: datetime
) -> None:
    person = Person.of(zone, wishes=MessageWishes(quiet=quiet, outside_working_hours=True))
    found = person.welcome(moment)
    assert found == moment + FAR or (person.is_welcome(found) and found - moment < 2 * ONE_DAY)
    assert found == moment or not person.is_welcome(moment)


@unhurried
@given(SOME_ZONES, WEEKS_OF_DAYS, SOME_MOMENTS)
def test_a_daily_digest_comes_on_the_next_working_day_when_work_begins(zone: str, week: Week, since: datetime) -> None:
    person = Person.of(zone, week)
    calendar = calendar_of(ANA, person.facts)
    following = calendar.day_of(since) + ONE_DAY
    while not calendar.is_working_day(following):
        following += ONE_DAY
    found = digest_moment(ANA, Timing.DAILY, since, person.facts)
    assert found == calendar.shifts_on(following)[0][0] > since


@unhurried
@given(SOME_ZONES, SOME_WEEKS, SOME_MOMENTS)
def test_a_weekly_digest_comes_in_the_week_after(zone: str, week: Week, since: datetime) -> None:
    person = Person.of(zone, week)
    calendar = calendar_of(ANA, person.facts)
    found = digest_moment(ANA, Timing.WEEKLY, since, person.facts)
    first = calendar.day_of(since) - timedelta(days=calendar.day_of(since).weekday() - 7)
    assert calendar.start_of(first) <= found < calendar.start_of(first + timedelta(days=8))
    assert digest_period(ANA, Timing.WEEKLY, found, person.facts) == f"{calendar.day_of(since):%G-W%V}"


def test_quiet_hours_end_when_the_clock_says_so_the_second_time() -> None:
    wishes = MessageWishes(quiet=(QuietHours(time(22), time(2, 30)),), outside_working_hours=True)
    person = Person.of("Europe/Madrid", wishes=wishes)
    second_time = at("2026-10-25T02:10:00+01:00")
    assert person.welcome(second_time) == at("2026-10-25T02:30:00+01:00")


def test_quiet_hours_whose_end_the_clocks_skip_end_when_the_clocks_go_on() -> None:
    wishes = MessageWishes(quiet=(QuietHours(time(22), time(2, 30)),), outside_working_hours=True)
    person = Person.of("Europe/Madrid", wishes=wishes)
    assert person.welcome(at("2026-03-28T23:00:00+01:00")) == at("2026-03-29T03:00:00+02:00")


def test_a_night_shift_is_told_in_the_night() -> None:
    person = Person.of("Europe/Madrid", NIGHTS)
    assert person.welcome(at("2026-03-02T12:00:00+01:00")) == at("2026-03-02T22:00:00+01:00")
    assert person.welcome(at("2026-03-03T03:00:00+01:00")) == at("2026-03-03T03:00:00+01:00")


def test_after_months_of_leave_one_is_told_on_the_first_day_back() -> None:
    person = Person.of("Europe/Madrid", leave=[DaySpan(date(2026, 3, 2), date(2027, 8, 31))])
    assert person.welcome(at("2026-03-01T10:00:00+01:00")) == at("2027-09-01T09:00:00+02:00")
    weekly = digest_moment(ANA, Timing.WEEKLY, at("2026-02-27T10:00:00+01:00"), person.facts)
    assert weekly == at("2027-09-01T09:00:00+02:00")


def test_quiet_hours_over_all_of_the_work_leave_another_time_of_a_working_day() -> None:
    wishes = MessageWishes(quiet=(QuietHours(time(8), time(18)),))
    person = Person.of("Europe/Madrid", wishes=wishes)
    assert person.welcome(at("2026-03-07T12:00:00+01:00")) == at("2026-03-09T00:00:00+01:00")
    assert person.welcome(at("2026-03-09T12:00:00+01:00")) == at("2026-03-09T18:00:00+01:00")


@pytest.mark.parametrize(
    "person",
    [
        Person.of("UTC", NO_WORK),
        Person.of("UTC", leave=[DaySpan(date(2026, 1, 1), date(9999, 12, 31))]),
        Person.of("UTC", wishes=MessageWishes(quiet=(QuietHours(time(0), time(12)), QuietHours(time(12), time(0))))),
    ],
)
def test_who_is_never_welcome_is_looked_for_no_further_than_three_years(person: Person) -> None:
    moment = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert person.welcome(moment) == moment + FAR


def test_a_team_is_told_in_its_own_working_hours() -> None:
    facts = Facts(teams={"support": Team("support", zone="Asia/Tokyo")})
    assert next_welcome(SUPPORT, at("2026-03-02T20:00:00+09:00"), facts) == at("2026-03-03T09:00:00+09:00")


def test_a_digest_is_named_after_the_working_day_or_the_week_before() -> None:
    facts = Person.of("Europe/Madrid").facts
    monday = at("2026-03-09T09:00:00+01:00")
    assert digest_period(ANA, Timing.DAILY, monday, facts) == "2026-03-06"
    assert digest_period(ANA, Timing.WEEKLY, monday, facts) == "2026-W10"
