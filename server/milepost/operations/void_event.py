"""Take an event back, and recompute what rested on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from milepost.engine.reasons import Reason, ReasonCode
from milepost.errors import NotFound
from milepost.operations.build_answer import Told, build_answer
from milepost.operations.lock_concerned import lock_concerned
from milepost.operations.rejudge import Rejudged, rejudge
from milepost.operations.rule_book import rule_book
from milepost.operations.services import Services
from milepost.operations.settle_awards import Cause, Reviewing
from milepost.operations.touch_event import touch_event
from milepost.storage.base import Transaction

_TAKEN_BACK = Reason(ReasonCode.VOIDED, "taken back")


def void_event(services: Services, event_id: str, *, told_by: str) -> dict[str, Any]:
    """Take an event back; doing so again changes nothing.

    Raises `NotFound` if nobody told it.
    """
    with services.store.transaction() as tx:
        lock_concerned(tx, event_id, None)
        return void_in(tx, services, event_id, told_by=told_by)


def void_in(tx: Transaction, services: Services, event_id: str, *, told_by: str) -> dict[str, Any]:
    """Take an event back inside a transaction, judged as things stand now."""
    at = services.clock()
    record = tx.event(event_id)
    if record is None:
        raise NotFound(
            f"There is no event {event_id[:80]!r} to take back. Check the id; GET /v1/events/{{id}} shows one that "
            "was told."
        )
    event = record.event
    told = Told(event, "revised", refusal=_TAKEN_BACK)
    if record.voided_at is not None:
        return {**build_answer(tx, told, Rejudged()), "replayed": True}
    book = rule_book(tx)
    tx.put_event(replace(record, voided_at=at, told_by=told_by))
    done = rejudge(tx, book, touch_event(tx, book, (event,)), Cause(at, event_id, Reviewing.by(services)))
    return build_answer(tx, told, done)
