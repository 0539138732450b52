"""How far a holder is, and why: progress and streaks as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from milepost.engine.achievements import AwardAt, Repeats
from milepost.engine.criteria.base import Level, number
from milepost.engine.criteria.periods import Chain, StreakReader
from milepost.engine.judge import Earning, Judge, Rung
from milepost.engine.outcomes import Place
from milepost.engine.outlooks import StreakState, outlook_of
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selecting import Selected
from milepost.engine.views import Everything, View, place_of
from milepost.engine.windows import EVER, bounds, following, is_working_window, window_from_key


class ProgressState(StrEnum):
    """Where somebody stands with an achievement in a window."""

    OPEN = "open"
    EARNED = "earned"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a holder is in one window."""

    achievement: str
    window: str
    current: Decimal
    target: Decimal
    percent: int
    remaining: Decimal
    window_ends_at: datetime | None
    state: ProgressState
    reason: Reason


@dataclass(frozen=True, slots=True)
class StreakStanding:
    """How long a holder's streak is."""

    achievement: str
    current: int
    longest: int
    state: StreakState
    #: The first day of the next period that wants to be met; None if none is in sight.
    next_due: date | None


def show_progress(judge: Judge, view: View, key: str, selected: Sequence[Selected]) -> Progress:
    """Say how far the holder is in window *key*; *selected* are all their earnings."""
    rungs = judge.rungs(view.profile_at(view.as_of))
    if judge.ends_when_earned and {rung.tier for rung in rungs} <= {one.earning.tier for one in selected}:
        return _earned_for_good(judge, key, selected[-1].earning)
    level = judge.read(view, key, _begun_after(judge, view, selected)).at(view.as_of)
    here = [one for one in selected if judge.rule.repeats is Repeats.ONCE or one.earning.window == key]
    rung = _next_rung(rungs, level, {one.earning.tier for one in here})
    target = rung.target if judge.is_targeted else level.target
    ends_at = bounds(window_from_key(key, judge.kind), view.calendar)[1] if judge.kind else None
    state, reason = _standing(judge, view, key, level, here)
    if state is ProgressState.OPEN and reason is None:
        reason = _open_reason(judge, view, key, level, rung)
    current = level.value if level.shown is None else level.shown
    share = min(current / target, Decimal(1)) if target > 0 else Decimal(level.met)
    percent = 100 if state is ProgressState.EARNED and len(rungs) == 1 else int(share * 100)
    remaining = max(target - current, Decimal(0)) if judge.is_targeted else Decimal(0)
    return Progress(judge.rule.key, key, current, target, percent, remaining, ends_at, state, reason or level.reason)


def _begun_after(judge: Judge, view: View, selected: Sequence[Selected]) -> Place | None:
    """Give the last event of the last award, where the way to the next one begins after it."""
    if not judge.can_resume or not selected:
        return None
    last = max(selected, key=lambda one: one.earning.ordinal).earning.evidence[-1]
    return next((place_of(one) for one in reversed(view.owned) if one.event.id == last), None)


def _earned_for_good(judge: Judge, key: str, last: Earning) -> Progress:
    """Show what it was earned with; what came after it is not counted any more."""
    reached_on = last.earned_at.date().isoformat()
    reason = Reason(ReasonCode.TARGET_MET, f"{number(last.value)} of {number(last.target)}, reached on {reached_on}")
    return Progress(judge.rule.key, key, last.value, last.target, 100, Decimal(0), None, ProgressState.EARNED, reason)


def _next_rung(rungs: Sequence[Rung], level: Level, earned: set[str | None]) -> Rung:
    """Give the first rung still to come, else the last one."""
    return next((rung for rung in rungs if rung.tier not in earned and rung.target > level.value), rungs[-1])


def _standing(
    judge: Judge, view: View, key: str, level: Level, here: Sequence[Selected]
) -> tuple[ProgressState, Reason | None]:
    """Say whether it is earned, missed or still open."""
    rungs = judge.rungs(view.profile_at(view.as_of))
    granted = [one for one in here if one.refused is None]
    if (
        granted
        and not judge.can_resume
        and (judge.rule.repeats is not Repeats.EVERY_TARGET)
        and len(granted) >= len(rungs)
    ):
        return ProgressState.EARNED, Reason(ReasonCode.TARGET_MET, level.text)
    if here and here[-1].refused is not None:
        return ProgressState.OPEN, here[-1].refused
    if key != EVER and judge.closes_at(view, key) <= view.as_of:
        return ProgressState.MISSED, None if not level.met else _guardrail_reason(judge, view, key) or level.reason
    return ProgressState.OPEN, None


def _open_reason(judge: Judge, view: View, key: str, level: Level, rung: Rung) -> Reason:
    if not judge.is_reached(level, rung):
        code = ReasonCode.TARGET_NOT_MET if level.code is ReasonCode.TARGET_MET else level.code
        return Reason(code, level.text)
    blocked = _guardrail_reason(judge, view, key)
    if blocked:
        return blocked
    if judge.rule.award_at is AwardAt.CLOSE:
        return Reason(ReasonCode.WINDOW_OPEN, f"{level.text}; decided when the {judge.kind} has closed")
    return level.reason


def _guardrail_reason(judge: Judge, view: View, key: str) -> Reason | None:
    """Say which guardrail does not hold, if one does not."""
    levels = [guard.at(view.as_of) for guard in judge.read_guardrails(view, key)]
    broken = [level.text for level in levels if not level.met]
    return Reason(ReasonCode.GUARDRAIL_NOT_MET, "; ".join(broken)) if broken else None


def show_streak(judge: Judge, view: View) -> StreakStanding | None:
    """Say how long the holder's streak is; None if the rule is no streak."""
    reader = judge.criterion
    if not isinstance(reader, StreakReader):
        return None
    outlook = outlook_of(judge, view)
    assert outlook is not None  # noqa: S101 - it is a streak
    due = _next_due(reader.chain(view, Everything()), view)
    return StreakStanding(judge.rule.key, outlook.length, outlook.longest, outlook.state, due)


def _next_due(chain: Chain, view: View) -> date | None:
    """Give the first working period from now on that is not met yet; look half a year ahead at most."""
    period = chain.open_period()
    for _ in range(200):
        if is_working_window(period, view.calendar) and not (period == chain.open_period() and chain.is_met_now()):
            return period.first_on
        period = following(period)
    return None
