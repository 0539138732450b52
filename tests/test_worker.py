from __future__ import annotations

import threading
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
from milepost.storage.base import Reading, Store
from milepost.worker import Worker


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
    return Worker(Services(store=store, clock=read_clock, settings=Settings()), every=timedelta(milliseconds=2))


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
    assert "milepost-worker" not in {thread.name for thread in threading.enumerate()}
