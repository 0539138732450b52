"""Import a file in event time: what happened first is told first, as if it had been told then.

A file may be imported again at any time: one that was broken off goes on where it
stopped, and a finished one changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from milepost.engine.events import Event
from milepost.errors import EventConflict
from milepost.operations.read_file import FileRow, is_table, read_file
from milepost.operations.record_event import record_events_in
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.tell_mapped import events_to_tell, save_mapped_people
from milepost.schemas.events import FUTURE_LIMIT
from milepost.schemas.mapped import RowReader
from milepost.schemas.mapping_values import SourceMapping
from milepost.storage.base import Transaction
from milepost.storage.records import ImportRecord, SetAside

#: Who tells the events of a file.
IMPORTER = "import"
#: Events told in one transaction.
CHUNK = 200

#: Called with the events told so far, and how many there are.
OnProgress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    import_id: str
    #: Events in the file.
    events: int
    #: Events told this time; the others had been told before.
    told: int
    #: People added, or completed.
    people: int
    #: Rows that could not be read, this time and before.
    set_aside: tuple[SetAside, ...]
    #: The same file with the same mapping had been imported to the end before.
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """An event of the file, and when the record stood so."""

    event: Event
    at: datetime
    row: FileRow


@dataclass(slots=True)
class _Content:
    """Everything in a file."""

    told: list[_Told] = field(default_factory=list)
    once: set[str] = field(default_factory=set)
    people: list[Mapping[str, Any]] = field(default_factory=list)
    set_aside: list[tuple[FileRow, str]] = field(default_factory=list)


def import_file(
    services: Services, path: Path, mapping: SourceMapping, *, on_progress: OnProgress | None = None
) -> Imported:
    """Tell every event of a file, in the order of the time at which the records stood so, and then settle.

    Rows that cannot be read are set aside with their line. Raises `Invalid` for a file
    of which nothing can be read.
    """
    import_id = _import_id(path, mapping)
    with services.store.reading() as reading:
        known = reading.import_record(import_id)
        set_aside = reading.set_aside(import_id)
    if known is not None and known.finished_at is not None:
        return Imported(import_id, known.position, 0, 0, tuple(set_aside), is_repeat=True)
    content = _read_content(path, mapping)
    people = save_mapped_people(services, mapping.source, content.people)
    record = known or _begin(services, ImportRecord(import_id, path.name, mapping.source, 0, 0), content)
    begun_at = record.position
    while record.position < len(content.told):
        record = _tell_chunk(services, mapping, record, content)
        if on_progress is not None:
            on_progress(record.position, len(content.told))
    settle_all(services)
    with services.store.transaction() as transaction:
        transaction.put_import(replace(record, finished_at=services.clock()))
        set_aside = transaction.set_aside(import_id)
    return Imported(import_id, len(content.told), len(content.told) - begun_at, people, tuple(set_aside))


def _import_id(path: Path, mapping: SourceMapping) -> str:
    """Give the same id for the same content read by the same mapping."""
    digest = hashlib.sha256(mapping.fingerprint.encode())
    # Reading it first makes a file that cannot be read a problem of the caller.
    read_file(path)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _begin(services: Services, record: ImportRecord, content: _Content) -> ImportRecord:
    """Note the import, and the rows its mapping cannot read."""
    record = replace(record, set_aside=len(content.set_aside))
    with services.store.transaction() as transaction:
        transaction.put_import(record, [_aside(record, row, reason) for row, reason in content.set_aside])
    return record


def _read_content(path: Path, mapping: SourceMapping) -> _Content:
    """Read the whole file and put its events in order."""
    # The rows of a table have no lists inside them.
    reader = RowReader(replace(mapping, rows=None) if is_table(path) else mapping)
    content = _Content()
    for row in read_file(path):
        if row.problem is not None:
            content.set_aside.append((row, row.problem))
            continue
        mapped = reader.read_payload(row.payload)
        content.set_aside += [(row, problem.reason) for problem in mapped.problems]
        content.once |= mapped.once
        for event in mapped.events:
            content.told.append(_Told(event, event.revised_at or event.occurred_at, row))
        content.people += mapped.people
    content.told = _in_order(content)
    return content


def _in_order(content: _Content) -> list[_Told]:
    """Order by time, then line.

    Of one event without a time of revision the last telling counts, so such a telling never
    comes before that of an earlier line.
    """
    latest: dict[str, datetime] = {}
    moved = []
    for one in content.told:
        event, at = one.event, one.at
        if event.revised_at is None and event.id not in content.once:
            at = max(at, latest.get(event.id, at))
        latest[event.id] = max(at, latest.get(event.id, at))
        moved.append(replace(one, at=at))
    return sorted(moved, key=lambda one: one.at)


def _tell_chunk(services: Services, mapping: SourceMapping, record: ImportRecord, content: _Content) -> ImportRecord:
    """Tell the next events, and note in the same transaction how far it has come."""
    chunk = content.told[record.position : record.position + CHUNK]
    with services.store.transaction() as transaction:
        transaction.lock_everything()
        refused = list(_tell_each(transaction, services, mapping, chunk, content.once))
        record = replace(record, position=record.position + len(chunk), set_aside=record.set_aside + len(refused))
        transaction.put_import(record, [_aside(record, one.row, reason) for one, reason in refused])
    return record


def _tell_each(
    transaction: Transaction, services: Services, mapping: SourceMapping, chunk: Sequence[_Told], once: set[str]
) -> Iterator[tuple[_Told, str]]:
    """Tell events; give those that were refused, with the reason."""
    for one in chunk:
        if one.event.occurred_at - services.clock() > FUTURE_LIMIT:
            yield one, f"{one.event.id} has not happened yet: {one.event.occurred_at.isoformat()}"
            continue
        events = events_to_tell(transaction, mapping.source, [one.event], once)
        try:
            record_events_in(transaction, services, events, told_by=IMPORTER, at=one.at, historical=True)
        except EventConflict as conflict:  # raised before anything is written
            yield one, conflict.detail


def _aside(record: ImportRecord, row: FileRow, reason: str) -> SetAside:
    return SetAside(import_id=record.id, line=row.line, reason=reason, row=row.text)
