"""Criteria made of others: all_of, any_of, earned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from milepost.engine.criteria.base import Criterion, Level, MarkOf, Reading, Steps, read, toward
from milepost.engine.kinds import AllOf, AnyCriterion, Earned
from milepost.engine.marks import CompiledSelector, Mark
from milepost.engine.outcomes import Evidence, Place
from milepost.engine.reasons import ReasonCode
from milepost.engine.views import Span, Stretch, View
from milepost.engine.windows import Window, window_of


class CombinationReader:
    """All of some criteria, or one of them."""

    def __init__(self, criterion: AllOf | AnyCriterion, parts: Sequence[Criterion]) -> None:
        """Make *criterion* ready; *parts* are its criteria, compiled."""
        self.window = criterion.window
        self._parts = parts
        self._needed = len(parts) if isinstance(criterion, AllOf) else 1
        self.is_lasting = all(part.is_lasting for part in parts)

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give nothing: the selectors are those of the parts."""
        return iter(())

    def parts(self) -> Iterator[Criterion]:
        """Give the criteria inside."""
        yield from self._parts

    def read_span(self, view: View, span: Span) -> Reading:
        """Read every part."""
        return Combined([read(part, view, span) for part in self._parts], self._needed, self._parts)

    def moments(self, view: View) -> set[datetime]:
        """Give the moments of every part."""
        return {moment for part in self._parts for moment in part.moments(view)}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give what the event means to every part."""
        for part in self._parts:
            yield from part.explain(mark_of)


@dataclass(frozen=True, slots=True)
class Combined:
    """Several readings as one."""

    readings: Sequence[Reading]
    needed: int
    parts: Sequence[Criterion]

    @property
    def moments(self) -> Sequence[datetime]:
        """Give the moments of all parts."""
        return sorted({moment for reading in self.readings for moment in reading.moments})

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the evidence of all parts, each event once."""
        found: dict[str, Evidence] = {}
        for one in sorted((e for reading in self.readings for e in reading.evidence_at(moment)), key=lambda e: e.at):
            found.setdefault(one.event_id, one)
        return list(found.values())

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event of the parts that have no window of their own."""
        inside = [reading for part, reading in zip(self.parts, self.readings, strict=True) if part.window is None]
        used = [reading.used_at(moment, target) for reading in inside]
        return max((place for place in used if place is not None), default=None)

    @property
    def due(self) -> Sequence[datetime]:
        """Give the moments to come of all parts."""
        return [moment for reading in self.readings for moment in reading.due]

    def at(self, moment: datetime) -> Level:
        """Count the parts that are met."""
        levels = [reading.at(moment) for reading in self.readings]
        met = sum(level.met for level in levels)
        is_met = met >= self.needed
        told = levels if is_met else [level for level in levels if not level.met]
        code = ReasonCode.TARGET_MET if is_met else told[0].code
        return Level(Decimal(met), Decimal(self.needed), is_met, code, lambda: "; ".join(level.text for level in told))


class EarnedReader:
    """So many other achievements stand."""

    is_lasting = True

    def __init__(self, criterion: Earned) -> None:
        """Make *criterion* ready."""
        self.window = criterion.window
        self.achievements = frozenset(criterion.achievements)
        self._target = criterion.target

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give nothing: it looks at awards, not at events."""
        return iter(())

    def parts(self) -> Iterator[Criterion]:
        """Give nothing: there is no criterion inside."""
        return iter(())

    def read_span(self, view: View, span: Span) -> Reading:
        """Count the achievements by their first award in *span*."""
        first: dict[str, datetime] = {}
        for award in sorted(view.standing, key=lambda one: one.earned_at):
            if award.achievement in self.achievements and _lies_in(award.earned_at, view, span):
                first.setdefault(award.achievement, award.earned_at)
        moments = sorted(first.values())
        return Steps(
            start=0,
            moments=moments,
            states=range(1, len(moments) + 1),
            level_of=lambda n: toward(Decimal(n), self._target, "achievements"),
        )

    def moments(self, view: View) -> set[datetime]:
        """Give when the achievements were earned."""
        return {one.earned_at for one in view.standing if one.achievement in self.achievements}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give nothing: no event helps directly."""
        del mark_of
        return iter(())


def _lies_in(moment: datetime, view: View, span: Span) -> bool:
    if isinstance(span, Window):
        return window_of(view.calendar.day_of(moment), span.kind) == span
    return not isinstance(span, Stretch) or span.holds(moment)
