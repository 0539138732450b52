"""Subscriptions: places that messages and news go to; the REST hooks of flows."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.api.idempotency import idempotent
from milepost.operations.list_deliveries import list_deliveries_to
from milepost.operations.save_subscription import (
    add_subscription,
    change_secret,
    change_subscription,
    remove_subscription,
)
from milepost.operations.send_test import send_test
from milepost.operations.show_subscriptions import SubscriptionQuery, list_subscriptions, show_subscription
from milepost.schemas.awards import holder_of
from milepost.schemas.base import page_document, page_of
from milepost.schemas.deliveries import DeliveryPageSchema, PlaceDeliveriesQuerySchema
from milepost.schemas.keys import Scope
from milepost.schemas.subscriptions import (
    AskedTestSchema,
    MadeSubscriptionSchema,
    NewSecretSchema,
    NewSubscriptionSchema,
    PostedTestSchema,
    SubscriptionChangesSchema,
    SubscriptionQuerySchema,
    SubscriptionSchema,
)
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus

door = Door("subscriptions", __name__, url_prefix="/v1/subscriptions", description="Where messages and news go.")


@door.route("", methods=["POST"])
@needs(Scope.MANAGE)
@idempotent
@door.arguments(NewSubscriptionSchema)
@door.response(201, MadeSubscriptionSchema)
def add(wish: dict[str, Any]) -> Response:
    """Add a place; the answer shows its secret this once. `{"url": …}` alone is a webhook for all news."""
    return answer(add_subscription(services(), wish, created_by=caller().key_id), 201)


@door.route("")
@needs(Scope.READ)
@door.arguments(SubscriptionQuerySchema, location="query")
@door.response(200, page_of(SubscriptionSchema))
def show_all(query: dict[str, Any]) -> dict[str, Any]:
    """List places, oldest first, without what is secret about them; `url` finds those with just that address."""
    found = list_subscriptions(
        services(),
        SubscriptionQuery(
            transport=query["transport"],
            audience=query["audience"],
            recipient=holder_of(query),
            status=query["status"],
            address=query["url"],
            limit=query["limit"],
            after=query["after"],
        ),
    )
    return page_document(found, limit=query["limit"])


@door.route("/<subscription_id>")
@needs(Scope.READ)
@door.response(200, SubscriptionSchema)
def show(subscription_id: str) -> dict[str, Any]:
    """See a place, and whether messages arrive there."""
    return show_subscription(services(), subscription_id)


@door.route("/<subscription_id>", methods=["PATCH"])
@needs(Scope.MANAGE)
@door.arguments(SubscriptionChangesSchema)
@door.response(200, SubscriptionSchema)
def change(changes: dict[str, Any], subscription_id: str) -> dict[str, Any]:
    """Change what goes to a place; `{"status": "active"}` switches it on again."""
    return change_subscription(services(), subscription_id, changes)


@door.route("/<subscription_id>", methods=["DELETE"])
@needs(Scope.MANAGE)
@door.response(204)
def remove(subscription_id: str) -> None:
    """Remove a place for good; a second time changes nothing."""
    remove_subscription(services(), subscription_id)


@door.route("/<subscription_id>/secret", methods=["POST"])
@needs(Scope.MANAGE)
@idempotent
@door.arguments(NewSecretSchema, location="json_or_nothing")
@door.response(200, MadeSubscriptionSchema)
def rotate(body: dict[str, Any], subscription_id: str) -> Response:
    """Sign with another secret from now on; the one before signs along for 24 hours."""
    return answer(change_secret(services(), subscription_id, body["secret"]))


@door.route("/<subscription_id>/test", methods=["POST"])
@needs(Scope.MANAGE)
@idempotent
@door.arguments(AskedTestSchema, location="json_or_nothing")
@door.response(202, PostedTestSchema)
def test(body: dict[str, Any], subscription_id: str) -> Response:
    """Send a test message there; the delivery says how it went."""
    return answer(send_test(services(), subscription_id, actor=body["actor"]), 202)


@door.route("/<subscription_id>/deliveries")
@needs(Scope.MANAGE)
@door.arguments(PlaceDeliveriesQuerySchema, location="query")
@door.response(200, DeliveryPageSchema)
def show_deliveries(query: dict[str, Any], subscription_id: str) -> dict[str, Any]:
    """List what was owed to a place, and how it went."""
    asked = delivery_query({**query, "subscription": subscription_id})
    return page_document(list_deliveries_to(services(), subscription_id, asked), limit=query["limit"])


def delivery_query(query: dict[str, Any]) -> DeliveryQuery:
    """Read which deliveries are asked for."""
    return DeliveryQuery(
        status=DeliveryStatus(query["status"]) if query["status"] else None,
        subscription_id=query["subscription"],
        message_id=query["message"],
        since=query["since"],
        until=query["until"],
        limit=query["limit"],
        after=query["after"],
    )
