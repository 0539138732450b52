"""Let a streak survive a day by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from milepost.engine.people import Holder
from milepost.operations.award_summaries import holder_name
from milepost.operations.build_answer import streak_document
from milepost.operations.check_in import streak_of
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services
from milepost.storage.records import FreezeRecord


def freeze_streak(
    services: Services, achievement: str, *, holder: Holder, day: date, note: str | None, told_by: str
) -> dict[str, Any]:
    """Freeze a local day of a holder's streak, and judge the streak again; the same day twice is one.

    Raises `NotFound` for an unknown achievement, `Conflict` for one that is no live streak.
    """
    with services.store.transaction() as tx:
        tx.lock_everything()
        streak_of(tx, achievement)
        tx.put_freeze(FreezeRecord(achievement, holder, day, told_by, note))
        done = rejudge_everything(
            tx, services, holders=[holder], achievements=[achievement], cause=f"freeze of {day.isoformat()}"
        )
        looked = done.looked.get((achievement, holder))
        streak = streak_document(looked) if looked else None
    return {
        "current": 0,
        "longest": 0,
        "state": None,
        "next_due": None,
        **(streak or {}),
        "achievement": achievement,
        "holder": holder_name(holder),
        "day": day.isoformat(),
        "note": note,
        "set_by": told_by,
    }
