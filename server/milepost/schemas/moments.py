"""Moments as source systems write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

#: Before this no business app wrote an event; such a moment is a broken date field.
FIRST_YEAR = 1970
_LONGEST = 40
_EXAMPLE = "such as 2026-03-02T10:00:00+01:00"
#: A year first, so that 03/02/2026 is never read the wrong way round.
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}([T ].*)?", re.IGNORECASE)


def read_moment(value: Any) -> datetime:
    """Read an ISO 8601 moment; without a zone it stays naive, and a bare day is its midnight.

    Raises `ValueError` with a sentence for the caller.
    """
    if not isinstance(value, str):
        raise ValueError(f"This must be a moment written as text, {_EXAMPLE}.")  # noqa: TRY004 - one error for the caller
    text = value.strip()
    if not _ISO.fullmatch(text) or len(text) > _LONGEST or not text.isascii():
        raise ValueError(f"{_short(text)} cannot be read as a moment. Write it {_EXAMPLE}.")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(f"{_short(text)} is no moment of the calendar. Write it {_EXAMPLE}.") from None
    if moment.year < FIRST_YEAR or moment.year > 9000:  # noqa: PLR2004 - leaves room for windows and holds
        raise ValueError(f"{_short(text)} is not in a possible year. Check the date field.")
    return moment


def _short(text: str) -> str:
    return f"'{ascii(text[:_LONGEST])[1:-1]}'"
