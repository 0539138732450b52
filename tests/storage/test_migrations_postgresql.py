"""Older PostgreSQL databases become the present ones when they are opened: once, as a whole or not at all."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from milepost.storage import open_store
from milepost.storage.errors import StoreDamaged, StoreForeign, StoreTooNew
from milepost.storage.migrate_postgresql import make_tables, read_revision
from milepost.storage.rule_log import first_break
from milepost.storage.tables import METADATA, SCHEMA_REVISION
from tests.forks import FORKS
from tests.postgresql import PostgresqlServer, running_postgresql
from tests.storage.older_files import ROWS, open_and_close

pytestmark = pytest.mark.slow

KILLS = 6
OURS = "FROM pg_stat_activity WHERE application_name = 'milepost'"
DUES = 10_000

#: Everything that tells one set of tables from another, without the name of the schema it is in.
DEFINITIONS = {
    "columns": """
        SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default, collation_name,
            is_identity
        FROM information_schema.columns WHERE table_schema = current_schema()
    """,
    "indexes": """
        SELECT tablename, indexname, replace(indexdef, current_schema() || '.', '')
        FROM pg_indexes WHERE schemaname = current_schema()
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    """,
}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Run a server for this module."""
    with running_postgresql() as server:
        yield server


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection of the test's own."""
    return psycopg.connect(url, autocommit=True)


def released(server: PostgresqlServer, *, dues: int = 0) -> str:
    """Make a schema as of the first revision with rows in it, and give its address."""
    url = server.fresh_url()
    with connect(url) as connection:
        make_tables(connection, revision="0001")
        for table, rows in ROWS.items():
            columns = ", ".join(f'"{name}"' for name in rows[0])
            places = ", ".join(f"%({name})s" for name in rows[0])
            text = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  (ours)
            connection.cursor().executemany(text, rows)  # type: ignore[arg-type]
        connection.execute(
            'INSERT INTO dues (achievement, holder_kind, holder_id, "window", due_at) '
            "SELECT 'z-first', 'actor', 'p' || number, 'ever', '2026' FROM generate_series(1, %s) AS number",
            (dues,),
        )
    return url


def definitions(url: str) -> dict[str, set[tuple[Any, ...]]]:
    """Give everything that tells these tables from others."""
    with connect(url) as connection:
        return {name: set(connection.execute(text).fetchall()) for name, text in DEFINITIONS.items()}  # type: ignore[call-overload]


def revision_of(url: str) -> str | None:
    """Give the revision that is noted."""
    with connect(url) as connection:
        return read_revision(connection)


def counts(url: str) -> dict[str, int]:
    """Count the rows of each table that an upgrade touches, and of one that it does not."""
    with connect(url) as connection:
        asked = {table: f"SELECT count(*) FROM {table}" for table in ROWS}  # noqa: S608  (ours)
        return {table: connection.execute(text).fetchall()[0][0] for table, text in asked.items()}  # type: ignore[call-overload]


def opening(url: str) -> BaseProcess:
    """Start a process that opens the store; Alembic is loaded in it already."""
    process = FORKS.Process(target=open_and_close, args=(url,))
    process.start()
    return process


def test_an_upgraded_database_has_the_tables_of_a_fresh_one(server: PostgresqlServer) -> None:
    """In every column, collation, key and index; Alembic itself finds nothing left to do either."""
    fresh, older = server.fresh_url(), released(server)
    for url in (fresh, older):
        open_store(url).close()
    assert definitions(older) == definitions(fresh)
    assert len(definitions(fresh)["columns"]) > 100
    for url in (fresh, older):
        with connect(url) as raw:
            raw.autocommit = False
            engine = create_engine("postgresql+psycopg://", creator=lambda raw=raw: raw, poolclass=StaticPool)
            with engine.connect() as connection:
                assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_row_is_there_after_an_upgrade_and_the_rules_are_one_log(server: PostgresqlServer) -> None:
    """With everything it held before."""
    url = released(server)
    with closing(open_store(url)) as store, store.reading() as view:
        log = sorted(view.achievement_versions(), key=lambda version: version.sequence)
    assert [one.key for one in log] == ["z-first", "b-second", "a-third", "z-first"]
    assert first_break(log) is None
    with connect(url) as connection:
        for table, rows in ROWS.items():
            names = ", ".join(f'"{name}"' for name in rows[0])
            text = f"SELECT {names} FROM {table}"  # noqa: S608  (ours)
            found = [dict(zip(rows[0], row, strict=True)) for row in connection.execute(text)]  # type: ignore[call-overload]
            assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, rows))


