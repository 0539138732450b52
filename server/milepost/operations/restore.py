"""Put a backup in the place of a store that is one file."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from milepost.errors import Conflict, NotFound
from milepost.operations.back_up import SERVER_KEPT, count_sound_events
from milepost.storage import open_store, store_at, store_file
from milepost.storage.backups import folder_of, list_backups
from milepost.storage.errors import StoreDamaged, StoreUnusable
from milepost.storage.restoring import owned_place, put_in_place, staged


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in place now, and what was there before."""

    backup: Path
    events: int
    moved_aside: tuple[Path, ...]
    #: Newer backups that were tried first, each with what is wrong with it.
    unusable: tuple[str, ...] = ()


def restore(url: str, backup: Path, now: datetime) -> Restored:
    """Check a backup, move what is in its place aside, and put it there.

    Nothing is touched unless the backup is whole and nobody has the store open. Raises `StoreError`.
    """
    place = _file(url)
    with owned_place(place), staged(backup, place) as copy:
        try:
            with closing(open_store(store_at(url, copy))) as store:
                events = count_sound_events(store)
        except StoreUnusable as error:
            raise StoreDamaged(
                f"{backup} cannot be restored, so nothing was changed; `milepost backup --list` shows others. "
                f"Found: {error}".replace(str(copy), str(backup))
            ) from error
        return Restored(backup, events, put_in_place(copy, place, now))


def restore_newest(url: str, now: datetime) -> Restored:
    """Restore the newest backup that is whole."""
    file = _file(url)
    unusable: list[str] = []
    for backup in reversed(list_backups(file)):
        try:
            restored = restore(url, backup.path, now)
        except StoreUnusable as error:
            unusable.append(str(error))
        else:
            return Restored(restored.backup, restored.events, restored.moved_aside, tuple(unusable))
    nothing = f"There is no good backup in {folder_of(file)}. Name another file to restore."
    raise NotFound("\n".join([nothing, *unusable]))


def _file(url: str) -> Path:
    file = store_file(url)
    if file is None:
        raise Conflict(SERVER_KEPT)
    return file
