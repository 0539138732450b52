"""A store from before people were told anything gets room for it, and nothing else in it changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from milepost.engine.telling import NewsKind
from milepost.storage import migrate_postgresql, open_store
from milepost.storage.sqlite_file import make_file
from milepost.storage.tables import SCHEMA_REVISION, TABLES
from milepost.storage.tables_telling import TELLING
from tests.storage.older_files import ROWS, fill
from tests.storage.test_migrations import definitions, numbers, rows_of, sorted_rows
from tests.storage.test_migrations_postgresql import definitions as definitions_there

if TYPE_CHECKING:
    from pathlib import Path

    from milepost.storage.base import Store
    from tests.postgresql import PostgresqlServer

#: The tables of which nothing had changed since the first revision.
SAME = ("events", "belongs", "earnings", "dues", "answers")
EVER = datetime(2100, 1, 1, tzinfo=UTC)


def second_file(path: Path) -> Path:
    """Make a file as the second revision did, with rows in it."""
    make_file(path, revision="0002")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        fill(connection, {table: ROWS[table] for table in SAME})
    return path


def assert_nothing_is_told(store: Store) -> None:
    """See that there is room for what is told, and nothing in it: what is past is no news."""
    with store.reading() as view:
        assert [view.row_count(table.name) for table in TELLING] == [0] * len(TELLING)
        assert view.newest_news(list(NewsKind)) == view.news_to_hand(limit=9) == view.owed_by(by=EVER, limit=9) == []


def test_a_file_of_the_second_revision_gets_the_tables_of_a_fresh_one(path: Path, tmp_path: Path) -> None:
    """Word for word."""
    fresh = tmp_path / "fresh.db"
    make_file(fresh)
    with closing(open_store(str(second_file(path)))) as store:
        assert_nothing_is_told(store)
        assert store.check() is None
    assert definitions(path) == definitions(fresh)
    assert numbers(path) == numbers(fresh)


def test_what_a_file_of_the_second_revision_held_stays_as_it_was(path: Path) -> None:
    """Its rows, and its other tables."""
    before = definitions(second_file(path))
    open_store(str(path)).close()
    assert before <= definitions(path)
    for table in SAME:
        assert sorted_rows(rows_of(path, table)) == sorted_rows(ROWS[table])
    assert numbers(path.with_name(f"milepost.db.before-{SCHEMA_REVISION}")) == ("0002", 2)


@pytest.mark.slow
def test_a_database_of_the_second_revision_gets_the_tables_of_a_fresh_one(server: PostgresqlServer) -> None:
    """In every column, collation, key and index."""
    fresh, older = server.fresh_url(), server.fresh_url()
    with psycopg.connect(older, autocommit=True) as connection:
        migrate_postgresql.make_tables(connection, revision="0002")
    open_store(fresh).close()
    with closing(open_store(older)) as store:
        assert_nothing_is_told(store)
        assert store.check() is None
    assert definitions_there(older) == definitions_there(fresh)


def test_every_table_of_telling_people_is_among_all_tables() -> None:
    """At the end, so that a readable store begins with what happened."""
    assert TABLES[-len(TELLING) :] == TELLING
