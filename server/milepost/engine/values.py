"""Reading what low-code tools send: often text that means a number, a day, yes or no.

Every reader gives None for what it cannot read; none of them ever fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, Final, TypeAlias

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.events import Event
from milepost.engine.wording import number_text

#: Says whether a value equals an operand; None where it cannot be read as the operand needs.
Equality: TypeAlias = Callable[[Any, PersonalCalendar], bool | None]


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


#: There is no such property; a property that is null is told apart from it.
MISSING: Final = Missing.MISSING

#: The event's own fields; a property of the same name is never looked at.
OWN_FIELDS: Final = frozenset({"occurred_at", "subject", "type", "actor"})
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
_DATE_LIKE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
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
    """Make the comparison with *operand*: as yes or no, as numbers, as dates or as text, whichever it is."""
    text = read_text(operand)
    if isinstance(operand, bool) or text in {"true", "false"}:
        return _boolean_equality(read_bool(operand))
    as_text = _text_equality(text)
    number = read_number(operand)
    if number is not None:
        return _number_equality(number, as_text if isinstance(operand, str) else _unreadable)
    if text in _BOOLEANS:
        return _or_else(_boolean_equality(read_bool(operand)), as_text)
    return _or_else(_date_equality(operand), as_text) if is_date_like(text) else as_text


def is_date_like(text: str | None) -> bool:
    """Say whether text may be a date, so that it is worth reading it as one."""
    return text is not None and _DATE_LIKE.match(text) is not None


def _unreadable(_value: Any, _calendar: PersonalCalendar) -> bool | None:
    return None


def _or_else(first: Equality, second: Equality) -> Equality:
    """Compare the second way what cannot be read the first way."""

    def equals(value: Any, calendar: PersonalCalendar) -> bool | None:
        found = first(value, calendar)
        return second(value, calendar) if found is None else found

    return equals


def _text_equality(wanted: str | None) -> Equality:
    def equals(value: Any, _calendar: PersonalCalendar) -> bool | None:
        found = read_text(value)
        return None if found is None else found == wanted

    return equals


def _boolean_equality(wanted: bool | None) -> Equality:  # noqa: FBT001 - a value, not a switch
    def equals(value: Any, _calendar: PersonalCalendar) -> bool | None:
        found = read_bool(value)
        return None if found is None else found is wanted

    return equals


def _number_equality(wanted: Decimal, otherwise: Equality) -> Equality:
    def equals(value: Any, calendar: PersonalCalendar) -> bool | None:
        found = read_number(value)
        return otherwise(value, calendar) if found is None else found == wanted

    return equals


def _date_equality(operand: str) -> Equality:
    def equals(value: Any, calendar: PersonalCalendar) -> bool | None:
        pair = read_dates(value, operand, calendar)
        return None if pair is None else pair[0] == pair[1]

    return equals


def read_dates(
    value: Any, operand: str, calendar: PersonalCalendar
) -> tuple[datetime, datetime] | tuple[date, date] | None:
    """Read a value as the kind of date that *operand* is: a day, or a moment (a bare day is its midnight)."""
    # A moment without zone is another one for each holder, so the operand is read each time.
    wanted, found = read_moment(operand, calendar), read_moment(value, calendar)
    if wanted is None or found is None:
        return None
    if isinstance(wanted, datetime):
        return as_instant(found, calendar), wanted
    return (calendar.local(found).date() if isinstance(found, datetime) else found), wanted


def as_instant(found: datetime | date, calendar: PersonalCalendar) -> datetime:
    """Give the moment itself, or midnight of a bare day on the holder's clock."""
    if isinstance(found, datetime):
        return found
    # Not the start of the calendar's day, which may be the end of a night shift.
    midnight = calendar.parse_moment(datetime.combine(found, time()))
    return midnight if isinstance(midnight, datetime) else calendar.start_of(found)


def shown(value: Any) -> str:
    """Write a value for a reason: text in quotation marks, long things shortened."""
    if not is_present(value):
        return "missing" if value is MISSING or value is None else "empty"
    if isinstance(value, str):
        return f'"{shortened(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        number = read_number(value)
        return "a number out of range" if number is None else shortened(number_text(number))
    return "a list" if _is_list(value) else "an object"


def shortened(text: str) -> str:
    """Give text on one line, without control characters, cut to 40 characters."""
    # Cut before splitting: a property may be a megabyte of text.
    part = text[: 4 * _LONGEST_SHOWN]
    if not part.isprintable():
        part = "".join(character if character.isprintable() else " " for character in part)
    line = " ".join(part.split())
    is_whole = len(line) <= _LONGEST_SHOWN and len(text) <= 4 * _LONGEST_SHOWN
    return line if is_whole else f"{line[: _LONGEST_SHOWN - 1]}…"
