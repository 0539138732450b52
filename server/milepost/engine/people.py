"""Who did it: actors with a history of profiles, and teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from milepost.engine.telling import MessageWishes


class HolderKind(StrEnum):
    """Whose progress it is."""

    ACTOR = "actor"
    TEAM = "team"


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """An actor or a team, by its stable id."""

    kind: HolderKind
    id: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What is true of an actor from *since* on.

    An event is judged by the profile in force when it occurred, so a later
    change of role or team takes nothing away.
    """

    #: None means: from the beginning. Only the first profile has None.
    since: datetime | None = None
    role: str | None = None
    team: str | None = None
    #: Segment name to value: ``{"quota_band": "enterprise"}``.
    segments: Mapping[str, str] = field(default_factory=dict)
    #: IANA time zone; None means the calendar's.
    zone: str | None = None
    #: Key of a calendar; None means the team's, else the default one.
    calendar: str | None = None
    #: Id of the actor who is told as manager.
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Whole local days, both ends included."""

    first_on: date
    last_on: date

    def __contains__(self, day: date) -> bool:
        """Say whether *day* lies in the span."""
        return self.first_on <= day <= self.last_on


class Visibility(StrEnum):
    """Who may see a person's progress by name, besides the person and their manager."""

    TEAM = "team"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person chose for themselves."""

    visibility: Visibility = Visibility.TEAM
    #: No messages to or about the person, and no part in comparisons.
    opt_out: bool = False
    messages: MessageWishes = field(default_factory=MessageWishes)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person by a stable string, mostly an e-mail address."""

    id: str
    name: str | None = None
    #: Ascending by *since*; never empty.
    profiles: tuple[Profile, ...] = (Profile(),)
    #: Leave: days on which nobody expects work.
    leave: tuple[DaySpan, ...] = ()
    #: Pauses asked for by the person: streaks wait.
    pauses: tuple[DaySpan, ...] = ()
    preferences: Preferences = Preferences()

    def profile_at(self, moment: datetime) -> Profile:
        """Give the profile in force at *moment*."""
        current = self.profiles[0]
        for profile in self.profiles[1:]:
            if profile.since is not None and profile.since <= moment:
                current = profile
        return current


#: What the id of somebody begins with whose name was erased.
ERASED = "erased-"


def is_erased(actor_id: str | None) -> bool:
    """Say whether an id is a pseudonym that stands for an erased person."""
    return actor_id is not None and actor_id.startswith(ERASED)


@dataclass(frozen=True, slots=True)
class Team:
    """A group whose members' events count together."""

    id: str
    name: str | None = None
    zone: str | None = None
    calendar: str | None = None
