"""Is a criterion met at a moment? Worked out from scratch, from what was settled by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import singledispatchmethod
from typing import TypeAlias

from milepost.engine.achievements import Achievement
from milepost.engine.kinds import (
    Aggregate,
    AllOf,
    AnyCriterion,
    Average,
    Best,
    Bounds,
    CalendarWindow,
    Count,
    Criterion,
    Days,
    Direction,
    Earned,
    Improvement,
    Measure,
    NoneOf,
    Rate,
    Run,
    Sequence,
    Streak,
    Sum,
)
from milepost.engine.people import Holder, HolderKind, Profile
from milepost.engine.selectors import Quality
from tests.oracle.frames import Frame, Sight
from tests.oracle.marking import Mark, World, fits
from tests.oracle.spans import Span, days_between, span_of
from tests.oracle.walking import is_prompt, property_of, selector_of

#: Who earned what when, as far as it is known: achievement key and holder to earned moments.
Standing: TypeAlias = Mapping[tuple[str, Holder], Iterable[datetime]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A streak at one met period: the period's first day, the length, and when all of it was settled."""

    last: date
    length: int
    settled: datetime


class Truth(Sight):
    """Answers for one achievement and one holder."""

    def __init__(self, world: World, rule: Achievement, holder: Holder, standing: Standing) -> None:
        """Remember what the answers rest on."""
        super().__init__(world, rule, holder)
        self.standing = standing
        self._met_at: dict[tuple[int, Span], datetime | None] = {}
        self._peers: dict[str, Truth] = {holder.id: self}

    # ---------------------------------------------------------------- values on the way to a target

    @singledispatchmethod
    def value(self, criterion: Criterion, frame: Frame, t: datetime) -> Decimal:
        """Say how far a criterion with a target is at *t*."""
        raise TypeError(f"no value: {criterion!r} in {frame} at {t}")

    @value.register
    def _(self, criterion: Count, frame: Frame, t: datetime) -> Decimal:
        return Decimal(len(self.counted(criterion.of, frame, t)))

    @value.register
    def _(self, criterion: Sum, frame: Frame, t: datetime) -> Decimal:
        return sum(self.numbers(criterion.of, criterion.property, frame, t), Decimal())

    @value.register
    def _(self, criterion: Sequence, frame: Frame, t: datetime) -> Decimal:
        return Decimal(len(self.completed(criterion, frame, t)))

    @value.register
    def _(self, criterion: Days, frame: Frame, t: datetime) -> Decimal:
        met = [self.met_at(criterion.each, span_of(CalendarWindow.DAY, day)) for day in self._working_days(frame, t)]
        return Decimal(sum(at is not None and at <= t for at in met))

    @value.register
    def _(self, criterion: Streak, frame: Frame, t: datetime) -> Decimal:
        lengths = [stretch.length for stretch in self.stretches(criterion, frame.after) if stretch.settled <= t]
        return Decimal(max([0, *lengths]))

    @value.register
    def _(self, criterion: Run, frame: Frame, t: datetime) -> Decimal:
        return Decimal(max([0, *(length for _, length in self.runs(criterion, frame, t))]))

    @value.register
    def _(self, criterion: Earned, frame: Frame, t: datetime) -> Decimal:
        return Decimal(sum(self._stands(key, frame, t) for key in set(criterion.achievements)))

    def _stands(self, key: str, frame: Frame, t: datetime) -> bool:
        for at in self.standing.get((key, self.holder), ()):
            until = frame.until or t
            recent = frame.length is None or until - frame.length <= at <= until
            if at <= t and recent and (frame.span is None or self.clock.label(at) in frame.span):
                return True
        return False

    def runs(self, run: Run, frame: Frame, t: datetime) -> list[tuple[tuple[datetime, str], int]]:
        """Give each good event with the length of the run that ends with it, as known at *t*."""
        lengths, length = [], 0
        for mark in self.counted(run.of, Frame(cut=frame.cut), t):
            good = self.marker.goodness(mark.event, run.good)
            length = length + 1 if good.good and good.settled and good.settled <= t else 0
            if length:
                lengths.append((mark.order, length))
        return lengths

    # ---------------------------------------------------------------- days and periods

    def _first_day(self) -> date:
        labels = [self.clock.label(event.occurred_at) for event in self.marker.admitted]
        return min(labels, default=self.clock.label(self.world.as_of))

    def _working_days(self, frame: Frame, t: datetime) -> list[date]:
        first, last = self._first_day(), self.clock.label(self.world.as_of)
        if frame.span is not None:
            first, last = frame.span.first, frame.span.last
        elif frame.length is not None:
            until = frame.until or t
            first, last = self.clock.label(until - frame.length), self.clock.label(until)
        return [day for day in days_between(first, last) if self.clock.is_working(day)]

    def met_at(self, each: Criterion, span: Span) -> datetime | None:
        """Give the moment at which *span* met *each*, if it had by the moment we judge at."""
        key = id(each), span
        if key not in self._met_at:
            frame = Frame(span=span)
            closing = self.close(span, [each])
            moments = sorted(self.moments(each)) if is_prompt(each) else [closing] if closing else []
            met = (at for at in moments if at <= self.world.as_of and self.met(each, frame, at))
            self._met_at[key] = next(met, None)
        return self._met_at[key]

    def periods(self, streak: Streak) -> list[Span]:
        """Give the periods with working time, from the first with an event to the one we judge in."""
        last = span_of(streak.period, self.clock.label(self.world.as_of)).last
        first = span_of(streak.period, self._first_day()).first
        working = [day for day in days_between(first, last) if self.clock.is_working(day)]
        return sorted({span_of(streak.period, day) for day in working})

    def is_forgiven(self, span: Span) -> bool:
        """Say whether a period not met leaves a streak alone: excused, frozen, or not over yet."""
        frozen = self.world.facts.freezes.get((self.rule.key, self.holder), frozenset())
        return (
            any(day in span for day in frozen)
            or any(self.clock.zone_changed(day) for day in span.days())
            or self.end(span) > self.world.as_of
        )

    def count_back(
        self, streak: Streak, spans: list[Span], *, forgiven: Callable[[Span], bool] | None = None
    ) -> list[datetime]:
        """Give the met moments of the longest stretch at the end of *spans*."""
        left: dict[Span, int] = {}
        met = []
        for span in reversed(spans):
            at = self.met_at(streak.each, span)
            if at is not None:
                met.append(at)
            elif not (forgiven or self.is_forgiven)(span):
                if streak.freezes is None:
                    break
                bucket = span_of(streak.freezes.window, span.first)
                left[bucket] = left.get(bucket, streak.freezes.count) - 1
                if left[bucket] < 0:
                    break
        return met

    def stretches(self, streak: Streak, after: date | None = None) -> list[Stretch]:
        """Give the stretch that ends with each met period, looking only at periods after *after*."""
        spans = [span for span in self.periods(streak) if after is None or span.first > after]
        found = []
        for place, span in enumerate(spans):
            if self.met_at(streak.each, span) is not None:
                met = self.count_back(streak, spans[: place + 1])
                found.append(Stretch(span.first, len(met), max(met)))
        return found

    # ---------------------------------------------------------------- met or not

    @singledispatchmethod
    def met(self, criterion: Criterion, frame: Frame, t: datetime) -> bool:
        """Say whether *criterion*, whose own frame is *frame*, is met at *t*."""
        target: Decimal = getattr(criterion, "target")  # noqa: B009 (the kinds not registered below have one)
        return self.value(criterion, frame, t) >= target

    @met.register
    def _(self, criterion: Rate, frame: Frame, t: datetime) -> bool:
        sample = [self.marker.goodness(mark.event, criterion.good) for mark in self.counted(criterion.of, frame, t)]
        known = [mark.good for mark in sample if mark.settled and mark.settled <= t]
        return _within(Decimal(sum(known)), len(known), criterion.minimum, criterion.bounds)

    @met.register
    def _(self, criterion: Average, frame: Frame, t: datetime) -> bool:
        values = self.numbers(criterion.of, criterion.property, frame, t)
        return _within(sum(values, Decimal()), len(values), criterion.minimum, criterion.bounds)

    @met.register
    def _(self, criterion: NoneOf, frame: Frame, t: datetime) -> bool:
        return not self.counted(criterion.of, frame, t)

    @met.register
    def _(self, criterion: AllOf, frame: Frame, t: datetime) -> bool:
        return all(self._met_inside(part, frame, t) for part in criterion.criteria)

    @met.register
    def _(self, criterion: AnyCriterion, frame: Frame, t: datetime) -> bool:
        return any(self._met_inside(part, frame, t) for part in criterion.criteria)

    def _met_inside(self, part: Criterion, outer: Frame, t: datetime) -> bool:
        return self.met(part, self.inner(getattr(part, "window", None), outer, t), t)

    def guarded(self, outer: Frame, t: datetime) -> bool:
        """Say whether every guardrail holds at *t*."""
        plain = replace(outer, cut=None, after=None)
        return all(self._met_inside(guardrail, plain, t) for guardrail in self.rule.guardrails)

    # ---------------------------------------------------------------- measures

    def measure(self, measure: Measure, span: Span, t: datetime) -> Fraction | None:
        """Give the measure of one calendar window, None when it has none."""
        frame = Frame(span=span)
        if measure.property is None or measure.aggregate is Aggregate.COUNT:
            values = [Fraction(1)] * len(self.counted(measure.of, frame, t))
        else:
            values = sorted(Fraction(value) for value in self.numbers(measure.of, measure.property, frame, t))
        return _aggregate(measure.aggregate, values) if len(values) >= max(1, measure.minimum) else None

    @met.register
    def _(self, criterion: Improvement, frame: Frame, t: datetime) -> bool:
        span = frame.span
        new = self.measure(criterion.measure, span, t) if span else None
        if span is None or new is None:
            return False
        days = {self.clock.label(mark.event.occurred_at) for mark in self.marker.marks(criterion.measure.of)}
        earlier = sorted({span_of(span.kind, day) for day in days if day < span.first}, reverse=True)
        measures = (self.measure(criterion.measure, one, t) for one in earlier)
        old = next((value for value in measures if value is not None), None)
        if old is None:
            return False
        better = new - old if criterion.direction is Direction.HIGHEST else old - new
        enough = criterion.by_share is None or better >= Fraction(criterion.by_share) * abs(old)
        return better > 0 and better >= Fraction(criterion.by) and enough

    def _peer(self, actor: str) -> Truth:
        if actor not in self._peers:
            holder = Holder(HolderKind.ACTOR, actor)
            self._peers[actor] = Truth(self.world, self.rule, holder, self.standing)
        return self._peers[actor]

    @met.register
    def _(self, criterion: Best, frame: Frame, t: datetime) -> bool:
        span = frame.span
        if span is None:
            return False
        end = self.end(span)
        profiles = {name: self.world.actor(name).profile_at(end) for name in self.world.actors()}
        group = _shared(criterion.among, profiles[self.holder.id]) if self.holder.id in profiles else None
        measures = {
            name: value
            for name, profile in profiles.items()
            if group is not None and fits(profile, self.rule.applies_to) and _shared(criterion.among, profile) == group
            if (value := self._peer(name).measure(criterion.measure, span, t)) is not None
        }
        if self.holder.id not in measures or len(measures) < criterion.minimum_participants:
            return False
        top = max if criterion.direction is Direction.HIGHEST else min
        return measures[self.holder.id] == top(measures.values())

    # ---------------------------------------------------------------- moments

    def moments(self, criterion: Criterion) -> set[datetime]:
        """Give the moments at which something of *criterion* settled."""
        marks: list[Mark] = []
        selector = selector_of(criterion)
        if selector is not None:
            marks += [mark for mark in self.marker.marks(selector) if self.is_readable(mark, property_of(criterion))]
        good: Quality | None = getattr(criterion, "good", None)
        if good is not None:
            marks += [self.marker.goodness(mark.event, good) for mark in marks]
        if isinstance(criterion, Sequence):
            marks += self.marker.completions(criterion)
        found = {mark.settled for mark in marks if mark.settled} | self._inner_moments(criterion)
        return {at for at in found if at <= self.world.as_of}

    def _inner_moments(self, criterion: Criterion) -> set[datetime]:
        if isinstance(criterion, AllOf | AnyCriterion):
            return {at for part in criterion.criteria for at in self.moments(part)}
        if isinstance(criterion, Earned):
            return {at for key in criterion.achievements for at in self.standing.get((key, self.holder), ())}
        spans: list[Span] = []
        if isinstance(criterion, Days):
            spans = [span_of(CalendarWindow.DAY, day) for day in self._working_days(Frame(), self.world.as_of)]
        elif isinstance(criterion, Streak):
            spans = self.periods(criterion)
        return {at for span in spans if (at := self.met_at(getattr(criterion, "each"), span)) is not None}  # noqa: B009 (only days and streaks have spans)

    def looked_at(self, criterion: Criterion, frame: Frame, t: datetime) -> list[tuple[datetime, str]]:
        """Give the events in *frame* that a rolling criterion rests on at *t*, in order."""
        if isinstance(criterion, AllOf | AnyCriterion):
            parts = [part for part in criterion.criteria if getattr(part, "window", None) is None]
            return sorted(order for part in parts for order in self.looked_at(part, frame, t))
        selector = selector_of(criterion)
        name = property_of(criterion)
        marks = self.counted(selector, frame, t, name) if selector else []
        marks += self.completed(criterion, frame, t) if isinstance(criterion, Sequence) else []
        return sorted(mark.order for mark in marks)


def _shared(among: str | None, profile: Profile) -> str | None:
    """Give the value that peers share; all share one when nothing is said."""
    if among is None:
        return ""
    own = {"team": profile.team, "role": profile.role}
    return own[among] if among in own else profile.segments.get(among)


def _within(total: Decimal, size: int, minimum: int, bounds: Bounds) -> bool:
    if size < max(1, minimum):
        return False
    low_enough = bounds.at_most is None or total <= bounds.at_most * size
    return low_enough and (bounds.at_least is None or total >= bounds.at_least * size)


def _aggregate(aggregate: Aggregate, values: list[Fraction]) -> Fraction:
    size = len(values)
    return {
        Aggregate.COUNT: Fraction(size),
        Aggregate.SUM: sum(values, Fraction()),
        Aggregate.AVERAGE: sum(values, Fraction()) / size,
        Aggregate.MEDIAN: (values[(size - 1) // 2] + values[size // 2]) / 2,
        Aggregate.MINIMUM: values[0],
        Aggregate.MAXIMUM: values[-1],
    }[aggregate]
