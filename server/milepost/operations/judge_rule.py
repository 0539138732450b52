"""Judge one holder by one rule, reading no more than what decides.

What was worked out before stands for the rest: earnings of other windows, the periods of a
streak, and what comes before the last award where the next one begins after it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from milepost.engine.achievements import Achievement, Repeats, State
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.judge import Earning, Judge, Judgement, judge_of
from milepost.engine.outcomes import Place
from milepost.engine.people import HolderKind
from milepost.engine.selecting import Selected, select_awards
from milepost.engine.views import View, fits, profile_of
from milepost.engine.windows import EVER, bounds, window_from_key, window_of
from milepost.operations.earnings import earning_of, record_of
from milepost.operations.history import History, Judges, Span, span_of
from milepost.operations.rule_book import RuleBook
from milepost.operations.settle_awards import AwardStep, Cause, award_id, settle_awards
from milepost.operations.standings import Standings
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import EarningRecord


@dataclass(frozen=True, slots=True)
class Looked:
    """One holder looked at for one rule: what an answer is made from."""

    judge: Judge
    view: View
    selected: list[Selected]


@dataclass(frozen=True, slots=True)
class Context:
    """What one rule after the other is judged with, for one holder after the other."""

    tx: Transaction
    book: RuleBook
    facts: Facts
    cause: Cause
    history: History
    #: Nothing that was settled before this moment changes; None: nobody knows.
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """One holder to judge by one rule: in which windows, and what must be read for it."""

    judges: Judges
    #: None means all.
    windows: Collection[str] | None
    #: The windows whose events decide (None: all do), of a streak the periods that may have changed.
    pieces: Collection[str] | None
    span: Span
    #: The event comes after all there was to earn.
    is_earned_for_good: bool = False
    #: What stands before the event, where what comes next rests only on the events after *last*.
    earned: Sequence[Earning] = ()
    last: Place | None = None

    @property
    def newest(self) -> Judge:
        """Give the newest version."""
        return self.judges[-1]

    @property
    def rule(self) -> Achievement:
        """Give the rule as it is now."""
        return self.newest.rule

    @property
    def rules(self) -> dict[int, Achievement]:
        """Give the rule as it was in each version, by number."""
        return {judge.version.number: judge.rule for judge in self.judges}


def plan(context: Context, key: str, windows: Collection[str] | None, standings: Standings) -> Task:
    """Find what must be read to judge some windows (None: all) of one holder by one rule."""
    judges = judges_of(context.book, key)
    newest = judges[-1]
    if windows is not None and _is_earned_for_good(context, newest, standings):
        return Task(judges, windows, windows, (context.since, None), is_earned_for_good=True)
    earned = _earned_before(context, newest, standings) if windows is not None else []
    last = _last_used(context.tx, earned)
    if last is not None:
        return Task(judges, windows, windows, (last[0], None), earned=earned, last=last)
    pieces = _pieces(newest, windows, standings, context.cause.as_of)
    return Task(judges, windows, pieces, span_of(judges, pieces))


def judge_rule(context: Context, task: Task, standings: Standings) -> tuple[Looked, list[AwardStep]]:
    """Judge the windows of one holder, keep what came of them, and settle the awards."""
    rule, newest = task.rule, task.newest
    views = _views(context, task, standings)
    view = views[newest.version.number]
    windows = {EVER} if task.windows is not None and newest.kind is None else task.windows
    earned = _judge(context, task, windows, views, standings)
    selected = _select_unchanged(context, task, windows, earned, standings, view)
    is_unchanged = selected is not None
    if selected is None:
        standings.replace_earnings(context.tx, rule.key, windows, earned)
        everything = map(earning_of, standings.earnings(rule.key))
        selected = select_awards(rule, everything, view.calendar, task.rules)
    looked = Looked(newest, view, selected)
    if rule.state is State.SHADOW or is_unchanged:
        return looked, []
    return looked, settle_awards(context.tx, task.rules, standings, selected, view=view, cause=context.cause)


def _select_unchanged(
    context: Context,
    task: Task,
    windows: Collection[str] | None,
    earned: Sequence[EarningRecord],
    standings: Standings,
    view: View,
) -> list[Selected] | None:
    """Give what is selected in some windows where nothing is earned otherwise than before and all of it stands.

    Then no award changes, and neither those of other windows nor the awards need to be read.
    """
    rule = task.rule
    looks_further = rule.repeats is Repeats.ONCE and windows != {EVER}
    if windows is None or looks_further or set(standings.earnings_in(rule.key, windows)) != set(earned):
        return None
    selected = [
        replace(one, refused=None) for one in select_awards(rule, map(earning_of, earned), view.calendar, task.rules)
    ]
    ids = {award_id(rule.key, standings.holder, one.slot) for one in selected}
    stands = not ids or (rule.state is not State.SHADOW and context.tx.granted(ids) == ids)
    return selected if stands else None


def _views(context: Context, task: Task, standings: Standings) -> dict[int, View]:
    """Give the holder's events for each version of a rule."""
    material = context.history.slice(task.judges, task.span, standings)
    if task.newest.streak is not None and task.pieces is not None:
        known = standings.outcomes(task.newest)
        material = replace(material, periods={key: one for key, one in known.items() if key not in task.pieces})
    return {
        judge.version.number: judge.view(standings.holder, material, context.facts, context.cause.as_of)
        for judge in task.judges
    }


