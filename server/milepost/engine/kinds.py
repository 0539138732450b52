"""The kinds of criteria, and the windows they look at, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from milepost.engine.selectors import Match, Quality, Selector


class CalendarWindow(StrEnum):
    """Windows that begin and end with the holder's local days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Rolling:
    """The stretch of *length* that ends at the moment looked at."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Ever:
    """From the beginning."""


WindowSpec: TypeAlias = CalendarWindow | Rolling | Ever


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rate, average or other measure must reach."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None


class Aggregate(StrEnum):
    """How many values become one."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


class Direction(StrEnum):
    """Which end of a measure is the better one."""

    HIGHEST = "highest"
    LOWEST = "lowest"


@dataclass(frozen=True, slots=True)
class Count:
    """So many events."""

    of: Selector
    target: Decimal
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A property adds up to so much."""

    of: Selector
    property: str
    target: Decimal
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """The good ones among all, as a share from 0 to 1."""

    of: Selector
    good: Quality
    bounds: Bounds
    minimum: int = 1
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of a property."""

    of: Selector
    property: str
    bounds: Bounds
    minimum: int = 1
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No such event."""

    of: Selector
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """So many working days of the window meet *each*."""

    each: Criterion
    target: Decimal
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Freezes:
    """Misses a streak survives: *count* in each calendar *window*."""

    count: int
    window: CalendarWindow = CalendarWindow.MONTH


@dataclass(frozen=True, slots=True)
class Streak:
    """So many consecutive working periods, each of which meets *each*."""

    each: Criterion
    target: Decimal
    period: CalendarWindow = CalendarWindow.DAY
    freezes: Freezes | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """So many consecutive good events."""

    of: Selector
    good: Quality
    target: Decimal


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps done in order on one subject; *target* subjects must get through."""

    steps: tuple[Match, ...]
    target: Decimal = Decimal(1)
    #: An event of another step than the next one starts the subject over.
    strict: bool = False
    #: Longest time from first to last step.
    within: timedelta | None = None
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One number out of many events."""

    of: Selector
    aggregate: Aggregate
    #: None only for COUNT.
    property: str | None = None
    #: Fewest values that make a number.
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """The best measure among comparable peers when the window closes."""

    measure: Measure
    direction: Direction
    #: ``"team"``, ``"role"`` or a segment name that peers share; None: all.
    among: str | None = None
    minimum_participants: int = 3
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Improvement:
    """A measure is better than in the holder's own last window that had one."""

    measure: Measure
    direction: Direction = Direction.HIGHEST
    #: Least difference, in the measure's unit; 0 means any improvement.
    by: Decimal = Decimal(0)
    #: Least difference as a share of the earlier value.
    by_share: Decimal | None = None
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """So many of some other achievements stand."""

    achievements: tuple[str, ...]
    target: Decimal
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every criterion is met."""

    criteria: tuple[Criterion, ...]
    window: WindowSpec | None = None


@dataclass(frozen=True, slots=True)
class AnyCriterion:
    """One criterion at least is met."""

    criteria: tuple[Criterion, ...]
    window: WindowSpec | None = None


Criterion: TypeAlias = (
    Count
    | Sum
    | Rate
    | Average
    | NoneOf
    | Days
    | Streak
    | Run
    | Sequence
    | Best
    | Improvement
    | Earned
    | AllOf
    | AnyCriterion
)

#: Kinds whose progress is a number on the way to a target: they may have tiers and targets by segment.
Targeted: TypeAlias = Count | Sum | Days | Streak | Run | Sequence | Earned
