"""An older file is brought to the present tables when it is opened, after a copy of it was put beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from milepost.storage.file_sync import sync_file, sync_folder
from milepost.storage.sqlite_schema import upgrade_tables
from milepost.storage.tables import SCHEMA_REVISION
from milepost.storage.whole_files import in_our_words

log = structlog.get_logger()


def upgrade_file(path: Path, *, revision: str, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
    """Bring a file from an older revision to the present one: when this is cut short, it is still the older one."""
    copy = path.with_name(f"{path.name}.before-{SCHEMA_REVISION}")
    log.info("store_upgrade_begins", store=str(path), schema=revision, wanted=SCHEMA_REVISION)
    with in_our_words(copy):
        upgrade_tables(writer, before=lambda: _copy(reader, copy))
    log.info("store_upgraded", store=str(path), schema=SCHEMA_REVISION, copy_of_before=str(copy))


def _copy(reader: sqlite3.Connection, copy: Path) -> None:
    """Write everything a reader sees to a file, which is there as a whole or not at all."""
    fresh = copy.with_name(copy.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        with closing(sqlite3.connect(fresh, isolation_level=None)) as target:
            target.execute("PRAGMA synchronous = OFF")  # synced once, after
            reader.backup(target)
        sync_file(fresh)
        fresh.replace(copy)
        sync_folder(copy.parent)
    finally:
        fresh.unlink(missing_ok=True)
