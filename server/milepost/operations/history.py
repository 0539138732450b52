"""Read the part of history that judging a holder needs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from milepost.engine.events import Event
from milepost.engine.facts import Facts, Owned
from milepost.engine.judge import Judge
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import reach
from milepost.engine.views import Slice, Standing
from milepost.storage.base import Reading
from milepost.storage.records import AwardStatus


class History:
    """What is read for some rules together: rules that look back for ever share one reading of a holder's past."""

    def __init__(self, reading: Reading, judges: Iterable[Judge]) -> None:
        """Take the rules that will be judged."""
        self._reading = reading
        self._reads = _Reads.of(judges)
        self._whole: dict[Holder, Slice] = {}

    def slice(self, judges: list[Judge], holder: Holder, windows: Collection[str] | None, facts: Facts) -> Slice:
        """Give the part of history that decides *windows* (None: all of it) of one holder."""
        first, last = _time_span(judges, windows)
        standing = _standing(self._reading, judges, holder)
        own = _Reads.of(judges)
        if judges[-1].compares_people or not own.is_part_of(self._reads):
            return own.load(self._reading, _actors_of(judges[-1], holder, facts), first, last, standing)
        if first is None and holder not in self._whole:
            actors = _actors_of(judges[-1], holder, facts)
            self._whole[holder] = self._reads.load(self._reading, actors, None, None, ())
        whole = self._whole.get(holder)
        if whole is None:
            return own.load(self._reading, _actors_of(judges[-1], holder, facts), first, last, standing)
        start = bisect_left(whole.owned, first, key=_occurred_at) if first else 0
        end = bisect_right(whole.owned, last, key=_occurred_at) if last else len(whole.owned)
        return Slice(whole.owned[start:end], whole.on_subject, standing)


@dataclass(frozen=True, slots=True)
class _Reads:
    """The event types that some rules select, go by, and watch for on a subject."""

    types: frozenset[str]
    through: frozenset[str]
    watched: frozenset[str]

    @classmethod
    def of(cls, judges: Iterable[Judge]) -> _Reads:
        """Put together what several rules read."""
        known = list(judges)
        return cls(
            frozenset().union(*(judge.types for judge in known)),
            frozenset().union(*(judge.through for judge in known)),
            frozenset().union(*(judge.subject_types for judge in known)),
        )

    def is_part_of(self, other: _Reads) -> bool:
        """Say whether the other reads all of this."""
        return self.types <= other.types and self.through <= other.through and self.watched <= other.watched

    def load(
        self,
        reading: Reading,
        actors: list[str] | None,
        first: datetime | None,
        last: datetime | None,
        standing: Sequence[Standing],
    ) -> Slice:
        """Read a stretch of time of some actors."""
        owned = reading.owned(actors, self.types, self.through, first=first, last=last)
        on_subject: defaultdict[str, list[Event]] = defaultdict(list)
        subjects = {one.event.subject for one in owned if one.event.subject}
        if self.watched and subjects:
            for event in reading.on_subjects(subjects, self.watched):
                on_subject[event.subject or ""].append(event)
        return Slice(owned, on_subject, standing)


def _occurred_at(one: Owned) -> datetime:
    return one.event.occurred_at


def _time_span(judges: list[Judge], windows: Collection[str] | None) -> tuple[datetime | None, datetime | None]:
    if not windows:
        return None, None
    spans = [reach(judge, windows) for judge in judges if judge.kind is judges[-1].kind]
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
