"""Bring the awards of some holders in line with the events, inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from milepost.engine.achievements import Achievement, State
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.judge import Judge, Judgement, judge_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import affected_windows
from milepost.engine.selecting import Selected, select_awards
from milepost.engine.views import View, calendar_of
from milepost.engine.windows import EVER, bounds, window_from_key, window_of
from milepost.operations.earnings import earning_of, record_of
from milepost.operations.history import History, Judges
from milepost.operations.load_facts import load_facts
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, Cause, RuleChange, settle_awards
from milepost.operations.standings import Standings
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
    #: What the granted awards of each holder looked at add up to.
    points: dict[Holder, int] = field(default_factory=dict)


def rejudge(tx: Transaction, book: RuleBook, touched: Touched, facts: Facts, cause: Cause) -> Rejudged:
    """Judge the touched windows, then those of the rules that build on what changed.

    *facts* hold the people concerned, or everybody where a rule compares or adds up people.
    """
    done = Rejudged()
    context = _Context(tx, book, facts, cause, History(tx, facts), done)
    for holder in sorted({holder for holders in touched.values() for holder in holders}):
        _rejudge_holder(context, touched, Standings(tx, holder))
    return done


@dataclass(frozen=True, slots=True)
class _Context:
    tx: Transaction
    book: RuleBook
    facts: Facts
    cause: Cause
    history: History
    done: Rejudged


def _rejudge_holder(context: _Context, touched: Touched, standings: Standings) -> None:
    """Judge one holder by every rule, each after those it builds on."""
    holder, book = standings.holder, context.book
    asked = {judges_of(book, key): holders[holder] for key, holders in touched.items() if holder in holders}
    context.history.expect(holder, asked)
    for rule in book.judged():
        if holder in touched.get(rule.key, {}):
            steps = _rejudge_rule(context, rule, touched[rule.key][holder], standings)
            context.done.steps += steps
            _touch_dependents(book, touched, rule.key, holder, steps, context.facts)
    context.done.points[holder] = standings.points()


def _rejudge_rule(
    context: _Context, rule: Achievement, windows: set[str] | None, standings: Standings
) -> list[AwardStep]:
    tx, facts, as_of = context.tx, context.facts, context.cause.as_of
    versions = context.book.versions(rule.key)
    newest = judge_of(versions[-1])
    material = context.history.slice(judges_of(context.book, rule.key), windows, standings)
    views = {one.number: judge_of(one).view(standings.holder, material, facts, as_of) for one in versions}
    view = views[newest.version.number]
    earnings, dues = [], {}
    for key in sorted(_all_windows(versions, views) if windows is None else windows):
        version = governing_version(versions, key, view)
        if version is None:
            continue
        judgement = judge_window(judge_of(version), views[version.number], key)
        earnings += [record_of(rule.key, standings.holder, one) for one in judgement.earnings]
        if judgement.due_at is not None:
            dues[key] = judgement.due_at
    standings.set_dues(tx, rule.key, windows, dues)
    earned = standings.replace_earnings(tx, rule.key, windows, earnings)
    rules = {one.number: one.achievement for one in versions}
    selected = select_awards(rule, map(earning_of, earned), view.calendar, rules)
    context.done.looked[rule.key, standings.holder] = Looked(newest, view, selected)
    if rule.state is State.SHADOW:
        return []
    return settle_awards(tx, rules, standings, selected, view=view, cause=context.cause)


def _all_windows(versions: tuple[RuleVersion, ...], views: Mapping[int, View]) -> set[str]:
    """Give every window in which some version has something to judge; what a newer one leaves out may have ended."""
    judges = [judge_of(version) for version in versions]
    alike = [judge for judge in judges if judge.kind is judges[-1].kind]
    return {key for judge in alike for key in judge.windows(views[judge.version.number])}


def judge_window(judge: Judge, view: View, key: str) -> Judgement:
    """Judge a window, if the holder has anything in it."""
    return judge.judge(view, key) if key in judge.windows(view) else Judgement((), None)


def judges_of(book: RuleBook, key: str) -> Judges:
    """Give the versions of a rule, ready to judge."""
    return tuple(map(judge_of, book.versions(key)))


def governing_version(versions: tuple[RuleVersion, ...], key: str, view: View) -> RuleVersion | None:
    """Give the version a window is judged by: the newest in effect before it ended, else the first.

    None: the window ended while the rule was switched off, or under a version that had other windows.
    """
    newest = versions[-1]
    kind = judge_of(newest).kind
    if kind is None or len(versions) == 1:
        return newest
    ends_at = bounds(window_from_key(key, kind), view.calendar)[1]
    in_effect = [version for version in versions if version.effective_at < ends_at]
    version = in_effect[-1] if in_effect else versions[0]
    is_over = version.ended_at is not None and version.ended_at < ends_at
    return None if is_over or judge_of(version).kind is not kind else version


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
    change: RuleChange | None = None,
) -> Rejudged:
    """Judge all windows of some holders and achievements (None: of all), for *change* where a rule was changed."""
    book = rule_book(tx)
    touched: Touched = {}
    for rule in book.judged():
        if achievements is None or rule.key in achievements:
            everybody = all_holders(tx, rule.key, rule.scope)
            chosen = everybody if holders is None else everybody & set(holders)
            touched[rule.key] = dict.fromkeys(sorted(chosen))
    return rejudge(tx, book, touched, load_facts(tx, actors=None), Cause(services.clock(), cause, change))


def all_holders(tx: Reading, key: str, scope: HolderKind) -> set[Holder]:
    """Give everybody who may hold an achievement: known people or teams, and who has held it before."""
    actors = tx.actors()
    if scope is HolderKind.ACTOR:
        ids = {actor.id for actor in actors}
    else:
        ids = {team.id for team in tx.teams()}
        ids |= {profile.team for actor in actors for profile in actor.profiles if profile.team}
    return {Holder(scope, one) for one in ids} | {one for one in tx.holders(key) if one.kind is scope}
