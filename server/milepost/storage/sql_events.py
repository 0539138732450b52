"""Events and their revisions in SQL; ``sql_belonging.py`` says whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import bindparam, delete, func, insert, select, update

from milepost.engine.events import Event
from milepost.storage.errors import StoreConflict
from milepost.storage.records import EventRecord
from milepost.storage.sql_belonging import BelongingReading, BelongingWriting, Place, read_event
from milepost.storage.statements import NO_LIMIT, Row, Statement, among, columns, same, upsert
from milepost.storage.tables import EVENTS, OTHER_REVISIONS
from milepost.storage.texts import (
    json_list,
    json_text,
    maybe_moment_text,
    maybe_read_moment,
    moment_text,
    read_moment,
)

#: What ``read_event`` reads first, then what ``read_record`` reads.
EVENT = ("id", "type", "occurred_at", "actor", "subject", "properties", "revised_at")
RECORD = (*EVENT, "revision", "fingerprint", "received_at", "voided_at", "too_late", "answer", "told_by")

_PAGE_SIZE = 500

EVENT_BY_ID = Statement(select(*columns(EVENTS, RECORD)).where(*same(EVENTS, "id")))
EVENT_PAGE = Statement(
    select(*columns(EVENTS, RECORD))
    .where(EVENTS.c.id > bindparam("after"))
    .order_by(EVENTS.c.id)
    .limit(bindparam("limit"))
)
OTHER_REVISIONS_OF = Statement(select(*columns(OTHER_REVISIONS, RECORD)).where(*same(OTHER_REVISIONS, "id")))
_ON_SUBJECTS = (
    select(*columns(EVENTS, EVENT))
    .where(among(EVENTS.c.subject, "subjects"), EVENTS.c.counts == 1)
    .order_by(EVENTS.c.occurred_at, EVENTS.c.id)
)
ON_SUBJECTS = Statement(_ON_SUBJECTS)
ON_SUBJECTS_OF_TYPES = Statement(_ON_SUBJECTS.where(among(EVENTS.c.type, "types")))
EVENT_TYPES = Statement(select(EVENTS.c.type, func.sum(EVENTS.c.counts)).group_by(EVENTS.c.type))

PLACE = Statement(
    select(*columns(EVENTS, ("id", "type", "occurred_at", "actor", "subject", "counts", "revision"))).where(
        *same(EVENTS, "id")
    )
)
PUT_EVENT = upsert(EVENTS)
SET_ANSWER = Statement(
    update(EVENTS).where(EVENTS.c.id == bindparam("event_id")).values(answer=bindparam("first_answer"))
)
PUT_OTHER_REVISION = upsert(OTHER_REVISIONS)
SET_ASIDE_REVISION = Statement(
    insert(OTHER_REVISIONS).from_select(list(RECORD), select(*columns(EVENTS, RECORD)).where(*same(EVENTS, "id")))
)
DROP_OTHER_REVISION = Statement(delete(OTHER_REVISIONS).where(*same(OTHER_REVISIONS, "id", "revision")))


def read_record(row: Row) -> EventRecord:
    """Make a telling from the columns of `RECORD`."""
    revision, fingerprint, received_at, voided_at, too_late, answer, told_by = row[7:]
    return EventRecord(
        event=read_event(row),
        revision=revision,
        fingerprint=fingerprint,
        received_at=read_moment(received_at),
        voided_at=maybe_read_moment(voided_at),
        too_late=bool(too_late),
        answer=answer,
        told_by=told_by,
    )


def _record_values(record: EventRecord) -> dict[str, object]:
    event = record.event
    return {
        "id": event.id,
        "type": event.type,
        "occurred_at": moment_text(event.occurred_at),
        "actor": event.actor,
        "subject": event.subject,
        "properties": json_text(event.properties),
        "revised_at": maybe_moment_text(event.revised_at),
        "revision": record.revision,
        "counts": int(record.counts),
        "fingerprint": record.fingerprint,
        "received_at": moment_text(record.received_at),
        "voided_at": maybe_moment_text(record.voided_at),
        "too_late": int(record.too_late),
        "answer": record.answer,
        "told_by": record.told_by,
    }


def _read_place(row: Row) -> tuple[Place, int]:
    event_id, kind, occurred_at, actor, subject, counts, revision = row
    return Place(event_id, kind, occurred_at, actor, subject, bool(counts)), revision


class EventReading(BelongingReading):
    """Questions about events."""

    __slots__ = ()

    def event(self, event_id: str) -> EventRecord | None:
        """Give the newest counting revision, voided and too late ones included."""
        return self._one(EVENT_BY_ID, read_record, {"id": event_id})

    def revisions(self, event_id: str) -> list[EventRecord]:
        """Give every telling of an event, oldest first."""
        values = {"id": event_id}
        found = self._all(OTHER_REVISIONS_OF, read_record, values) + self._all(EVENT_BY_ID, read_record, values)
        return sorted(found, key=lambda record: record.revision)

    def events(self, *, after: str | None = None, limit: int | None = None) -> Iterator[EventRecord]:
        """Give all events by id, from the one after *after*; events may be put between two steps."""
        last, left = after or "", NO_LIMIT if limit is None else limit
        while left > 0:
            page = self._all(EVENT_PAGE, read_record, {"after": last, "limit": min(_PAGE_SIZE, left)})
            yield from page
            if len(page) < _PAGE_SIZE:
                return
            last, left = page[-1].event.id, left - len(page)

    def on_subjects(self, subjects: Collection[str], types: Collection[str] | None = None) -> list[Event]:
        """Give the counting events of *types* (None: all) on *subjects*, whoever did them, by time, then id."""
        values = {"subjects": json_list(subjects)}
        if types is None:
            return self._all(ON_SUBJECTS, read_event, values)
        return self._all(ON_SUBJECTS_OF_TYPES, read_event, {**values, "types": json_list(types)})

    def event_types(self) -> dict[str, int]:
        """Give every type told so far, with the number of its counting events."""
        return dict(self._all(EVENT_TYPES, lambda row: (row[0], row[1])))


class EventWriting(EventReading, BelongingWriting):
    """Changes of events."""

    __slots__ = ()

    def put_event(self, record: EventRecord) -> None:
        """Add a telling; it becomes the counting one and the older ones stay as history."""
        values = _record_values(record)
        found = self._one(PLACE, _read_place, {"id": record.event.id})
        before, revision = found or (None, None)
        if before and revision != record.revision:
            self._change(DROP_OTHER_REVISION, {"id": record.event.id, "revision": record.revision})
            self._change(SET_ASIDE_REVISION, {"id": record.event.id})
        self._change(PUT_EVENT, values)
        event = record.event
        self.move(
            before,
            Place(event.id, event.type, str(values["occurred_at"]), event.actor, event.subject, record.counts),
        )

    def set_answer(self, event_id: str, answer: str) -> None:
        """Keep the first answer that the counting telling of an event was given."""
        self._change(SET_ANSWER, {"event_id": event_id, "first_answer": answer})

    def put_stale_revision(self, record: EventRecord) -> None:
        """Add a telling to the history that is older than the counting one."""
        found = self._one(PLACE, _read_place, {"id": record.event.id})
        if found is None or found[1] == record.revision:
            raise StoreConflict(
                f"Revision {record.revision} of event {record.event.id!r} is no older telling of a known event. "
                f"Put it as the counting one."
            )
        values = _record_values(record)
        del values["counts"]
        self._change(PUT_OTHER_REVISION, values)
