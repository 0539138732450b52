"""An award in few words, wherever one is named."""

from __future__ import annotations

from typing import Any

from milepost.engine.people import Holder, HolderKind
from milepost.storage.records import AwardRecord


def award_summary(award: AwardRecord) -> dict[str, Any]:
    """Give an award as the next step of a flow needs it."""
    return {
        "id": award.id,
        "achievement": award.achievement,
        "name": award.name,
        "holder": holder_name(award.holder),
        "tier": award.tier,
        "points": award.points,
        "status": award.status.value,
        "earned_at": award.earned_at.isoformat(),
        "message": award.message,
        "next_step": award.next_step,
        "reason_code": award.reason_code,
        "reason": award.reason,
        "rule_version": award.rule_version,
        "evidence": list(award.evidence),
    }


def holder_name(holder: Holder) -> str:
    """Name a holder: an actor by its id, a team with ``team:`` before it."""
    return holder.id if holder.kind is HolderKind.ACTOR else f"team:{holder.id}"
