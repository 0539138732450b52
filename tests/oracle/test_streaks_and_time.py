from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from milepost.engine.achievements import Repeats
from milepost.engine.calendars import Calendar, Shift
from milepost.engine.facts import Facts
from milepost.engine.kinds import AllOf, CalendarWindow, Freezes, NoneOf, Streak
from milepost.engine.people import Actor, DaySpan, Profile, Team
from milepost.engine.selectors import TimeOfDay, Weekday
from tests.oracle.building import ANA, at, each_day, hours, moments, outcome, rule, select, so_many, told
from tests.oracle.clocks import Clock
from tests.oracle.fold import OracleStreak
from tests.oracle.spans import span_of

NIGHTS = Calendar("nights", week=((Shift(time(22), time(6)),),) * 7)


def _streak(target: int = 3, **rest: Any) -> Streak:
    return Streak(so_many(1), Decimal(target), **rest)


def _shown(days: list[int], streak: Streak, as_of: str, facts: Facts | None = None) -> OracleStreak:
    return outcome(each_day(days), rule(streak), facts=facts, as_of=as_of).streaks["rule", ANA]


def _ana(profile: Profile | None = None, **rest: Any) -> dict[str, Actor]:
    return {"ana": Actor("ana", profiles=(profile or Profile(),), **rest)}


def test_a_weekend_does_not_end_a_streak() -> None:
    assert moments(each_day([5, 6, 9]), rule(_streak())) == ["03-09 10:00"]


def test_work_on_a_day_off_neither_adds_nor_breaks() -> None:
    assert moments(each_day([5, 6, 7]), rule(_streak())) == []


def test_a_missed_day_ends_a_streak_unless_there_is_a_freeze_for_it() -> None:
    assert moments(each_day([2, 3, 5]), rule(_streak())) == []
    assert moments(each_day([2, 3, 5]), rule(_streak(freezes=Freezes(1)))) == ["03-05 10:00"]
    assert moments(each_day([2, 4, 6]), rule(_streak(freezes=Freezes(1)))) == []
    assert moments(each_day([2, 4, 6]), rule(_streak(freezes=Freezes(2)))) == ["03-06 10:00"]


def test_leave_and_hand_set_freezes_leave_a_streak_alone() -> None:
    away = Facts(_ana(leave=(DaySpan(date(2026, 3, 4), date(2026, 3, 4)),)))
    frozen = Facts(freezes={("rule", ANA): frozenset({date(2026, 3, 4)})})
    for facts in (away, frozen):
        assert moments(each_day([2, 3, 5]), rule(_streak()), facts=facts) == ["03-05 10:00"]


def test_a_public_holiday_is_no_miss() -> None:
    facts = Facts(calendars={"default": Calendar(country="ES")})
    easter = [told("04-02 10:00"), told("04-06 10:00")]
    assert moments(easter, rule(_streak(2)), facts=facts) == ["04-06 10:00"]
    assert moments(easter, rule(_streak(2))) == []


def test_a_day_with_a_changed_zone_is_excused() -> None:
    moved = (Profile(zone="Europe/Madrid"), Profile(since=at("03-04 08:00"), zone="Asia/Tokyo"))
    facts = Facts({"ana": Actor("ana", profiles=moved)})
    assert moments(each_day([2, 3, 5]), rule(_streak()), facts=facts) == ["03-05 10:00"]


def test_a_streak_starts_again_after_the_period_that_earned() -> None:
    wanted = rule(_streak(2), repeats=Repeats.EVERY_WINDOW)
    assert moments(each_day([2, 3, 4, 5, 6]), wanted) == ["03-03 10:00", "03-05 10:00"]


def test_a_streak_with_nothing_bad_in_it_settles_when_the_day_has_closed() -> None:
    each = AllOf((so_many(1), NoneOf(select("slipped"))))
    wanted = rule(Streak(each, Decimal(2)))
    assert moments(each_day([2, 3]), wanted) == ["03-04 00:00"]
    assert moments([*each_day([2, 3]), told("03-03 20:00", "slipped")], wanted) == []


