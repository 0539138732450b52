"""Show actors, teams and calendars as documents."""

from __future__ import annotations

from typing import Any

from milepost.engine.calendars import Calendar
from milepost.errors import NotFound
from milepost.operations.save_people import DEFAULT_CALENDAR, unknown_actor
from milepost.operations.services import Services
from milepost.schemas.addresses import same_address
from milepost.schemas.calendars import dump_calendar
from milepost.schemas.people import dump_actor, dump_team


def show_actor(services: Services, actor_id: str) -> dict[str, Any]:
    """Give one actor."""
    actor_id = same_address(actor_id)
    with services.store.reading() as reading:
        actor = reading.actor(actor_id)
        if actor is None:
            raise unknown_actor(actor_id)
        return dump_actor(actor, reading.aliases(actor_id))


def list_actors(services: Services, *, search: str | None, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Give a page of actors by id, with their names in source systems."""
    with services.store.reading() as reading:
        actors = reading.actors(search=search, after=after, limit=limit)
        return [dump_actor(actor, reading.aliases(actor.id)) for actor in actors]


def show_team(services: Services, team_id: str) -> dict[str, Any]:
    """Give one team."""
    with services.store.reading() as reading:
        team = reading.team(team_id)
    if team is None:
        raise NotFound(f"There is no team {team_id[:80]!r}. Add one with PUT /v1/teams/{{id}}.")
    return dump_team(team)


def list_teams(services: Services) -> list[dict[str, Any]]:
    """Give all teams by id."""
    with services.store.reading() as reading:
        return [dump_team(team) for team in reading.teams()]


def show_calendar(services: Services, key: str) -> dict[str, Any]:
    """Give one calendar; the default one is always there."""
    with services.store.reading() as reading:
        calendar = reading.calendar(key)
    if calendar is None and key != DEFAULT_CALENDAR:
        raise NotFound(f"There is no calendar {key[:80]!r}. Add one with PUT /v1/calendars/{{key}}.")
    return dump_calendar(calendar or Calendar())


def list_calendars(services: Services) -> list[dict[str, Any]]:
    """Give all calendars by key, the default one included."""
    with services.store.reading() as reading:
        calendars = {DEFAULT_CALENDAR: Calendar()} | {calendar.key: calendar for calendar in reading.calendars()}
    return [dump_calendar(calendars[key]) for key in sorted(calendars)]
