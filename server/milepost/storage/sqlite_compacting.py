"""What was removed from a SQLite file is written over: removing alone leaves it readable in the file and its log."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from milepost.storage.errors import StoreUnavailable
from milepost.storage.sqlite_file import translated

#: How often readers of the old content are waited for, as long as for a lock each time.
_ATTEMPTS = 6


def compact_file(connection: sqlite3.Connection, path: Path, *, attempts: int = _ATTEMPTS) -> None:
    """Write the file anew without what was removed, and empty the log beside it; takes as long as copying the file."""
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        if not any(_empties_log(connection) for _ in range(attempts)):
            raise StoreUnavailable(
                f"What was removed still stands in {path.name}-wal, because a long reading is under way. "
                f"It goes when that has ended and Milepost is stopped."
            )
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        connection.execute("PRAGMA secure_delete = OFF")


def _empties_log(connection: sqlite3.Connection) -> bool:
    """Carry the log into the file, and say whether nothing is left of it; readers are waited for."""
    (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
