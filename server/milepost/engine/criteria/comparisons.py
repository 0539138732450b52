"""Better than peers, or than oneself before: best and improvement."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from milepost.engine.criteria.amounts import amount_of, counted, unit_of
from milepost.engine.criteria.base import Leaf, Level, Reading, number, pending
from milepost.engine.kinds import Aggregate, Best, Direction, Improvement, Measure, WindowSpec
from milepost.engine.marks import CompiledSelector, Mark
from milepost.engine.outcomes import Evidence, Place
from milepost.engine.people import Profile
from milepost.engine.reasons import ReasonCode
from milepost.engine.views import Span, View, fits
from milepost.engine.windows import Window, bounds, window_from_key

_ZERO = Decimal(0)

#: Exact, so that equal measures are equal in whatever order they were added up.
_AGGREGATES: dict[Aggregate, Callable[[Sequence[Fraction]], Fraction]] = {
    Aggregate.COUNT: lambda values: Fraction(len(values)),
    Aggregate.SUM: lambda values: sum(values, Fraction()),
    Aggregate.AVERAGE: lambda values: sum(values, Fraction()) / len(values),
    Aggregate.MEDIAN: statistics.median,
    Aggregate.MINIMUM: min,
    Aggregate.MAXIMUM: max,
}


def decimal(value: Fraction) -> Decimal:
    """Give a measure as people write it."""
    return Decimal(value.numerator) / Decimal(value.denominator)


class MeasureReader(Leaf):
    """What best and improvement share: one number out of many marks."""

    def __init__(self, measure: Measure, direction: Direction, window: WindowSpec | None) -> None:
        """Make *measure* ready."""
        super().__init__(measure.of, window)
        self._measure = measure
        self._direction = direction

    def measured(self, selector: CompiledSelector, marks: Sequence[Mark]) -> list[tuple[datetime, Mark, Decimal]]:
        """Give the counted marks that have a value."""
        path = self._measure.property
        if path is None:
            return [(at, mark, Decimal(1)) for at, mark in counted(marks, selector.once_per)]
        readable = [mark for mark in marks if amount_of(mark, path) is not None]
        return [(at, mark, amount_of(mark, path) or _ZERO) for at, mark in counted(readable, selector.once_per)]

    def value(self, view: View, span: Span, until: datetime) -> Fraction | None:
        """Give the number over the marks in *span* settled up to *until*; None if there are too few."""
        measured = self.measured(self._selector, view.select(self._selector, span))
        values = [Fraction(value) for at, _, value in measured if at <= until]
        if len(values) < max(self._measure.minimum, 1):
            return None
        return _AGGREGATES[self._measure.aggregate](values)

    def moments(self, view: View) -> set[datetime]:
        """Give when marks with a value settled."""
        return {at for at, _, _ in self.measured(self._selector, view.marks(self._selector))}

    def is_better(self, one: Fraction, other: Fraction) -> bool:
        """Say whether *one* is strictly better than *other*."""
        return one > other if self._direction is Direction.HIGHEST else one < other

    def compared(self, view: View, span: Span, level_at: Callable[[datetime], Level]) -> Reading:
        """Make a reading that is worked out anew at each moment asked for."""
        marks = view.select(self._selector, span)
        measured = self.measured(self._selector, marks)
        evidence = [Evidence(at, mark.event.id, mark.event.occurred_at) for at, mark, _ in measured]
        return Compared([at for at, _, _ in measured], evidence, pending(marks, view.as_of), level_at)


@dataclass(frozen=True, slots=True)
class Compared:
    """A reading whose level depends on more than the holder's own marks in the span."""

    moments: Sequence[datetime]
    evidence: Sequence[Evidence]
    due: Sequence[datetime]
    level_at: Callable[[datetime], Level]

    def at(self, moment: datetime) -> Level:
        """Compare as things stood at *moment*."""
        return self.level_at(moment)

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the measured events settled up to *moment*."""
        return [one for one in self.evidence if one.at <= moment]

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event settled up to *moment*."""
        del target
        return max((one.place for one in self.evidence_at(moment)), default=None)


