"""What tests of telling share: a store, a clock that tests move, people, rules and events in few words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import save_actor, save_team
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage.base import Store
from milepost.storage.outbox import NewsRecord, OwedRecord

ANA = Holder(HolderKind.ACTOR, "ana@example.com")
BOSS = Holder(HolderKind.ACTOR, "boss@example.com")
SUPPORT = Holder(HolderKind.TEAM, "support")
SOLVED = {"kind": "count", "of": {"type": "ticket.solved"}}
ALL_AT_ONCE = {"actor": "instant", "manager": "weekly", "team": "daily"}


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Give a moment of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@dataclass
class World:
    """A store and a clock that stands where a test puts it."""

    store: Store
    now: datetime = field(default_factory=lambda: at(2))
    settings: Settings = field(default_factory=Settings)

    @property
    def services(self) -> Services:
        """Give what operations work with, at the present moment of the test."""
        return Services(self.store, lambda: self.now, self.settings)

    def hire(self, actor: str = ANA.id, **more: Any) -> None:
        """Add a person of the support team, with a manager."""
        save_team(self.services, {"id": SUPPORT.id, "name": "Support"})
        save_actor(self.services, {"id": actor, "name": "Ana Diaz", "team": "support", "manager": BOSS.id, **more})

    def rule(self, criterion: dict[str, Any], **more: Any) -> None:
        """Save a live rule."""
        named = {"key": "steady", "name": "Steady", "purpose": "Keep promises", "category": "volume", "state": "live"}
        document = {**named, "criterion": criterion, **more}
        save_achievement(self.services, document, author="Ops", note="Agreed with the team")

    def solve(self, moment: datetime, number: int = 0, **properties: Any) -> dict[str, Any]:
        """Let Ana solve a ticket, and be told of it at that moment or now, whichever is later."""
        self.now = max(self.now, moment)
        return self.tell(
            Event(
                f"solved-{moment.isoformat()}-{number}",
                "ticket.solved",
                moment,
                ANA.id,
                f"t-{moment}-{number}",
                properties,
            )
        )

    def tell_late(self, *moments: datetime) -> None:
        """Let it become known now that Ana solved a ticket at each of some moments."""
        for moment in moments:
            self.tell(Event(f"late-{moment.isoformat()}", "ticket.solved", moment, ANA.id, f"late-{moment}"))

    def tell(self, event: Event) -> dict[str, Any]:
        """Tell an event now."""
        return record_event(self.services, event, told_by="test")

    def owed(self) -> list[OwedRecord]:
        """Give everything that is owed to anybody."""
        with self.store.reading() as reading:
            return reading.owed_by(by=datetime(2100, 1, 1, tzinfo=UTC), limit=100)

    def owes(self) -> set[tuple[str, str, str]]:
        """Give to whom what is owed, and how soon."""
        return {(one.recipient.id, one.standing, one.timing.value) for one in self.owed()}

    def say_everything(self) -> None:
        """Act as if every recipient had been told what they are owed."""
        with self.store.transaction() as tx:
            for one in tx.owed_by(by=datetime(2100, 1, 1, tzinfo=UTC), limit=100):
                values = {name: getattr(one, name) for name in OwedRecord.__dataclass_fields__}
                tx.put_owed(OwedRecord(**{**values, "told": one.standing, "due_at": None}))

    def news(self) -> list[NewsRecord]:
        """Give all news, oldest first."""
        with self.store.reading() as reading:
            return reading.news_to_hand(limit=100)

    def kinds(self) -> list[str]:
        """Give the kinds of all news, oldest first."""
        return [one.kind.value for one in self.news()]
