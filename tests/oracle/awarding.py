"""From truth at moments to awards: repeats, tiers, targets, cooldown and cap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from milepost.engine.achievements import Achievement, AppliesTo, AwardAt, Repeats, Tier
from milepost.engine.kinds import CalendarWindow, Rolling, Run, Streak
from milepost.engine.people import Holder, HolderKind
from tests.oracle.frames import Frame
from tests.oracle.marking import fits
from tests.oracle.spans import Span, span_of
from tests.oracle.truth import Truth
from tests.oracle.walking import achievements_in


@dataclass(frozen=True, slots=True)
class OracleAward:
    """An award that stands."""

    achievement: str
    holder: Holder
    tier: str | None
    earned_at: datetime
    points: int
    #: Such as 2026-W10, where it can be earned again in every calendar window.
    window: str | None


@dataclass(frozen=True, slots=True)
class _Earned:
    """A moment at which something was earned, before cooldown and cap."""

    at: datetime
    span: Span | None
    #: Place of the tier in the rule, 0 without tiers.
    place: int


def awards_of(truth: Truth) -> list[OracleAward]:
    """Give the awards of one achievement and one holder."""
    rule = truth.rule
    earned: list[_Earned] = []
    for place, tier in enumerate(rule.tiers or (None,)):
        moments = list(_earned(truth, tier))
        if rule.repeats is Repeats.ONCE:
            moments = sorted(moments, key=lambda one: (one[0], _span_order(one[1])))[:1]
        earned += [_Earned(at, span, place) for at, span in moments]
    earned.sort(key=lambda one: (one.at, _span_order(one.span), one.place))
    return [_award(rule, truth.holder, one) for one in _granted(truth, earned)]


def _span_order(span: Span | None) -> date:
    return span.first if span else date.min


def _award(rule: Achievement, holder: Holder, earned: _Earned) -> OracleAward:
    tier = rule.tiers[earned.place] if rule.tiers else None
    points = rule.points if tier is None or tier.points is None else tier.points
    window = earned.span.key if earned.span and rule.repeats is not Repeats.ONCE else None
    return OracleAward(rule.key, holder, tier.name if tier else None, earned.at, points, window)


def _granted(truth: Truth, earned: list[_Earned]) -> list[_Earned]:
    cooldown, cap = truth.rule.cooldown, truth.rule.cap
    granted: list[_Earned] = []
    for one in earned:
        alike = [other.at for other in granted if other.place == one.place]
        if cooldown is not None and alike and one.at - max(alike) < cooldown:
            continue
        if cap is not None:
            window = span_of(cap.window, truth.clock.label(one.at))
            if sum(truth.clock.label(other.at) in window for other in granted) >= cap.count:
                continue
        granted.append(one)
    return granted


# -------------------------------------------------------------------- targets


def _is_meant(truth: Truth, applies_to: AppliesTo, t: datetime) -> bool:
    if truth.holder.kind is HolderKind.ACTOR:
        return fits(truth.clock.actor.profile_at(t), applies_to)
    named = applies_to.roles or applies_to.segments
    return not named and (not applies_to.teams or truth.holder.id in applies_to.teams)


def _target(truth: Truth, tier: Tier | None, t: datetime) -> Decimal | None:
    """Give what must be reached at *t*; None for a criterion without a target."""
    base: Decimal | None = getattr(truth.rule.criterion, "target", None)
    if base is None:
        return None
    own = next((one.target for one in truth.rule.targets if _is_meant(truth, one.applies_to, t)), base)
    if tier is None:
        return own
    return tier.target if own == base else (tier.target * own / base).to_integral_value(ROUND_CEILING)


def _is_earned(truth: Truth, tier: Tier | None, frame: Frame, t: datetime, times: int = 1) -> bool:
    criterion, target = truth.rule.criterion, _target(truth, tier, t)
    met = truth.met(criterion, frame, t) if target is None else truth.value(criterion, frame, t) >= target * times
    return met and truth.guarded(frame, t)


# -------------------------------------------------------------------- moments


def _earned(truth: Truth, tier: Tier | None) -> Iterator[tuple[datetime, Span | None]]:
    """Give every moment at which *tier* is earned, with its calendar window."""
    rule = truth.rule
    window: Any = getattr(rule.criterion, "window", None)
    if isinstance(window, CalendarWindow):
        for span in _judged(truth, window):
            moments = _moments(truth, span)
            yield from ((at, span) for at in _reached(truth, tier, Frame(span=span), moments))
    elif rule.award_at is AwardAt.THRESHOLD:
        moments = _moments(truth, None)
        frame = Frame(length=window.length if isinstance(window, Rolling) else None)
        again = isinstance(window, Rolling) or isinstance(rule.criterion, Streak | Run)
        if again and rule.repeats is not Repeats.ONCE:
            yield from ((at, None) for at in _again(truth, tier, frame, moments))
        else:
            yield from ((at, None) for at in _reached(truth, tier, frame, moments))


def _judged(truth: Truth, window: CalendarWindow) -> list[Span]:
    """Give the windows with an event that the criterion selects, or an award that it looks at."""
    days = truth.marker.days_selected()
    for key in achievements_in((truth.rule.criterion,)):
        days |= {truth.clock.label(at) for at in truth.standing.get((key, truth.holder), ())}
    return sorted({span_of(window, day) for day in days})


def _moments(truth: Truth, span: Span | None) -> list[datetime]:
    """Give the moments at which *span* may be decided, in order."""
    criteria = (truth.rule.criterion, *truth.rule.guardrails)
    if truth.rule.award_at is AwardAt.CLOSE and span is not None:
        close = truth.close(span, criteria)
        return [close] if close is not None and close <= truth.world.as_of else []
    moments = sorted({at for criterion in criteria for at in truth.moments(criterion)})
    return [at for at in moments if span is None or span.first <= truth.clock.label(at)]


def _reached(truth: Truth, tier: Tier | None, frame: Frame, moments: list[datetime]) -> Iterator[datetime]:
    """Give the first moment at which it is earned, and at which each multiple is when every target counts."""
    times = 1
    while True:
        first = next((t for t in moments if _is_earned(truth, tier, frame, t, times)), None)
        if first is None:
            return
        yield first
        if truth.rule.repeats is not Repeats.EVERY_TARGET or _target(truth, tier, first) is None:
            return
        times += 1


def _again(truth: Truth, tier: Tier | None, frame: Frame, moments: list[datetime]) -> Iterator[datetime]:
    """Give the moments at which it is earned, each from what came after the one before."""
    while True:
        first = next((t for t in moments if _is_earned(truth, tier, frame, t)), None)
        if first is None:
            return
        yield first
        following = _advance(truth, tier)(frame, first)
        if following == frame:
            return
        frame, moments = following, [t for t in moments if first <= t]


def _advance(truth: Truth, tier: Tier | None) -> Callable[[Frame, datetime], Frame]:
    """Give what moves a frame beyond the events or periods that earned at a moment."""
    criterion = truth.rule.criterion

    def beyond_period(frame: Frame, t: datetime) -> Frame:
        target = _target(truth, tier, t) or 0
        stretches = truth.stretches(criterion, frame.after) if isinstance(criterion, Streak) else []
        return replace(frame, after=min(one.last for one in stretches if one.length >= target and one.settled <= t))

    def beyond_event(frame: Frame, t: datetime) -> Frame:
        target = _target(truth, tier, t) or 0
        runs = truth.runs(criterion, frame, t) if isinstance(criterion, Run) else []
        return replace(frame, cut=min(order for order, length in runs if length >= target))

    def beyond_stretch(frame: Frame, t: datetime) -> Frame:
        return replace(
            frame, cut=max([*filter(None, [frame.cut]), *truth.looked_at(criterion, frame, t)], default=None)
        )

    if isinstance(criterion, Streak):
        return beyond_period
    return beyond_event if isinstance(criterion, Run) else beyond_stretch
