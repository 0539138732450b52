"""Find the time zone in which an actor's moments without one are to be read."""

from __future__ import annotations

from datetime import tzinfo

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.people import Actor
from milepost.operations.load_facts import load_facts
from milepost.operations.services import Services
from milepost.schemas.events import ZoneOf


def zone_finder(services: Services) -> ZoneOf:
    """Give a function that finds an actor's zone; it asks the store once for each actor."""
    known: dict[str | None, tzinfo] = {}

    def zone_of(actor_id: str | None) -> tzinfo:
        if actor_id not in known:
            known[actor_id] = _find_zone(services, actor_id)
        return known[actor_id]

    return zone_of


def _find_zone(services: Services, actor_id: str | None) -> tzinfo:
    """Give the zone in force now; somebody unknown goes by the default calendar."""
    with services.store.reading() as reading:
        facts = load_facts(reading, actors=[actor_id] if actor_id else [])
    actor = facts.actors.get(actor_id or "", Actor(id=""))
    return PersonalCalendar.of_actor(actor, facts).zone_at(services.clock())
