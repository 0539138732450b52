"""One holder's events made ready to be looked at: owned, admitted, marked, sorted into windows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeAlias

from milepost.engine.achievements import AppliesTo
from milepost.engine.calendars import PersonalCalendar
from milepost.engine.events import Event
from milepost.engine.facts import Facts, Owned
from milepost.engine.kinds import CalendarWindow
from milepost.engine.marks import CompiledSelector, Mark, MarkState
from milepost.engine.outcomes import PeriodOutcome, Place
from milepost.engine.people import Actor, Holder, HolderKind, Profile
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.windows import Window, bounds, window_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A granted award of the same holder, as `earned` criteria see it."""

    achievement: str
    earned_at: datetime


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of history that judging one holder needs."""

    #: By ``occurred_at``, id, actor. For `best`: of everybody.
    owned: Sequence[Owned]
    #: Counting events by subject, by time; only of types that holds and confirmations watch.
    on_subject: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    standing: Sequence[Standing] = ()
    #: Periods of the rule's streak that were judged before and that *owned* does not decide, by key.
    periods: Mapping[str, PeriodOutcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Everything:
    """A span without bounds."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events that occurred from *first* to *last*, both included, and after *after*."""

    first: datetime | None = None
    last: datetime | None = None
    after: Place | None = None

    def holds(self, moment: datetime, event_id: str = "") -> bool:
        """Say whether something that occurred at *moment* lies in it."""
        is_early = self.first is not None and moment < self.first
        is_late = self.last is not None and moment > self.last
        return not (is_early or is_late or (self.after is not None and (moment, event_id) <= self.after))


#: What part of the marks a criterion looks at.
Span: TypeAlias = Window | Stretch | Everything


@dataclass(frozen=True, slots=True)
class Admission:
    """Who and what may count at all for a rule."""

    applies_to: AppliesTo
    starts_at: datetime | None
    #: Types of the criterion; an event without an actor belongs to those who have one of these on its subject.
    through: frozenset[str]
    #: When the rule was switched on, if what was before is not to count.
    switched_on_at: datetime | None = None
    #: The calendar window it is judged by; the one open when it was switched on counts whole.
    window: CalendarWindow | None = None


#: Calendars kept with the facts; each may grow to some hundred days.
_CALENDARS_KEPT = 1000

#: Meant for all.
EVERYBODY = AppliesTo()


def fits(applies_to: AppliesTo, profile: Profile) -> bool:
    """Say whether somebody with *profile* is meant."""
    if applies_to.roles and profile.role not in applies_to.roles:
        return False
    if applies_to.teams and profile.team not in applies_to.teams:
        return False
    return all(profile.segments.get(name) in values for name, values in applies_to.segments.items())


