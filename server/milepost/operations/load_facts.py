"""People, calendars and freezes, gathered from the store for the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from milepost.engine.facts import Facts
from milepost.engine.people import Actor, Holder
from milepost.storage.base import Reading


def load_facts(reading: Reading, *, actors: Collection[str] | None) -> Facts:
    """Gather what the engine judges *actors* by (None: everybody).

    Teams, calendars and freezes are few and come along whole. An actor nobody has
    described yet is one with an empty profile.
    """
    return Facts(
        actors={actor.id: actor for actor in _actors(reading, actors)},
        teams={team.id: team for team in reading.teams()},
        calendars={calendar.key: calendar for calendar in reading.calendars()},
        freezes=_freezes(reading),
    )


def _actors(reading: Reading, ids: Collection[str] | None) -> list[Actor]:
    if ids is None:
        return reading.actors()
    return [reading.actor(actor_id) or Actor(id=actor_id) for actor_id in sorted(ids)]


def _freezes(reading: Reading) -> dict[tuple[str, Holder], frozenset[date]]:
    days: defaultdict[tuple[str, Holder], set[date]] = defaultdict(set)
    for freeze in reading.freezes():
        days[freeze.achievement, freeze.holder].add(freeze.day)
    return {of: frozenset(frozen) for of, frozen in days.items()}
