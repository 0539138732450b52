"""Weekly patterns on the clocks of a zone: where days begin, where shifts lie, which days are off."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import holidays

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from milepost.engine.calendars import Calendar

#: A stretch of working time, both ends in UTC, the second one excluded.
WorkingSpan: TypeAlias = tuple[datetime, datetime]

ONE_DAY = timedelta(days=1)

#: Days outside of these have no moments in every zone; placeholders like 9999-12-31 stand for them.
EARLIEST_DAY, LATEST_DAY = date(1, 1, 4), date(9999, 12, 28)


@lru_cache(maxsize=1024)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Give the public holidays of a year, observed days included.

    Raises NotImplementedError for a country or subdivision that the `holidays` library does not know.
    """
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


class Timetable:
    """The weekly pattern of a calendar on the clocks of one zone, without regard to days off.

    Its days follow each other without gap or overlap, whatever the clocks do; a day that
    the clocks skip is empty.
    """

    __slots__ = ("_overnight_ends", "_spans", "_starts", "calendar", "zone")

    def __init__(self, calendar: Calendar, zone: ZoneInfo) -> None:
        """Prepare the pattern; days are worked out when they are asked for, and kept."""
        self.calendar = calendar
        self.zone = zone
        #: Of each weekday, when on the next day its last shift past midnight ends.
        self._overnight_ends = tuple(
            max((shift.end for shift in shifts if shift.end <= shift.start), default=None) for shifts in calendar.week
        )
        self._starts: dict[date, datetime] = {}
        self._spans: dict[date, tuple[WorkingSpan, ...]] = {}

    def day_of(self, moment: datetime) -> date:
        """Give the day that *moment* belongs to: a shift past midnight belongs to the day it began on."""
        day = moment.astimezone(self.zone).date()
        while moment < self.start_of(day):
            day -= ONE_DAY
        return day

    def start_of(self, day: date) -> datetime:
        """Give the first moment of *day*, in UTC: midnight, or the end of the shift that runs past it."""
        start = self._starts.get(day)
        if start is None:
            start = self._starts[day] = self._find_start(day, self)
        return start

    def start_after(self, eve: Timetable, day: date) -> datetime:
        """Give the first moment of *day* where the shifts of the day before are those of *eve*."""
        return self.start_of(day) if eve.calendar is self.calendar else self._find_start(day, eve)

    def spans_on(self, day: date) -> tuple[WorkingSpan, ...]:
        """Give the working spans that begin on *day* by the weekly pattern, in order, without overlap."""
        spans = self._spans.get(day)
        if spans is None:
            spans = self._spans[day] = tuple(self._find_spans(_clamped(day)))
        return spans

    def is_day_off(self, day: date) -> bool:
        """Say whether *day* is a public holiday or one of the company's own days off."""
        calendar = self.calendar
        if day in calendar.days_off:
            return True
        return calendar.country is not None and day in public_holidays(calendar.country, calendar.subdivision, day.year)

    def _find_start(self, day: date, eve: Timetable) -> datetime:
        day = _clamped(day)
        midnight = _midnight(day, self.zone)
        overnight_end = eve._overnight_ends[day.weekday() - 1]
        return midnight if overnight_end is None else max(midnight, _moment(day, overnight_end, self.zone))

    def _find_spans(self, day: date) -> list[WorkingSpan]:
        spans: list[WorkingSpan] = []
        if _midnight(day, self.zone) == _midnight(day + ONE_DAY, self.zone):
            return spans
        for shift in sorted(self.calendar.week[day.weekday()], key=lambda shift: shift.start):
            start = _moment(day, shift.start, self.zone)
            end = _moment(day if shift.start < shift.end else day + ONE_DAY, shift.end, self.zone)
            if spans:
                start = max(start, spans[-1][1])
            if start < end:
                spans.append((start, end))
        return spans


@lru_cache(maxsize=256)
def timetable_of(calendar: Calendar, zone: ZoneInfo) -> Timetable:
    """Give the timetable of a calendar in a zone; people who share both share its work."""
    return Timetable(calendar, zone)


def _clamped(day: date) -> date:
    return min(max(day, EARLIEST_DAY), LATEST_DAY)


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    first, second = _moment(day, time(), zone), _moment(day, time(fold=1), zone)
    # Where clocks go back across midnight, the day before is over for good only at the second one.
    if first < second and (second - timedelta.resolution).astimezone(zone).date() < day:
        return second
    return first
