"""Read the part of history that judging a holder needs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from milepost.engine.events import Event
from milepost.engine.facts import Facts, Owned
from milepost.engine.judge import Judge
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reach import reach
from milepost.engine.views import Slice
from milepost.operations.standings import Standings
from milepost.storage.base import Reading

#: The versions of one rule, oldest first.
Judges = tuple[Judge, ...]
#: From when to when, both included; None: without an end.
Span = tuple[datetime | None, datetime | None]
#: All of it.
EVERYTHING: Span = (None, None)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What was read for several rules together, from *first* to *last*; None: without an end."""

    first: datetime | None
    last: datetime | None
    reads: _Reads
    material: Slice

    def holds(self, first: datetime | None, last: datetime | None, reads: _Reads) -> bool:
        """Say whether a narrower question can be answered from it."""
        begins = self.first is None or (first is not None and first >= self.first)
        ends = self.last is None or (last is not None and last <= self.last)
        return begins and ends and reads.is_part_of(self.reads)

    def cut(self, first: datetime | None, last: datetime | None) -> Slice:
        """Give the part between two moments, both included."""
        owned = self.material.owned
        start = bisect_left(owned, first, key=_occurred_at) if first else 0
        end = bisect_right(owned, last, key=_occurred_at) if last else len(owned)
        return replace(self.material, owned=owned[start:end])


class History:
    """What is read in one transaction: rules of one holder share a reading, and so do all who are compared."""

    def __init__(self, reading: Reading, facts: Facts) -> None:
        """Read nothing yet; *facts* hold everybody who is asked for."""
        self._reading = reading
        self._facts = facts
        self._holder: Holder | None = None
        self._stretch: _Stretch | None = None
        self._compared: dict[object, Slice] = {}

    def expect(self, holder: Holder, asked: Mapping[Judges, Span]) -> None:
        """Read in one go what the rules of one holder will ask for."""
        self._holder, self._stretch = holder, None
        alone = {judges: span for judges, span in asked.items() if not judges[-1].compares_people}
        if not alone:
            return
        firsts, lasts = [span[0] for span in alone.values()], [span[1] for span in alone.values()]
        first = None if None in firsts else min(one for one in firsts if one)
        last = None if None in lasts else max(one for one in lasts if one)
        reads = _Reads.together(alone)
        actors = _actors_of(holder, self._facts)
        self._stretch = _Stretch(first, last, reads, reads.load(self._reading, actors, first, last))

    def slice(self, judges: Judges, span: Span, standings: Standings) -> Slice:
        """Give a part of one holder's history, as a rule reads it."""
        first, last = span
        reads = reads_of(judges)
        if judges[-1].compares_people:
            material = self._everybody(reads, first, last)
        else:
            if self._holder != standings.holder or not (self._stretch and self._stretch.holds(first, last, reads)):
                self.expect(standings.holder, {judges: span})
            assert self._stretch is not None  # noqa: S101 - it has been read by `expect`
            material = self._stretch.cut(first, last)
        if any(judge.builds_on for judge in judges):
            return replace(material, standing=standings.granted())
        return material

    def _everybody(self, reads: _Reads, first: datetime | None, last: datetime | None) -> Slice:
        known = self._compared.get((reads, first, last))
        if known is None:
            known = self._compared[reads, first, last] = reads.load(self._reading, None, first, last)
        return known


@dataclass(frozen=True, slots=True)
class _Reads:
    """The event types that some rules select, go by, and watch for on a subject."""

    types: frozenset[str]
    through: frozenset[str]
    watched: frozenset[str]

    @classmethod
    def together(cls, asked: Iterable[Judges]) -> _Reads:
        """Put together what several rules read."""
        known = [reads_of(judges) for judges in asked]
        return cls(
            frozenset().union(*(one.types for one in known)),
            frozenset().union(*(one.through for one in known)),
            frozenset().union(*(one.watched for one in known)),
        )

    def is_part_of(self, other: _Reads) -> bool:
        """Say whether the other reads all of this."""
        return self.types <= other.types and self.through <= other.through and self.watched <= other.watched

    def load(self, reading: Reading, actors: list[str] | None, first: datetime | None, last: datetime | None) -> Slice:
        """Read a stretch of time of some actors."""
        owned = reading.owned(actors, self.types, self.through, first=first, last=last)
        return Slice(owned, self._on_subjects(reading, owned))

    def _on_subjects(self, reading: Reading, owned: Sequence[Owned]) -> Mapping[str, Sequence[Event]]:
        on_subject: defaultdict[str, list[Event]] = defaultdict(list)
        subjects = {one.event.subject for one in owned if one.event.subject}
        if self.watched and subjects:
            for event in reading.on_subjects(subjects, self.watched):
                on_subject[event.subject or ""].append(event)
        return on_subject


@lru_cache(maxsize=4096)
def reads_of(judges: Judges) -> _Reads:
    """Give what the versions of one rule read."""
    return _Reads(
        frozenset().union(*(judge.types for judge in judges)),
        frozenset().union(*(judge.through for judge in judges)),
        frozenset().union(*(judge.subject_types for judge in judges)),
    )


def _occurred_at(one: Owned) -> datetime:
    return one.event.occurred_at


def span_of(judges: Judges, windows: Collection[str] | None) -> Span:
    """Give the span whose events decide some windows (None: all)."""
    if not windows:
        return EVERYTHING
    kind = judges[-1].kind
    alike = judges[-1:] if kind is None else [judge for judge in judges if judge.kind is kind]
    spans = [reach(judge, frozenset(windows)) for judge in alike]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return EVERYTHING
    first, last = min(span.first_on for span in known), max(span.last_on for span in known)
    midnight = time(tzinfo=UTC)
    return datetime.combine(first, midnight), datetime.combine(last, midnight) + timedelta(days=1)


def _actors_of(holder: Holder, facts: Facts) -> list[str]:
    """Give whose events count: the holder's, or those of the members of a team at any time."""
    if holder.kind is HolderKind.ACTOR:
        return [holder.id]
    return [actor.id for actor in facts.actors.values() if any(profile.team == holder.id for profile in actor.profiles)]
