"""One hash over everything a store holds: two stores with the same one hold the same."""

from __future__ import annotations

from hashlib import sha256

import orjson

from milepost.storage.base import Reading
from milepost.storage.sql_copying import STATE


def hash_state(reading: Reading) -> str:
    """Give the SHA-256 over the rows of all tables, each a JSON list in a line, in an order that no store decides.

    Left out is what follows from the rest (whose events are, texts to search in), and what is about the place alone
    (row numbers, the generations by which servers know that something changed).
    """
    digest = sha256()
    for table, names in STATE.items():
        digest.update(orjson.dumps([table, *names], option=orjson.OPT_APPEND_NEWLINE))
        for page in reading.state(table):
            for row in page:
                digest.update(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    return digest.hexdigest()
