"""Earnings, awards, their history and what is due, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, case, delete, func, insert, select, union

from milepost.engine.people import Holder
from milepost.storage.records import (
    AwardChange,
    AwardQuery,
    AwardRecord,
    AwardSource,
    AwardStatus,
    EarningRecord,
)
from milepost.storage.sql_people import holder_values, read_holder
from milepost.storage.statements import Row, SqlPart, Statement, among, columns, same, upsert
from milepost.storage.tables import AWARD_CHANGES, AWARDS, DUES, EARNINGS
from milepost.storage.texts import json_list, moment_text, read_json, read_moment

_OF_HOLDER = ("holder_kind", "holder_id")
_EARNING = (
    "achievement",
    "holder_kind",
    "holder_id",
    "window",
    "ordinal",
    "tier",
    "earned_at",
    "evidence",
    "value",
    "target",
    "rule_version",
)
#: In the order in which an ``AwardRecord`` names them.
_AWARD = (
    "id",
    "achievement",
    "name",
    "holder_kind",
    "holder_id",
    "slot",
    "tier",
    "status",
    "points",
    "earned_at",
    "changed_at",
    "rule_version",
    "evidence",
    "reason_code",
    "reason",
    "source",
    "message",
    "next_step",
    "decision",
    "decided_by",
    "note",
)
_CHANGE = ("award_id", "at", "change", "reason_code", "reason", "cause")

_EARNINGS = (
    select(*columns(EARNINGS, _EARNING))
    .where(*same(EARNINGS, *_OF_HOLDER))
    .order_by(EARNINGS.c.earned_at, EARNINGS.c.window, EARNINGS.c.ordinal, EARNINGS.c.row_number)
)
EARNINGS_IN = Statement(_EARNINGS.where(among(EARNINGS.c.window, "windows")))
EARNINGS_OF_BOTH = Statement(_EARNINGS.where(*same(EARNINGS, "achievement")))
DROP_EARNINGS = Statement(delete(EARNINGS).where(*same(EARNINGS, "achievement", *_OF_HOLDER)))
DROP_EARNINGS_IN = Statement(
    delete(EARNINGS).where(*same(EARNINGS, "achievement", *_OF_HOLDER), among(EARNINGS.c.window, "windows"))
)
ADD_EARNING = Statement(insert(EARNINGS).values({name: bindparam(name) for name in _EARNING}))

_AWARDS = select(*columns(AWARDS, _AWARD))
_BY_MOMENT = (AWARDS.c.earned_at, AWARDS.c.id)
AWARD_BY_ID = Statement(_AWARDS.where(*same(AWARDS, "id")))
# the status stands outside of the index: SQLite would look through all granted awards by it
GRANTED = Statement(
    select(AWARDS.c.id).where(
        among(AWARDS.c.id, "ids"), func.coalesce(AWARDS.c.status, "") == AwardStatus.GRANTED.value
    )
)
AWARDS_OF_HOLDER = Statement(_AWARDS.where(*same(AWARDS, *_OF_HOLDER)).order_by(*_BY_MOMENT))
AWARDS_OF_BOTH = Statement(_AWARDS.where(*same(AWARDS, "achievement", *_OF_HOLDER)).order_by(*_BY_MOMENT))
# the status stands outside the condition: SQLite would look up all granted awards by it
POINTS = Statement(
    select(
        func.coalesce(func.sum(case((AWARDS.c.status == AwardStatus.GRANTED.value, AWARDS.c.points), else_=0)), 0)
    ).where(*same(AWARDS, *_OF_HOLDER))
)
PUT_AWARD = upsert(AWARDS)
CHANGES_OF_AWARD = Statement(
    select(*columns(AWARD_CHANGES, _CHANGE))
    .where(*same(AWARD_CHANGES, "award_id"))
    .order_by(AWARD_CHANGES.c.row_number)
)
ADD_CHANGE = Statement(insert(AWARD_CHANGES).values({name: bindparam(name) for name in _CHANGE}))
HOLDERS = Statement(
    union(
        *(select(*columns(table, _OF_HOLDER)).where(*same(table, "achievement")) for table in (EARNINGS, AWARDS))
    ).order_by(*_OF_HOLDER)
)

DUES_OF = Statement(select(*columns(DUES, ("achievement", "window", "due_at"))).where(*same(DUES, *_OF_HOLDER)))
DUES_BY = Statement(
    select(*columns(DUES, ("achievement", *_OF_HOLDER, "window", "due_at")))
    .where(DUES.c.due_at <= bindparam("by"))
    .order_by(DUES.c.due_at, DUES.c.achievement, DUES.c.holder_kind, DUES.c.holder_id, DUES.c.window)
    .limit(bindparam("limit"))
)
PUT_DUE = upsert(DUES)
DROP_DUE = Statement(delete(DUES).where(*same(DUES, "achievement", *_OF_HOLDER, "window")))


@cache
def award_page(filters: frozenset[str]) -> Statement:
    """Make the question for a page of awards under some filters; there are few, so each is made once."""
    page = _AWARDS.where(AWARDS.c.id > bindparam("after")).order_by(AWARDS.c.id).limit(bindparam("limit"))
    page = page.where(*same(AWARDS, *sorted(filters - {"since", "status"})))
    if "status" in filters:
        # hidden from the index where a narrower one serves: SQLite would walk all awards of that status
        narrower = filters & {"holder_id", "achievement"}
        status = func.coalesce(AWARDS.c.status, "") if narrower else AWARDS.c.status
        page = page.where(status == bindparam("status"))
    if "since" in filters:
        page = page.where(AWARDS.c.earned_at >= bindparam("since"))
    return Statement(page)


def _read_earning(row: Row) -> EarningRecord:
    achievement, kind, holder_id, window, ordinal, tier, earned_at, evidence, value, target, rule_version = row
    return EarningRecord(
        achievement=achievement,
        holder=read_holder(kind, holder_id),
        window=window,
        ordinal=ordinal,
        tier=tier,
        earned_at=read_moment(earned_at),
        evidence=tuple(read_json(evidence)),
        value=value,
        target=target,
        rule_version=rule_version,
    )


def _earning_values(earning: EarningRecord) -> dict[str, object]:
    return {
        "achievement": earning.achievement,
        **holder_values(earning.holder),
        "window": earning.window,
        "ordinal": earning.ordinal,
        "tier": earning.tier,
        "earned_at": moment_text(earning.earned_at),
        "evidence": json_list(earning.evidence),
        "value": float(earning.value),
        "target": float(earning.target),
        "rule_version": earning.rule_version,
    }


def _read_award(row: Row) -> AwardRecord:
    award_id, achievement, name, kind, holder_id, slot, tier, status, points = row[:9]
    earned_at, changed_at, rule_version, evidence, reason_code, reason, source, *texts = row[9:]
    message, next_step, decision, decided_by, note = texts
    return AwardRecord(
        id=award_id,
        achievement=achievement,
        name=name,
        holder=read_holder(kind, holder_id),
        slot=slot,
        tier=tier,
        status=AwardStatus(status),
        points=points,
        earned_at=read_moment(earned_at),
        changed_at=read_moment(changed_at),
        rule_version=rule_version,
        evidence=tuple(read_json(evidence)),
        reason_code=reason_code,
        reason=reason,
        source=AwardSource(source),
        message=message,
        next_step=next_step,
        decision=decision,
        decided_by=decided_by,
        note=note,
    )


def _award_values(award: AwardRecord) -> dict[str, object]:
    plain = {name: getattr(award, name) for name in _AWARD if not name.startswith("holder_")}
    return {
        **plain,
        **holder_values(award.holder),
        "status": award.status.value,
        "earned_at": moment_text(award.earned_at),
        "changed_at": moment_text(award.changed_at),
        "evidence": json_list(award.evidence),
        "source": award.source.value,
    }


def _read_change(row: Row) -> AwardChange:
    award_id, at, change, reason_code, reason, cause = row
    return AwardChange(award_id, read_moment(at), change, reason_code, reason, cause)


def _change_values(change: AwardChange) -> dict[str, object]:
    return {**{name: getattr(change, name) for name in _CHANGE}, "at": moment_text(change.at)}


def _read_due(row: Row) -> tuple[str, Holder, str, datetime]:
    achievement, kind, holder_id, window, due_at = row
    return achievement, read_holder(kind, holder_id), window, read_moment(due_at)


class AwardReading(SqlPart):
    """Questions about what was earned."""

    __slots__ = ()

    def earnings_in(self, windows: Collection[str], holder: Holder) -> list[EarningRecord]:
        """Give the earnings of one holder in some windows under all rules, by earned_at, window and ordinal."""
        return self._all(EARNINGS_IN, _read_earning, {"windows": json_list(windows), **holder_values(holder)})

    def earnings(self, achievement: str, holder: Holder) -> list[EarningRecord]:
        """Give the earnings of one holder under one rule, by earned_at, window and ordinal."""
        return self._all(EARNINGS_OF_BOTH, _read_earning, {"achievement": achievement, **holder_values(holder)})

    def award(self, award_id: str) -> AwardRecord | None:
        """Give an award by id."""
        return self._one(AWARD_BY_ID, _read_award, {"id": award_id})

    def granted(self, award_ids: Collection[str]) -> set[str]:
        """Say which of some awards are granted."""
        return set(self._all(GRANTED, lambda row: str(row[0]), {"ids": json_list(award_ids)}))

    def awards_of(self, achievement: str | None, holder: Holder) -> list[AwardRecord]:
        """Give all awards of one holder (for one achievement), whatever their status, by earned_at and id."""
        if achievement is None:
            return self._all(AWARDS_OF_HOLDER, _read_award, holder_values(holder))
        return self._all(AWARDS_OF_BOTH, _read_award, {"achievement": achievement, **holder_values(holder)})

    def awards(self, query: AwardQuery) -> list[AwardRecord]:
        """Give a page of awards, by id."""
        filters: dict[str, str] = {}
        if query.holder is not None:
            filters |= holder_values(query.holder)
        if query.achievement is not None:
            filters["achievement"] = query.achievement
        if query.status is not None:
            filters["status"] = query.status.value
        if query.since is not None:
            filters["since"] = moment_text(query.since)
        values = {**filters, "after": query.after or "", "limit": query.limit}
        return self._all(award_page(frozenset(filters)), _read_award, values)

    def award_changes(self, award_id: str) -> list[AwardChange]:
        """Give an award's history, oldest first."""
        return self._all(CHANGES_OF_AWARD, _read_change, {"award_id": award_id})

    def points(self, holder: Holder) -> int:
        """Add up the points of the granted awards."""
        return self._one(POINTS, lambda row: int(row[0]), holder_values(holder)) or 0

    def holders(self, achievement: str) -> list[Holder]:
        """Give everybody with an earning or an award of an achievement."""
        return self._all(HOLDERS, lambda row: read_holder(*row), {"achievement": achievement})

    def dues(self, holder: Holder) -> dict[tuple[str, str], datetime]:
        """Give when to look at a holder again, by achievement and window."""
        return dict(self._all(DUES_OF, lambda row: ((row[0], row[1]), read_moment(row[2])), holder_values(holder)))

    def due(self, *, by: datetime, limit: int = 500) -> list[tuple[str, Holder, str, datetime]]:
        """Give the achievement, holder, window and moment of what must be looked at again by then, the oldest first."""
        return self._all(DUES_BY, _read_due, {"by": moment_text(by), "limit": limit})


