"""Why something counted or did not: a code for machines, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Every reason an outcome can have."""

    # an event, for one achievement and holder
    COUNTED = "counted"
    HELD = "held"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CONDITION_NOT_MET = "condition_not_met"
    VALUE_UNREADABLE = "value_unreadable"
    NOT_APPLICABLE = "not_applicable"
    BEFORE_START = "before_start"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    ALREADY_COUNTED = "already_counted"
    VOIDED = "voided"
    TOO_LATE = "too_late"
    # progress
    TARGET_MET = "target_met"
    TARGET_NOT_MET = "target_not_met"
    SAMPLE_TOO_SMALL = "sample_too_small"
    GUARDRAIL_NOT_MET = "guardrail_not_met"
    WINDOW_OPEN = "window_open"
    COOLDOWN = "cooldown"
    CAP_REACHED = "cap_reached"
    # awards given and taken back by people or by the data
    GIVEN_BY_HAND = "given_by_hand"
    LOST_GROUND = "lost_ground"
    KEPT = "kept"
    REVOKED_BY_HAND = "revoked_by_hand"
    REVIEW_REJECTED = "review_rejected"
    REVIEW_EXPIRED = "review_expired"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: *code* never changes its meaning, *text* may be reworded."""

    code: ReasonCode
    text: str
