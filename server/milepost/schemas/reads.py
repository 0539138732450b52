"""The usual reads: numbers, text, words, lengths, moments and lists."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from milepost.engine.lengths import parse_length
from milepost.schemas.moments import read_moment
from milepost.schemas.reader import LARGEST, Part, Read, decimal_of, note_unknown

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

#: The most items a list may have.
LONGEST_LIST = 50
#: The most characters of an achievement's key.
LONGEST_KEY = 64
_LONGEST_LENGTH = 100
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LARGEST = Decimal(LARGEST)
_CLOCK_TIME = re.compile(r"\d\d:\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """Which numbers are allowed, both ends included unless *above* is set."""

    least: Decimal = -_LARGEST
    most: Decimal = _LARGEST
    #: The least itself is not allowed.
    above: bool = False
    whole: bool = False

    def admit(self, number: Decimal) -> bool:
        """Say whether *number* is allowed."""
        if not self.least <= number <= self.most or (self.above and number == self.least):
            return False
        return not self.whole or number == number.to_integral_value()

    def __str__(self) -> str:
        """Describe the numbers that are allowed."""
        kind = "a whole number" if self.whole else "a number"
        least = f" above {self.least:,f}" if self.above else f" from {self.least:,f}"
        most = f" up to {self.most:,f}" if self.above else f" to {self.most:,f}"
        has_least, has_most = self.least > -_LARGEST, self.most < _LARGEST
        return f"{kind}{least if has_least else ''}{most if has_most else ''}"


#: How many of something.
WHOLE = Limits(Decimal(1), Decimal(1_000_000), whole=True)
#: How much of something.
AMOUNT = Limits(Decimal(0), above=True)
#: A part of all.
SHARE = Limits(Decimal(0), Decimal(1))
ANY_NUMBER = Limits()


def number(limits: Limits) -> Read[Decimal]:
    """Read a finite number; true and false are none, and neither is text."""

    def read(part: Part) -> Decimal | None:
        found = decimal_of(part.value)
        if found is None or not limits.admit(found):
            part.expected(str(limits))
            return None
        return found

    return read


def whole(least: int, most: int) -> Read[int]:
    """Read a whole number."""
    read_decimal = number(Limits(Decimal(least), Decimal(most), whole=True))

    def read(part: Part) -> int | None:
        found = read_decimal(part)
        return None if found is None else int(found)

    return read


def text(longest: int) -> Read[str]:
    """Read text that is not blank, without the blanks around it."""

    def read(part: Part) -> str | None:
        if not isinstance(part.value, str) or not part.value.strip():
            part.expected("text")
            return None
        found = part.value.strip()
        if len(found) > longest:
            part.note(f"Shorten this to {longest} characters; it has {len(found)}.")
            return None
        return found

    return read


def key(part: Part) -> str | None:
    """Read the key of an achievement: lower-case words joined by hyphens."""
    if isinstance(part.value, str) and len(part.value) <= LONGEST_KEY and _KEY.fullmatch(part.value):
        return part.value
    part.expected(f"lower-case words joined by hyphens, up to {LONGEST_KEY} characters, such as `clean-close`")
    return None


def choice(words: type[E], allowed: Collection[E] | None = None) -> Read[E]:
    """Read one word of a closed set."""
    known = [str(word) for word in allowed or words]

    def read(part: Part) -> E | None:
        if isinstance(part.value, str) and part.value in known:
            return words(part.value)
        note_unknown(part, known)
        return None

    return read


def flag(part: Part) -> bool | None:
    """Read true or false."""
    if isinstance(part.value, bool):
        return part.value
    part.expected("`true` or `false`")
    return None


def length(part: Part) -> timedelta | None:
    """Read a length that is more than nothing."""
    found = length_or_nothing(part)
    if found is not None and not found:
        part.note("Write a length longer than nothing here, such as `PT30M`.")
        return None
    return found


def length_or_nothing(part: Part) -> timedelta | None:
    """Read a length; ``PT0S`` is one."""
    if not isinstance(part.value, str) or len(part.value) > _LONGEST_LENGTH:
        part.expected("a length such as `PT72H` or `P30D`")
        return None
    try:
        return parse_length(part.value)
    except ValueError as error:
        part.note(str(error))
        return None


def moment(part: Part) -> datetime | None:
    """Read a moment with its zone, and give it in UTC."""
    try:
        found = read_moment(part.value)
    except ValueError as error:
        part.note(str(error))
        return None
    if found.tzinfo is None:
        part.note("Add the zone: `2026-03-02T09:00:00+01:00`, or `Z` at the end for UTC.")
        return None
    return found.astimezone(UTC)


def clock_time(part: Part) -> time | None:
    """Read a time of day."""
    try:
        if isinstance(part.value, str) and _CLOCK_TIME.fullmatch(part.value):
            return time.fromisoformat(part.value)
    except ValueError:
        pass
    part.expected("a time of day such as `08:00`")
    return None


def list_of(read: Read[T], *, least: int = 1, most: int = LONGEST_LIST) -> Read[tuple[T, ...]]:
    """Read a list; items that are wrong are noted and left out."""

    def read_list(part: Part) -> tuple[T, ...] | None:
        items = part.value
        if not isinstance(items, list | tuple):
            part.expected("a list (`[…]`)")
            return None
        if not least <= len(items) <= most:
            part.note(f"Write {least} to {most} items here, not {len(items)}.")
            return None
        found = (read(part.inner(index, item)) for index, item in enumerate(items))
        return tuple(item for item in found if item is not None)

    return read_list


def one_or_list_of(read: Read[T]) -> Read[tuple[T, ...]]:
    """Read a list, or one item without the brackets."""
    read_list = list_of(read)

    def read_either(part: Part) -> tuple[T, ...] | None:
        if isinstance(part.value, list | tuple):
            return read_list(part)
        found = read(part)
        return None if found is None else (found,)

    return read_either
