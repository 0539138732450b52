"""Statements that are written once and compiled once, and what runs them.

SQLAlchemy owns the tables and the wording; the driver's own connection runs the
compiled text, which costs a quarter of running it through SQLAlchemy each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import ClauseElement, Column, ColumnElement, Table, bindparam, func, select
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite import insert

from milepost.storage.errors import StoreDamaged

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Mapping[str, object]
T = TypeVar("T")

_NOTHING: Values = {}
_DIALECT = sqlite_dialect(paramstyle="named")

#: More rows than there can be.
NO_LIMIT = 2**62


class Statement:
    """One statement as text, with the values that never change."""

    __slots__ = ("constants", "text")

    def __init__(self, clause: ClauseElement) -> None:
        """Compile *clause*."""
        compiled = clause.compile(dialect=_DIALECT)
        self.text = str(compiled)
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}


class Session(Protocol):
    """What runs statements inside one transaction, and speaks the errors of this package."""

    def rows(self, statement: Statement, values: Values) -> list[Row]:
        """Run a question."""

    def change(self, statement: Statement, values: Values) -> None:
        """Run a change."""

    def change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        """Run a change for each of many values."""


class SqlPart:
    """One topic's questions and changes, asked of a session."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        """Take the session to speak to."""
        self._session = session

    def _all(self, statement: Statement, make: Callable[[Row], T], values: Values = _NOTHING) -> list[T]:
        rows = self._session.rows(statement, values)
        try:
            return [make(row) for row in rows]
        except (ValueError, TypeError) as error:  # what parsing raises; we wrote it readable
            raise StoreDamaged(f"A row cannot be read ({error}). Restore the store from a backup.") from error

    def _one(self, statement: Statement, make: Callable[[Row], T], values: Values) -> T | None:
        found = self._all(statement, make, values)
        return found[0] if found else None

    def _change(self, statement: Statement, values: Values) -> None:
        self._session.change(statement, values)

    def _change_each(self, statement: Statement, values: Sequence[Values]) -> None:
        if values:
            self._session.change_each(statement, values)


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test a column against a list of any length, given as JSON text.

    The text of the statement stays the same for every length, and SQLite uses the index
    (which it does not for lists of pairs).
    """
    return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))


def same(table: Table, *names: str) -> list[ColumnElement[bool]]:
    """Test columns against the values of the same names."""
    return [table.c[name] == bindparam(name) for name in names]


def upsert(table: Table) -> Statement:
    """Add a row, or replace the one with the same key."""
    adding = insert(table)
    rest = {column.name: adding.excluded[column.name] for column in table.c if not column.primary_key}
    return Statement(adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest))


def add_missing(table: Table) -> Statement:
    """Add a row unless one with the same key is there."""
    return Statement(insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key)))


def columns(table: Table, names: Iterable[str]) -> list[Column[Any]]:
    """Give some columns of a table."""
    return [table.c[name] for name in names]
