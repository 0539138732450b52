"""Columns and tables as revisions write them: the portable few types, frozen.

A revision must go on meaning what it meant, so this module may gain words but never change one; ``tables.py`` is
what may change.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_NUMBER: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")

#: How SQLite keeps a table; another database passes it over.
STRICT = {"sqlite_strict": True, "sqlite_with_rowid": True}
#: The same with the rows in the order of the key.
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def word(name: str, *marks: sa.ForeignKey, key: bool = False, optional: bool = False) -> sa.Column[str]:
    """Describe a column of text that sorts by code point."""
    return sa.Column(name, _TEXT, *marks, primary_key=key, nullable=optional)


def whole(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[int]:
    """Describe a column of whole numbers."""
    return sa.Column(name, sa.Integer, primary_key=key, nullable=optional)


def number(name: str) -> sa.Column[float]:
    """Describe a column of floating-point numbers."""
    return sa.Column(name, _NUMBER, nullable=False)
