"""Keep whole copies of a store that is one file: by hand, and once a day."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from milepost.errors import Conflict
from milepost.operations.services import Services
from milepost.storage.backups import Backup, finish, list_backups, prune, unfinished_backup
from milepost.storage.base import Store
from milepost.storage.errors import StoreDamaged

EVERY = timedelta(days=1)
SERVER_KEPT = (
    "A database server keeps this store: `pg_dump --format=custom --file=milepost.dump URL` writes a backup of it, "
    "and `pg_restore --clean --if-exists --dbname=URL milepost.dump` puts it back."
)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A new backup, how many events it holds, and the older ones it took the place of."""

    backup: Backup
    events: int
    removed: tuple[Backup, ...]


def back_up(services: Services) -> BackedUp:
    """Write all that is kept into a new file, check it by opening it, and let the oldest go; others may go on writing.

    Everything acknowledged before the call is in it. Raises `Conflict` where there is no file, and `StoreError`;
    the older backups stay then.
    """
    file = _file(services)
    with unfinished_backup(file) as unfinished:
        made_at = services.clock()
        with closing(services.store.open_copy(unfinished)) as copy:
            events = count_sound_events(copy)
        backup = finish(unfinished, made_at)
    keep = services.settings.backups
    return BackedUp(backup, events, tuple(prune(file, keep=keep, newest=backup)) if keep else ())


def kept_backups(services: Services) -> list[Backup]:
    """Give the backups there are, oldest first."""
    return list_backups(_file(services))


def back_up_daily(services: Services) -> BackedUp | None:
    """Make a backup if one is wanted and none was made for a day; a store without events needs none."""
    file = services.store.file
    if file is None or not services.settings.backups:
        return None
    now = services.clock()
    if any(now - EVERY < one.made_at <= now for one in list_backups(file)):
        return None
    with services.store.reading() as reading:
        if not reading.row_count("events"):
            return None
    return back_up(services)


def count_sound_events(store: Store) -> int:
    """Look through a whole store, and count its events; one that is not whole raises `StoreDamaged`."""
    fault = store.check()
    if fault is not None:
        raise StoreDamaged(fault)
    with store.reading() as reading:
        return reading.row_count("events")


def _file(services: Services) -> Path:
    file = services.store.file
    if file is None:
        raise Conflict(SERVER_KEPT)
    return file
