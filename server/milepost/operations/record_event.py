"""Record what happened, once, and find out what it means."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from milepost.engine.events import Event
from milepost.engine.people import Actor
from milepost.engine.reasons import Reason, ReasonCode
from milepost.errors import EventConflict, Problem
from milepost.operations.build_answer import Told, build_answer
from milepost.operations.first_answers import first_answer, is_told_already
from milepost.operations.lock_concerned import lock_concerned
from milepost.operations.minimal_properties import with_minimal_properties
from milepost.operations.rejudge import Rejudged, rejudge
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import Cause, Reviewing
from milepost.operations.touch_event import touch_event
from milepost.schemas.events import Loaded, event_document
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import EventRecord
from milepost.storage.rehearsal import rehearsal


@dataclass(frozen=True, slots=True)
class Telling:
    """An event as it was told, by whom, and what was made good on the way."""

    event: Event
    told_by: str
    warnings: tuple[str, ...] = ()
    #: False: nobody said when; a retelling then keeps the first telling's moment.
    is_dated: bool = True
    #: Recorded from an archive: never too late.
    is_historical: bool = False


def record_event(
    services: Services,
    event: Event,
    *,
    told_by: str,
    warnings: tuple[str, ...] = (),
    is_dated: bool = True,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Record an event and answer what it meant; with *dry_run* answer the same and keep nothing.

    Raises `EventConflict` if its id stands for something else.
    """
    telling = Telling(event, told_by, warnings, is_dated)
    with rehearsal(services.store) if dry_run else services.store.transaction() as tx:
        lock_concerned(tx, event.id, event)
        return tell(tx, services, telling, as_of=services.clock())


