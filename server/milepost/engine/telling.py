"""What people can be told, and when they want to hear it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum


class Timing(StrEnum):
    """When an audience is told."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class NewsKind(StrEnum):
    """What happened that somebody may want to know."""

    AWARDED = "achievement.awarded"
    REVOKED = "achievement.revoked"
    STREAK_AT_RISK = "streak.at_risk"
    STREAK_BROKEN = "streak.broken"
    #: What was said to be broken goes on after all.
    STREAK_KEPT = "streak.kept"
    REVIEW_NEEDED = "review.needed"
    #: Told to the person whose award it is only where it does not stand; the award itself tells the rest.
    REVIEW_DECIDED = "review.decided"
    DIGEST_READY = "digest.ready"
    SUBSCRIPTION_DISABLED = "subscription.disabled"


class Audience(StrEnum):
    """As whom somebody is told: about oneself, about those one manages, about one's team."""

    ACTOR = "actor"
    MANAGER = "manager"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Mute:
    """Something a person does not want to hear, or not at some kind of place; None admits all."""

    kind: NewsKind | None = None
    #: ``slack``, ``teams``, ``email`` or ``webhook``; the feed is always written.
    transport: str | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A stretch of the local day without messages; it may go past midnight."""

    begins: time
    ends: time

    def __contains__(self, moment: time) -> bool:
        """Say whether a local time of day lies in it."""
        if self.begins <= self.ends:
            return self.begins <= moment < self.ends
        return moment >= self.begins or moment < self.ends


@dataclass(frozen=True, slots=True)
class MessageWishes:
    """When and where a person wants to be told; the default is the rule's timing, in working hours."""

    #: Another timing for a kind of news than the rule gives; only ever less often.
    timings: Mapping[NewsKind, Timing] = field(default_factory=dict)
    mutes: tuple[Mute, ...] = ()
    quiet: tuple[QuietHours, ...] = ()
    #: Messages may also come outside the person's working hours.
    outside_working_hours: bool = False
    #: The most instant messages a day; None: as many as the server allows.
    daily_most: int | None = None
