"""What a telling that was heard before is answered, also where the first answer is no longer kept."""

from __future__ import annotations

from typing import Any

import orjson

from milepost.engine.events import Event
from milepost.engine.people import is_erased
from milepost.storage.base import Reading
from milepost.storage.records import EventRecord

#: Stands in place of the fingerprint where something of the event was erased.
ERASED_FINGERPRINT = "erased"

_SAID_NOTHING: dict[str, Any] = {
    "unlocked": False,
    "unlocked_count": 0,
    "unlocked_names": "",
    "message": "",
    "points_added": 0,
    "awards": [],
    "revoked": [],
    "messages": [],
    "points_total": None,
    "progress": [],
    "streaks": [],
    "not_counted": [],
}
_FORGOTTEN = "This was told before. Its first answer is no longer kept; what it changed still stands."


def is_told_already(reading: Reading, known: EventRecord, event: Event, fingerprint: str) -> bool:
    """Say whether a telling says nothing new about a known event.

    An event of an erased person, told again by a name that nobody has, is the erased
    person's as before: it brings neither the name back nor a second count.
    """
    if known.fingerprint == fingerprint:
        return True
    by_name = event.actor is not None and is_erased(known.event.actor)
    return by_name and event.actor is not None and reading.actor(event.actor) is None


def first_answer(known: EventRecord) -> dict[str, Any]:
    """Give the first answer again, or what is left of it."""
    kept: dict[str, Any] = orjson.loads(known.answer or "{}")
    if "event_id" in kept:
        return {**kept, "replayed": True}
    outcome = kept.get("outcome", "too_late" if known.too_late else "counted")
    blank = {"event_id": known.event.id, "outcome": outcome, "replayed": True, **_SAID_NOTHING}
    return {**blank, "warnings": [_FORGOTTEN]}


def outcome_alone(answer: str | None) -> str:
    """Give what is kept of an answer once the rest has grown old."""
    outcome = orjson.loads(answer or "{}").get("outcome", "counted")
    return orjson.dumps({"outcome": outcome}).decode()