class View:
    """What one holder did, for one rule, as it stands at a moment."""

    def __init__(self, holder: Holder, admission: Admission, material: Slice, facts: Facts, as_of: datetime) -> None:
        """Take the holder's share of *material*; marks are made when they are asked for."""
        self.holder = holder
        self.facts = facts
        self.as_of = as_of
        self.material = material
        self.admission = admission
        self.calendar = calendar_of(holder, facts)
        self._owned = self._take(material.owned)
        self._marks: dict[int, list[Mark]] = {}
        self._windows: dict[tuple[int, CalendarWindow], dict[str, list[Mark]]] = {}
        self._peers: dict[str, View] = {}
        #: What criteria have worked out before, by their own keys.
        self.memory: dict[Any, Any] = {}

    def _take(self, owned: Sequence[Owned]) -> list[Owned]:
        """Keep what belongs to the holder, each event once."""
        through = self.admission.through
        mine = [one for one in owned if one.event.actor is not None or one.through & through]
        if self.holder.kind is HolderKind.ACTOR:
            return [one for one in mine if one.actor == self.holder.id]
        members: dict[str, Owned] = {}
        for one in mine:
            if self._profile(one).team == self.holder.id:
                known = members.get(one.event.id)
                if known is None or self.refusal(known) is not None:
                    members[one.event.id] = one
        return list(members.values())

    def _profile(self, one: Owned) -> Profile:
        return actor_of(one.actor, self.facts).profile_at(one.event.occurred_at)

    @property
    def owned(self) -> list[Owned]:
        """Give the holder's events of any type, by time."""
        return self._owned

    @cached_property
    def admitted(self) -> list[tuple[Owned, date]]:
        """Give the events that may count, each with the holder's local day."""
        day_of = self.calendar.day_of
        meant = self._owned if self._admits_all else [one for one in self._owned if self.refusal(one) is None]
        return [(one, day_of(one.event.occurred_at)) for one in meant]

    @property
    def _admits_all(self) -> bool:
        return self.starts_at is None and self.admission.applies_to == EVERYBODY

    @cached_property
    def switched_on_at(self) -> datetime | None:
        """Give the moment, on the holder's calendar, before which nothing counts because the rule was switched off."""
        moment, kind = self.admission.switched_on_at, self.admission.window
        if moment is None or kind is None:
            return moment
        return bounds(window_of(self.calendar.day_of(moment), kind), self.calendar)[0]

    @cached_property
    def starts_at(self) -> datetime | None:
        """Give the moment before which no event counts; None: there is none."""
        return max((one for one in (self.admission.starts_at, self.switched_on_at) if one), default=None)

    @cached_property
    def standing(self) -> Sequence[Standing]:
        """Give the awards of other achievements that the rule may look at."""
        since = self.switched_on_at
        awards = self.material.standing
        return awards if since is None else [award for award in awards if award.earned_at >= since]

    def refusal(self, one: Owned) -> Reason | None:
        """Say why an event cannot count at all, or None."""
        starts_at = self.starts_at
        if starts_at is not None and one.event.occurred_at < starts_at:
            return Reason(ReasonCode.BEFORE_START, f"occurred before {starts_at.date().isoformat()}, when this began")
        applies_to = self.admission.applies_to
        if applies_to != EVERYBODY and not fits(applies_to, self._profile(one)):
            return Reason(ReasonCode.NOT_APPLICABLE, "not meant for this role, team or segment")
        return None

    def mark(self, selector: CompiledSelector, one: Owned) -> Mark:
        """Say what *one* means for *selector*."""
        event = one.event
        day = self.calendar.day_of(event.occurred_at)
        refused = self.refusal(one)
        if refused:
            return Mark(event, one.actor, day, MarkState.NOT_COUNTED, event.occurred_at, refused)
        return self._judge(selector, one, day)

    def _judge(self, selector: CompiledSelector, one: Owned, day: date) -> Mark:
        event = one.event
        on_subject = self.material.on_subject.get(event.subject, ()) if event.subject else ()
        verdict = selector.judge(event, on_subject, self.calendar, self.as_of)
        return Mark(event, one.actor, day, verdict.state, verdict.at, verdict.reason)

    def marks(self, selector: CompiledSelector) -> list[Mark]:
        """Give the admitted marks of *selector*, by occurred_at and id."""
        found = self._marks.get(id(selector))
        if found is None:
            types = selector.types
            found = [self._judge(selector, one, day) for one, day in self.admitted if one.event.type in types]
            found.sort(key=_by_time)
            self._marks[id(selector)] = found
        return found

    def select(self, selector: CompiledSelector, span: Span) -> Sequence[Mark]:
        """Give the marks of *selector* that lie in *span*."""
        if isinstance(span, Window):
            return self.by_window(selector, span.kind).get(span.key, ())
        marks = self.marks(selector)
        if isinstance(span, Everything):
            return marks
        start = 0
        if span.first is not None:
            start = bisect_left(marks, span.first, key=_occurred_at)
        if span.after is not None:
            start = max(start, bisect_right(marks, span.after, key=_by_time))
        end = len(marks) if span.last is None else bisect_right(marks, span.last, key=_occurred_at)
        return marks[start:end]

    def by_window(self, selector: CompiledSelector, kind: CalendarWindow) -> dict[str, list[Mark]]:
        """Sort the marks of *selector* into windows by key."""
        found = self._windows.get((id(selector), kind))
        if found is None:
            sorted_marks: defaultdict[str, list[Mark]] = defaultdict(list)
            for mark in self.marks(selector):
                sorted_marks[window_of(mark.day, kind).key].append(mark)
            found = self._windows[(id(selector), kind)] = dict(sorted_marks)
        return found

    @property
    def opted_out(self) -> bool:
        """Say whether the holder wants no messages and no part in comparisons."""
        return self.holder.kind is HolderKind.ACTOR and actor_of(self.holder.id, self.facts).preferences.opt_out

    @property
    def has_changed_profile(self) -> bool:
        """Say whether something else was true of the holder at another time."""
        return self.holder.kind is HolderKind.ACTOR and len(actor_of(self.holder.id, self.facts).profiles) > 1

    def profile_at(self, moment: datetime) -> Profile:
        """Give what is true of the holder at *moment*; of a team only its id."""
        return profile_of(self.holder, self.facts, moment)

    def peers(self) -> list[View]:
        """Give the views of everybody who has an event in the material, this holder's included."""
        for one in self.material.owned:
            if one.actor not in self._peers:
                holder = Holder(HolderKind.ACTOR, one.actor)
                is_self = holder == self.holder
                self._peers[one.actor] = (
                    self if is_self else View(holder, self.admission, self.material, self.facts, self.as_of)
                )
        return list(self._peers.values())


def place_of(one: Owned) -> Place:
    """Give where an event stands among others."""
    return one.event.occurred_at, one.event.id


def actor_of(actor_id: str, facts: Facts) -> Actor:
    """Give the actor, known or not."""
    return facts.actors.get(actor_id) or Actor(actor_id)


def profile_of(holder: Holder, facts: Facts, moment: datetime) -> Profile:
    """Give what is true of a holder at *moment*; of a team only its id."""
    if holder.kind is HolderKind.TEAM:
        return Profile(team=holder.id)
    return actor_of(holder.id, facts).profile_at(moment)


def calendar_of(holder: Holder, facts: Facts) -> PersonalCalendar:
    """Give the holder's own time."""
    known = facts.personal.get(holder)
    if known is None:
        if len(facts.personal) >= _CALENDARS_KEPT:
            facts.personal.clear()
        known = facts.personal[holder] = _make_calendar(holder, facts)
    return known


def _make_calendar(holder: Holder, facts: Facts) -> PersonalCalendar:
    if holder.kind is HolderKind.TEAM:
        return PersonalCalendar.of_team(holder.id, facts)
    return PersonalCalendar.of_actor(actor_of(holder.id, facts), facts)


def _occurred_at(mark: Mark) -> datetime:
    return mark.event.occurred_at


def _by_time(mark: Mark) -> Place:
    return mark.event.occurred_at, mark.event.id
