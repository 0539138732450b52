"""What a person says about an award: revoke, review, note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from milepost.engine.reasons import ReasonCode
from milepost.errors import Conflict, NotFound
from milepost.operations.give_award import follow_up
from milepost.operations.list_awards import award_document
from milepost.operations.services import Services
from milepost.operations.settle_awards import AwardStep
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import AwardChange, AwardRecord, AwardStatus


def revoke_award(services: Services, award_id: str, *, reason: str, told_by: str) -> dict[str, Any]:
    """Take an award back for good; recomputing does not bring it back. Doing so again changes nothing."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = _find(tx, award_id)
        if award.decision == "revoked":
            return award_document(award)
        revoked = replace(
            award,
            status=AwardStatus.REVOKED,
            decision="revoked",
            decided_by=told_by,
            reason_code=ReasonCode.REVOKED_BY_HAND.value,
            reason=reason,
        )
        return _decide(tx, services, revoked, award, told_by)


def review_award(services: Services, award_id: str, *, decision: str, note: str | None, told_by: str) -> dict[str, Any]:
    """Let an award that waits stand, or not.

    Raises `Conflict` if it does not wait for a decision.
    """
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = _find(tx, award_id)
        if award.decision == decision:
            return award_document(award)
        if award.status is not AwardStatus.IN_REVIEW:
            raise Conflict(
                f"The award is {award.status.value} and waits for no decision. To take it back, use "
                f"POST /v1/awards/{award.id}/revocation."
            )
        is_approved = decision == "approved"
        decided = replace(
            award,
            status=AwardStatus.GRANTED if is_approved else AwardStatus.REJECTED,
            decision=decision,
            decided_by=told_by,
            note=note or award.note,
            reason_code=award.reason_code if is_approved else ReasonCode.REVIEW_REJECTED.value,
            reason=award.reason if is_approved else note or "not confirmed in review",
        )
        return _decide(tx, services, decided, award, told_by)


def note_award(services: Services, award_id: str, *, note: str | None, told_by: str) -> dict[str, Any]:
    """Write a note to an award, in place of the one before."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = replace(_find(tx, award_id), note=note)
        change = AwardChange(award.id, services.clock(), "noted", award.reason_code, note or "note removed", told_by)
        tx.put_award(award, change)
        return award_document(award)


def _find(reading: Reading, award_id: str) -> AwardRecord:
    award = reading.award(award_id)
    if award is None:
        raise NotFound(f"There is no award {award_id[:80]!r}. GET /v1/awards lists what there is.")
    return award


def _decide(
    tx: Transaction, services: Services, award: AwardRecord, before: AwardRecord, told_by: str
) -> dict[str, Any]:
    award = replace(award, changed_at=services.clock())
    change = award.decision or award.status.value
    tx.put_award(award, AwardChange(award.id, award.changed_at, change, award.reason_code, award.reason, told_by))
    follow_up(tx, services, AwardStep(award, before), told_by)
    return award_document(award)
