"""What Milepost must reach and aims at: the rows of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.beside import Left
from tests.bench.figures import Ratio
from tests.bench.measuring import Workload


@dataclass(frozen=True)
class Goal:
    """One ratio, with what it must be."""

    #: As it stands on the page; ``{events}`` is filled in.
    title: str
    must: float
    aim: float
    find: Callable[[Workload], Ratio | Left | None]
    #: False: the less the better.
    is_least: bool = True

    def is_met(self, ratio: Ratio, *, leniency: float = 1.0) -> bool:
        """Say whether a ratio is as it must be, or at least so much of it."""
        if self.is_least:
            return ratio.median >= self.must * leniency
        return ratio.median <= self.must / leniency


def _single(callers: int) -> Callable[[Workload], Ratio | Left | None]:
    return lambda workload: workload.throughput.single[callers]


GOALS = (
    Goal("One evaluate ÷ no-op, 1 caller", 0.35, 0.45, _single(1)),
    Goal("… 8 callers", 0.38, 0.45, _single(8)),
    Goal("… 32 callers", 0.40, 0.50, _single(32)),
    Goal("Batch of 100: events a second ÷ no-op", 1.5, 2.5, lambda one: one.throughput.batch),
    Goal("Cost of one at {events} events ÷ at 1,000", 1.5, 1.1, lambda one: one.growth.single, is_least=False),
    Goal("… in a batch of 100", 2.2, 1.5, lambda one: one.growth.batch, is_least=False),
    Goal(
        "PostgreSQL, 2 processes ÷ no-op in 2 processes, 32 callers",
        0.22,
        0.30,
        lambda one: one.postgresql,
    ),
    Goal("p99 ÷ p50, 32 callers", 4, 3, lambda one: one.throughput.tail[32], is_least=False),
    Goal(
        "÷ Flask and one Redis `INCR`, synced each time, 32 callers",
        0.8,
        1.0,
        lambda one: one.peers["redis"],
    ),
    Goal("÷ `gengine` 0.4 of PyPI, 8 callers", 35, 60, lambda one: one.peers["gengine"]),
)
