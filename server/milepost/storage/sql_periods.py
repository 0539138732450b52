"""The periods of streaks in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from milepost.engine.people import Holder
from milepost.storage.records import PeriodRecord
from milepost.storage.sql_people import holder_values
from milepost.storage.statements import Row, SqlPart, Statement, among, columns, same, upsert
from milepost.storage.tables import PERIODS
from milepost.storage.texts import json_list, maybe_moment_text, maybe_read_moment

_OF_STREAK = ("holder_kind", "holder_id", "achievement")
PERIODS_OF = Statement(
    select(*columns(PERIODS, ("period", "rule_version", "met_at", "due_at", "evidence")))
    .where(*same(PERIODS, *_OF_STREAK))
    .order_by(PERIODS.c.period)
)
PUT_PERIOD = upsert(PERIODS)
DROP_PERIODS = Statement(delete(PERIODS).where(*same(PERIODS, *_OF_STREAK), among(PERIODS.c.period, "periods")))


def _read_period(row: Row) -> PeriodRecord:
    period, rule_version, met_at, due_at, evidence = row
    return PeriodRecord(period, rule_version, maybe_read_moment(met_at), maybe_read_moment(due_at), evidence)


class PeriodReading(SqlPart):
    """Questions about streaks."""

    __slots__ = ()

    def periods(self, achievement: str, holder: Holder) -> list[PeriodRecord]:
        """Give the judged periods of a holder's streak, in order."""
        return self._all(PERIODS_OF, _read_period, {"achievement": achievement, **holder_values(holder)})


class PeriodWriting(PeriodReading):
    """Changes of streaks."""

    __slots__ = ()

    def put_periods(self, achievement: str, holder: Holder, periods: Sequence[PeriodRecord]) -> None:
        """Add or replace judged periods of a holder's streak."""
        of_streak = {"achievement": achievement, **holder_values(holder)}
        rows = [
            {
                **of_streak,
                "period": one.period,
                "rule_version": one.rule_version,
                "met_at": maybe_moment_text(one.met_at),
                "due_at": maybe_moment_text(one.due_at),
                "evidence": one.evidence,
            }
            for one in periods
        ]
        self._change_each(PUT_PERIOD, rows)

    def drop_periods(self, achievement: str, holder: Holder, periods: Collection[str]) -> None:
        """Forget judged periods of a holder's streak."""
        values = {"achievement": achievement, **holder_values(holder), "periods": json_list(periods)}
        self._change(DROP_PERIODS, values)
