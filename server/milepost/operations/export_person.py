"""Everything kept about one person as one document."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any

import orjson

from milepost.engine.people import Holder, HolderKind
from milepost.operations.export_telling import SHOWN, export_telling
from milepost.operations.identifiers import Hiding, Identifiers, Row, identifiers_of, rows_that_name
from milepost.operations.list_awards import award_document
from milepost.operations.save_people import unknown_actor
from milepost.operations.services import Services
from milepost.operations.show_event import telling_document
from milepost.operations.show_progress import show_progress
from milepost.schemas.addresses import same_address
from milepost.schemas.people import dump_actor
from milepost.storage.base import Reading

#: Where an event was found by its telling.
_TELLINGS = ("events", "other_revisions")
#: What is shown in full elsewhere in the document, or follows from it.
_SHOWN_OR_DERIVED = frozenset({"actors", "aliases", "belongs", "earnings", "periods", "dues", "freezes"})
#: What tells the rows of a table apart, as far as it may be shown.
_NAMING_COLUMNS = ("id", "key", "number", "award_id", "import_id", "line", "source", "revision", "delivery_id", "topic")


def export_person(services: Services, actor_id: str) -> dict[str, Any]:
    """Give everything kept about a person; of what is about others, only where the person is named.

    Raises `NotFound` for somebody unknown.
    """
    actor_id = same_address(actor_id)
    holder = Holder(HolderKind.ACTOR, actor_id)
    standing = show_progress(services, holder)
    with services.store.reading() as reading:
        person = reading.actor(actor_id)
        if person is None:
            raise unknown_actor(actor_id)
        identifiers = identifiers_of(reading, person)
        rows = list(rows_that_name(reading, identifiers))
        event_ids = {row["id"] for table, row in rows if table in _TELLINGS and row["actor"] == actor_id}
        awards = reading.awards_of(None, holder)
        return {
            "exported_at": services.clock().isoformat(),
            "person": dump_actor(person, reading.aliases(actor_id)),
            "standing": standing,
            "events": [_event(reading, event_id) for event_id in sorted(event_ids)],
            "events_of_others_that_count_for_them": _events_of_others(reading, actor_id),
            "awards": [
                {**award_document(award), "history": [asdict(step) for step in reading.award_changes(award.id)]}
                for award in awards
            ],
            **export_telling(reading, holder, [award.id for award in awards]),
            "freezes": [asdict(freeze) for freeze in reading.freezes(holder=holder)],
            "named_elsewhere": list(_elsewhere(rows, identifiers, {*event_ids, *(award.id for award in awards)})),
        }


def _event(reading: Reading, event_id: str) -> dict[str, Any]:
    """Give an event with every telling and the first answer to each."""
    tellings = [
        {**telling_document(record), "answer": orjson.loads(record.answer) if record.answer else None}
        for record in reading.revisions(event_id)
    ]
    return {"id": event_id, "tellings": tellings}


def _events_of_others(reading: Reading, actor_id: str) -> list[str]:
    """Give the ids of events without an actor that concern the person through a subject."""
    types = reading.event_types().keys()
    return sorted({one.event.id for one in reading.owned([actor_id], types, types) if one.event.actor is None})


def _elsewhere(
    rows: Collection[tuple[str, Row]], identifiers: Identifiers, own: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Say in which fields of records about something else the person is named; what else stands there is not theirs."""
    hide = Hiding(identifiers.distinctive(), word="", except_in=identifiers.others)
    for table, row in rows:
        if table in _SHOWN_OR_DERIVED and identifiers.actor_id in row.values():
            continue
        if table in SHOWN and row[SHOWN[table]] == identifiers.actor_id:
            continue
        if row.get("id") in own or row.get("award_id") in own:
            continue
        fields = [name for name, value in row.items() if isinstance(value, str) and _names(identifiers, hide, value)]
        if fields:
            yield {"table": table, "record": {name: row[name] for name in _NAMING_COLUMNS if name in row}, "in": fields}


def _names(identifiers: Identifiers, hide: Hiding, value: str) -> bool:
    return value == identifiers.actor_id or hide(value) != value
