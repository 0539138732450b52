"""The feed: what a person or a team was told."""

from __future__ import annotations

from typing import Any

from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.engine.people import HolderKind
from milepost.operations.read_feed import FeedQuery, mark_read, read_feed
from milepost.schemas.awards import one_holder
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.schemas.messages import FeedQuerySchema, MessageSchema, ReadSchema, ReadUntilSchema

door = Door("feed", __name__, url_prefix="/v1/feed", description="What people and teams were told.")


@door.route("")
@needs(Scope.READ)
@door.arguments(FeedQuerySchema, location="query")
@door.response(200, page_of(MessageSchema))
def show(query: dict[str, Any]) -> dict[str, Any]:
    """List the messages to a team, or with the scope `manage` to a person, newest first."""
    recipient = one_holder(query)
    if recipient.kind is HolderKind.ACTOR:
        # what a manager is told names people whose progress is private
        caller().require(Scope.MANAGE)
    found = read_feed(
        services(),
        FeedQuery(recipient, is_unread=query["unread"], limit=query["limit"], after=query["after"]),
    )
    return page_document(found, limit=query["limit"])


@door.route("/read", methods=["POST"])
@needs(Scope.MANAGE)
@door.arguments(ReadUntilSchema)
@door.response(200, ReadSchema)
def note_read(body: dict[str, Any]) -> dict[str, Any]:
    """Note that the messages up to one of them were seen, that one included."""
    return {"read": mark_read(services(), one_holder(body), until=body["until"])}
