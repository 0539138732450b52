"""Move a story to the present: the same days of the week and times of day, some weeks later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

#: The keys of steps and events that hold a moment.
_MOMENTS = ("at", "wait_until", "occurred_at", "revised_at")
WEEK = timedelta(weeks=1)


def moved_story(story: Sequence[Mapping[str, Any]], *, zone: ZoneInfo, ends_by: datetime) -> list[dict[str, Any]]:
    """Give the story as many whole weeks later as fit before *ends_by*."""
    last = max(moment for step in story for moment in _moments(step))
    by = (ends_by - last) // WEEK * WEEK
    return [_moved(step, by, zone) for step in story]


def _moments(part: Mapping[str, Any]) -> Iterator[datetime]:
    for key, value in part.items():
        if key in _MOMENTS:
            yield datetime.fromisoformat(value)
        elif key == "tell":
            for event in _as_list(value):
                yield from _moments(event)


def _moved(part: Mapping[str, Any], by: timedelta, zone: ZoneInfo) -> dict[str, Any]:
    moved = dict(part)
    for key, value in part.items():
        if key in _MOMENTS:
            local = datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None) + by
            moved[key] = local.replace(tzinfo=zone).isoformat()  # the same time of day, whatever the season
        elif key == "tell":
            moved[key] = [_moved(event, by, zone) for event in _as_list(value)]
    return moved


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
