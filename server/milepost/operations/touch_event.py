"""Find the holders and windows that an event concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.judge import Judge, judge_of
from milepost.engine.kinds import Best
from milepost.engine.people import Holder, HolderKind
from milepost.engine.views import actor_of
from milepost.operations.load_facts import load_facts
from milepost.operations.rejudge import Touched, touch
from milepost.operations.rule_book import RuleBook
from milepost.storage.base import Reading

#: A window on one person's calendar begins and ends at most this far from that on another's.
ZONES_APART = timedelta(days=2)


def touch_event(reading: Reading, book: RuleBook, versions: Sequence[Event]) -> tuple[Touched, Facts]:
    """Give the windows that *versions*, an event as it was and as it is, concern, and the facts to judge them by."""
    keys = book.by_type(versions[0].type)
    judges = [judge_of(book.versions(key)[-1]) for key in keys]
    touched: Touched = {key: {} for key in keys}
    around = _around(reading, versions)
    facts = _facts(reading, judges, around)
    for judge in judges:
        through = judge.through
        concerned = {one.actor for one in versions} | {one.actor for one in around if one.type in through}
        for actor in sorted(one for one in concerned if one):
            _touch_actor(touched, judge, actor, [one.occurred_at for one in around], facts)
        if isinstance(judge.rule.criterion, Best):
            _touch_peers(reading, touched, judge, around, facts)
    return touched, facts


def _around(reading: Reading, versions: Sequence[Event]) -> list[Event]:
    """Give the event's versions and everything on its subject: marks there may rest on it."""
    subjects = {one.subject for one in versions if one.subject}
    known = {one.id for one in versions}
    others = reading.on_subjects(subjects) if subjects else []
    return [*versions, *(one for one in others if one.id not in known)]


def _facts(reading: Reading, judges: Sequence[Judge], around: Sequence[Event]) -> Facts:
    """Gather the people concerned; for rules that compare or add up people, everybody."""
    if any(judge.rule.scope is HolderKind.TEAM or isinstance(judge.rule.criterion, Best) for judge in judges):
        return load_facts(reading, actors=None)
    return load_facts(reading, actors={one.actor for one in around if one.actor})


def _touch_actor(touched: Touched, judge: Judge, actor: str, moments: Iterable[datetime], facts: Facts) -> None:
    if judge.rule.scope is HolderKind.ACTOR:
        touch(touched, judge, Holder(HolderKind.ACTOR, actor), moments, facts)
        return
    for moment in moments:
        team = actor_of(actor, facts).profile_at(moment).team
        if team:
            touch(touched, judge, Holder(HolderKind.TEAM, team), [moment], facts)


def _touch_peers(reading: Reading, touched: Touched, judge: Judge, around: Sequence[Event], facts: Facts) -> None:
    """Touch everybody who may be compared in the windows touched so far."""
    kind = judge.kind
    moments = [one.occurred_at for one in around]
    if kind is None or not moments:
        return
    margin = ZONES_APART + _LONGEST[kind]
    owned = reading.owned(None, judge.through, judge.through, first=min(moments) - margin, last=max(moments) + margin)
    for actor in sorted({one.actor for one in owned}):
        touch(touched, judge, Holder(HolderKind.ACTOR, actor), moments, facts)


_LONGEST = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}
