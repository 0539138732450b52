"""The working copy of the TinyDB store: its rows in SQLite, to be asked and changed there.

It is an index and never the truth: made from the file at each start, removed at the end. What
changes in it is noted by triggers, so that the file is brought up to date row by row.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnClause, MetaData, Table, and_, delete, literal_column, select

from milepost.storage.errors import StoreDamaged, StoreUnavailable
from milepost.storage.sql_belonging import PUT_ALL_TIES
from milepost.storage.sqlite_file import APPLICATION_ID, connect_reader, connect_writer, translated
from milepost.storage.sqlite_schema import make_tables, upgrade_tables
from milepost.storage.statements import Session, Statement
from milepost.storage.tables import BELONGS, SCHEMA_VERSION
from milepost.storage.tiny_file import schema_of
from milepost.storage.tiny_rows import (
    KEPT,
    MARK,
    Changes,
    Key,
    Layout,
    Row,
    TinyRows,
    arranged,
    column_value,
    key_of,
)

#: What the copy has beside the rows of the file.
_NOT_FOR_THE_FILE = {BELONGS.name, "alembic_version", "sqlite_master", "sqlite_schema"}
#: Where the changed keys of each table are noted, for the length of a transaction.
_NOTES = {
    table: Table(
        f"changed_{table.name}",
        MetaData(schema="temp"),
        *(Column(f"changed_{column.name}", column.type) for column in table.primary_key),
    )
    for table in KEPT
}
#: A copy need not survive, nor be larger than it must; and what REPLACE removes is noted as well.
_SETTINGS = ("PRAGMA synchronous = OFF", "PRAGMA wal_autocheckpoint = 1000", "PRAGMA recursive_triggers = ON")


def _changed_rows(table: Table, notes: Table) -> Statement:
    same_key = and_(*(here == noted for here, noted in zip(table.primary_key, notes.c, strict=True)))
    order: ColumnClause[int] = literal_column(f"{notes.name}.rowid")
    return Statement(select(*notes.c, *table.c).join_from(notes, table, same_key, isouter=True).order_by(order))


_CHANGED = {table: _changed_rows(table, notes) for table, notes in _NOTES.items()}
_FORGET = {table: Statement(delete(notes)) for table, notes in _NOTES.items()}
_ALL_ROWS = {table: Statement(select(*table.c).order_by(*table.primary_key)) for table in KEPT}


class WorkingCopy:
    """A private folder beside the file, with a SQLite database that is removed with it."""

    def __init__(self, file: Path) -> None:
        """Name the folder; nothing is made yet."""
        self._file = file
        self.folder = file.with_name(file.name + ".working-copy")
        self.path = self.folder / "rows.db"
        self._is_made = False

    def make(self, layout: Layout) -> TinyRows:
        """Take all rows of the file in, and give them as the file is to have them."""
        self._remove()
        self._is_made = True
        try:
            self.folder.mkdir(mode=0o700)
        except OSError as error:
            raise StoreUnavailable(
                f"{self.folder} cannot be made ({error.strerror}). Its folder must be writable for Milepost."
            ) from error
        try:
            with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
                _make_tables(connection, schema_of(layout))
                connection.execute("BEGIN IMMEDIATE")
                self._take_in(connection, layout)
                connection.execute("COMMIT")
                if schema_of(layout) < SCHEMA_VERSION:
                    upgrade_tables(connection)
                connection.execute(PUT_ALL_TIES.text, PUT_ALL_TIES.constants)
                connection.execute("PRAGMA journal_mode = WAL")
                return arranged(_all_rows(connection), _numbers(layout))
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def refuse_to_be_the_last(self) -> None:
        """Refuse to begin anew where a copy was left behind and its file is gone."""
        if self.folder.exists():
            raise StoreDamaged(
                f"{self._file} is missing, but {self.folder.name} beside it holds its rows. Put the file back; if you "
                f"mean to start anew, remove that folder."
            )

    def remove(self) -> None:
        """Remove the copy that was made; one that a killed process left stays where its file cannot be read."""
        if self._is_made:
            self._remove()

    def _remove(self) -> None:
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
        except OSError as error:
            raise StoreUnavailable(
                f"{self.folder} holds a copy of the rows and cannot be removed ({error.strerror}). Remove it yourself."
            ) from error

    def connect(self) -> sqlite3.Connection:
        """Open a connection that writes."""
        connection = connect_writer(self.path)
        for setting in _SETTINGS:
            connection.execute(setting)
        return connection

    def rows(self, *, like: TinyRows) -> TinyRows:
        """Give all rows of the copy, numbered as those of *like* are."""
        with closing(connect_reader(self.path)) as connection:
            try:
                connection.execute("BEGIN")
                return arranged(_all_rows(connection), like.numbers())
            except sqlite3.Error as error:
                raise translated(error, self.path) from error

    def _take_in(self, connection: sqlite3.Connection, layout: Layout) -> None:
        for name in (name for name in layout if name != MARK):
            known = set() if name in _NOT_FOR_THE_FILE else _columns(connection, name)
            for number, row in layout[name].items():
                if not row.keys() <= known:
                    raise self._misfit(name, number, "no such table or column is known")
                try:
                    connection.execute(_insertion(name, row), [column_value(value) for value in row.values()])
                except (sqlite3.IntegrityError, OverflowError) as error:
                    raise self._misfit(name, number, str(error)) from error
        if (fault := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            raise self._misfit(fault[0], "?", f"it belongs to a row of {fault[2]!r} that is missing")

    def _misfit(self, table: str, number: str, why: str) -> StoreDamaged:
        return StoreDamaged(
            f"{self._file} is damaged: row {number} of {table!r} does not fit ({why}). Correct what was changed by "
            f"hand, or put the last good backup in its place."
        )


def note_changes(connection: sqlite3.Connection) -> None:
    """From now on, note the key of every row that this connection adds, changes or removes."""
    for table, notes in _NOTES.items():
        connection.execute(f"CREATE TEMP TABLE {notes.name} ({', '.join(notes.c.keys())})")
        for event, sides in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            noting = " ".join(_noting(table, notes, side) for side in sides)
            connection.execute(
                f"CREATE TEMP TRIGGER {notes.name}_{event} AFTER {event} ON main.{table.name} BEGIN {noting} END"
            )


def take_changes(session: Session) -> Changes:
    """Give what changed in this transaction, and forget it."""
    changes: dict[str, dict[Key, Row | None]] = {}
    for table, question in _CHANGED.items():
        found = session.rows(question, {})
        if found:
            width = len(table.primary_key)
            changes[table.name] = {row[:width]: _there(table, row[width:]) for row in found}
            session.change(_FORGET[table], {})
    return changes


def _all_rows(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    """Give every row of every table that the file keeps."""
    return {table.name: connection.execute(question.text).fetchall() for table, question in _ALL_ROWS.items()}


def _make_tables(connection: sqlite3.Connection, schema: int) -> None:
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    make_tables(connection, revision=f"{schema:04}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def _insertion(table: str, row: Mapping[str, Any]) -> str:
    names = ", ".join(f'"{name}"' for name in row)
    return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})'  # noqa: S608  (our own names)


def _noting(table: Table, notes: Table, side: str) -> str:
    values = ", ".join(f"{side}.{column.name}" for column in table.primary_key)
    return f"INSERT INTO {notes.name} VALUES ({values});"  # noqa: S608  (names of our tables)


def _there(table: Table, row: Row) -> Row | None:
    """Tell a row from the NULLs that stand for one that is gone."""
    return None if None in key_of(table, row) else row


def _numbers(layout: Layout) -> dict[str, dict[Key, str]]:
    return {
        table.name: {
            tuple(row.get(column.name) for column in table.primary_key): number
            for number, row in layout.get(table.name, {}).items()
        }
        for table in KEPT
    }
