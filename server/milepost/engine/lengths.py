"""Lengths of time: ISO 8601 on the wire, plain English for people."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

#: A day is 24 hours here, so these ten years are so many days.
LONGEST = timedelta(days=3653)

_NUMBER = r"([0-9]{1,12}(?:[.,][0-9]{1,9})?)"
_WEEKS = re.compile(rf"P{_NUMBER}W")
_PARTS = re.compile(rf"P(?:{_NUMBER}D)?(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?")
_YEARS_OR_MONTHS = re.compile(r"P[0-9.,]+[YM].*")
_HOWTO = "Write hours, minutes, days or weeks like PT72H, PT30M, P30D or P2W."

_SECOND = timedelta(seconds=1)
_UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": _SECOND,
}
#: Up to this, people say hours: "within 72 hours".
_MOST_HOURS = timedelta(hours=72)


def parse_length(text: str) -> timedelta:
    """Read a length such as ``PT72H`` or ``P1DT12H``.

    Raises ValueError with a sentence that says what to write instead.
    """
    if _YEARS_OR_MONTHS.fullmatch(text):
        raise ValueError(f"{text!r} is no length: months and years differ in length. Write days, like P30D.")
    if text.startswith(("-", "P-")):
        raise ValueError(f"{text!r} is negative; a length is not. {_HOWTO}")
    seconds = _seconds(text)
    if seconds is None:
        raise ValueError(f"{text!r} is no length. {_HOWTO}")
    if seconds > Decimal(LONGEST // _SECOND):
        raise ValueError(f"{text!r} is longer than ten years. Write {format_length(LONGEST)} at most.")
    return timedelta(microseconds=int((seconds * 1_000_000).to_integral_value()))


def format_length(length: timedelta) -> str:
    """Write a length the way it is read, in hours up to 72 of them, in days beyond; not a negative one."""
    if length < timedelta():
        raise ValueError("A length that is negative cannot be written.")
    parts = dict(_split(length, days=length > _MOST_HOURS))
    days = f"{parts.pop('day')}D" if "day" in parts else ""
    clock = "".join(f"{number}{unit[0].upper()}" for unit, number in parts.items())
    return f"P{days}T{clock}" if clock or not days else f"P{days}"


def describe_length(length: timedelta, *, working: bool = False) -> str:
    """Say a length in plain English: ``72 hours``, ``30 days``, ``1 hour and 30 minutes``.

    Up to 72 hours it is told in hours, and so is any *working* time: a working day has no 24 hours.
    """
    if length < timedelta():
        return f"minus {describe_length(-length, working=working)}"
    days = not working and length > _MOST_HOURS
    said = [f"{number} {unit}{'' if number == '1' else 's'}" for unit, number in _split(length, days=days)]
    return " and ".join(part for part in (", ".join(said[:-1]), said[-1]) if part)


def _seconds(text: str) -> Decimal | None:
    weeks = _WEEKS.fullmatch(text)
    if weeks:
        return _number(weeks[1]) * 7 * 86_400
    parts = _PARTS.fullmatch(text)
    given = [(part, unit) for part, unit in zip(parts.groups(), _UNITS.values(), strict=True) if part] if parts else []
    if not given or any(not part.isdigit() for part, _ in given[:-1]):
        return None
    return sum((_number(part) * (unit // _SECOND) for part, unit in given), Decimal())


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def _split(length: timedelta, *, days: bool) -> list[tuple[str, str]]:
    """Take a length apart into units and written numbers, leaving out what is nought."""
    parts: list[tuple[str, str]] = []
    for unit, size in list(_UNITS.items())[0 if days else 1 :]:
        if unit == "second":
            number, length = Decimal(length // timedelta.resolution) / 1_000_000, timedelta()
            written = f"{number.normalize():f}"
        else:
            count, length = divmod(length, size)
            written = str(count)
        if written != "0":
            parts.append((unit, written))
    return parts or [("second", "0")]
