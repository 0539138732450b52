"""A streak as it is shown: how long it is now, and how long it ever was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from milepost.engine.kinds import Streak
from tests.oracle.spans import Span
from tests.oracle.truth import Truth

_GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OracleStreak:
    """Met periods in a row."""

    current: int
    longest: int


def streak_of(truth: Truth, streak: Streak) -> OracleStreak:
    """Give the holder's streak at the moment we judge at; a miss stays open for another 24 working hours.

    The longest is never less than what is shown as current.
    """

    def is_open(span: Span) -> bool:
        until = truth.clock.after(truth.end(span), _GRACE, working=True)
        return truth.is_forgiven(span) or until is None or truth.world.as_of < until

    longest = max((stretch.length for stretch in truth.stretches(streak)), default=0)
    current = truth.count_back(streak, truth.periods(streak), forgiven=is_open)
    return OracleStreak(len(current), max(longest, len(current)))
