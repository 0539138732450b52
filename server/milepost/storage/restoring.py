"""Put another file in the place of a store; what was there is moved aside, never removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from milepost.storage.backups import MOMENT
from milepost.storage.errors import StoreDamaged, StoreUnavailable
from milepost.storage.file_lock import FileLock
from milepost.storage.file_sync import sync_folder
from milepost.storage.whole_files import copy_store, in_our_words, move_store_files, remove_store


def refuse_half_restored(file: Path) -> None:
    """Refuse a place that is empty because a restore was ended just then: nobody is to begin anew there."""
    try:
        is_broken_off = not file.exists() and _copy_beside(file).exists()
    except OSError:  # opening it says what is wrong with the place
        return
    if is_broken_off:
        raise StoreDamaged(f"{file} is missing, since a restore was broken off. Restore it again.")


@contextmanager
def owned_place(place: Path) -> Iterator[None]:
    """Keep everybody else from opening the store at a place, whatever state it is in."""
    lock = FileLock(place.with_name(f"{place.name}.lock"))
    try:
        yield
    finally:
        lock.release()


@contextmanager
def staged(backup: Path, place: Path) -> Iterator[Path]:
    """Copy a backup beside the place it is for, to be checked there; the copy is gone after the block unless used."""
    if not backup.is_file():
        raise StoreUnavailable(f"There is no backup at {backup}. `milepost backup --list` names those there are.")
    copy = _copy_beside(place)
    with in_our_words(copy):
        remove_store(copy)
        try:
            copy_store(backup, copy)
            yield copy
        finally:
            remove_store(copy)


def put_in_place(copy: Path, place: Path, now: datetime) -> tuple[Path, ...]:
    """Move what is there aside, then a checked copy to its place; give the files moved aside.

    The place is empty for a moment. Ended just then, it is refused when it is opened, and restoring again finishes it.
    """
    aside = place.with_name(f"{place.name}.replaced-{now.astimezone(UTC).strftime(MOMENT)}")
    with in_our_words(place):
        moved = move_store_files(place, aside)
        copy.rename(place)
        sync_folder(place.parent)
    return moved


def _copy_beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.restoring")
