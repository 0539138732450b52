"""The tables of a SQLite database, on an open connection that leaves transactions to us (``isolation_level=None``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from milepost.storage.errors import StoreDamaged
from milepost.storage.schema import FIRST_REVISION, REVISION_QUESTION, creating_texts, revision_texts
from milepost.storage.tables import SCHEMA_REVISION

_HAS_REVISION = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"


def read_revision(connection: sqlite3.Connection) -> str | None:
    """Give the revision of the tables, or None where there are none of ours."""
    if connection.execute(_HAS_REVISION).fetchone() == (1,):
        found = connection.execute(REVISION_QUESTION).fetchone()
        return None if found is None else str(found[0])
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return None if number == 0 else f"{number:04}"


def make_tables(connection: sqlite3.Connection, *, revision: str = SCHEMA_REVISION) -> None:
    """Make all tables in an empty database, in one transaction; *revision* is an older one where asked for."""
    if revision != SCHEMA_REVISION:
        _migrate(connection, to=revision)
        return
    connection.execute("BEGIN IMMEDIATE")
    for text in creating_texts("sqlite"):
        connection.execute(text)
    connection.execute(f"PRAGMA user_version = {int(revision)}")
    connection.execute("COMMIT")


def upgrade_tables(connection: sqlite3.Connection, *, before: Callable[[], object] = lambda: None) -> None:
    """Bring older tables to the present revision, in one transaction.

    *before* is called when nobody else can write any more and nothing is changed yet. Other connections keep their
    view until it is committed.
    """
    _migrate(connection, to=SCHEMA_REVISION, before=before)


def _migrate(connection: sqlite3.Connection, *, to: str, before: Callable[[], object] = lambda: None) -> None:
    from milepost.storage.migrate import migrate  # noqa: PLC0415 - Alembic takes its time and is seldom needed

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    connection.execute("PRAGMA foreign_keys = OFF")  # a table that is made anew is dropped first; checked at the end
    try:
        with engine.begin() as transaction:
            before()
            _note_first_revision(transaction, connection)
            migrate(transaction, to=to)
            _refuse_loose_ends(connection)
            connection.execute(f"PRAGMA user_version = {int(to)}")
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _note_first_revision(transaction: Connection, connection: sqlite3.Connection) -> None:
    """Let Alembic know what files of the first release do not say."""
    if connection.execute(_HAS_REVISION).fetchone() == (0,) and read_revision(connection) == FIRST_REVISION:
        for text in revision_texts("sqlite", FIRST_REVISION):
            transaction.exec_driver_sql(text)


def _refuse_loose_ends(connection: sqlite3.Connection) -> None:
    loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    if loose is not None:
        raise StoreDamaged(
            f"A row of {loose[0]!r} refers to a row of {loose[2]!r} that is missing. Restore the store from a backup."
        )