def record_events(
    services: Services, loaded: Sequence[Loaded | Problem], *, told_by: str
) -> list[dict[str, Any] | Problem]:
    """Record many events in one transaction; one that is refused does not keep the others out."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        return tell_each(tx, services, loaded, told_by=told_by)


def tell_each(
    tx: Transaction, services: Services, loaded: Sequence[Loaded | Problem], *, told_by: str
) -> list[dict[str, Any] | Problem]:
    """Tell many events inside a transaction; give an answer or a problem for each."""
    results: list[dict[str, Any] | Problem] = []
    for one in loaded:
        if isinstance(one, Problem):
            results.append(one)
            continue
        try:
            telling = Telling(one.event, told_by, one.warnings, one.is_dated)
            results.append(tell(tx, services, telling, as_of=services.clock()))
        except EventConflict as conflict:  # raised before anything is written
            results.append(conflict)
    return results


def record_events_in(
    tx: Transaction,
    services: Services,
    events: Sequence[Event],
    *,
    told_by: str,
    at: datetime | None = None,
    historical: bool = False,
) -> list[dict[str, Any]]:
    """Record events inside a transaction, judged as things stood at *at*."""
    as_of = at or services.clock()
    tellings = [Telling(event, told_by, is_historical=historical) for event in events]
    return [tell(tx, services, telling, as_of=as_of) for telling in tellings]


def tell(tx: Transaction, services: Services, telling: Telling, *, as_of: datetime) -> dict[str, Any]:
    """Take one telling: a replay, a revision, or news; whom it concerns is locked by the caller."""
    event = telling.event
    known = tx.event(event.id)
    fingerprint = _fingerprint(telling)
    if services.settings.keeps_minimal_properties:
        telling = replace(telling, event=with_minimal_properties(rule_book(tx), event))
    if known is None:
        return _take_news(tx, services, telling, fingerprint, as_of)
    if (known.event.type, known.event.subject) != (event.type, event.subject):
        raise _conflict(known.event, event)
    if known.voided_at is not None:
        return {**_answer_voided(tx, telling), "replayed": known.fingerprint == fingerprint}
    if is_told_already(tx, known, event, fingerprint):
        return first_answer(known)
    if _is_older(event, known.event):
        return _keep_as_history(tx, services, telling, known, fingerprint)
    return _take_revision(tx, services, telling, known, fingerprint, as_of)


def _fingerprint(telling: Telling) -> str:
    """Hash the content as it was told; equal content is a replay."""
    document = event_document(telling.event)
    if not telling.is_dated:
        document["occurred_at"] = None
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _conflict(known: Event, event: Event) -> EventConflict:
    return EventConflict(
        f"The id {event.id[:80]!r} already stands for {known.type} on {known.subject or 'no subject'}; this is "
        f"{event.type} on {event.subject or 'no subject'}. Give each thing that happens an id of its own, such as the "
        "record's id and the event type."
    )


def _answer_voided(tx: Reading, telling: Telling) -> dict[str, Any]:
    warning = "This event was taken back. If it happened after all, tell it with a new id."
    refusal = Reason(ReasonCode.VOIDED, "taken back")
    told = Told(telling.event, "not_counted", (*telling.warnings, warning), refusal)
    return build_answer(tx, told, Rejudged())


def _is_older(event: Event, known: Event) -> bool:
    """Say whether a telling describes the record as it was before the known one."""
    return event.revised_at is not None and known.revised_at is not None and event.revised_at < known.revised_at


def _keep_as_history(
    tx: Transaction, services: Services, telling: Telling, known: EventRecord, fingerprint: str
) -> dict[str, Any]:
    """Keep a telling that is older than the counting one, and leave everything as it is."""
    for earlier in tx.revisions(known.event.id):
        if earlier.fingerprint == fingerprint and earlier.answer:
            return first_answer(earlier)
    warning = "A newer state of this record is known already (*revised_at*); this one was kept as history."
    answer = build_answer(tx, Told(telling.event, "revised", (*telling.warnings, warning)), Rejudged())
    number = max(one.revision for one in tx.revisions(known.event.id)) + 1
    tx.put_stale_revision(_record(services, telling, number, fingerprint, answer))
    return answer


def _take_news(
    tx: Transaction, services: Services, telling: Telling, fingerprint: str, as_of: datetime
) -> dict[str, Any]:
    now = services.clock()
    # A source's clock may run ahead by minutes; what is told now has happened by now.
    event = replace(telling.event, occurred_at=min(telling.event.occurred_at, max(now, as_of)))
    telling = replace(telling, event=event)
    is_too_late = not telling.is_historical and now - event.occurred_at > services.settings.late_limit
    if event.actor and tx.actor(event.actor) is None:
        tx.put_actor(Actor(event.actor))
    record = replace(_record(services, telling, 1, fingerprint, None), too_late=is_too_late)
    tx.put_event(record)
    if is_too_late:
        return _answer_too_late(tx, services, telling, record)
    book = rule_book(tx)
    outcome = None if event.type in book.event_types() else "unknown_type"
    return _judge(tx, book, telling, record, (event,), outcome, _cause(services, telling, as_of))


def _answer_too_late(tx: Transaction, services: Services, telling: Telling, record: EventRecord) -> dict[str, Any]:
    days = services.settings.late_limit.days
    warning = f"It occurred more than {days} days ago; it was kept, and counts only after a rebuild."
    refusal = Reason(ReasonCode.TOO_LATE, f"told more than {days} days late")
    answer = build_answer(tx, Told(telling.event, "too_late", (*telling.warnings, warning), refusal), Rejudged())
    tx.set_answer(record.event.id, _as_text(answer))
    return answer


def _take_revision(
    tx: Transaction, services: Services, telling: Telling, known: EventRecord, fingerprint: str, as_of: datetime
) -> dict[str, Any]:
    event = telling.event
    occurred_at = event.occurred_at if telling.is_dated else known.event.occurred_at
    event = replace(event, occurred_at=min(occurred_at, max(services.clock(), as_of)))
    telling = replace(telling, event=event)
    if event.actor and tx.actor(event.actor) is None:
        tx.put_actor(Actor(event.actor))
    number = max(one.revision for one in tx.revisions(event.id)) + 1
    record = replace(_record(services, telling, number, fingerprint, None), too_late=known.too_late)
    tx.put_event(record)
    outcome = "too_late" if known.too_late else "revised"
    cause = _cause(services, telling, as_of)
    return _judge(tx, rule_book(tx), telling, record, (known.event, event), outcome, cause)


def _cause(services: Services, telling: Telling, as_of: datetime) -> Cause:
    return Cause(as_of, telling.event.id, Reviewing.by(services), is_archive=telling.is_historical)


def _judge(
    tx: Transaction,
    book: RuleBook,
    telling: Telling,
    record: EventRecord,
    versions: tuple[Event, ...],
    outcome: str | None,
    cause: Cause,
) -> dict[str, Any]:
    """Judge everything an event concerns, answer, and keep the answer for replays."""
    done = rejudge(tx, book, touch_event(tx, book, versions), cause)
    answer = build_answer(tx, Told(telling.event, outcome, telling.warnings), done)
    tx.set_answer(record.event.id, _as_text(answer))
    return answer


def _record(
    services: Services, telling: Telling, revision: int, fingerprint: str, answer: dict[str, Any] | None
) -> EventRecord:
    return EventRecord(
        event=telling.event,
        revision=revision,
        fingerprint=fingerprint,
        received_at=services.clock(),
        answer=_as_text(answer) if answer else None,
        told_by=telling.told_by,
    )


def _as_text(answer: dict[str, Any]) -> str:
    return orjson.dumps(answer).decode()
