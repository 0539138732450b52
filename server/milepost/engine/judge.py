"""From marks to earnings: when a rule was met, for one holder, in one window."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from milepost.engine import achievements as rules
from milepost.engine import kinds
from milepost.engine.criteria.base import Level, Reading, every_criterion, every_selector, read
from milepost.engine.criteria.compiling import compile_criterion
from milepost.engine.criteria.periods import StreakReader, close_of
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.marks import CompiledSelector
from milepost.engine.outcomes import Place
from milepost.engine.parts import criteria_of, keys_built_on
from milepost.engine.people import Holder, Profile
from milepost.engine.views import Admission, Everything, Slice, Span, Stretch, View, fits
from milepost.engine.windows import EVER, Window, window_from_key, window_of

#: Profiles whose targets are kept ready for each rule.
_PROFILES_KEPT = 512


@dataclass(frozen=True, slots=True)
class Earning:
    """A moment at which a rule was met, before repeats, cooldown and cap are looked at."""

    window: str
    #: Which of several in the window, from 1.
    ordinal: int
    tier: str | None
    earned_at: datetime
    #: Event ids in the order they settled.
    evidence: tuple[str, ...]
    value: Decimal
    target: Decimal
    rule_version: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a window came to, and when to look at it again."""

    earnings: tuple[Earning, ...]
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier, or the one target of a rule without tiers, as it holds for somebody at a moment."""

    tier: str | None
    target: Decimal


class _Begun(NamedTuple):
    """Where the search for one award after the other goes on."""

    ordinal: int
    at: datetime
    after: Place


class Judge:
    """One version of a rule, made ready to judge any holder."""

    def __init__(self, version: RuleVersion) -> None:
        """Compile the rule once."""
        self.version = version
        self.rule = version.achievement
        self.criterion = compile_criterion(self.rule.criterion, self.rule.key)
        self.guardrails = [compile_criterion(one, self.rule.key) for one in self.rule.guardrails]
        #: What holds for a profile, with the profile itself: an identity is given again after it is gone.
        self._rungs: dict[int, tuple[Profile, list[Rung]]] = {}
        self._admission = Admission(
            self.rule.applies_to, self.rule.starts_at, self.through, version.starts_at, self.kind
        )

    @cached_property
    def kind(self) -> kinds.CalendarWindow | None:
        """Give the calendar window it is judged by, None for a rule without."""
        window = self.criterion.window
        return window if isinstance(window, kinds.CalendarWindow) else None

    @cached_property
    def through(self) -> frozenset[str]:
        """Give the types that the criterion selects."""
        return _types(every_selector(self.criterion))

    @cached_property
    def types(self) -> frozenset[str]:
        """Give the types that the criterion and the guardrails select."""
        return self.through.union(*(_types(every_selector(one)) for one in self.guardrails))

    @cached_property
    def subject_types(self) -> frozenset[str]:
        """Give the types that holds and confirmations watch for."""
        return frozenset().union(*(selector.subject_types for selector in self.selectors()))

    @cached_property
    def builds_on(self) -> frozenset[str]:
        """Give the keys of the achievements it looks at with `earned`."""
        return keys_built_on(self.rule)

    @cached_property
    def _looks_at(self) -> frozenset[str]:
        """Give the keys of the achievements that the criterion itself looks at."""
        return keys_built_on(self.rule.criterion)

    @cached_property
    def compares_people(self) -> bool:
        """Say whether it looks at peers with `best`."""
        return any(isinstance(part, kinds.Best) for part in self.all_criteria)

    @cached_property
    def all_criteria(self) -> tuple[kinds.Criterion, ...]:
        """Give the criterion and the guardrails with everything in them."""
        return tuple(criteria_of(self.rule))

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give every selector of the criterion and the guardrails."""
        for criterion in (self.criterion, *self.guardrails):
            yield from every_selector(criterion)

    def view(self, holder: Holder, material: Slice, facts: Facts, as_of: datetime) -> View:
        """Make one holder's events ready."""
        return View(holder, self._admission, material, facts, as_of)

    def windows(self, view: View) -> frozenset[str]:
        """Give the keys of the windows in which the holder has something that the criterion selects."""
        known: frozenset[str] | None = view.memory.get(id(self))
        if known is None:
            known = view.memory[id(self)] = self._find_windows(view)
        return known

    @cached_property
    def ends_when_earned(self) -> bool:
        """Say whether nothing that comes after it was earned can change it: so many, once, ever."""
        rule = self.rule
        is_simple = isinstance(rule.criterion, kinds.Count | kinds.Sum) and self.kind is None and not self._rolling
        is_bound = rule.cap is not None or rule.cooldown is not None or self.builds_on or self.compares_people
        return is_simple and rule.repeats is rules.Repeats.ONCE and not is_bound

    def is_earned_for_good(self, profile: Profile, earnings: Iterable[Earning], since: datetime) -> bool:
        """Say whether all of it was earned by this version before *since*: what comes after cannot change it."""
        tiers = {one.tier for one in earnings if one.rule_version == self.version.number and one.earned_at < since}
        return self.ends_when_earned and all(rung.tier in tiers for rung in self.rungs(profile))

    @cached_property
    def streak(self) -> StreakReader | None:
        """Give the streak that it is judged by period by period: each is decided by the events around it.

        None where it is no streak, or where one must look at all events for other reasons.
        """
        reader = self.criterion
        if not isinstance(reader, StreakReader) or self.guardrails or self.builds_on or self.compares_people:
            return None
        inner = every_criterion(reader.each)
        return reader if all(one.window in (None, reader.period) for one in inner) else None

    @cached_property
    def pieces(self) -> kinds.CalendarWindow | None:
        """Give the calendar windows whose outcomes are kept, so that history is read around some of them only."""
        return self.streak.period if self.streak else self.kind

    def _find_windows(self, view: View) -> frozenset[str]:
        days = {day for one, day in view.admitted if one.event.type in self.through}
        awards = (award for award in view.standing if award.achievement in self._looks_at)
        days |= {view.calendar.day_of(award.earned_at) for award in awards}
        if self.kind is None:
            return frozenset({EVER} if days or view.material.periods else ())
        return frozenset(window_of(day, self.kind).key for day in days)

    def span(self, key: str) -> Span:
        """Give the span behind a window key."""
        return window_from_key(key, self.kind) if self.kind else Everything()

    @cached_property
    def can_resume(self) -> bool:
        """Say whether the next award rests only on the events after those of the last one: a run, again and again."""
        rule = self.rule
        is_bound = rule.guardrails or rule.tiers or rule.targets or self.builds_on or self.compares_people
        return isinstance(rule.criterion, kinds.Run) and self._starts_over and not is_bound

    def resume(self, view: View, earned: Sequence[Earning], last: Place) -> Judgement:
        """Find what came after *earned*, which stands, and of which *last* is the last event; give all of it."""
        found = self._climb_again(view, EVER, 0, (), _Begun(len(earned) + 1, earned[-1].earned_at, last))
        return Judgement((*earned, *found), _due([self.read(view, EVER, last)], view))

    def judge(self, view: View, key: str) -> Judgement:
        """Find when the rule was met in one window, as it stands at the view's moment."""
        if self.rule.award_at is rules.AwardAt.CLOSE:
            return self._judge_at_close(view, key)
        guards = self.read_guardrails(view, key)
        criterion = self.read(view, key)
        find = self._climb_again if self._starts_over else self._climb
        found = [met for place in range(len(self.rule.tiers) or 1) for met in find(view, key, place, guards)]
        return Judgement(tuple(found), _due([criterion, *guards], view))

    @cached_property
    def _starts_over(self) -> bool:
        """Say whether the next award begins with the events after those of the last one."""
        is_moving = isinstance(self.rule.criterion, kinds.Streak | kinds.Run) or self._rolling is not None
        return is_moving and self.rule.repeats is not rules.Repeats.ONCE

    @cached_property
    def _rolling(self) -> kinds.Rolling | None:
        window = self.criterion.window
        return window if isinstance(window, kinds.Rolling) else None

    def read(self, view: View, key: str, after: Place | None = None) -> Reading:
        """Read the criterion in a window; without a calendar window, from the events after *after*."""
        known: Reading | None = view.memory.get((id(self), key, after))
        if known is None:
            if self._rolling:
                known = read(self.criterion, view, self.span(key), after=after)
            else:
                known = self.criterion.read_span(view, Stretch(after=after) if after else self.span(key))
            view.memory[id(self), key, after] = known
        return known

    def read_guardrails(self, view: View, key: str) -> list[Reading]:
        """Read the guardrails beside a window."""
        known: list[Reading] | None = view.memory.get((id(self), key))
        if known is None:
            known = [read(one, view, self.span(key), self._rolling) for one in self.guardrails]
            view.memory[id(self), key] = known
        return known

    def _moments(self, view: View, key: str, readings: Iterable[Reading]) -> list[datetime]:
        """Give the moments at which the rule may be met, ascending."""
        if not self._has_moving_part:
            return sorted({at for reading in readings for at in reading.moments if at <= view.as_of})
        if None not in view.memory:
            found = {at for one in (self.criterion, *self.guardrails) for at in one.moments(view)}
            view.memory[None] = sorted(at for at in found if at <= view.as_of)
        moments: list[datetime] = view.memory[None]
        span = self.span(key)
        if not isinstance(span, Window):
            return moments
        return [at for at in moments if view.calendar.day_of(at) >= span.first_on]

    @cached_property
    def _has_moving_part(self) -> bool:
        """Say whether some criterion looks at another window than the main one."""
        inner = [part for outer in (self.criterion, *self.guardrails) for part in every_criterion(outer)]
        return any(part.window not in (None, self.criterion.window) for part in inner) or self._rolling is not None

    def closes_at(self, view: View, key: str) -> datetime:
        """Give the moment at which everything in a calendar window is settled."""
        window = window_from_key(key, self.kind or kinds.CalendarWindow.DAY)
        return max(close_of(one, view, window) for one in (self.criterion, *self.guardrails))

    def _judge_at_close(self, view: View, key: str) -> Judgement:
        closes_at = self.closes_at(view, key)
        if closes_at > view.as_of:
            return Judgement((), closes_at)
        criterion = self.read(view, key)
        if not _all_met(self.read_guardrails(view, key), closes_at):
            return Judgement((), None)
        level = criterion.at(closes_at)
        found = []
        for rung in self.rungs(view.profile_at(closes_at)):
            times = self._times(level, rung)
            found += [self._earning(key, criterion, rung, closes_at, n) for n in range(1, times + 1)]
        return Judgement(tuple(found), None)

    def _climb(self, view: View, key: str, place: int, guards: Sequence[Reading]) -> Iterator[Earning]:
        """Find the first moment for a rung, and where every target counts that for each multiple."""
        criterion = self.read(view, key)
        moments = self._moments(view, key, [criterion, *guards])
        known = 0
        for moment in moments[self._first_possible(view, criterion, moments, place) :]:
            rung = self.rungs(view.profile_at(moment))[place]
            times = self._times(criterion.at(moment), rung)
            if times > known and self._holds(view, key, guards, moment):
                yield from (self._earning(key, criterion, rung, moment, n) for n in range(known + 1, times + 1))
                known = times
                if self.rule.repeats is not rules.Repeats.EVERY_TARGET:
                    return

    def _holds(self, view: View, key: str, guards: Sequence[Reading], moment: datetime) -> bool:
        """Say whether all guardrails hold at a moment; each tier asks."""
        known: dict[datetime, bool] = view.memory.setdefault((id(self), key, "guards"), {})
        if moment not in known:
            known[moment] = _all_met(guards, moment)
        return known[moment]

    def _first_possible(self, view: View, criterion: Reading, moments: Sequence[datetime], place: int) -> int:
        """Pass over the moments at which a count, which only grows, has not come so far yet."""
        is_growing = isinstance(self.rule.criterion, kinds.Count) and not self._has_moving_part
        if not is_growing or not moments or view.has_changed_profile:
            return 0
        target = self.rungs(view.profile_at(moments[-1]))[place].target
        return bisect_left(moments, x=True, key=lambda moment: criterion.at(moment).value >= target)

    def _climb_again(
        self, view: View, key: str, place: int, guards: Sequence[Reading], begun: _Begun | None = None
    ) -> Iterator[Earning]:
        """Find one moment after the other, each from the events after those of the last one."""
        criterion = self.read(view, key, begun.after if begun else None)
        moments = self._moments(view, key, [criterion, *guards])
        ordinal, start = (begun.ordinal, bisect_left(moments, begun.at)) if begun else (1, 0)
        while start < len(moments):
            moment = moments[start]
            rung = self.rungs(view.profile_at(moment))[place]
            if not self._times(criterion.at(moment), rung) or not _all_met(guards, moment):
                start += 1
                continue
            yield self._earning(key, criterion, rung, moment, ordinal)
            after = criterion.used_at(moment, rung.target)
            if after is None:
                return
            criterion, ordinal = self.read(view, key, after), ordinal + 1

    def _times(self, level: Level, rung: Rung) -> int:
        """Say how often *level* reaches *rung*: once at most, unless every target counts."""
        if not self.is_targeted:
            return int(level.met)
        is_multiple = self.rule.repeats is rules.Repeats.EVERY_TARGET and not self._starts_over
        return int(level.value // rung.target) if is_multiple else int(level.value >= rung.target)

    @cached_property
    def is_targeted(self) -> bool:
        """Say whether progress is a number on its way to a target."""
        return isinstance(self.rule.criterion, kinds.Targeted)

    def rungs(self, profile: Profile) -> list[Rung]:
        """Give the tiers, or the one target, that hold for somebody."""
        if not self.rule.targets:
            return self._usual_rungs
        known = self._rungs.get(id(profile))
        if known is None or known[0] is not profile:
            if len(self._rungs) >= _PROFILES_KEPT:
                self._rungs.clear()
            known = self._rungs[id(profile)] = (profile, self._rungs_for(profile))
        return known[1]

    @cached_property
    def _usual_rungs(self) -> list[Rung]:
        return self._rungs_for(Profile())

    def _rungs_for(self, profile: Profile) -> list[Rung]:
        base = getattr(self.rule.criterion, "target", Decimal(1))
        own = next((one.target for one in self.rule.targets if fits(one.applies_to, profile)), base)
        if not self.rule.tiers:
            return [Rung(None, own)]
        if own == base:
            return [Rung(tier.name, tier.target) for tier in self.rule.tiers]
        return [Rung(tier.name, Decimal(math.ceil(tier.target * own / base))) for tier in self.rule.tiers]

    def is_reached(self, level: Level, rung: Rung) -> bool:
        """Say whether *level* is enough for *rung*."""
        return self._times(level, rung) > 0

    def _earning(self, key: str, criterion: Reading, rung: Rung, moment: datetime, ordinal: int) -> Earning:
        level = criterion.at(moment)
        return Earning(
            window=key,
            ordinal=ordinal,
            tier=rung.tier,
            earned_at=moment,
            evidence=tuple(one.event_id for one in criterion.evidence_at(moment)),
            value=level.value,
            target=rung.target if self.is_targeted else level.target,
            rule_version=self.version.number,
        )


def _types(selectors: Iterable[CompiledSelector]) -> frozenset[str]:
    return frozenset().union(*(selector.types for selector in selectors))


def _all_met(readings: Iterable[Reading], moment: datetime) -> bool:
    return all(reading.at(moment).met for reading in readings)


def _due(readings: Iterable[Reading], view: View) -> datetime | None:
    return min((at for reading in readings for at in reading.due if at > view.as_of), default=None)


@lru_cache(maxsize=4096)
def judge_of(version: RuleVersion) -> Judge:
    """Compile a version once; versions are told apart by identity."""
    return Judge(version)
