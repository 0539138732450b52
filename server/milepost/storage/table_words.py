"""What tables are described with: the portable few types, and where the tables gather."""

from __future__ import annotations

from typing import Any

from sqlalchemy import REAL, Column, Double, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

#: Where every table is noted as it is described; ``tables.py`` gives it when all are.
GATHERED = MetaData()

WORD = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


def word(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """Describe a column of text that sorts by code point."""
    return Column(name, WORD, primary_key=key, nullable=optional)


def whole(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """Describe a column of whole numbers."""
    return Column(name, Integer, primary_key=key, nullable=optional)


def holder(*, key: bool = False) -> tuple[Column[str], Column[str]]:
    """Describe the two columns that name a holder."""
    return word("holder_kind", key=key), word("holder_id", key=key)


def table(name: str, *parts: Column[Any] | Index, clustered: bool = False) -> Table:
    """Make a table; *clustered* keeps its rows in the order of the key."""
    return Table(name, GATHERED, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def partial_index(name: str, *columns: str, where: str) -> Index:
    """Describe an index of some rows only: of what waits, so that all that does not wait any more costs nothing."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
