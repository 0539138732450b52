"""``milepost demo``: what everybody sees first."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from milepost.cli.storytime import moved_story
from tests.acceptance.commands import Desk, Running
from tests.acceptance.servers import free_port

MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Work in one folder."""
    return Desk(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo(desk: Desk) -> Iterator[Running]:
    """Run the demo with its server."""
    with desk.running("demo", "--port", str(free_port())) as running:
        yield running


@pytest.mark.slow
def test_it_shows_what_was_earned_and_taken_back_and_why(demo: Running) -> None:
    """Each with its reason, in a terminal or not."""
    earned = re.findall(r"^    earned +(.*),", demo.printed, re.MULTILINE)
    taken_back = re.findall(r"^    taken back +(.*),", demo.printed, re.MULTILINE)
    assert len(earned) >= 3
    assert taken_back == ["First Clean Solve, Ana Ruiz", "Clean Close, Ana Ruiz"]
    assert len(re.findall(r"^    because ", demo.printed, re.MULTILINE)) == len(earned) + len(taken_back)
    assert "not so" not in demo.printed
    assert "\x1b" not in demo.printed


@pytest.mark.slow
def test_the_lines_to_paste_work(demo: Running, desk: Desk) -> None:
    """Counted, replayed, progress and awards."""
    lines = re.findall(r"^   (curl .*)$", demo.printed, re.MULTILINE)
    told, again, progress, awards = [_paste(desk, line) for line in lines]
    assert (told["unlocked"], told["replayed"], again["replayed"]) == (True, False, True)
    assert progress["holder"] == "ana@example.com"
    assert {award["status"] for award in awards["items"]} == {"granted", "revoked"}
    assert demo.call("GET", "/docs").ok


def _paste(desk: Desk, line: str) -> dict[str, object]:
    """Run a line in a shell, as it was printed."""
    done = subprocess.run(  # noqa: S603 - what the demo itself says
        ["/bin/bash", "-c", line], env=desk.environment(), capture_output=True, text=True, timeout=30, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.slow
def test_a_second_demo_leaves_the_first_alone(demo: Running, desk: Desk) -> None:
    """The store of a running demo is not removed."""
    refused = desk.run("demo", "--exit")
    assert refused.returncode == 3
    assert "A demo that is still running is stopped with Ctrl-C." in refused.stderr
    assert demo.call("GET", "/ready").ok


@pytest.mark.slow
def test_it_can_be_repeated(tmp_path: Path) -> None:
    """Each time with a store of its own, so each time the same."""
    desk = Desk(tmp_path)
    first, second = desk.run("demo", "--exit"), desk.run("demo", "--exit")
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert first.stdout == second.stdout
    assert "earned" in first.stdout
    assert "taken back" in first.stdout
    assert not (tmp_path / "milepost.db").exists()


def test_a_story_moves_by_whole_weeks_and_keeps_its_times_of_day() -> None:
    """Also across the day the clocks change."""
    story = [
        {"tell": {"id": "a", "occurred_at": "2026-03-02T09:40:00+01:00"}},
        {"tell": [{"id": "b", "occurred_at": "2026-03-04T10:00:00+01:00"}], "at": "2026-03-05T10:00:00+01:00"},
        {"wait_until": "2026-03-09T09:00:00+01:00"},
    ]
    ends_by = datetime(2026, 6, 20, 12, tzinfo=UTC)
    moved = moved_story(story, zone=MADRID, ends_by=ends_by)
    assert moved[0]["tell"][0]["occurred_at"] == "2026-06-08T09:40:00+02:00"
    assert moved[1] == {
        "tell": [{"id": "b", "occurred_at": "2026-06-10T10:00:00+02:00"}],
        "at": "2026-06-11T10:00:00+02:00",
    }
    last = datetime.fromisoformat(moved[2]["wait_until"])
    assert timedelta(0) <= ends_by - last < timedelta(weeks=1)


def test_a_story_of_the_future_moves_back() -> None:
    """A machine whose clock is behind shows the demo as well."""
    moved = moved_story(
        [{"wait_until": "2026-03-02T09:00:00+01:00"}], zone=MADRID, ends_by=datetime(2026, 1, 20, tzinfo=UTC)
    )
    assert moved == [{"wait_until": "2026-01-19T09:00:00+01:00"}]
