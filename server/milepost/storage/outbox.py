"""What a store keeps of telling people: news, what is owed of it to whom, messages, and the places they go to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from milepost.engine.people import Holder
from milepost.engine.telling import Audience, NewsKind, Timing


@dataclass(frozen=True, slots=True)
class NewsRecord:
    """Something that happened, as subscriptions to everything get it."""

    #: ``nw_…``; made from what it is about, so that the same thing is never news twice.
    id: str
    kind: NewsKind
    at: datetime
    #: What a subscriber gets as ``data``; JSON values.
    document: Mapping[str, Any]
    #: Whom it is about.
    holder: Holder | None = None
    achievement: str | None = None
    award_id: str | None = None
    #: When it was handed to the subscriptions; None: not yet.
    handed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwedRecord:
    """What one recipient knows of one topic, and whether they are owed a word about it.

    Nothing is queued: *standing* is how things are, *told* is what was last said. Where the two come to the same,
    nothing is owed, however often the topic went back and forth in between.
    """

    #: A person or a team.
    recipient: Holder
    #: ``award:aw_…``, ``streak:tidy-pipeline:2026-03-02``, ``review:aw_…``, ``coaching:2026-W10``,
    #: ``subscription:sub_…``.
    topic: str
    audience: Audience
    kind: NewsKind
    timing: Timing
    standing: str
    #: None: nothing was ever said.
    told: str | None
    #: Since when *standing* is so.
    since: datetime
    #: When to look whether it can be said; None: nothing is owed.
    due_at: datetime | None
    #: The newest news behind it.
    news_id: str | None = None
    #: The message that said what was told last.
    message_id: str | None = None


class MessageForm(StrEnum):
    """What sort of message it is."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    #: One piece of news, as it is, for a flow.
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message, composed once; the feed of its recipient shows it, deliveries carry it elsewhere."""

    #: ``msg_…``, of an event the id of the news; every attempt at every place carries it.
    id: str
    #: None: whoever subscribed.
    recipient: Holder | None
    form: MessageForm
    composed_at: datetime
    #: A `milepost.delivery.message.Message` as JSON values; of an event the payload.
    document: Mapping[str, Any]
    #: Of a digest: the day or week it is for, ``2026-03-02`` or ``2026-W10``.
    period: str | None = None
    #: When the recipient saw it in the feed.
    read_at: datetime | None = None


class SubscriptionStatus(StrEnum):
    """Whether messages go to a place."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    """A standing wish for messages at one place."""

    #: ``sub_…``
    id: str
    #: ``slack``, ``teams``, ``email`` or ``webhook``.
    transport: str
    #: ``actor``: what is owed to a person; ``team``: to a team; ``all``: every piece of news, as an event.
    audience: str
    #: A URL or an e-mail address, and a secret: whoever knows it can write there. Empty: each person's own id.
    address: str
    created_at: datetime
    #: The person or team; None: each of them.
    recipient: Holder | None = None
    #: What a webhook is signed with; None where nothing is signed.
    secret: str | None = None
    #: The secret before; both sign until *former_until*.
    former_secret: str | None = None
    former_until: datetime | None = None
    #: Which kinds of news; empty: all.
    events: tuple[str, ...] = ()
    #: Of which achievements; empty: of all.
    achievements: tuple[str, ...] = ()
    name: str | None = None
    #: The person who is told when the place does not answer any more.
    contact: str | None = None
    created_by: str | None = None
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    #: Why it is disabled, for people.
    words: str | None = None
    #: Since when nothing has arrived there; None: the last attempt did.
    failing_since: datetime | None = None
    #: Attempts that failed one after the other.
    failures: int = 0
    #: Nothing is sent there before this moment.
    rests_until: datetime | None = None


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    #: Given up; it can be replayed.
    FAILED = "failed"
    #: Not wanted any more: the place or the person was removed.
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """One message owed to one place."""

    #: ``dl_…``
    id: str
    message_id: str
    subscription_id: str
    status: DeliveryStatus
    created_at: datetime
    #: Attempts so far, since the last replay.
    attempts: int = 0
    #: When to try; None: never again.
    next_at: datetime | None = None
    #: Who is trying at this moment, and until when nobody else may.
    lease: str | None = None
    leased_until: datetime | None = None
    finished_at: datetime | None = None
    #: How the last attempt went, for people.
    words: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try to deliver."""

    delivery_id: str
    #: From 1, over all replays.
    number: int
    at: datetime
    #: ``sent``, ``passing``, ``permanent`` or ``gone``.
    outcome: str
    #: The HTTP or SMTP status, if there was one.
    status_code: int | None
    words: str
    took_ms: int


@dataclass(frozen=True, slots=True)
class DeliveryQuery:
    """Which deliveries to list; None admits all."""

    status: DeliveryStatus | None = None
    subscription_id: str | None = None
    message_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    #: The id of the last delivery of the page before.
    after: str | None = None


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    #: The reviewer asked something, and waits for an answer.
    ASKED = "asked"
    DECIDED = "decided"
    #: Nobody decided in time.
    EXPIRED = "expired"
    #: There is nothing left to decide: what it was earned for changed.
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """An award that waits for a person's decision."""

    award_id: str
    holder: Holder
    achievement: str
    #: Who decides: the holder's manager, or whom it was handed to; None: whoever looks after Milepost.
    reviewer: str | None
    state: ReviewState
    opened_at: datetime
    expires_at: datetime
    #: When it was handed further up because nobody decided.
    escalated_at: datetime | None = None
    question: str | None = None
    #: Whom it is asked.
    asked: str | None = None
    answer: str | None = None
    delegated_by: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttentionRecord:
    """How often a message was opened, or a link in it followed."""

    message_id: str
    #: ``opened`` or ``clicked``.
    act: str
    first_at: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class ViewRecord:
    """How often a person's progress was looked at on one day, by themselves or by somebody else."""

    actor: str
    day: date
    #: ``self`` or ``other``.
    viewer: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class StreakWatchRecord:
    """How a streak stood when it was looked at last, and when to look again."""

    achievement: str
    holder: Holder
    length: int
    #: ``on_track``, ``open``, ``at_risk`` or ``ended``.
    state: str
    look_at: datetime | None = None
    #: The period that wants to be met next, or whose miss ended it.
    period: str | None = None
