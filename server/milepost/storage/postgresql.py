"""The PostgreSQL store: one database, any number of processes, on any number of machines."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from milepost.storage.base import Store
from milepost.storage.errors import StoreError, StoreUnavailable
from milepost.storage.postgresql_connections import Connections, connector
from milepost.storage.postgresql_database import compact_tables, first_lack, prepare_database
from milepost.storage.postgresql_session import PostgresqlSession, WritingSession
from milepost.storage.postgresql_turns import SharedTurns
from milepost.storage.sql import SqlReading, SqlWriting
from milepost.storage.sql_belonging import STRAY_TIES


class PostgresqlTransaction(SqlWriting):
    """All questions and changes, beside other transactions."""

    __slots__ = ("_locks",)

    is_sole_writer = False

    def __init__(self, session: WritingSession) -> None:
        """Take the session to speak to."""
        super().__init__(session)
        self._locks = session

    def lock(self, names: Iterable[str]) -> None:
        """Keep other writers off these names until the end of the transaction."""
        self._locks.lock(names)

    def lock_everything(self) -> None:
        """Keep all other writers out until the end of the transaction."""
        self._locks.lock_everything()


class PostgresqlStore:
    """Everything in one schema of a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        """Open the database, making the tables where there is nothing."""
        self._connect = connector(url)
        with self._connect() as connection:
            self._schema = prepare_database(connection)
        self._process = os.getpid()
        self._connections = Connections(self._connect)
        self._turns = SharedTurns(self._connect, self._schema)
        self._writing = threading.local()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[SqlReading]:
        """Open a consistent view; writers do not disturb it."""
        self._refuse_misuse()
        session = PostgresqlSession(self._connections)
        try:
            yield SqlReading(session)
        finally:
            session.end()

    @contextmanager
    def transaction(self) -> Iterator[PostgresqlTransaction]:
        """Open a transaction: committed and on disk when the block ends, undone when it raises."""
        self._refuse_misuse()
        self._refuse_nesting()
        session = WritingSession(self._connections, self._schema)
        self._writing.is_open = True
        try:
            yield PostgresqlTransaction(session)
            session.commit()
        finally:
            self._writing.is_open = False
            session.end()

    def turn(self, name: str, *, patience_seconds: float) -> AbstractContextManager[None]:
        """Let one caller at a time into the block of a name, whichever process is asked."""
        self._refuse_misuse()
        return self._turns.take(name, patience_seconds=patience_seconds)

    @property
    def file(self) -> Path | None:
        """Give no file: a server keeps everything."""
        return None

    def open_copy(self, path: Path) -> Store:
        """Refuse: the server has tools of its own for that."""
        raise StoreError(f"A PostgreSQL database is not copied into {path.name}. Use pg_dump and pg_restore.")

    def compact(self) -> None:
        """Write all tables anew without what was removed; each is locked meanwhile."""
        self._refuse_misuse()
        with self._connect() as connection:
            compact_tables(connection)

    def check(self) -> str | None:
        """Say what is wrong with the store in one sentence with the fix, or None; reads all events."""
        try:
            fault = self._first_fault()
        except StoreError as error:
            return str(error)
        return None if fault is None else f"The database is damaged: {fault}. Restore it from a backup."

    def close(self) -> None:
        """Let go of connections; a second time does nothing."""
        self._refuse_nesting()
        self._closed = True
        self._connections.close()
        self._turns.close()

    def _first_fault(self) -> str | None:
        self._refuse_misuse()
        with self._connect() as connection:
            fault = first_lack(connection, self._schema)
        session = PostgresqlSession(self._connections)
        try:
            session.run("SET LOCAL statement_timeout = 0", {})  # it looks at everything
            if fault is None and session.rows(STRAY_TIES, {}) != [(0,)]:
                fault = "events are tied to the wrong actors"
        finally:
            session.end()
        return fault

    def _refuse_nesting(self) -> None:
        if getattr(self._writing, "is_open", False):
            raise RuntimeError("A transaction is open in this thread; end it first.")

    def _refuse_misuse(self) -> None:
        if self._closed:
            raise StoreUnavailable("The store is closed. Start Milepost again.")
        if os.getpid() != self._process:
            raise RuntimeError("The store was opened in another process; open it after forking.")