class AwardWriting(AwardReading):
    """Changes of what was earned."""

    __slots__ = ()

    def replace_earnings(
        self, achievement: str, holder: Holder, windows: Collection[str] | None, earnings: Sequence[EarningRecord]
    ) -> None:
        """Put *earnings* in place of those in *windows* (None: in all windows)."""
        values = {"achievement": achievement, **holder_values(holder)}
        added = [_earning_values(earning) for earning in earnings]
        if windows is None:
            self._change(DROP_EARNINGS, values)
        else:
            self._change(DROP_EARNINGS_IN, {**values, "windows": json_list(windows)})
        self._change_each(ADD_EARNING, added)

    def put_award(self, award: AwardRecord, change: AwardChange | None) -> None:
        """Add or replace an award, with its history step."""
        steps = [] if change is None else [_change_values(change)]
        self._change(PUT_AWARD, _award_values(award))
        self._change_each(ADD_CHANGE, steps)

    def set_due(self, achievement: str, holder: Holder, window: str, due_at: datetime | None) -> None:
        """Note when to look at a holder's window again; None: no need."""
        values = {"achievement": achievement, **holder_values(holder), "window": window}
        if due_at is None:
            self._change(DROP_DUE, values)
        else:
            self._change(PUT_DUE, {**values, "due_at": moment_text(due_at)})