class BestReader(MeasureReader):
    """The best measure among comparable peers when the window closes."""

    def __init__(self, criterion: Best) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.measure, criterion.direction, criterion.window)
        self._among = criterion.among
        self._minimum_participants = criterion.minimum_participants

    def read_span(self, view: View, span: Span) -> Reading:
        """Compare the holder with the peers in the window."""
        return self.compared(view, span, lambda moment: self._level(view, span, moment))

    def _level(self, view: View, span: Span, moment: datetime) -> Level:
        unit = unit_of(self._selector.types)
        own = None if view.opted_out else self.value(view, span, moment)
        if own is None or not isinstance(span, Window):
            return Level(_ZERO, _ZERO, False, ReasonCode.SAMPLE_TOO_SMALL, f"too few {unit} for a comparison")
        others = [
            value for peer in self._comparable(view, span) if (value := self.value(peer, span, moment)) is not None
        ]
        if len(others) < self._minimum_participants:
            text = f"{len(others)} people to compare, needs {self._minimum_participants}"
            return Level(decimal(own), decimal(own), False, ReasonCode.SAMPLE_TOO_SMALL, text)
        best = max(others) if self._direction is Direction.HIGHEST else min(others)
        is_best = not self.is_better(best, own)
        code = ReasonCode.TARGET_MET if is_best else ReasonCode.TARGET_NOT_MET
        text = f"{number(decimal(own))}, the best of {len(others)} is {number(decimal(best))}"
        return Level(decimal(own), decimal(best), is_best, code, text)

    def _comparable(self, view: View, span: Window) -> list[View]:
        """Give the views of those who share the holder's value and are meant by the rule, the holder included."""
        ends_at = bounds(span, view.calendar)[1]
        own = self._group(view.profile_at(ends_at))
        if self._among is not None and own is None:
            return []
        applies_to = view.admission.applies_to
        peers = [(peer, peer.profile_at(ends_at)) for peer in view.peers()]
        return [
            peer
            for peer, profile in peers
            if self._group(profile) == own and fits(applies_to, profile) and not peer.opted_out
        ]

    def _group(self, profile: Profile) -> str | None:
        if self._among is None:
            return None
        named = {"team": profile.team, "role": profile.role}
        return named[self._among] if self._among in named else profile.segments.get(self._among)


class ImprovementReader(MeasureReader):
    """A measure is better than in the holder's own last window that had one."""

    def __init__(self, criterion: Improvement) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.measure, criterion.direction, criterion.window)
        self._by = criterion.by
        self._by_share = criterion.by_share

    def read_span(self, view: View, span: Span) -> Reading:
        """Compare the window with the one before."""
        return self.compared(view, span, lambda moment: self._level(view, span, moment))

    def _level(self, view: View, span: Span, moment: datetime) -> Level:
        value = self.value(view, span, moment)
        earlier = self._earlier(view, span, moment) if isinstance(span, Window) else None
        if value is None or earlier is None:
            text = f"no {unit_of(self._selector.types)} to compare with"
            known, before = decimal(value or Fraction()), decimal(earlier or Fraction())
            return Level(known, before, False, ReasonCode.SAMPLE_TOO_SMALL, text)
        gain = value - earlier if self._direction is Direction.HIGHEST else earlier - value
        is_enough = self._by_share is None or gain >= Fraction(self._by_share) * abs(earlier)
        is_met = gain > 0 and gain >= Fraction(self._by) and is_enough
        code = ReasonCode.TARGET_MET if is_met else ReasonCode.TARGET_NOT_MET
        text = f"{number(decimal(value))} after {number(decimal(earlier))} before"
        return Level(decimal(value), decimal(earlier), is_met, code, text)

    def _earlier(self, view: View, span: Window, moment: datetime) -> Fraction | None:
        keys = sorted(key for key in view.by_window(self._selector, span.kind) if key < span.key)
        for key in reversed(keys):
            value = self.value(view, window_from_key(key, span.kind), moment)
            if value is not None:
                return value
        return None
