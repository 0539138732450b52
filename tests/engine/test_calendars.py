"""One holder's own time: zones, local days and working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from milepost.engine.calendars import OFFICE_WEEK, Calendar, PersonalCalendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, DaySpan, Profile, Team
from tests.engine.some_calendars import (
    AROUND_THE_CLOCK,
    HOUR,
    NIGHTS,
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


def hours_of(calendar: PersonalCalendar, day: date) -> float:
    """Add up the shifts of a day."""
    return sum((end - start for start, end in calendar.shifts_on(day)), NOTHING) / HOUR


# ------------------------------------------------------------- which calendar, which zone


def test_the_own_calendar_goes_before_the_teams_and_the_teams_before_the_default() -> None:
    """The own calendar goes before the team's, the team's before the default."""
    facts = Facts(
        teams={"support": Team("support", calendar="team")},
        calendars={key: Calendar(key, zone) for key, zone in
                   [("default", "Europe/Madrid"), ("team", "Asia/Tokyo"), ("own", "America/Lima")]},
    )  # fmt: skip
    zones = [
        PersonalCalendar.of_actor(Actor("ana", profiles=(profile,)), facts).zone_at(at("2026-03-02T00:00Z")).key
        for profile in (
            Profile(team="support", calendar="own"),
            Profile(team="support"),
            Profile(),
            Profile(team="support", calendar="gone"),
            Profile(team="gone"),
            Profile(team="support", zone="Asia/Kathmandu"),
        )
    ]
    assert zones == [
        "America/Lima",
        "Asia/Tokyo",
        "Europe/Madrid",
        "Europe/Madrid",
        "Europe/Madrid",
        "Asia/Kathmandu",
    ]


def test_without_any_calendar_it_is_office_hours_in_utc() -> None:
    """Without any calendar it is office hours in UTC."""
    calendar = PersonalCalendar.of_actor(Actor("ana"), Facts())
    assert calendar.shifts_on(date(2026, 3, 2)) == ((at("2026-03-02T09:00Z"), at("2026-03-02T17:00Z")),)


def test_a_team_has_its_own_zone_and_calendar_and_an_unknown_one_the_defaults() -> None:
    """A team has its own zone and calendar, and an unknown one the default's."""
    facts = Facts(
        teams={"a": Team("a", calendar="b"), "z": Team("z", zone="Asia/Tokyo", calendar="b")},
        calendars={"default": Calendar(zone="Europe/Madrid"), "b": Calendar("b", "America/Lima", week=NIGHTS)},
    )
    calendars = [PersonalCalendar.of_team(team, facts) for team in ("a", "z", "unknown")]
    assert [calendar.shifts_on(date(2026, 3, 2))[0][0] for calendar in calendars] == [
        at("2026-03-02T22:00-05:00"),
        at("2026-03-02T22:00+09:00"),
        at("2026-03-02T09:00+01:00"),
    ]


def test_local_shows_the_holders_clock() -> None:
    """A moment is shown as the holder's clock showed it."""
    assert in_zone("Asia/Kathmandu").local(at("2026-03-02T00:00Z")).isoformat() == "2026-03-02T05:45:00+05:45"


# ------------------------------------------------------------- days and clocks that change


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Europe/Madrid", date(2026, 3, 29), "2026-03-29T00:00+01:00", 23),
        ("Europe/Madrid", date(2026, 10, 25), "2026-10-25T00:00+02:00", 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-05T00:00+11:00", 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-04T00:00+10:30", 23.5),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T01:00-02:00", 23),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T00:00-02:00", 25),
        ("America/Sao_Paulo", date(2018, 2, 18), "2018-02-18T00:00-03:00", 24),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00-04:00", 25),
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-29T00:00-10:00", 24),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-31T00:00+14:00", 0),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-31T00:00+14:00", 24),
        ("America/St_Johns", date(2006, 10, 28), "2006-10-28T00:00-02:30", 25),
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T00:00-03:30", 24),
    ],
)
def test_days_are_as_long_as_the_clocks_make_them(zone: str, day: date, start: str, hours: float) -> None:
    """Days are as long as the clocks make them."""
    calendar = in_zone(zone)
    assert calendar.start_of(day) == at(start)
    assert calendar.start_of(day + ONE_DAY) - calendar.start_of(day) == hours * HOUR


