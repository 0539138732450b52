"""Actors, aliases, teams, calendars and freezes in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import bindparam, delete, func, select

from milepost.engine.calendars import Calendar
from milepost.engine.people import Actor, Holder, HolderKind, Team
from milepost.storage.documents import actor_document, calendar_document, read_actor, read_calendar
from milepost.storage.errors import AliasTaken
from milepost.storage.records import FreezeRecord
from milepost.storage.sql_generations import PEOPLE, GenerationReading, GenerationWriting
from milepost.storage.statements import NO_LIMIT, Row, Statement, among, same, upsert
from milepost.storage.tables import ACTORS, ALIASES, CALENDARS, FREEZES, TEAMS
from milepost.storage.texts import json_list, json_text, read_json

ACTOR_BY_ID = Statement(select(ACTORS.c.document).where(*same(ACTORS, "id")))
_ACTOR_PAGE = (
    select(ACTORS.c.document).where(ACTORS.c.id > bindparam("after")).order_by(ACTORS.c.id).limit(bindparam("limit"))
)
ACTOR_PAGE = Statement(_ACTOR_PAGE)
ACTORS_FOUND = Statement(_ACTOR_PAGE.where(func.instr(ACTORS.c.search_text, bindparam("part")) > 0))
PUT_ACTOR = upsert(ACTORS)

ACTOR_BY_ALIAS = Statement(select(ALIASES.c.actor).where(*same(ALIASES, "source", "alias")))
ALIASES_OF = Statement(
    select(ALIASES.c.source, ALIASES.c.alias).where(*same(ALIASES, "actor")).order_by(ALIASES.c.source)
)
DROP_ALIASES = Statement(delete(ALIASES).where(*same(ALIASES, "actor"), among(ALIASES.c.source, "sources")))
PUT_ALIAS = upsert(ALIASES)

_TEAMS = select(TEAMS.c.id, TEAMS.c.name, TEAMS.c.zone, TEAMS.c.calendar).order_by(TEAMS.c.id)
TEAM_BY_ID = Statement(_TEAMS.where(*same(TEAMS, "id")))
ALL_TEAMS = Statement(_TEAMS)
PUT_TEAM = upsert(TEAMS)

_CALENDARS = select(CALENDARS.c.document).order_by(CALENDARS.c.key)
CALENDAR_BY_KEY = Statement(_CALENDARS.where(*same(CALENDARS, "key")))
ALL_CALENDARS = Statement(_CALENDARS)
PUT_CALENDAR = upsert(CALENDARS)

_FREEZES = select(
    FREEZES.c.achievement,
    FREEZES.c.holder_kind,
    FREEZES.c.holder_id,
    FREEZES.c.day,
    FREEZES.c.set_by,
    FREEZES.c.note,
).order_by(FREEZES.c.day, FREEZES.c.achievement, FREEZES.c.holder_kind, FREEZES.c.holder_id)
ALL_FREEZES = Statement(_FREEZES)
FREEZES_OF_ACHIEVEMENT = Statement(_FREEZES.where(*same(FREEZES, "achievement")))
FREEZES_OF_HOLDER = Statement(_FREEZES.where(*same(FREEZES, "holder_kind", "holder_id")))
FREEZES_OF_BOTH = Statement(_FREEZES.where(*same(FREEZES, "achievement", "holder_kind", "holder_id")))
PUT_FREEZE = upsert(FREEZES)
DROP_FREEZE = Statement(delete(FREEZES).where(*same(FREEZES, "achievement", "holder_kind", "holder_id", "day")))


def holder_values(holder: Holder) -> dict[str, str]:
    """Give a holder's two columns."""
    return {"holder_kind": holder.kind.value, "holder_id": holder.id}


def read_holder(kind: str, holder_id: str) -> Holder:
    """Make a holder from its two columns."""
    return Holder(HolderKind(kind), holder_id)


def _read_actor(row: Row) -> Actor:
    return read_actor(read_json(row[0]))


def _read_calendar(row: Row) -> Calendar:
    return read_calendar(read_json(row[0]))


def _read_team(row: Row) -> Team:
    return Team(*row)


def _read_freeze(row: Row) -> FreezeRecord:
    achievement, kind, holder_id, day, set_by, note = row
    return FreezeRecord(achievement, read_holder(kind, holder_id), date.fromisoformat(day), set_by, note)


def _word(row: Row) -> str:
    return str(row[0])


