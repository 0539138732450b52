"""Everything the engine judges by, besides the events: rules, people, calendars, freezes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from milepost.engine.achievements import Achievement
from milepost.engine.calendars import Calendar, PersonalCalendar
from milepost.engine.events import Event
from milepost.engine.people import Actor, Holder, Team


class Past(StrEnum):
    """What becomes of the past when a rule is changed or switched on."""

    #: What stands stays, and windows that have ended stay as they are.
    KEEP = "keep"
    #: Everything is judged by the new version, also what has ended.
    RECOMPUTE = "recompute"


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
    #: None: nobody has said.
    past: Past | None = None
    #: When the rule was switched on without its past: nothing before it counts, but for the window then open.
    starts_at: datetime | None = None
    #: When the rule was switched off after this version, to be switched on again by a later one; None: it was not.
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """People, calendars and freezes, as they are known now."""

    actors: Mapping[str, Actor] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    #: By key; ``default`` may be missing and is then ``Calendar()``.
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    #: Local days frozen by hand, by achievement key and holder.
    freezes: Mapping[tuple[str, Holder], frozenset[date]] = field(default_factory=dict)
    #: Everybody's own time, as far as it has been put together.
    personal: dict[Holder, PersonalCalendar] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Owned:
    """An event and the actor it belongs to: its own, or one it concerns through its subject."""

    event: Event
    actor: str
    #: The types of the actor's own events on the subject; for an actor's own event, its type.
    through: frozenset[str]
