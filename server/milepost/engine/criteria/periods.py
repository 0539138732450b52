"""Good days: so many in a window, or one after the other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.criteria.base import (
    Criterion,
    Level,
    MarkOf,
    Reading,
    Steps,
    every_selector,
    in_a_row,
    read,
    toward,
)
from milepost.engine.kinds import CalendarWindow, Days, Freezes, Streak, WindowSpec
from milepost.engine.marks import CompiledSelector, Mark
from milepost.engine.outcomes import Evidence, PeriodOutcome, Place
from milepost.engine.views import Everything, Span, Stretch, View
from milepost.engine.windows import Window, bounds, days_in, following, is_working_window, window_of, working_days_in

#: A missed period counts as open for so much working time, so that a late sync ends nothing.
GRACE = timedelta(hours=24)


class PeriodReader:
    """What days and streak share: an inner criterion, read period by period."""

    def __init__(self, each: Criterion, period: CalendarWindow) -> None:
        """Take the compiled inner criterion."""
        self.window: WindowSpec | None = None
        self.each = each
        self.period = period
        self._decided_early = each.is_lasting

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give nothing: the selectors are those of the inner criterion."""
        return iter(())

    def parts(self) -> Iterator[Criterion]:
        """Give the inner criterion."""
        yield self.each

    def moments(self, view: View) -> set[datetime]:
        """Give when working periods were met."""
        periods = self.periods_with_events(view, Everything())
        judged = [self.judge_period(view, one) for one in periods if is_working_window(one, view.calendar)]
        return {one.met_at for one in judged if one.met_at}

    def explain(self, mark_of: MarkOf) -> Iterator[Mark]:
        """Give what the event means to the inner criterion."""
        yield from self.each.explain(mark_of)

    def periods_with_events(self, view: View, span: Span) -> list[Window]:
        """Give the periods of *span* that hold an event the inner criterion selects."""
        if not isinstance(span, Everything):
            return [period for period in self._all_periods(view) if _touches(period, span, view.calendar)]
        return self._all_periods(view)

    def _all_periods(self, view: View) -> list[Window]:
        known: list[Window] | None = view.memory.get(id(self))
        if known is not None:
            return known
        types = frozenset().union(*(selector.types for selector in every_selector(self.each)))
        found = {key: one.period for key, one in self.judged_before(view).items()}
        for one, day in view.admitted:
            if one.event.type in types:
                period = window_of(day, self.period)
                found[period.key] = period
        known = view.memory[id(self)] = [found[key] for key in sorted(found)]
        return known

    def judged_before(self, view: View) -> Mapping[str, PeriodOutcome]:
        """Give the periods whose outcome is known without their events, by key."""
        del view
        return {}

    def judge_period(self, view: View, period: Window) -> PeriodOutcome:
        """Say since when *period* is met, if it is, and when to look again."""
        known: PeriodOutcome | None = view.memory.get((id(self), period.key))
        if known is None:
            known = self.judged_before(view).get(period.key)
        if known is None:
            known = view.memory[id(self), period.key] = self._judge_period(view, period)
        return known

    def _judge_period(self, view: View, period: Window) -> PeriodOutcome:
        reading = read(self.each, view, period)
        if self._decided_early:
            met_at = next((at for at in reading.moments if at <= view.as_of and reading.at(at).met), None)
            due = min(reading.due, default=None) if met_at is None else None
        else:
            closes_at = close_of(self.each, view, period)
            is_met = closes_at <= view.as_of and reading.at(closes_at).met
            met_at = closes_at if is_met else None
            due = closes_at if closes_at > view.as_of else None
        evidence = tuple(reading.evidence_at(met_at)) if met_at else ()
        return PeriodOutcome(period, met_at, due, evidence)


def close_of(criterion: Criterion, view: View, window: Window) -> datetime:
    """Give the moment at which everything in *window* is settled: its end, then the longest wait."""
    end = bounds(window, view.calendar)[1]
    return max((selector.longest_wait(view.calendar, end) for selector in every_selector(criterion)), default=end)


def _touches(period: Window, span: Span, calendar: PersonalCalendar) -> bool:
    """Say whether *period* lies, at least in part, in *span*."""
    if isinstance(span, Window):
        return span.first_on <= period.first_on <= span.last_on
    if isinstance(span, Stretch) and span.first is not None and span.last is not None:
        return calendar.day_of(span.first) <= period.last_on and period.first_on <= calendar.day_of(span.last)
    return True


