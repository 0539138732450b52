"""Subscriptions, deliveries to them and every attempt, in SQL."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, select

from milepost.storage.outbox import (
    AttemptRecord,
    DeliveryQuery,
    DeliveryRecord,
    DeliveryStatus,
    SubscriptionRecord,
    SubscriptionStatus,
)
from milepost.storage.shapes import Shape
from milepost.storage.statements import SqlPart, Statement, same, upsert
from milepost.storage.tables_telling import ATTEMPTS, DELIVERIES, SUBSCRIPTIONS
from milepost.storage.texts import moment_text

_SUBSCRIPTION = Shape(SUBSCRIPTIONS, SubscriptionRecord)
_DELIVERY = Shape(DELIVERIES, DeliveryRecord)
_ATTEMPT = Shape(ATTEMPTS, AttemptRecord)

SUBSCRIPTION_BY_ID = Statement(select(*_SUBSCRIPTION.columns).where(*same(SUBSCRIPTIONS, "id")))
SUBSCRIPTIONS_KEPT = Statement(
    select(*_SUBSCRIPTION.columns)
    .where(SUBSCRIPTIONS.c.status != SubscriptionStatus.REMOVED.value)
    .order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id)
)
PUT_SUBSCRIPTION = upsert(SUBSCRIPTIONS)

DELIVERY_BY_ID = Statement(select(*_DELIVERY.columns).where(*same(DELIVERIES, "id")))
_WAITING = DELIVERIES.alias("waiting")
_FIRST_OF_PLACE = (
    select(_WAITING.c.id)
    .where(
        _WAITING.c.subscription_id == SUBSCRIPTIONS.c.id,
        _WAITING.c.status == DeliveryStatus.WAITING.value,
        _WAITING.c.next_at <= bindparam("by"),
        _WAITING.c.leased_until.is_(None) | (_WAITING.c.leased_until <= bindparam("by")),
    )
    .order_by(_WAITING.c.next_at, _WAITING.c.id)
    .limit(1)
    .correlate(SUBSCRIPTIONS)
    .scalar_subquery()
)
_IS_AWAKE = SUBSCRIPTIONS.c.rests_until.is_(None) | (SUBSCRIPTIONS.c.rests_until <= bindparam("by"))
# place by place, so that what waits for one place costs the others nothing, however much it is
DELIVERIES_DUE = Statement(
    select(*_DELIVERY.columns)
    .where(DELIVERIES.c.next_at <= bindparam("by"), DELIVERIES.c.id.in_(select(_FIRST_OF_PLACE).where(_IS_AWAKE)))
    .order_by(DELIVERIES.c.next_at, DELIVERIES.c.id)
    .limit(bindparam("limit"))
)
DELIVERIES_LEASED = Statement(
    select(*_DELIVERY.columns)
    .where(DELIVERIES.c.next_at.is_not(None), DELIVERIES.c.leased_until.is_not(None))
    .order_by(DELIVERIES.c.id)
)
PUT_DELIVERY = upsert(DELIVERIES)
ATTEMPTS_AT = Statement(select(*_ATTEMPT.columns).where(*same(ATTEMPTS, "delivery_id")).order_by(ATTEMPTS.c.number))
PUT_ATTEMPT = upsert(ATTEMPTS)


@cache
def delivery_page(filters: frozenset[str]) -> Statement:
    """Make the question for a page of deliveries under some filters; there are few, so each is made once."""
    page = select(*_DELIVERY.columns).where(DELIVERIES.c.id > bindparam("after")).order_by(DELIVERIES.c.id)
    page = page.where(*same(DELIVERIES, *sorted(filters - {"since", "until"})))
    if "since" in filters:
        page = page.where(DELIVERIES.c.created_at >= bindparam("since"))
    if "until" in filters:
        page = page.where(DELIVERIES.c.created_at < bindparam("until"))
    return Statement(page.limit(bindparam("limit")))


class DeliveryReading(SqlPart):
    """Questions about places and deliveries."""

    __slots__ = ()

    def subscription(self, subscription_id: str) -> SubscriptionRecord | None:
        """Give a subscription by id, whatever its status."""
        return self._one(SUBSCRIPTION_BY_ID, _SUBSCRIPTION.read, {"id": subscription_id})

    def subscriptions(self) -> list[SubscriptionRecord]:
        """Give all subscriptions that were not removed, by created_at and id."""
        return self._all(SUBSCRIPTIONS_KEPT, _SUBSCRIPTION.read)

    def delivery(self, delivery_id: str) -> DeliveryRecord | None:
        """Give a delivery by id."""
        return self._one(DELIVERY_BY_ID, _DELIVERY.read, {"id": delivery_id})

    def deliveries(self, query: DeliveryQuery) -> list[DeliveryRecord]:
        """Give a page of deliveries, by id."""
        filters: dict[str, str] = {}
        if query.status is not None:
            filters["status"] = query.status.value
        if query.subscription_id is not None:
            filters["subscription_id"] = query.subscription_id
        if query.message_id is not None:
            filters["message_id"] = query.message_id
        if query.since is not None:
            filters["since"] = moment_text(query.since)
        if query.until is not None:
            filters["until"] = moment_text(query.until)
        values = {**filters, "after": query.after or "", "limit": query.limit}
        return self._all(delivery_page(frozenset(filters)), _DELIVERY.read, values)

    def deliveries_due(self, *, by: datetime, limit: int) -> list[DeliveryRecord]:
        """Give for each place that does not rest the delivery that is due first, unless somebody has a lease of it."""
        return self._all(DELIVERIES_DUE, _DELIVERY.read, {"by": moment_text(by), "limit": limit})

    def deliveries_leased(self) -> list[DeliveryRecord]:
        """Give the waiting deliveries that somebody has or had a lease of, by id."""
        return self._all(DELIVERIES_LEASED, _DELIVERY.read)

    def attempts(self, delivery_id: str) -> list[AttemptRecord]:
        """Give every attempt at a delivery, oldest first."""
        return self._all(ATTEMPTS_AT, _ATTEMPT.read, {"delivery_id": delivery_id})


class DeliveryWriting(DeliveryReading):
    """Changes of places and deliveries."""

    __slots__ = ()

    def put_subscription(self, subscription: SubscriptionRecord) -> None:
        """Add or replace a subscription."""
        self._change(PUT_SUBSCRIPTION, _SUBSCRIPTION.values(subscription))

    def put_delivery(self, delivery: DeliveryRecord) -> None:
        """Add or replace a delivery; only one that waits has a moment."""
        self._change(PUT_DELIVERY, _DELIVERY.values(delivery))

    def put_attempt(self, attempt: AttemptRecord) -> None:
        """Note an attempt."""
        self._change(PUT_ATTEMPT, _ATTEMPT.values(attempt))
