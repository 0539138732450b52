"""How values become text in a store, and back.

Moments are ISO 8601 in UTC with six decimals and ``Z``: all equally long, so they
sort as text in every database, and a person can read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from milepost.storage.errors import NotStorable

#: Before and after every moment there is.
EARLIEST = ""
LATEST = "~"


def moment_text(moment: datetime) -> str:
    """Write a moment."""
    if moment.tzinfo is None:
        raise NotStorable(f"{moment.isoformat()} has no time zone. Give every moment one.")
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[:26] + "Z"


def maybe_moment_text(moment: datetime | None) -> str | None:
    """Write a moment, if there is one."""
    return None if moment is None else moment_text(moment)


def read_moment(text: str) -> datetime:
    """Read a moment."""
    return datetime.fromisoformat(text)


def maybe_read_moment(text: str | None) -> datetime | None:
    """Read a moment, if there is one."""
    return None if text is None else datetime.fromisoformat(text)


def json_text(value: object) -> str:
    """Write JSON values."""
    try:
        return orjson.dumps(value, default=_plain).decode()
    except orjson.JSONEncodeError as error:
        raise NotStorable(f"This cannot be kept as JSON: {error}.") from error


def json_list(values: Iterable[str]) -> str:
    """Write names as a JSON list."""
    return json_text(list(values))


def read_json(text: str) -> Any:
    """Read JSON values."""
    return orjson.loads(text)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