class DaysReader(PeriodReader):
    """So many working days of the window."""

    def __init__(self, criterion: Days, each: Criterion) -> None:
        """Make *criterion* ready; *each* is its inner criterion, compiled."""
        super().__init__(each, CalendarWindow.DAY)
        self.window = criterion.window
        self.is_lasting = each.is_lasting
        self._target = criterion.target

    def read_span(self, view: View, span: Span) -> Reading:
        """Count the working days of *span* that are met."""
        working = (
            {day.isoformat() for day in working_days_in(span, view.calendar)} if isinstance(span, Window) else None
        )
        met: list[datetime] = []
        due: list[datetime] = []
        evidence: list[Evidence] = []
        for period in self.periods_with_events(view, span):
            is_working = period.key in working if working is not None else view.calendar.is_working_day(period.first_on)
            if not is_working:
                continue
            judged = self.judge_period(view, period)
            due += [judged.due] if judged.due else []
            if judged.met_at:
                insort(met, judged.met_at)
                evidence += judged.evidence
        evidence.sort(key=lambda one: one.at)
        return WholeDays(
            start=0,
            moments=met,
            states=range(1, len(met) + 1),
            level_of=lambda n: toward(Decimal(n), self._target, "good days"),
            evidence=evidence,
            due=due,
        )


class WholeDays(Steps[int]):
    """A reading of days, which are looked at whole: no event of theirs is used up by an award."""

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give nothing."""
        del moment, target
        return None


@dataclass(frozen=True, slots=True)
class Length:
    """How long a streak is at a met period."""

    period: Window
    met: int
    #: When all periods of the stretch were settled.
    at: datetime


class StreakReader(PeriodReader):
    """So many consecutive working periods."""

    is_lasting = False

    def __init__(self, criterion: Streak, each: Criterion, key: str) -> None:
        """Make *criterion* ready; *each* is its inner criterion, compiled, *key* that of the achievement."""
        super().__init__(each, criterion.period)
        self._key = key
        self.target = criterion.target
        self._freezes = criterion.freezes or Freezes(0)

    def read_span(self, view: View, span: Span) -> Reading:
        """Give the length at each met period, from the moment all of its stretch is settled."""
        return self.chain(view, span)

    def level(self, longest: int, newest: int) -> Level:
        """Make a level of the longest stretch; people are shown the newest."""
        return in_a_row(Decimal(longest), Decimal(newest), self.target, _PERIODS[self.period])

    def judged_before(self, view: View) -> Mapping[str, PeriodOutcome]:
        """Give the periods that were judged before and that the view's events do not decide."""
        return view.material.periods

    def chain(self, view: View, span: Span) -> Chain:
        """Judge the periods of *span* and measure the streak at each met one."""
        known: Chain | None = view.memory.get((id(self), span))
        if known is None:
            known = view.memory[id(self), span] = self._make_chain(view, span)
        return known

    def outcomes(self, view: View) -> dict[str, PeriodOutcome]:
        """Give the outcome of every working period with events, by key; the others are no part of a streak."""
        working = [one for one in self._all_periods(view) if is_working_window(one, view.calendar)]
        return {one.key: self.judge_period(view, one) for one in working}

    def _make_chain(self, view: View, span: Span) -> Chain:
        after = span.after if isinstance(span, Stretch) else None
        floor = window_of(view.calendar.day_of(after[0]), self.period).key if after else ""
        judged = [
            self.judge_period(view, period)
            for period in self.periods_with_events(view, Everything())
            if period.key > floor and is_working_window(period, view.calendar)
        ]
        return Chain(view, self, judged)

    def is_excused(self, view: View, period: Window) -> bool:
        """Say whether nobody could be expected to meet *period*."""
        if not is_working_window(period, view.calendar):
            return True
        frozen = view.facts.freezes.get((self._key, view.holder), frozenset())
        return any(day in frozen or view.calendar.zone_changed_on(day) for day in days_in(period))

    def budget_of(self, period: Window) -> tuple[str, int]:
        """Give the freeze window of *period* and how many misses it allows."""
        return window_of(period.first_on, self._freezes.window).key, self._freezes.count


_PERIODS = {
    CalendarWindow.DAY: "working days",
    CalendarWindow.WEEK: "weeks",
    CalendarWindow.MONTH: "months",
    CalendarWindow.QUARTER: "quarters",
    CalendarWindow.YEAR: "years",
}