def _judge(
    context: Context,
    task: Task,
    windows: Collection[str] | None,
    views: Mapping[int, View],
    standings: Standings,
) -> list[EarningRecord]:
    """Find what is earned in some windows (None: all), and note when to look at them again."""
    rule, newest = task.rule, task.newest
    view = views[newest.version.number]
    if task.is_earned_for_good:
        return standings.earnings_in(rule.key, {EVER})
    if task.last is not None:
        judgements = {EVER: newest.resume(view, task.earned, task.last)}
    else:
        judgements = _judge_windows(task, windows, views)
    if newest.streak is not None:
        standings.keep_outcomes(context.tx, newest, newest.streak.outcomes(view))
    dues = {key: one.due_at for key, one in judgements.items() if one.due_at is not None}
    standings.set_dues(context.tx, rule.key, windows, dues)
    return [record_of(rule.key, standings.holder, one) for each in judgements.values() for one in each.earnings]


def _judge_windows(task: Task, windows: Collection[str] | None, views: Mapping[int, View]) -> dict[str, Judgement]:
    """Judge windows (None: all) by the version in force in each; a window without one has no judgement."""
    versions = tuple(judge.version for judge in task.judges)
    view = views[task.newest.version.number]
    keys = _all_windows(versions, views) if windows is None else windows
    governing = {key: governing_version(versions, key, view) for key in sorted(keys)}
    return {
        key: _judge_window(judge_of(version), views[version.number], key)
        for key, version in governing.items()
        if version is not None
    }


def _is_earned_for_good(context: Context, newest: Judge, standings: Standings) -> bool:
    """Say whether the event comes after all there was to earn."""
    if context.since is None or not newest.ends_when_earned:
        return False
    profile = profile_of(standings.holder, context.facts, context.cause.as_of)
    earnings = map(earning_of, standings.earnings_in(newest.rule.key, {EVER}))
    return newest.is_earned_for_good(profile, earnings, context.since)


def _earned_before(context: Context, newest: Judge, standings: Standings) -> list[Earning]:
    """Give what was earned before the event, in order, where one can go on after it."""
    if context.since is None or not newest.can_resume:
        return []
    earnings = [earning_of(one) for one in standings.earnings_in(newest.rule.key, {EVER})]
    known = [one for one in earnings if one.earned_at < context.since and one.rule_version == newest.version.number]
    return sorted(known, key=lambda one: one.ordinal)


def _last_used(reading: Reading, earned: Sequence[Earning]) -> Place | None:
    """Give the last event behind what was earned; None where it does not count any more."""
    last = reading.event(earned[-1].evidence[-1]) if earned and earned[-1].evidence else None
    return (last.event.occurred_at, last.event.id) if last is not None and last.counts else None


def _pieces(
    newest: Judge, windows: Collection[str] | None, standings: Standings, as_of: datetime
) -> Collection[str] | None:
    if newest.streak is None or windows is None:
        return windows
    known = standings.outcomes(newest)
    if not known:
        return None
    due = {key for key, one in known.items() if one.due is not None and one.due <= as_of}
    return due.union(windows) - {EVER}


def _all_windows(versions: tuple[RuleVersion, ...], views: Mapping[int, View]) -> set[str]:
    """Give every window in which some version has something to judge; what a newer one leaves out may have ended."""
    judges = [judge_of(version) for version in versions]
    alike = [judge for judge in judges if judge.kind is judges[-1].kind]
    return {key for judge in alike for key in judge.windows(views[judge.version.number])}


def _judge_window(judge: Judge, view: View, key: str) -> Judgement:
    """Judge a window, if the holder has anything in it."""
    return judge.judge(view, key) if key in judge.windows(view) else Judgement((), None)


def is_meant(judge: Judge, view: View) -> bool:
    """Say whether the holder can earn it now, or has something that counts."""
    if view.holder.kind is HolderKind.TEAM:
        return True
    return fits(judge.rule.applies_to, view.profile_at(view.as_of)) or bool(judge.windows(view))


def judges_of(book: RuleBook, key: str) -> Judges:
    """Give the versions of a rule, ready to judge."""
    return tuple(map(judge_of, book.versions(key)))


def governing_version(versions: tuple[RuleVersion, ...], key: str, view: View) -> RuleVersion | None:
    """Give the version a window is judged by: the newest in effect before it ended, else the first.

    None: the window ended while the rule was switched off. A version that had other windows finds nothing in this one.
    """
    newest = versions[-1]
    kind = judge_of(newest).kind
    if kind is None or len(versions) == 1:
        return newest
    ends_at = bounds(window_from_key(key, kind), view.calendar)[1]
    in_effect = [version for version in versions if version.effective_at < ends_at]
    version = in_effect[-1] if in_effect else versions[0]
    is_over = version.ended_at is not None and version.ended_at < ends_at
    return None if is_over else version


def window_key(looked: Looked, moment: datetime) -> str:
    """Give the key of the window that holds *moment* on the holder's calendar."""
    kind = looked.judge.kind
    return window_of(looked.view.calendar.day_of(moment), kind).key if kind else EVER
