"""News: what happened, as subscriptions get it."""

from __future__ import annotations

from typing import Any

from milepost.api.auth import needs
from milepost.api.context import caller, services
from milepost.api.doors import Door
from milepost.engine.telling import NewsKind
from milepost.operations.list_news import NewsQuery, list_news
from milepost.schemas.base import page_document, page_of
from milepost.schemas.keys import Scope
from milepost.schemas.messages import NewsQuerySchema, NewsSchema

door = Door("news", __name__, url_prefix="/v1/news", description="What happened, as subscriptions get it.")


@door.route("")
@needs(Scope.READ)
@door.arguments(NewsQuerySchema, location="query")
@door.response(200, page_of(NewsSchema))
def show(query: dict[str, Any]) -> dict[str, Any]:
    """List the newest news, each just as a webhook gets it; a key without `manage` sees none of private people."""
    asked = NewsQuery(
        kind=NewsKind(query["type"]) if query["type"] else None,
        achievement=query["achievement"],
        limit=query["limit"],
        after=query["after"],
    )
    found = list_news(services(), asked, shows_everybody=caller().may(Scope.MANAGE))
    return page_document(found, limit=query["limit"])