def test_starts_of_days_are_told_in_utc() -> None:
    """The start of a day is told in UTC."""
    assert in_zone("Europe/Madrid").start_of(date(2026, 3, 2)).isoformat() == "2026-03-01T23:00:00+00:00"


def test_the_day_is_the_local_one() -> None:
    """The day is the one the holder's clock shows."""
    moment = at("2026-03-01T23:30Z")
    assert in_zone("Europe/Madrid").day_of(moment) == date(2026, 3, 2)
    assert in_zone("America/Lima").day_of(moment) == date(2026, 3, 1)


def test_a_day_that_the_clocks_skip_is_no_working_day() -> None:
    """Friday 30 December 2011 never came in Apia, so nobody worked on it."""
    calendar = in_zone("Pacific/Apia")
    assert [calendar.is_working_day(date(2011, 12, day)) for day in (28, 29, 30)] == [True, True, False]
    assert calendar.day_of(at("2011-12-30T09:59Z")) == date(2011, 12, 29)
    assert calendar.day_of(at("2011-12-30T10:00Z")) == date(2011, 12, 31)


def test_a_night_shift_before_a_skipped_day_keeps_its_length() -> None:
    """The night shift before Apia's missing day ends after its eight hours, on the day after it."""
    calendar = in_zone("Pacific/Apia", NIGHTS)
    assert hours_of(calendar, date(2011, 12, 29)) == 8
    assert calendar.day_of(at("2011-12-31T05:59+14:00")) == date(2011, 12, 29)
    assert calendar.day_of(at("2011-12-31T06:00+14:00")) == date(2011, 12, 31)


# ------------------------------------------------------------- night shifts


def test_a_night_shift_belongs_to_the_day_it_began_on() -> None:
    """What is done at 03:00 in Monday's night shift was done on Monday."""
    calendar = in_zone("Europe/Madrid", NIGHTS)
    days = [calendar.day_of(at(f"2026-03-{moment}+01:00")).day for moment in ("02T05:59", "03T05:59:59", "03T06:00")]
    assert days == [2, 2, 3]
    assert calendar.start_of(date(2026, 3, 3)) == at("2026-03-03T06:00+01:00")
    assert calendar.start_of(date(2026, 3, 2)) == at("2026-03-02T00:00+01:00")


def test_the_night_shift_of_friday_runs_into_saturday() -> None:
    """Friday's night shift runs into Saturday, on which nobody works."""
    calendar = in_zone("Europe/Madrid", NIGHTS)
    assert calendar.day_of(at("2026-03-07T04:00+01:00")) == date(2026, 3, 6)
    assert calendar.shifts_on(date(2026, 3, 6)) == ((at("2026-03-06T22:00+01:00"), at("2026-03-07T06:00+01:00")),)
    assert not calendar.is_working_day(date(2026, 3, 7))


def test_the_days_of_night_workers_do_not_depend_on_leave_and_holidays() -> None:
    """An hour belongs to the same day whether or not its shift was worked."""
    calendar = calendar_of(
        Calendar(week=NIGHTS, days_off=frozenset({date(2026, 3, 3)})),
        leave=[DaySpan(date(2026, 3, 4), date(2026, 3, 4))],
    )
    assert [calendar.day_of(at(f"2026-03-{day}T03:00Z")).day for day in ("04", "05")] == [3, 4]
    assert calendar.shifts_on(date(2026, 3, 3)) == calendar.shifts_on(date(2026, 3, 4)) == ()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 27), 8), (date(2026, 3, 28), 7), (date(2026, 10, 24), 9)])
def test_night_shifts_are_as_long_as_the_clocks_make_them(day: date, hours: int) -> None:
    """The night in which the clocks change is an hour shorter or longer."""
    assert hours_of(in_zone("Europe/Madrid", ((Shift(time(22), time(6)),),) * 7), day) == hours


def test_a_shift_that_ends_at_midnight_leaves_the_next_day_alone() -> None:
    """A shift until midnight, or of 24 hours, does not run past midnight."""
    for week in (((Shift(time(16), time()),),) * 7, AROUND_THE_CLOCK):
        calendar = in_zone("Europe/Madrid", week)
        assert calendar.start_of(date(2026, 3, 3)) == at("2026-03-03T00:00+01:00")
        assert calendar.shifts_on(date(2026, 3, 2))[-1][1] == at("2026-03-03T00:00+01:00")


