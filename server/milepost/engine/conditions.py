"""Conditions: tests on one event, made ready once and then asked often.

A condition is met, not met, or cannot be read; the reason's code tells the last
two apart. What cannot be read is not met either way, so it stays *not met*
inside ``not``; in ``all`` and ``any`` it counts only where the other parts have
not decided yet (three-valued logic as by Kleene).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.condition_sentences import describe_condition, property_text
from milepost.engine.events import Event
from milepost.engine.property_tests import Check, compile_test, not_met, not_readable, unreadable
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selectors import All, AnyOf, Complete, Condition, Elapsed, Not, PropertyTest, TimeOfDay, Weekday
from milepost.engine.values import as_instant, find_property, is_present, read_moment
from milepost.engine.wording import join_words, length_text, share_text

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an event meets a condition, and if not, why."""

    met: bool
    reason: Reason | None = None


def check(condition: Condition, event: Event, calendar: PersonalCalendar) -> Verdict:
    """Judge one event by one condition; to judge many, use `compile_conditions`."""
    reason = compile_condition(condition)(event, calendar)
    return Verdict(met=reason is None, reason=reason)


def compile_conditions(conditions: Sequence[Condition]) -> Check:
    """Make conditions ready that must all be met; the reason is that of the first one that is not."""
    checks = tuple(compile_condition(condition) for condition in conditions)
    if len(checks) == 1:
        return checks[0]

    def check_each(event: Event, calendar: PersonalCalendar) -> Reason | None:
        for check_one in checks:
            reason = check_one(event, calendar)
            if reason is not None:
                return reason
        return None

    return check_each


def compile_condition(condition: Condition) -> Check:  # noqa: PLR0911 - one line for each form
    """Make one condition ready."""
    match condition:
        case PropertyTest():
            return compile_test(condition)
        case Complete():
            return _complete(condition)
        case Elapsed():
            return _elapsed(condition)
        case TimeOfDay():
            return _time_of_day(condition)
        case Weekday():
            return _weekday(condition)
        case All():
            return _all(condition)
        case AnyOf():
            return _any(condition)
        case Not():
            return _not(condition)
    assert_never(condition)


def _complete(condition: Complete) -> Check:
    paths, names = condition.properties, [property_text(path) for path in condition.properties]
    needed = math.ceil(condition.share * len(paths))

    def check_complete(event: Event, _calendar: PersonalCalendar) -> Reason | None:
        filled = [is_present(find_property(event, path)) for path in paths]
        count = sum(filled)
        if count >= needed:
            return None
        gaps = [name for name, is_filled in zip(names, filled, strict=True) if not is_filled]
        text = f"{join_words(gaps)} {'is' if len(gaps) == 1 else 'are'} missing"
        if condition.share < 1:
            text += f"; {count} of {len(paths)} are filled in, needs at least {share_text(condition.share)}"
        return not_met(text)

    return check_complete


def _elapsed(condition: Elapsed) -> Check:
    start_name, end_name = property_text(condition.start), property_text(condition.end)
    at_least, at_most, working = condition.at_least, condition.at_most, condition.working

    def check_elapsed(event: Event, calendar: PersonalCalendar) -> Reason | None:
        start = _moment(event, condition.start, calendar)
        if isinstance(start, Reason):
            return start
        end = _moment(event, condition.end, calendar)
        if isinstance(end, Reason):
            return end
        taken = calendar.elapsed(start, end, working=working)
        if at_least is not None and taken < at_least:
            needs = f"at least {length_text(at_least, working=working)}"
        elif at_most is not None and taken > at_most:
            needs = f"at most {length_text(at_most, working=working)}"
        else:
            return None
        return not_met(f"{start_name} to {end_name} took {length_text(taken, working=working)}, needs {needs}")

    return check_elapsed


def _moment(event: Event, path: str, calendar: PersonalCalendar) -> datetime | Reason:
    """Read a property as a moment; the reason where that is not possible."""
    value = find_property(event, path)
    found = read_moment(value, calendar)
    return not_readable(path, value, "a date") if found is None else as_instant(found, calendar)


def _time_of_day(condition: TimeOfDay) -> Check:
    start, before = condition.start, condition.before
    bounds = [f"from {start:%H:%M}" if start else "", f"before {before:%H:%M}" if before else ""]
    needs = " and ".join(bound for bound in bounds if bound)
    past_midnight = start is not None and before is not None and start > before

    def check_time(event: Event, calendar: PersonalCalendar) -> Reason | None:
        local = calendar.local(event.occurred_at).time()
        has_begun, has_not_ended = start is None or start <= local, before is None or local < before
        if (has_begun and has_not_ended) or (past_midnight and (has_begun or has_not_ended)):
            return None
        return not_met(f"it happened at {local:%H:%M}, needs {needs}")

    return check_time


def _weekday(condition: Weekday) -> Check:
    days = condition.days
    needs = join_words([_DAY_NAMES[day] for day in sorted(days)], "or")

    def check_weekday(event: Event, calendar: PersonalCalendar) -> Reason | None:
        weekday = calendar.day_of(event.occurred_at).weekday()
        if weekday in days:
            return None
        return not_met(f"it happened on a {_DAY_NAMES[weekday]}, needs {needs}")

    return check_weekday


def _is_unreadable(reason: Reason | None) -> bool:
    return reason is not None and reason.code is ReasonCode.VALUE_UNREADABLE


def _all(condition: All) -> Check:
    checks = tuple(compile_condition(part) for part in condition.conditions)

    def check_all(event: Event, calendar: PersonalCalendar) -> Reason | None:
        found = None
        for check_one in checks:
            reason = check_one(event, calendar)
            # Going on after an unreadable part: one that is not met decides, whatever the other would be.
            if reason is not None and not _is_unreadable(reason):
                return reason
            found = found or reason
        return found

    return check_all


def _any(condition: AnyOf) -> Check:
    checks = tuple(compile_condition(part) for part in condition.conditions)

    def check_any(event: Event, calendar: PersonalCalendar) -> Reason | None:
        reasons = []
        for check_one in checks:
            reason = check_one(event, calendar)
            if reason is None:
                return None
            reasons.append(reason)
        text = "; ".join(reason.text for reason in reasons[:_MOST_REASONS])
        if len(reasons) > 1:
            text = f"none of these is met: {text}"
        return unreadable(text) if any(map(_is_unreadable, reasons)) else not_met(text)

    return check_any


def _not(condition: Not) -> Check:
    check_inner = compile_condition(condition.condition)
    text = f"it must not be so that {describe_condition(condition.condition)}"

    def check_not(event: Event, calendar: PersonalCalendar) -> Reason | None:
        reason = check_inner(event, calendar)
        if reason is None:
            return not_met(text)
        return reason if _is_unreadable(reason) else None

    return check_not
