"""What was told to one person and of them, and what was noted of that, for the export."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any

from milepost.engine.people import Holder
from milepost.operations.read_feed import message_document
from milepost.operations.show_subscriptions import subscription_document
from milepost.operations.webhook_payloads import news_payload
from milepost.storage.base import Reading
from milepost.storage.outbox import DeliveryQuery, MessageRecord

#: The columns that say whose a row is that is shown here.
SHOWN = {
    "messages": "recipient_id",
    "news": "holder_id",
    "owed": "recipient_id",
    "reviews": "holder_id",
    "streak_watches": "holder_id",
    "subscriptions": "recipient_id",
    "views": "actor",
}
#: Deliveries looked at for each message.
_MOST_PLACES = 500


def export_telling(reading: Reading, holder: Holder, award_ids: Collection[str]) -> dict[str, Any]:
    """Give everything that was told to a person and of them; addresses of places as they are shown everywhere."""
    return {
        "messages": [_message(reading, message) for message in reading.messages_to(holder, limit=None)],
        "news": list(_news(reading, holder)),
        "known": [
            {name: row[name] for name in ("topic", "audience", "kind", "timing", "standing", "told", "since", "due_at")}
            for _, row in reading.having("owed", "recipient_id", [holder.id])
            if row["recipient_kind"] == holder.kind
        ],
        "subscriptions": list(_subscriptions(reading, holder)),
        "reviews": [asdict(review) for award_id in award_ids if (review := reading.review(award_id))],
        "looks": [
            {name: row[name] for name in ("day", "viewer", "times")}
            for _, row in reading.having("views", "actor", [holder.id])
        ],
    }


def _message(reading: Reading, message: MessageRecord) -> dict[str, Any]:
    """Give a message with where it went, and whether it was opened there."""
    deliveries = reading.deliveries(DeliveryQuery(message_id=message.id, limit=_MOST_PLACES))
    shown = ("subscription_id", "status", "attempts", "finished_at", "words")
    return {
        **message_document(message),
        "deliveries": [{name: getattr(delivery, name) for name in shown} for delivery in deliveries],
        "attention": [asdict(one) for one in reading.attention([message.id])],
    }


def _news(reading: Reading, holder: Holder) -> Iterator[dict[str, Any]]:
    for _, row in reading.having("news", "holder_id", [holder.id]):
        news = reading.news(row["id"])
        if news is not None and news.holder == holder:
            yield news_payload(news)


def _subscriptions(reading: Reading, holder: Holder) -> Iterator[dict[str, Any]]:
    for _, row in reading.having("subscriptions", "recipient_id", [holder.id]):
        place = reading.subscription(row["id"])
        if place is not None and place.recipient == holder:
            yield subscription_document(place)