def test_a_shift_of_a_whole_day_and_night_belongs_to_the_day_it_began_on() -> None:
    """A shift from six to six the next morning keeps its 24 hours together."""
    calendar = in_zone("Europe/Madrid", ((Shift(time(6), time(6)),),) * 7)
    assert calendar.day_of(at("2026-03-03T05:59+01:00")) == date(2026, 3, 2)
    assert hours_of(calendar, date(2026, 3, 2)) == 24


def test_shifts_that_overlap_are_worked_once() -> None:
    """Shifts that overlap are worked once, in whatever order they are given."""
    week = ((Shift(time(12), time(17)), Shift(time(9), time(13))),) * 7
    assert hours_of(in_zone("UTC", week), date(2026, 3, 2)) == 8
    nights_and_mornings = ((Shift(time(0), time(8)), Shift(time(22), time(6))),) * 7
    two_days = in_zone("UTC", nights_and_mornings).working_time(at("2026-03-02T12:00Z"), at("2026-03-04T12:00Z"))
    assert two_days == 20 * HOUR


# ------------------------------------------------------------- days off


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "works"),
    [
        (None, None, date(2026, 1, 6), True),
        ("ES", None, date(2026, 1, 6), False),
        ("DE", None, date(2026, 1, 6), True),
        ("DE", "BY", date(2026, 1, 6), False),
        ("DE", "BE", date(2026, 1, 6), True),
        ("DE", "BY", date(2026, 10, 3), False),
        ("DE", "BY", date(2026, 6, 4), False),
        ("DE", "BY", date(2026, 6, 5), True),
        ("US", None, date(2021, 12, 31), False),
    ],
)
def test_public_holidays_are_those_of_the_country_and_its_part(
    country: str | None, subdivision: str | None, day: date, *, works: bool
) -> None:
    """Public holidays are those of the country and its part, observed ones included."""
    calendar = calendar_of(Calendar(country=country, subdivision=subdivision))
    assert calendar.is_working_day(day) is works


def test_leave_pauses_weekends_and_company_days_off_are_no_working_days() -> None:
    """On leave, pauses, weekends and the company's days off nobody expects work."""
    actor = Actor(
        "ana",
        leave=(DaySpan(date(2026, 3, 3), date(2026, 3, 4)),),
        pauses=(DaySpan(date(2026, 3, 6), date(2026, 3, 6)),),
    )
    calendar = PersonalCalendar.of_actor(
        actor, Facts(calendars={"default": Calendar(days_off=frozenset({date(2026, 3, 9)}))})
    )
    working = [day for day in range(1, 12) if calendar.is_working_day(date(2026, 3, day))]
    assert working == [2, 5, 10, 11]


def test_leave_does_not_bind_a_team() -> None:
    """A team works while one of its members is away."""
    away = Actor("ana", profiles=(Profile(team="support"),), leave=(DaySpan(date(2026, 3, 2), date(2026, 3, 2)),))
    facts = Facts(actors={"ana": away}, teams={"support": Team("support")})
    assert PersonalCalendar.of_team("support", facts).is_working_day(date(2026, 3, 2))
    assert not PersonalCalendar.of_actor(away, facts).is_working_day(date(2026, 3, 2))


# ------------------------------------------------------------- people who move


def test_an_event_is_placed_by_the_zone_in_force_when_it_occurred() -> None:
    """Who moves from Madrid to Tokyo has Madrid's days before and Tokyo's after."""
    calendar = calendar_with_history(
        Profile(zone="Europe/Madrid"), Profile(since=at("2026-03-04T18:00Z"), zone="Asia/Tokyo")
    )
    assert calendar.zone_at(at("2026-03-04T17:59Z")).key == "Europe/Madrid"
    assert calendar.zone_at(at("2026-03-04T18:00Z")).key == "Asia/Tokyo"
    days = [calendar.day_of(at(moment)).day for moment in ("2026-03-04T17:59Z", "2026-03-04T18:00Z")]
    assert days == [4, 5]
    assert calendar.local(at("2026-03-04T18:00Z")).hour == 3


