"""Find the holders and windows that an event concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.judge import Judge, judge_of
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import affected_windows
from milepost.engine.views import actor_of, calendar_of
from milepost.engine.windows import window_from_key
from milepost.operations.load_facts import load_facts
from milepost.operations.rejudge import Concerned, Touched, touch, touch_days
from milepost.operations.rule_book import RuleBook
from milepost.storage.base import Reading

#: A window on one person's calendar begins and ends at most this far from the same on UTC's.
ZONES_APART = timedelta(days=3)


def touch_event(reading: Reading, book: RuleBook, versions: Sequence[Event]) -> Concerned:
    """Find what *versions*, an event as it was and as it is, concern."""
    keys = book.by_type(versions[0].type)
    judges = [judge_of(book.versions(key)[-1]) for key in keys]
    touched: Touched = {key: {} for key in keys}
    around = _around(reading, versions)
    facts = _facts(reading, judges, around)
    for judge in judges:
        concerned = {one.actor for one in versions} | _others_concerned(judge, versions, around)
        for actor in sorted(one for one in concerned if one):
            _touch_actor(touched, judge, actor, [one.occurred_at for one in around], facts)
        if judge.compares_people:
            _touch_peers(reading, touched, judge, around, _days_of(concerned, around, facts))
    return Concerned(touched, facts, min(one.occurred_at for one in around))


def _others_concerned(judge: Judge, versions: Sequence[Event], around: Sequence[Event]) -> set[str | None]:
    """Give who else has marks that an event decides: it has no actor, or is watched for on its subject."""
    if versions[0].type not in judge.subject_types and all(one.actor for one in versions):
        return set()
    return {one.actor for one in around if one.type in judge.through}


def _around(reading: Reading, versions: Sequence[Event]) -> list[Event]:
    """Give the event's versions and everything on its subject: marks there may rest on it."""
    subjects = {one.subject for one in versions if one.subject}
    known = {one.id for one in versions}
    others = reading.on_subjects(subjects) if subjects else []
    return [*versions, *(one for one in others if one.id not in known)]


def _facts(reading: Reading, judges: Sequence[Judge], around: Sequence[Event]) -> Facts:
    """Gather the people concerned and their managers; for rules that compare or add up people, everybody."""
    if any(judge.rule.scope is HolderKind.TEAM or judge.compares_people for judge in judges):
        return load_facts(reading, actors=None)
    concerned = {one.actor for one in around if one.actor}
    actors = load_facts(reading, actors=concerned).actors.values()
    managers = {profile.manager for actor in actors for profile in actor.profiles if profile.manager}
    return load_facts(reading, actors=concerned | managers)


def _touch_actor(touched: Touched, judge: Judge, actor: str, moments: Iterable[datetime], facts: Facts) -> None:
    if judge.rule.scope is HolderKind.ACTOR:
        touch(touched, judge, Holder(HolderKind.ACTOR, actor), moments, facts)
        return
    for moment in moments:
        team = actor_of(actor, facts).profile_at(moment).team
        if team:
            touch(touched, judge, Holder(HolderKind.TEAM, team), [moment], facts)


def _days_of(actors: Iterable[str | None], around: Sequence[Event], facts: Facts) -> set[date]:
    """Give the local days of those who did it: a peer elsewhere is compared with them over the same days."""
    calendars = [calendar_of(Holder(HolderKind.ACTOR, actor), facts) for actor in actors if actor]
    return {calendar.day_of(one.occurred_at) for calendar in calendars for one in around}


def _touch_peers(
    reading: Reading, touched: Touched, judge: Judge, around: Sequence[Event], days: Collection[date]
) -> None:
    """Touch everybody who may be compared in the windows that the events may decide."""
    moments = [one.occurred_at for one in around]
    first, last = _compared_span(judge, moments)
    for actor in sorted({one.actor for one in reading.owned(None, judge.types, judge.through, first=first, last=last)}):
        touch_days(touched, judge, Holder(HolderKind.ACTOR, actor), days)


def _compared_span(judge: Judge, moments: Iterable[datetime]) -> tuple[datetime | None, datetime | None]:
    """Give the moments between which peers have events in the windows that *moments* may decide."""
    days: list[date] = []
    for moment in moments:
        windows = affected_windows(judge, moment.date())
        if windows is None or judge.kind is None:
            return None, None
        for key in windows:
            window = window_from_key(key, judge.kind)
            days += [window.first_on, window.last_on]
    midnight = time(tzinfo=UTC)
    return (
        datetime.combine(min(days), midnight) - ZONES_APART,
        datetime.combine(max(days), midnight) + ZONES_APART,
    )
