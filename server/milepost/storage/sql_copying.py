"""Every row of every table, in a stable order and page by page: to carry a store elsewhere, and to compare two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Column, Table, bindparam, func, insert, select, tuple_

from milepost.storage.sql_generations import PEOPLE, RULES, GenerationWriting
from milepost.storage.statements import SqlPart, Statement, columns
from milepost.storage.table_words import NUMBER
from milepost.storage.tables import METADATA

CopiedRow: TypeAlias = Mapping[str, Any]

#: Rows read at a time: of the largest events there are, some megabytes.
PAGE = 500
#: The number a database gives to rows that have no key of their own; rows keep their order, and get new ones.
SURROGATE = "row_number"
#: A set: they are put in anew whenever somebody is judged, and their order means nothing.
UNORDERED = {"earnings"}
#: A row belongs to its award, and only among the steps of one award the order counts.
_OWNERS = {"award_changes": ("award_id",)}
#: Tells the servers of one place that something changed there.
_ABOUT_THE_PLACE = {"generations"}
#: Follow from the events: whose they are, and what is remembered of streaks so that not all must be read again.
_DERIVED_TABLES = {"belongs", "periods"}
#: Follows from id and name.
_DERIVED_COLUMNS = {("actors", "search_text")}

#: Every table that is carried elsewhere, parents before their children.
CARRIED: tuple[str, ...] = tuple(table.name for table in METADATA.sorted_tables if table.name not in _ABOUT_THE_PLACE)
#: What makes the state of a store: the columns of every table, by name.
STATE: Mapping[str, tuple[str, ...]] = {
    name: tuple(
        sorted(
            column.name
            for column in METADATA.tables[name].columns
            if column.name != SURROGATE and (name, column.name) not in _DERIVED_COLUMNS
        )
    )
    for name in sorted(set(CARRIED) - _DERIVED_TABLES)
}


def _kept(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name != SURROGATE]


@cache
def _page(name: str, order: tuple[str, ...], *, is_first: bool) -> Statement:
    """Make the question for the first page of a table, or for the one after a row."""
    table = METADATA.tables[name]
    ordered = columns(table, order)
    page = select(*table.columns).order_by(*ordered).limit(bindparam("limit"))
    if not is_first:
        last = [bindparam(f"after_{column.name}", type_=column.type) for column in ordered]
        page = page.where(tuple_(*ordered) > tuple_(*last))
    return Statement(page)


@cache
def _count(name: str) -> Statement:
    return Statement(select(func.count()).select_from(METADATA.tables[name]))


@cache
def _addition(name: str) -> Statement:
    """Make the change that adds a row; inline, for nobody asks for the number it gets."""
    table = METADATA.tables[name]
    return Statement(insert(table).values({column.name: bindparam(column.name) for column in _kept(table)}).inline())


class CopyReading(SqlPart):
    """Questions for everything there is."""

    __slots__ = ()

    def row_count(self, table: str) -> int:
        """Count the rows of a table."""
        (row,) = self._session.rows(_count(table), {})
        return int(row[0])

    def pages(self, table: str) -> Iterator[list[CopiedRow]]:
        """Give all rows of a table by its key, some at a time, without surrogates."""
        primary_key = tuple(column.name for column in METADATA.tables[table].primary_key)
        for page in self._pages(table, primary_key):
            for row in page:
                row.pop(SURROGATE, None)
            yield list(page)

    def state(self, table: str) -> Iterator[list[tuple[object, ...]]]:
        """Give what counts of a table's rows (`STATE`), some at a time, as every store gives it; see `UNORDERED`."""
        names = STATE[table]
        primary_key = tuple(column.name for column in METADATA.tables[table].primary_key)
        fractions = {column.name for column in METADATA.tables[table].columns if column.type is NUMBER}
        for page in self._pages(table, (*_OWNERS.get(table, ()), *primary_key)):
            for row in page:
                row.update({name: float(row[name]) + 0.0 for name in fractions})
            yield [tuple(row[name] for name in names) for row in page]

    def _pages(self, table: str, order: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
        names = [column.name for column in METADATA.tables[table].columns]
        after: dict[str, Any] = {}
        while True:
            statement = _page(table, order, is_first=not after)
            found = self._session.rows(statement, {"limit": PAGE, **after})
            rows = [dict(zip(names, row, strict=True)) for row in found]
            if rows:
                after = {f"after_{name}": rows[-1][name] for name in order}
                yield rows
            if len(found) < PAGE:
                return


class CopyWriting(CopyReading, GenerationWriting):
    """Changes that put rows in as they were read elsewhere."""

    __slots__ = ()

    def put_rows(self, table: str, rows: Sequence[CopiedRow]) -> None:
        """Add rows as `pages` gave them; tables come in the order of `CARRIED`."""
        self._change_each(_addition(table), rows)
        self._renew(PEOPLE)
        self._renew(RULES)
