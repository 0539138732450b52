"""Keep how an attempt went, and what follows from it for the delivery and for the place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from milepost.delivery.backoff import LONGEST_WAIT, pause_after, rest_after
from milepost.delivery.base import Outcome, Result
from milepost.operations.claim_deliveries import Claim, lock_names
from milepost.operations.disable_place import disable_place
from milepost.operations.pacing import BETWEEN_MESSAGES
from milepost.operations.services import Services
from milepost.storage.outbox import (
    AttemptRecord,
    DeliveryRecord,
    DeliveryStatus,
    SubscriptionRecord,
    SubscriptionStatus,
)

#: A place where nothing arrived for so long is switched off.
FAILING_FOR = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that is over."""

    claim: Claim
    outcome: Outcome
    took: timedelta


def record_attempt(services: Services, tried: Tried) -> None:
    """Keep an attempt; the delivery changes only if its lease is still ours."""
    claim, outcome = tried.claim, tried.outcome
    with services.store.transaction() as tx:
        if _may_disable(claim.place, outcome, services.clock()):
            tx.lock_everything()
        else:
            tx.lock(lock_names(claim.place))
        now = services.clock()
        delivery, place = tx.delivery(claim.delivery.id), tx.subscription(claim.place.id)
        if delivery is None or place is None:
            return
        tx.put_attempt(_attempt(tried, number=len(tx.attempts(delivery.id)) + 1))
        if delivery.lease != claim.delivery.lease:
            return
        tx.put_delivery(delivery_after(delivery, outcome, now))
        after = place_after(place, outcome, now)
        words = _words_to_disable(claim.place, after, outcome, now)
        if words is None:
            tx.put_subscription(after)
        else:
            disable_place(tx, after, words, at=now, settings=services.settings)


def delivery_after(delivery: DeliveryRecord, outcome: Outcome, now: datetime) -> DeliveryRecord:
    """Give the delivery as it stands after one more attempt."""
    tried = replace(
        delivery, attempts=delivery.attempts + 1, next_at=None, lease=None, leased_until=None, words=outcome.words
    )
    if outcome.result is Result.SENT:
        return replace(tried, status=DeliveryStatus.SENT, finished_at=now)
    pause = pause_after(tried.attempts, seed=delivery.id) if outcome.result is Result.PASSING else None
    if pause is None:
        return replace(tried, status=DeliveryStatus.FAILED, finished_at=now)
    return replace(tried, next_at=now + max(pause, _asked_for(outcome)))


def place_after(place: SubscriptionRecord, outcome: Outcome, now: datetime) -> SubscriptionRecord:
    """Give the place as it stands after one more attempt there."""
    between = BETWEEN_MESSAGES.get(place.transport, timedelta())
    if outcome.result is Result.SENT:
        return replace(place, failures=0, failing_since=None, rests_until=now + between if between else None)
    if _is_about_the_person(place, outcome):
        return replace(place, rests_until=None)
    failures = place.failures + 1
    rest = max(between, rest_after(failures), _asked_for(outcome))
    return replace(
        place,
        failures=failures,
        failing_since=place.failing_since or now,
        rests_until=now + rest if rest else None,
    )


def _asked_for(outcome: Outcome) -> timedelta:
    """Give how long the place asked to be left alone, within reason."""
    return max(timedelta(), min(outcome.retry_after or timedelta(), LONGEST_WAIT))


def _is_about_the_person(place: SubscriptionRecord, outcome: Outcome) -> bool:
    """Say whether a refusal concerns one mailbox behind a place that is for each person."""
    return not place.address and outcome.result in (Result.PERMANENT, Result.GONE)


def _may_disable(place: SubscriptionRecord, outcome: Outcome, now: datetime) -> bool:
    """Say whether this attempt may be the last one; then other people's owed words change, too."""
    if outcome.result is Result.SENT or _is_about_the_person(place, outcome):
        return False
    if place.status is not SubscriptionStatus.ACTIVE:  # somebody switched it off meanwhile, or removed it
        return False
    return outcome.result is Result.GONE or (
        place.failing_since is not None and now - place.failing_since >= FAILING_FOR
    )


def _words_to_disable(
    before: SubscriptionRecord, after: SubscriptionRecord, outcome: Outcome, now: datetime
) -> str | None:
    """Say why a place is switched off, or None; only what was foreseen, since everything must be locked for it."""
    if not (_may_disable(before, outcome, now) and _may_disable(after, outcome, now)):
        return None
    if outcome.result is Result.GONE:
        return f"{outcome.words} Nothing more is sent there until it is switched on again."
    days = FAILING_FOR.days
    return f"Nothing has arrived there for {days} days, so it was switched off. The last answer: {outcome.words}"


def _attempt(tried: Tried, *, number: int) -> AttemptRecord:
    return AttemptRecord(
        delivery_id=tried.claim.delivery.id,
        number=number,
        at=tried.claim.parcel.at,
        outcome=tried.outcome.result.value,
        status_code=tried.outcome.status_code,
        words=tried.outcome.words,
        took_ms=round(tried.took / timedelta(milliseconds=1)),
    )
