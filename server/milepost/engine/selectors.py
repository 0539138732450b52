"""Which events a rule looks at, as values: conditions, matches, holds, confirmations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias


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
