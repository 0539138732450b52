"""One after the other: run and sequence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from milepost.engine.achievements import Run, Selector
from milepost.engine.achievements import Sequence as SequenceCriterion
from milepost.engine.criteria.amounts import accumulate, unit_of
from milepost.engine.criteria.base import Criterion, Evidence, Leaf, Level, MarkOf, Reading, Steps, pending, toward
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.views import Span, Stretch, View
from milepost.engine.windows import Window, window_of


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
        """Follow the events of *span* in order; each good one makes the run longer, a bad one ends it."""
        links = self._links(view, span)
        verdicts = [*view.select(self._selector, span), *view.marks(self._good)]
        return Steps(
            start=0,
            moments=[link.at for link in links],
            states=[link.length for link in links],
            level_of=self._level,
            evidence=[Evidence(link.at, link.mark.event.id, link.mark.event.occurred_at) for link in links],
            due=pending(verdicts, view.as_of),
        )

    def _level(self, length: int) -> Level:
        return toward(Decimal(length), self._target, f"{unit_of(self._selector.types)} in a row")

    def _links(self, view: View, span: Span) -> list[Link]:
        good = {mark.event.id: mark for mark in view.marks(self._good)}
        links: list[Link] = []
        length, settled = 0, None
        for mark in view.select(self._selector, span):
            if mark.state is MarkState.NOT_COUNTED:
                continue
            verdict = good[mark.event.id]
            if MarkState.HELD in (mark.state, verdict.state) or mark.at is None or verdict.at is None:
                break  # nobody knows yet how it goes on from here
            settled = max(mark.at, verdict.at, settled or mark.at)
            length = length + 1 if verdict.state is MarkState.COUNTED else 0
            links.append(Link(settled, mark, length))
        return links

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give the event's mark, and where that counts whether it is good."""
        for mark in super().explain(mark_of):
            yield (mark_of(self._good) or mark) if mark.state is MarkState.COUNTED else mark


@dataclass(frozen=True, slots=True)
class Link:
    """An event of a run: from *at* on it is known that *length* good ones in a row end with it."""

    at: datetime
    mark: Mark
    length: int


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
    return not isinstance(span, Stretch) or span.holds(mark.event.occurred_at)
