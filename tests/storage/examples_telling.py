"""Records of telling people that the storage tests keep and look for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.storage.outbox import (
    AttemptRecord,
    DeliveryRecord,
    DeliveryStatus,
    MessageForm,
    MessageRecord,
    NewsRecord,
    OwedRecord,
    ReviewRecord,
    ReviewState,
    StreakWatchRecord,
    SubscriptionRecord,
)
from tests.storage.examples import ANA, NOON, hours

if TYPE_CHECKING:
    from milepost.storage.base import Store


def news(news_id: str = "nw_1", **fields: Any) -> NewsRecord:
    """Make a piece of news."""
    values = {
        "kind": NewsKind.AWARDED,
        "at": NOON,
        "document": {"id": "aw_1", "name": "Clean Close · 綺麗", "tier": None, "points": 5, "share": 0.1},
        "holder": ANA,
        "achievement": "clean-close",
        "award_id": "aw_1",
    }
    return NewsRecord(news_id, **{**values, **fields})


def owed(topic: str = "award:aw_1", **fields: Any) -> OwedRecord:
    """Make what Ana knows of a topic; a word about it is owed."""
    values = {
        "recipient": ANA,
        "audience": Audience.ACTOR,
        "kind": NewsKind.AWARDED,
        "timing": Timing.INSTANT,
        "standing": "granted",
        "told": None,
        "since": NOON,
        "due_at": NOON,
    }
    return OwedRecord(topic=topic, **{**values, **fields})


def message(message_id: str = "msg_1", **fields: Any) -> MessageRecord:
    """Make a message to Ana."""
    values = {
        "recipient": ANA,
        "form": MessageForm.INSTANT,
        "composed_at": NOON,
        "document": {"title": 'Ana earned "Clean Close" 🎉', "sections": [{"lines": []}], "none": None},
    }
    return MessageRecord(message_id, **{**values, **fields})


def place(subscription_id: str = "sub_1", **fields: Any) -> SubscriptionRecord:
    """Make a subscription at a webhook."""
    values = {"transport": "webhook", "audience": "all", "address": "https://hooks.example.com/a", "created_at": NOON}
    return SubscriptionRecord(subscription_id, **{**values, **fields})


def delivery(delivery_id: str = "dl_1", **fields: Any) -> DeliveryRecord:
    """Make a delivery of the message to the place; it waits."""
    values = {
        "message_id": "msg_1",
        "subscription_id": "sub_1",
        "status": DeliveryStatus.WAITING,
        "created_at": NOON,
        "next_at": NOON,
    }
    return DeliveryRecord(delivery_id, **{**values, **fields})


def sent(delivery_id: str = "dl_1", **fields: Any) -> DeliveryRecord:
    """Make a delivery that is over."""
    values = {"status": DeliveryStatus.SENT, "attempts": 1, "next_at": None, "finished_at": hours(1), "words": "200 OK"}
    return delivery(delivery_id, **{**values, **fields})


def attempt(number: int = 1, **fields: Any) -> AttemptRecord:
    """Make an attempt at the delivery."""
    values = {
        "delivery_id": "dl_1",
        "at": NOON,
        "outcome": "passing",
        "status_code": 503,
        "words": "503: try again",
        "took_ms": 12,
    }
    return AttemptRecord(number=number, **{**values, **fields})


def review(award_id: str = "aw_1", **fields: Any) -> ReviewRecord:
    """Make a review that waits for a week."""
    values = {
        "holder": ANA,
        "achievement": "clean-close",
        "reviewer": None,
        "state": ReviewState.WAITING,
        "opened_at": NOON,
        "expires_at": NOON + timedelta(weeks=1),
    }
    return ReviewRecord(award_id, **{**values, **fields})


def watch(achievement: str = "tidy", **fields: Any) -> StreakWatchRecord:
    """Make a streak of Ana's that is to be looked at."""
    values = {"holder": ANA, "length": 4, "state": "on_track", "look_at": NOON}
    return StreakWatchRecord(achievement, **{**values, **fields})


def put_waiting(store: Store, *delivery_ids: str) -> None:
    """Have deliveries of one message to one place wait."""
    with store.transaction() as change:
        change.put_message(message())
        change.put_subscription(place())
        for delivery_id in delivery_ids:
            change.put_delivery(delivery(delivery_id))
