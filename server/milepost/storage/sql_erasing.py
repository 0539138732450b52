"""Rows by the texts in them, in SQL: to see where a person is named, to rewrite that, and to forget what grew old."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from milepost.storage.records import AchievementVersion, EventRecord
from milepost.storage.rule_log import chain_on
from milepost.storage.sql_events import RECORD, read_record
from milepost.storage.sql_generations import PEOPLE, RULES, GenerationWriting
from milepost.storage.sql_rules import RuleReading
from milepost.storage.statements import SqlPart, Statement, among, columns, same
from milepost.storage.tables import ACHIEVEMENT_VERSIONS, ANSWERS, EVENTS, METADATA, OTHER_REVISIONS
from milepost.storage.texts import json_list, moment_text, read_moment

FoundRow: TypeAlias = dict[str, Any]
#: Gives a row of a table as it shall be, or None where it shall go.
Rewrite: TypeAlias = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
#: By column, the keys of other rows that become others, or nothing.
_Parents: TypeAlias = Mapping[str, Mapping[str, str | None]]

#: Says when servers have to look at people or rules anew; holds no texts of people.
_NOT_LOOKED_THROUGH = {"generations"}
#: What may be written in several ways, or means something in a pattern; letters and digits stand for themselves.
_UNCERTAIN = re.compile(r"[^A-Za-z0-9]+")
#: Columns of moments and hashes, which name nobody.
_NAMELESS = re.compile(r".*_at|fingerprint|digest|chained")
#: Rows read at a time.
PAGE = 500
#: What an answer begins with of which only the outcome is left.
TRIMMED_ANSWER = '{"outcome":'

LAST_TOLD = Statement(
    select(EVENTS.c.actor, func.max(EVENTS.c.received_at)).where(EVENTS.c.actor.is_not(None)).group_by(EVENTS.c.actor)
)
AGED_EVENTS = Statement(
    select(*columns(EVENTS, RECORD))
    .where(EVENTS.c.received_at < bindparam("before"), EVENTS.c.answer.is_not(None))
    .where(func.substr(EVENTS.c.answer, 1, len(TRIMMED_ANSWER)) != TRIMMED_ANSWER)
    .where(EVENTS.c.id > bindparam("after"))
    .order_by(EVENTS.c.id)
    .limit(bindparam("limit"))
)
OLD_TELLINGS = Statement(
    select(func.count()).select_from(OTHER_REVISIONS).where(OTHER_REVISIONS.c.received_at < bindparam("before"))
)
DROP_OLD_TELLINGS = Statement(delete(OTHER_REVISIONS).where(OTHER_REVISIONS.c.received_at < bindparam("before")))
DROP_OLD_ANSWERS = Statement(delete(ANSWERS).where(ANSWERS.c.at < bindparam("before")))
SET_CHAINED = Statement(
    update(ACHIEVEMENT_VERSIONS)
    .values(chained=bindparam("hash"))
    .where(ACHIEVEMENT_VERSIONS.c.sequence == bindparam("place"))
)


class _Like(ColumnElement[bool]):
    """A test against a pattern whatever the case of ASCII letters, which no two databases word alike."""

    type = Boolean()
    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.pattern = bindparam(name, type_=Text())

    def self_group(self, against: object = None) -> _Like:  # noqa: ARG002 - SQLAlchemy says what stands around it
        """Stand as it is: SQLAlchemy would write ``= 1`` behind it for SQLite."""
        return self


@compiles(_Like, "sqlite")
def _like_in_sqlite(test: _Like, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(test.column, **options)} LIKE {compiler.process(test.pattern, **options)}"


@compiles(_Like, "postgresql")
def _like_in_postgresql(test: _Like, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(test.column, **options)} ILIKE {compiler.process(test.pattern, **options)}"


def _texts(table: Table) -> list[str]:
    texts = [column.name for column in table.columns if isinstance(column.type, Text)]
    return [name for name in texts if not _NAMELESS.fullmatch(name)]


@cache
def _naming(name: str, patterns: int, *, is_first: bool) -> Statement:
    """Make the question for the first page of the rows in which one of some patterns stands, or for the one after."""
    table = METADATA.tables[name]
    tests = [_Like(table.c[text], f"like_{place}") for text in _texts(table) for place in range(patterns)]
    page = select(*table.columns).where(or_(*tests)).order_by(*table.primary_key).limit(bindparam("limit"))
    if not is_first:
        last = [bindparam(f"after_{column.name}", type_=column.type) for column in table.primary_key]
        page = page.where(tuple_(*table.primary_key) > tuple_(*last))
    return Statement(page)


@cache
def _with_value(name: str, column: str) -> Statement:
    table = METADATA.tables[name]
    return Statement(select(*table.columns).where(among(table.c[column], "values")).order_by(*table.primary_key))


@cache
def _add(name: str) -> Statement:
    table = METADATA.tables[name]
    return Statement(insert(table).values({column.name: bindparam(column.name) for column in table.columns}))


@cache
def _replace(name: str) -> Statement:
    table = METADATA.tables[name]
    rest: dict[str, Any] = {
        column.name: bindparam(f"new_{column.name}") for column in table.columns if not column.primary_key
    }
    key = [column == bindparam(f"old_{column.name}") for column in table.primary_key]
    return Statement(update(table).values(rest).where(and_(*key)))


@cache
def _remove(name: str) -> Statement:
    table = METADATA.tables[name]
    return Statement(delete(table).where(*same(table, *(column.name for column in table.primary_key))))


def _pattern(text: str) -> str:
    """Give a pattern that finds every row in which *text* stands, and perhaps some more."""
    return f"%{_UNCERTAIN.sub('%', text)}%".replace("%%", "%")


def _key_of(table: Table, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


@dataclass(slots=True)
class _Changes:
    """What shall become of the rows of one table."""

    table: Table
    #: Each row as it is and as it shall be; None: it shall go.
    rows: list[tuple[Mapping[str, Any], Mapping[str, Any] | None]] = field(default_factory=list)

    @property
    def moved(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Give the rows that get another key."""
        return [(old, new) for old, new in self.rows if new and _key_of(self.table, old) != _key_of(self.table, new)]

    @property
    def kept(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Give the rows that keep their key."""
        return [(old, new) for old, new in self.rows if new and _key_of(self.table, old) == _key_of(self.table, new)]

    @property
    def gone(self) -> list[Mapping[str, Any]]:
        """Give the rows under whose key there shall be nothing any more."""
        return [old for old, new in self.rows if new is None] + [old for old, _ in self.moved]


class ErasingReading(SqlPart):
    """Questions for rows by what stands in them, and by their age."""

    __slots__ = ()

    def mentions(self, texts: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the table and columns of every row in which one of *texts* stands, whatever the case; some more may be.

        Looks through everything that is kept.
        """
        for table in METADATA.sorted_tables:
            for row in self._naming(table, texts):
                yield table.name, row

    def having(self, table: str, column: str, values: Collection[str]) -> list[tuple[str, Mapping[str, Any]]]:
        """Give the rows of a table in which a column holds one of some values, as `mentions` does, by key."""
        found = METADATA.tables[table]
        return [
            (table, row) for row in self._found_rows(found, _with_value(table, column), {"values": json_list(values)})
        ]

    def last_told(self) -> dict[str, datetime]:
        """Give when each actor's newest event was told."""
        return dict(self._all(LAST_TOLD, lambda row: (row[0], read_moment(row[1]))))

    def aged_events(self, *, before: datetime, after: str, limit: int) -> list[EventRecord]:
        """Give events by id that were told before a moment, and whose answer is still kept whole."""
        return self._all(AGED_EVENTS, read_record, {"before": moment_text(before), "after": after, "limit": limit})

    def old_tellings(self, *, before: datetime) -> int:
        """Count the tellings from before a moment that do not count any more."""
        return self._one(OLD_TELLINGS, lambda row: int(row[0]), {"before": moment_text(before)}) or 0

    def _naming(self, table: Table, texts: Collection[str]) -> Iterator[FoundRow]:
        if not texts or table.name in _NOT_LOOKED_THROUGH:
            return
        patterns = sorted({_pattern(text) for text in texts})
        likes = {f"like_{place}": pattern for place, pattern in enumerate(patterns)}
        after: dict[str, Any] = {}
        while True:
            statement = _naming(table.name, len(patterns), is_first=not after)
            rows = self._found_rows(table, statement, {**likes, **after, "limit": PAGE})
            yield from rows
            if len(rows) < PAGE:
                return
            after = {f"after_{column.name}": rows[-1][column.name] for column in table.primary_key}

    def _found_rows(self, table: Table, statement: Statement, values: Mapping[str, object]) -> list[FoundRow]:
        names = [column.name for column in table.columns]
        return [dict(zip(names, row, strict=True)) for row in self._session.rows(statement, values)]


class ErasingWriting(ErasingReading, RuleReading, GenerationWriting):
    """Changes of rows by what stands in them, and by their age."""

    __slots__ = ()

    def rewrite(self, rows: Iterable[tuple[str, Mapping[str, Any]]], change: Rewrite) -> dict[str, int]:
        """Replace rows as `mentions` gave them by what *change* gives for each, None by nothing; count them by table.

        Rows that refer to a row which gets another key are offered as well, and follow it; what refers to a row that
        goes, goes with it.
        """
        found: dict[str, _Changes] = {}
        by_table = _Grouped(rows)
        for table in METADATA.sorted_tables:
            parents = _parents(table, found)
            named = _changed(table, by_table.of(table.name), parents, change)
            known = {_key_of(table, old) for old, _ in named}
            followers = (row for row in self._followers(table, parents) if _key_of(table, row) not in known)
            found[table.name] = _Changes(table, [*named, *_changed(table, followers, parents, change)])
        by_table.end()
        for changes in found.values():
            self._apply(changes)
        for changes in reversed(found.values()):
            gone = [{column.name: old[column.name] for column in changes.table.primary_key} for old in changes.gone]
            self._change_each(_remove(changes.table.name), gone)
        counts = {str(name): len(changes.rows) for name, changes in found.items() if changes.rows}
        if ACHIEVEMENT_VERSIONS.name in counts:
            self._chain_anew()
        self._renew(PEOPLE)
        self._renew(RULES)
        return counts

    def drop_answers(self, *, before: datetime) -> None:
        """Forget the answers to calls with an idempotency key from before a moment."""
        self._change(DROP_OLD_ANSWERS, {"before": moment_text(before)})

    def drop_tellings(self, *, before: datetime) -> None:
        """Forget the tellings from before a moment that do not count any more."""
        self._change(DROP_OLD_TELLINGS, {"before": moment_text(before)})

    def _followers(self, table: Table, parents: _Parents) -> list[FoundRow]:
        """Give the rows that refer to a row which gets another key, or goes."""
        rows = []
        for column, keys in parents.items():
            if keys:
                rows += self._found_rows(table, _with_value(table.name, column), {"values": json_list(keys)})
        return rows

    def _apply(self, changes: _Changes) -> None:
        table = changes.table
        key = [column.name for column in table.primary_key]
        self._change_each(_add(table.name), [new for _, new in changes.moved])
        replaced = [
            {f"new_{name}": value for name, value in new.items() if name not in key}
            | {f"old_{name}": old[name] for name in key}
            for old, new in changes.kept
        ]
        if len(key) < len(table.columns):
            self._change_each(_replace(table.name), replaced)

    def _chain_anew(self) -> None:
        """Chain the log of all rule changes again over what its rows say now."""
        before = ""
        for version in sorted(self.achievement_versions(), key=_place):
            before = chain_on(replace(version, chained=""), after=before)
            self._change(SET_CHAINED, {"hash": before, "place": version.sequence})


class _Grouped:
    """Rows that come table by table, in the order in which they are looked through."""

    def __init__(self, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Give the rows of the next table, if it is that one."""
        if self._next is not None and self._next[0] == table:
            yield from (row for _, row in self._next[1])
            self._next = next(self._groups, None)

    def end(self) -> None:
        """Refuse rows in another order: some would have been passed over."""
        if self._next is not None:
            raise RuntimeError("The rows to rewrite must come as `mentions` gives them.")


def _place(version: AchievementVersion) -> int:
    return version.sequence


def _parents(table: Table, found: Mapping[str, _Changes]) -> _Parents:
    """Say what becomes of the rows of other tables that rows of this one refer to, where that is something else."""
    return {
        reference.parent.name: {
            old[reference.column.name]: None if new is None else str(new[reference.column.name])
            for old, new in found[reference.column.table.name].rows
            if new is None or old[reference.column.name] != new[reference.column.name]
        }
        for reference in table.foreign_keys
    }


def _changed(
    table: Table, rows: Iterable[Mapping[str, Any]], parents: _Parents, change: Rewrite
) -> list[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Give the rows that come out otherwise than they are; what refers to a row that moves or goes, does the same."""
    results: list[tuple[Mapping[str, Any], Mapping[str, Any] | None]] = []
    for old in rows:
        followed = {column: keys[old[column]] for column, keys in parents.items() if old[column] in keys}
        new = None if None in followed.values() else change(table.name, {**old, **followed})
        if new != old:
            results.append((old, new))
    return results
