"""People, calendars and freezes, gathered from the store for the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from milepost.engine.calendars import Calendar, PersonalCalendar
from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Holder, Team
from milepost.operations.remembering import Remembered
from milepost.storage.base import Reading


@dataclass(slots=True)
class _People:
    """What is known of people in one state of the store; actors are read when they are asked for."""

    teams: Mapping[str, Team]
    calendars: Mapping[str, Calendar]
    freezes: Mapping[tuple[str, Holder], frozenset[date]]
    actors: dict[str, Actor] = field(default_factory=dict)
    everybody: dict[str, Actor] | None = None
    personal: dict[Holder, PersonalCalendar] = field(default_factory=dict)


_REMEMBERED = Remembered[_People]()


def load_facts(reading: Reading, *, actors: Collection[str] | None) -> Facts:
    """Gather what the engine judges *actors* by (None: everybody).

    Teams, calendars and freezes are few and come along whole. An actor nobody has
    described yet is one with an empty profile.
    """
    people = _REMEMBERED.get(reading.people_token(), lambda: _read_people(reading))
    return Facts(
        actors=_everybody(reading, people) if actors is None else _some(reading, people, actors),
        teams=people.teams,
        calendars=people.calendars,
        freezes=people.freezes,
        personal=people.personal,
    )


def _read_people(reading: Reading) -> _People:
    return _People(
        teams={team.id: team for team in reading.teams()},
        calendars={calendar.key: calendar for calendar in reading.calendars()},
        freezes=_freezes(reading),
    )


def _everybody(reading: Reading, people: _People) -> Mapping[str, Actor]:
    if people.everybody is None:
        people.everybody = {actor.id: actor for actor in reading.actors()}
    return people.everybody


def _some(reading: Reading, people: _People, ids: Collection[str]) -> dict[str, Actor]:
    found = {}
    for actor_id in ids:
        actor = people.actors.get(actor_id) or reading.actor(actor_id) or Actor(id=actor_id)
        found[actor_id] = people.actors[actor_id] = actor
    return found


def _freezes(reading: Reading) -> dict[tuple[str, Holder], frozenset[date]]:
    days: defaultdict[tuple[str, Holder], set[date]] = defaultdict(set)
    for freeze in reading.freezes():
        days[freeze.achievement, freeze.holder].add(freeze.day)
    return {of: frozenset(frozen) for of, frozen in days.items()}
