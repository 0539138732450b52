"""Conditions: met, not met, or (None) not to be told because a value is missing or unreadable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

from milepost.engine.events import Event
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
from tests.oracle.clocks import Clock

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES = {"true", "yes", "1"}
_NO = {"false", "no", "0"}


def meets(where: Iterable[Condition], event: Event, clock: Clock) -> bool:
    """Say whether every condition is met."""
    return all(verdict(condition, event, clock) is True for condition in where)


# -------------------------------------------------------------------- values


def look_up(event: Event, name: str) -> Any:
    """Give the value of a property, None when it is not there."""
    if name in {"occurred_at", "subject", "type", "actor"}:
        return getattr(event, name)
    if name in event.properties:
        return event.properties[name]
    value: Any = event.properties
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def is_present(value: Any) -> bool:
    """Say whether there is anything in *value*."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value not in ([], {}, ())


def number(value: Any) -> Decimal | None:
    """Read a number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value).strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _text(value: Any) -> str | None:
    if isinstance(value, bool | int | float | Decimal | str):
        return str(value).strip().casefold()
    return None


def _when(value: Any, zone: ZoneInfo) -> date | datetime | None:
    """Read a day or an aware moment, or None."""
    if not isinstance(value, str):
        return value if isinstance(value, date) else None
    text = value.strip()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else datetime.combine(moment.date(), moment.time(), zone)


def _as_moment(value: date | datetime, zone: ZoneInfo, clock: Clock) -> datetime:
    return value if isinstance(value, datetime) else clock.midnight(value, zone)


def _pair(operand: Any, value: Any, event: Event, clock: Clock) -> tuple[Any, Any] | None:
    """Read *value* the way *operand* needs it; None when it cannot be."""
    if not is_present(value):
        return None
    if isinstance(operand, bool) or _text(operand) in {"true", "false"}:
        said = _text(int(value) if isinstance(value, float) and value in {0, 1} else value)
        return (_text(operand) == "true", said in _YES) if said in _YES | _NO else None
    if not isinstance(operand, str | date):
        read = number(value)
        return None if read is None else (number(operand), read)
    zone = clock.zone_at(event.occurred_at)
    wanted = _when(operand, zone)
    if wanted is not None:
        return _pair_in_time(wanted, _when(value, zone), zone, clock)
    text = _text(value)
    return None if text is None else (_text(operand), text)


def _pair_in_time(
    wanted: date | datetime, told: date | datetime | None, zone: ZoneInfo, clock: Clock
) -> tuple[Any, Any] | None:
    if told is None:
        return None
    if isinstance(wanted, datetime):
        return wanted, _as_moment(told, zone, clock)
    return wanted, told.astimezone(zone).date() if isinstance(told, datetime) else told


# -------------------------------------------------------------------- tests on one property


def _same(operand: Any, value: Any, event: Event, clock: Clock) -> bool | None:
    pair = _pair(operand, value, event, clock)
    return None if pair is None else pair[0] == pair[1]


def _one_of(operands: Iterable[Any], value: Any, event: Event, clock: Clock) -> bool | None:
    return _any([_same(operand, value, event, clock) for operand in operands])


def _ordered(operator: Operator, operand: Any, value: Any, event: Event, clock: Clock) -> bool | None:
    pair = _pair(operand, value, event, clock)
    if pair is None or isinstance(pair[0], str | bool):
        return None
    bound, read = pair
    return bool(
        {
            Operator.AT_LEAST: read >= bound,
            Operator.AT_MOST: read <= bound,
            Operator.MORE_THAN: read > bound,
            Operator.LESS_THAN: read < bound,
        }[operator]
    )


def _holds_text(operator: Operator, operand: Any, value: Any, event: Event, clock: Clock) -> bool | None:
    if not is_present(value):
        return None
    if operator is Operator.CONTAINS and isinstance(value, list | tuple):
        return any(_same(operand, item, event, clock) is True for item in value)
    text, part = _text(value), _text(operand)
    if text is None or part is None:
        return None
    return part in text if operator is Operator.CONTAINS else text.startswith(part)


def _near(operator: Operator, operand: Any, value: Any, event: Event, clock: Clock) -> bool | None:
    told = _when(value, clock.zone_at(event.occurred_at))
    if told is None:
        return None
    away = told - event.occurred_at if isinstance(told, datetime) else told - clock.label(event.occurred_at)
    ahead = away if operator is Operator.WITHIN_NEXT else -away
    return bool(0 * ahead <= ahead <= operand)


def _flip(result: bool | None) -> bool | None:  # noqa: FBT001 (one verdict in, one out)
    return None if result is None else not result


def _any(results: list[bool | None]) -> bool | None:
    if True in results:
        return True
    return None if None in results else False


# -------------------------------------------------------------------- conditions


@singledispatch
def verdict(condition: Condition, event: Event, clock: Clock) -> bool | None:
    """Say whether *condition* is met; None where a value is missing or unreadable."""
    raise TypeError(f"unknown condition {condition!r} for {event.id} of {clock.actor.id}")


@verdict.register
def _(condition: PropertyTest, event: Event, clock: Clock) -> bool | None:
    value, operand, operator = look_up(event, condition.property), condition.operand, condition.operator
    match operator:
        case Operator.PRESENT:
            result: bool | None = is_present(value) == operand
        case Operator.IS | Operator.IS_NOT:
            result = _same(operand, value, event, clock)
        case Operator.IN | Operator.NOT_IN:
            result = _one_of(operand, value, event, clock)
        case Operator.CONTAINS | Operator.STARTS_WITH:
            result = _holds_text(operator, operand, value, event, clock)
        case Operator.WITHIN_NEXT | Operator.WITHIN_LAST:
            result = _near(operator, operand, value, event, clock)
        case _:
            result = _ordered(operator, operand, value, event, clock)
    return _flip(result) if operator in {Operator.IS_NOT, Operator.NOT_IN} else result


@verdict.register
def _(condition: Complete, event: Event, clock: Clock) -> bool | None:
    del clock
    filled = sum(is_present(look_up(event, name)) for name in condition.properties)
    return filled >= condition.share * len(condition.properties)


@verdict.register
def _(condition: Elapsed, event: Event, clock: Clock) -> bool | None:
    zone = clock.zone_at(event.occurred_at)
    start, end = (_when(look_up(event, name), zone) for name in (condition.start, condition.end))
    if start is None or end is None:
        return None
    length = clock.between(_as_moment(start, zone, clock), _as_moment(end, zone, clock), working=condition.working)
    long_enough = condition.at_least is None or length >= condition.at_least
    return long_enough and (condition.at_most is None or length <= condition.at_most)


@verdict.register
def _(condition: TimeOfDay, event: Event, clock: Clock) -> bool | None:
    now = event.occurred_at.astimezone(clock.zone_at(event.occurred_at)).time()
    from_then = condition.start is None or condition.start <= now
    until_then = condition.before is None or now < condition.before
    if condition.start and condition.before and condition.start > condition.before:
        return from_then or until_then
    return from_then and until_then


@verdict.register
def _(condition: Weekday, event: Event, clock: Clock) -> bool | None:
    return clock.label(event.occurred_at).weekday() in condition.days


@verdict.register
def _(condition: All, event: Event, clock: Clock) -> bool | None:
    return _flip(_any([_flip(verdict(part, event, clock)) for part in condition.conditions]))


@verdict.register
def _(condition: AnyOf, event: Event, clock: Clock) -> bool | None:
    return _any([verdict(part, event, clock) for part in condition.conditions])


@verdict.register
def _(condition: Not, event: Event, clock: Clock) -> bool | None:
    return _flip(verdict(condition.condition, event, clock))
