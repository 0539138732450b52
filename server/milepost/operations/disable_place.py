"""Stop sending to a place where nothing arrives any more, and tell a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Audience, NewsKind, Timing
from milepost.operations.owe_news import Telling, news_id, owe
from milepost.settings import Settings
from milepost.storage.base import Transaction
from milepost.storage.outbox import (
    DeliveryQuery,
    DeliveryStatus,
    NewsRecord,
    SubscriptionRecord,
    SubscriptionStatus,
)

#: Deliveries ended in one transaction.
CHUNK = 500
_ENDS = {
    SubscriptionStatus.DISABLED: (
        DeliveryStatus.FAILED,
        "The place was switched off before this could go there. Switch it on, then replay this.",
    ),
    SubscriptionStatus.REMOVED: (DeliveryStatus.DROPPED, "The place was removed before this could go there."),
}


def disable_place(
    tx: Transaction, place: SubscriptionRecord, words: str, *, at: datetime, settings: Settings
) -> SubscriptionRecord:
    """Switch a place off, end what waits for it, and owe a word to whom it concerns.

    The transaction must have locked everything: what is owed changes.
    """
    disabled = replace(place, status=SubscriptionStatus.DISABLED, words=words, rests_until=None)
    tx.put_subscription(disabled)
    end_waiting(tx, disabled, at=at)
    news = _news(disabled, at)
    tx.put_news(news)
    person = person_concerned(place, settings)
    if person is not None:
        telling = Telling(Holder(HolderKind.ACTOR, person), Audience.ACTOR, Timing.INSTANT)
        owe(tx, telling, f"subscription:{place.id}", news, standing=f"disabled {at.isoformat()}")
    return disabled


def end_waiting(tx: Transaction, place: SubscriptionRecord, *, at: datetime) -> int:
    """End some of what waits for a place that is not active, so that it can be replayed or is done with."""
    status, words = _ENDS[place.status]
    waiting = DeliveryQuery(status=DeliveryStatus.WAITING, subscription_id=place.id, limit=CHUNK)
    ended = [one for one in tx.deliveries(waiting) if one.leased_until is None or one.leased_until <= at]
    for one in ended:
        done = replace(one, status=status, next_at=None, lease=None, leased_until=None)
        tx.put_delivery(replace(done, finished_at=at, words=words))
    return len(ended)


def person_concerned(place: SubscriptionRecord, settings: Settings) -> str | None:
    """Give who is told: whose place it is, else who looks after it, else who looks after Milepost."""
    if place.recipient is not None and place.recipient.kind is HolderKind.ACTOR:
        return place.recipient.id
    return place.contact or settings.contact


def _news(place: SubscriptionRecord, at: datetime) -> NewsRecord:
    document = {
        "id": place.id,
        "name": place.name,
        "transport": place.transport,
        "audience": place.audience,
        "recipient": place.recipient.id if place.recipient else None,
        "recipient_kind": place.recipient.kind.value if place.recipient else None,
        "failing_since": place.failing_since.isoformat() if place.failing_since else None,
        "words": place.words,
    }
    kind = NewsKind.SUBSCRIPTION_DISABLED
    return NewsRecord(id=news_id(kind, place.id, at.isoformat()), kind=kind, at=at, document=document)
