"""Read the part of history that judging a holder needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta

from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.judge import Judge
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import reach
from milepost.engine.views import Slice, Standing
from milepost.storage.base import Reading
from milepost.storage.records import AwardStatus


def load_slice(
    tx: Reading, judges: list[Judge], holder: Holder, windows: Collection[str] | None, facts: Facts
) -> Slice:
    """Read the part of history that decides *windows* (None: all of it) of one holder."""
    first, last = _time_span(judges, windows)
    owned = tx.owned(
        _actors_of(judges[-1], holder, facts),
        frozenset().union(*(judge.types for judge in judges)),
        frozenset().union(*(judge.through for judge in judges)),
        first=first,
        last=last,
    )
    on_subject: defaultdict[str, list[Event]] = defaultdict(list)
    watched = frozenset().union(*(judge.subject_types for judge in judges))
    subjects = {one.event.subject for one in owned if one.event.subject}
    if watched and subjects:
        for event in tx.on_subjects(subjects, watched):
            on_subject[event.subject or ""].append(event)
    return Slice(owned, on_subject, _standing(tx, judges, holder))


def _time_span(judges: list[Judge], windows: Collection[str] | None) -> tuple[datetime | None, datetime | None]:
    if not windows:
        return None, None
    spans = [reach(judge.rule, windows) for judge in judges if judge.kind is judges[-1].kind]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None, None
    first, last = min(span.first_on for span in known), max(span.last_on for span in known)
    midnight = time(tzinfo=UTC)
    return datetime.combine(first, midnight), datetime.combine(last, midnight) + timedelta(days=1)


def _actors_of(judge: Judge, holder: Holder, facts: Facts) -> list[str] | None:
    """Give whose events count: the holder's, the members' of a team at any time, or everybody's."""
    if judge.compares_people:
        return None
    if holder.kind is HolderKind.ACTOR:
        return [holder.id]
    return [actor.id for actor in facts.actors.values() if any(profile.team == holder.id for profile in actor.profiles)]


def _standing(tx: Reading, judges: list[Judge], holder: Holder) -> list[Standing]:
    if not any(judge.builds_on for judge in judges):
        return []
    granted = [award for award in tx.awards_of(None, holder) if award.status is AwardStatus.GRANTED]
    return [Standing(award.achievement, award.earned_at) for award in granted]
