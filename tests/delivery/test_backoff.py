from __future__ import annotations

from datetime import timedelta

import pytest

from milepost.delivery.backoff import FAILURES_BEFORE_REST, JITTER, LADDER, pause_after, rest_after


def test_ten_attempts_take_three_days() -> None:
    """The ladder of Standard Webhooks: nine waits, 75 hours and 35 minutes, and five seconds."""
    assert sum(LADDER, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert len(LADDER) == 9
    assert pause_after(10, seed="dl_1") is None


@pytest.mark.parametrize("attempts", range(1, 10))
def test_waits_are_spread_by_a_fifth(attempts: int) -> None:
    """Those of many deliveries fill the whole stretch, evenly; the same one gets the same."""
    step = LADDER[attempts - 1]
    shares = sorted(pause / step for n in range(2000) if (pause := pause_after(attempts, seed=f"dl_{n}")))
    assert 1 - JITTER <= shares[0] < 1 - JITTER + 0.01
    assert 1 + JITTER - 0.01 < shares[-1] <= 1 + JITTER
    assert sum(shares) / len(shares) == pytest.approx(1, abs=0.01)
    assert pause_after(attempts, seed="dl_7") == pause_after(attempts, seed="dl_7")


def test_a_place_rests_from_the_fifth_failure_on() -> None:
    """Longer each time, an hour at most."""
    assert [rest_after(failures) for failures in range(FAILURES_BEFORE_REST)] == [timedelta()] * 5
    minutes = [rest_after(failures) // timedelta(minutes=1) for failures in (5, 6, 7, 8, 9, 10, 11, 12, 500)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
