"""Which tables a store has, and which revision of them; nothing here needs Alembic, so a start stays quick."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Column, Dialect, MetaData, PrimaryKeyConstraint, String, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from milepost.storage.errors import StoreTooNew
from milepost.storage.tables import METADATA, SCHEMA_REVISION, SCHEMA_VERSION

#: Where Alembic keeps the revision, as Alembic makes it.
REVISION_TABLE = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
REVISION_QUESTION = "SELECT version_num FROM alembic_version"
#: Stores of the first release do not name their revision: it is this.
FIRST_REVISION = "0001"
#: What an older store may be at.
OLDER_REVISIONS = frozenset(f"{number:04}" for number in range(1, SCHEMA_VERSION))


@cache
def creating_texts(dialect_name: str) -> tuple[str, ...]:
    """Give the statements that make all tables in an empty database and note their revision."""
    dialect = _dialect(dialect_name)
    made = []
    for table in METADATA.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    return (*made, *revision_texts(dialect_name, SCHEMA_REVISION))


@cache
def revision_texts(dialect_name: str, revision: str) -> tuple[str, ...]:
    """Give the statements that note the revision of tables for which none is noted."""
    dialect = _dialect(dialect_name)
    note = insert(REVISION_TABLE).values(version_num=revision)
    noted = str(note.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return str(CreateTable(REVISION_TABLE).compile(dialect=dialect)), noted


def is_older(revision: str, *, place: str) -> bool:
    """Say whether a store must be upgraded; one that is newer or unknown is refused."""
    if revision == SCHEMA_REVISION:
        return False
    if revision in OLDER_REVISIONS:
        return True
    raise StoreTooNew(
        f"{place} was written by a newer Milepost (schema {revision}, this one knows up to {SCHEMA_REVISION}). "
        f"Install that version, or restore a backup from before the upgrade."
    )


def _dialect(name: str) -> Dialect:
    dialect: Dialect = {"sqlite": sqlite, "postgresql": postgresql}[name].dialect()
    return dialect