class PeopleReading(GenerationReading):
    """Questions about people."""

    __slots__ = ()

    def actor(self, actor_id: str) -> Actor | None:
        """Give an actor by id."""
        return self._one(ACTOR_BY_ID, _read_actor, {"id": actor_id})

    def actor_by_alias(self, source: str, alias: str) -> str | None:
        """Give the id of the actor known as *alias* in a source system."""
        return self._one(ACTOR_BY_ALIAS, _word, {"source": source, "alias": alias})

    def aliases(self, actor_id: str) -> dict[str, str]:
        """Give an actor's names by source system."""
        return dict(self._all(ALIASES_OF, lambda row: (row[0], row[1]), {"actor": actor_id}))

    def actors(self, *, search: str | None = None, after: str | None = None, limit: int | None = None) -> list[Actor]:
        """Give actors by id; *search* matches part of id or name, whatever the case."""
        values = {"after": after or "", "limit": NO_LIMIT if limit is None else limit}
        if not search:
            return self._all(ACTOR_PAGE, _read_actor, values)
        return self._all(ACTORS_FOUND, _read_actor, {**values, "part": search.casefold()})

    def team(self, team_id: str) -> Team | None:
        """Give a team by id."""
        return self._one(TEAM_BY_ID, _read_team, {"id": team_id})

    def teams(self) -> list[Team]:
        """Give all teams by id."""
        return self._all(ALL_TEAMS, _read_team)

    def calendar(self, key: str) -> Calendar | None:
        """Give a calendar by key."""
        return self._one(CALENDAR_BY_KEY, _read_calendar, {"key": key})

    def calendars(self) -> list[Calendar]:
        """Give all calendars by key."""
        return self._all(ALL_CALENDARS, _read_calendar)

    def freezes(self, *, achievement: str | None = None, holder: Holder | None = None) -> list[FreezeRecord]:
        """Give the freezes set by hand, by day."""
        if holder is None:
            if achievement is None:
                return self._all(ALL_FREEZES, _read_freeze)
            return self._all(FREEZES_OF_ACHIEVEMENT, _read_freeze, {"achievement": achievement})
        if achievement is None:
            return self._all(FREEZES_OF_HOLDER, _read_freeze, holder_values(holder))
        return self._all(FREEZES_OF_BOTH, _read_freeze, {"achievement": achievement, **holder_values(holder)})


class PeopleWriting(PeopleReading, GenerationWriting):
    """Changes of people."""

    __slots__ = ()

    def put_actor(self, actor: Actor) -> None:
        """Add or replace an actor."""
        self._renew(PEOPLE)
        values = {
            "id": actor.id,
            "name": actor.name,
            "search_text": f"{actor.id}\n{actor.name or ''}".casefold(),
            "document": json_text(actor_document(actor)),
        }
        self._change(PUT_ACTOR, values)

    def put_aliases(self, actor_id: str, aliases: Mapping[str, str]) -> None:
        """Add or replace an actor's names in source systems; refuse one that is another actor's."""
        for source, alias in aliases.items():
            owner = self.actor_by_alias(source, alias)
            if owner not in {None, actor_id}:
                raise AliasTaken(source, alias, str(owner))
        self.remove_aliases(actor_id, aliases)
        rows = [{"source": source, "alias": alias, "actor": actor_id} for source, alias in aliases.items()]
        self._change_each(PUT_ALIAS, rows)

    def remove_aliases(self, actor_id: str, sources: Collection[str]) -> None:
        """Remove an actor's names in some source systems."""
        self._change(DROP_ALIASES, {"actor": actor_id, "sources": json_list(sources)})

    def put_team(self, team: Team) -> None:
        """Add or replace a team."""
        self._renew(PEOPLE)
        self._change(PUT_TEAM, {"id": team.id, "name": team.name, "zone": team.zone, "calendar": team.calendar})

    def put_calendar(self, calendar: Calendar) -> None:
        """Add or replace a calendar."""
        self._renew(PEOPLE)
        self._change(PUT_CALENDAR, {"key": calendar.key, "document": json_text(calendar_document(calendar))})

    def put_freeze(self, freeze: FreezeRecord) -> None:
        """Add a freeze; the same day twice is one, as it was set last."""
        values = {
            "achievement": freeze.achievement,
            **holder_values(freeze.holder),
            "day": freeze.day.isoformat(),
            "set_by": freeze.set_by,
            "note": freeze.note,
        }
        self._renew(PEOPLE)
        self._change(PUT_FREEZE, values)

    def remove_freeze(self, achievement: str, holder: Holder, day: date) -> None:
        """Remove a freeze."""
        self._renew(PEOPLE)
        self._change(DROP_FREEZE, {"achievement": achievement, **holder_values(holder), "day": day.isoformat()})
