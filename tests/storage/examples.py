"""Records that the storage tests keep and look for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from milepost.engine.calendars import Calendar, Shift
from milepost.engine.events import Event
from milepost.engine.people import Actor, DaySpan, Holder, HolderKind, Preferences, Profile
from milepost.engine.telling import MessageWishes, Mute, NewsKind, QuietHours, Timing
from milepost.storage.records import AwardChange, AwardRecord, AwardStatus, EarningRecord, EventRecord

if TYPE_CHECKING:
    from milepost.storage.base import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = Holder(HolderKind.ACTOR, "ana@example.com")
BEN = Holder(HolderKind.ACTOR, "ben@example.com")
SUPPORT = Holder(HolderKind.TEAM, "support")


def hours(number: float) -> datetime:
    """Give the moment so many hours after noon."""
    return NOON + timedelta(hours=number)


def told(event_id: str = "zd-1", *, revision: int = 1, **fields: Any) -> EventRecord:
    """Make a telling; fields of the record and of the event may be mixed."""
    record: dict[str, Any] = {
        name: fields.pop(name)
        for name in ("fingerprint", "received_at", "voided_at", "too_late", "answer", "told_by")
        if name in fields
    }
    content: dict[str, Any] = {"type": "ticket.solved", "occurred_at": NOON, "actor": ANA.id, **fields}
    telling: dict[str, Any] = {"fingerprint": "f1", "received_at": NOON, **record}
    return EventRecord(event=Event(id=event_id, **content), revision=revision, **telling)


def put(store: Store, *records: EventRecord) -> None:
    """Tell events, in one transaction."""
    with store.transaction() as change:
        for record in records:
            change.put_event(record)


def owners(store: Store, event_id: str, *, through: tuple[str, ...] = ("ticket.solved",)) -> dict[str, set[str]]:
    """Give the actors an event belongs to, and the types through which it does."""
    with store.reading() as view:
        types = view.event_types()
        found = view.owned(None, types, through)
    return {owned.actor: set(owned.through) for owned in found if owned.event.id == event_id}


def award(award_id: str = "aw_1", **fields: Any) -> AwardRecord:
    """Make an award."""
    values = {
        "id": award_id,
        "achievement": "clean-close",
        "name": "Clean Close",
        "holder": ANA,
        "slot": "2026-W10",
        "tier": None,
        "status": AwardStatus.GRANTED,
        "points": 5,
        "earned_at": NOON,
        "changed_at": NOON,
        "rule_version": 3,
        "evidence": ("zd-1", "zd-2"),
        "reason_code": "target_met",
        "reason": "5 of 5 tickets this week",
    }
    return AwardRecord(**{**values, **fields})


def step(award_id: str = "aw_1", change: str = "granted", **fields: Any) -> AwardChange:
    """Make a step in an award's history."""
    values = {"at": NOON, "reason_code": "target_met", "reason": "5 of 5", "cause": "zd-1"}
    return AwardChange(award_id=award_id, change=change, **{**values, **fields})


def earning(window: str = "2026-W10", ordinal: int = 1, **fields: Any) -> EarningRecord:
    """Make an earning."""
    values = {
        "achievement": "clean-close",
        "holder": ANA,
        "tier": None,
        "earned_at": NOON,
        "evidence": ("zd-1",),
        "value": 5.0,
        "target": 5.0,
        "rule_version": 1,
    }
    return EarningRecord(window=window, ordinal=ordinal, **{**values, **fields})


FULL_ACTOR = Actor(
    id=ANA.id,
    name="Ana Ruíz",
    profiles=(
        Profile(role="agent", segments={"queue": "complex"}),
        Profile(
            since=NOON + timedelta(microseconds=1),
            role="lead",
            team="support",
            segments={"queue": "simple", "band": "a"},
            zone="Europe/Madrid",
            calendar="late",
            manager=BEN.id,
        ),
    ),
    leave=(DaySpan(date(2026, 3, 2), date(2026, 3, 6)),),
    pauses=(DaySpan(date(2026, 4, 1), date(2026, 4, 1)),),
    preferences=Preferences(
        messages=MessageWishes(
            timings={NewsKind.REVOKED: Timing.DAILY, NewsKind.AWARDED: Timing.NEVER},
            mutes=(Mute(NewsKind.STREAK_AT_RISK), Mute(transport="slack"), Mute()),
            quiet=(QuietHours(time(12), time(13, 30)), QuietHours(time(22), time(6, 0, 1))),
            outside_working_hours=True,
            daily_most=0,
        )
    ),
)

FULL_CALENDAR = Calendar(
    key="late",
    zone="Europe/Madrid",
    week=((Shift(time(9), time(13)), Shift(time(22), time(6, 30))),) + ((),) * 6,
    country="ES",
    subdivision="MD",
    days_off=frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
)
