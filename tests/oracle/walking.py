"""What a criterion is made of: the criteria in it, its event types and its waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from milepost.engine.kinds import (
    Aggregate,
    AllOf,
    AnyCriterion,
    Best,
    Count,
    Criterion,
    Days,
    Earned,
    Improvement,
    Rate,
    Run,
    Sequence,
    Streak,
    Sum,
)
from milepost.engine.selectors import Confirmation, Hold, Selector


def parts(criterion: Criterion) -> Iterator[Criterion]:
    """Give the criterion and every one inside it."""
    yield criterion
    inside: Iterable[Criterion] = ()
    if isinstance(criterion, AllOf | AnyCriterion):
        inside = criterion.criteria
    elif isinstance(criterion, Days | Streak):
        inside = (criterion.each,)
    for inner in inside:
        yield from parts(inner)


def selector_of(part: Criterion) -> Selector | None:
    """Give the selector of one criterion, None where it has none."""
    if isinstance(part, Best | Improvement):
        return part.measure.of
    return getattr(part, "of", None)


def property_of(part: Criterion) -> str | None:
    """Give the property whose numbers one criterion needs, None where it needs none."""
    measure = getattr(part, "measure", None)
    if measure is not None:
        return None if measure.aggregate is Aggregate.COUNT else measure.property
    return getattr(part, "property", None)


def types_of(criterion: Criterion) -> frozenset[str]:
    """Give the event types that the criterion selects."""
    types: set[str] = set()
    for part in parts(criterion):
        selector = selector_of(part)
        types.update(selector.match.types if selector else ())
        if isinstance(part, Sequence):
            types.update(*(step.types for step in part.steps))
    return frozenset(types)


def waits_of(criteria: Iterable[Criterion]) -> set[tuple[timedelta, bool]]:
    """Give every length that some mark may have to wait, and whether it is working time."""
    whole = [part for criterion in criteria for part in parts(criterion)]
    owners: list[Any] = [selector_of(part) for part in whole]
    owners += [part.good for part in whole if isinstance(part, Rate | Run)]
    waits = set()
    for owner in owners:
        hold: Hold | None = getattr(owner, "hold", None)
        confirmation: Confirmation | None = getattr(owner, "confirmed_by", None)
        if hold and hold.length is not None:
            waits.add((hold.length, hold.working))
        if confirmation and confirmation.within is not None:
            waits.add((confirmation.within, confirmation.working))
    return waits


def is_prompt(each: Criterion) -> bool:
    """Say whether *each* is met at its first moment rather than at the close."""
    return all(isinstance(part, Count | Sum | Sequence | AllOf | AnyCriterion) for part in parts(each))


def achievements_in(criteria: Iterable[Criterion]) -> set[str]:
    """Give the keys of the achievements that the criteria look at."""
    return {
        key
        for criterion in criteria
        for part in parts(criterion)
        if isinstance(part, Earned)
        for key in part.achievements
    }
