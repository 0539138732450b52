"""Events that were told: see one with its history, take one back."""

from __future__ import annotations

from typing import Any

from flask import Response

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.operations.show_event import show_event
from milepost.operations.void_event import void_event
from milepost.schemas.answers import AnswerSchema, ToldEventSchema
from milepost.schemas.keys import Scope

door = Door("events", __name__, url_prefix="/v1/events", description="What was told, with its history.")


@door.route("/<path:event_id>")
@needs(Scope.READ)
@door.response(200, ToldEventSchema)
def show(event_id: str) -> dict[str, Any]:
    """See an event as it counts now, and every telling of it."""
    return show_event(services(), event_id)


@door.route("/<path:event_id>", methods=["DELETE"])
@needs(Scope.EVALUATE)
@door.response(200, AnswerSchema)
def void(event_id: str) -> Response:
    """Take an event back; what rested on it is recomputed."""
    return answer(void_event(services(), event_id, told_by=caller().key_id))
