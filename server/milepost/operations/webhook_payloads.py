"""What a webhook gets of a piece of news; whoever asks for news gets the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from milepost.storage.outbox import NewsRecord


def news_payload(news: NewsRecord) -> dict[str, Any]:
    """Give a piece of news as an event: the id stays the same however often it is sent."""
    return event_payload(news.id, news.kind.value, news.at, news.document)


def event_payload(payload_id: str, kind: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """Put an event into the envelope that every webhook gets (Standard Webhooks)."""
    return {"id": payload_id, "type": kind, "timestamp": at.astimezone(UTC).isoformat(), "data": dict(data)}
