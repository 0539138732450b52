"""What was measured, as ratios with their spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from tests.bench.callers import Round

#: The word for what is told, and how many rules it meets.
WORKLOADS = {"light": "one rule", "real": "the 24 rules of the four recipes"}


@dataclass(frozen=True)
class Ratio:
    """One figure divided by another of the same run, several times over."""

    ratios: tuple[float, ...]
    #: The two figures themselves, in the unit they were measured in.
    ours: float
    theirs: float

    @property
    def median(self) -> float:
        """Give the one that is quoted."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """Give the lowest and the highest."""
        return min(self.ratios), max(self.ratios)


@dataclass
class Side:
    """One of two things that are measured in turns."""

    call: Callable[[], Round]
    rounds: list[Round] = field(default_factory=list)

    def take(self) -> None:
        """Measure one more round."""
        self.rounds.append(self.call())

    def rate(self) -> float:
        """Give the median rate of the rounds."""
        return median(one.rate for one in self.rounds)


def in_turns(ours: Side, theirs: Side, rounds: int) -> None:
    """Measure theirs, ours, theirs, …, theirs, so that a busy moment of the machine meets both."""
    theirs.take()
    for _ in range(rounds):
        ours.take()
        theirs.take()


def rate_ratio(ours: Side, theirs: Side, *, events: int = 1) -> Ratio:
    """Divide each of our rounds by the two of theirs beside it; *events* are told in one call of ours."""
    beside = [fmean(pair) for pair in zip(_rates(theirs), _rates(theirs)[1:], strict=False)]
    ratios = [events * mine / other for mine, other in zip(_rates(ours), beside, strict=True)]
    return Ratio(tuple(ratios), events * ours.rate(), theirs.rate())


def tail_ratio(side: Side) -> Ratio:
    """Divide the wait of the slowest hundredth by the wait of the half."""
    slow, usual = [[one.percentile(share) for one in side.rounds] for share in (99, 50)]
    ratios = [one / other for one, other in zip(slow, usual, strict=True)]
    return Ratio(tuple(ratios), median(slow), median(usual))


def _rates(side: Side) -> list[float]:
    return [one.rate for one in side.rounds]


def without_slowest(values: Sequence[float]) -> float:
    """Give the mean without the slowest twentieth: what a busy machine did to them."""
    kept = sorted(values)[: -max(1, len(values) // 20)]
    return fmean(kept)
