"""What every store promises about telling people, and about what time makes happen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Protocol

from milepost.engine.people import Holder
from milepost.storage.outbox import (
    AttemptRecord,
    AttentionRecord,
    DeliveryQuery,
    DeliveryRecord,
    MessageRecord,
    NewsRecord,
    OwedRecord,
    ReviewRecord,
    ReviewState,
    StreakWatchRecord,
    SubscriptionRecord,
    ViewRecord,
)


class TellingReading(Protocol):
    """Questions about news, messages, places and reviews."""

    def news(self, news_id: str) -> NewsRecord | None:
        """Give a piece of news by id."""

    def newest_news(
        self, kinds: Collection[str], *, achievements: Collection[str] = (), before: str | None = None, limit: int = 50
    ) -> list[NewsRecord]:
        """Give the newest news of some kinds (and of some achievements, if any are named), newest first.

        *before*: only what is older than this; nothing, where it is not there any more.
        """

    def news_to_hand(self, *, limit: int) -> list[NewsRecord]:
        """Give the oldest news that was not handed to the subscriptions."""

    def owed(self, recipient: Holder, topic: str) -> OwedRecord | None:
        """Give what a recipient knows of a topic."""

    def owed_about(self, topic: str) -> list[OwedRecord]:
        """Give what everybody knows of a topic, by recipient."""

    def owed_to(self, recipient: Holder, *, by: datetime) -> list[OwedRecord]:
        """Give what is owed to a recipient and due by a moment, by since, then topic."""

    def owed_by(self, *, by: datetime, limit: int) -> list[OwedRecord]:
        """Give what is owed to anybody and due by a moment, the oldest first."""

    def message(self, message_id: str) -> MessageRecord | None:
        """Give a message by id."""

    def messages_to(
        self, recipient: Holder, *, since: datetime | None = None, before: str | None = None, limit: int | None = 50
    ) -> list[MessageRecord]:
        """Give a recipient's messages (*limit* None: all), newest first, from *since* on.

        *before*: only what is older than this; nothing, where it is not there any more.
        """

    def old_messages(self, *, before: datetime) -> int:
        """Count the messages from before a moment that `drop_told` would forget."""

    def subscription(self, subscription_id: str) -> SubscriptionRecord | None:
        """Give a subscription by id, whatever its status."""

    def subscriptions(self) -> list[SubscriptionRecord]:
        """Give all subscriptions that were not removed, by created_at and id."""

    def delivery(self, delivery_id: str) -> DeliveryRecord | None:
        """Give a delivery by id."""

    def deliveries(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Give a page of deliveries, by id."""

    def deliveries_due(self, *, by: datetime, limit: int) -> list[DeliveryRecord]:
        """Give for each place that does not rest the waiting delivery that is due first and that nobody has a lease of.

        The oldest first; places in any status, since what waits for one that is disabled must end, too. Whoever tries
        one takes it in a transaction that has locked it and read it again.
        """

    def deliveries_leased(self) -> list[DeliveryRecord]:
        """Give the waiting deliveries that somebody has or had a lease of, by id."""

    def attempts(self, delivery_id: str) -> list[AttemptRecord]:
        """Give every attempt at a delivery, oldest first."""

    def review(self, award_id: str) -> ReviewRecord | None:
        """Give the review of an award."""

    def reviews(
        self,
        states: Collection[ReviewState],
        *,
        reviewer: str | None = None,
        expires_by: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> list[ReviewRecord]:
        """Give reviews in some states (of one reviewer), by expires_at and award, from the one behind *after*."""

    def attention(self, message_ids: Collection[str]) -> list[AttentionRecord]:
        """Give how often some messages were opened and followed."""

    def views(self, *, first: date, last: date) -> list[ViewRecord]:
        """Give the looks at progress on some days, by actor, day and viewer; both ends are included."""

    def streak_watch(self, achievement: str, holder: Holder) -> StreakWatchRecord | None:
        """Give how a streak stood when it was looked at last."""

    def streak_watches(self, *, by: datetime, limit: int) -> list[StreakWatchRecord]:
        """Give the streaks to look at again by a moment, the oldest first."""

    def chore_done_at(self, name: str) -> datetime | None:
        """Give when a chore was done last."""

    def signing_key(self, name: str) -> str | None:
        """Give a secret that this place signs with."""


class TellingWriting(Protocol):
    """Changes of news, messages, places and reviews."""

    def put_news(self, news: NewsRecord) -> None:
        """Add or replace a piece of news."""

    def put_owed(self, owed: OwedRecord) -> None:
        """Note what a recipient knows of a topic and is owed."""

    def put_message(self, message: MessageRecord) -> None:
        """Add or replace a message."""

    def put_subscription(self, subscription: SubscriptionRecord) -> None:
        """Add or replace a subscription."""

    def put_delivery(self, delivery: DeliveryRecord) -> None:
        """Add or replace a delivery; only one that waits has a moment."""

    def put_attempt(self, attempt: AttemptRecord) -> None:
        """Note an attempt."""

    def put_review(self, review: ReviewRecord) -> None:
        """Add or replace a review."""

    def put_attention(self, attention: AttentionRecord) -> None:
        """Note how often a message was opened or followed."""

    def count_view(self, actor: str, day: date, viewer: str) -> None:
        """Count one more look at a person's progress."""

    def put_streak_watch(self, watch: StreakWatchRecord) -> None:
        """Note how a streak stands and when to look again."""

    def put_chore(self, name: str, done_at: datetime) -> None:
        """Note when a chore was done."""

    def put_signing_key(self, name: str, secret: str) -> None:
        """Keep a secret that this place signs with; one that is there already stays."""

    def drop_told(self, *, before: datetime) -> int:
        """Forget messages from before a moment with their deliveries and attempts, and news handed before it.

        What waits for its delivery stays, and so does what recipients know of their topics. Counts the messages.
        """

    def drop_views(self, *, before: date) -> None:
        """Forget the looks at progress from before a day."""
