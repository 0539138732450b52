from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.log import configure_log
from milepost.operations.do_once import do_once
from milepost.operations.let_time_pass import JOBS, let_time_pass
from milepost.operations.services import Services
from tests.operations.deliveries import MONDAY, Post, post_office

DAY = timedelta(days=1)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """Open an empty store to send from."""
    with post_office(tmp_path) as post:
        yield post


def test_nothing_comes_of_an_empty_store(post: Post) -> None:
    """Every job is asked, in its order."""
    passed = let_time_pass(post.services)
    assert passed.done == dict.fromkeys(JOBS, 0)
    assert (passed.count, passed.failed) == (0, ())


def test_a_job_that_fails_keeps_no_other_from_running(
    post: Post, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and logged with what happened."""

    def fail(_services: Services) -> int:
        raise OSError("the disk is away")

    configure_log(as_json=True)
    monkeypatch.setattr("milepost.operations.let_time_pass.JOBS", {"failing": fail, **JOBS})
    passed = let_time_pass(post.services)
    assert passed.failed == ("failing",)
    assert set(passed.done) == set(JOBS)
    assert "the disk is away" in capsys.readouterr().err


def test_a_chore_is_done_once_a_day_whoever_asks(post: Post) -> None:
    """Also by several workers at the same time."""
    done: list[int] = []

    def act(_services: Services) -> bool:
        done.append(1)
        return True

    def ask() -> None:
        do_once(post.services, "sweeping", act, every=DAY)

    workers = [threading.Thread(target=ask) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == 1
    post.wait(DAY - timedelta(seconds=1))
    assert do_once(post.services, "sweeping", act, every=DAY) is None
    post.wait(timedelta(seconds=1))
    assert do_once(post.services, "sweeping", act, every=DAY) is True
    post.now = MONDAY
    assert do_once(post.services, "sweeping", act, every=DAY) is True, "the clock was put back"


def test_a_chore_that_fails_is_asked_for_again(post: Post) -> None:
    """It was not done."""

    def fail(_services: Services) -> int:
        raise OSError("the disk is away")

    with pytest.raises(OSError, match="away"):
        do_once(post.services, "sweeping", fail, every=DAY)
    assert do_once(post.services, "sweeping", lambda _: 3, every=DAY) == 3
