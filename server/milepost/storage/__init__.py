"""Where everything is kept: one protocol, a store for each kind of URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from milepost.storage.backups import list_backups
from milepost.storage.errors import StoreDamaged, StoreError, StoreForeign
from milepost.storage.restoring import refuse_half_restored
from milepost.storage.sqlite import SqliteStore
from milepost.storage.sqlite_file import real_path

if TYPE_CHECKING:
    from milepost.storage.base import Store

# two letters at least: one is a drive of Windows
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)


def open_store(url: str) -> Store:
    """Open the store at *url*, making an empty one where there is nothing.

    ``sqlite:///milepost.db`` is a file in the working folder, ``sqlite:////var/lib/milepost.db``
    one by its full path; a bare path is a SQLite file too. ``tinydb:///pilot.json`` is one
    readable JSON file, ``postgresql://name@host/database`` a database. Raises ``StoreError``;
    where a file is destroyed, it names the way back.
    """
    file = store_file(url)
    try:
        if file is not None:
            refuse_half_restored(file)
        return _open_store(url)
    except (StoreDamaged, StoreForeign) as error:
        raise type(error)(f"{error}{way_back(url)}") from error


def way_back(url: str) -> str:
    """Say which backup of a store is the newest and how to put it in its place; nothing where there is none."""
    file = store_file(url)
    backups = list_backups(file) if file is not None else []
    if not backups:
        return ""
    return (
        f" The newest backup was made {backups[-1].made_at:%Y-%m-%d %H:%M} UTC; "
        f"`milepost restore --latest --store '{url}'` puts it in place, and keeps what is there beside it."
    )


def _open_store(url: str) -> Store:
    if _is_tiny(url):
        return _open_tiny(url)
    if url.lower().startswith("postgresql:"):
        return _open_postgresql(url)
    return SqliteStore(_sqlite_path(url))


def store_file(url: str) -> Path | None:
    """Give the file that holds everything, by its full name, or None where a database server does."""
    match = _SCHEME.fullmatch(url)
    if match is None:
        return real_path(Path(url))
    is_file = match[1].lower() in {"sqlite", "tinydb"} and match[2].startswith("///")
    return real_path(Path(match[2][3:])) if is_file else None


def store_at(url: str, file: Path) -> str:
    """Give the URL of a store of the same kind as *url* in another file."""
    match = _SCHEME.fullmatch(url)
    return f"{match[1] if match else 'sqlite'}:///{file.absolute()}"


def reach_of(url: str) -> str | None:
    """Say how far a kind of store reaches, where that is not far; people should know when they choose it."""
    if not _is_tiny(url):
        return None
    from milepost.storage.tiny import ADVICE  # noqa: PLC0415 - a start on another store has no time for it

    return ADVICE


def _is_tiny(url: str) -> bool:
    return url.lower().startswith("tinydb:")


def _open_tiny(url: str) -> Store:
    from milepost.storage.tiny import TinyStore  # noqa: PLC0415 - the same

    place = url.partition(":")[2]
    if not place.startswith("///") or place == "///":
        raise StoreError(f"{url!r} names no file. Use tinydb:///path/to/pilot.json.")
    return TinyStore(Path(place[3:]))


def _open_postgresql(url: str) -> Store:
    from milepost.storage.postgresql import PostgresqlStore  # noqa: PLC0415 - the same

    return PostgresqlStore(url)


def _sqlite_path(url: str) -> Path:
    match = _SCHEME.fullmatch(url)
    if match is None:
        path = url
    elif match[1].lower() == "sqlite" and match[2].startswith("///"):
        path = match[2][3:]
    else:
        raise StoreError(f"No store this version knows begins with {match[1]!r}. Use sqlite:///path/to/milepost.db.")
    if not path or path == ":memory:":
        raise StoreError(f"{url!r} names no file. Use sqlite:///path/to/milepost.db.")
    return Path(path)
