"""How good on the whole: rate and average."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from milepost.engine.criteria.amounts import amount_of, counted, need_amount, readable_moments, unit_of
from milepost.engine.criteria.base import Leaf, Level, MarkOf, Reading, Steps, number, pending
from milepost.engine.kinds import Average, Bounds, Rate
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.outcomes import Evidence
from milepost.engine.reasons import ReasonCode
from milepost.engine.views import Span, View

_ZERO = Decimal(0)


class RateReader(Leaf):
    """The good ones among all."""

    def __init__(self, criterion: Rate) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, criterion.window)
        self._good = CompiledSelector.of_quality(criterion.good, criterion.of.match.types)
        self._bounds = criterion.bounds
        self._minimum = criterion.minimum

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give the selector of all, and that of the good ones."""
        yield self._selector
        yield self._good

    def read_span(self, view: View, span: Span) -> Reading:
        """Take each counted mark into the sample once it is known whether it is good."""
        marks = view.select(self._selector, span)
        good = {mark.event.id: mark for mark in view.marks(self._good)}
        sample = []
        for at, mark in counted(marks, self._selector.once_per):
            verdict = good[mark.event.id]
            if verdict.state is not MarkState.HELD and verdict.at is not None:
                sample.append((max(at, verdict.at), mark, verdict.state is MarkState.COUNTED))
        sample.sort(key=lambda one: (one[0], one[1].event.occurred_at, one[1].event.id))
        waiting = [*marks, *(good[mark.event.id] for mark in marks)]
        states = _running([(Decimal(1) if is_good else _ZERO) for _, _, is_good in sample])
        return Steps(
            start=(_ZERO, 0),
            moments=[at for at, _, _ in sample],
            states=states,
            level_of=self._level,
            evidence=[Evidence(at, mark.event.id, mark.event.occurred_at) for at, mark, _ in sample],
            due=pending(waiting, view.as_of),
        )

    def _level(self, state: tuple[Decimal, int]) -> Level:
        good, size = state

        def text() -> str:
            return f"{number(good)} of {size} {unit_of(self._selector.types)} are good"

        return share_level(good, size, self._bounds, self._minimum, text)

    def moments(self, view: View) -> set[datetime]:
        """Give when events, and whether they are good, were settled."""
        return super().moments(view) | {mark.at for mark in view.marks(self._good) if mark.at}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark, and where that counts whether it is good."""
        for mark in super().explain(mark_of):
            yield (mark_of(self._good) or mark) if mark.state is MarkState.COUNTED else mark


class AverageReader(Leaf):
    """The mean of a property."""

    def __init__(self, criterion: Average) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, criterion.window)
        self._property = criterion.property
        self._bounds = criterion.bounds
        self._minimum = criterion.minimum

    def read_span(self, view: View, span: Span) -> Reading:
        """Average the property over the marks in *span*."""
        marks = [mark for mark in view.select(self._selector, span) if amount_of(mark, self._property) is not None]
        pairs = counted(marks, self._selector.once_per)
        return Steps(
            start=(_ZERO, 0),
            moments=[at for at, _ in pairs],
            states=_running([amount_of(mark, self._property) or _ZERO for _, mark in pairs]),
            level_of=self._level,
            evidence=[Evidence(at, mark.event.id, mark.event.occurred_at) for at, mark in pairs],
            due=pending(marks, view.as_of),
        )

    def _level(self, state: tuple[Decimal, int]) -> Level:
        total, size = state

        def text() -> str:
            return f"average {self._property} is {number(total / size) if size else 'unknown'}"

        return share_level(total, size, self._bounds, self._minimum, text)

    def moments(self, view: View) -> set[datetime]:
        """Give when marks with a value settled."""
        return readable_moments(view.marks(self._selector), self._property)

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark, which needs a number."""
        yield from (need_amount(mark, self._property) for mark in super().explain(mark_of))


def share_level(total: Decimal, size: int, bounds: Bounds, minimum: int, text: Callable[[], str]) -> Level:
    """Compare *total* / *size* with *bounds*, without dividing where it decides."""
    target = bounds.at_least if bounds.at_least is not None else bounds.at_most or _ZERO
    value = total / size if size else _ZERO
    if size < minimum:
        return Level(
            value, target, False, ReasonCode.SAMPLE_TOO_SMALL, lambda: f"{text()}; {size} so far, needs {minimum}"
        )
    is_enough = bounds.at_least is None or total >= bounds.at_least * size
    is_little = bounds.at_most is None or total <= bounds.at_most * size
    if is_enough and is_little:
        return Level(value, target, True, ReasonCode.TARGET_MET, text)
    need = ("needs at least", bounds.at_least) if not is_enough else ("needs at most", bounds.at_most)
    return Level(value, target, False, ReasonCode.TARGET_NOT_MET, lambda: f"{text()}, {need[0]} {_share(need[1])}")


def _share(bound: Decimal | None) -> str:
    return format((bound or _ZERO).normalize(), "f")


def _running(amounts: Sequence[Decimal]) -> list[tuple[Decimal, int]]:
    total = _ZERO
    states = []
    for size, amount in enumerate(amounts, start=1):
        total += amount
        states.append((total, size))
    return states
