"""Whose an event is, in SQL: one row for each event, actor and way they are tied.

An actor's own event has one row. An event without actor has a row for each actor and
each type of that actor's counting events on the same subject, whichever was told first.
The rows are kept right by every change of an event, so a question is one index look-up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from sqlalchemy import bindparam, delete, except_, func, literal_column, select, union
from sqlalchemy.dialects.postgresql import insert

from milepost.engine.events import Event
from milepost.engine.facts import Owned
from milepost.storage.errors import StoreDamaged
from milepost.storage.statements import Row, SqlPart, Statement, add_missing, among, columns, same
from milepost.storage.tables import BELONGS, EVENTS
from milepost.storage.texts import (
    EARLIEST,
    LATEST,
    json_list,
    maybe_read_moment,
    moment_text,
    read_json,
    read_moment,
)

_EVENTS_OWNED = select(
    EVENTS.c.id,
    EVENTS.c.type,
    EVENTS.c.occurred_at,
    EVENTS.c.actor,
    EVENTS.c.subject,
    EVENTS.c.properties,
    EVENTS.c.revised_at,
    BELONGS.c.actor.label("owner"),
    BELONGS.c.through,
).join_from(BELONGS, EVENTS, BELONGS.c.event_id == EVENTS.c.id)
OWNED_BY_ACTORS = Statement(
    _EVENTS_OWNED.where(
        among(BELONGS.c.actor, "actors"),
        among(BELONGS.c.type, "types"),
        BELONGS.c.occurred_at.between(bindparam("first"), bindparam("last")),
    )
)
OWNED_BY_ANYBODY = Statement(
    _EVENTS_OWNED.where(
        among(EVENTS.c.type, "types"),
        EVENTS.c.counts == 1,
        EVENTS.c.occurred_at.between(bindparam("first"), bindparam("last")),
    )
)

_ROW = ["actor", "type", "occurred_at", "event_id", "through"]
_OWN = EVENTS.alias("own")
_LOOSE = select(EVENTS.c.id).where(
    EVENTS.c.subject == bindparam("subject"), EVENTS.c.counts == 1, EVENTS.c.actor.is_(None)
)

#: Another counting event that ties an actor to a subject by the same type.
OTHER_TIE = Statement(
    select(literal_column("1"))
    .where(*same(EVENTS, "subject", "actor", "type"), EVENTS.c.counts == 1, EVENTS.c.id != bindparam("id"))
    .limit(literal_column("1"))
)
PUT_OWN = add_missing(BELONGS)
#: Tie one event without actor to everybody with events on its subject.
PUT_LOOSE = Statement(
    insert(BELONGS)
    .from_select(
        _ROW,
        select(
            _OWN.c.actor,
            bindparam("type", type_=EVENTS.c.type.type),
            bindparam("occurred_at", type_=EVENTS.c.occurred_at.type),
            bindparam("event_id", type_=EVENTS.c.id.type),
            _OWN.c.type,
        )
        .where(_OWN.c.subject == bindparam("subject"), _OWN.c.counts == 1, _OWN.c.actor.is_not(None))
        .distinct(),
    )
    .on_conflict_do_nothing()
)
#: Tie one actor to all events without actor on a subject.
PUT_TIE = Statement(
    insert(BELONGS)
    .from_select(
        _ROW,
        select(
            bindparam("actor", type_=EVENTS.c.actor.type),
            EVENTS.c.type,
            EVENTS.c.occurred_at,
            EVENTS.c.id,
            bindparam("through", type_=EVENTS.c.type.type),
        ).where(EVENTS.c.subject == bindparam("subject"), EVENTS.c.counts == 1, EVENTS.c.actor.is_(None)),
    )
    .on_conflict_do_nothing()
)
DROP_TIE = Statement(
    delete(BELONGS).where(
        BELONGS.c.event_id.in_(_LOOSE), BELONGS.c.actor == bindparam("actor"), BELONGS.c.through == bindparam("through")
    )
)
DROP_EVENT = Statement(delete(BELONGS).where(*same(BELONGS, "event_id")))

_BY_ACTOR = (
    select(EVENTS.c.subject, EVENTS.c.actor, EVENTS.c.type)
    .where(EVENTS.c.counts == 1, EVENTS.c.actor.is_not(None), EVENTS.c.subject.is_not(None))
    .distinct()
    .subquery("by_actor")
)
_SHOULD = union(
    select(EVENTS.c.actor, EVENTS.c.type, EVENTS.c.occurred_at, EVENTS.c.id, EVENTS.c.type.label("through")).where(
        EVENTS.c.counts == 1, EVENTS.c.actor.is_not(None)
    ),
    select(_BY_ACTOR.c.actor, EVENTS.c.type, EVENTS.c.occurred_at, EVENTS.c.id, _BY_ACTOR.c.type)
    .join_from(_BY_ACTOR, EVENTS, EVENTS.c.subject == _BY_ACTOR.c.subject)
    .where(EVENTS.c.counts == 1, EVENTS.c.actor.is_(None)),
).cte("should")
#: Tie all events anew, where none is tied.
PUT_ALL_TIES = Statement(insert(BELONGS).from_select(_ROW, select(_SHOULD)))
_IS = select(*columns(BELONGS, _ROW)).cte("is_tied")
_SURPLUS = except_(select(_IS), select(_SHOULD)).subquery("surplus")
_LACKING = except_(select(_SHOULD), select(_IS)).subquery("lacking")
#: How many rows are wrong; there are none unless the file was damaged or changed by hand.
STRAY_TIES = Statement(
    select(
        select(func.count()).select_from(_SURPLUS).scalar_subquery()
        + select(func.count()).select_from(_LACKING).scalar_subquery()
    )
)

#: Of a row of ``_EVENTS_OWNED``: when, which and whose.
_BY_MOMENT = itemgetter(2, 0, 7)
_EVENT_AND_OWNER = itemgetter(0, 7)

#: Events that stay read; each takes about two kilobytes.
_EVENTS_KEPT = 2**14

Tie: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """What decides whose an event is."""

    event_id: str
    type: str
    occurred_at: str
    actor: str | None
    subject: str | None
    counts: bool

    @property
    def tie(self) -> Tie | None:
        """Give the subject, actor and type by which events without actor belong to this one's actor."""
        if not self.counts or self.actor is None or self.subject is None:
            return None
        return self.subject, self.actor, self.type


