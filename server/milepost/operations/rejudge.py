"""Bring the awards of some holders in line with the events, inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from milepost.engine.achievements import Achievement, Repeats, State
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.judge import Earning, Judge, Judgement, judge_of
from milepost.engine.outcomes import Place
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import affected_windows
from milepost.engine.selecting import Selected, select_awards
from milepost.engine.views import View, calendar_of, profile_of
from milepost.engine.windows import EVER, bounds, window_from_key, window_of
from milepost.operations.earnings import earning_of, record_of
from milepost.operations.history import History, Judges, Span, span_of
from milepost.operations.load_facts import load_facts
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep, Cause, RuleChange, award_id, settle_awards
from milepost.operations.standings import Standings
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import EarningRecord

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


def rejudge(tx: Transaction, book: RuleBook, concerned: Concerned, cause: Cause) -> Rejudged:
    """Judge the touched windows, then those of the rules that build on what changed."""
    done = Rejudged()
    touched, facts = concerned.touched, concerned.facts
    context = _Context(tx, book, facts, cause, History(tx, facts), done, concerned.since)
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
    since: datetime | None


def _rejudge_holder(context: _Context, touched: Touched, standings: Standings) -> None:
    """Judge one holder by every rule, each after those it builds on."""
    holder, book = standings.holder, context.book
    mine = {key: holders[holder] for key, holders in touched.items() if holder in holders}
    standings.expect({EVER}.union(*(windows for windows in mine.values() if windows is not None)))
    context.history.expect(
        holder, {judges_of(book, key): _span(context, key, windows, standings) for key, windows in mine.items()}
    )
    for rule in book.judged():
        if holder in touched.get(rule.key, {}):
            steps = _rejudge_rule(context, rule, touched[rule.key][holder], standings)
            context.done.steps += steps
            _touch_dependents(book, touched, rule.key, holder, steps, context.facts)


def _rejudge_rule(
    context: _Context, rule: Achievement, windows: set[str] | None, standings: Standings
) -> list[AwardStep]:
    versions = context.book.versions(rule.key)
    newest = judge_of(versions[-1])
    views = _views(context, rule, windows, standings)
    view = views[newest.version.number]
    if windows is not None and newest.kind is None:
        windows = {EVER}
    resumed = _resume(context, newest, standings, view) if windows is not None else None
    if windows is not None and _is_earned_for_good(context, newest, standings):
        earned = standings.earnings_in(rule.key, windows)
    elif resumed is not None:
        earned = resumed
    else:
        earned = _judge_windows(context, rule, windows, views, standings)
    rules = {one.number: one.achievement for one in versions}
    selected = _select_unchanged(context, rules, windows, earned, standings, view)
    is_unchanged = selected is not None
    if selected is None:
        standings.replace_earnings(context.tx, rule.key, windows, earned)
        everything = map(earning_of, standings.earnings(rule.key))
        selected = select_awards(rule, everything, view.calendar, rules)
    context.done.looked[rule.key, standings.holder] = Looked(newest, view, selected)
    if rule.state is State.SHADOW or is_unchanged:
        return []
    return settle_awards(context.tx, rules, standings, selected, view=view, cause=context.cause)


def _select_unchanged(
    context: _Context,
    rules: Mapping[int, Achievement],
    windows: Collection[str] | None,
    earned: Sequence[EarningRecord],
    standings: Standings,
    view: View,
) -> list[Selected] | None:
    """Give what is selected in some windows where nothing is earned otherwise than before and all of it stands.

    Then no award changes, and neither those of other windows nor the awards need to be read.
    """
    rule = rules[max(rules)]
    looks_further = rule.repeats is Repeats.ONCE and windows != {EVER}
    if windows is None or looks_further or set(standings.earnings_in(rule.key, windows)) != set(earned):
        return None
    selected = [
        replace(one, refused=None) for one in select_awards(rule, map(earning_of, earned), view.calendar, rules)
    ]
    ids = {award_id(rule.key, standings.holder, one.slot) for one in selected}
    stands = not ids or (rule.state is not State.SHADOW and context.tx.granted(ids) == ids)
    return selected if stands else None


def _views(context: _Context, rule: Achievement, windows: set[str] | None, standings: Standings) -> dict[int, View]:
    """Give the holder's events for each version of a rule."""
    judges = judges_of(context.book, rule.key)
    material = context.history.slice(judges, _span(context, rule.key, windows, standings), standings)
    pieces = _pieces(judges[-1], windows, standings, context.cause.as_of)
    if judges[-1].streak is not None and pieces is not None:
        known = standings.outcomes(judges[-1])
        material = replace(material, periods={key: one for key, one in known.items() if key not in pieces})
    return {
        judge.version.number: judge.view(standings.holder, material, context.facts, context.cause.as_of)
        for judge in judges
    }


