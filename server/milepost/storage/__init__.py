"""Where everything is kept: one protocol, a store for each kind of URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from milepost.storage.errors import StoreError
from milepost.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from milepost.storage.base import Store

# two letters at least: one is a drive of Windows
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(.*)", re.DOTALL)


def open_store(url: str) -> Store:
    """Open the store at *url*, making an empty one where there is nothing.

    ``sqlite:///milepost.db`` is a file in the working folder, ``sqlite:////var/lib/milepost.db``
    one by its full path; a bare path is a SQLite file too. Raises ``StoreError``.
    """
    return SqliteStore(_sqlite_path(url))


def _sqlite_path(url: str) -> Path:
    match = _SCHEME.fullmatch(url)
    if match is None:
        path = url
    elif match[1].lower() == "sqlite" and match[2].startswith("///"):
        path = match[2][3:]
    else:
        raise StoreError(f"{url!r} is no store this version knows. Use sqlite:///path/to/milepost.db.")
    if not path or path == ":memory:":
        raise StoreError(f"{url!r} names no file. Use sqlite:///path/to/milepost.db.")
    return Path(path)
