"""A small world to change rules in: one person, a clock that is moved by hand, and rules that count tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from milepost.engine.achievements import State
from milepost.engine.events import Event
from milepost.engine.facts import Past
from milepost.engine.people import Holder, HolderKind
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import Saved, roll_back, save_achievement, set_state
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage.base import Store
from milepost.storage.records import AwardRecord, AwardStatus

ANA = Holder(HolderKind.ACTOR, "ana@example.com")
BEN = Holder(HolderKind.ACTOR, "ben@example.com")


def on(month: int, day: int, hour: int = 12) -> datetime:
    """Give a moment of the year 2026; 2 March is a Monday."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


MONDAY = on(3, 2)


def rule(target: int = 2, *, window: str | None = "week", **more: Any) -> dict[str, Any]:
    """Give the document of a rule that counts solved tickets."""
    criterion: dict[str, Any] = {"kind": "count", "target": target, "of": {"type": "ticket.solved"}}
    return {
        "key": "clean-close",
        "name": "Clean Close",
        "purpose": "Fast resolutions that stay resolved",
        "category": "volume",
        "criterion": criterion | ({"window": window} if window else {}),
        "repeats": "every_window" if window else "once",
        "points": 5,
        **more,
    }


@dataclass
class World:
    """A store and a clock."""

    store: Store
    now: datetime = MONDAY
    told: int = 0

    @property
    def services(self) -> Services:
        """Give what operations work with, at the present moment of the clock."""
        return Services(self.store, lambda: self.now, Settings())

    def solve(self, *moments: datetime, by: Holder = ANA) -> list[dict[str, Any]]:
        """Tell of tickets solved, the clock following, and give the answers."""
        answers = []
        for moment in moments:
            self.told += 1
            self.now = max(self.now, moment)
            event = Event(f"zd-{self.told}", "ticket.solved", moment, by.id, f"ticket-{self.told}")
            answers.append(record_event(self.services, event, told_by="test"))
        return answers

    def save(self, document: dict[str, Any], at: datetime, past: Past | None = None, note: str = "") -> Saved:
        """Save a rule at a moment."""
        self.now = at
        return save_achievement(self.services, document, author="Ops", note=note or None, past=past)

    def switch(self, state: str, at: datetime, past: Past | None = None) -> Saved:
        """Set the state of the rule at a moment."""
        self.now = at
        return set_state(self.services, "clean-close", State(state), author="Ops", past=past)

    def roll_back(self, number: int, at: datetime, past: Past | None = None) -> Saved:
        """Make an earlier version the newest at a moment."""
        self.now = at
        return roll_back(self.services, "clean-close", number, author="Ops", past=past)

    def awards(self, of: Holder = ANA) -> list[AwardRecord]:
        """Give the granted awards."""
        with self.store.reading() as reading:
            return [one for one in reading.awards_of(None, of) if one.status is AwardStatus.GRANTED]

    def slots(self, of: Holder = ANA) -> list[str]:
        """Give the slots of the granted awards."""
        return sorted(award.slot for award in self.awards(of))

    def differences(self) -> tuple[str, ...]:
        """Recompute everything, and give what is not as it is kept."""
        return verify(self.services).differences
