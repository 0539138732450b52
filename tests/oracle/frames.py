"""The stretch of time a criterion looks at, and the marks in it that count at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from milepost.engine.achievements import Achievement
from milepost.engine.kinds import Criterion, Ever, Rolling, Sequence, WindowSpec
from milepost.engine.people import Holder
from milepost.engine.selectors import Selector
from tests.oracle.marking import Mark, Marker, World, value_once
from tests.oracle.reading import look_up, number
from tests.oracle.spans import Span, span_of
from tests.oracle.walking import waits_of

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch of time looked at: a span of days, a length that ends at the moment, or everything."""

    span: Span | None = None
    length: timedelta | None = None
    #: Where a rolling stretch ends when not at the moment looked at.
    until: datetime | None = None
    #: Only what comes after this event counts (rolling windows and runs that repeat).
    cut: tuple[datetime, str] | None = None
    #: Only periods after this day count (streaks that repeat).
    after: date | None = None


class Sight:
    """What can be seen of one achievement and one holder at a moment."""

    def __init__(self, world: World, rule: Achievement, holder: Holder) -> None:
        """Remember whose marks they are."""
        self.world, self.rule, self.holder = world, rule, holder
        self.marker = Marker(world, rule, holder)
        self.clock = self.marker.clock

    # ---------------------------------------------------------------- frames

    def inner(self, window: WindowSpec | None, outer: Frame, t: datetime) -> Frame:
        """Give the frame of a criterion that stands inside *outer* and names *window*, or none."""
        if window is None:
            return outer
        if isinstance(window, Ever):
            return Frame()
        over = outer.span is not None and self.clock.label(t) > outer.span.last
        if isinstance(window, Rolling):
            until = self.end(outer.span) - _INSTANT if over and outer.span else outer.until
            return Frame(length=window.length, until=until)
        day = outer.span.last if over and outer.span else self.clock.label(outer.until or t)
        return Frame(span=span_of(window, day))

    def end(self, span: Span) -> datetime:
        """Give the moment at which the day after *span* begins."""
        return self.clock.start(span.last + timedelta(days=1))

    def close(self, span: Span, criteria: Iterable[Criterion]) -> datetime | None:
        """Give the moment at which everything in *span* is settled; None is never."""
        end = self.end(span)
        ends = [self.clock.after(end, length, working=working) for length, working in waits_of(criteria)]
        return None if None in ends else max([end, *(at for at in ends if at)])

    def _in(self, frame: Frame, mark: Mark, t: datetime) -> bool:
        if frame.cut is not None and mark.order <= frame.cut:
            return False
        if frame.span is not None:
            return self.clock.label(mark.event.occurred_at) in frame.span
        if frame.length is not None:
            until = frame.until or t
            return until - frame.length <= mark.event.occurred_at <= until
        return True

    def is_readable(self, mark: Mark, name: str | None) -> bool:
        """Say whether the property *name* is a number, where one is asked for."""
        return name is None or number(look_up(mark.event, name)) is not None

    def counted(self, of: Selector, frame: Frame, t: datetime, name: str | None = None) -> list[Mark]:
        """Give the marks that count at *t*, by their place in time, each once per what it should be.

        With the *name* of a property only those count that say a number there.
        """
        marks = [
            mark
            for mark in self.marker.marks(of)
            if mark.settled and mark.settled <= t and self._in(frame, mark, t) and self.is_readable(mark, name)
        ]
        seen, kept = set(), []
        for mark in sorted(marks, key=lambda mark: (mark.settled, mark.order)):
            value = value_once(mark, of.once_per) if of.once_per else None
            if value is None or value not in seen:
                kept.append(mark)
            seen.add(value)
        return sorted(kept, key=lambda mark: mark.order)

    def numbers(self, of: Selector, name: str, frame: Frame, t: datetime) -> list[Decimal]:
        """Give what the counted marks' property says, where it says a number."""
        marks = self.counted(of, frame, t, name)
        return [value for mark in marks if (value := number(look_up(mark.event, name))) is not None]

    def completed(self, sequence: Sequence, frame: Frame, t: datetime) -> list[Mark]:
        """Give the subjects that got through by *t*, as their last steps."""
        marks = self.marker.completions(sequence)
        return [mark for mark in marks if mark.settled and mark.settled <= t and self._in(frame, mark, t)]
