"""Verifying finds what was changed behind Milepost's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from milepost.operations.hash_state import hash_state
from milepost.operations.install_recipe import install_recipe
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def looked_at(path: Path) -> tuple[tuple[str, ...], str]:
    """Give the differences and the hash of a store."""
    with closing(open_store(str(path))) as store:
        verified = verify(Services(store, lambda: NOON, Settings()))
        with store.reading() as view:
            return verified.differences, hash_state(view)


def test_a_rule_changed_by_hand_breaks_the_log(tmp_path: Path) -> None:
    """The first version that is not as it was saved is named, and the hash is another one."""
    path = tmp_path / "milepost.db"
    with closing(open_store(str(path))) as store:
        install_recipe(Services(store, lambda: NOON, Settings()), "helpdesk-sla", author="Ops")
    differences, before = looked_at(path)
    assert differences == ()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE achievement_versions SET author = 'Eve' WHERE key = 'sla-week'")
    (difference,), after = looked_at(path)
    assert difference.startswith("the log of rule changes does not hold from version 1 of sla-week on")
    assert after != before


def test_looking_twice_changes_nothing(tmp_path: Path) -> None:
    """Everything is recomputed and undone, so the hash stays."""
    path = tmp_path / "milepost.db"
    with closing(open_store(str(path))) as store:
        install_recipe(Services(store, lambda: NOON, Settings()), "fulfilment-quality", author="Ops")
    assert looked_at(path) == looked_at(path)
