"""The SQLite store: one file, owned by one process, one writer at a time, any number of readers."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from milepost.storage.errors import StoreError, StoreUnavailable
from milepost.storage.file_lock import FileLock
from milepost.storage.sql import SqlReading, SqlTransaction
from milepost.storage.sql_belonging import STRAY_TIES
from milepost.storage.sqlite_file import (
    connect_reader,
    connect_writer,
    damage_sentence,
    first_fault,
    look_through,
    prepare_file,
    real_path,
    translated,
)
from milepost.storage.statements import Row, Statement, Values

_WAIT_FOR_WRITER_SECONDS = 30.0
_IDLE_READERS = 8


class SqliteSession:
    """One transaction on one connection."""

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

    def begin(self, word: str) -> None:
        """Begin the transaction; nothing is asked or changed before."""
        self._execute(word, {})

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Run a question."""
        return self._execute(statement.text, {**statement.constants, **values} if statement.constants else values)

    def change(self, statement: Statement, values: Values) -> None:
        """Run a change."""
        self.rows(statement, values)

    def change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        """Run a change for each of many values."""
        for each in values:
            self.rows(statement, each)

    def commit(self) -> None:
        """Make the changes durable; refused where one of them failed, even if that was passed over."""
        self._execute("COMMIT", {})

    def end(self) -> None:
        """Undo what is not committed, and answer nothing any more."""
        self._open = False
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # it is not sound then, and will be thrown away
                self._connection.execute("ROLLBACK")

    def _execute(self, text: str, values: Values) -> list[Row]:
        if not self._open:
            raise RuntimeError("This view of the store is closed; ask inside its block.")
        if self._failed:
            raise StoreUnavailable("An earlier step of this transaction failed. Try it again as a whole.")
        try:
            return self._connection.execute(text, values).fetchall()
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            self._failed = True
            raise translated(error, self._path) from error


class SqliteStore:
    """Everything in one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it where there is nothing."""
        self._path = real_path(path)
        self._process = os.getpid()
        self._readers: deque[sqlite3.Connection] = deque()
        self._writing = threading.Lock()
        self._writing_thread: int | None = None
        self._closed = False
        self._lock = FileLock(self._path.with_name(self._path.name + ".lock"))
        try:
            prepare_file(self._path)
            self._writer: sqlite3.Connection | None = connect_writer(self._path)
            self._prove_writer(self._writer)
        except BaseException:
            self._lock.release()
            raise

    @contextmanager
    def reading(self) -> Iterator[SqlReading]:
        """Open a consistent view; a writer does not disturb it."""
        self._refuse_misuse()
        connection = self._take_reader()
        session = SqliteSession(connection, self._path)
        try:
            session.begin("BEGIN")
            yield SqlReading(session)
        finally:
            session.end()
            self._give_back(connection, sound=session.sound)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a transaction: committed and on disk when the block ends, undone when it raises."""
        self._take_writing()
        try:
            self._refuse_misuse()  # it may have been closed while we waited
            connection = self._writer or connect_writer(self._path)
            self._writer = connection
            with self._session(connection) as session:
                yield SqlTransaction(session)
                session.commit()
        finally:
            self._writing_thread = None
            self._writing.release()

    def check(self) -> str | None:
        """Say what is wrong with the store in one sentence with the fix, or None; reads the whole file."""
        try:
            connection = connect_reader(self._path)
            try:
                fault = first_fault(connection, "PRAGMA integrity_check(1)")
                if fault is None and connection.execute("PRAGMA foreign_key_check").fetchone():
                    fault = "a row refers to one that is missing"
                if fault is None and connection.execute(STRAY_TIES.text, STRAY_TIES.constants).fetchone() != (0,):
                    fault = "events are tied to the wrong actors"
            finally:
                connection.close()
        except sqlite3.Error as error:
            return str(translated(error, self._path))
        except StoreError as error:
            return str(error)
        return None if fault is None else damage_sentence(self._path, fault)

    def close(self) -> None:
        """Let go of files and connections; a second time does nothing."""
        self._refuse_nesting()
        with self._writing:
            if self._closed:
                return
            self._closed = True
            while self._readers:
                self._readers.popleft().close()
            if self._writer is not None:
                self._writer.close()
            self._lock.release()

    @contextmanager
    def _session(self, connection: sqlite3.Connection) -> Iterator[SqliteSession]:
        session = SqliteSession(connection, self._path)
        try:
            session.begin("BEGIN IMMEDIATE")
            yield session
        finally:
            session.end()
            if not session.sound:
                self._writer = None
                connection.close()

    def _prove_writer(self, connection: sqlite3.Connection) -> None:
        try:
            look_through(connection, self._path)
            with self._session(connection):
                pass
        except BaseException:
            connection.close()
            raise

    def _take_writing(self) -> None:
        self._refuse_misuse()
        self._refuse_nesting()
        if not self._writing.acquire(timeout=_WAIT_FOR_WRITER_SECONDS):
            raise StoreUnavailable("The store was busy with other changes for too long. Try again.")
        self._writing_thread = threading.get_ident()

    def _refuse_nesting(self) -> None:
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("A transaction is open in this thread; end it first.")

    def _take_reader(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()
        except IndexError:
            return connect_reader(self._path)

    def _give_back(self, connection: sqlite3.Connection, *, sound: bool) -> None:
        if sound and not self._closed and len(self._readers) < _IDLE_READERS:
            self._readers.append(connection)
        else:
            connection.close()

    def _refuse_misuse(self) -> None:
        if self._closed:
            raise StoreUnavailable("The store is closed. Start Milepost again.")
        if os.getpid() != self._process:
            raise RuntimeError("The store was opened in another process; open it after forking.")
