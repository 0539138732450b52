"""The tests on one property, one for each operator, made ready once and then asked often."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.condition_sentences import property_text
from milepost.engine.events import Event
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selectors import Operator, PropertyTest
from milepost.engine.values import (
    equality,
    find_property,
    is_present,
    read_dates,
    read_moment,
    read_number,
    read_text,
    shown,
)
from milepost.engine.wording import join_words, length_text, number_text

#: Gives the reason why an event does not meet a condition, or None where it does.
Check: TypeAlias = Callable[[Event, PersonalCalendar], Reason | None]
#: Says of a value that is there whether it passes; None where it cannot be read.
Judge: TypeAlias = Callable[[Any, Event, PersonalCalendar], bool | None]


def compile_test(test: PropertyTest) -> Check:
    """Make one test ready."""
    return _TESTS[test.operator](test)


def not_met(text: str) -> Reason:
    """Give the reason of a condition that was read and is not met."""
    return Reason(ReasonCode.CONDITION_NOT_MET, text)


def unreadable(text: str) -> Reason:
    """Give the reason of a condition that cannot be judged: it is not met either way."""
    return Reason(ReasonCode.VALUE_UNREADABLE, text)


def not_readable(path: str, value: Any, kind: str) -> Reason:
    """Give the reason of a condition whose value is not there, or not of the *kind* it needs."""
    name, what = property_text(path), shown(value)
    return unreadable(f"{name} is {what}, which is not {kind}" if is_present(value) else f"{name} is {what}")


@dataclass(frozen=True, slots=True)
class _Trial:
    """How one value is judged, and the words for it."""

    judge: Judge
    #: What it takes, after *needs*.
    needs: str
    #: What the value would have to be to be read, after *which is not*.
    kind: str


def _on_value(prepare: Callable[[Any], _Trial]) -> Callable[[PropertyTest], Check]:
    """Make a test that needs a value to be there."""

    def prepare_test(test: PropertyTest) -> Check:
        path, name, trial = test.property, property_text(test.property), prepare(test.operand)
        judge = trial.judge

        def check_value(event: Event, calendar: PersonalCalendar) -> Reason | None:
            value = find_property(event, path)
            passes = judge(value, event, calendar) if is_present(value) else None
            if passes:
                return None
            if passes is None:
                return not_readable(path, value, trial.kind)
            return not_met(f"{name} is {shown(value)}, needs {trial.needs}")

        return check_value

    return prepare_test


def _kind_of(operand: Any) -> str:
    """Name what a value must be to be compared with *operand*."""
    if isinstance(operand, bool) or read_text(operand) in {"true", "false"}:
        return "true or false"
    is_number = not isinstance(operand, str) and read_number(operand) is not None
    return "a number" if is_number else "text, a number, true or false"


def _is(operand: Any) -> _Trial:
    equals = equality(operand)
    return _Trial(lambda value, _event, calendar: equals(value, calendar), shown(operand), _kind_of(operand))


def _is_not(operand: Any) -> _Trial:
    return _opposite(_is(operand))


def _in(operand: tuple[Any, ...]) -> _Trial:
    equalities = tuple(equality(choice) for choice in operand)

    def judge(value: Any, _event: Event, calendar: PersonalCalendar) -> bool | None:
        found = [equals(value, calendar) for equals in equalities]
        if True in found:
            return True
        # Of mixed choices, one that can be compared with the value is enough to tell.
        return False if False in found else None

    kinds = {_kind_of(choice) for choice in operand}
    kind = kinds.pop() if len(kinds) == 1 else _kind_of("")
    return _Trial(judge, join_words([shown(choice) for choice in operand], "or"), kind)


def _not_in(operand: tuple[Any, ...]) -> _Trial:
    return _opposite(_in(operand))


def _opposite(trial: _Trial) -> _Trial:
    """Turn a trial round; what cannot be read stays so."""
    judge_plain = trial.judge

    def judge(value: Any, event: Event, calendar: PersonalCalendar) -> bool | None:
        passes = judge_plain(value, event, calendar)
        return None if passes is None else not passes

    return _Trial(judge, f"anything but {trial.needs}", trial.kind)


def _ordering(words: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any], _Trial]:
    """Make an ordering: of numbers where the operand is one, else of days and moments."""

    def prepare(operand: Any) -> _Trial:
        number = read_number(operand)
        if number is None:
            return _Trial(_date_order(operand, holds), f"{words} {shown(operand)}", "a date")
        return _Trial(_number_order(number, holds), f"{words} {number_text(number)}", "a number")

    return prepare


def _number_order(wanted: Decimal, holds: Callable[[Any, Any], bool]) -> Judge:
    def judge(value: Any, _event: Event, _calendar: PersonalCalendar) -> bool | None:
        found = read_number(value)
        return None if found is None else holds(found, wanted)

    return judge


def _date_order(operand: Any, holds: Callable[[Any, Any], bool]) -> Judge:
    def judge(value: Any, _event: Event, calendar: PersonalCalendar) -> bool | None:
        pair = read_dates(value, operand, calendar)
        return None if pair is None else holds(*pair)

    return judge


def _contains(operand: Any) -> _Trial:
    equals = equality(operand)
    part = read_text(operand) or ""

    def judge(value: Any, _event: Event, calendar: PersonalCalendar) -> bool | None:
        if isinstance(value, list | tuple):
            return any(equals(item, calendar) for item in value)
        text = read_text(value)
        return None if text is None else part in text

    return _Trial(judge, f"to contain {shown(operand)}", "text or a list")


def _starts_with(operand: Any) -> _Trial:
    start = read_text(operand) or ""

    def judge(value: Any, _event: Event, _calendar: PersonalCalendar) -> bool | None:
        text = read_text(value)
        return None if text is None else text.startswith(start)

    return _Trial(judge, f"to start with {shown(operand)}", "text")


def _within_next(operand: timedelta) -> _Trial:
    return _Trial(_between(timedelta(), operand), f"to be within the next {length_text(operand)}", "a date")


def _within_last(operand: timedelta) -> _Trial:
    return _Trial(_between(-operand, timedelta()), f"to be within the last {length_text(operand)}", "a date")


def _between(earliest: timedelta, latest: timedelta) -> Judge:
    """Make a judge of dates by their distance from the event, both ends included; of bare days by whole days."""

    def judge(value: Any, event: Event, calendar: PersonalCalendar) -> bool | None:
        found = read_moment(value, calendar)
        if found is None:
            return None
        if isinstance(found, datetime):
            return earliest <= found - event.occurred_at <= latest
        return earliest <= found - calendar.day_of(event.occurred_at) <= latest

    return judge


def _present(test: PropertyTest) -> Check:
    """Make the one test that a missing value can meet."""
    path, wanted = test.property, bool(test.operand)
    name = property_text(path)

    def check_presence(event: Event, _calendar: PersonalCalendar) -> Reason | None:
        value = find_property(event, path)
        if is_present(value) is wanted:
            return None
        if not wanted:
            return not_met(f"{name} is {shown(value)}, needs to be empty")
        return not_met(f"{name} is {shown(value)}")

    return check_presence


_TESTS: Mapping[Operator, Callable[[PropertyTest], Check]] = {
    Operator.IS: _on_value(_is),
    Operator.IS_NOT: _on_value(_is_not),
    Operator.IN: _on_value(_in),
    Operator.NOT_IN: _on_value(_not_in),
    Operator.AT_LEAST: _on_value(_ordering("at least", operator.ge)),
    Operator.AT_MOST: _on_value(_ordering("at most", operator.le)),
    Operator.MORE_THAN: _on_value(_ordering("more than", operator.gt)),
    Operator.LESS_THAN: _on_value(_ordering("less than", operator.lt)),
    Operator.PRESENT: _present,
    Operator.CONTAINS: _on_value(_contains),
    Operator.STARTS_WITH: _on_value(_starts_with),
    Operator.WITHIN_NEXT: _on_value(_within_next),
    Operator.WITHIN_LAST: _on_value(_within_last),
}
