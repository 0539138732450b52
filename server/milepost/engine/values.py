"""Reading what low-code tools send: often text that means a number, a day, yes or no.

Every reader gives None for what it cannot read; none of them ever fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final, TypeAlias

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.events import Event
from milepost.engine.wording import number_text

#: Says whether a value equals an operand; None where it cannot be read as the operand needs.
Equality: TypeAlias = Callable[[Any], bool | None]


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


#: There is no such property; a property that is null is told apart from it.
MISSING: Final = Missing.MISSING

#: The event's own fields; a property of the same name is never looked at.
OWN_FIELDS: Final = frozenset({"occurred_at", "subject", "type", "actor"})
#: Texts that mean yes or no where a condition asks for it; ``"1"`` alone would mean the number.
BOOLEAN_WORDS: Final = frozenset({"true", "false", "yes", "no"})

_BOOLEANS: Final[Mapping[str, bool]] = {
    "true": True,
    "yes": True,
    "1": True,
    "false": False,
    "no": False,
    "0": False,
}
# `Decimal` alone would also take "1_000", "Infinity" and digits of other scripts.
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST_READ: Final = 100
_LARGEST_EXPONENT: Final = 100
_LARGEST_BITS: Final = 332
_LONGEST_SHOWN: Final = 40


def find_property(event: Event, path: str) -> Any:
    """Give the value at *path*, or `MISSING`.

    The event's own fields come first, then a key that is the whole path, then
    the path step by step; a number names an item of a list.
    """
    if path in OWN_FIELDS:
        value = getattr(event, path)
        return MISSING if value is None else value
    properties = event.properties
    if path in properties:
        return properties[path]
    return _descend(properties, path) if "." in path else MISSING


def _descend(value: Any, path: str) -> Any:
    """Follow a dotted path; at each step a key that is all the rest of it is found first."""
    while True:
        if isinstance(value, Mapping) and path in value:
            return value[path]
        head, dot, path = path.partition(".")
        value = _step(value, head)
        if value is MISSING or not dot:
            return value


def _step(value: Any, name: str) -> Any:
    """Go one step down."""
    if isinstance(value, Mapping):
        return value.get(name, MISSING)
    if _is_list(value) and name.isascii() and name.isdecimal() and len(name) < _LONGEST_SHOWN:
        index = int(name)
        return value[index] if index < len(value) else MISSING
    return MISSING


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_present(value: Any) -> bool:
    """Say whether there is something: not missing, null, blank text, or an empty list or object."""
    if value is MISSING or value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    return bool(value) if isinstance(value, Mapping) or _is_list(value) else True


def read_number(value: Any) -> Decimal | None:
    """Read a number, also from text such as ``"4.5"``; true and false are no numbers."""
    if isinstance(value, str):
        number = _number_of_text(value)
    elif isinstance(value, bool):
        return None
    elif isinstance(value, int):
        number = Decimal(value) if value.bit_length() <= _LARGEST_BITS else None
    elif isinstance(value, float):
        number = Decimal(repr(value)) if isfinite(value) else None
    else:
        number = value if isinstance(value, Decimal) and value.is_finite() else None
    if number is not None and abs(number.adjusted()) > _LARGEST_EXPONENT:
        return None
    return number


def _number_of_text(text: str) -> Decimal | None:
    """Read a number as it is written with a decimal point."""
    if len(text) > _LONGEST_READ:
        return None
    text = text.strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_bool(value: Any) -> bool | None:
    """Read yes or no from ``true``, ``"true"``, ``"yes"``, ``"1"``, ``1`` and their opposites."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().casefold())
    if isinstance(value, int | float | Decimal) and value in (0, 1):
        return bool(value)
    return None


def read_text(value: Any) -> str | None:
    """Give text as it is compared: without case and surrounding blanks; numbers and booleans read as written."""
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat().casefold()
    if isinstance(value, int | float | Decimal):
        number = read_number(value)
        return None if number is None else str(value).casefold()
    return None


def read_moment(value: Any, calendar: PersonalCalendar) -> datetime | date | None:
    """Read a moment or a bare day; a moment without zone is one in the holder's zone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    is_readable = len(value) <= _LONGEST_READ if isinstance(value, str) else isinstance(value, date)
    return calendar.parse_moment(value) if is_readable else None


def equality(operand: Any) -> Equality:
    """Make the comparison with *operand*: as yes or no, as numbers or as text, whichever it is."""
    text = read_text(operand)
    number = read_number(operand)
    if isinstance(operand, bool) or text in BOOLEAN_WORDS:
        return _boolean_equality(read_bool(operand), text)
    if number is None:
        return _text_equality(text)
    return _number_equality(number, text if isinstance(operand, str) else None)


def _text_equality(wanted: str | None) -> Equality:
    def equals(value: Any) -> bool | None:
        found = read_text(value)
        return None if found is None else found == wanted

    return equals


def _boolean_equality(wanted: bool | None, text: str | None) -> Equality:  # noqa: FBT001 - a value, not a switch
    as_text = _text_equality(text)

    def equals(value: Any) -> bool | None:
        found = read_bool(value)
        return as_text(value) if found is None else found is wanted

    return equals


def _number_equality(wanted: Decimal, text: str | None) -> Equality:
    """Compare numbers; an operand that was written as *text* may also equal other text."""
    as_text = _text_equality(text)

    def equals(value: Any) -> bool | None:
        found = read_number(value)
        if found is not None:
            return found == wanted
        return None if text is None else as_text(value)

    return equals


def comparable(
    value: datetime | date, other: datetime | date, calendar: PersonalCalendar
) -> tuple[datetime, datetime] | tuple[date, date]:
    """Bring two dates to the same kind: moments stay, but next to a bare day both are the holder's days."""
    if isinstance(value, datetime) and isinstance(other, datetime):
        return value, other
    return _day_in(value, calendar), _day_in(other, calendar)


def _day_in(value: datetime | date, calendar: PersonalCalendar) -> date:
    """Give the holder's day of a moment, or the bare day itself."""
    return calendar.day_of(value) if isinstance(value, datetime) else value


def shown(value: Any) -> str:
    """Write a value for a reason: text in quotation marks, long things shortened."""
    if value is MISSING or value is None:
        return "missing"
    if isinstance(value, str):
        return f'"{shortened(value)}"' if value.strip() else "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        number = read_number(value)
        return "a number out of range" if number is None else shortened(number_text(number))
    return "a list" if _is_list(value) else "an object"


def shortened(text: str) -> str:
    """Give text on one line, cut to 40 characters."""
    # Cut before splitting: a property may be a megabyte of text.
    line = " ".join(text[: 4 * _LONGEST_SHOWN].split())
    is_whole = len(line) <= _LONGEST_SHOWN and len(text) <= 4 * _LONGEST_SHOWN
    return line if is_whole else f"{line[: _LONGEST_SHOWN - 1]}…"
