"""The tables of a PostgreSQL database: made, upgraded or refused when a store is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from milepost.storage.errors import StoreDamaged, StoreForeign
from milepost.storage.schema import REVISION_QUESTION, creating_texts, is_older
from milepost.storage.tables import SCHEMA_REVISION

log = structlog.get_logger()

#: An upgrade takes as long as it takes; others end what they are doing within the five minutes.
_BEGIN = (
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '5min'",
    # two numbers are another room of locks than the one number that transactions use
    "SELECT pg_advisory_xact_lock(1298754661, 1)",
)
# asked of the catalogue itself: `to_regclass` may remember from before another process made them
_IS_OURS = """
    SELECT count(*) = 2 FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(current_schema()))
    AND relname IN ('alembic_version', 'achievement_versions')
"""
_OTHER_TABLE = """
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p')
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    ) ORDER BY relname LIMIT 1
"""


def prepare_tables(connection: psycopg.Connection[Any], *, place: str) -> None:
    """Make sure that a database has the present tables; *place* names it for people, without its password.

    Tables are made where there are none and upgraded where they are older, in one transaction and by one process,
    whoever else starts at the same time. The connection is in no transaction before and after. Raises ``StoreError``,
    and what the driver raises.
    """
    with connection.transaction():
        revision = read_revision(connection)
    if revision is None or is_older(revision, place=place):
        with _alone(connection) as transaction:
            upgraded = _make_or_upgrade(transaction, connection, place)
        if upgraded:
            log.info("store_upgraded", store=place, schema=SCHEMA_REVISION)


def make_tables(connection: psycopg.Connection[Any], *, revision: str) -> None:
    """Make the tables of a revision where there are none, in one transaction."""
    from milepost.storage.migrate import migrate  # noqa: PLC0415 - Alembic takes its time and is seldom needed

    with _alone(connection) as transaction:
        migrate(transaction, to=revision)


def read_revision(connection: psycopg.Connection[Any]) -> str | None:
    """Give the revision of the tables, or None where there are none of ours."""
    if connection.execute(_IS_OURS).fetchone() != (True,):
        return None
    found = connection.execute(REVISION_QUESTION).fetchone()
    if found is None:
        raise StoreDamaged("The database does not say which tables it has. Restore it from a backup.")
    return str(found[0])


def _make_or_upgrade(transaction: Connection, connection: psycopg.Connection[Any], place: str) -> bool:
    """Do what is still to be done, for another process may have been quicker; say whether that was an upgrade."""
    revision = read_revision(connection)
    if revision is None:
        _refuse_foreign(connection, place)
        for text in creating_texts("postgresql"):
            connection.execute(text)
        return False
    if is_older(revision, place=place):
        from milepost.storage.migrate import migrate  # noqa: PLC0415 - Alembic takes its time and is seldom needed

        log.info("store_upgrade_begins", store=place, schema=revision, wanted=SCHEMA_REVISION)
        migrate(transaction, to=SCHEMA_REVISION)
        return True
    return False


def _refuse_foreign(connection: psycopg.Connection[Any], place: str) -> None:
    other = connection.execute(_OTHER_TABLE).fetchone()
    if other is not None:
        raise StoreForeign(
            f"{place} holds tables that are not Milepost's ({other[0]!r} is one). Name an empty database, "
            f"or a schema of its own."
        )


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[Connection]:
    """Open a transaction that SQLAlchemy can speak to as well, when no other process makes or upgrades tables."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
    autocommit = connection.autocommit
    connection.autocommit = False
    try:
        with engine.begin() as transaction:
            for text in _BEGIN:
                connection.execute(text)
            yield transaction
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.Error):
            raise error.orig from error
        raise
    finally:
        if not connection.closed:
            connection.autocommit = autocommit