class Chain:
    """The periods of one holder in order, with what each one does to the streak."""

    def __init__(self, view: View, reader: StreakReader, judged: list[PeriodOutcome]) -> None:
        """Lay out every working period from the first with events to today."""
        self._view = view
        self._reader = reader
        self.judged = judged
        self._met = [one for one in judged if one.met_at is not None]
        self._misses = self._find_misses()
        self.lengths = self._measure()

    def _find_misses(self) -> list[list[Window]]:
        """Give the periods missed between each met period and the one before it."""
        gaps: list[list[Window]] = []
        previous: Window | None = None
        for one in self._met:
            gap = []
            if previous is not None:
                period = following(previous)
                while period.first_on < one.period.first_on:
                    if not self._reader.is_excused(self._view, period):
                        gap.append(period)
                    period = following(period)
            gaps.append(gap)
            previous = one.period
        return gaps

    def _measure(self) -> list[Length]:
        """Slide over the met periods, dropping the oldest while there are more misses than freezes."""
        used: Counter[str] = Counter()
        lengths: list[Length] = []
        start, settled = 0, None
        for end, one in enumerate(self._met):
            used.update(self._reader.budget_of(period)[0] for period in self._misses[end])
            while start < end and self._exceeds(used):
                start += 1
                used.subtract(self._reader.budget_of(period)[0] for period in self._misses[start])
            if start == end:
                used.clear()
            settled = self._settled(start, end, settled)
            lengths.append(Length(one.period, end - start + 1, settled))
        return lengths

    def _settled(self, start: int, end: int, before: datetime | None) -> datetime:
        """Give when the last of a stretch was settled; mostly that is its newest period."""
        newest = self._met[end].met_at
        if newest is not None and (before is None or newest >= before):
            return newest
        return max(judged.met_at for judged in self._met[start : end + 1] if judged.met_at)

    def _exceeds(self, used: Counter[str]) -> bool:
        allowed = self._reader.budget_of(self._met[0].period)[1]
        return any(count > allowed for count in used.values())

    @property
    def moments(self) -> Sequence[datetime]:
        """Give the moments at which lengths were settled."""
        return sorted({length.at for length in self.lengths})

    @property
    def due(self) -> Sequence[datetime]:
        """Give the moments to come at which periods settle."""
        return [judged.due for judged in self.judged if judged.due]

    def at(self, moment: datetime) -> Level:
        """Give the longest stretch settled up to *moment*."""
        place = bisect_right(self._by_moment, moment, key=itemgetter(0))
        _, longest, newest = self._by_moment[place - 1] if place else (moment, 0, None)
        return self._reader.level(longest, newest.met if newest else 0)

    @cached_property
    def _by_moment(self) -> list[tuple[datetime, int, Length]]:
        """Give, for each moment at which a length was settled, the longest known and that of the newest period."""
        found: list[tuple[datetime, int, Length]] = []
        for length in sorted(self.lengths, key=lambda one: (one.at, one.period.key)):
            longest = max(length.met, found[-1][1] if found else 0)
            newest = max(length, found[-1][2] if found else length, key=lambda one: one.period.key)
            found.append((length.at, longest, newest))
        return found

    def evidence_at(self, moment: datetime) -> list[Evidence]:
        """Give the events of the stretch that reached the target first, or of the newest."""
        known = [place for place, length in enumerate(self.lengths) if length.at <= moment]
        reached = [place for place in known if self.lengths[place].met >= self._reader.target]
        last = reached[0] if reached else max(known, default=-1)
        first = last - self.lengths[last].met + 1 if known else 0
        return [one for judged in self._met[first : last + 1] for one in judged.evidence]

    def used_at(self, moment: datetime, target: Decimal) -> Place | None:
        """Give the last event of the first period at its target."""
        for judged, length in zip(self._met, self.lengths, strict=True):
            if length.met >= target and length.at <= moment:
                return max(one.place for one in judged.evidence)
        return None

    @cached_property
    def current(self) -> int:
        """Give the length today: 0 once a period was missed for good since the last met one."""
        return self.left_at(self._view.as_of)

    def left_at(self, moment: datetime) -> int:
        """Give the length at a moment to come if nothing more happens."""
        if not self.lengths:
            return 0
        used: Counter[str] = Counter()
        period = following(self.lengths[-1].period)
        while self._is_over(period, moment):
            if not self._reader.is_excused(self._view, period):
                used[self._reader.budget_of(period)[0]] += 1
            period = following(period)
        return 0 if self._exceeds(used) else self._remaining(used, moment)

    def _remaining(self, used: Counter[str], moment: datetime) -> int:
        """Count back over the met periods, with some freezes used already."""
        for index in reversed(self._after_misses):
            over = [period for period in self._misses[index] if self._is_over(period, moment)]
            used.update(self._reader.budget_of(period)[0] for period in over)
            if self._exceeds(used):
                return len(self._met) - index
        return len(self._met)

    @cached_property
    def _after_misses(self) -> list[int]:
        """Give the places of the met periods before which some were missed."""
        return [index for index, misses in enumerate(self._misses) if misses]

    def open_misses(self) -> list[Window]:
        """Give the periods missed between met ones whose time of grace is not over, in order."""
        now = self._view.as_of
        return [period for misses in self._misses for period in misses if not self._is_over(period, now)]

    def _is_over(self, period: Window, now: datetime) -> bool:
        """Say whether a period and its time of grace are over."""
        calendar = self._view.calendar
        end = bounds(period, calendar)[1]
        return end <= now and calendar.add(end, GRACE, working=True) <= now

    def open_period(self) -> Window:
        """Give the working period that is open now."""
        return window_of(self._view.calendar.day_of(self._view.as_of), self._reader.period)

    def is_met_now(self) -> bool:
        """Say whether the open period is met."""
        index = bisect_left([one.period.key for one in self._met], self.open_period().key)
        return index < len(self._met) and self._met[index].period == self.open_period()

    @property
    def longest(self) -> int:
        """Give the greatest length so far; a miss that is still open may make the current one the greatest."""
        return max([self.current, *(one.met for one in self.lengths)])
