"""Hand the news to those who subscribed to all of it: one event each, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from milepost.operations.post_message import ALL, post_message
from milepost.operations.services import Services
from milepost.operations.webhook_payloads import news_payload
from milepost.storage.base import Transaction
from milepost.storage.outbox import MessageForm, MessageRecord, NewsRecord, SubscriptionRecord, SubscriptionStatus

#: Pieces of news in one transaction.
CHUNK = 100
_LOCK = "news"


def hand_out_news(services: Services) -> int:
    """Post every piece of news that was not handed out yet; count them."""
    count = 0
    while _is_any(services):
        with services.store.transaction() as tx:
            tx.lock([_LOCK])
            count += _hand_some(tx, services.clock())
    return count


def wants(place: SubscriptionRecord, news: NewsRecord) -> bool:
    """Say whether a subscription asked for this piece of news; what came before the subscription it does not get."""
    return (
        place.status is SubscriptionStatus.ACTIVE
        and place.audience == ALL
        and place.created_at <= news.at
        and (not place.events or news.kind.value in place.events)
        and (not place.achievements or news.achievement in place.achievements)
    )


def _is_any(services: Services) -> bool:
    with services.store.reading() as reading:
        return bool(reading.news_to_hand(limit=1))


def _hand_some(tx: Transaction, now: datetime) -> int:
    news, places = tx.news_to_hand(limit=CHUNK), tx.subscriptions()
    for one in news:
        _hand(tx, one, [place for place in places if wants(place, one)], now)
    return len(news)


def _hand(tx: Transaction, news: NewsRecord, places: Iterable[SubscriptionRecord], now: datetime) -> None:
    """Post one piece as an event whose id is the news' own; nothing is kept where nobody wants it."""
    if chosen := list(places):
        message = MessageRecord(news.id, None, MessageForm.EVENT, now, news_payload(news))
        post_message(tx, message, chosen)
    tx.put_news(replace(news, handed_at=now))
