"""What was removed from a SQLite file is written over: removing alone leaves it readable in the file and its log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from milepost.storage.errors import StoreUnavailable
from milepost.storage.sqlite_file import connect_writer, translated

#: How often readers of the old content are waited for, as long as for a lock each time.
_ATTEMPTS = 6


#: The new file is put together on disk: in memory, a large one would not fit.
_SETTINGS = ("PRAGMA temp_store = FILE", "PRAGMA secure_delete = ON")


def compact_file(path: Path, *, attempts: int = _ATTEMPTS) -> None:
    """Write the file anew without what was removed, and empty the log beside it; takes as long as copying the file.

    Nobody else may write meanwhile.
    """
    try:
        # on a connection of its own: changing where temporary things are kept would drop those of the writer
        with closing(connect_writer(path)) as connection:
            for setting in _SETTINGS:
                connection.execute(setting)
            connection.execute("VACUUM")
            if any(_empties_log(connection) for _ in range(attempts)):
                return
    except sqlite3.Error as error:
        raise translated(error, path) from error
    raise StoreUnavailable(
        f"What was removed still stands in {path.name}-wal, because a long reading is under way. "
        f"It goes when that has ended and Milepost is stopped."
    )


def _empties_log(connection: sqlite3.Connection) -> bool:
    """Carry the log into the file, and say whether nothing is left of it; readers are waited for."""
    (is_busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy
