"""Send once more what was given up, or what somebody wants again; the message keeps its id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from milepost.delivery.backoff import FAILURES_BEFORE_REST
from milepost.errors import Conflict, NotFound
from milepost.operations.save_subscription import lock_name
from milepost.operations.services import Services
from milepost.storage.base import Transaction
from milepost.storage.outbox import (
    DeliveryQuery,
    DeliveryRecord,
    DeliveryStatus,
    SubscriptionRecord,
    SubscriptionStatus,
)

#: Deliveries changed in one transaction.
CHUNK = 200


def replay_delivery(services: Services, delivery_id: str) -> DeliveryRecord:
    """Let one delivery wait for its first attempt again, and give it as it stands now.

    One that waits is tried at once; one that is being tried stays as it is. Raises `NotFound`, and `Conflict` where its
    place is not active.
    """
    with services.store.transaction() as tx:
        delivery = _known(tx, delivery_id)
        tx.lock([lock_name(delivery.subscription_id)])
        delivery, now = _known(tx, delivery_id), services.clock()
        place = tx.subscription(delivery.subscription_id)
        if place is None or place.status is not SubscriptionStatus.ACTIVE:
            raise Conflict(_refusal(place))
        _replay(tx, delivery, place, now)
        return _known(tx, delivery_id)


def replay_deliveries(services: Services, query: DeliveryQuery) -> int:
    """Replay every delivery that *query* admits, of those that failed unless it names a status; count them.

    Its limit and its place in the list do not matter. What belongs to a place that is not active stays as it is.
    """
    count, page = 0, replace(query, status=query.status or DeliveryStatus.FAILED, limit=CHUNK, after=None)
    while True:
        with services.store.reading() as reading:
            found = reading.deliveries(page)
        if not found:
            return count
        with services.store.transaction() as tx:
            tx.lock({lock_name(one.subscription_id) for one in found})
            count += _replay_some(tx, [one.id for one in found], page.status, services.clock())
        page = replace(page, after=found[-1].id)


def _replay_some(tx: Transaction, ids: Iterable[str], status: DeliveryStatus | None, now: datetime) -> int:
    """Replay what is still as it was found."""
    count = 0
    for delivery_id in ids:
        delivery = tx.delivery(delivery_id)
        place = tx.subscription(delivery.subscription_id) if delivery else None
        if delivery is None or place is None or delivery.status is not status:
            continue
        if place.status is SubscriptionStatus.ACTIVE:
            count += _replay(tx, delivery, place, now)
    return count


def _replay(tx: Transaction, delivery: DeliveryRecord, place: SubscriptionRecord, now: datetime) -> bool:
    """Begin a delivery anew; a place that rests because nothing arrived there is tried at once, too."""
    if delivery.leased_until is not None and delivery.leased_until > now:
        return False
    fresh = replace(delivery, status=DeliveryStatus.WAITING, attempts=0, next_at=now, lease=None, leased_until=None)
    tx.put_delivery(replace(fresh, finished_at=None))
    if place.failures >= FAILURES_BEFORE_REST:
        tx.put_subscription(replace(place, rests_until=None))
    return True


def _known(tx: Transaction, delivery_id: str) -> DeliveryRecord:
    found = tx.delivery(delivery_id)
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id[:80]!r}. GET /v1/deliveries lists what there is.")
    return found


def _refusal(place: SubscriptionRecord | None) -> str:
    if place is None or place.status is SubscriptionStatus.REMOVED:
        return "The place of this delivery was removed, so nothing can be sent there any more."
    return (
        f"The place of this delivery is switched off: {place.words or 'by hand.'} "
        f'Switch it on first: PATCH /v1/subscriptions/{place.id} with {{"status": "active"}}.'
    )
