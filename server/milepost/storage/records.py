"""What a store keeps: rows as values, the same for every store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from milepost.engine.events import Event
from milepost.engine.people import Holder


@dataclass(frozen=True, slots=True)
class EventRecord:
    """The newest counting revision of an event, and what is known of its telling."""

    event: Event
    #: 1 for the first telling; each one with other content adds 1.
    revision: int
    #: SHA-256 of the content as told; equal means replay.
    fingerprint: str
    received_at: datetime
    #: Set when the event was taken back; such an event counts for nothing.
    voided_at: datetime | None = None
    #: Told after the late limit; counts only after a rebuild.
    too_late: bool = False
    #: The answer this telling was given first, as JSON text; None while it is being made.
    answer: str | None = None
    #: Who told it: the id of the key, or ``import``.
    told_by: str | None = None

    @property
    def counts(self) -> bool:
        """Say whether the engine may see the event."""
        return self.voided_at is None and not self.too_late


@dataclass(frozen=True, slots=True)
class AchievementVersion:
    """One version of a rule's document."""

    key: str
    number: int
    #: The rule as it was saved, JSON values.
    document: Mapping[str, Any]
    effective_at: datetime
    author: str
    note: str | None = None
    #: Its place in the one log of all rule changes, from 1; the store gives it.
    sequence: int = 0
    #: How the change treats awards that stand: ``keep`` or ``recompute``.
    past: str | None = None
    #: Where the past was not to be awarded: the moment from which on events count for the rule.
    starts_at: datetime | None = None
    #: The hash over this change and the one before it in the log; the store gives it.
    chained: str = ""


@dataclass(frozen=True, slots=True)
class EarningRecord:
    """A moment at which a rule was met, before repeats, cooldown and cap are looked at.

    Kept for each window, so that an event touches only the windows it lies in.
    """

    achievement: str
    holder: Holder
    #: ``2026-W10``; ``ever`` for rules without calendar window.
    window: str
    #: Which of several in the window, from 1.
    ordinal: int
    tier: str | None
    earned_at: datetime
    #: Ids of the events behind it, in the order they settled.
    evidence: tuple[str, ...]
    #: Progress at that moment.
    value: float
    target: float
    rule_version: int


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """What a period of a holder's streak came to."""

    #: Its key, such as ``2026-03-02``.
    period: str
    rule_version: int
    met_at: datetime | None
    due_at: datetime | None
    #: JSON text, ``[[settled, id, occurred], …]``: of a long streak nobody reads it, so it is not parsed.
    evidence: str


class AwardStatus(StrEnum):
    """Whether an award stands; only a granted one does."""

    GRANTED = "granted"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    REVOKED = "revoked"


class AwardSource(StrEnum):
    """Who judged."""

    RULE = "rule"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class AwardRecord:
    """What was earned; the row stays when the award is taken back."""

    id: str
    achievement: str
    name: str
    holder: Holder
    #: Tells awards of one achievement and holder apart: ``once``, ``2026-W10``, ``3``; with tier ``2026-W10:Bronze``.
    slot: str
    tier: str | None
    status: AwardStatus
    points: int
    earned_at: datetime
    #: When the status last changed.
    changed_at: datetime
    rule_version: int | None
    evidence: tuple[str, ...]
    reason_code: str
    reason: str
    source: AwardSource = AwardSource.RULE
    message: str | None = None
    next_step: str | None = None
    #: A person's decision, which recomputing never overrides: ``approved``, ``rejected``, ``revoked``, ``kept``;
    #: ``expired``: nobody made one in time.
    decision: str | None = None
    decided_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AwardChange:
    """One step in an award's history."""

    award_id: str
    at: datetime
    #: ``granted``, ``revoked``, ``restored``, ``in_review``, ``approved``, ``rejected``, ``kept``, ``noted`` or
    #: ``amended``; of a review also ``asked``, ``answered``, ``delegated``, ``escalated`` or ``expired``.
    change: str
    reason_code: str
    reason: str
    #: The event id, person or run that caused it.
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class AwardQuery:
    """Which awards to list; None admits all."""

    holder: Holder | None = None
    achievement: str | None = None
    status: AwardStatus | None = None
    since: datetime | None = None
    limit: int = 50
    #: The id of the last award of the page before.
    after: str | None = None


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """An API key, without its secret."""

    id: str
    name: str
    #: SHA-256 of the whole key, hexadecimal.
    digest: str
    #: The last four characters, to tell keys apart.
    hint: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """How far a file has been read."""

    #: SHA-256 of the file's content and the mapping.
    id: str
    file_name: str
    mapping: str
    #: Told events so far, in the order of the import.
    position: int
    #: Lines that could not be read so far.
    set_aside: int
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that a mapping could not read."""

    import_id: str
    line: int
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class FreezeRecord:
    """A day of a streak that may be missed, set by hand."""

    achievement: str
    holder: Holder
    day: date
    set_by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MappingRecord:
    """A source mapping installed under the name of its source."""

    source: str
    document: Mapping[str, Any] = field(default_factory=dict)
    recipe: str | None = None
