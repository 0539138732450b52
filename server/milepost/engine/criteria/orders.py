"""One after the other: run and sequence."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from milepost.engine.criteria.amounts import accumulate, counted, unit_of
from milepost.engine.criteria.base import (
    Criterion,
    Leaf,
    Level,
    MarkOf,
    Reading,
    in_a_row,
    pending,
)
from milepost.engine.kinds import Run
from milepost.engine.kinds import Sequence as SequenceCriterion
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.outcomes import Evidence, Place
from milepost.engine.selectors import Selector
from milepost.engine.views import Everything, Span, Stretch, View
from milepost.engine.windows import Window, window_of


class Link(NamedTuple):
    """An event of a run: when its own mark settled, and when it was known whether it is good."""

    mark: Mark
    counted_at: datetime
    known_at: datetime | None
    is_good: bool


@dataclass(frozen=True, slots=True)
class Runs:
    """A reading of events in a row."""

    links: Sequence[Link]
    due: Sequence[datetime]
    target: Decimal
    unit: str

    @property
    def moments(self) -> Sequence[datetime]:
        """Give the moments at which an event, or whether it is good, was settled."""
        return sorted({at for link in self.links for at in (link.counted_at, link.known_at) if at})

    def at(self, moment: datetime) -> Level:
        """Give the longest run known at *moment*; people are shown the newest."""
        lengths = self._lengths(moment)
        longest = Decimal(max((length for _, length in lengths), default=0))
        newest = Decimal(lengths[-1][1]) if lengths else Decimal(0)
        return in_a_row(longest, newest, self.target, self.unit)

    def _lengths(self, moment: datetime) -> list[tuple[Link, int]]:
        """Give each event with the length of the run that it ends, as known at *moment*."""
        lengths, length = [], 0
        for link in self.links:
            if link.mark.event.occurred_at > moment:
                break
            if link.counted_at <= moment:
                is_known = link.known_at is not None and link.known_at <= moment
                length = length + 1 if is_known and link.is_good else 0
                lengths.append((link, length))
        return lengths

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the good events of the run that reached the target first, or of the newest."""
        lengths = self._lengths(moment)
        ends = [place for place, (_, length) in enumerate(lengths) if length >= self.target]
        last = ends[0] if ends else len(lengths) - 1
        size = lengths[last][1] if lengths else 0
        return [_evidence(link) for link, _ in lengths[last - size + 1 : last + 1]]

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the event with which the first run reached *target*."""
        reached = (_evidence(link).place for link, length in self._lengths(moment) if length >= target)
        return next(reached, None)


def _place(link: Link) -> Place:
    return link.mark.event.occurred_at, link.mark.event.id


def _evidence(link: Link) -> Evidence:
    return Evidence(link.known_at or link.counted_at, link.mark.event.id, link.mark.event.occurred_at)


class RunReader(Leaf):
    """So many consecutive good events."""

    def __init__(self, criterion: Run) -> None:
        """Make *criterion* ready."""
        super().__init__(criterion.of, None)
        self._good = CompiledSelector.of_quality(criterion.good, criterion.of.match.types)
        self._target = criterion.target

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give the selector of all, and that of the good ones."""
        yield self._selector
        yield self._good

    def read_span(self, view: View, span: Span) -> Reading:
        """Put the counted events of *span* in order."""
        after = span.after if isinstance(span, Stretch) else None
        if after is None or self._selector.once_per is not None:
            return self._read(view, Stretch(after=after) if after else Everything())
        whole: Runs | None = view.memory.get(id(self))
        if whole is None:
            whole = view.memory[id(self)] = self._read(view, Everything())
        # Without *once_per* what comes after a place is a part of the whole: one award after the other costs no more.
        return replace(whole, links=whole.links[bisect_right(whole.links, after, key=_place) :])

    def _read(self, view: View, span: Stretch | Everything) -> Runs:
        marks = view.select(self._selector, span)
        good = {mark.event.id: mark for mark in view.marks(self._good)}
        pairs = counted(marks, self._selector.once_per)
        links = [self._link(at, mark, good[mark.event.id]) for at, mark in pairs]
        links.sort(key=_place)
        due = pending([*marks, *(good[mark.event.id] for mark in marks)], view.as_of)
        return Runs(links, due, self._target, unit_of(self._selector.types))

    def _link(self, at: datetime, mark: Mark, good: Mark) -> Link:
        is_known = good.state is not MarkState.HELD
        return Link(mark, at, good.at if is_known else None, good.state is MarkState.COUNTED)

    def moments(self, view: View) -> set[datetime]:
        """Give when events, and whether they are good, were settled."""
        return super().moments(view) | {mark.at for mark in view.marks(self._good) if mark.at}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark, and where that counts whether it is good."""
        for mark in super().explain(mark_of):
            yield (mark_of(self._good) or mark) if mark.state is MarkState.COUNTED else mark


class SequenceReader:
    """So many subjects went through all steps in order."""

    is_lasting = True

    def __init__(self, criterion: SequenceCriterion) -> None:
        """Make *criterion* ready."""
        self.window = criterion.window
        self._steps = [CompiledSelector(Selector(step)) for step in criterion.steps]
        self._target = criterion.target
        self._is_strict = criterion.strict
        self._within = criterion.within

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give one selector for each step."""
        yield from self._steps

    def parts(self) -> Iterator[Criterion]:
        """Give nothing: there is no criterion inside."""
        return iter(())

    @property
    def within(self) -> timedelta | None:
        """Give the longest time from the first step to the last."""
        return self._within

    def read_span(self, view: View, span: Span) -> Reading:
        """Count the subjects whose last step lies in *span*."""
        amounts = []
        for marks in self._by_subject(view).values():
            last = self._finish(marks)
            if last is not None and _lies_in(last, span):
                amounts.append((last.event.occurred_at, last, Decimal(1)))
        amounts.sort(key=lambda one: (one[0], one[1].event.id))
        return accumulate(amounts, self._target, "records through all steps", ())

    def moments(self, view: View) -> set[datetime]:
        """Give when subjects got through."""
        return set(self.read_span(view, Everything()).moments)

    def _by_subject(self, view: View) -> dict[str, list[tuple[Mark, frozenset[int]]]]:
        """Sort the events that match some step by subject, each with the steps it matches."""
        steps_of: defaultdict[str, set[int]] = defaultdict(set)
        marks: dict[str, Mark] = {}
        for index, step in enumerate(self._steps):
            for mark in view.marks(step):
                if mark.state is MarkState.COUNTED and mark.event.subject:
                    steps_of[mark.event.id].add(index)
                    marks[mark.event.id] = mark
        found: defaultdict[str, list[tuple[Mark, frozenset[int]]]] = defaultdict(list)
        for mark in sorted(marks.values(), key=lambda one: (one.event.occurred_at, one.event.id)):
            found[mark.event.subject or ""].append((mark, frozenset(steps_of[mark.event.id])))
        return found

    def _finish(self, marks: Sequence[tuple[Mark, frozenset[int]]]) -> Mark | None:
        """Give the mark with which the subject first got through."""
        return self._finish_strictly(marks) if self._is_strict else self._finish_loosely(marks)

    def _finish_loosely(self, marks: Sequence[tuple[Mark, frozenset[int]]]) -> Mark | None:
        # For each step, the chains (start of the chain, moment of the step) with the latest starts win.
        starts: list[list[tuple[datetime, datetime]]] = [[] for _ in self._steps]
        for mark, steps in marks:
            at = mark.event.occurred_at
            for step in sorted(steps, reverse=True):
                start = at if step == 0 else max((s for s, reached in starts[step - 1] if reached < at), default=None)
                if start is None:
                    continue
                if step == len(self._steps) - 1 and (self._within is None or at - start <= self._within):
                    return mark
                starts[step].append((start, at))
        return None

    def _finish_strictly(self, marks: Sequence[tuple[Mark, frozenset[int]]]) -> Mark | None:
        due, first, last = 0, None, None
        for mark, steps in marks:
            at = mark.event.occurred_at
            if due in steps and (last is None or at > last):
                first = at if due == 0 else first
                due, last = due + 1, at
            elif 0 in steps:
                due, first, last = 1, at, at
            else:
                due, first, last = 0, None, None
            if due == len(self._steps) and first is not None:
                if self._within is None or at - first <= self._within:
                    return mark
                due, first, last = (1, at, at) if 0 in steps else (0, None, None)
        return None

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark for each step."""
        yield from (mark for step in self._steps if (mark := mark_of(step)))


def _lies_in(mark: Mark, span: Span) -> bool:
    if isinstance(span, Window):
        return window_of(mark.day, span.kind) == span
    return not isinstance(span, Stretch) or span.holds(mark.event.occurred_at, mark.event.id)
