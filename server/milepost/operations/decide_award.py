"""What a person says about an award: approve, reject, revoke, note."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from milepost.engine.people import HolderKind
from milepost.engine.reasons import ReasonCode
from milepost.errors import Conflict, NotFound
from milepost.operations.give_award import follow_up
from milepost.operations.list_awards import award_document
from milepost.operations.services import Services
from milepost.operations.settle_awards import EXPIRED, AwardStep
from milepost.storage.base import Reading, Transaction
from milepost.storage.records import AwardChange, AwardRecord, AwardStatus

APPROVED = "approved"
REJECTED = "rejected"


def revoke_award(services: Services, award_id: str, *, reason: str, told_by: str) -> dict[str, Any]:
    """Take an award back for good; recomputing does not bring it back. Doing so again changes nothing."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = find_award(tx, award_id)
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
        return award_document(decide(tx, services, revoked, award, told_by))


def review_award(services: Services, award_id: str, *, decision: str, note: str | None, told_by: str) -> dict[str, Any]:
    """Let an award that waits stand, or not; also one about which nobody decided in time.

    Raises `Conflict` if it does not wait for a decision, or would be decided by its own holder.
    """
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = find_award(tx, award_id)
        if award.decision == decision:
            return award_document(award)
        return award_document(review_in(tx, services, award, decision=decision, note=note, told_by=told_by))


def review_in(
    tx: Transaction, services: Services, award: AwardRecord, *, decision: str, note: str | None, told_by: str
) -> AwardRecord:
    """Decide about an award inside a transaction."""
    if award.status is not AwardStatus.IN_REVIEW and award.decision != EXPIRED:
        raise Conflict(
            f"The award is {award.status.value} and waits for no decision. To take it back, use "
            f"POST /v1/awards/{award.id}/revocation."
        )
    refuse_own(award, told_by)
    if decision == APPROVED:
        code, reason = _ground(tx, award)
    else:
        code, reason = ReasonCode.REVIEW_REJECTED.value, note or "not confirmed in review"
    decided = replace(
        award,
        status=AwardStatus.GRANTED if decision == APPROVED else AwardStatus.REJECTED,
        decision=decision,
        decided_by=told_by,
        note=note or award.note,
        reason_code=code,
        reason=reason,
    )
    return decide(tx, services, decided, award, told_by)


def note_award(services: Services, award_id: str, *, note: str | None, told_by: str) -> dict[str, Any]:
    """Write a note to an award, in place of the one before."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        award = replace(find_award(tx, award_id), note=note)
        change = AwardChange(award.id, services.clock(), "noted", award.reason_code, note or "note removed", told_by)
        tx.put_award(award, change)
        return award_document(award)


def find_award(reading: Reading, award_id: str) -> AwardRecord:
    """Give an award, or raise `NotFound`."""
    award = reading.award(award_id)
    if award is None:
        raise NotFound(f"There is no award {award_id[:80]!r}. GET /v1/awards lists what there is.")
    return award


def refuse_own(award: AwardRecord, person: str) -> None:
    """Refuse somebody who would decide about an award of their own."""
    if award.holder.kind is HolderKind.ACTOR and award.holder.id == person:
        raise Conflict(
            "Nobody decides about an award of their own. Hand it to somebody else with "
            f"POST /v1/awards/{award.id}/delegation."
        )


def decide(tx: Transaction, services: Services, award: AwardRecord, before: AwardRecord, told_by: str) -> AwardRecord:
    """Write a decision down with everything that follows from it."""
    award = replace(award, changed_at=services.clock())
    change = award.decision or award.status.value
    tx.put_award(award, AwardChange(award.id, award.changed_at, change, award.reason_code, award.reason, told_by))
    follow_up(tx, services, AwardStep(award, before), told_by)
    return award


def _ground(reading: Reading, award: AwardRecord) -> tuple[str, str]:
    """Give what an award rested on when it began to wait; what ran out of time has another reason since."""
    if award.decision != EXPIRED:
        return award.reason_code, award.reason
    began = [one for one in reading.award_changes(award.id) if one.change == AwardStatus.IN_REVIEW.value]
    return (began[-1].reason_code, began[-1].reason) if began else (award.reason_code, award.reason)
