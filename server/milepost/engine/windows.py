"""Calendar windows: which days lie in the same day, week, month, quarter or year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from milepost.engine.kinds import CalendarWindow
from milepost.engine.timetables import ONE_DAY

if TYPE_CHECKING:
    from milepost.engine.calendars import PersonalCalendar

_MONTHS_IN_QUARTER = 3
_EXAMPLES = {
    CalendarWindow.DAY: "2026-03-02",
    CalendarWindow.WEEK: "2026-W10",
    CalendarWindow.MONTH: "2026-03",
    CalendarWindow.QUARTER: "2026-Q1",
    CalendarWindow.YEAR: "2026",
}
_KEYS = {kind: re.compile(re.sub(r"[0-9]", "[0-9]", example)) for kind, example in _EXAMPLES.items()}


#: Stands where the key of a window does, for rules that have no calendar window.
EVER = "ever"


@dataclass(frozen=True, slots=True)
class Window:
    """One calendar window, the same for everybody; its moments depend on the holder's zone and shifts."""

    kind: CalendarWindow
    #: ``2026-03-02``, ``2026-W10``, ``2026-03``, ``2026-Q1``, ``2026``.
    key: str
    first_on: date
    #: Included.
    last_on: date


@lru_cache(maxsize=8192)
def window_of(day: date, kind: CalendarWindow) -> Window:
    """Give the window of a kind that *day* lies in."""
    match kind:
        case CalendarWindow.DAY:
            return Window(kind, day.isoformat(), day, day)
        case CalendarWindow.WEEK:
            year, week, _ = day.isocalendar()
            return Window(
                kind, f"{year:04}-W{week:02}", date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)
            )
        case CalendarWindow.MONTH:
            return _months(kind, day.isoformat()[:7], day.replace(day=1), 1)
        case CalendarWindow.QUARTER:
            quarter = (day.month - 1) // _MONTHS_IN_QUARTER
            first_on = date(day.year, quarter * _MONTHS_IN_QUARTER + 1, 1)
            return _months(kind, f"{day.year:04}-Q{quarter + 1}", first_on, _MONTHS_IN_QUARTER)
        case CalendarWindow.YEAR:
            return Window(kind, f"{day.year:04}", date(day.year, 1, 1), date(day.year, 12, 31))
        case _:
            assert_never(kind)


def window_from_key(key: str, kind: CalendarWindow) -> Window:
    """Give the window with a key; raises ValueError with a sentence that says how keys are written."""
    try:
        if _KEYS[kind].fullmatch(key):
            return window_of(_first_day(key, kind), kind)
    except ValueError:
        pass  # such as 2026-13, told below
    raise ValueError(f"{key!r} is no {kind.value}; write it like {_EXAMPLES[kind]}.")


def following(window: Window) -> Window:
    """Give the next window of the same kind."""
    return window_of(window.last_on + ONE_DAY, window.kind)


def bounds(window: Window, calendar: PersonalCalendar) -> tuple[datetime, datetime]:
    """Give the window's first moment and the first moment after it, in UTC."""
    return calendar.start_of(window.first_on), calendar.start_of(window.last_on + ONE_DAY)


@lru_cache(maxsize=1024)
def days_in(window: Window) -> tuple[date, ...]:
    """Give the days of a window, in order."""
    return tuple(date.fromordinal(day) for day in range(window.first_on.toordinal(), window.last_on.toordinal() + 1))


def working_days_in(window: Window, calendar: PersonalCalendar) -> tuple[date, ...]:
    """Give the holder's working days of a window, in order."""
    return tuple(day for day in days_in(window) if calendar.is_working_day(day))


def is_working_window(window: Window, calendar: PersonalCalendar) -> bool:
    """Say whether the holder has a working day in the window."""
    return any(calendar.is_working_day(day) for day in days_in(window))


def _months(kind: CalendarWindow, key: str, first_on: date, months: int) -> Window:
    next_year, next_month = divmod(first_on.month - 1 + months, 12)
    last_on = date(first_on.year + next_year, next_month + 1, 1) - ONE_DAY
    return Window(kind, key, first_on, last_on)


def _first_day(key: str, kind: CalendarWindow) -> date:
    match kind:
        case CalendarWindow.DAY:
            return date.fromisoformat(key)
        case CalendarWindow.WEEK:
            return date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
        case CalendarWindow.MONTH:
            return date(int(key[:4]), int(key[5:]), 1)
        case CalendarWindow.QUARTER:
            return date(int(key[:4]), (int(key[6:]) - 1) * _MONTHS_IN_QUARTER + 1, 1)
        case CalendarWindow.YEAR:
            return date(int(key), 1, 1)
        case _:
            assert_never(kind)
