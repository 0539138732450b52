"""Working calendars: add or change one, list them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from milepost.api.answers import answer
from milepost.api.auth import needs
from milepost.api.context import services
from milepost.api.doors import Door
from milepost.api.naming import named_by_address
from milepost.operations.save_people import save_calendar
from milepost.operations.show_people import list_calendars, show_calendar
from milepost.schemas.base import page_document, page_of
from milepost.schemas.calendars import CalendarBodySchema, CalendarSchema
from milepost.schemas.keys import Scope

door = Door("calendars", __name__, url_prefix="/v1/calendars", description="Working weeks with their public holidays.")


@door.route("")
@needs(Scope.READ)
@door.response(200, page_of(CalendarSchema))
def show_all() -> Response:
    """List all calendars by key, the default one included."""
    return jsonify(page_document(list_calendars(services())))


@door.route("", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(CalendarBodySchema)
@door.response(200, CalendarSchema)
def save(document: dict[str, Any]) -> Response:
    """Add a calendar, or change the fields that are given."""
    return answer(save_calendar(services(), document))


@door.route("/<path:key>")
@needs(Scope.READ)
@door.response(200, CalendarSchema)
def show(key: str) -> Response:
    """Show a calendar."""
    return answer(show_calendar(services(), key))


@door.route("/<path:key>", methods=["PUT"])
@needs(Scope.MANAGE)
@door.arguments(CalendarBodySchema)
@door.response(200, CalendarSchema)
def put(document: dict[str, Any], key: str) -> Response:
    """Add a calendar, or change the fields that are given; people living by it are judged again."""
    return answer(save_calendar(services(), named_by_address(document, "key", key)))
