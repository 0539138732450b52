"""Find how far anybody has come toward a target, over the recorded events."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from milepost.engine.achievements import Achievement
from milepost.engine.facts import RuleVersion
from milepost.engine.judge import judge_of
from milepost.operations.rejudge import views_of_all
from milepost.storage.base import Reading

#: With a shorter history nobody can have come far.
LEAST_HISTORY = timedelta(days=28)


def find_best_progress(reading: Reading, achievement: Achievement, now: datetime) -> Decimal | None:
    """Give the furthest that anybody was in one window; None without a target or a history of four weeks."""
    judge = judge_of(RuleVersion(achievement, number=0, effective_at=now))
    if not judge.is_targeted:
        return None
    moments: list[datetime] = []
    best = Decimal(0)
    for view in views_of_all(reading, judge, now):
        moments += [one.event.occurred_at for one in (*view.owned[:1], *view.owned[-1:])]
        best = max([best, *(judge.read(view, key).at(now).value for key in judge.windows(view))])
    has_history = bool(moments) and max(moments) - min(moments) >= LEAST_HISTORY
    return best if has_history else None
