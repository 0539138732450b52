"""The rule language as values: what can be earned, and when.

A document becomes an `Achievement` in `milepost.schemas.rules`; unknown words
are refused there, so nothing in the engine ever meets one. The meaning of every
field is written down in ``docs/reference/rule-language.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from milepost.engine.kinds import CalendarWindow, Criterion
from milepost.engine.people import HolderKind
from milepost.engine.telling import Timing


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
class Audiences:
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
    audience: Audiences = Audiences()
    state: State = State.DRAFT
    #: Events before this moment do not count.
    starts_at: datetime | None = None

    def points_for(self, tier: str | None) -> int:
        """Give the value of an award of a tier."""
        step = next((one for one in self.tiers if one.name == tier), None)
        return self.points if step is None or step.points is None else step.points
