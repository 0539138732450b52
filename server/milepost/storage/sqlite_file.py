"""A database file: told from other files, made without ever replacing one, opened with our settings."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from milepost.storage.errors import (
    NotStorable,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreUnavailable,
)
from milepost.storage.file_sync import sync_file, sync_folder
from milepost.storage.schema import is_older
from milepost.storage.sqlite_schema import make_tables, read_revision
from milepost.storage.sqlite_upgrade import upgrade_file
from milepost.storage.tables import SCHEMA_REVISION, SCHEMA_VERSION

#: "Mile", as SQLite keeps it in the file's header.
APPLICATION_ID = 0x4D696C65

#: What the driver raises; where the name of a table is destroyed, it fails to read its own message.
DRIVER_ERRORS = (sqlite3.Error, UnicodeError, OverflowError)

#: Bigger files are looked through by ``Store.check`` only, so that a start takes a second at most.
_LOOK_THROUGH_UP_TO = 128 * 2**20
_HEADER_LENGTH = 100
_MAGIC = b"SQLite format 3\0"
_SCHEMA_NUMBER_AT = 60
_APPLICATION_ID_AT = 68
_WAIT_FOR_LOCK_SECONDS = 5.0

_COMMON = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
)
_WRITER = (*_COMMON, "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 10000", "PRAGMA cache_size = -65536")
# Only the writer may checkpoint: two that do can damage the file in SQLite before 3.51.3.
_READER = (*_COMMON, "PRAGMA query_only = ON", "PRAGMA wal_autocheckpoint = 0", "PRAGMA cache_size = -8192")

_DAMAGED = (
    "{path} is damaged ({error}). Stop Milepost, keep a copy of the file and of {name}-wal, "
    "and put the last good backup in their place."
)
_LOCKED = "{path} is locked by another program. Close that program, then try again."
_UNEXPECTED = (StoreUnavailable, "{path} cannot be used ({error}). Look at its disk.")
#: What SQLite's primary result codes mean to us.
_MEANINGS: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_FULL: (
        StoreFull,
        "No space is left for {path}. Free some on its disk; nothing needs to be restarted.",
    ),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, _DAMAGED),
    sqlite3.SQLITE_BUSY: (StoreUnavailable, _LOCKED),
    sqlite3.SQLITE_LOCKED: (StoreUnavailable, _LOCKED),
    sqlite3.SQLITE_READONLY: (
        StoreUnavailable,
        "{path} is read-only. Milepost must be allowed to write it and its folder.",
    ),
    sqlite3.SQLITE_CONSTRAINT: (StoreConflict, "The change contradicts what is kept: {error}."),
    sqlite3.SQLITE_TOOBIG: (NotStorable, "A value is too long to be kept."),
}
#: What SQLite also says when a disk is full.
_DISK_TROUBLE = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_CANTOPEN,
}
_LITTLE_SPACE = 2**16


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the connection that writes."""
    return _connect(path, _WRITER)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that reads."""
    return _connect(path, _READER)


def real_path(path: Path) -> Path:
    """Follow links, so that a file has one lock by whatever name it is opened."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise StoreUnavailable(
            f"{path} cannot be reached ({error}). Milepost must be allowed into its folder."
        ) from error


def prepare_file(path: Path) -> None:
    """Make sure that *path* is a database of ours with the present tables, making it where there is nothing."""
    if not path.exists():
        make_file(path)
    if _version_in_header(path) < SCHEMA_VERSION:
        _upgrade(path)


