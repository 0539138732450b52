"""Stretches of local days: the calendar windows of the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from milepost.engine.kinds import CalendarWindow

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """All local days from *first* to *last*, both included."""

    first: date
    last: date
    kind: CalendarWindow

    def __contains__(self, day: date) -> bool:
        """Say whether *day* is one of them."""
        return self.first <= day <= self.last

    def days(self) -> Iterator[date]:
        """Give every day, in order."""
        return days_between(self.first, self.last)

    @property
    def key(self) -> str:
        """Name the span the way people do: 2026-W10, 2026-03, 2026-Q1."""
        year, week, _ = self.first.isocalendar()
        return {
            CalendarWindow.DAY: self.first.isoformat(),
            CalendarWindow.WEEK: f"{year}-W{week:02}",
            CalendarWindow.MONTH: f"{self.first.year}-{self.first.month:02}",
            CalendarWindow.QUARTER: f"{self.first.year}-Q{(self.first.month + 2) // 3}",
            CalendarWindow.YEAR: f"{self.first.year}",
        }[self.kind]


def days_between(first: date, last: date) -> Iterator[date]:
    """Give every day from *first* to *last*."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def _bucket(kind: CalendarWindow, day: date) -> tuple[int, ...]:
    return {
        CalendarWindow.DAY: (day.toordinal(),),
        CalendarWindow.WEEK: day.isocalendar()[:2],
        CalendarWindow.MONTH: (day.year, day.month),
        CalendarWindow.QUARTER: (day.year, (day.month - 1) // 3),
        CalendarWindow.YEAR: (day.year,),
    }[kind]


def span_of(kind: CalendarWindow, day: date) -> Span:
    """Give the window of *kind* that holds *day*, by stepping to both of its ends."""
    bucket, first, last = _bucket(kind, day), day, day
    while _bucket(kind, first - ONE_DAY) == bucket:
        first -= ONE_DAY
    while _bucket(kind, last + ONE_DAY) == bucket:
        last += ONE_DAY
    return Span(first, last, kind)
