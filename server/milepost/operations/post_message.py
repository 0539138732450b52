"""Keep a message, and owe its delivery to each place it is for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from milepost.engine.people import Holder, HolderKind
from milepost.storage.base import Transaction
from milepost.storage.outbox import (
    DeliveryRecord,
    DeliveryStatus,
    MessageRecord,
    SubscriptionRecord,
    SubscriptionStatus,
)

#: The audience of subscriptions that get every piece of news as an event.
ALL = "all"


def post_message(tx: Transaction, message: MessageRecord, places: Iterable[SubscriptionRecord]) -> None:
    """Keep a message; its deliveries wait for the next worker. A place gets one message once."""
    tx.put_message(message)
    for place in places:
        delivery_id = id_of_delivery(message.id, place.id)
        if tx.delivery(delivery_id) is None:
            at = message.composed_at
            delivery = DeliveryRecord(delivery_id, message.id, place.id, DeliveryStatus.WAITING, at, next_at=at)
            tx.put_delivery(delivery)


def places_of(recipient: Holder, subscriptions: Iterable[SubscriptionRecord]) -> Iterator[SubscriptionRecord]:
    """Give the active places of a person or team: their own, and those that are for each of them.

    A place for each person without an address of its own is the mailbox whose address is the person's id.
    """
    for one in subscriptions:
        if one.status is not SubscriptionStatus.ACTIVE or one.audience != recipient.kind.value:
            continue
        if one.recipient == recipient or (one.recipient is None and _reaches(one, recipient)):
            yield one


def address_for(place: SubscriptionRecord, recipient: Holder | None) -> str:
    """Give the address that a message to *recipient* goes to."""
    return place.address or (recipient.id if recipient else "")


def id_of_delivery(message_id: str, subscription_id: str) -> str:
    """Make the id of a delivery: one message goes to one place once."""
    return "dl_" + hashlib.sha256(f"{message_id}\x1f{subscription_id}".encode()).hexdigest()[:24]


def _reaches(place: SubscriptionRecord, recipient: Holder) -> bool:
    return bool(place.address) or (recipient.kind is HolderKind.ACTOR and "@" in recipient.id)
