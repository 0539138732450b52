"""The rows of the TinyDB store as they stand in its file: one column on a line, each row under a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Table

from milepost.storage.errors import NotStorable
from milepost.storage.tables import BELONGS, SCHEMA_VERSION, TABLES

Key: TypeAlias = tuple[Any, ...]
Row: TypeAlias = tuple[Any, ...]
#: The changed rows of each table by key; None where the row is gone.
Changes: TypeAlias = Mapping[str, Mapping[Key, Row | None]]

#: Rows by number by table, as TinyDB lays them out.
Layout: TypeAlias = dict[str, dict[str, Any]]

#: The table that says whose file it is, and with which columns.
MARK = "milepost"
#: What the file keeps. Whose an event is follows from the events, so it is worked out at each start.
KEPT = tuple(table for table in TABLES if table is not BELONGS)


@dataclass(frozen=True, slots=True)
class TinyTable:
    """The rows of one table, each under the number that TinyDB calls its document id."""

    rows: dict[str, orjson.Fragment] = field(default_factory=dict)
    numbers: dict[Key, str] = field(default_factory=dict)

    def changed(self, table: Table, changes: Mapping[Key, Row | None]) -> TinyTable:
        """Give the table as it stands after some changes; a row keeps its number, a new one comes last."""
        after = TinyTable(dict(self.rows), dict(self.numbers))
        last = max(map(int, self.rows), default=0)
        for key, row in changes.items():
            if row is None:
                after.rows.pop(after.numbers.pop(key, ""), None)
                continue
            if key not in after.numbers:
                last += 1
                after.numbers[key] = str(last)
            after.rows[after.numbers[key]] = row_text(table, row)
        return after


class TinyRows:
    """Every row of every table; a change gives another value and leaves this one as it was."""

    __slots__ = ("_tables",)

    def __init__(self, tables: Mapping[str, TinyTable]) -> None:
        """Take the tables by name."""
        self._tables = tables

    def changed(self, changes: Changes) -> TinyRows:
        """Give the rows as they stand after some changes."""
        tables = dict(self._tables)
        for table in KEPT:
            if changes.get(table.name):
                tables[table.name] = tables[table.name].changed(table, changes[table.name])
        return TinyRows(tables)

    def count(self, table: Table) -> int:
        """Count the rows of a table."""
        return len(self._tables[table.name].rows)

    def numbers(self) -> dict[str, dict[Key, str]]:
        """Give the number of each row by its key, table by table."""
        return {name: table.numbers for name, table in self._tables.items()}

    def layout(self) -> Layout:
        """Give what TinyDB writes: the rows by table and number, without tables that have none."""
        rows = {name: table.rows for name, table in self._tables.items() if table.rows}
        return {**new_layout(), **rows}


def new_layout() -> Layout:
    """Give a file without rows: it says whose it is, and with which columns."""
    return {MARK: {"1": {"schema": SCHEMA_VERSION}}}


def arranged(rows: Mapping[str, Iterable[Row]], numbers: Mapping[str, Mapping[Key, str]]) -> TinyRows:
    """Give *rows* the *numbers* they had, and new ones to the others."""
    tables = {}
    for table in KEPT:
        by_key = {key_of(table, row): row for row in rows[table.name]}
        known = {key: number for key, number in numbers.get(table.name, {}).items() if key in by_key}
        in_order = dict(sorted(known.items(), key=lambda item: int(item[1])))
        before = TinyTable({number: row_text(table, by_key[key]) for key, number in in_order.items()}, in_order)
        tables[str(table.name)] = before.changed(table, {key: row for key, row in by_key.items() if key not in known})
    return TinyRows(tables)


def key_of(table: Table, row: Row) -> Key:
    """Give the values of the primary key."""
    return tuple(value for column, value in zip(table.c, row, strict=True) if column.primary_key)


def row_text(table: Table, row: Row) -> orjson.Fragment:
    """Write a row with one column on a line, so that a difference shows the columns that changed; no line for NULL."""
    named = zip(table.c.keys(), row, strict=True)
    lines = [b'      "%b": %b' % (name.encode(), _value_text(value)) for name, value in named if value is not None]
    return orjson.Fragment(b"{\n" + b",\n".join(lines) + b"\n    }")


def _value_text(value: object) -> bytes:
    """Write a value; a text that is a JSON object or list is written as such, where reading it gives the same text."""
    if isinstance(value, str) and value[:1] in {"{", "["} and _is_plain_json(value):
        return value.encode()
    if isinstance(value, float) and not math.isfinite(value):
        raise NotStorable(f"{value} is no number that JSON knows.")
    return orjson.dumps(value)


def _is_plain_json(text: str) -> bool:
    try:
        return orjson.dumps(orjson.loads(text)) == text.encode()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return False


def column_value(value: object) -> object:
    """Read a value of the file back to what a column holds."""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
