"""The second way to work out who must be told what says what people would say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.quarter.expecting import Change, Expected, expect
from tests.quarter.people import MADRID, Crowd, Person, Wishes

ANA, LEAD, TEAM = "ana@example.com", "lead@example.com", "Group 1"
#: Looked at every half hour of four weeks.
PASSES = [datetime(2016, 2, 29, tzinfo=UTC) + number * timedelta(minutes=30) for number in range(4 * 7 * 48)]


def at(month: int, day: int, hour: int = 10) -> datetime:
    """Give a moment; in Madrid it is an hour later. 29 February 2016 is a Monday."""
    return datetime(2016, month, day, hour, tzinfo=UTC)


def change(moment: datetime, award: str = "aw_1", *, stands: bool = True) -> Change:
    """Let a Clean Close of Ana's begin to stand, or fall."""
    return Change(moment, award, "clean-close", ANA, stands)


def told(
    *changes: Change, opt_out: bool = False, wishes: Wishes | None = None, away: date | None = None
) -> list[Expected]:
    """Give what must be told of some changes."""
    leave = (away, away) if away else None
    ana = Person(ANA, "Ana", MADRID, TEAM, LEAD, opt_out=opt_out, leave=leave, wishes=(wishes or Wishes(),))
    crowd = Crowd({ANA: ana, LEAD: Person(LEAD, "Lea", MADRID)}, {TEAM: MADRID})
    return sorted(expect(crowd, changes, PASSES), key=lambda one: (one.recipient, one.at))


def test_an_award_is_told_at_once_and_to_manager_and_team_with_the_week() -> None:
    """At nine on Monday in Madrid, which is eight in UTC."""
    assert told(change(at(3, 2))) == [
        Expected(TEAM, "weekly", "2016-W09", at(3, 7, 8), 0),
        Expected(ANA, "instant", None, at(3, 2, 10) + timedelta(minutes=30), 0),
        Expected(LEAD, "weekly", "2016-W09", at(3, 7, 8), 0),
    ]


def test_what_was_earned_on_friday_evening_waits_for_monday() -> None:
    """And over a day of leave for Tuesday."""
    assert [one.at for one in told(change(at(3, 4, 20))) if one.recipient == ANA] == [at(3, 7, 8)]
    assert [one.at for one in told(change(at(3, 4, 20)), away=date(2016, 3, 7)) if one.recipient == ANA] == [
        at(3, 8, 8)
    ]


def test_what_fell_before_anybody_was_told_is_never_told() -> None:
    """Ana knew at once, so she hears of it; the others know nothing of it."""
    fell = told(change(at(3, 2)), change(at(3, 3), stands=False))
    assert [(one.recipient, one.corrections) for one in fell] == [(ANA, 0), (ANA, 1)]


def test_what_fell_after_it_was_told_is_corrected_to_all_who_heard_of_it() -> None:
    """As soon as they had heard of it."""
    fell = told(change(at(3, 2)), change(at(3, 9), stands=False))
    assert [(one.recipient, one.form) for one in fell if one.corrections] == [
        (TEAM, "weekly"),
        (ANA, "instant"),
        (LEAD, "weekly"),
    ]


def test_one_a_day_lets_the_second_wait_for_tomorrow() -> None:
    """Tomorrow's digest tells it."""
    forms = told(change(at(3, 2, 9)), change(at(3, 2, 12), "aw_2"), wishes=Wishes(daily_most=1))
    assert [(one.form, one.at) for one in forms if one.recipient == ANA] == [
        ("instant", at(3, 2, 9) + timedelta(minutes=30)),
        ("daily", at(3, 3, 8)),
    ]


def test_quiet_hours_and_wishes_are_kept() -> None:
    """From noon to two in Madrid nobody writes; who wants a digest gets one."""
    quiet = Wishes(quiet=("12:00", "14:00"))
    assert [one.at for one in told(change(at(3, 2, 11)), wishes=quiet) if one.recipient == ANA] == [at(3, 2, 13)]
    daily = told(change(at(3, 2, 11)), wishes=Wishes(awards="daily"))
    assert [(one.form, one.at) for one in daily if one.recipient == ANA] == [("daily", at(3, 3, 8))]


def test_nothing_is_told_of_who_opted_out() -> None:
    """To nobody."""
    assert told(change(at(3, 2)), opt_out=True) == []