def _judge_windows(
    context: _Context,
    rule: Achievement,
    windows: set[str] | None,
    views: Mapping[int, View],
    standings: Standings,
) -> list[EarningRecord]:
    """Judge some windows (None: all), and note when to look at them again."""
    versions = context.book.versions(rule.key)
    newest = judge_of(versions[-1])
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
    if newest.streak is not None:
        standings.keep_outcomes(context.tx, newest, newest.streak.outcomes(view))
    standings.set_dues(context.tx, rule.key, windows, dues)
    return earnings


def _span(context: _Context, key: str, windows: Collection[str] | None, standings: Standings) -> Span:
    """Give the span whose events must be read for one rule."""
    judges = judges_of(context.book, key)
    if _is_earned_for_good(context, judges[-1], standings):
        return context.since, None
    last = _last_used(context, judges[-1], standings) if windows is not None else None
    if last is not None:
        return last[0], None
    return span_of(judges, _pieces(judges[-1], windows, standings, context.cause.as_of))


def _is_earned_for_good(context: _Context, newest: Judge, standings: Standings) -> bool:
    """Say whether the event comes after all there was to earn."""
    if context.since is None or not newest.ends_when_earned:
        return False
    profile = profile_of(standings.holder, context.facts, context.cause.as_of)
    earnings = map(earning_of, standings.earnings_in(newest.rule.key, {EVER}))
    return newest.is_earned_for_good(profile, earnings, context.since)


def _resume(context: _Context, newest: Judge, standings: Standings, view: View) -> list[EarningRecord] | None:
    """Go on after the last award that the event does not change; None where there is none, or one cannot."""
    last = _last_used(context, newest, standings)
    if last is None:
        return None
    judgement = newest.resume(view, _earned_before(context, newest, standings), last)
    dues = {EVER: judgement.due_at} if judgement.due_at is not None else {}
    standings.set_dues(context.tx, newest.rule.key, {EVER}, dues)
    return [record_of(newest.rule.key, standings.holder, one) for one in judgement.earnings]


def _earned_before(context: _Context, newest: Judge, standings: Standings) -> list[Earning]:
    """Give what was earned before the event, in order."""
    if context.since is None or not newest.can_resume:
        return []
    earnings = [earning_of(one) for one in standings.earnings_in(newest.rule.key, {EVER})]
    known = [one for one in earnings if one.earned_at < context.since and one.rule_version == newest.version.number]
    return sorted(known, key=lambda one: one.ordinal)


def _last_used(context: _Context, newest: Judge, standings: Standings) -> Place | None:
    """Give the last event behind what was earned before the event that is judged."""
    earned = _earned_before(context, newest, standings)
    last = context.tx.event(earned[-1].evidence[-1]) if earned and earned[-1].evidence else None
    return (last.event.occurred_at, last.event.id) if last is not None and last.counts else None


def _pieces(
    newest: Judge, windows: Collection[str] | None, standings: Standings, as_of: datetime
) -> Collection[str] | None:
    """Give the windows whose events decide (None: all do), of a streak the periods that may have changed."""
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


def judge_window(judge: Judge, view: View, key: str) -> Judgement:
    """Judge a window, if the holder has anything in it."""
    return judge.judge(view, key) if key in judge.windows(view) else Judgement((), None)


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
    return rejudge(tx, book, Concerned(touched, load_facts(tx, actors=None)), Cause(services.clock(), cause, change))


def all_holders(tx: Reading, key: str, scope: HolderKind) -> set[Holder]:
    """Give everybody who may hold an achievement: known people or teams, and who has held it before."""
    actors = tx.actors()
    if scope is HolderKind.ACTOR:
        ids = {actor.id for actor in actors}
    else:
        ids = {team.id for team in tx.teams()}
        ids |= {profile.team for actor in actors for profile in actor.profiles if profile.team}
    return {Holder(scope, one) for one in ids} | {one for one in tx.holders(key) if one.kind is scope}