def look_through(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of a newer version, and one that is damaged as far as a start has time to see."""
    try:
        _refuse_other_tables(connection, path)
        if path.stat().st_size <= _LOOK_THROUGH_UP_TO:
            _refuse_faults(connection, path)
    except DRIVER_ERRORS as error:
        raise translated(error, path) from error


def _refuse_other_tables(connection: sqlite3.Connection, path: Path) -> str:
    """Refuse a file without tables and one of a newer version; give the revision."""
    revision = read_revision(connection)
    if revision is None:
        raise StoreDamaged(f"{path} has no schema. Restore it from a backup.")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for each in (f"{version:04}", revision):
        is_older(each, place=str(path))
    return revision


def _refuse_faults(connection: sqlite3.Connection, path: Path) -> None:
    fault = first_fault(connection, "PRAGMA quick_check(1)")
    if fault:
        raise StoreDamaged(damage_sentence(path, fault))


def first_fault(connection: sqlite3.Connection, question: str) -> str | None:
    """Run one of SQLite's own checks."""
    (verdict,) = connection.execute(question).fetchone()
    return None if verdict == "ok" else " ".join(verdict.split())


def damage_sentence(path: Path, fault: str) -> str:
    """Say that a file is damaged, and what to do."""
    return _DAMAGED.format(path=path, name=path.name, error=fault)


def translated(error: Exception, path: Path) -> StoreError:
    """Say in our words what a driver's exception means."""
    if isinstance(error, UnicodeEncodeError | OverflowError):
        return NotStorable(f"A value cannot be kept: {error}.")
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _DISK_TROUBLE and _is_full(path):
        code = sqlite3.SQLITE_FULL
    kind, sentence = _MEANINGS.get(code & 0xFF, _UNEXPECTED)
    if "decode to UTF-8" in str(error) or isinstance(error, UnicodeDecodeError):
        kind, sentence = _MEANINGS[sqlite3.SQLITE_CORRUPT]
    return kind(sentence.format(path=path, error=error, name=path.name))


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < _LITTLE_SPACE


def _connect(path: Path, settings: tuple[str, ...], mode: str = "rw") -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"file:{quote(path.as_posix())}?mode={mode}",
            uri=True,
            timeout=_WAIT_FOR_LOCK_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for setting in settings:
                connection.execute(setting)
        except BaseException:
            connection.close()
            raise
    except DRIVER_ERRORS as error:
        raise translated(error, path) from error
    return connection


def _upgrade(path: Path) -> None:
    """Bring an older file to the present tables."""
    try:
        with closing(connect_writer(path)) as writer, closing(connect_reader(path)) as reader:
            revision = _refuse_other_tables(writer, path)
            if is_older(revision, place=str(path)):
                _refuse_faults(writer, path)
                upgrade_file(path, revision=revision, writer=writer, reader=reader)
    except DRIVER_ERRORS as error:
        raise translated(error, path) from error


def _version_in_header(path: Path) -> int:
    """Refuse what is no database of ours; give the version its file began with: newer ones may wait in its log."""
    try:
        with path.open("r+b") as file:  # to write as well: SQLite itself would only notice much later
            header = file.read(_HEADER_LENGTH)
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be opened ({error.strerror}). Milepost must be allowed to read and write it."
        ) from error
    if not header:
        raise StoreDamaged(
            f"{path} is empty (0 bytes): whatever it held is gone. Restore it from a backup; "
            f"if it never held anything, remove it and start again."
        )
    if len(header) < _HEADER_LENGTH or not header.startswith(_MAGIC):
        raise StoreForeign(
            f"{path} is no Milepost database, or its beginning is destroyed. Name another file, "
            f"or restore this one from a backup."
        )
    (application,) = struct.unpack_from(">I", header, _APPLICATION_ID_AT)
    if application != APPLICATION_ID:
        raise StoreForeign(f"{path} is another program's database. Name another file.")
    (version,) = struct.unpack_from(">i", header, _SCHEMA_NUMBER_AT)
    return int(version)


def make_file(path: Path, *, revision: str = SCHEMA_REVISION) -> None:
    """Make a file with empty tables: under another name first, so that a half-made one never stands in its place.

    *revision* is an older one for rows that were kept under it; opening the file upgrades it.
    """
    _refuse_leftovers(path)
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        _create_tables(fresh, revision)
        sync_file(fresh)
        _move_into_place(fresh, path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be made ({error.strerror}). Look at its folder and disk.") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _move_into_place(fresh: Path, path: Path) -> None:
    try:
        path.hardlink_to(fresh)  # unlike renaming, it never replaces a file that came up meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        fresh.rename(path)


def _refuse_leftovers(path: Path) -> None:
    leftover = path.with_name(path.name + "-wal")
    if leftover.exists():
        raise StoreDamaged(
            f"{path} is missing, but {leftover.name} beside it holds its newest changes. Put the file back; "
            f"if you mean to start anew, remove {leftover.name} too."
        )


def _create_tables(path: Path, revision: str) -> None:
    connection = _connect(path, ("PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY"))  # synced once, after
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        make_tables(connection, revision=revision)
        connection.execute("PRAGMA journal_mode = WAL")
    except DRIVER_ERRORS as error:
        raise translated(error, path) from error
    finally:
        connection.close()
