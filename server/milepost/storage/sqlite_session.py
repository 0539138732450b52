"""Transactions on one SQLite connection: one alone, or a group of them with one commit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from milepost.clock import read_stopwatch
from milepost.storage.errors import StoreError, StoreUnavailable
from milepost.storage.sqlite_file import DRIVER_ERRORS, translated
from milepost.storage.statements import Row, Statement, Values

#: A group is committed after so many members, or so long after its beginning, even if others wait.
_LARGEST_GROUP = 64
_LONGEST_GROUP_SECONDS = 0.05


class SqliteSession:
    """Questions and changes of one transaction."""

    __slots__ = ("_connection", "_failed", "_open", "_path")

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take a connection for one transaction."""
        self._connection = connection
        self._path = path
        self._failed = False
        self._open = True

    @property
    def sound(self) -> bool:
        """Say whether the connection may serve again: its transaction is over, one way or the other."""
        return not self._connection.in_transaction

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Run a question."""
        return self.run(statement.text, {**statement.constants, **values} if statement.constants else values)

    def change(self, statement: Statement, values: Values) -> None:
        """Run a change."""
        self.rows(statement, values)

    def change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        """Run a change for each of many values."""
        for each in values:
            self.rows(statement, each)

    def run(self, text: str, values: Values) -> list[Row]:
        """Run a text of SQL; nothing more is done after one that failed, even if that was passed over."""
        if not self._open:
            raise RuntimeError("This view of the store is closed; ask inside its block.")
        self.refuse_failed()
        try:
            return self._connection.execute(text, values).fetchall()
        except DRIVER_ERRORS as error:
            self._failed = True
            raise translated(error, self._path) from error

    def refuse_failed(self) -> None:
        """Refuse to go on after a step that failed."""
        if self._failed:
            raise StoreUnavailable("An earlier step of this transaction failed. Try it again as a whole.")

    def close(self) -> None:
        """Answer nothing any more."""
        self._open = False

    def end(self) -> None:
        """Undo what is not committed, and answer nothing any more."""
        self.close()
        roll_back(self._connection)


class Group:
    """Transactions one after the other that are made durable together, each of which can be undone alone."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Begin on a connection that is in no transaction."""
        self._connection = connection
        self._path = path
        self._size = 0
        self._began = read_stopwatch()
        #: Set when everything in it is on disk, or nothing is.
        self.over = threading.Event()
        self.error: StoreError | None = None

    @property
    def is_over(self) -> bool:
        """Say whether nobody can join any more."""
        return self.over.is_set()

    @property
    def is_full(self) -> bool:
        """Say whether those who are in it have waited long enough."""
        return self._size >= _LARGEST_GROUP or read_stopwatch() - self._began > _LONGEST_GROUP_SECONDS

    @property
    def is_sound(self) -> bool:
        """Say whether the connection may serve again: its transaction is over, one way or the other."""
        return not self._connection.in_transaction

    @contextmanager
    def member(self) -> Iterator[SqliteSession]:
        """Open the next transaction of the group; one that raises is undone, and the others stay."""
        session = SqliteSession(self._connection, self._path)
        is_first = self._size == 0
        try:
            session.run("BEGIN IMMEDIATE" if is_first else "SAVEPOINT member", {})
            yield session
            session.refuse_failed()  # also where a step failed and that was passed over
            if not is_first:
                session.run("RELEASE member", {})
        except BaseException:
            self._undo(is_first=is_first)
            raise
        else:
            self._size += 1
        finally:
            session.close()

    def session(self) -> SqliteSession:
        """Give a session that sees what all members have done, for what is to be done before the commit."""
        return SqliteSession(self._connection, self._path)

    def commit(self) -> None:
        """Make the members durable; where that fails, none of them was done, and each learns it by `error`."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.fail(translated(error, self._path))
        self.over.set()

    def fail(self, error: StoreError) -> None:
        """Undo everything in the group."""
        self.error = error
        roll_back(self._connection)
        self.over.set()

    def _undo(self, *, is_first: bool) -> None:
        if is_first:
            roll_back(self._connection)
            self.over.set()
            return
        try:
            self._connection.execute("ROLLBACK TO member")
            self._connection.execute("RELEASE member")
        except sqlite3.Error as error:  # some errors make SQLite undo everything that was not committed
            self.fail(translated(error, self._path))


def roll_back(connection: sqlite3.Connection) -> None:
    """Undo what is not committed; a connection that cannot do so is not sound and will be thrown away."""
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
