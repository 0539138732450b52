"""Let go of what grew old, without changing anything that stands."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from milepost.engine.people import is_erased
from milepost.errors import NotFound
from milepost.operations.erase_person import compacted, erase
from milepost.operations.first_answers import outcome_alone
from milepost.operations.minimal_properties import properties_read
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.storage.records import EventRecord

#: Answers to calls with an idempotency key are kept this long, whatever is set.
ANSWERS_KEPT = timedelta(days=30)
#: What was told is kept no longer than this, whatever is set; looks at somebody's progress too.
TOLD_KEPT = timedelta(days=400)
#: Events trimmed in one transaction.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Retention:
    """What grew old, and is let go of."""

    #: Events of which the answer and the properties that no rule looks at go.
    events: int = 0
    #: Earlier tellings of events.
    tellings: int = 0
    #: People who told nothing for so long.
    people: tuple[str, ...] = ()
    #: Messages, with their deliveries and the news they told.
    messages: int = 0


def apply_retention(services: Services) -> Retention:
    """Forget old answers to repeated calls, what was told long ago, and what `MILEPOST_RETENTION_DAYS` says.

    Cheap when nothing is old.
    """
    now = services.clock()
    with services.store.transaction() as tx:
        tx.lock_everything()
        tx.drop_answers(before=now - ANSWERS_KEPT)
        tx.drop_views(before=_told_before(services).date())
        messages = tx.drop_told(before=_told_before(services))
    if services.settings.retention is None:
        return Retention(messages=messages)
    before = now - services.settings.retention
    old = _find_people_and_tellings(services, before)
    trimmed = _trim_events(services, before)
    if old.tellings:
        with services.store.transaction() as tx:
            tx.drop_tellings(before=before)
    for actor_id in old.people:
        with suppress(NotFound):  # another server does the same, and was faster
            erase(services, actor_id)
    if trimmed or old.tellings or old.people or messages:
        compacted(services)
    return replace(old, events=trimmed, messages=messages)


def _find_people_and_tellings(services: Services, before: datetime) -> Retention:
    """Say what was told before a moment and would go, without the events."""
    with services.store.reading() as reading:
        told = reading.last_told()
        known = {actor_id for actor_id in told if reading.actor(actor_id) is not None}
        people = sorted(
            actor_id for actor_id, at in told.items() if at < before and actor_id in known and not is_erased(actor_id)
        )
        return Retention(tellings=reading.old_tellings(before=before), people=tuple(people))


def find_what_is_old(services: Services) -> Retention:
    """Say what `apply_retention` would let go of, and keep everything."""
    with services.store.reading() as reading:
        messages = reading.old_messages(before=_told_before(services))
    if services.settings.retention is None:
        return Retention(messages=messages)
    before = services.clock() - services.settings.retention
    count, after = 0, ""
    with services.store.reading() as reading:
        while records := reading.aged_events(before=before, after=after, limit=_CHUNK):
            count, after = count + len(records), records[-1].event.id
    return replace(_find_people_and_tellings(services, before), events=count, messages=messages)


def _told_before(services: Services) -> datetime:
    kept = services.settings.retention
    return services.clock() - (TOLD_KEPT if kept is None else min(kept, TOLD_KEPT))


def _trim_events(services: Services, before: datetime) -> int:
    """Take the answers and unread properties out of old events, some at a time; others write in between."""
    count, after = 0, ""
    while True:
        with services.store.transaction() as tx:
            tx.lock_everything()
            records = tx.aged_events(before=before, after=after, limit=_CHUNK)
            names = properties_read(rule_book(tx)) if records else {}
            for record in records:
                tx.put_event(_trimmed(record, names))
        if not records:
            return count
        count, after = count + len(records), records[-1].event.id


def _trimmed(record: EventRecord, names: Mapping[str, frozenset[str]]) -> EventRecord:
    """Leave of an event what rules look at; its fingerprint stays, so that a replay is known for one."""
    read = names.get(record.event.type, frozenset())
    properties = {name: value for name, value in record.event.properties.items() if name in read}
    return replace(record, event=replace(record.event, properties=properties), answer=outcome_alone(record.answer))
