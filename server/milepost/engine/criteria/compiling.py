"""Which class reads which kind of criterion: the one table."""

from __future__ import annotations

from typing import assert_never

from milepost.engine import achievements as rules
from milepost.engine.criteria.amounts import CountReader, NoneReader, SumReader
from milepost.engine.criteria.base import Criterion
from milepost.engine.criteria.combinations import CombinationReader, EarnedReader
from milepost.engine.criteria.comparisons import BestReader, ImprovementReader
from milepost.engine.criteria.orders import RunReader, SequenceReader
from milepost.engine.criteria.periods import DaysReader, StreakReader
from milepost.engine.criteria.shares import AverageReader, RateReader


def compile_criterion(criterion: rules.Criterion, key: str) -> Criterion:  # noqa: C901, PLR0911, PLR0912 - one branch a kind
    """Make a criterion of the achievement *key* ready to read views."""
    match criterion:
        case rules.Count():
            return CountReader(criterion)
        case rules.Sum():
            return SumReader(criterion)
        case rules.Rate():
            return RateReader(criterion)
        case rules.Average():
            return AverageReader(criterion)
        case rules.NoneOf():
            return NoneReader(criterion)
        case rules.Days():
            return DaysReader(criterion, compile_criterion(criterion.each, key))
        case rules.Streak():
            return StreakReader(criterion, compile_criterion(criterion.each, key), key)
        case rules.Run():
            return RunReader(criterion)
        case rules.Sequence():
            return SequenceReader(criterion)
        case rules.Best():
            return BestReader(criterion)
        case rules.Improvement():
            return ImprovementReader(criterion)
        case rules.Earned():
            return EarnedReader(criterion)
        case rules.AllOf() | rules.AnyCriterion():
            return CombinationReader(criterion, [compile_criterion(part, key) for part in criterion.criteria])
        case _:
            assert_never(criterion)
