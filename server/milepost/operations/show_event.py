"""Show an event as it was told, with every revision."""

from __future__ import annotations

from typing import Any

from milepost.errors import NotFound
from milepost.operations.services import Services
from milepost.schemas.events import event_document
from milepost.storage.records import EventRecord


def show_event(services: Services, event_id: str) -> dict[str, Any]:
    """Give the counting revision of an event and its history, oldest first."""
    with services.store.reading() as reading:
        record = reading.event(event_id)
        revisions = reading.revisions(event_id)
    if record is None:
        raise NotFound(f"There is no event {event_id[:80]!r}. Check the id, or tell the event with POST /v1/evaluate.")
    return {**telling_document(record), "revisions": [telling_document(revision) for revision in revisions]}


def telling_document(record: EventRecord) -> dict[str, Any]:
    """Give one telling of an event, and what is known of it."""
    return {
        **event_document(record.event),
        "revision": record.revision,
        "received_at": record.received_at,
        "voided_at": record.voided_at,
        "too_late": record.too_late,
        "told_by": record.told_by,
    }
