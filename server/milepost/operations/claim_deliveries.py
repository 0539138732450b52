"""Take what is due, so that nobody else tries it meanwhile: one message at a time for each place."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from milepost.delivery.base import Parcel
from milepost.engine.people import HolderKind
from milepost.operations.disable_place import end_waiting
from milepost.operations.load_facts import load_facts
from milepost.operations.make_parcel import make_parcel
from milepost.operations.pacing import Pace
from milepost.operations.save_subscription import lock_name
from milepost.operations.services import Services
from milepost.operations.telling_times import next_welcome
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading, Transaction
from milepost.storage.outbox import (
    DeliveryRecord,
    DeliveryStatus,
    MessageRecord,
    SubscriptionRecord,
    SubscriptionStatus,
)

#: After that, whoever took it is taken for dead, and another may try. An attempt ends within 15 seconds.
LEASE = timedelta(seconds=60)
#: What was composed so lately was welcome then; a test that somebody asked for at night is wanted at night.
FRESH = timedelta(minutes=1)
#: Places looked at in one round.
_ROUND = 5000
#: Kinds of place that may be the same one under several subscriptions, and take one message at a time.
_CHANNELS = ("slack", "teams")
_UNWELCOME = "The person wants no messages any more, or is not known any more."


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that is ours until the lease ends."""

    delivery: DeliveryRecord
    place: SubscriptionRecord = field(repr=False)
    parcel: Parcel = field(repr=False)

    @property
    def is_doubtful(self) -> bool:
        """Say whether the place failed last time, so that it may take long."""
        return self.place.failures > 0


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries may be begun: in all, and at places that failed last time."""

    places: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at what is due came to."""

    claims: tuple[Claim, ...] = ()
    #: Deliveries that ended or were put off without an attempt.
    settled: int = 0


def claim_due(services: Services, room: Room, pace: Pace) -> Round:
    """Take as much of what is due as there is room for; what is not to be sent any more is ended or put off."""
    now = services.clock()
    with services.store.reading() as reading:
        due = reading.deliveries_due(by=now, limit=_ROUND)
        chosen = list(_choose(due, _Places(reading), room, pace, now))
    if not chosen:
        return Round()
    with services.store.transaction() as tx:
        tx.lock(name for _, place in chosen for name in lock_names(place))
        return _take(tx, [delivery.id for delivery, _ in chosen], pace, services.clock())


def lock_names(place: SubscriptionRecord) -> Iterator[str]:
    """Name what is locked to begin or end an attempt at a place."""
    yield lock_name(place.id)
    if place.transport in _CHANNELS:
        yield "channel:" + hashlib.sha256(place.address.encode()).hexdigest()


def release_leases(services: Services) -> int:
    """Let go of all leases; only for a store that one process has, before it begins: whoever had them is dead."""
    with services.store.reading() as reading:
        if not reading.deliveries_leased():
            return 0
    with services.store.transaction() as tx:
        leased = tx.deliveries_leased()
        for delivery in leased:
            tx.put_delivery(replace(delivery, lease=None, leased_until=None))
            place = tx.subscription(delivery.subscription_id)
            if place is not None and place.rests_until == delivery.leased_until:
                tx.put_subscription(replace(place, rests_until=None))
        return len(leased)


class _Places:
    """The places of deliveries, and until when each must be left alone."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[str, SubscriptionRecord | None] = {}

    def of(self, delivery: DeliveryRecord) -> SubscriptionRecord | None:
        """Give the place of a delivery, whatever its status."""
        place_id = delivery.subscription_id
        if place_id not in self._found:
            self._found[place_id] = self._reading.subscription(place_id)
        return self._found[place_id]

    def rests(self, place: SubscriptionRecord, now: datetime) -> bool:
        """Say whether a place, or the channel it shares with others, must be left alone."""
        rests = [place.rests_until]
        if place.transport in _CHANNELS:
            rests += self._channels.get(place.address, [])
        return any(until is not None and until > now for until in rests)

    def keep_resting(self, place: SubscriptionRecord) -> None:
        """Let the others at the same channel rest as long as this one."""
        if place.transport in _CHANNELS:
            self._channels[place.address].append(place.rests_until)

    @cached_property
    def _channels(self) -> defaultdict[str, list[datetime | None]]:
        rests: defaultdict[str, list[datetime | None]] = defaultdict(list)
        for place in self._reading.subscriptions():
            if place.transport in _CHANNELS:
                rests[place.address].append(place.rests_until)
        return rests


def _choose(
    due: Iterable[DeliveryRecord], places: _Places, room: Room, pace: Pace, now: datetime
) -> Iterator[tuple[DeliveryRecord, SubscriptionRecord]]:
    """Give what may be begun now, the oldest first."""
    free, doubtful = room.places, room.doubtful
    for delivery in due:
        place = places.of(delivery)
        if place is None or places.rests(place, now) or not pace.allows(place, now):
            continue
        if place.failures and doubtful <= 0:
            continue
        if free <= 0:
            return
        free, doubtful = free - 1, doubtful - bool(place.failures)
        yield delivery, place


def _take(tx: Transaction, ids: Iterable[str], pace: Pace, now: datetime) -> Round:
    """Look again at what was chosen, now that nobody else can change it, and take it."""
    claims, settled = [], 0
    lease, places = secrets.token_hex(12), _Places(tx)
    for delivery_id in ids:
        delivery = tx.delivery(delivery_id)
        place = places.of(delivery) if delivery else None
        message = tx.message(delivery.message_id) if delivery else None
        if not (delivery and place and message and _is_due(delivery, now)) or places.rests(place, now):
            continue
        if place.status is not SubscriptionStatus.ACTIVE:
            settled += end_waiting(tx, place, at=now)
        elif (other := _settled(tx, delivery, message, now)) is not None:
            tx.put_delivery(other)
            settled += 1
        elif pace.take(place, now):
            taken = replace(delivery, lease=lease, leased_until=now + LEASE)
            resting = replace(place, rests_until=taken.leased_until)
            tx.put_delivery(taken)
            tx.put_subscription(resting)
            places.keep_resting(resting)
            claims.append(Claim(taken, resting, make_parcel(message, place, now)))
    return Round(tuple(claims), settled)


def _is_due(delivery: DeliveryRecord, now: datetime) -> bool:
    return (
        delivery.status is DeliveryStatus.WAITING
        and delivery.next_at is not None
        and delivery.next_at <= now
        and (delivery.leased_until is None or delivery.leased_until <= now)
    )


def _settled(tx: Transaction, delivery: DeliveryRecord, message: MessageRecord, now: datetime) -> DeliveryRecord | None:
    """End a delivery that nobody wants any more, or put it off to when it is welcome; None: it can go now."""
    if message.recipient is None:
        return None
    is_person = message.recipient.kind is HolderKind.ACTOR
    facts = load_facts(tx, actors=[message.recipient.id] if is_person else [])
    if wants_no_messages(message.recipient, facts):
        return replace(delivery, status=DeliveryStatus.DROPPED, next_at=None, finished_at=now, words=_UNWELCOME)
    if not delivery.attempts and now - message.composed_at < FRESH:
        return None
    welcome = next_welcome(message.recipient, now, facts)
    return replace(delivery, next_at=welcome) if welcome > now else None
