"""Deliveries: how each message fared at each place, and sending it again."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.api.idempotency import idempotent
from milepost.api.subscriptions import delivery_query
from milepost.operations.list_deliveries import list_deliveries, show_delivery
from milepost.operations.replay_deliveries import replay_deliveries, replay_delivery
from milepost.schemas.base import page_document
from milepost.schemas.deliveries import (
    DeliveryPageSchema,
    DeliveryQuerySchema,
    DeliveryWithHistorySchema,
    ReplayedSchema,
    ReplaySchema,
)
from milepost.schemas.keys import Scope
from milepost.storage.outbox import DeliveryQuery

door = Door("deliveries", __name__, url_prefix="/v1/deliveries", description="Messages owed to places.")


@door.route("")
@needs(Scope.MANAGE)
@door.arguments(DeliveryQuerySchema, location="query")
@door.response(200, DeliveryPageSchema)
def show_all(query: dict[str, Any]) -> dict[str, Any]:
    """List deliveries by id; `status`, `subscription`, `message`, `since` and `until` narrow it down."""
    return page_document(list_deliveries(services(), delivery_query(query)), limit=query["limit"])


@door.route("/<delivery_id>")
@needs(Scope.MANAGE)
@door.response(200, DeliveryWithHistorySchema)
def show(delivery_id: str) -> dict[str, Any]:
    """See a delivery with every attempt, and the message it carries."""
    return show_delivery(services(), delivery_id)


@door.route("/<delivery_id>/replay", methods=["POST"])
@needs(Scope.MANAGE)
@idempotent
@door.response(200, DeliveryWithHistorySchema)
def replay(delivery_id: str) -> Response:
    """Send a delivery again; the message keeps its id, so a receiver can tell that it is the same."""
    replay_delivery(services(), delivery_id)
    return answer(show_delivery(services(), delivery_id))


@door.route("/replay", methods=["POST"])
@needs(Scope.MANAGE)
@idempotent
@door.arguments(ReplaySchema)
@door.response(200, ReplayedSchema)
def replay_failed(choice: dict[str, Any]) -> Response:
    """Send again what failed: all of it, or that of one place or time; places that are disabled are left out."""
    query = DeliveryQuery(subscription_id=choice["subscription"], since=choice["since"], until=choice["until"])
    return answer({"replayed": replay_deliveries(services(), query)})
