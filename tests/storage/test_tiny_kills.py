"""The TinyDB store is killed again and again while it writes, and nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from milepost.storage import open_store
from tests.storage.examples import put, told

if TYPE_CHECKING:
    from pathlib import Path

    from milepost.storage.base import Store


def ids(store: Store) -> list[str]:
    """Give the ids of all events."""
    with store.reading() as view:
        return [record.event.id for record in view.events()]


def _write_until_killed(path: Path, told_so: int) -> None:
    """Tell pairs of events, and say of each pair when it is acknowledged."""
    try:
        store = open_store(f"tinydb:///{path}")
        first = len(ids(store)) // 2
        for number in range(first, first + 100_000):
            put(store, told(f"a{number:06}", subject="t"), told(f"b{number:06}", subject="t", actor=None))
            os.write(told_so, f"{number}\n".encode())
    finally:
        os._exit(1)


def _acknowledged_before_a_kill(path: Path, after_seconds: float) -> list[int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_until_killed(path, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        lines = [answers.readline()]  # it is at work
        time.sleep(after_seconds)
        os.kill(child, signal.SIGKILL)
        lines += answers.readlines()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    return [int(line) for line in lines if line.endswith(b"\n")]


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Whenever it is killed, the file is whole: it holds every pair, and at most one that nobody was told of."""
    path = tmp_path / "pilot.json"
    chance = random.Random(20260302)  # noqa: S311  (moments of a test)
    pairs = 0
    for _ in range(100):
        acknowledged = _acknowledged_before_a_kill(path, chance.uniform(0.0005, 0.05))
        assert acknowledged == list(range(pairs, pairs + len(acknowledged)))
        events = {row["id"] for row in json.loads(path.read_bytes())["events"].values()}
        known, pairs = pairs + len(acknowledged), len(events) // 2
        assert events == {f"{side}{number:06}" for side in "ab" for number in range(pairs)}
        assert known <= pairs <= known + 1
    with closing(open_store(f"tinydb:///{path}")) as store:
        assert store.check() is None
        assert len(ids(store)) == 2 * pairs
    print(f"{pairs} pairs over 100 kills")
