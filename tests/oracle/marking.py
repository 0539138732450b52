"""Whose event it is, and what it means for one achievement and one holder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence as Listing
from dataclasses import dataclass
from datetime import date, datetime

from milepost.engine.achievements import Achievement, AppliesTo
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.kinds import Sequence
from milepost.engine.people import Actor, Holder, HolderKind, Profile
from milepost.engine.selectors import Condition, Confirmation, Hold, Match, Quality, Selector
from tests.oracle.clocks import Clock
from tests.oracle.reading import look_up, meets
from tests.oracle.walking import types_of


@dataclass(frozen=True, slots=True)
class Mark:
    """What one event came to: good or not, and when that was settled (None: never)."""

    event: Event
    good: bool
    settled: datetime | None

    @property
    def order(self) -> tuple[datetime, str]:
        """Place the mark among others: by its event's moment, then id."""
        return self.event.occurred_at, self.event.id


@dataclass(frozen=True, slots=True)
class World:
    """Everything there is to know."""

    events: tuple[Event, ...]
    facts: Facts
    as_of: datetime

    def actor(self, key: str) -> Actor:
        """Give the actor, known or not."""
        return self.facts.actors.get(key, Actor(key))

    def actors(self) -> list[str]:
        """Give every actor that an event names."""
        return sorted({event.actor for event in self.events if event.actor is not None})


def fits(profile: Profile, applies_to: AppliesTo) -> bool:
    """Say whether somebody with *profile* is meant."""
    return (
        (not applies_to.roles or profile.role in applies_to.roles)
        and (not applies_to.teams or profile.team in applies_to.teams)
        and all(profile.segments.get(name) in values for name, values in applies_to.segments.items())
    )


