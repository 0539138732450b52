"""What a change costs in the TinyDB store as the file grows: the figures that the pages name."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from milepost.storage import open_store
from milepost.storage.texts import json_text
from milepost.storage.tiny import REACH
from tests.storage.examples import award, put, step, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from milepost.storage.base import Store
    from milepost.storage.records import EventRecord

PROPERTIES = {"within_sla": True, "csat": 4.5, "queue": "complex", "priority": "high", "channel": "e-mail"}
#: As long as what four rules answer.
ANSWER = json_text({"outcome": "counted", "progress": [{"achievement": "clean-close", "reason": "x" * 400}] * 4})
#: Of changes that come alone.
MEASURED = 15


def ticket(number: int) -> EventRecord:
    """Tell a ticket as a helpdesk does."""
    subject = f"ticket-{number}"
    return told(
        f"zd-{number}", actor=f"agent-{number % 40}@example.com", subject=subject, properties=PROPERTIES, answer=ANSWER
    )


def filled(url: str, events: int) -> Store:
    """Open a store with so many events, and an award for every tenth."""
    store = open_store(url)
    with store.transaction() as change:
        for number in range(events):
            change.put_event(ticket(number))
            if number % 10 == 0:
                change.put_award(award(f"aw_{number}"), step(f"aw_{number}"))
    return store


def seconds_of_a_change(store: Store, first: int) -> float:
    """Tell events one after the other, and give the time of the one in the middle."""
    return middle(lambda number: put(store, ticket(first + number)))


def seconds_of_plain_writing(path: Path) -> float:
    """Write as many bytes as *path* has, and wait for the disk: nobody can be quicker."""
    content = path.read_bytes()

    def write(_: int) -> None:
        with path.with_suffix(".plain").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    return middle(write)


def middle(step: Callable[[int], None]) -> float:
    """Take a step again and again, and give the time of the one in the middle."""
    times = []
    for number in range(MEASURED):
        began = time.perf_counter()
        step(number)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@pytest.mark.slow
def test_a_change_costs_little_more_than_writing_the_file_and_beyond_the_reach_a_warning_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which is all that can be had, as every change writes it; the figures are those of the page on stores."""
    seconds = {}
    lines = []
    for events in (1_000, REACH):
        path = tmp_path / f"{events}.json"
        with closing(filled(f"sqlite:///{tmp_path / str(events)}.db", events)) as other:
            sqlite = seconds_of_a_change(other, events)
        with closing(filled(f"tinydb:///{path}", events)) as store:
            assert "beyond_its_reach" not in capsys.readouterr().out
            seconds[events] = seconds_of_a_change(store, events)
        began = time.perf_counter()
        open_store(f"tinydb:///{path}").close()
        start = time.perf_counter() - began
        plain = seconds_of_plain_writing(path)
        lines.append(
            f"{events} events: {path.stat().st_size / 1e6:.1f} MB, a change {seconds[events] * 1e3:.1f} ms (the bytes "
            f"alone {plain * 1e3:.1f} ms, SQLite {sqlite * 1e3:.1f} ms), a start {start:.2f} s"
        )
        assert seconds[events] < 4 * plain + 0.05
    assert "beyond_its_reach" in capsys.readouterr().out
    assert seconds[REACH] < 20 * seconds[1_000] + 0.1
    print(*lines, sep="\n")
