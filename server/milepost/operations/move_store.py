"""Carry everything from one store into another that is empty, of whatever kind the two are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from milepost.errors import Conflict
from milepost.operations.hash_state import hash_state
from milepost.storage.base import Reading, Store, Transaction
from milepost.storage.sql_copying import CARRIED


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried over, and the hash of both stores."""

    events: int
    rows: int
    state: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a move is: so many of all rows are over."""

    table: str
    done: int
    rows: int


def move_store(source: Store, target: Store, tell: Callable[[Stage], None]) -> Moved:
    """Copy every row in one transaction of *target*, and compare the hashes of both before anything is kept.

    Raises `Conflict` if the target holds anything, or would not hold the same; it stays as it was then.
    """
    with source.reading() as reading, target.transaction() as tx:
        tx.lock_everything()
        _refuse_filled(tx)
        rows = _carry(reading, tx, tell)
        state = hash_state(reading)
        if hash_state(tx) != state:
            raise Conflict(
                "What arrived is not what was there, so nothing was kept of it; the old store is unharmed. "
                "Check it with `milepost verify`, then try again."
            )
        return Moved(reading.row_count("events"), rows, state)


def _carry(reading: Reading, tx: Transaction, tell: Callable[[Stage], None]) -> int:
    rows = sum(reading.row_count(table) for table in CARRIED)
    done = 0
    for table in CARRIED:
        for page in reading.pages(table):
            tx.put_rows(table, page)
            done += len(page)
            tell(Stage(table, done, rows))
    return done


def _refuse_filled(tx: Transaction) -> None:
    for table in CARRIED:
        if count := tx.row_count(table):
            raise Conflict(f"The store to move to holds something already ({count} in {table}). Name an empty one.")