class Marker:
    """Marks the events of one holder for one achievement."""

    def __init__(self, world: World, rule: Achievement, holder: Holder) -> None:
        """Gather the holder's events that the achievement may count."""
        self.world, self.rule, self.holder = world, rule, holder
        self.clock = Clock(world.facts, holder)
        self._types = types_of(rule.criterion)
        self._marks: dict[int, list[Mark]] = {}
        self.admitted = [event for event in self._told_of() if self._is_admitted(event)]

    # ---------------------------------------------------------------- whose event

    def _told_of(self) -> list[Event]:
        """Leave out at once what names another person: in a long log that is nearly everything."""
        if self.holder.kind is HolderKind.TEAM:
            return list(self.world.events)
        return [event for event in self.world.events if event.actor is None or event.actor == self.holder.id]

    def _belongs_to(self, event: Event, actor: str) -> bool:
        if event.actor is not None:
            return event.actor == actor
        return event.subject is not None and any(
            other.actor == actor and other.subject == event.subject and other.type in self._types
            for other in self.world.events
        )

    def _acting(self, event: Event) -> list[Profile]:
        """Give the profiles of those through whom the event is the holder's."""
        names = [self.holder.id] if self.holder.kind is HolderKind.ACTOR else self.world.actors()
        profiles = [
            self.world.actor(name).profile_at(event.occurred_at) for name in names if self._belongs_to(event, name)
        ]
        if self.holder.kind is HolderKind.TEAM:
            profiles = [profile for profile in profiles if profile.team == self.holder.id]
        return profiles

    def _is_admitted(self, event: Event) -> bool:
        if self.rule.starts_at is not None and event.occurred_at < self.rule.starts_at:
            return False
        return any(fits(profile, self.rule.applies_to) for profile in self._acting(event))

    def days_selected(self) -> set[date]:
        """Give the local days with an event whose type the criterion selects."""
        return {self.clock.label(event.occurred_at) for event in self.admitted if event.type in self._types}

    # ---------------------------------------------------------------- marks

    def marks(self, selector: Selector) -> list[Mark]:
        """Give the marks that count, now or later; ``once_per`` is left to whoever knows the window."""
        if id(selector) not in self._marks:
            told = [
                self._outcome(event, selector.match.where, selector.hold, selector.confirmed_by)
                for event in self.admitted
                if event.type in selector.match.types
            ]
            self._marks[id(selector)] = [mark for mark in told if mark.good and mark.settled is not None]
        return self._marks[id(selector)]

    def goodness(self, event: Event, good: Quality) -> Mark:
        """Say whether an event in a sample is good, and since when that is known."""
        return self._outcome(event, good.where, good.hold, good.confirmed_by)

    def _outcome(
        self, event: Event, where: tuple[Condition, ...], hold: Hold | None, confirmation: Confirmation | None
    ) -> Mark:
        if not meets(where, event, self.clock):
            return Mark(event, good=False, settled=event.occurred_at)
        waits = [Mark(event, good=True, settled=event.occurred_at)]
        waits += [self._held(event, hold)] if hold else []
        waits += [self._confirmed(event, confirmation)] if confirmation else []
        failed = [wait.settled for wait in waits if not wait.good and wait.settled]
        if failed:
            return Mark(event, good=False, settled=min(failed))
        passed = [wait.settled for wait in waits if wait.settled]
        return Mark(event, good=True, settled=max(passed) if len(passed) == len(waits) else None)

    def _alike(self, event: Event, match: Match) -> list[Event]:
        """Give the other events on the same subject that match, whoever did them."""
        return [
            other
            for other in self.world.events
            if other.id != event.id
            and event.subject is not None
            and other.subject == event.subject
            and other.type in match.types
            and meets(match.where, other, self.clock)
        ]

    def _held(self, event: Event, hold: Hold) -> Mark:
        at = event.occurred_at
        ends_at = self.clock.after(at, hold.length, working=hold.working) if hold.length is not None else None
        for other in self._alike(event, hold.cancelled_by):
            if at < other.occurred_at and (ends_at is None or other.occurred_at <= ends_at):
                return Mark(event, good=False, settled=other.occurred_at)
        return Mark(event, good=True, settled=at if hold.length is None else ends_at)

    def _confirmed(self, event: Event, confirmation: Confirmation) -> Mark:
        at, within = event.occurred_at, confirmation.within
        if event.subject is None:
            return Mark(event, good=False, settled=at)
        ends_at = self.clock.after(at, within, working=confirmation.working) if within is not None else None
        hits = [
            other.occurred_at
            for other in self._alike(event, confirmation.match)
            if at <= other.occurred_at and (ends_at is None or other.occurred_at <= ends_at)
        ]
        if len(hits) >= confirmation.times:
            return Mark(event, good=True, settled=hits[confirmation.times - 1])
        return Mark(event, good=ends_at is None, settled=ends_at)

    # ---------------------------------------------------------------- sequences

    def completions(self, sequence: Sequence) -> list[Mark]:
        """Give the last step of each subject that first got through all steps."""
        by_subject: dict[str, list[Event]] = defaultdict(list)
        for event in self.admitted:
            if event.subject is not None:
                by_subject[event.subject].append(event)
        through = self._through_strictly if sequence.strict else self._through
        ends = [through(sequence, events) for events in by_subject.values()]
        return [Mark(event, good=True, settled=event.occurred_at) for event in ends if event]

    def _steps(self, sequence: Sequence, event: Event) -> set[int]:
        return {
            place
            for place, step in enumerate(sequence.steps)
            if event.type in step.types and meets(step.where, event, self.clock)
        }

    def _through(self, sequence: Sequence, events: Listing[Event]) -> Event | None:
        """Find the first event that ends some chain of all steps, in time."""

        def begun(place: int, event: Event) -> list[datetime]:
            """Give the first moments of all chains whose step at *place* is *event*."""
            if place not in self._steps(sequence, event):
                return []
            if place == 0:
                return [event.occurred_at]
            earlier = [other for other in events if other.occurred_at < event.occurred_at]
            return sorted({start for other in earlier for start in begun(place - 1, other)})

        for event in events:
            starts = begun(len(sequence.steps) - 1, event)
            if any(sequence.within is None or event.occurred_at - start <= sequence.within for start in starts):
                return event
        return None

    def _through_strictly(self, sequence: Sequence, events: Listing[Event]) -> Event | None:
        chain: list[Event] = []
        for event in events:
            places = self._steps(sequence, event)
            if not places:
                continue
            in_order = not chain or chain[-1].occurred_at < event.occurred_at
            if len(chain) in places and in_order:
                chain.append(event)
            else:
                chain = [event] if 0 in places else []
            if len(chain) == len(sequence.steps):
                if sequence.within is None or event.occurred_at - chain[0].occurred_at <= sequence.within:
                    return event
                chain = [event] if 0 in places else []
        return None


def value_once(mark: Mark, once_per: str) -> object:
    """Give what makes two marks alike; None when the mark is like no other."""
    value = look_up(mark.event, once_per)
    if isinstance(value, str):
        return value.strip().casefold() or None
    return None if value is None else repr(value)
