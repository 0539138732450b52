"""Bring the awards of some holders in line with the events, inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from milepost.engine.achievements import State
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.judge import Judge, Judgement, judge_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import affected_windows
from milepost.engine.selecting import Selected, select_awards
from milepost.engine.views import View, calendar_of
from milepost.engine.windows import EVER, bounds, window_from_key, window_of
from milepost.operations.earnings import earning_of, record_of
from milepost.operations.history import History
from milepost.operations.load_facts import load_facts
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, Cause, settle_awards
from milepost.storage.base import Reading, Transaction

#: Windows by achievement and holder; None means all of them.
Touched = dict[str, dict[Holder, set[str] | None]]


@dataclass(frozen=True, slots=True)
class Looked:
    """One holder looked at for one rule: what an answer is made from."""

    judge: Judge
    view: View
    selected: list[Selected]


@dataclass(slots=True)
class Rejudged:
    """What changed, and everything that was looked at on the way."""

    steps: list[AwardStep] = field(default_factory=list)
    looked: dict[tuple[str, Holder], Looked] = field(default_factory=dict)


def rejudge(tx: Transaction, book: RuleBook, touched: Touched, facts: Facts, cause: Cause) -> Rejudged:
    """Judge the touched windows, then those of the rules that build on what changed.

    *facts* hold the people concerned, or everybody where a rule compares or adds up people.
    """
    done = Rejudged()
    history = History(tx, (judge_of(version) for key in touched for version in book.versions(key)))
    for rule in book.judged():
        for holder, windows in sorted(touched.get(rule.key, {}).items()):
            steps = _rejudge_holder(tx, book.versions(rule.key), holder, windows, _Context(facts, cause, history, done))
            done.steps += steps
            _touch_dependents(book, touched, rule.key, holder, steps, facts)
    return done


@dataclass(frozen=True, slots=True)
class _Context:
    facts: Facts
    cause: Cause
    history: History
    done: Rejudged


def _rejudge_holder(
    tx: Transaction, versions: tuple[RuleVersion, ...], holder: Holder, windows: set[str] | None, context: _Context
) -> list[AwardStep]:
    newest = judge_of(versions[-1])
    rule = newest.rule
    material = context.history.slice([judge_of(version) for version in versions], holder, windows, context.facts)
    views = {
        version.number: judge_of(version).view(holder, material, context.facts, context.cause.as_of)
        for version in versions
    }
    view = views[newest.version.number]
    keys = sorted(newest.windows(view) if windows is None else windows)
    earnings = []
    if windows is None:
        tx.clear_due(rule.key, holder)
    for key in keys:
        version = governing_version(versions, key, view)
        judgement = judge_window(judge_of(version), views[version.number], key)
        earnings += [record_of(rule.key, holder, one) for one in judgement.earnings]
        tx.set_due(rule.key, holder, key, judgement.due_at)
    known = tx.earnings(rule.key, holder)
    kept = [one for one in known if windows is not None and one.window not in windows]
    if set(known) != {*kept, *earnings}:
        tx.replace_earnings(rule.key, holder, windows, earnings)
    selected = select_awards(rule, map(earning_of, [*kept, *earnings]), view.calendar)
    context.done.looked[rule.key, holder] = Looked(newest, view, selected)
    if rule.state is State.SHADOW:
        return []
    return settle_awards(tx, rule, holder, selected, view=view, cause=context.cause)


def judge_window(judge: Judge, view: View, key: str) -> Judgement:
    """Judge a window, if the holder has anything in it."""
    return judge.judge(view, key) if key in judge.windows(view) else Judgement((), None)


def governing_version(versions: tuple[RuleVersion, ...], key: str, view: View) -> RuleVersion:
    """Give the version a window is judged by: the newest in effect before it ended, else the first."""
    newest = versions[-1]
    kind = judge_of(newest).kind
    if kind is None or len(versions) == 1:
        return newest
    ends_at = bounds(window_from_key(key, kind), view.calendar)[1]
    alike = [version for version in versions if judge_of(version).kind is kind]
    in_effect = [version for version in alike if version.effective_at < ends_at]
    return in_effect[-1] if in_effect else alike[0]


def _touch_dependents(
    book: RuleBook, touched: Touched, key: str, holder: Holder, steps: Iterable[AwardStep], facts: Facts
) -> None:
    """Note the windows of the rules that build on awards which changed."""
    for step in steps:
        moments = {step.award.earned_at, *([step.before.earned_at] if step.before else [])}
        for dependent in book.dependents(key):
            touch(touched, judge_of(book.versions(dependent)[-1]), holder, moments, facts)


def touch(touched: Touched, judge: Judge, holder: Holder, moments: Iterable[datetime], facts: Facts) -> None:
    """Note the windows of *holder* that hold *moments*."""
    calendar = calendar_of(holder, facts)
    touch_days(touched, judge, holder, map(calendar.day_of, moments))


def touch_days(touched: Touched, judge: Judge, holder: Holder, days: Iterable[date]) -> None:
    """Note the windows of *holder* that something on *days* may decide."""
    if judge.rule.scope is not holder.kind:
        return
    holders = touched.setdefault(judge.rule.key, {})
    for day in days:
        windows = affected_windows(judge, day)
        known = holders.setdefault(holder, set())
        holders[holder] = None if windows is None or known is None else known | windows


def window_key(looked: Looked, moment: datetime) -> str:
    """Give the key of the window that holds *moment* on the holder's calendar."""
    kind = looked.judge.kind
    return window_of(looked.view.calendar.day_of(moment), kind).key if kind else EVER


def rejudge_everything(
    tx: Transaction,
    services: Services,
    *,
    holders: Collection[Holder] | None,
    achievements: Collection[str] | None,
    cause: str,
) -> Rejudged:
    """Judge all windows of some holders and achievements (None: of all)."""
    book = rule_book(tx)
    touched: Touched = {}
    for rule in book.judged():
        if achievements is None or rule.key in achievements:
            everybody = all_holders(tx, rule.key, rule.scope)
            chosen = everybody if holders is None else everybody & set(holders)
            touched[rule.key] = dict.fromkeys(sorted(chosen))
    return rejudge(tx, book, touched, load_facts(tx, actors=None), Cause(services.clock(), cause))


def all_holders(tx: Reading, key: str, scope: HolderKind) -> set[Holder]:
    """Give everybody who may hold an achievement: known people or teams, and who has held it before."""
    actors = tx.actors()
    if scope is HolderKind.ACTOR:
        ids = {actor.id for actor in actors}
    else:
        ids = {team.id for team in tx.teams()}
        ids |= {profile.team for actor in actors for profile in actor.profiles if profile.team}
    return {Holder(scope, one) for one in ids} | {one for one in tx.holders(key) if one.kind is scope}
