"""A transaction that is always undone: to see what would come of something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from milepost.storage.base import Store, Transaction


class _UndoneOnPurpose(Exception):  # noqa: N818 - no error: it is how a transaction is told to undo
    """Ends a rehearsal."""


@contextmanager
def rehearsal(store: Store) -> Iterator[Transaction]:
    """Open a transaction of which nothing is kept."""
    with suppress(_UndoneOnPurpose), store.transaction() as tx:
        yield tx
        raise _UndoneOnPurpose
