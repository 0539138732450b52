"""What was removed from a SQLite file is written over: removing alone leaves it readable in the file and its log."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from milepost.storage.errors import StoreUnavailable
from milepost.storage.sqlite_file import translated

#: How long a reader may keep the old content in the log beside the file.
_WAIT_FOR_READERS_SECONDS = 30.0
_PAUSE_SECONDS = 0.05


def compact_file(connection: sqlite3.Connection, path: Path) -> None:
    """Write the file anew without what was removed, and empty the log beside it; takes as long as copying the file."""
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        deadline = time.monotonic() + _WAIT_FOR_READERS_SECONDS
        while not _is_log_empty(connection):
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"What was removed still stands in {path.name}-wal, because a long reading is under way. "
                    f"It goes when that ends and Milepost is stopped."
                )
            time.sleep(_PAUSE_SECONDS)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        connection.execute("PRAGMA secure_delete = OFF")


def _is_log_empty(connection: sqlite3.Connection) -> bool:
    (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
