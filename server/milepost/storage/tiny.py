"""The TinyDB store: one readable JSON file, owned by one process, for a pilot.

The file is the truth, and every transaction puts a new one in its place. Questions and changes
go to a working copy in SQLite that is made at each start, so that all stores answer alike.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import structlog

from milepost.storage.errors import StoreError
from milepost.storage.file_lock import FileLock
from milepost.storage.sqlite import SqliteStore
from milepost.storage.sqlite_file import real_path
from milepost.storage.sqlite_session import Group
from milepost.storage.tables import EVENTS, SCHEMA_REVISION, SCHEMA_VERSION
from milepost.storage.tiny_copy import WorkingCopy, note_changes, take_changes
from milepost.storage.tiny_file import TinyFile, schema_of
from milepost.storage.tiny_rows import TinyRows, new_layout

log = structlog.get_logger()

#: Each change writes the whole file, so with more events than these it is no longer quick.
REACH = 10_000
ADVICE = f"Every change writes the whole file, which is quick up to about {REACH:,} events."
_WAY_OUT = f"{ADVICE} Move to SQLite: milepost move --to sqlite:///milepost.db"


class TinyStore(SqliteStore):
    """Everything in one JSON file, asked through a working copy."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it where there is nothing."""
        path = real_path(path)
        self._file = TinyFile(path)
        self._copy = WorkingCopy(path)
        self._saving = threading.Lock()
        self._warned = False
        self._owner: FileLock | None = FileLock(path.with_name(path.name + ".lock"))
        try:
            self._rows = self._load()
            super().__init__(self._copy.path)
        except BaseException:
            self._let_go()
            raise
        self._warn_beyond_reach()

    def check(self) -> str | None:
        """Say what is wrong with the file or the working copy in one sentence with the fix, or None."""
        if super().check() is not None:
            return f"The working copy of {self._file.path} is damaged. Start Milepost again: it is made anew."
        try:
            with self._saving:
                if self._file.holds(self._copy.rows(like=self._rows).layout()):
                    return None
        except StoreError as error:
            return str(error)
        return (
            f"{self._file.path} is not as Milepost wrote it: another program changed or removed it. Stop Milepost, see "
            f"to it that the file is the one you want, then start again."
        )

    @property
    def file(self) -> Path:
        """Give the file that holds everything."""
        return self._file.path

    def open_copy(self, path: Path) -> TinyStore:
        """Write everything as it is now into a new file, and open that; others go on meanwhile."""
        self._refuse_misuse()
        TinyFile(path).write(self._rows.layout())
        return TinyStore(path)

    def close(self) -> None:
        """Let go of the file and remove the working copy; a second time does nothing."""
        super().close()
        if os.getpid() == self._process:
            self._let_go()

    def _load(self) -> TinyRows:
        """Make the working copy, and bring the file into the form it is written in from now on."""
        self._file.remove_leftovers()
        if not self._file.path.exists():
            self._copy.refuse_to_be_the_last()
            self._file.write(new_layout())
        layout = self._file.read()
        rows = self._copy.make(layout)
        if schema_of(layout) < SCHEMA_VERSION:
            copy = self._file.keep_copy(f"before-{SCHEMA_REVISION}")
            log.info("store_upgraded", store=str(self.file), schema=SCHEMA_REVISION, copy_of_before=str(copy))
        if not self._file.holds(rows.layout()):
            self._file.write(rows.layout())
        return rows

    def _connect_writer(self) -> sqlite3.Connection:
        connection = self._copy.connect()
        note_changes(connection)
        return connection

    def _commit(self, group: Group) -> None:
        """Put the new file in place first: what it holds is what counts."""
        with self._saving:
            try:
                after = self._save(group)
            except StoreError as error:
                group.fail(error)
                return
            super()._commit(group)
            if group.error is None:
                self._rows = after
            elif after is not self._rows:
                self._take_back()
        self._warn_beyond_reach()

    def _save(self, group: Group) -> TinyRows:
        changes = take_changes(group.session())
        if not changes:
            return self._rows
        after = self._rows.changed(changes)
        self._file.write(after.layout())
        return after

    def _take_back(self) -> None:
        """Put the file back as it was; where that fails too, the next change will do it."""
        try:
            self._file.write(self._rows.layout())
        except StoreError as error:
            log.warning("tinydb_file_not_taken_back", reason=str(error))

    def _warn_beyond_reach(self) -> None:
        events = self._rows.count(EVENTS)
        if events > REACH and not self._warned:
            self._warned = True
            log.warning("tinydb_store_beyond_its_reach", events=events, reach=_WAY_OUT)

    def _let_go(self) -> None:
        owner, self._owner = self._owner, None
        if owner is not None:
            try:
                self._copy.remove()
            finally:
                owner.release()
