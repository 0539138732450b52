"""Everything inside a rule, found by looking at its fields, so that no new kind is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from milepost.engine.achievements import Achievement
from milepost.engine.kinds import Criterion, Earned


def parts_of(value: Any) -> Iterator[Any]:
    """Give every value inside a rule or a part of one, outermost first."""
    if isinstance(value, tuple):
        for item in value:
            yield from parts_of(item)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from parts_of(getattr(value, field.name))


def keys_built_on(value: Any) -> frozenset[str]:
    """Give the keys of the achievements that a rule, or a part of one, looks at with `earned`."""
    return frozenset(key for part in parts_of(value) if isinstance(part, Earned) for key in part.achievements)


def criteria_of(achievement: Achievement) -> Iterator[Criterion]:
    """Give the criterion and the guardrails with everything in them."""
    for part in parts_of((achievement.criterion, *achievement.guardrails)):
        if isinstance(part, Criterion):
            yield part
