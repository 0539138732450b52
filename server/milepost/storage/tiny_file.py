"""The file of the TinyDB store: TinyDB's own layout, put in place whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from tinydb.storages import Storage

from milepost.storage.errors import (
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
)
from milepost.storage.file_sync import sync_folder
from milepost.storage.tables import SCHEMA_VERSION
from milepost.storage.tiny_rows import MARK, Layout

_Stamp: TypeAlias = tuple[int, int, int]

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_REPAIR = "Stop Milepost, keep a copy of the file, and put the last good backup in its place"


class TinyFile(Storage):
    """A TinyDB storage that never leaves half a file: written beside it, synced, and renamed over it.

    It remembers the file it read or wrote last, and refuses to overwrite one that somebody else put there since.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened."""
        self.path = path
        self._fresh = path.with_name(path.name + ".new")
        self._seen: _Stamp | None = None

    def read(self) -> Layout:
        """Read everything, or say in one sentence why that cannot be."""
        try:
            with self.path.open("r+b") as file:  # to write as well: a file we may not change is of no use
                stamp = _stamp(os.fstat(file.fileno()))
                content = file.read()
        except OSError as error:
            raise StoreUnavailable(
                f"{self.path} cannot be opened ({error.strerror}). Milepost must be allowed to read and write it."
            ) from error
        layout = _layout(self.path, content)
        self._seen = stamp
        return layout

    def write(self, data: Layout) -> None:
        """Put *data* in place of what the file holds; it is on disk when this returns."""
        self._refuse_strangers()
        try:
            self._replace(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            with contextlib.suppress(OSError):
                self._fresh.unlink(missing_ok=True)
            raise self._translated(error) from error

    def holds(self, data: Layout) -> bool:
        """Say whether the file is exactly what writing *data* makes."""
        try:
            return self.path.read_bytes() == orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n"
        except OSError:
            return False

    def remove_leftovers(self) -> None:
        """Remove what a process left that was killed while it wrote."""
        try:
            self._fresh.unlink(missing_ok=True)
        except OSError as error:
            raise self._translated(error) from error

    def keep_copy(self, name: str) -> Path:
        """Keep the file as it is beside it, under its own name and *name*; give where."""
        copy = self.path.with_name(f"{self.path.name}.{name}")
        try:
            _write_synced(copy, self.path.read_bytes())
            sync_folder(copy.parent)
        except OSError as error:
            raise self._translated(error) from error
        return copy

    def _replace(self, content: bytes) -> None:
        stamp = _write_synced(self._fresh, content)
        self._fresh.replace(self.path)
        self._seen = stamp
        sync_folder(self.path.parent)

    def _refuse_strangers(self) -> None:
        """Refuse to overwrite what another program wrote; a file that is gone is simply written again."""
        try:
            found = _stamp(self.path.stat())
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._translated(error) from error
        if found != self._seen:
            raise StoreUnavailable(
                f"{self.path} was changed by another program, so Milepost writes no more to it. Stop Milepost, see to "
                f"it that the file is the one you want, then start again."
            )

    def _translated(self, error: OSError) -> StoreError:
        if error.errno in _NO_SPACE:
            return StoreFull(f"No space is left for {self.path}. Free some on its disk; nothing needs to be restarted.")
        return StoreUnavailable(f"{self.path} cannot be written ({error.strerror}). Look at its folder and disk.")


def schema_of(layout: Layout) -> int:
    """Give the schema version a file was written with."""
    version: int = layout[MARK]["1"]["schema"]
    return version


def _layout(path: Path, content: bytes) -> Layout:
    """Tell a whole file of ours from everything else."""
    if not content:
        raise StoreDamaged(
            f"{path} is empty (0 bytes): whatever it held is gone. Restore it from a backup; "
            f"if it never held anything, remove it and start again."
        )
    if not content.lstrip().startswith(b"{"):
        raise StoreForeign(
            f"{path} is no Milepost file, or its beginning is destroyed. Name another file, "
            f"or restore this one from a backup."
        )
    try:
        layout = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise StoreDamaged(f"{path} is damaged ({error}). {_REPAIR}, or correct what was changed by hand.") from error
    _refuse_others(path, layout)
    return {name: _rows(path, name, table) for name, table in layout.items()}


def _refuse_others(path: Path, layout: dict[str, Any]) -> None:
    match layout.get(MARK):
        case {"1": {"schema": int(version)}} if version >= 1:
            pass
        case _:
            raise StoreForeign(f"{path} is JSON, but not written by Milepost. Name another file.")
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path} was written by a newer Milepost (schema {version}, this one knows {SCHEMA_VERSION}). "
            f"Install that version, or restore a backup from before the upgrade."
        )


def _rows(path: Path, name: str, table: object) -> dict[str, Any]:
    if isinstance(table, dict) and all(number.isdecimal() and isinstance(row, dict) for number, row in table.items()):
        return table
    raise StoreDamaged(f"{path} is damaged: table {name!r} is no list of rows by number. {_REPAIR}.")


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _write_synced(path: Path, content: bytes) -> _Stamp:
    """Write a private file and wait until it is on disk."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
        return _stamp(os.fstat(descriptor))