def test_the_profile_at_noon_decides_about_a_whole_day() -> None:
    """A day begins on the clocks of the profile in force at noon UTC."""
    calendar = calendar_with_history(
        Profile(zone="Europe/Madrid"), Profile(since=at("2026-03-04T12:00Z"), zone="Asia/Tokyo")
    )
    assert calendar.start_of(date(2026, 3, 3)) == at("2026-03-03T00:00+01:00")
    assert calendar.start_of(date(2026, 3, 4)) == at("2026-03-04T00:00+09:00")
    assert calendar.shifts_on(date(2026, 3, 4)) == ((at("2026-03-04T09:00+09:00"), at("2026-03-04T17:00+09:00")),)


def test_the_last_night_shift_keeps_its_day_when_the_next_day_has_office_hours() -> None:
    """A shift that began under the old calendar ends under it."""
    calendar = calendar_with_history(
        Profile(calendar="nights"),
        Profile(since=at("2026-03-04T00:00Z"), calendar="office"),
        nights=Calendar("nights", week=NIGHTS),
        office=Calendar("office"),
    )
    assert calendar.start_of(date(2026, 3, 4)) == at("2026-03-04T06:00Z")
    assert calendar.day_of(at("2026-03-04T03:00Z")) == date(2026, 3, 3)
    assert calendar.day_of(at("2026-03-05T03:00Z")) == date(2026, 3, 5)


def test_a_change_of_zone_is_seen_on_the_day_it_takes_effect() -> None:
    """The zone changes on one day only, and another role or the same zone is no change."""
    calendar = calendar_with_history(
        Profile(zone="Europe/Madrid", role="agent"),
        Profile(since=at("2026-03-02T10:00Z"), zone="Europe/Madrid", role="lead"),
        Profile(since=at("2026-03-04T18:00Z"), zone="Asia/Tokyo"),
        Profile(since=at("2026-03-10T00:00+09:00"), zone="Europe/Madrid"),
        Profile(since=at("2026-03-12T10:00Z"), calendar="madrid"),
        default=Calendar(),
        madrid=Calendar("madrid", "Europe/Madrid", NIGHTS),
    )
    assert [day for day in range(1, 20) if calendar.zone_changed_on(date(2026, 3, day))] == [5, 9]
    assert not in_zone("Europe/Madrid").zone_changed_on(date(2026, 3, 29))


def test_a_change_at_midnight_belongs_to_the_day_that_begins() -> None:
    """A profile from midnight on takes effect on the day that begins with it."""
    calendar = calendar_with_history(
        Profile(zone="Asia/Tokyo"), Profile(since=at("2026-03-04T00:00+01:00"), zone="Europe/Madrid")
    )
    assert [day for day in range(1, 9) if calendar.zone_changed_on(date(2026, 3, day))] == [4]


# ------------------------------------------------------------- what holds for all


@unhurried
@given(zone=SOME_ZONES, week=SOME_WEEKS, moment=SOME_MOMENTS)
@example(zone="Pacific/Apia", week=NIGHTS, moment=at("2011-12-30T12:00Z"))
@example(zone="America/St_Johns", week=OFFICE_WEEK, moment=at("2006-10-29T02:45Z"))
@example(zone="America/Sao_Paulo", week=OFFICE_WEEK, moment=at("2018-11-04T03:00Z"))
@example(zone="Africa/Monrovia", week=OFFICE_WEEK, moment=at("1972-01-07T00:10Z"))
def test_every_moment_lies_between_the_start_of_its_day_and_the_next(
    zone: str, week: tuple[tuple[Shift, ...], ...], moment: datetime
) -> None:
    """The days of a person in one zone follow each other without gap or overlap."""
    calendar = in_zone(zone, week)
    day = calendar.day_of(moment)
    assert calendar.start_of(day) <= moment < calendar.start_of(day + ONE_DAY)


@unhurried
@given(zone=SOME_ZONES, moment=st.datetimes(datetime(2015, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - st adds it
def test_without_night_shifts_the_day_is_the_date_on_the_clock(zone: str, moment: datetime) -> None:
    """Without night shifts the day is the date that the clock shows."""
    assert in_zone(zone).day_of(moment) == moment.astimezone(ZoneInfo(zone)).date()
