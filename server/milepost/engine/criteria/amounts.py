"""How many, how much, and none at all: count, sum, none."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from milepost.engine.criteria.base import Leaf, Level, MarkOf, Reading, Steps, pending, toward
from milepost.engine.kinds import Count, NoneOf, Sum
from milepost.engine.marks import Mark, MarkState
from milepost.engine.outcomes import Evidence
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.values import MISSING, find_property, read_number, read_text
from milepost.engine.views import Span, View
from milepost.engine.wording import types_nouns


def counted(marks: Sequence[Mark], once_per: str | None) -> list[tuple[datetime, Mark]]:
    """Give the counted marks by the moment they settled; of those alike in *once_per* only the first."""
    settled = [(mark.at, mark) for mark in marks if mark.state is MarkState.COUNTED and mark.at is not None]
    settled.sort(key=lambda pair: (pair[0], pair[1].event.occurred_at, pair[1].event.id))
    if once_per is None:
        return settled
    seen: set[Any] = set()
    kept = []
    for at, mark in settled:
        value = once_value(mark, once_per)
        if value is not None and value in seen:
            continue
        seen.add(value)
        kept.append((at, mark))
    return kept


def once_value(mark: Mark, once_per: str) -> Any:
    """Give the value that makes marks alike, None where there is none."""
    found = find_property(mark.event, once_per)
    if found is MISSING or found is None:
        return None
    return read_text(found) or (None if isinstance(found, str) else repr(found))


@lru_cache(maxsize=1024)
def unit_of(types: frozenset[str]) -> str:
    """Name what is counted, in words."""
    return types_nouns(sorted(types))


class CountReader(Leaf):
    """So many events."""

    is_lasting = True

    def __init__(self, criterion: Count) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, criterion.window)
        self._target = criterion.target

    def read_span(self, view: View, span: Span) -> Reading:
        """Count the marks in *span*."""
        marks = view.select(self._selector, span)
        amounts = [(at, mark, Decimal(1)) for at, mark in counted(marks, self._selector.once_per)]
        return accumulate(amounts, self._target, unit_of(self._selector.types), pending(marks, view.as_of))


class SumReader(Leaf):
    """A property adds up to so much."""

    is_lasting = True

    def __init__(self, criterion: Sum) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, criterion.window)
        self._property = criterion.property
        self._target = criterion.target

    def read_span(self, view: View, span: Span) -> Reading:
        """Add up the property over the marks in *span*."""
        marks = [mark for mark in view.select(self._selector, span) if amount_of(mark, self._property) is not None]
        pairs = counted(marks, self._selector.once_per)
        amounts = [(at, mark, amount_of(mark, self._property) or Decimal(0)) for at, mark in pairs]
        return accumulate(amounts, self._target, f"in {self._property}", pending(marks, view.as_of))

    def moments(self, view: View) -> set[datetime]:
        """Give when marks with a value settled."""
        return readable_moments(view.marks(self._selector), self._property)

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark, which needs a number."""
        yield from (need_amount(mark, self._property) for mark in super().explain(mark_of))


class NoneReader(Leaf):
    """No such event."""

    def __init__(self, criterion: NoneOf) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, criterion.window)

    def read_span(self, view: View, span: Span) -> Reading:
        """Be met until the first mark in *span* counts."""
        marks = view.select(self._selector, span)
        moments = [at for at, _ in counted(marks, self._selector.once_per)]
        return Steps(0, moments, range(1, len(moments) + 1), self._level, due=pending(marks, view.as_of))

    def _level(self, found: int) -> Level:
        code = ReasonCode.TARGET_NOT_MET if found else ReasonCode.TARGET_MET
        text = f"{found} {unit_of(self._selector.types)}, none allowed"
        return Level(Decimal(found), Decimal(0), not found, code, text)

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give nothing: no event helps here."""
        del mark_of
        return iter(())


def accumulate(
    amounts: Sequence[tuple[datetime, Mark, Decimal]], target: Decimal, unit: str, due: Sequence[datetime]
) -> Steps[Decimal]:
    """Make a reading of amounts that add up."""
    totals = list(itertools.accumulate(amount for _, _, amount in amounts))
    return Steps(
        start=Decimal(0),
        moments=[at for at, _, _ in amounts],
        states=totals,
        level_of=lambda total: toward(total, target, unit),
        evidence=[Evidence(at, mark.event.id, mark.event.occurred_at) for at, mark, _ in amounts],
        due=due,
    )


def amount_of(mark: Mark, path: str) -> Decimal | None:
    """Read a property of the mark's event as a number."""
    found = find_property(mark.event, path)
    return None if found is MISSING else read_number(found)


def readable_moments(marks: Sequence[Mark], path: str) -> set[datetime]:
    """Give when those marks settled that count and have a number."""
    return {at for at, mark in counted(marks, None) if amount_of(mark, path) is not None}


def need_amount(mark: Mark, path: str) -> Mark:
    """Refuse a mark that would count but whose property is no number."""
    if mark.state is MarkState.NOT_COUNTED or amount_of(mark, path) is not None:
        return mark
    reason = Reason(ReasonCode.VALUE_UNREADABLE, f"{path} is missing or is not a number")
    return Mark(mark.event, mark.actor, mark.day, MarkState.NOT_COUNTED, mark.event.occurred_at, reason)
