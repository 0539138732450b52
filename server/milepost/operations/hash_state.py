"""One hash over everything a store holds: two stores with the same one hold the same."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import orjson

from milepost.storage.base import Reading
from milepost.storage.sql_copying import STATE, UNORDERED


def hash_state(reading: Reading) -> str:
    """Give the SHA-256 over the rows of all tables, each a JSON list in a line, in an order that no store decides.

    Of rows whose order means nothing the hashes are put in order. Left out is what follows from the rest (whose events
    are, what is remembered of streaks, texts to search in), and what is about the place alone (row numbers, the
    generations by which servers know that something changed).
    """
    digest = sha256()
    for table, names in STATE.items():
        digest.update(_line([table, *names]))
        rows = (_line(row) for page in reading.state(table) for row in page)
        for part in sorted(sha256(row).digest() for row in rows) if table in UNORDERED else rows:
            digest.update(part)
    return digest.hexdigest()


def _line(values: Sequence[object]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
