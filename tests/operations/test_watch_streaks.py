"""A streak at risk, broken, and kept after all: noticed by the clock, told once, and never to alarm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.outlooks import StreakState
from milepost.engine.people import Holder
from milepost.operations.save_people import save_actor
from milepost.operations.show_progress import show_progress
from milepost.operations.void_event import void_event
from milepost.operations.watch_streaks import watch_streaks
from milepost.storage import open_store
from tests.operations.telling import ANA, SOLVED, SUPPORT, World, at

DAILY = {"kind": "streak", "each": {**SOLVED, "target": 1}, "target": 50}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store with a rule about days in a row; by default people work from Monday to Friday."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    made = World(store)
    made.hire()
    made.rule(DAILY)
    yield made
    store.close()


def look(world: World, moment: datetime) -> list[str]:
    """Let the clock move to a moment, look at all streaks, and give the kinds of all news of streaks so far."""
    world.now = moment
    watch_streaks(world.services)
    return [kind for kind in world.kinds() if kind.startswith("streak")]


def state(world: World, holder: Holder = ANA) -> tuple[int, str]:
    """Give the streak as people see it."""
    (streak,) = show_progress(world.services, holder)["streaks"]
    return streak["current"], streak["state"]


def solve_on(world: World, *days: int) -> None:
    """Let Ana solve a ticket at ten on some days."""
    for day in days:
        world.solve(at(day))


def test_a_streak_is_at_risk_in_the_last_quarter_of_the_working_day(world: World) -> None:
    solve_on(world, 2, 3, 4)
    assert look(world, at(5, 14, 59)) == []
    assert state(world) == (3, "open")
    assert look(world, at(5, 15)) == ["streak.at_risk"]
    assert state(world) == (3, "at_risk")
    assert look(world, at(5, 16)) == ["streak.at_risk"]  # said once


def test_nobody_is_warned_who_has_not_asked_for_it(world: World) -> None:
    solve_on(world, 2, 3)
    look(world, at(4, 16))
    assert world.owes() == set()


def test_who_asked_for_warnings_is_owed_one_and_none_once_the_day_is_met(world: World) -> None:
    ask_for_warnings(world)
    solve_on(world, 2, 3)
    look(world, at(4, 16))
    assert world.owes() == {(ANA.id, "at_risk", "instant")}
    world.solve(at(4, 16, 30))
    assert world.owes() == set()


def ask_for_warnings(world: World) -> None:
    """Let Ana wish to hear at once when a streak is at risk."""
    save_actor(world.services, {"id": ANA.id, "preferences": {"messages": {"timings": {"streak.at_risk": "instant"}}}})


def test_a_streak_ends_when_its_grace_of_24_working_hours_is_over(world: World) -> None:
    solve_on(world, 2, 3, 4)
    # the 5th is missed; 24 working hours later are the 6th, 9th and 10th, eight hours each
    assert look(world, at(10, 16, 59)) == ["streak.at_risk"]
    assert look(world, at(10, 17)) == ["streak.at_risk", "streak.broken"]
    assert state(world) == (0, "ended")
    assert world.owes() == {(ANA.id, "broken", "daily")}
    assert world.news()[-1].document["length"] == 3


def test_weeks_of_downtime_come_to_the_same(world: World) -> None:
    solve_on(world, 2, 3, 4)
    assert look(world, at(27)) == ["streak.broken"]
    assert look(world, at(28)) == ["streak.broken"]


def test_a_streak_of_one_day_is_no_news(world: World) -> None:
    solve_on(world, 2)
    assert look(world, at(27)) == []


def test_a_weekend_and_leave_break_nothing_and_alarm_nobody(world: World) -> None:
    save_actor(world.services, {"id": ANA.id, "leave": [{"first_on": "2026-03-09", "last_on": "2026-03-13"}]})
    solve_on(world, 5, 6)
    assert look(world, at(13, 16)) == []
    assert look(world, at(16, 14)) == []
    assert look(world, at(16, 15)) == ["streak.at_risk"]


def test_a_late_sync_mends_a_streak_and_corrects_what_was_said(world: World) -> None:
    solve_on(world, 2, 3, 4)
    look(world, at(11))
    world.say_everything()
    world.now = at(11, 12)
    world.tell_late(at(5), at(6), at(9), at(10), at(11))
    assert state(world)[0] == 8
    assert world.owes() == {(ANA.id, "kept", "daily")}
    assert world.kinds()[-1] == "streak.kept"


def test_a_streak_mended_before_anybody_was_told_owes_nothing(world: World) -> None:
    solve_on(world, 2, 3, 4)
    look(world, at(11))
    world.tell_late(at(5), at(6), at(9), at(10), at(11))
    assert world.owes() == set()


def test_an_event_taken_back_at_the_end_shortens_a_streak_and_breaks_nothing(world: World) -> None:
    solve_on(world, 2, 3, 4)
    void_event(world.services, f"solved-{at(4).isoformat()}-0", told_by="test")
    assert state(world) == (2, "open")
    assert [kind for kind in world.kinds() if kind.startswith("streak")] == []


def test_a_streak_that_began_again_was_broken_all_the_same(world: World) -> None:
    solve_on(world, 2, 3, 4, 6, 9, 10)
    assert look(world, at(10, 17)) == ["streak.at_risk", "streak.broken"]
    assert state(world) == (3, "on_track")


def test_a_freeze_covers_a_missed_day_without_a_warning(world: World) -> None:
    rule: dict[str, Any] = {**DAILY, "freezes": {"count": 1, "window": "month"}}
    world.rule(rule)
    solve_on(world, 2, 3, 4)
    assert look(world, at(5, 16)) == []
    assert look(world, at(11)) == ["streak.at_risk"]  # the 6th is the second miss, and its grace still runs


def test_a_team_hears_of_its_broken_streak_in_its_digest(world: World) -> None:
    world.rule(DAILY, key="ours", scope="team")
    solve_on(world, 2, 3)
    look(world, at(27))
    assert (SUPPORT.id, "broken", "daily") in world.owes()


def test_nothing_is_noticed_of_somebody_who_opted_out(world: World) -> None:
    solve_on(world, 2, 3)
    save_actor(world.services, {"id": ANA.id, "preferences": {"opt_out": True}})
    assert look(world, at(27)) == []


def test_a_state_has_a_word_for_each_thing_that_can_be_so() -> None:
    assert [str(one) for one in StreakState] == ["on_track", "open", "at_risk", "ended"]
