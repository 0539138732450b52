"""The SQLite store: one file, owned by one process, one writer at a time, any number of readers."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from milepost.storage.errors import StoreError, StoreUnavailable
from milepost.storage.file_lock import FileLock
from milepost.storage.sql import SqlReading, SqlTransaction
from milepost.storage.sql_belonging import STRAY_TIES
from milepost.storage.sqlite_compacting import compact_file
from milepost.storage.sqlite_copying import copy_database
from milepost.storage.sqlite_file import (
    DRIVER_ERRORS,
    connect_reader,
    connect_writer,
    damage_sentence,
    first_fault,
    look_through,
    prepare_file,
    real_path,
    translated,
)
from milepost.storage.sqlite_session import Group, SqliteSession
from milepost.storage.turns import Turns

_WAIT_FOR_TURN_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.1
_IDLE_READERS = 8


class SqliteStore:
    """Everything in one SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it where there is nothing."""
        self._path = real_path(path)
        self._process = os.getpid()
        self._readers: deque[sqlite3.Connection] = deque()
        #: Held by the one that writes; the others wait and are counted.
        self._turn = threading.Lock()
        self._turn_of: int | None = None
        self._waiting = 0
        self._counting = threading.Lock()
        self._group: Group | None = None
        self._turns = Turns()
        self._closed = False
        self._lock = FileLock(self._path.with_name(self._path.name + ".lock"))
        try:
            prepare_file(self._path)
            self._writer: sqlite3.Connection | None = self._connect_writer()
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
            session.run("BEGIN", {})
            yield SqlReading(session)
        finally:
            session.end()
            self._give_back(connection, sound=session.sound)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Open a transaction: committed and on disk when the block ends, undone when it raises.

        Where others wait for their turn, they join the open group and share its commit, so
        that many callers cost one sync. Each is undone alone, and answered after the commit.
        """
        self._take_turn()
        try:
            self._refuse_misuse()  # it may have been closed while we waited
            group = self._join_group()
            with group.member() as session:
                yield SqlTransaction(session)
        finally:
            self._end_turn()
        self._see_committed(group)

    def compact(self) -> None:
        """Write the file anew without what was removed; writers wait meanwhile."""
        self._take_turn()
        try:
            self._refuse_misuse()
            self._commit_open_group()
            compact_file(self._path)
        finally:
            self._end_turn()

    def turn(self, name: str, *, patience_seconds: float) -> AbstractContextManager[None]:
        """Let one caller at a time into the block of a name; no other process has the store."""
        return self._turns.take(name, patience_seconds=patience_seconds)

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
        except DRIVER_ERRORS as error:
            return str(translated(error, self._path))
        except StoreError as error:
            return str(error)
        return None if fault is None else damage_sentence(self._path, fault)

    @property
    def file(self) -> Path | None:
        """Give the file that holds everything."""
        return self._path

    def open_copy(self, path: Path) -> SqliteStore:
        """Write everything as it is now into a new file, and open that; others go on meanwhile."""
        self._refuse_misuse()
        copy_database(self._path, path)
        return SqliteStore(path)

    def close(self) -> None:
        """Let go of files and connections; a second time does nothing."""
        self._refuse_nesting()
        with self._turn:
            if self._closed:
                return
            self._closed = True
            self._commit_open_group()
            while self._readers:
                self._readers.popleft().close()
            if self._writer is not None:
                self._writer.close()
            self._lock.release()

    def _connect_writer(self) -> sqlite3.Connection:
        """Open the connection that writes; a store built on this one sets it up in its own way."""
        return connect_writer(self._path)

    def _join_group(self) -> Group:
        group = self._group
        if group is None or group.is_over:
            connection = self._writer or self._connect_writer()
            self._writer = connection
            group = self._group = Group(connection, self._path)
        return group

    def _end_turn(self) -> None:
        """Let the next one join the group, or commit it if nobody waits or it is large enough."""
        try:
            if self._waiting == 0 or (self._group is not None and self._group.is_full):
                self._commit_open_group()
        finally:
            self._discard_unsound()
            self._turn_of = None
            self._turn.release()

    def _commit_open_group(self) -> None:
        if self._group is not None and not self._group.is_over:
            self._commit(self._group)

    def _commit(self, group: Group) -> None:
        """Make everything in a group durable; a store built on this one writes it elsewhere before."""
        group.commit()

    def _discard_unsound(self) -> None:
        """Let go of a group that is over, and of a connection that could not end its transaction."""
        group = self._group
        if group is not None and group.is_over:
            self._group = None
            if not group.is_sound and self._writer is not None:
                self._writer.close()
                self._writer = None

    def _see_committed(self, group: Group) -> None:
        """Wait until the group is on disk; commit it ourselves if those who were to do so gave up."""
        while not group.over.wait(_LOOK_AGAIN_SECONDS):
            if self._turn.acquire(blocking=False):
                self._turn_of = threading.get_ident()
                self._end_turn()
        if group.error is not None:
            raise group.error

    def _prove_writer(self, connection: sqlite3.Connection) -> None:
        try:
            look_through(connection, self._path)
            group = Group(connection, self._path)
            with group.member():
                pass
            group.commit()
        except BaseException:
            connection.close()
            raise

    def _take_turn(self) -> None:
        self._refuse_misuse()
        self._refuse_nesting()
        with self._counting:
            self._waiting += 1
        try:
            if not self._turn.acquire(timeout=_WAIT_FOR_TURN_SECONDS):
                raise StoreUnavailable("The store was busy with other changes for too long. Try again.")
        finally:
            with self._counting:
                self._waiting -= 1
        self._turn_of = threading.get_ident()

    def _refuse_nesting(self) -> None:
        if self._turn_of == threading.get_ident():
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
