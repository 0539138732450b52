"""Everything the engine judges by, besides the events: rules, people, calendars, freezes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from milepost.engine.achievements import Achievement
from milepost.engine.calendars import Calendar
from milepost.engine.events import Event
from milepost.engine.people import Actor, Holder, Team


@dataclass(frozen=True, slots=True, eq=False)
class RuleVersion:
    """One version of an achievement's definition; compared by identity, so that what is compiled from it can be cached.

    It governs the calendar windows that had not ended at *effective_at*; the first
    version governs all windows before as well, and everything else (rolling, ever,
    streaks, runs) is governed by the newest.
    """

    achievement: Achievement
    number: int
    #: Aware, in UTC.
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """People, calendars and freezes, as they are known now."""

    actors: Mapping[str, Actor] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    #: By key; ``default`` may be missing and is then ``Calendar()``.
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    #: Local days frozen by hand, by achievement key and holder.
    freezes: Mapping[tuple[str, Holder], frozenset[date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owned:
    """An event and the actor it belongs to: its own, or one it concerns through its subject."""

    event: Event
    actor: str
    #: The types of the actor's own events on the subject; for an actor's own event, its type.
    through: frozenset[str]
