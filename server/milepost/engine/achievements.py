"""The rule language as values: what can be earned, and when.

A document becomes an `Achievement` in `milepost.schemas.rules`; unknown words
are refused there, so nothing in the engine ever meets one. The meaning of every
field is written down in ``docs/reference/rule-language.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from milepost.engine.people import HolderKind

# ---------------------------------------------------------------- conditions


class Operator(StrEnum):
    """The tests on one property."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    PRESENT = "present"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    WITHIN_NEXT = "within_next"
    WITHIN_LAST = "within_last"


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """One property against one operand."""

    #: Dotted path into the properties; ``occurred_at`` and ``subject`` name the event's own.
    property: str
    operator: Operator
    #: A scalar; a tuple of scalars for IN and NOT_IN; a bool for PRESENT; a timedelta for WITHIN_*.
    operand: Any


@dataclass(frozen=True, slots=True)
class Complete:
    """At least *share* of *properties* are filled in."""

    properties: tuple[str, ...]
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The time between two date properties lies within bounds."""

    start: str
    end: str = "occurred_at"
    at_least: timedelta | None = None
    at_most: timedelta | None = None
    #: Count working hours of the holder only.
    working: bool = False


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """The event's local time of day is in ``[start, before)``."""

    start: time | None = None
    before: time | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    """The event's local day is one of *days* (Monday is 0)."""

    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class All:
    """Every condition is met."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One condition at least is met."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition is not met; an unreadable value is *not met* either way."""

    condition: Condition


Condition: TypeAlias = PropertyTest | Complete | Elapsed | TimeOfDay | Weekday | All | AnyOf | Not

# ------------------------------------------------------------------ selectors


@dataclass(frozen=True, slots=True)
class Match:
    """Events of some types that meet all conditions."""

    types: tuple[str, ...]
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A mark falls when a contradicting event hits its subject.

    With a *length* the mark also waits that long before it counts, and only an
    event within it contradicts; without, it counts at once and any later one does.
    """

    cancelled_by: Match
    length: timedelta | None = None
    working: bool = False


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A mark counts only once its subject was hit by *times* matching events."""

    match: Match
    times: int = 1
    #: Longest wait after the event; None means for ever.
    within: timedelta | None = None
    working: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """Which events a criterion looks at, and when each of them counts."""

    match: Match
    #: ``"subject"``, a property path, or None: of marks alike only the first counts.
    once_per: str | None = None
    hold: Hold | None = None
    confirmed_by: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What makes a selected event a good one (used by rate and run)."""

    where: tuple[Condition, ...] = ()
    hold: Hold | None = None
    confirmed_by: Confirmation | None = None


# -------------------------------------------------------------------- windows


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

# ------------------------------------------------------------------- criteria


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

# ---------------------------------------------------------------- achievement


class Category(StrEnum):
    """What sort of good work it is."""

    VOLUME = "volume"
    SPEED = "speed"
    QUALITY = "quality"
    CONSISTENCY = "consistency"


class State(StrEnum):
    """Whether an achievement is judged, and whether anybody is told."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


class AwardAt(StrEnum):
    """When it is decided: at the first moment it is met, or when its window has closed."""

    THRESHOLD = "threshold"
    CLOSE = "close"


class Repeats(StrEnum):
    """How often it can be earned."""

    ONCE = "once"
    EVERY_WINDOW = "every_window"
    EVERY_TARGET = "every_target"


class OnLost(StrEnum):
    """What happens to an award that loses its ground."""

    REVOKE = "revoke"
    KEEP = "keep"
    REVIEW = "review"


class Review(StrEnum):
    """Whether a person decides before an award stands."""

    NONE = "none"
    MANAGER = "manager"


class Timing(StrEnum):
    """When an audience is told."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """Who can earn it; an empty part admits everybody."""

    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    segments: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SegmentTarget:
    """Another target for some."""

    applies_to: AppliesTo
    target: Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the same achievement."""

    name: str
    target: Decimal
    #: None means the achievement's points.
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """The most awards in one calendar window."""

    count: int
    window: CalendarWindow


@dataclass(frozen=True, slots=True)
class Audience:
    """When each audience is told."""

    actor: Timing = Timing.INSTANT
    manager: Timing = Timing.NEVER
    team: Timing = Timing.NEVER


@dataclass(frozen=True, slots=True)
class Achievement:
    """The definition of what can be earned."""

    key: str
    name: str
    purpose: str
    category: Category
    criterion: Criterion
    scope: HolderKind
    award_at: AwardAt
    repeats: Repeats
    applies_to: AppliesTo = AppliesTo()
    guardrails: tuple[Criterion, ...] = ()
    targets: tuple[SegmentTarget, ...] = ()
    tiers: tuple[Tier, ...] = ()
    cooldown: timedelta | None = None
    cap: Cap | None = None
    points: int = 0
    review: Review = Review.NONE
    on_lost: OnLost = OnLost.REVOKE
    message: str | None = None
    next_step: str | None = None
    audience: Audience = Audience()
    state: State = State.DRAFT
    #: Events before this moment do not count.
    starts_at: datetime | None = None

