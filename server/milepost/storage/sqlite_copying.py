"""A whole copy of an open SQLite database, made while others read and write it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from milepost.storage.sqlite_file import DRIVER_ERRORS, connect_reader, translated


def copy_database(path: Path, to: Path) -> None:
    """Write one consistent state of a database into a new, private file; writers go on meanwhile.

    Only what counts is copied: nothing of what was deleted before is left in the copy.
    """
    to.touch(mode=0o600, exist_ok=False)
    try:
        with closing(connect_reader(path)) as connection:
            connection.execute("PRAGMA query_only = OFF")  # a copy counts as writing, though not to this file
            connection.execute("VACUUM INTO ?", (str(to),))
        with closing(sqlite3.connect(to)) as connection:  # the one setting that a copy does not take along
            connection.execute("PRAGMA journal_mode = WAL")
    except DRIVER_ERRORS as error:
        raise translated(error, path) from error
