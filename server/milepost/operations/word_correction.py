"""Say in neutral words what happened that took the ground from an award."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from milepost.engine.reasons import ReasonCode
from milepost.engine.wording import type_words, types_noun
from milepost.storage.base import Reading
from milepost.storage.records import AwardStatus, EventRecord

_LOSSES = frozenset({AwardStatus.REVOKED.value, AwardStatus.IN_REVIEW.value, AwardStatus.REJECTED.value})


def why_it_fell(reading: Reading, document: Mapping[str, Any]) -> str | None:
    """Give half a sentence such as *Ticket-9 was reopened*; None where a person has decided."""
    if document["reason_code"] != ReasonCode.LOST_GROUND:
        return None
    changes = [one for one in reading.award_changes(document["id"]) if one.change in _LOSSES]
    record = reading.event(changes[-1].cause) if changes and changes[-1].cause else None
    if record is None:
        return "What it was earned for no longer holds"
    return what_happened(reading, record, document["evidence"])


def what_happened(reading: Reading, record: EventRecord, evidence: Collection[str]) -> str:
    """Say what an event was, that is not of the evidence, or what became of one that is."""
    event = record.event
    what = event.subject or "a record"
    if record.voided_at is not None:
        return f"What was told of {what} was taken back"
    if record.revision > 1 or event.id in evidence:
        return f"What was told of {what} has changed"
    told = (reading.event(one) for one in evidence)
    is_more_of_it = event.type in {one.event.type for one in told if one}
    return (None if is_more_of_it else _passive(event.type, event.subject)) or f"More became known of {what}"


def _passive(event_type: str, subject: str | None) -> str | None:
    """Read ``ticket.reopened`` as *Ticket 9 was reopened*; None where a type is no noun and participle."""
    head, _, last = event_type.rpartition(".")
    noun, done = type_words(head), type_words(last)
    if types_noun([event_type]) != f"{done} {noun}":
        return None
    what = f"a {noun}" if subject is None else subject
    if subject is not None and not subject.casefold().startswith(noun.casefold()):
        what = f"{noun} {subject}"
    return f"{what[:1].upper()}{what[1:]} was {done}"
