"""Small worlds drawn at random: people, rules and events, and the ways the events may be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st

from milepost.engine.achievements import Achievement
from milepost.engine.calendars import Calendar, Shift
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, DaySpan, Holder, HolderKind, Profile, Team
from milepost.schemas.rules import parse_achievement
from tests.oracle.rule_documents import BANDS, ROLES, TEAMS, TYPES, Document, chance, rule_documents

ACTORS = ("ana", "ben", "cem", "dan")
SUBJECTS = ("s1", "s2", "s3")
ZONES = ("Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC")
#: Mondays three weeks before which, or in which, the clocks change in one place or another.
STARTS = (date(2026, 3, 2), date(2026, 3, 16), date(2026, 10, 19))
_NIGHT = (Shift(time(22), time(6)),)
CALENDARS = {
    "default": Calendar(zone="Europe/Madrid", country="ES"),
    "nights": Calendar("nights", "America/New_York", (*(_NIGHT,) * 5, (), _NIGHT)),
    "split": Calendar(
        "split",
        "Asia/Tokyo",
        ((Shift(time(8), time(12)), Shift(time(13), time(17))),) * 6 + ((),),
        days_off=frozenset({date(2026, 3, 11)}),
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One revision is told."""

    event: Event


@dataclass(frozen=True, slots=True)
class Voided:
    """An event told before is taken back."""

    event_id: str


Step: TypeAlias = Told | Voided


@dataclass(frozen=True, slots=True)
class DrawnWorld:
    """All that is needed to ask both evaluators the same question."""

    facts: Facts
    documents: tuple[Document, ...]
    rules: tuple[Achievement, ...]
    #: The newest counting revisions: what is true once every step has been taken.
    events: tuple[Event, ...]
    #: In the order of telling. No step of an event follows its void; revisions of one event may come in any order,
    #: each with another *revised_at*.
    steps: tuple[Step, ...]
    as_of: datetime


# -------------------------------------------------------------------- people


@st.composite
def _days_away(draw: st.DrawFn, start: date) -> DaySpan:
    first = start + timedelta(days=draw(st.integers(0, 20)))
    return DaySpan(first, first + timedelta(days=draw(st.integers(0, 3))))


@st.composite
def _profile(draw: st.DrawFn, since: datetime | None) -> Profile:
    return Profile(
        since=since,
        role=draw(st.sampled_from((*ROLES, None))),
        team=draw(st.sampled_from((*TEAMS, TEAMS[0], None))),
        segments=draw(st.sampled_from(({}, *({"band": band} for band in BANDS)))),
        zone=draw(st.sampled_from((None, *ZONES))),
        calendar=draw(st.sampled_from((None, None, *CALENDARS))),
    )


@st.composite
def _changed_profile(draw: st.DrawFn, since: datetime, old: Profile) -> Profile:
    """Draw what follows *old*: another team, role, zone or all of them."""
    new = draw(_profile(since))
    kept = draw(st.sampled_from(("team", "role", "zone", "all")))
    return new if kept == "all" else replace(old, since=since, **{kept: getattr(new, kept)})


@st.composite
def _actor(draw: st.DrawFn, name: str, start: date) -> Actor:
    profiles = [draw(_profile(None))]
    if draw(chance(3)):
        profiles.append(draw(_changed_profile(draw(moments(start)), profiles[0])))
    leave, pauses = (
        tuple(draw(st.lists(_days_away(start), max_size=1))) if draw(st.booleans()) else () for _ in range(2)
    )
    return Actor(name, profiles=tuple(profiles), leave=leave, pauses=pauses)


@st.composite
def facts_of(draw: st.DrawFn, start: date, keys: tuple[str, ...]) -> Facts:
    """Draw two to four actors, one or two teams, and freezes for the achievements named."""
    names = ACTORS[: draw(st.integers(2, 4))]
    actors = {name: draw(_actor(name, start)) for name in names}
    teams = {
        name: Team(name, zone=draw(st.sampled_from((None, *ZONES))), calendar=draw(st.sampled_from((None, *CALENDARS))))
        for name in TEAMS
    }
    holders = [Holder(HolderKind.ACTOR, name) for name in names] + [Holder(HolderKind.TEAM, name) for name in TEAMS]
    day = st.integers(0, 20).map(lambda offset: start + timedelta(days=offset))
    freezes = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(keys), st.sampled_from(holders)),
            st.frozensets(day, min_size=1, max_size=2),
            max_size=2,
        )
    )
    return Facts(actors, teams, CALENDARS, freezes)


# -------------------------------------------------------------------- events


#: What happens is thrown with dice of a drawn seed: to draw every part of every event took as long as to judge it.
_SEEDS = st.integers(0, 2**32 - 1)
#: Hours of a day at which most work is done.
_OFFICE = range(8, 17)
_DAYS = 21


def moments(start: date) -> st.SearchStrategy[datetime]:
    """Draw a moment within three weeks."""
    return _SEEDS.map(lambda seed: _moment(_dice(seed), start))


def _dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - repeatable on purpose


def _moment(dice: Random, start: date) -> datetime:
    """Throw a moment on a coarse clock, so that some coincide; midnight is as likely as noon."""
    match dice.randrange(4):
        case 0 | 1:
            offset = timedelta(days=dice.randrange(_DAYS), hours=dice.choice(_OFFICE))
        case 2:
            offset = timedelta(hours=dice.randrange(_DAYS * 24))
        case _:
            offset = timedelta(minutes=15 * dice.randrange(_DAYS * 96))
    return datetime.combine(start, time(0), UTC) + offset


def _days_off(days: int) -> Callable[[datetime], str]:
    return lambda at: (at + timedelta(days=days)).date().isoformat()


