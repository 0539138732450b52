"""Show what is owed to places and how it went: deliveries with their attempts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from milepost.errors import NotFound
from milepost.operations.read_feed import message_document
from milepost.operations.services import Services
from milepost.operations.show_subscriptions import known_subscription, masked
from milepost.storage.base import Reading
from milepost.storage.outbox import DeliveryQuery, DeliveryRecord, SubscriptionRecord

#: What only the worker that is trying needs to know.
_INNER = ("lease", "leased_until")


def list_deliveries(services: Services, query: DeliveryQuery) -> list[dict[str, Any]]:
    """Give a page of deliveries, by id."""
    with services.store.reading() as reading:
        found = reading.deliveries(query)
        places = {one: reading.subscription(one) for one in {delivery.subscription_id for delivery in found}}
    return [delivery_document(one, places[one.subscription_id]) for one in found]


def list_deliveries_to(services: Services, subscription_id: str, query: DeliveryQuery) -> list[dict[str, Any]]:
    """Give a page of the deliveries to a place that is there."""
    with services.store.reading() as reading:
        known_subscription(reading, subscription_id)
    return list_deliveries(services, query)


def show_delivery(services: Services, delivery_id: str) -> dict[str, Any]:
    """Give a delivery with every attempt, and the message it carries."""
    with services.store.reading() as reading:
        delivery = known_delivery(reading, delivery_id)
        attempts = reading.attempts(delivery_id)
        message = reading.message(delivery.message_id)
        place = reading.subscription(delivery.subscription_id)
    return {
        **delivery_document(delivery, place),
        "history": [asdict(one) for one in attempts],
        "message": message_document(message) if message else None,
    }


def known_delivery(reading: Reading, delivery_id: str) -> DeliveryRecord:
    """Give a delivery that is there."""
    found = reading.delivery(delivery_id)
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id[:80]!r}. GET /v1/deliveries lists what there is.")
    return found


def delivery_document(delivery: DeliveryRecord, place: SubscriptionRecord | None) -> dict[str, Any]:
    """Give a delivery as it is shown, with so much of its place that people know it again."""
    document = {name: value for name, value in asdict(delivery).items() if name not in _INNER}
    return {
        **document,
        "transport": place and place.transport,
        "place": place and (place.name or masked(place.transport, place.address)),
    }
