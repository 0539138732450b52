"""A condition in plain English."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, assert_never

from milepost.engine.selectors import (
    All,
    AnyOf,
    Complete,
    Condition,
    Elapsed,
    Not,
    Operator,
    PropertyTest,
    TimeOfDay,
    Weekday,
)
from milepost.engine.wording import join_words, length_text, share_text, value_text

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OWN = {
    "occurred_at": "the moment it happened",
    "subject": "the record",
    "type": "the event type",
    "actor": "the actor",
}
#: An operator as the words between property and operand.
_VERBS = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.AT_LEAST: "is at least",
    Operator.AT_MOST: "is at most",
    Operator.MORE_THAN: "is more than",
    Operator.LESS_THAN: "is less than",
    Operator.CONTAINS: "contains",
    Operator.STARTS_WITH: "starts with",
    Operator.WITHIN_NEXT: "lies within the next",
    Operator.WITHIN_LAST: "lies within the last",
}


def describe_condition(condition: Condition) -> str:  # noqa: PLR0911 - one line for each kind
    """Say in a clause what must be true: *csat is at least 4.5*."""
    match condition:
        case PropertyTest():
            return _describe_test(condition)
        case Complete():
            return _describe_complete(condition)
        case Elapsed():
            return _describe_elapsed(condition)
        case TimeOfDay():
            return _describe_time_of_day(condition)
        case Weekday():
            return f"it happened on a {join_words([_DAY_NAMES[day] for day in sorted(condition.days)], 'or')}"
        case All():
            return join_words([_inside(part) for part in condition.conditions])
        case AnyOf():
            return join_words([_inside(part) for part in condition.conditions], "or")
        case Not():
            return f"it is not so that {_inside(condition.condition)}"
    assert_never(condition)


def describe_conditions(conditions: tuple[Condition, ...]) -> str:
    """Join conditions that must all be met; empty for none."""
    if len(conditions) == 1:
        return describe_condition(conditions[0])
    return join_words([_inside(condition) for condition in conditions])


def _inside(condition: Condition) -> str:
    """Describe a part of a larger condition; brackets keep *and* and *or* apart."""
    text = describe_condition(condition)
    compound = isinstance(condition, All | AnyOf) and len(condition.conditions) > 1
    return f"({text})" if compound else text


def property_text(name: str) -> str:
    """Name a property as its source does; the event's own fields read as words."""
    return _OWN.get(name, name)


def _describe_test(test: PropertyTest) -> str:
    """Say what one property must be."""
    name, operand = property_text(test.property), test.operand
    match test.operator:
        case Operator.IN:
            return f"{name} is {_choices(operand, 'or')}"
        case Operator.NOT_IN:
            return f"{name} is neither {_choices(operand, 'nor')}" if len(operand) > 1 else _not_in_one(name, operand)
        case Operator.PRESENT:
            return f"{name} is filled in" if operand else f"{name} is empty"
        case Operator.WITHIN_NEXT | Operator.WITHIN_LAST:
            return f"{name} {_VERBS[test.operator]} {length_text(operand)}"
        case _:
            return f"{name} {_VERBS[test.operator]} {value_text(operand)}"


def _not_in_one(name: str, operand: tuple[Any, ...]) -> str:
    """Say that a property is not the only choice there is."""
    return f"{name} is not {_choices(operand, 'or')}"


def _choices(operand: tuple[Any, ...], last: str) -> str:
    """Write the choices of a membership test."""
    return join_words([value_text(choice) for choice in operand], last)


def _describe_complete(condition: Complete) -> str:
    """Say which properties must be filled in."""
    names = join_words([property_text(name) for name in condition.properties])
    if len(condition.properties) == 1:
        return f"{names} is filled in"
    if condition.share < 1:
        return f"at least {share_text(condition.share)} of {names} are filled in"
    return f"{names} are filled in"


def _describe_elapsed(condition: Elapsed) -> str:
    """Say how much time may pass between two moments."""
    end = "the moment it happens" if condition.end == "occurred_at" else property_text(condition.end)
    bounds = _length_bounds(condition.at_least, condition.at_most, working=condition.working)
    return f"{bounds} pass from {property_text(condition.start)} to {end}"


def _length_bounds(at_least: timedelta | None, at_most: timedelta | None, *, working: bool) -> str:
    """Write the bounds of a length."""
    if at_least is not None and at_most is not None:
        return f"between {length_text(at_least, working=working)} and {length_text(at_most, working=working)}"
    if at_least is not None:
        return f"at least {length_text(at_least, working=working)}"
    return f"at most {length_text(at_most or timedelta(0), working=working)}"


def _describe_time_of_day(condition: TimeOfDay) -> str:
    """Say at what time of day it must have happened."""
    if condition.start is not None and condition.before is not None:
        return f"it happened between {condition.start:%H:%M} and {condition.before:%H:%M}"
    if condition.before is not None:
        return f"it happened before {condition.before:%H:%M}"
    return f"it happened at {condition.start:%H:%M} or later" if condition.start else "it happened at any time of day"
