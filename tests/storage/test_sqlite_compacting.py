"""What was removed from a SQLite store cannot be read in its files any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from milepost.storage.errors import StoreUnavailable
from milepost.storage.sqlite_compacting import compact_file
from tests.storage.examples import hours, put, told

if TYPE_CHECKING:
    from pathlib import Path

    from milepost.storage.base import Store

SECRET = b"nobody-may-read-this"


def tell_and_trim(store: Store) -> None:
    """Tell something, revise it away, and drop what was told first."""
    put(store, *(told(f"zd-{number}", properties={"x": SECRET.decode()}) for number in range(200)))
    put(store, *(told(f"zd-{number}", revision=2) for number in range(200)))
    with store.transaction() as change:
        change.drop_tellings(before=hours(1))


def content(path: Path) -> bytes:
    """Give every byte of the file and of what stands beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_what_was_removed_is_in_no_file_any_more(store: Store, path: Path) -> None:
    """Neither in the database nor in its log."""
    tell_and_trim(store)
    assert SECRET in content(path)
    store.compact()
    assert SECRET not in content(path)
    assert path.with_name("milepost.db-wal").stat().st_size == 0


def test_a_reader_is_waited_for(store: Store, path: Path) -> None:
    """It goes on seeing what it saw."""
    tell_and_trim(store)
    with store.reading() as view:
        before = view.event_types()
        compacting = threading.Thread(target=store.compact)
        compacting.start()
        compacting.join(0.3)
        assert compacting.is_alive()
        assert view.event_types() == before
    compacting.join(20)
    assert SECRET not in content(path)


@pytest.mark.slow
def test_a_reader_that_does_not_end_is_told_of(store: Store, path: Path) -> None:
    """The store is whole; only the log still holds what was removed."""
    tell_and_trim(store)
    with store.reading() as view:
        view.event_types()
        with pytest.raises(StoreUnavailable, match="a long reading is under way"):
            compact_file(path, attempts=1)
    assert store.check() is None
