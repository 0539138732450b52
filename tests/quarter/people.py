"""The people of the desk: zones, leave, and what they chose, drawn once and changed a little every month."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.quarter.desk import BEGINS, ROUND, WEEKS, number_in

MADRID, NEW_YORK = "Europe/Madrid", "America/New_York"
COUNTRIES = {MADRID: "ES", NEW_YORK: "US"}
MANAGERS = 8
#: Quiet hours in the afternoon, as stretches of the local day.
QUIET = ("12:00", "14:00"), ("15:00", "17:00")


@dataclass(frozen=True)
class Wishes:
    """What somebody chose for a month."""

    #: When to hear of awards, instead of what the rules say.
    awards: str | None = None
    quiet: tuple[str, str] | None = None
    daily_most: int | None = None

    @property
    def document(self) -> dict[str, Any]:
        """Give it as it is told to the server."""
        return {
            "timings": {"achievement.awarded": self.awards} if self.awards else {},
            "quiet": [{"begins": self.quiet[0], "ends": self.quiet[1]}] if self.quiet else [],
            "daily_most": self.daily_most,
        }


@dataclass(frozen=True)
class Person:
    """Somebody at the desk."""

    id: str
    name: str
    zone: str
    team: str | None = None
    manager: str | None = None
    opt_out: bool = False
    is_private: bool = False
    #: Messages may come at any time that is not quiet.
    at_any_time: bool = False
    leave: tuple[date, date] | None = None
    #: For each month.
    wishes: tuple[Wishes, ...] = field(default=(Wishes(),))

    def wishes_at(self, moment: datetime) -> Wishes:
        """Give what holds at a moment."""
        return self.wishes[min((moment - BEGINS) // ROUND, len(self.wishes) - 1)]

    def document(self, wishes: Wishes) -> dict[str, Any]:
        """Give the person as they are told to the server."""
        known: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "zone": self.zone,
            "calendar": self.zone,
            "preferences": {
                "opt_out": self.opt_out,
                "visibility": "private" if self.is_private else "team",
                "messages": {**wishes.document, "outside_working_hours": self.at_any_time},
            },
        }
        return known | ({"team": self.team, "manager": self.manager} if self.team else {})


@dataclass(frozen=True)
class Crowd:
    """Everybody, and the teams they are in."""

    people: Mapping[str, Person]
    #: The zone of each.
    teams: Mapping[str, str]


def calendar_document(zone: str) -> dict[str, Any]:
    """Give the working week of a zone, with its country's holidays."""
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = {day: [["09:00", "17:00"]] for day in days}
    return {"key": zone, "zone": zone, "country": COUNTRIES[zone], "week": week}


def draw_people(teams: Mapping[str, str], *, seed: int) -> Crowd:
    """Draw what everybody chose; the same seed draws the same."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    zones = {team: _zone_of(team) for team in sorted(set(teams.values()))}
    people = {}
    for person, team in teams.items():
        people[person] = Person(
            person,
            name=f"Robin {person[6:10]}",
            zone=zones[team],
            team=team,
            manager=_manager_of(team),
            opt_out=chance.random() < 0.08,
            is_private=chance.random() < 0.1,
            at_any_time=chance.random() < 0.06,
            leave=_draw_leave(chance),
            wishes=_draw_wishes(chance),
        )
    for number in range(MANAGERS):
        manager = _draw_manager(number, chance)
        people[manager.id] = manager
    return Crowd(people, zones)


def _draw_manager(number: int, chance: random.Random) -> Person:
    quiet = Wishes(quiet=QUIET[0] if number % 3 == 0 else None)
    zone = MADRID if number % 3 else NEW_YORK
    return Person(
        f"lead-{number}@example.com",
        f"Sasha {number:04}",
        zone,
        opt_out=number == MANAGERS - 1,
        leave=_draw_leave(chance),
        wishes=(quiet,),
    )


def _zone_of(team: str) -> str:
    return MADRID if number_in(team) % 2 else NEW_YORK


def _manager_of(team: str) -> str:
    return f"lead-{number_in(team) % MANAGERS}@example.com"


def _draw_leave(chance: random.Random) -> tuple[date, date] | None:
    if chance.random() < 0.7:
        return None
    first = (BEGINS + timedelta(days=chance.randrange(WEEKS * 7))).date()
    return first, first + timedelta(days=chance.choice([0, 4, 9]))


def _draw_wishes(chance: random.Random) -> tuple[Wishes, ...]:
    """Draw what somebody chooses for each month; how soon they hear of awards stays as it is."""
    awards = chance.choices([None, "daily", "weekly", "never"], [80, 10, 6, 4])[0]
    return tuple(
        Wishes(
            awards,
            quiet=chance.choices([None, *QUIET], [75, 15, 10])[0],
            daily_most=chance.choices([None, 1, 0], [75, 15, 10])[0],
        )
        for _ in range(4)
    )