def read_event(row: Row) -> Event:
    """Make an event from the first seven columns of a row."""
    event_id, kind, occurred_at, actor, subject, properties, revised_at = row[:7]
    return Event(
        event_id, kind, read_moment(occurred_at), actor, subject, read_json(properties), maybe_read_moment(revised_at)
    )


def _owned(rows: list[Row], through: frozenset[str]) -> Iterator[Owned]:
    """Make one value of the rows of each event and owner, in order.

    Sorted here: SQLite would carry the properties through its sorting, at twice the price.
    """
    rows.sort(key=_BY_MOMENT)
    for _, ties in groupby(rows, key=_EVENT_AND_OWNER):
        row, *others = ties
        one = _read_owned(row)
        if others:
            one = replace(one, through=frozenset((row[8], *(other[8] for other in others))))
        if row[3] is not None or not one.through.isdisjoint(through):
            yield one


# The events around now are asked for again and again, and the same row is the same event.
@lru_cache(maxsize=_EVENTS_KEPT)
def _read_owned(row: Row) -> Owned:
    return Owned(read_event(row), row[7], frozenset((row[8],)))


class BelongingReading(SqlPart):
    """Questions about whose events are."""

    __slots__ = ()

    def owned(
        self,
        actors: Collection[str] | None,
        types: Collection[str],
        through: Collection[str],
        *,
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> list[Owned]:
        """Give the counting events of *types* that belong to *actors* (None: to anybody)."""
        values = {
            "types": json_list(types),
            "first": EARLIEST if first is None else moment_text(first),
            "last": LATEST if last is None else moment_text(last),
        }
        statement = OWNED_BY_ANYBODY
        if actors is not None:
            statement = OWNED_BY_ACTORS
            values["actors"] = json_list(actors)
        rows = self._session.rows(statement, values)
        try:
            return list(_owned(rows, frozenset(through)))
        except ValueError as error:
            raise StoreDamaged(f"An event cannot be read ({error}). Restore the store from a backup.") from error


class BelongingWriting(SqlPart):
    """Changes of whose events are."""

    __slots__ = ()

    def move(self, before: Place | None, after: Place) -> None:
        """Bring the rows up to date after an event was told, told again or taken back."""
        if before == after:
            return
        if before is not None and before.counts:
            self._change(DROP_EVENT, {"event_id": before.event_id})
        if after.counts:
            self._put(after)
        old = before.tie if before else None
        if old == after.tie:
            return
        if old is not None and not self._tied(old, after.event_id):
            subject, actor, through = old
            self._change(DROP_TIE, {"subject": subject, "actor": actor, "through": through})
        if after.tie is not None:
            subject, actor, through = after.tie
            self._change(PUT_TIE, {"subject": subject, "actor": actor, "through": through})

    def _put(self, place: Place) -> None:
        row = {"type": place.type, "occurred_at": place.occurred_at, "event_id": place.event_id}
        if place.actor is not None:
            self._change(PUT_OWN, {**row, "actor": place.actor, "through": place.type})
        elif place.subject is not None:
            self._change(PUT_LOOSE, {**row, "subject": place.subject})

    def _tied(self, tie: Tie, event_id: str) -> bool:
        subject, actor, kind = tie
        values = {"subject": subject, "actor": actor, "type": kind, "id": event_id}
        return bool(self._session.rows(OTHER_TIE, values))
