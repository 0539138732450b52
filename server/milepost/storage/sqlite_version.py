"""Which SQLite this Python has; others ask here, since only storage speaks SQL."""

from __future__ import annotations

import sqlite3

#: The first one with STRICT tables.
OLDEST_SQLITE = (3, 37, 0)


def sqlite_version() -> tuple[int, int, int]:
    """Give the version of the library that is loaded, not of Python's module for it."""
    return sqlite3.sqlite_version_info
