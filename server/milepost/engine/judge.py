"""From marks to earnings: when a rule was met, for one holder, in one window."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from milepost.engine import achievements as rules
from milepost.engine.criteria.base import Level, Reading, every_selector, read
from milepost.engine.criteria.compiling import compile_criterion
from milepost.engine.criteria.periods import close_of
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.marks import CompiledSelector
from milepost.engine.people import Holder, Profile
from milepost.engine.views import Admission, Everything, Slice, Span, Stretch, View, fits
from milepost.engine.windows import window_from_key, window_of

#: The window key of rules that have no calendar window.
EVER = "ever"


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


class Judge:
    """One version of a rule, made ready to judge any holder."""

    def __init__(self, version: RuleVersion) -> None:
        """Compile the rule once."""
        self.version = version
        self.rule = version.achievement
        self.criterion = compile_criterion(self.rule.criterion, self.rule.key)
        self.guardrails = [compile_criterion(one, self.rule.key) for one in self.rule.guardrails]
        self._admission = Admission(self.rule.applies_to, self.rule.starts_at, self.through)

    @property
    def kind(self) -> rules.CalendarWindow | None:
        """Give the calendar window it is judged by, None for a rule without."""
        window = self.criterion.window
        return window if isinstance(window, rules.CalendarWindow) else None

    @property
    def through(self) -> frozenset[str]:
        """Give the types that the criterion selects."""
        return _types(every_selector(self.criterion))

    @property
    def types(self) -> frozenset[str]:
        """Give the types that the criterion and the guardrails select."""
        return self.through.union(*(_types(every_selector(one)) for one in self.guardrails))

    @property
    def subject_types(self) -> frozenset[str]:
        """Give the types that holds and confirmations watch for."""
        return frozenset().union(*(selector.subject_types for selector in self.selectors()))

    def selectors(self) -> Iterator[CompiledSelector]:
        """Give every selector of the criterion and the guardrails."""
        for criterion in (self.criterion, *self.guardrails):
            yield from every_selector(criterion)

    def longest_wait(self) -> timedelta:
        """Give the longest hold or confirmation as a length."""
        return max((selector.wait_length() for selector in self.selectors()), default=timedelta())

    def view(self, holder: Holder, material: Slice, facts: Facts, as_of: datetime) -> View:
        """Make one holder's events ready."""
        return View(holder, self._admission, material, facts, as_of)

    def windows(self, view: View) -> list[str]:
        """Give the keys of the windows in which the holder has something that the criterion selects."""
        moments = [
            one.event.occurred_at
            for one in view.owned
            if one.event.type in self.through and view.refusal(one) is None
        ]
        if isinstance(self.rule.criterion, rules.Earned):
            moments += [award.earned_at for award in view.material.standing]
        if self.kind is None:
            return [EVER] if moments else []
        return sorted({window_of(view.calendar.day_of(moment), self.kind).key for moment in moments})

    def span(self, key: str) -> Span:
        """Give the span behind a window key."""
        return window_from_key(key, self.kind) if self.kind else Everything()

    def judge(self, view: View, key: str) -> Judgement:
        """Find when the rule was met in one window, as it stands at the view's moment."""
        if self.rule.award_at is rules.AwardAt.CLOSE:
            return self._judge_at_close(view, key)
        earnings: list[Earning] = []
        after: datetime | None = None
        while True:
            criterion = self.read(view, key, after)
            guards = self.read_guardrails(view, key)
            found = self._climb(view, criterion, guards)
            cycle = len({one.ordinal for one in earnings}) + 1 if self._starts_over else 1
            earnings += [self._earning(key, criterion, met, cycle) for met in found]
            if not self._starts_over or not found or len(found) < len(self.rungs(view.profile_at(view.as_of))):
                return Judgement(tuple(earnings), _due([criterion, *guards], view))
            after = max(one.occurred_at for one in criterion.evidence_at(found[-1].moment))

    @property
    def _starts_over(self) -> bool:
        """Say whether the next award begins with the events after those of the last one."""
        criterion = self.rule.criterion
        is_moving = isinstance(criterion, rules.Streak | rules.Run) or isinstance(self.criterion.window, rules.Rolling)
        return is_moving and self.rule.repeats is not rules.Repeats.ONCE

    def read(self, view: View, key: str, after: datetime | None = None) -> Reading:
        """Read the criterion in a window; without a calendar window, from the events after *after*."""
        span = Stretch(after=after) if after else self.span(key)
        if self.criterion.window is None or self.kind:
            return self.criterion.read_span(view, span)
        return read(self.criterion, view, span)

    def read_guardrails(self, view: View, key: str) -> list[Reading]:
        """Read the guardrails beside a window."""
        return [read(one, view, self.span(key)) for one in self.guardrails]

    def closes_at(self, view: View, key: str) -> datetime:
        """Give the moment at which everything in a calendar window is settled."""
        window = window_from_key(key, self.kind or rules.CalendarWindow.DAY)
        return max(close_of(one, view, window) for one in (self.criterion, *self.guardrails))

    def _judge_at_close(self, view: View, key: str) -> Judgement:
        closes_at = self.closes_at(view, key)
        if closes_at > view.as_of:
            return Judgement((), closes_at)
        criterion = self.read(view, key)
        if not _all_met(self.read_guardrails(view, key), closes_at):
            return Judgement((), None)
        level = criterion.at(closes_at)
        rungs = self.rungs(view.profile_at(closes_at))
        found = [Met(1, rung, closes_at, level) for rung in rungs if self.is_reached(level, rung)]
        return Judgement(tuple(self._earning(key, criterion, met, 1) for met in found), None)

    def _climb(self, view: View, criterion: Reading, guards: Sequence[Reading]) -> list[Met]:
        """Find the first moment for each rung, or for each multiple of the target."""
        is_multiple = self.rule.repeats is rules.Repeats.EVERY_TARGET and not self._starts_over
        found: list[Met] = []
        for moment in sorted({*criterion.moments, *(at for guard in guards for at in guard.moments)}):
            if moment > view.as_of:
                break
            level = criterion.at(moment)
            rungs = self.rungs(view.profile_at(moment))
            news = self._multiples(level, rungs[0], len(found)) if is_multiple else self._news(level, rungs, found)
            if news and _all_met(guards, moment):
                found += [Met(ordinal, rung, moment, level) for ordinal, rung in news]
            if not is_multiple and len(found) == len(rungs):
                break
        return found

    def _news(self, level: Level, rungs: Sequence[Rung], found: Sequence[Met]) -> list[tuple[int, Rung]]:
        """Give the rungs that *level* reaches and that were not found before."""
        known = {met.rung.tier for met in found}
        return [(1, rung) for rung in rungs if rung.tier not in known and self.is_reached(level, rung)]

    def _multiples(self, level: Level, rung: Rung, known: int) -> list[tuple[int, Rung]]:
        """Give the multiples of the target that *level* reaches, beyond the *known* ones."""
        reached = int(level.value // rung.target)
        return [(ordinal, rung) for ordinal in range(known + 1, reached + 1)]

    @property
    def is_targeted(self) -> bool:
        """Say whether progress is a number on its way to a target."""
        return hasattr(self.rule.criterion, "target")

    def rungs(self, profile: Profile) -> list[Rung]:
        """Give the tiers, or the one target, that hold for somebody."""
        base = getattr(self.rule.criterion, "target", Decimal(1))
        own = next((one.target for one in self.rule.targets if fits(one.applies_to, profile)), base)
        if not self.rule.tiers:
            return [Rung(None, own)]
        return [Rung(tier.name, Decimal(math.ceil(tier.target * own / base))) for tier in self.rule.tiers]

    def is_reached(self, level: Level, rung: Rung) -> bool:
        """Say whether *level* is enough for *rung*."""
        return level.value >= rung.target if self.is_targeted else level.met

    def _earning(self, key: str, criterion: Reading, met: Met, cycle: int) -> Earning:
        target = met.rung.target if self.is_targeted else met.level.target
        return Earning(
            window=key,
            ordinal=max(met.ordinal, cycle),
            tier=met.rung.tier,
            earned_at=met.moment,
            evidence=tuple(one.event_id for one in criterion.evidence_at(met.moment)),
            value=met.level.value,
            target=target,
            rule_version=self.version.number,
        )


@dataclass(frozen=True, slots=True)
class Met:
    """A rung reached at a moment."""

    ordinal: int
    rung: Rung
    moment: datetime
    level: Level


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
