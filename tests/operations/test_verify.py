"""Verifying finds what was changed behind Milepost's back."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from milepost.operations.hash_state import hash_state
from milepost.operations.install_recipe import install_recipe
from milepost.operations.services import Services
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store
from tests.operations.composing import HELD, ONE, SOLVED, at, telling_world

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


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("UPDATE owed SET standing = 'fallen'", "is to know that award aw_.* is fallen, and it is not so"),
        ("UPDATE owed SET topic = 'award:aw_gone'", "is to know of award aw_gone, which is missing"),
        ("UPDATE awards SET status = 'revoked'", "is to know that award aw_.* is granted, and it is not so"),
    ],
)
def test_what_is_told_of_an_award_that_is_not_so_is_found(tmp_path: Path, change: str, finding: str) -> None:
    """Somebody would be told wrongly, or never be corrected."""
    with telling_world(tmp_path) as world:
        world.rule(ONE, audience={"actor": "instant", "manager": "instant"})
        world.earn(at(2), 1)
        world.go_to(at(2, 11))
        assert verify(world.services).differences == ()
    with closing(sqlite3.connect(tmp_path / "milepost.db", isolation_level=None)) as connection:
        connection.execute(change)
    differences, _ = looked_at(tmp_path / "milepost.db")
    told = [one for one in differences if re.search(finding, one)]
    assert {one.split(" ")[0] for one in told} == {"ana@example.com", "boss@example.com"}


def test_what_opted_out_people_are_not_told_is_no_difference(tmp_path: Path) -> None:
    """Their award fell, and neither they nor others hear of it."""
    with telling_world(tmp_path) as world:
        world.rule({**SOLVED, "of": HELD, "target": 1}, audience={"actor": "instant", "manager": "instant"})
        world.earn(at(2), 1)
        for minute in (0, 1):
            world.go_to(at(2, 12, minute))
        assert len(world.records()) == 1
        world.choose(opt_out=True)
        world.reopen(at(2, 10, 30), 1, told_at=at(2, 13))
        assert verify(world.services).differences == ()
