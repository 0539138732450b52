"""Earnings as the engine makes them, and as the store keeps them."""

from __future__ import annotations

from decimal import Decimal

from milepost.engine.judge import Earning
from milepost.engine.people import Holder
from milepost.storage.records import EarningRecord


def record_of(achievement: str, holder: Holder, earning: Earning) -> EarningRecord:
    """Make the row of an earning."""
    return EarningRecord(
        achievement=achievement,
        holder=holder,
        window=earning.window,
        ordinal=earning.ordinal,
        tier=earning.tier,
        earned_at=earning.earned_at,
        evidence=earning.evidence,
        value=float(earning.value),
        target=float(earning.target),
        rule_version=earning.rule_version,
    )


def earning_of(record: EarningRecord) -> Earning:
    """Make the earning of a row."""
    return Earning(
        window=record.window,
        ordinal=record.ordinal,
        tier=record.tier,
        earned_at=record.earned_at,
        evidence=record.evidence,
        value=Decimal(str(record.value)),
        target=Decimal(str(record.target)),
        rule_version=record.rule_version,
    )
