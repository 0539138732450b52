"""Statements that are written once and compiled once for each database, and what runs them.

SQLAlchemy owns the tables and the wording; the driver's own connection runs the
compiled text, which costs a quarter of running it through SQLAlchemy each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import (
    Boolean,
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Insert,
    Table,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from milepost.storage.errors import StoreDamaged

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Mapping[str, object]
T = TypeVar("T")

_NOTHING: Values = {}
_SQLITE = sqlite_dialect(paramstyle="named")
# that of psycopg 3 would write a type behind each value, and take the limit of a page for a small number
_POSTGRESQL = PGDialect(paramstyle="pyformat")  # type: ignore[no-untyped-call] # SQLAlchemy's constructors have no types

#: More rows than there can be.
NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Wording:
    """What one database is sent."""

    text: str
    #: The values that never change.
    constants: Mapping[str, object]


class Statement:
    """One statement; it is compiled for a database when that is asked first, since a start has no time for all."""

    def __init__(self, clause: ClauseElement) -> None:
        """Take the clause; nobody asks for the numbers that an insert gives to rows."""
        self._clause = clause.inline() if isinstance(clause, Insert) else clause

    @cached_property
    def sqlite(self) -> Wording:
        """Give the wording for SQLite."""
        return self._compile(_SQLITE)

    @cached_property
    def postgresql(self) -> Wording:
        """Give the wording for PostgreSQL."""
        return self._compile(_POSTGRESQL)

    @cached_property
    def text(self) -> str:
        """Give the text for SQLite."""
        return self.sqlite.text

    @cached_property
    def constants(self) -> Mapping[str, object]:
        """Give the constant values for SQLite."""
        return self.sqlite.constants

    def _compile(self, dialect: Dialect) -> Wording:
        compiled = self._clause.compile(dialect=dialect)
        return Wording(str(compiled), {name: value for name, value in compiled.params.items() if value is not None})


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


class _Among(ColumnElement[bool]):
    """The test of `among`, which no two databases word alike."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=Text())

    def self_group(self, against: object = None) -> _Among:  # noqa: ARG002 - SQLAlchemy says what stands around it
        """Stand as it is: SQLAlchemy would write ``= 1`` behind it for SQLite."""
        return self


@compiles(_Among, "sqlite")
def _among_in_sqlite(test: _Among, compiler: SQLCompiler, **options: Any) -> str:
    values = select(func.json_each(test.values).table_valued("value").c.value)
    return compiler.process(test.column.in_(values), **options)


@compiles(_Among, "postgresql")
def _among_in_postgresql(test: _Among, compiler: SQLCompiler, **options: Any) -> str:
    """Make an array first: of a list of rows, PostgreSQL would guess the length and may look through the table."""
    column, values = (compiler.process(part, **options) for part in (test.column, test.values))
    return f"{column} = ANY (ARRAY(SELECT jsonb_array_elements_text(CAST({values} AS jsonb))))"


class _Instr(GenericFunction[int]):
    """Where a text holds another, from 1; 0 where it does not. ``func.instr`` makes it."""

    name = "instr"
    inherit_cache = True


@compiles(_Instr, "postgresql")
def _instr_in_postgresql(function: _Instr, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos{compiler.process(function.clause_expr, **options)}"


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Test a column against a list of any length, given as JSON text.

    The text of the statement stays the same for every length, and the index is used
    (which SQLite does not for lists of pairs).
    """
    return _Among(column, name)


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
