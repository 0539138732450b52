"""Which class reads which kind of criterion: the one table."""

from __future__ import annotations

from typing import assert_never

from milepost.engine import kinds
from milepost.engine.criteria.amounts import CountReader, NoneReader, SumReader
from milepost.engine.criteria.base import Criterion
from milepost.engine.criteria.combinations import CombinationReader, EarnedReader
from milepost.engine.criteria.comparisons import BestReader, ImprovementReader
from milepost.engine.criteria.orders import RunReader, SequenceReader
from milepost.engine.criteria.periods import DaysReader, StreakReader
from milepost.engine.criteria.shares import AverageReader, RateReader


def compile_criterion(criterion: kinds.Criterion, key: str) -> Criterion:  # noqa: C901, PLR0911, PLR0912 - one branch a kind
    """Make a criterion of the achievement *key* ready to read views."""
    match criterion:
        case kinds.Count():
            return CountReader(criterion)
        case kinds.Sum():
            return SumReader(criterion)
        case kinds.Rate():
            return RateReader(criterion)
        case kinds.Average():
            return AverageReader(criterion)
        case kinds.NoneOf():
            return NoneReader(criterion)
        case kinds.Days():
            return DaysReader(criterion, compile_criterion(criterion.each, key))
        case kinds.Streak():
            return StreakReader(criterion, compile_criterion(criterion.each, key), key)
        case kinds.Run():
            return RunReader(criterion)
        case kinds.Sequence():
            return SequenceReader(criterion)
        case kinds.Best():
            return BestReader(criterion)
        case kinds.Improvement():
            return ImprovementReader(criterion)
        case kinds.Earned():
            return EarnedReader(criterion)
        case kinds.AllOf() | kinds.AnyCriterion():
            return CombinationReader(criterion, [compile_criterion(part, key) for part in criterion.criteria])
        case _:
            assert_never(criterion)
