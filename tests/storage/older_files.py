"""Stores as the first release left them, with something in every table that a later revision changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from milepost.storage import open_store
from milepost.storage.sqlite_file import APPLICATION_ID

RELEASED = Path(__file__).with_name("released_0001.sql")
MOMENT = "2026-03-02T12:00:00.000000Z"

#: What was kept, by table; rules in an order that is not that of their keys.
ROWS: dict[str, list[dict[str, Any]]] = {
    "events": [
        {
            "id": f"e{number:05}",
            "revision": 1,
            "counts": 1,
            "type": "ticket.solved",
            "occurred_at": MOMENT,
            "actor": "ana@example.com",
            "subject": f"ticket-{number}",
            "revised_at": None,
            "received_at": MOMENT,
            "voided_at": None,
            "too_late": 0,
            "fingerprint": f"f{number}",
            "told_by": None,
            "properties": '{"note":"grüße"}',
            "answer": "{}",
        }
        for number in range(3)
    ],
    "belongs": [
        {
            "actor": "ana@example.com",
            "type": "ticket.solved",
            "occurred_at": MOMENT,
            "event_id": f"e{number:05}",
            "through": "ticket.solved",
        }
        for number in range(3)
    ],
    "achievement_versions": [
        {"key": key, "number": number, "effective_at": at, "author": "Ops", "note": note, "document": document}
        for key, number, at, note, document in (
            ("b-second", 1, "2026-03-03T00:00:00.000000Z", None, '{"key":"b-second","z":1,"share":0.5}'),
            ("a-third", 1, "2026-03-03T00:00:00.000001Z", "too hard", '{"key":"a-third"}'),
            ("z-first", 1, "2026-03-01T00:00:00.000000Z", None, '{"key":"z-first","text":"é"}'),
            ("z-first", 2, "2026-03-04T00:00:00.000000Z", None, '{"key":"z-first","target":5}'),
        )
    ],
    "earnings": [
        {
            "row_number": 1,
            "achievement": "z-first",
            "holder_kind": "actor",
            "holder_id": "ana@example.com",
            "window": "2026-W10",
            "ordinal": 1,
            "tier": None,
            "earned_at": MOMENT,
            "value": 3.0,
            "target": 3.0,
            "rule_version": 1,
            "evidence": '["e00000"]',
        }
    ],
    "dues": [
        {"achievement": key, "holder_kind": kind, "holder_id": name, "window": "2026-W10", "due_at": MOMENT}
        for key, kind, name in (
            ("z-first", "actor", "ana"),
            ("a-third", "team", "support"),
            ("a-third", "actor", "ben"),
        )
    ],
    "answers": [
        {"scope": "key-1", "key": f"call-{number}", "fingerprint": "f", "answer": "{}", "at": MOMENT}
        for number in range(2)
    ],
}


def many_events(number: int) -> Iterable[dict[str, Any]]:
    """Give so many events, each with an id of its own."""
    return ({**ROWS["events"][0], "id": f"m{each:06}", "subject": f"t{each}"} for each in range(number))


def fill(connection: sqlite3.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Keep rows, in one transaction."""
    connection.execute("BEGIN")
    for table, values in rows.items():
        names = list(values[0])
        places = ", ".join(f":{name}" for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608  (ours)
    connection.execute("COMMIT")


def released_file(path: Path, *, rows: dict[str, list[dict[str, Any]]] | None = None) -> Path:
    """Make a file as the first release did: with its own words, and without a table that names its revision."""
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(f"BEGIN; {RELEASED.read_text('utf-8')} COMMIT;")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        fill(connection, rows or ROWS)
    return path


def open_and_close(path: str) -> None:
    """Open a store, which upgrades it; what a process of its own is started for."""
    open_store(path).close()
