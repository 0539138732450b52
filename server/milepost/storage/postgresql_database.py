"""What a PostgreSQL database must be like, beside its tables; and looking after these."""

from __future__ import annotations

import psycopg
from sqlalchemy import Table, Text

from milepost.storage.errors import StoreForeign, StoreUnavailable
from milepost.storage.migrate_postgresql import prepare_tables
from milepost.storage.postgresql_connections import Connection
from milepost.storage.postgresql_errors import translated
from milepost.storage.tables import METADATA

_PLACE = "SELECT current_schema(), current_database(), current_setting('server_encoding')"
_NAMES = "SELECT relname FROM pg_class WHERE relnamespace = quote_ident(%s)::regnamespace"


def prepare_database(connection: Connection) -> str:
    """Make sure that the database is ours and has the present tables; give the name of the schema they are in."""
    try:
        schema, database, encoding = connection.execute(_PLACE).fetchall()[0]
        if encoding != "UTF8":
            raise StoreForeign(
                f"The database {database} keeps text as {encoding}. Make one with createdb --encoding=UTF8."
            )
        if schema is None:
            raise StoreUnavailable(
                f"The database {database} has no schema to work in. Make the one that search_path names, or grant it."
            )
        prepare_tables(connection, place=f"The database {database}")
    except psycopg.Error as error:
        raise translated(error) from error
    return str(schema)


def compact_tables(connection: Connection) -> None:
    """Write every table anew, each in a transaction of its own, and take new samples of what is in it."""
    try:
        connection.execute("SET statement_timeout = 0")
        for table in METADATA.sorted_tables:
            connection.execute(f'VACUUM (FULL, ANALYZE) "{table.name}"')
            if connection.execute(f'SELECT 1 FROM "{table.name}" LIMIT 1').fetchone() is None:  # noqa: S608 - our own table
                _drop_samples(connection, table)
    except psycopg.Error as error:
        raise translated(error) from error


def _drop_samples(connection: Connection, table: Table) -> None:
    """Drop what PostgreSQL noted of the values in a table that is empty now; ANALYZE would leave it."""
    for column in table.columns:
        if isinstance(column.type, Text):
            connection.execute(f'ALTER TABLE "{table.name}" ALTER COLUMN "{column.name}" TYPE text COLLATE "C"')


def first_lack(connection: Connection, schema: str) -> str | None:
    """Say which table or index is missing, or None."""
    try:
        names = {name for (name,) in connection.execute(_NAMES, (schema,)).fetchall()}
    except psycopg.Error as error:
        raise translated(error) from error
    for table in METADATA.sorted_tables:
        wanted = [f"the table {table.name}", *sorted(f"the index {index.name}" for index in table.indexes)]
        missing = [what for what in wanted if what.rpartition(" ")[2] not in names]
        if missing:
            return f"{missing[0]} is missing"
    return None
