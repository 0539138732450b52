"""Bring the awards of some holders in line with the events, inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from milepost.engine.achievements import State
from milepost.engine.facts import Facts
from milepost.engine.judge import Judge, judge_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import affected_windows
from milepost.engine.views import View, calendar_of
from milepost.engine.windows import EVER
from milepost.operations.history import EVERYTHING, History
from milepost.operations.judge_rule import Context, Looked, judge_rule, plan
from milepost.operations.load_facts import load_facts
from milepost.operations.open_review import open_reviews
from milepost.operations.owe_news import owe_awards
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, Cause, Reviewing, RuleChange
from milepost.operations.standings import Standings
from milepost.operations.watch_streaks import watch_streak
from milepost.storage.base import Reading, Transaction

#: Windows by achievement and holder; None means all of them.
Touched = dict[str, dict[Holder, set[str] | None]]


@dataclass(frozen=True, slots=True)
class Concerned:
    """What is to be judged again."""

    touched: Touched
    #: The people concerned, or everybody where a rule compares or adds up people.
    facts: Facts
    #: Nothing that was settled before this moment changes; None: nobody knows.
    since: datetime | None = None


@dataclass(slots=True)
class Rejudged:
    """What changed, and everything that was looked at on the way."""

    steps: list[AwardStep] = field(default_factory=list)
    looked: dict[tuple[str, Holder], Looked] = field(default_factory=dict)


def rejudge(tx: Transaction, book: RuleBook, concerned: Concerned, cause: Cause) -> Rejudged:
    """Judge the touched windows, then those of the rules that build on what changed."""
    done = Rejudged()
    touched, facts = concerned.touched, concerned.facts
    context = Context(tx, book, facts, cause, History(tx, facts), concerned.since)
    for holder in sorted({holder for holders in touched.values() for holder in holders}):
        _rejudge_holder(context, touched, Standings(tx, holder), done)
    owe_awards(tx, done.steps, book, facts, cause)
    open_reviews(tx, done.steps, book, facts, cause)
    for looked in done.looked.values():
        if looked.judge.rule.state is State.LIVE:
            watch_streak(tx, looked, is_quiet=cause.is_quiet)
    return done


def _rejudge_holder(context: Context, touched: Touched, standings: Standings, done: Rejudged) -> None:
    """Judge one holder by every rule, each after those it builds on."""
    holder, book = standings.holder, context.book
    mine = {key: holders[holder] for key, holders in touched.items() if holder in holders}
    standings.expect({EVER}.union(*(windows for windows in mine.values() if windows is not None)))
    tasks = {key: plan(context, key, windows, standings) for key, windows in mine.items()}
    context.history.expect(holder, {task.judges: task.span for task in tasks.values()})
    for rule in book.judged():
        if holder in touched.get(rule.key, {}):
            windows, task = touched[rule.key][holder], tasks.get(rule.key)
            if task is None or task.windows != windows:  # what it builds on has changed meanwhile
                task = plan(context, rule.key, windows, standings)
            looked, steps = judge_rule(context, task, standings)
            done.looked[rule.key, holder] = looked
            done.steps += steps
            _touch_dependents(book, touched, rule.key, holder, steps, context.facts)


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
    by = Cause(services.clock(), cause, Reviewing.by(services), change)
    return rejudge(tx, book, Concerned(touched, load_facts(tx, actors=None)), by)


def all_holders(reading: Reading, key: str, scope: HolderKind) -> set[Holder]:
    """Give everybody who may hold an achievement: known people or teams, and who has held it before."""
    facts = load_facts(reading, actors=None)
    if scope is HolderKind.ACTOR:
        ids = set(facts.actors)
    else:
        profiles = [profile for actor in facts.actors.values() for profile in actor.profiles]
        ids = {*facts.teams, *(profile.team for profile in profiles if profile.team)}
    return {Holder(scope, one) for one in ids} | {one for one in reading.holders(key) if one.kind is scope}


def views_of_all(reading: Reading, judge: Judge, as_of: datetime) -> Iterator[View]:
    """Give the whole history of everybody who may hold an achievement, ready for a rule, by holder."""
    facts = load_facts(reading, actors=None)
    history = History(reading, facts)
    for holder in sorted(all_holders(reading, judge.rule.key, judge.rule.scope)):
        material = history.slice((judge,), EVERYTHING, Standings(reading, holder))
        yield judge.view(holder, material, facts, as_of)
