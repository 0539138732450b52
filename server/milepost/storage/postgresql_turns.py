"""One caller at a time in the block of a name, whichever process it calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from milepost.storage.errors import StillTaken, StoreUnavailable
from milepost.storage.postgresql_connections import Connection
from milepost.storage.postgresql_errors import is_lost, translated
from milepost.storage.postgresql_session import lock_number
from milepost.storage.turns import Turns

_ASKS_AGAIN_AFTER_SECONDS = 0.05


class SharedTurns:
    """The names at which somebody is, held as advisory locks by one connection of this process.

    One for all of them: a call that has its turn needs further connections to be answered, and would wait for ever
    where each of the others sat on one. When that connection is lost, so are the turns; what they keep apart is
    then told apart by the transactions alone, as without them.
    """

    def __init__(self, connect: Callable[[], Connection], schema: str) -> None:
        """Open the connection when the first turn is asked for."""
        self._connect = connect
        self._schema = schema
        self._here = Turns()
        self._connection: Connection | None = None
        self._asking = threading.Lock()

    @contextmanager
    def take(self, name: str, *, patience_seconds: float) -> Iterator[None]:
        """Wait until nobody is at *name*; raises `StillTaken` when that takes too long."""
        number = lock_number(self._schema, f"turn {name}")
        with self._here.take(name, patience_seconds=patience_seconds):
            self._wait_for(number, name, patience_seconds)
            try:
                yield
            finally:
                with suppress(StoreUnavailable):  # the turn ended with the connection
                    self._ask("SELECT pg_advisory_unlock(%s)", number)

    def close(self) -> None:
        """Let go of the connection."""
        with self._asking:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _wait_for(self, number: int, name: str, patience_seconds: float) -> None:
        for _ in range(int(patience_seconds / _ASKS_AGAIN_AFTER_SECONDS) + 1):
            if self._ask("SELECT pg_try_advisory_lock(%s)", number):
                return
            time.sleep(_ASKS_AGAIN_AFTER_SECONDS)
        raise StillTaken(f"Another caller is still at {name[:80]!r}. Try again in a second.")

    def _ask(self, question: str, number: int) -> bool:
        """Ask once more on a new connection where the old one died."""
        with self._asking:
            try:
                try:
                    return self._answer(question, number)
                except psycopg.Error as error:
                    if not is_lost(error):
                        raise
                    return self._answer(question, number)
            except psycopg.Error as error:
                raise translated(error) from error

    def _answer(self, question: str, number: int) -> bool:
        connection = self._connection or self._connect()
        self._connection = connection
        try:
            row = connection.execute(question, (number,)).fetchone()
        except psycopg.Error:
            connection.close()
            self._connection = None
            raise
        return bool(row and row[0])
