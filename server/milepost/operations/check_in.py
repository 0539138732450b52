"""Check in to a streak: tell the event it counts without having to know its type."""

from __future__ import annotations

from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.kinds import Streak
from milepost.engine.parts import parts_of
from milepost.engine.selectors import Match
from milepost.errors import Conflict, NotFound
from milepost.operations.record_event import record_event
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.schemas.events import Loaded
from milepost.storage.base import Reading


def type_to_check_in(services: Services, achievement: str) -> str:
    """Give the type of event that a streak counts; of several the first.

    Raises `NotFound` for an unknown achievement, `Conflict` for one that is no live streak.
    """
    with services.store.reading() as reading:
        streak = streak_of(reading, achievement)
    return next(part for part in parts_of(streak.each) if isinstance(part, Match)).types[0]


def check_in(services: Services, achievement: str, loaded: Loaded, *, told_by: str) -> dict[str, Any]:
    """Record the event of a check-in; the answer is that of *evaluate* with the streak on top."""
    answer = record_event(services, loaded.event, told_by=told_by, warnings=loaded.warnings, is_dated=loaded.is_dated)
    streaks = [streak for streak in answer["streaks"] if streak["achievement"] == achievement]
    shown = streaks[0] if streaks else {}
    return {
        "achievement": achievement,
        **{name: shown.get(name) for name in ("current", "longest", "state", "next_due")},
        **answer,
    }


def streak_of(reading: Reading, achievement: str) -> Streak:
    """Give the streak in a live achievement's criterion."""
    book = rule_book(reading)
    version = book.current(achievement)
    if version is None:
        known = ", ".join(rule.key for rule in book.judged() if _streaks_in(rule)) or "none yet"
        raise NotFound(f"There is no achievement {achievement[:80]!r}. Streaks here: {known}.")
    found = _streaks_in(version.achievement)
    if not found:
        raise Conflict(f"{achievement} is no streak. Tell its events with POST /v1/evaluate.")
    if version.achievement.state is not State.LIVE:
        raise Conflict(f"{achievement} is {version.achievement.state.value}; make it live first.")
    return found[0]


def _streaks_in(rule: Achievement) -> list[Streak]:
    return [part for part in parts_of(rule.criterion) if isinstance(part, Streak)]
