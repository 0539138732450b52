"""The callers of the bench count what was answered, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.callers import Round, call_for, request
from tests.bench.figures import Side, in_turns, rate_ratio, tail_ratio
from tests.bench.processes import Running, peer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def noop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the application that does nothing."""
    with peer("noop", tmp_path_factory.mktemp("noop")) as server:
        yield server


def test_every_call_is_answered_before_the_next(noop: Running) -> None:
    """Never more calls are under way than there are callers."""
    sent = []

    def next_request() -> bytes:
        sent.append(1)
        return request("/v1/evaluate", b"{}")

    taken = call_for(0.2, noop.port, next_request, callers=4)
    assert len(taken.waits) == len(sent) > 4
    assert taken.waits == sorted(taken.waits)
    assert 0.2 <= taken.seconds < 5


def test_a_refusal_is_an_error_and_no_figure(noop: Running) -> None:
    """A server that refuses everything would be the fastest of all."""
    with pytest.raises(ConnectionError, match="404"):
        call_for(0.2, noop.port, lambda: request("/nowhere", b"{}"), callers=1)


def test_each_round_is_divided_by_those_beside_it() -> None:
    """A machine that became slower in the middle does not change the ratio."""
    mine, other = _side(50, 25), _side(100, 100, 50)
    in_turns(mine, other, 2)
    ratio = rate_ratio(mine, other, events=2)
    assert ratio.ratios == pytest.approx((1.0, 2 * 25 / 75))
    assert (ratio.ours, ratio.theirs) == (75, 100)


def test_the_tail_is_the_slowest_hundredth() -> None:
    """Of a hundred waits it is the longest."""
    side = Side(lambda: Round(1.0, [2.0] * 99 + [8.0], 0.0))
    side.take()
    assert tail_ratio(side).median == 4


def _side(*rates: int) -> Side:
    """Give a side whose rounds have these rates."""
    rounds = iter([Round(1.0, [1.0] * rate, 0.0) for rate in rates])
    return Side(lambda: next(rounds))
