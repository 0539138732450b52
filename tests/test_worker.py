from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.clock import read_clock
from milepost.delivery.base import Outcome, Parcel, Result, Transport
from milepost.engine.telling import NewsKind
from milepost.log import configure_log
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.backups import folder_of, list_backups
from milepost.storage.base import Reading, Store
from milepost.storage.outbox import DeliveryStatus, NewsRecord
from milepost.worker import Worker
from tests.delivery.receivers import Receiver
from tests.operations.deliveries import Post
from tests.storage.examples import NOON, put, told


class FlakyStore:
    """A real store that cannot be read the first few times, and says when it could."""

    def __init__(self, store: Store, failures: int) -> None:
        """Wrap a store."""
        self._store = store
        self._failures = iter(range(failures))
        self.was_read = threading.Event()

    @property
    def file(self) -> Path | None:
        """Give the file, as ever."""
        return self._store.file

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Fail, or read."""
        if next(self._failures, None) is not None:
            raise OSError("the disk is away")
        with self._store.reading() as reading:
            yield reading
        self.was_read.set()

    def transaction(self) -> AbstractContextManager[Any]:
        """Write as ever."""
        return self._store.transaction()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open an empty store."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield store
    store.close()


def worker_on(store: Any, **transports: Transport) -> Worker:
    """Make a worker that does not wait long."""
    services = Services(store=store, clock=read_clock, settings=Settings())
    pause = timedelta(milliseconds=2)
    return Worker(services, transports=transports or None, every=pause, chores_every=pause)


def test_it_goes_on_after_failures_and_logs_each(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk that comes back is used again, and somebody can read that it was away."""
    configure_log(as_json=True)
    flaky = FlakyStore(store, failures=3)
    worker = worker_on(flaky)
    worker.start()
    assert flaky.was_read.wait(10)
    worker.stop()
    logged = capsys.readouterr().err.splitlines()
    assert sum("the disk is away" in line for line in logged) == 3


def test_it_stops_while_it_waits(store: Store) -> None:
    """Nobody waits for the end of a pause; stopping twice, or before the start, does nothing."""
    worker = Worker(Services(store=store, clock=read_clock, settings=Settings()), every=timedelta(hours=1))
    worker.stop()
    worker = Worker(Services(store=store, clock=read_clock, settings=Settings()), every=timedelta(hours=1))
    worker.start()
    worker.stop()
    worker.stop()
    names = {"milepost-worker", "milepost-dispatch", "milepost-chores"}
    assert names.isdisjoint(thread.name for thread in threading.enumerate())


def test_a_backup_is_made_without_anybody_asking(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """One, and it is logged where it lies; while its folder cannot be made, that is logged and tried again."""
    configure_log(as_json=True)
    file = store.file
    assert file is not None
    put(store, told())
    folder_of(file).write_bytes(b"in the way")
    worker = worker_on(store)
    worker.start()
    logged = wait_for(capsys, '"event": "backup_failed"')
    folder_of(file).unlink()
    logged += wait_for(capsys, '"event": "backed_up"')
    worker.stop()
    (backup,) = list_backups(file)
    assert str(backup.path) in logged
    assert '"event": "job_failed"' not in logged


def test_what_grew_old_goes_without_anybody_asking(store: Store) -> None:
    """Here an answer that was kept for a call with an idempotency key."""
    with store.transaction() as change:
        change.put_answer("scope", "key", "f", "200\n{}", NOON)
    worker = worker_on(store)
    worker.start()
    deadline = time.monotonic() + 20
    while is_kept(store) and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.stop()
    assert not is_kept(store)


class Slow:
    """A place that takes its time, and says when it was asked."""

    def __init__(self, length: timedelta) -> None:
        """Take so long."""
        self._length = length
        self.was_asked = threading.Event()

    def check(self, address: str) -> None:
        """Take any address."""

    def send(self, _parcel: Parcel) -> Outcome:
        """Answer in the end."""
        self.was_asked.set()
        time.sleep(self._length.total_seconds())
        return Outcome(Result.SENT, "Taken.", 200)


def owed(store: Store) -> str:
    """Owe a message to one place; give the delivery."""
    post = Post(store, now=read_clock() - timedelta(seconds=1))
    return post.owe("nw_1", post.place())


def test_news_are_sent_without_anybody_asking(store: Store) -> None:
    """Over the wire, signed, to whoever subscribed."""
    with Receiver() as receiver:
        settings = Settings(allowed_addresses=(receiver.allowed,))
        post = Post(store, settings, read_clock())
        post.place(address=receiver.url("/in"), secret="whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        with store.transaction() as tx:
            tx.put_news(NewsRecord("nw_1", NewsKind.AWARDED, post.now, {"name": "Clean Close"}))
        worker = Worker(Services(store, read_clock, settings), every=timedelta(milliseconds=2))
        worker.start()
        (arrival,) = receiver.wait_for(1)
        worker.stop()
    assert arrival.headers["webhook-id"] == arrival.json["id"] == "nw_1"
    assert arrival.headers["webhook-signature"].startswith("v1,")
    assert arrival.json["data"] == {"name": "Clean Close"}


def test_a_message_under_way_arrives_before_it_stops(store: Store) -> None:
    """And it is noted, so that it is not sent again."""
    delivery_id, slow = owed(store), Slow(timedelta(seconds=0.3))
    worker = worker_on(store, webhook=slow)
    worker.start()
    assert slow.was_asked.wait(10)
    worker.stop()
    assert Post(store).delivery(delivery_id).status is DeliveryStatus.SENT


def test_a_place_that_hangs_does_not_keep_it_from_stopping(store: Store) -> None:
    """What is not known to have arrived is sent again by the next one, at once."""
    delivery_id, slow = owed(store), Slow(timedelta(seconds=0.6))
    worker = worker_on(store, webhook=slow)
    worker.start()
    assert slow.was_asked.wait(10)
    worker.stop(wait=timedelta(seconds=0.1))
    assert Post(store).delivery(delivery_id).lease is not None
    prompt = Slow(timedelta())
    successor = worker_on(store, webhook=prompt)
    successor.start()
    assert prompt.was_asked.wait(10)
    successor.stop()
    assert Post(store).delivery(delivery_id).status is DeliveryStatus.SENT
    deadline = time.monotonic() + 10
    while len(Post(store).attempts(delivery_id)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(Post(store).attempts(delivery_id)) == 2, "every attempt is kept, also the one that was left behind"


def is_kept(store: Store) -> bool:
    """Say whether the answer is still there."""
    with store.reading() as reading:
        return reading.answer("scope", "key") is not None


def wait_for(capsys: pytest.CaptureFixture[str], words: str) -> str:
    """Give what is logged until some words are."""
    logged, deadline = "", time.monotonic() + 20
    while words not in logged and time.monotonic() < deadline:
        logged += capsys.readouterr().err
        time.sleep(0.01)
    assert words in logged
    return logged
