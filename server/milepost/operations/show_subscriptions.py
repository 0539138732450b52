"""Show subscriptions without what is secret about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import dropwhile, islice
from typing import Any
from urllib.parse import urlsplit

from milepost.engine.people import Holder, HolderKind
from milepost.errors import NotFound
from milepost.operations.services import Services
from milepost.storage.base import Reading
from milepost.storage.outbox import SubscriptionRecord, SubscriptionStatus

#: Of a shorter rest of an address, its end would be too much of it.
_SHORTEST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SubscriptionQuery:
    """Which subscriptions to list; None admits all."""

    transport: str | None = None
    audience: str | None = None
    recipient: Holder | None = None
    status: str | None = None
    address: str | None = None
    limit: int | None = None
    #: The id of the last subscription of the page before.
    after: str | None = None


def list_subscriptions(services: Services, query: SubscriptionQuery) -> list[dict[str, Any]]:
    """Give a page of the subscriptions that were not removed, oldest first."""
    with services.store.reading() as reading:
        found = reading.subscriptions()
    after = query.after
    rest = islice(dropwhile(lambda one: one.id != after, found), 1, None) if after else iter(found)
    return [subscription_document(one) for one in islice(_matching(rest, query), query.limit)]


def show_subscription(services: Services, subscription_id: str) -> dict[str, Any]:
    """Give one subscription."""
    with services.store.reading() as reading:
        return subscription_document(known_subscription(reading, subscription_id))


def known_subscription(reading: Reading, subscription_id: str) -> SubscriptionRecord:
    """Give a subscription that is there and was not removed."""
    found = reading.subscription(subscription_id)
    if found is None or found.status is SubscriptionStatus.REMOVED:
        raise unknown_subscription(subscription_id)
    return found


def unknown_subscription(subscription_id: str) -> NotFound:
    """Give the problem of a subscription that is not there (any more)."""
    return NotFound(f"There is no subscription {subscription_id[:80]!r}. GET /v1/subscriptions lists what there is.")


def subscription_document(place: SubscriptionRecord) -> dict[str, Any]:
    """Give a subscription as it is shown."""
    document = asdict(place)
    for name in ("secret", "former_secret", "recipient", "former_until"):
        del document[name]
    holder = {
        kind.value: place.recipient.id if place.recipient and place.recipient.kind is kind else None
        for kind in HolderKind
    }
    first = {name: document.pop(name) for name in ("id", "transport", "audience")}
    document["address"] = masked(place.transport, place.address)
    return {**first, **holder, **document, "former_secret_until": place.former_until}


def masked(transport: str, address: str) -> str | None:
    """Give so much of an address that people know it again, and nobody else can use it."""
    if not address:
        return None
    if transport == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    parts = urlsplit(address)
    # without a name and password, should some stand before the host
    host = parts.netloc.rpartition("@")[2]
    rest = address.partition(parts.netloc)[2].strip("/")
    return f"{parts.scheme}://{host}/…{rest[-4:] if len(rest) >= _SHORTEST_SHOWN else ''}"


def _matching(places: Iterator[SubscriptionRecord], query: SubscriptionQuery) -> Iterator[SubscriptionRecord]:
    for one in places:
        asked = (
            (query.transport, one.transport),
            (query.audience, one.audience),
            (query.recipient, one.recipient),
            (query.status, one.status.value),
            (query.address, one.address),
        )
        if all(wanted is None or wanted == held for wanted, held in asked):
            yield one
