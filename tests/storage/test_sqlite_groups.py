"""Transactions that wait for each other share one commit; each is still all or nothing."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest

from milepost.storage.errors import StoreFull
from milepost.storage.sqlite import SqliteStore
from tests.storage.examples import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from milepost.storage.sqlite_session import Group

OTHERS = [f"other-{number}" for number in range(6)]


class CountingStore(SqliteStore):
    """Counts its commits, and can be told that its disk is full."""

    commits = 0
    is_full = False

    def _commit(self, group: Group) -> None:
        self.commits += 1
        if self.is_full:
            group.fail(StoreFull("No space is left."))
        else:
            super()._commit(group)


@pytest.fixture
def store(path: Path) -> Iterator[CountingStore]:
    """Open an empty store."""
    opened = CountingStore(path)
    yield opened
    opened.close()


def tell(store: SqliteStore, event_id: str) -> None:
    with store.transaction() as change:
        change.put_event(told(event_id))
        if event_id == OTHERS[3]:
            raise LookupError(event_id)


def tell_together(store: SqliteStore, tell_one: Callable[[SqliteStore, str], None]) -> dict[str, BaseException | None]:
    """Let the others come while the first transaction is open, and give how each ended."""
    is_open, may_end = Event(), Event()

    def first() -> None:
        with store.transaction() as change:
            change.put_event(told("first"))
            is_open.set()
            may_end.wait(10)

    with ThreadPoolExecutor(len(OTHERS) + 1) as threads:
        ends: dict[str, Future[None]] = {"first": threads.submit(first)}
        is_open.wait(10)
        ends |= {name: threads.submit(tell_one, store, name) for name in OTHERS}
        until = time.monotonic() + 10
        while store._waiting < len(OTHERS) and time.monotonic() < until:  # noqa: SLF001 - nothing outside shows it
            time.sleep(0.001)
        may_end.set()
        return {name: end.exception(10) for name, end in ends.items()}


def ids(store: SqliteStore) -> set[str]:
    with store.reading() as view:
        return {record.event.id for record in view.events()}


def test_those_who_wait_share_a_commit(store: CountingStore) -> None:
    ends = tell_together(store, tell)
    assert [name for name, end in ends.items() if end] == [OTHERS[3]]
    assert ids(store) == {"first", *OTHERS} - {OTHERS[3]}
    assert store.commits <= 2


def test_a_commit_that_fails_fails_for_everybody_in_it(store: CountingStore) -> None:
    store.is_full = True
    ends = tell_together(store, tell)
    assert {type(end) for name, end in ends.items() if name != OTHERS[3]} == {StoreFull}
    store.is_full = False
    assert ids(store) == set()
    tell(store, "after")
    assert ids(store) == {"after"}


def test_one_alone_is_committed_at_once(store: CountingStore) -> None:
    for number in range(3):
        tell(store, f"alone-{number}")
    assert store.commits == 3


def test_what_was_answered_is_there_after_closing(store: CountingStore, path: Path) -> None:
    tell_together(store, tell)
    store.close()
    again = SqliteStore(path)
    assert ids(again) == {"first", *OTHERS} - {OTHERS[3]}
    again.close()
