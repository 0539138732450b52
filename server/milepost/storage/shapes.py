"""How a flat record becomes a row and back, by the types of its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import EnumType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import Column, Table

from milepost.engine.people import Holder, HolderKind
from milepost.storage.statements import Row, columns
from milepost.storage.texts import json_list, json_text, moment_text, read_json, read_moment

R = TypeVar("R")


class Shape(Generic[R]):
    """One record type and its table.

    A field is the column of its name; a `Holder` is two, ``…_kind`` and ``…_id``.
    """

    def __init__(self, table: Table, record: type[R]) -> None:
        """Find out how each field is written."""
        self._make: Callable[..., R] = record
        hints = get_type_hints(record)
        self._kinds = {field.name: _kind(hints[field.name]) for field in fields(record)}  # type: ignore[arg-type]
        self._table = table

    @property
    def columns(self) -> list[Column[Any]]:
        """Give the columns in the order in which `read` expects them."""
        names: list[str] = []
        for name, kind in self._kinds.items():
            names += _two(name) if kind is Holder else [name]
        return columns(self._table, names)

    def read(self, row: Row) -> R:
        """Make the record of a row."""
        values = iter(row)
        made: dict[str, Any] = {}
        for name, kind in self._kinds.items():
            value = next(values)
            if kind is Holder:
                holder_id = next(values)
                made[name] = None if value is None else Holder(HolderKind(value), holder_id)
            else:
                made[name] = None if value is None else _reader(kind)(value)
        return self._make(**made)

    def values(self, record: R) -> dict[str, object]:
        """Make the row of a record."""
        made: dict[str, object] = {}
        for name, kind in self._kinds.items():
            value = getattr(record, name)
            if kind is Holder:
                made |= holder_columns(name, value)
            else:
                made[name] = None if value is None else _writer(kind)(value)
        return made


def holder_columns(name: str, holder: Holder | None) -> dict[str, object]:
    """Give the values of the two columns of a field that is a holder."""
    kind, holder_id = _two(name)
    return {kind: holder and holder.kind.value, holder_id: holder and holder.id}


def _two(name: str) -> list[str]:
    return [f"{name}_kind", f"{name}_id"]


def _kind(hint: Any) -> Any:
    """Give the type of a field without its *or None*, of a collection the collection's."""
    given = next((one for one in get_args(hint) if one is not type(None)), hint) if _may_be_none(hint) else hint
    return get_origin(given) or given


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _reader(kind: Any) -> Callable[[Any], Any]:
    return kind if isinstance(kind, EnumType) else _READERS.get(kind, _as_it_is)


def _writer(kind: Any) -> Callable[[Any], object]:
    return str if isinstance(kind, EnumType) else _WRITERS.get(kind, _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _read_tuple(text: str) -> tuple[str, ...]:
    return tuple(read_json(text))


_READERS: Mapping[Any, Callable[[Any], Any]] = {
    datetime: read_moment,
    date: date.fromisoformat,
    tuple: _read_tuple,
    Mapping: read_json,
}
_WRITERS: Mapping[Any, Callable[[Any], object]] = {
    datetime: moment_text,
    date: date.isoformat,
    tuple: json_list,
    Mapping: json_text,
}
