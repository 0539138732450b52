"""Earnings and periods of streaks as the engine makes them, and as the store keeps them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import orjson

from milepost.engine.judge import Earning, Judge
from milepost.engine.kinds import CalendarWindow
from milepost.engine.outcomes import Evidence, PeriodOutcome
from milepost.engine.people import Holder
from milepost.engine.windows import window_from_key
from milepost.storage.records import EarningRecord, PeriodRecord


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


def record_of_outcome(outcome: PeriodOutcome, judge: Judge) -> PeriodRecord:
    """Make the row of a period."""
    return PeriodRecord(
        period=outcome.period.key,
        rule_version=judge.version.number,
        met_at=outcome.met_at,
        due_at=outcome.due,
        evidence=orjson.dumps([list(one) for one in outcome.evidence]).decode(),
    )


def outcome_of(record: PeriodRecord, judge: Judge) -> PeriodOutcome:
    """Make the period of a row; its evidence is read only where somebody asks for it."""
    kind = judge.pieces or CalendarWindow.DAY
    return PeriodOutcome(
        window_from_key(record.period, kind), record.met_at, record.due_at, lambda: _read_evidence(record.evidence)
    )


def _read_evidence(text: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(datetime.fromisoformat(at), event_id, datetime.fromisoformat(occurred_at))
        for at, event_id, occurred_at in orjson.loads(text)
    )
