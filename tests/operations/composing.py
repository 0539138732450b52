"""What tests of composing share: a world in which time passes, and what people were told in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from milepost.delivery.message import Message, message_of
from milepost.engine.events import Event
from milepost.engine.people import Holder
from milepost.operations.compose_messages import compose_all
from milepost.operations.save_people import save_actor
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.watch_streaks import watch_streaks
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.outbox import DeliveryQuery, MessageRecord, SubscriptionRecord
from tests.operations.telling import ANA, BOSS, SOLVED, SUPPORT, World, at

ONE = {**SOLVED, "target": 1}
#: What Ana is told at once, her manager in the week's digest, the team in the day's.
SHARED = {"actor": "instant", "manager": "weekly", "team": "daily"}
#: Each ticket is worth an award.
EACH = {"repeats": "every_target", "message": "{{ actor.first_name }} solved a ticket in time."}
#: A ticket counts after an hour in which it was not reopened.
HELD = {"type": "ticket.solved", "hold": {"for": "PT1H", "cancelled_by": {"type": "ticket.reopened"}}}


@dataclass
class TellingWorld(World):
    """A world in which messages are composed as its clock goes on."""

    def go_to(self, moment: datetime) -> int:
        """Let the clock go on, and do what time makes happen; give the number of messages."""
        self.now = moment
        return self.pass_time(self.services)

    @staticmethod
    def pass_time(services: Services) -> int:
        """Do what time makes happen."""
        settle_all(services)
        watch_streaks(services)
        return compose_all(services)

    def choose(self, actor: str = ANA.id, **preferences: Any) -> None:
        """Let a person choose."""
        save_actor(self.services, {"id": actor, "preferences": preferences})

    def earn(self, moment: datetime, number: int = 0, **properties: Any) -> Event:
        """Let Ana solve a ticket at a moment, told at once; nothing is composed meanwhile."""
        self.now = moment
        event = Event(f"zd-{number}-solved", "ticket.solved", moment, ANA.id, f"ticket-{number}", properties)
        self.tell(event)
        return event

    def reopen(self, moment: datetime, number: int, *, told_at: datetime) -> Event:
        """Let a customer have come back to a ticket, as it becomes known later."""
        self.now = told_at
        event = Event(f"zd-{number}-reopened", "ticket.reopened", moment, None, f"ticket-{number}")
        self.tell(event)
        return event

    def records(self, recipient: Holder = ANA) -> list[MessageRecord]:
        """Give what somebody was told, oldest first."""
        with self.store.reading() as reading:
            return reading.messages_to(recipient, limit=None)[::-1]

    def messages(self, recipient: Holder = ANA) -> list[Message]:
        """Give what somebody was told as messages, oldest first."""
        return [message_of(one.document) for one in self.records(recipient)]

    def forms(self, recipient: Holder = ANA) -> list[str]:
        """Give the forms of what somebody was told, oldest first."""
        return [one.form.value for one in self.records(recipient)]

    def moments(self, recipient: Holder = ANA) -> list[datetime]:
        """Give when somebody was told, oldest first."""
        return [one.composed_at for one in self.records(recipient)]

    def place(self, place_id: str = "sub_1", **fields: Any) -> None:
        """Keep a place of Ana's, in Slack unless told otherwise."""
        usual = {
            "transport": "slack",
            "audience": "actor",
            "address": f"https://{place_id}.example/in",
            "recipient": ANA,
        }
        with self.store.transaction() as tx:
            tx.put_subscription(SubscriptionRecord(id=place_id, created_at=at(1), **{**usual, **fields}))

    def places_told(self) -> list[str]:
        """Give the places that something waits for, in order of the ids."""
        with self.store.reading() as reading:
            return sorted(one.subscription_id for one in reading.deliveries(DeliveryQuery()))


def texts(message: Message) -> list[str]:
    """Give the lines of a message."""
    return [line.text for section in message.sections for line in section.lines]


@contextmanager
def telling_world(folder: Path, **settings: Any) -> Iterator[TellingWorld]:
    """Open an empty store in which Ana works for the support team."""
    store = open_store(f"sqlite:///{folder / 'milepost.db'}")
    try:
        made = TellingWorld(store, settings=Settings(**settings))
        made.hire()
        save_actor(made.services, {"id": BOSS.id, "name": "Bo Berg"})
        yield made
    finally:
        store.close()


__all__ = ["ANA", "BOSS", "EACH", "HELD", "ONE", "SHARED", "SUPPORT", "TellingWorld", "at", "telling_world", "texts"]
