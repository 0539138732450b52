"""The backups of a store that is one file: where they lie, how they are called, which is the newest.

They lie in a folder beside the file, each whole by itself, named by its moment in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from milepost.storage.errors import StoreInUse, StoreUnavailable
from milepost.storage.file_lock import FileLock
from milepost.storage.file_sync import sync_file, sync_folder
from milepost.storage.whole_files import in_our_words, remove_store

MOMENT = "%Y-%m-%dT%H%M%S.%fZ"


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole store as it was at a moment."""

    path: Path
    made_at: datetime
    size: int


def folder_of(file: Path) -> Path:
    """Give the folder in which the backups of a store lie."""
    return file.with_name(f"{file.name}.backups")


def list_backups(file: Path) -> list[Backup]:
    """Give the finished backups of a store, oldest first; other files beside them are passed over."""
    try:
        found = [_read(path) for path in folder_of(file).iterdir() if path.suffix == file.suffix]
    except OSError:
        return []
    return sorted((one for one in found if one is not None), key=lambda one: one.made_at)


@contextmanager
def unfinished_backup(file: Path) -> Iterator[Path]:
    """Give the name of a new file to write a backup into; it is gone after the block unless it was `finish`ed."""
    folder = folder_of(file)
    path = folder / f"unfinished{file.suffix}"
    with in_our_words(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        lock = FileLock(folder / "making.lock")
    except StoreInUse:
        raise StoreUnavailable("A backup is being made at this moment. Try again when it is done.") from None
    try:
        with in_our_words(path):
            remove_store(path)
            try:
                yield path
            finally:
                remove_store(path)
    finally:
        lock.release()


def finish(unfinished: Path, made_at: datetime) -> Backup:
    """Give a checked backup its name, on disk."""
    path = unfinished.with_name(made_at.astimezone(UTC).strftime(MOMENT) + unfinished.suffix)
    with in_our_words(path):
        sync_file(unfinished)
        unfinished.replace(path)
        sync_folder(path.parent)
        return Backup(path, made_at, path.stat().st_size)


def prune(file: Path, *, keep: int, newest: Backup) -> list[Backup]:
    """Remove the oldest backups until *keep* are left, *newest* among them whatever its moment."""
    others = [one for one in list_backups(file) if one.path != newest.path]
    surplus = others[: max(0, len(others) + 1 - keep)]
    for one in surplus:
        with in_our_words(one.path):
            one.path.unlink(missing_ok=True)
    return surplus


def _read(path: Path) -> Backup | None:
    try:
        moment = datetime.strptime(path.name.removesuffix(path.suffix), MOMENT).replace(tzinfo=UTC)
        return Backup(path, moment, path.stat().st_size)
    except (ValueError, OSError):
        return None