def test_a_streak_of_weeks_goes_by_weeks_with_working_days() -> None:
    facts = Facts(_ana(leave=(DaySpan(date(2026, 3, 9), date(2026, 3, 15)),)))
    wanted = rule(_streak(2, period=CalendarWindow.WEEK))
    assert moments(each_day([2, 17]), wanted, facts=facts) == ["03-17 10:00"]
    assert moments(each_day([2, 17]), wanted) == []


def test_a_streak_is_shown_with_a_day_of_grace() -> None:
    assert _shown([2, 3], _streak(), "03-04 12:00") == OracleStreak(2, 2)
    assert _shown([2, 3], _streak(), "03-05 12:00") == OracleStreak(2, 2)
    assert _shown([2, 3], _streak(), "03-09 16:59") == OracleStreak(2, 2)
    assert _shown([2, 3], _streak(), "03-09 17:00") == OracleStreak(0, 2)
    assert _shown([2, 3, 5], _streak(), "03-05 18:00") == OracleStreak(3, 3)


def test_a_night_shift_belongs_to_the_day_it_began_on() -> None:
    clock = Clock(Facts(_ana(Profile(calendar="nights", zone="Europe/Madrid")), calendars={"nights": NIGHTS}), ANA)
    assert clock.label(at("03-03 04:59")) == date(2026, 3, 2)
    assert clock.label(at("03-03 05:00")) == date(2026, 3, 3)
    assert clock.start(date(2026, 3, 3)) == at("03-03 05:00")
    assert clock.start(date(2026, 3, 29)) == at("03-29 04:00")


def test_working_time_is_that_of_the_wall_clock_on_both_sides_of_a_clock_change() -> None:
    calendar = Calendar(zone="Europe/Madrid", week=((Shift(time(0), time(6)),),) * 7)
    clock = Clock(Facts(calendars={"default": calendar}), ANA)
    assert clock.between(at("03-28 12:00"), at("03-29 12:00"), working=True) == hours(5)
    assert clock.after(at("03-28 12:00"), hours(6), working=True) == at("03-29 23:00")


def test_working_time_never_passes_without_any() -> None:
    clock = Clock(Facts(calendars={"default": Calendar(week=((),) * 7)}), ANA)
    assert clock.after(at("03-02 10:00"), hours(1), working=True) is None


def test_a_calendar_comes_from_the_person_then_the_team_then_the_default() -> None:
    clock = Clock(Facts(_ana(Profile(calendar="nights"))), ANA)
    assert clock.is_working(date(2026, 3, 2))
    assert not clock.is_working(date(2026, 3, 7))
    facts = Facts(_ana(Profile(team="support")), {"support": Team("support", calendar="nights")}, {"nights": NIGHTS})
    assert Clock(facts, ANA).is_working(date(2026, 3, 7))


@pytest.mark.parametrize(
    ("kind", "key", "last"),
    [
        (CalendarWindow.DAY, "2026-01-01", date(2026, 1, 1)),
        (CalendarWindow.WEEK, "2026-W01", date(2026, 1, 4)),
        (CalendarWindow.MONTH, "2026-01", date(2026, 1, 31)),
        (CalendarWindow.QUARTER, "2026-Q1", date(2026, 3, 31)),
        (CalendarWindow.YEAR, "2026", date(2026, 12, 31)),
    ],
)
def test_windows_are_named_and_end_as_people_say(kind: CalendarWindow, key: str, last: date) -> None:
    span = span_of(kind, date(2026, 1, 1))
    assert (span.key, span.last) == (key, last)


def test_time_of_day_and_weekday_are_local() -> None:
    facts = Facts(_ana(Profile(zone="America/New_York")))
    morning = rule(so_many(1, where=[TimeOfDay(before=time(12)), Weekday(frozenset({0}))]))
    assert moments([told("03-02 16:59")], morning, facts=facts) == ["03-02 16:59"]
    assert moments([told("03-02 17:00")], morning, facts=facts) == []
    assert moments([told("03-03 04:30")], rule(so_many(1, where=[Weekday(frozenset({0}))])), facts=facts) == [
        "03-03 04:30"
    ]
