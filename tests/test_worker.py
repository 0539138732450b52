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
from milepost.log import configure_log
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.backups import folder_of, list_backups
from milepost.storage.base import Reading, Store
from milepost.worker import Worker
from tests.storage.examples import NOON, put, told


class FlakyStore:
    """A real store that cannot be read the first few times, and says when it could."""

    def __init__(self, store: Store, failures: int) -> None:
        """Wrap a store."""
        self._store = store
        self._failures = failures
        self.was_read = threading.Event()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Fail, or read."""
        if self._failures:
            self._failures -= 1
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


def worker_on(store: Any) -> Worker:
    """Make a worker that does not wait long."""
    services = Services(store=store, clock=read_clock, settings=Settings())
    return Worker(services, every=timedelta(milliseconds=2), chores_every=timedelta(milliseconds=2))


def test_it_goes_on_after_failures_and_logs_each(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk that comes back is used again, and somebody can read that it was away."""
    configure_log(as_json=True)
    flaky = FlakyStore(store, failures=3)
    worker = worker_on(flaky)
    worker.start()
    assert flaky.was_read.wait(10)
    worker.stop()
    logged = capsys.readouterr().err
    assert logged.count('"event": "settling_failed"') == 3
    assert "the disk is away" in logged


def test_it_stops_while_it_waits(store: Store) -> None:
    """Nobody waits for the end of a pause; stopping twice, or before the start, does nothing."""
    worker = Worker(Services(store=store, clock=read_clock, settings=Settings()), every=timedelta(hours=1))
    worker.stop()
    worker = Worker(Services(store=store, clock=read_clock, settings=Settings()), every=timedelta(hours=1))
    worker.start()
    worker.stop()
    worker.stop()
    assert {"milepost-worker", "milepost-chores"}.isdisjoint(thread.name for thread in threading.enumerate())


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
    assert '"event": "settling_failed"' not in logged


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