@pytest.mark.parametrize("older", [False, True])
def test_processes_that_start_at_once_make_or_upgrade_the_tables_once(server: PostgresqlServer, *, older: bool) -> None:
    """All of them serve afterwards."""
    url = released(server, dues=5_000) if older else server.fresh_url()
    processes = [opening(url) for _ in range(5)]
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0] * 5
    assert revision_of(url) == SCHEMA_REVISION
    assert counts(url)["achievement_versions"] == (4 if older else 0)


def test_an_upgrade_that_is_killed_at_any_moment_leaves_a_whole_database(server: PostgresqlServer) -> None:
    """Old or new, never between, whoever is killed: our process, or the server's for it. The next start finishes."""
    url = released(server, dues=DUES)
    whole, older = counts(url), definitions(url)
    opening(url).join(timeout=60)
    another, begun = released(server, dues=DUES), time.monotonic()
    opening(another).join(timeout=60)
    length, newer, found = time.monotonic() - begun, definitions(url), []
    for kill in range(KILLS):
        url = released(server, dues=DUES)
        process = opening(url)
        time.sleep(random.uniform(kill, kill + 1) * length / KILLS)  # noqa: S311  (no secret)
        if kill % 2:
            process.kill()
        else:
            server.execute(f"SELECT pg_terminate_backend(pid) {OURS}")
        process.join(timeout=60)
        while server.execute(f"SELECT pid {OURS}"):  # the server's process may outlive ours
            time.sleep(0.02)
        assert (revision_of(url), definitions(url)) in (("0001", older), (SCHEMA_REVISION, newer))
        assert counts(url) == whole
        found.append(revision_of(url))
        open_store(url).close()
        assert (revision_of(url), definitions(url), counts(url)) == (SCHEMA_REVISION, newer, whole)
    print(f"{length:.2f} s; left at", found)
    assert "0001" in found


@pytest.mark.parametrize("revision", ["0004", "ae1027a6acf"])
def test_a_revision_that_is_not_known_is_refused(server: PostgresqlServer, revision: str) -> None:
    """Whether it is newer or was never ours."""
    url = server.fresh_url()
    open_store(url).close()
    server.execute(f"UPDATE alembic_version SET version_num = '{revision}'", url)  # noqa: S608  (ours)
    with pytest.raises(StoreTooNew, match=f"newer Milepost.*{revision}"):
        open_store(url)


def test_a_schema_of_another_program_is_refused_and_stays(server: PostgresqlServer) -> None:
    """Also one that keeps its own revision as Alembic does."""
    url = server.fresh_url()
    for text in ("CREATE TABLE events (id int)", "CREATE TABLE alembic_version (version_num text)"):
        server.execute(text, url)
    before = definitions(url)
    with pytest.raises(StoreForeign, match="not Milepost's"):
        open_store(url)
    assert definitions(url) == before


def test_an_older_database_with_a_broken_row_is_refused_and_stays(server: PostgresqlServer) -> None:
    """As it was."""
    url = released(server)
    server.execute("UPDATE achievement_versions SET document = '{' WHERE key = 'a-third'", url)
    before = definitions(url)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        open_store(url)
    assert (revision_of(url), definitions(url)) == ("0001", before)
