"""A store with places and messages, a clock that is driven, and a transport that answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from milepost.delivery.base import Outcome, Parcel, Result
from milepost.delivery.message import Message
from milepost.engine.people import Holder
from milepost.engine.telling import NewsKind
from milepost.operations.dispatch_deliveries import dispatch_due
from milepost.operations.post_message import id_of_delivery, post_message
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store
from milepost.storage.outbox import (
    AttemptRecord,
    DeliveryRecord,
    MessageForm,
    MessageRecord,
    NewsRecord,
    SubscriptionRecord,
)

#: A Monday in working hours.
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SENT = Outcome(Result.SENT, "Taken.", 200)
PASSING = Outcome(Result.PASSING, "The receiver is busy (503).", 503)
PERMANENT = Outcome(Result.PERMANENT, "This message is refused (400).", 400)
GONE = Outcome(Result.GONE, "The channel is no more (404).", 404)


@dataclass
class Scripted:
    """A transport that records what it is given and answers from a list; the last answer stays."""

    answers: list[Outcome] = field(default_factory=lambda: [SENT])
    parcels: list[Parcel] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, address: str) -> None:
        """Take any address."""

    def send(self, parcel: Parcel) -> Outcome:
        """Give the next answer."""
        with self._lock:
            self.parcels.append(parcel)
            return self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)

    @property
    def ids(self) -> list[str]:
        """Give the ids of what came, in order."""
        return [parcel.id for parcel in self.parcels]


@dataclass
class Post:
    """A store and what is needed to send from it."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    now: datetime = MONDAY
    transport: Scripted = field(default_factory=Scripted)

    @property
    def services(self) -> Services:
        """Give what operations work with; the clock is ours."""
        return Services(self.store, lambda: self.now, self.settings)

    def dispatch(self, *answers: Outcome) -> int:
        """Send what is due now; *answers* are those of the transport from now on."""
        self.transport.answers = list(answers) or self.transport.answers
        return dispatch_due(self.services, dict.fromkeys(("webhook", "slack", "teams", "email"), self.transport))

    def wait(self, length: timedelta) -> None:
        """Let the clock go on."""
        self.now += length

    def place(self, place_id: str = "sub_1", **fields: Any) -> SubscriptionRecord:
        """Keep a place; a webhook that gets everything unless told otherwise."""
        usual: dict[str, Any] = {"transport": "webhook", "audience": "all", "address": f"https://{place_id}.example/in"}
        place = SubscriptionRecord(id=place_id, created_at=MONDAY - timedelta(days=1), **{**usual, **fields})
        with self.store.transaction() as tx:
            tx.put_subscription(place)
        return place

    def change(self, place_id: str = "sub_1", **fields: Any) -> None:
        """Change a place."""
        with self.store.transaction() as tx:
            tx.put_subscription(replace(self.place_now(place_id), **fields))

    def owe(self, message_id: str, *places: SubscriptionRecord, recipient: Holder | None = None) -> str:
        """Post a message to places; give the id of the first delivery."""
        said = Message(message_id, "Well done", "Five tickets under SLA.")
        document = {"id": message_id, "type": "achievement.awarded", "timestamp": "now", "data": {}}
        form = MessageForm.INSTANT if recipient else MessageForm.EVENT
        message = MessageRecord(message_id, recipient, form, self.now, said.document() if recipient else document)
        with self.store.transaction() as tx:
            post_message(tx, message, places)
        return id_of_delivery(message_id, places[0].id)

    def happen(self, *ids: str, **fields: Any) -> None:
        """Keep news: an award each, unless told otherwise."""
        usual = {"kind": NewsKind.AWARDED, "at": self.now, "document": {"name": "Clean Close"}, **fields}
        with self.store.transaction() as tx:
            for news_id in ids:
                tx.put_news(NewsRecord(id=news_id, **usual))

    def delivery(self, delivery_id: str) -> DeliveryRecord:
        """Give a delivery as it stands."""
        with self.store.reading() as reading:
            found = reading.delivery(delivery_id)
        assert found is not None
        return found

    def attempts(self, delivery_id: str) -> list[AttemptRecord]:
        """Give the attempts at a delivery."""
        with self.store.reading() as reading:
            return reading.attempts(delivery_id)

    def place_now(self, place_id: str = "sub_1") -> SubscriptionRecord:
        """Give a place as it stands."""
        with self.store.reading() as reading:
            found = reading.subscription(place_id)
        assert found is not None
        return found


@contextmanager
def post_office(folder: Path, **settings: Any) -> Iterator[Post]:
    """Open an empty store to send from."""
    store = open_store(f"sqlite:///{folder / 'milepost.db'}")
    try:
        yield Post(store, Settings(**settings))
    finally:
        store.close()