def _hours_off(hours: int) -> Callable[[datetime], str]:
    return lambda at: (at + timedelta(hours=hours)).isoformat()


def _hours_off_without_zone(hours: int) -> Callable[[datetime], str]:
    return lambda at: (at + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")


#: What low-code tools send: strings, blanks, the wrong word, now and then the right type; a function is of the moment.
_SAID: dict[str, tuple[Any, ...]] = {
    "ok": ("true", "false", "yes", "No", True, False, "1", 0, "maybe", ""),
    "amount": ("1", "2.5", " 3 ", 3, 2, 0, "2,5", "", None, True, 0.5, "-1"),
}
_SAID_NOW_AND_THEN: dict[str, tuple[Any, ...]] = {
    "group": ("a", "b", "A ", "c", "", None),
    "note": ("low risk", "Low", "none", ["risk", "x"], "", None),
    "due": (*(_days_off(days) for days in (-3, -1, 0, 1, 7, 8)), _hours_off(0), "soon"),
    "started_at": (
        *(_hours_off(hours) for hours in (-1, -6, -30, -90)),
        _hours_off_without_zone(-6),
        _days_off(-1),
        "x",
    ),
    "more": ({"amount": "2"}, {"amount": 1}, {}),
}


def _event(dice: Random, number: int, start: date, names: tuple[str, ...]) -> Event:
    at = _moment(dice, start)
    kind, subject = dice.choice((*TYPES, TYPES[0], TYPES[0])), dice.choice((*SUBJECTS, *SUBJECTS, None))
    nobody = subject is not None and not dice.randrange(6)
    actor = None if nobody else dice.choice(names)
    also = {name: values for name, values in _SAID_NOW_AND_THEN.items() if dice.randrange(2)}
    said = {name: dice.choice(values) for name, values in (_SAID | also).items()}
    return Event(
        f"e{number:02}",
        kind,
        at,
        actor,
        subject,
        {name: value(at) if callable(value) else value for name, value in said.items()},
    )


def _regular_work(dice: Random, start: date, names: tuple[str, ...]) -> list[Event]:
    """Throw up to three people doing the same thing on days in a row: chance alone makes no streaks and no peers."""
    workers = dice.sample(names, dice.randint(1, min(3, len(names))))
    first, length, hour = dice.randint(0, 14), dice.randint(2, 9), dice.randint(7, 16)
    zero = datetime.combine(start + timedelta(days=first), time(hour), UTC)
    places = [(zero + timedelta(days=day), name) for day in range(length) for name in workers]
    return [
        Event(
            f"e{number:02}",
            TYPES[0],
            at,
            name,
            dice.choice(SUBJECTS),
            {"ok": "yes", "amount": dice.choice(("1", "2.5", 3, "4"))},
        )
        for number, (at, name) in enumerate(places)
    ]


def _other_revision(dice: Random, event: Event, start: date, names: tuple[str, ...]) -> Event:
    """Throw what was told of *event* before; its type and subject never change."""
    other = _event(dice, 0, start, names)
    actor = other.actor if other.actor or event.subject else event.actor
    return replace(other, id=event.id, type=event.type, subject=event.subject, actor=actor)


def _telling(
    dice: Random, events: list[Event], start: date, names: tuple[str, ...]
) -> tuple[tuple[Event, ...], tuple[Step, ...]]:
    """Throw an order of telling, with revisions, duplicates and voids; give what counts in the end beside it."""
    told: list[Event] = []
    newest: list[Event] = []
    for event in events:
        older = [_other_revision(dice, event, start, names) for _ in range(dice.choice((0, 0, 0, 1, 2)))]
        revisions = [*older, event]
        if older:
            first = datetime.combine(start, time(0), UTC) + timedelta(days=22)
            revisions = [replace(one, revised_at=first + timedelta(hours=place)) for place, one in enumerate(revisions)]
        newest.append(revisions[-1])
        told += revisions
    told += dice.choices(told, k=dice.randint(0, 4))
    dice.shuffle(told)
    steps: list[Step] = [Told(event) for event in told]
    voided = {event.id for event in dice.sample(events, dice.randint(0, 3))}
    for event_id in sorted(voided):
        last = max(place for place, step in enumerate(steps) if isinstance(step, Told) and step.event.id == event_id)
        steps.insert(dice.randint(last + 1, len(steps)), Voided(event_id))
    return tuple(event for event in newest if event.id not in voided), tuple(steps)


# -------------------------------------------------------------------- worlds


@st.composite
def worlds(
    draw: st.DrawFn, *, most_events: int = 40, rules: st.SearchStrategy[list[Document]] | None = None
) -> DrawnWorld:
    """Draw a world, with its own *rules* if given; it is judged at, or some time after, its last moment."""
    start = draw(st.sampled_from(STARTS))
    documents = tuple(draw(rule_documents() if rules is None else rules))
    facts = draw(facts_of(start, tuple(document["key"] for document in documents)))
    # Somebody may turn up whom nobody has introduced.
    names = (*facts.actors, "eve") if draw(chance(5)) else tuple(facts.actors)
    dice = _dice(draw(_SEEDS))
    regular = _regular_work(dice, start, names) if draw(st.booleans()) else []
    size = draw(st.sampled_from([count for count in (5, 10, 15, 20, 25, 30, 35, 40) if count <= most_events]))
    events = regular + [_event(dice, number, start, names) for number in range(len(regular), size)]
    newest, steps = _telling(dice, events, start, names)
    last = max(step.event.occurred_at for step in steps if isinstance(step, Told))
    wait = draw(st.sampled_from((0, 1, 30, 24 * 8, 24 * 40)))
    parsed = tuple(parse_achievement(document) for document in documents)
    return DrawnWorld(facts, documents, parsed, newest, steps, last + timedelta(hours=wait))
