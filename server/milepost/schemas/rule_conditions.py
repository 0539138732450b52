"""Reading conditions and matches: what must be true of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from milepost.engine.calendars import PersonalCalendar
from milepost.engine.facts import Facts
from milepost.engine.selectors import (
    All,
    AnyOf,
    Complete,
    Condition,
    Elapsed,
    Match,
    Not,
    Operator,
    PropertyTest,
    TimeOfDay,
    Weekday,
)
from milepost.engine.values import read_moment, read_number
from milepost.schemas.reader import Fields, Part, Read, listed, note_unknown
from milepost.schemas.reads import (
    ANY_NUMBER,
    Limits,
    clock_time,
    flag,
    length,
    length_or_nothing,
    list_of,
    number,
    one_or_list_of,
    text,
)

#: How deep conditions may stand in one another.
DEEPEST = 6
#: The words that conditions and matches are made of.
CONDITION_WORDS: Mapping[str, tuple[str, ...]] = {
    "test": ("property", *map(str, Operator)),
    "complete": ("complete", "share"),
    "elapsed": ("elapsed", "at_least", "at_most", "clock"),
    "elapsed stretch": ("from", "to"),
    "time_of_day": ("time_of_day",),
    "time_of_day stretch": ("from", "before"),
    "weekday": ("weekday",),
    "all": ("all",),
    "any": ("any",),
    "not": ("not",),
    "match": ("type", "where"),
    "clock": ("working",),
}
#: The days of a week, Monday first.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LONGEST_NAME = 200
property_name = text(LONGEST_NAME)


def read_match(part: Part) -> Match:
    """Read which events are meant; something usable comes back even where it is wrong."""
    fields = part.fields()
    fields.expect(CONDITION_WORDS["match"])
    return match_of(fields)


def match_of(fields: Fields) -> Match:
    """Read ``type`` and ``where`` of an object that may have other keys as well."""
    types = fields.need_list("type", one_or_list_of(text(LONGEST_NAME)))
    return Match(types=tuple(dict.fromkeys(types)), where=fields.get_list("where", read_conditions))


def is_working(fields: Fields) -> bool:
    """Read ``clock``: whether lengths are in the holder's working time."""
    return fields.get("clock", _working_clock) is not None


def _working_clock(part: Part) -> str | None:
    if part.value in CONDITION_WORDS["clock"]:
        return str(part.value)
    note_unknown(part, CONDITION_WORDS["clock"])
    return None


def read_conditions(part: Part) -> tuple[Condition, ...] | None:
    """Read a list of conditions; an empty one asks for nothing."""
    read: Read[tuple[Condition, ...]] = list_of(read_condition, least=0)
    return read(part)


def read_condition(part: Part, depth: int = 1) -> Condition | None:
    """Read one condition, by the word that says what it looks at."""
    if depth > DEEPEST:
        part.note(f"Conditions stand in one another more than {DEEPEST} deep here. Write this one flatter.")
        return None
    fields = part.fields()
    forms = [word for word in _FORMS if fields.has(word)]
    if not forms:
        _note_no_form(fields)
        return None
    for other in forms[1:]:
        fields.note(other, f"A condition looks at one thing: write `{forms[0]}` and `{other}` as two conditions.")
    return _FORMS[forms[0]](fields, depth)


def _note_no_form(fields: Fields) -> None:
    """Say that nothing tells what a condition looks at."""
    fields.expect({word for words in CONDITION_WORDS.values() for word in words})
    if fields.part.is_clean():
        fields.part.note(f"Say what the condition looks at, with one of {listed(_FORMS)}.")


# ------------------------------------------------------------- one property


def _test(fields: Fields, _depth: int) -> Condition | None:
    words = CONDITION_WORDS["test"]
    # Other forms beside it have been told already.
    fields.expect((*words, *_FORMS))
    name = fields.need("property", property_name, "")
    operators = [Operator(word) for word in words[1:] if word in fields.values]
    if not operators:
        if fields.part.is_clean():
            fields.part.note(f"Say what `{name}` must be, with one of {listed(words[1:])}.")
        return None
    for other in operators[1:]:
        fields.note(other, f"A condition makes one test: write `{operators[0]}` and `{other}` as two conditions.")
    operand = _OPERANDS[operators[0]](fields.at(operators[0]))
    return None if operand is None else PropertyTest(name, operators[0], operand)


def _scalar(part: Part) -> str | bool | Decimal | None:
    match part.value:
        case bool():
            return part.value
        case str():
            return property_name(part)
        case int() | float() | Decimal():
            return number(ANY_NUMBER)(part)
        case None:
            part.note("Write a value here, not null. Whether a value is there is tested with `present`.")
        case _:
            part.expected("text, a number, `true` or `false`")
    return None


def _orderable(part: Part) -> Decimal | str | None:
    """Read a number, a day or a moment."""
    if not isinstance(part.value, str):
        return number(ANY_NUMBER)(part)
    if read_number(part.value) is None and read_moment(part.value, _any_calendar()) is None:
        part.expected("a number, a day such as `2026-03-02` or a moment such as `2026-03-02T10:00:00Z`")
        return None
    return part.value.strip()


@lru_cache(maxsize=1)
def _any_calendar() -> PersonalCalendar:
    """Give the calendar of nobody: which text is a date is the same for all."""
    return PersonalCalendar.of_team("", Facts())


def _part_of_text(part: Part) -> str | Decimal | None:
    if isinstance(part.value, str):
        return property_name(part)
    return number(ANY_NUMBER)(part)


_OPERANDS: Mapping[Operator, Read[Any]] = {
    Operator.IS: _scalar,
    Operator.IS_NOT: _scalar,
    Operator.IN: list_of(_scalar),
    Operator.NOT_IN: list_of(_scalar),
    Operator.AT_LEAST: _orderable,
    Operator.AT_MOST: _orderable,
    Operator.MORE_THAN: _orderable,
    Operator.LESS_THAN: _orderable,
    Operator.PRESENT: flag,
    Operator.CONTAINS: _scalar,
    Operator.STARTS_WITH: _part_of_text,
    Operator.WITHIN_NEXT: length,
    Operator.WITHIN_LAST: length,
}


# -------------------------------------------------------------- other forms


def _complete(fields: Fields, _depth: int) -> Condition | None:
    fields.expect((*CONDITION_WORDS["complete"], *_FORMS))
    names = fields.need_list("complete", list_of(property_name))
    share = fields.get_or("share", number(Limits(Decimal(0), Decimal(1), above=True)), Decimal(1))
    twice = [name for index, name in enumerate(names) if name in names[:index]]
    if twice:
        fields.note("complete", f"`{twice[0]}` stands here twice. Name each property once.")
    return Complete(names, share)


def _elapsed(fields: Fields, _depth: int) -> Condition | None:
    fields.expect((*CONDITION_WORDS["elapsed"], *_FORMS))
    stretch = fields.at("elapsed").fields()
    stretch.expect(CONDITION_WORDS["elapsed stretch"])
    at_least, at_most = fields.get("at_least", length_or_nothing), fields.get("at_most", length_or_nothing)
    note_bounds(fields, at_least, at_most)
    return Elapsed(
        start=stretch.need("from", property_name, ""),
        end=stretch.get_or("to", property_name, "occurred_at"),
        at_least=at_least,
        at_most=at_most,
        working=is_working(fields),
    )


def note_bounds(fields: Fields, at_least: Any, at_most: Any) -> None:
    """Say so where there is neither bound, or nothing lies between the two."""
    if not (fields.part.is_clean("at_least") and fields.part.is_clean("at_most")):
        return
    if at_least is None and at_most is None:
        fields.note("at_least", "Add a bound: `at_least`, `at_most` or both.")
    elif at_least is not None and at_most is not None and at_least > at_most:
        fields.note("at_most", "`at_most` is lower than `at_least`, so nothing can be within. Change one of them.")


def _time_of_day(fields: Fields, _depth: int) -> Condition | None:
    fields.expect((*CONDITION_WORDS["time_of_day"], *_FORMS))
    stretch = fields.at("time_of_day").fields()
    stretch.expect(CONDITION_WORDS["time_of_day stretch"])
    start, before = stretch.get("from", clock_time), stretch.get("before", clock_time)
    if start is not None and start == before:
        stretch.note("before", "`before` is the same as `from`, so no time is within. Change one of them.")
    elif start is None and before is None and stretch.part.is_clean():
        stretch.part.note("Say `from` when, `before` when, or both, such as `08:00`.")
    return TimeOfDay(start, before)


def _weekday(fields: Fields, _depth: int) -> Condition | None:
    fields.expect((*CONDITION_WORDS["weekday"], *_FORMS))
    return Weekday(frozenset(fields.need_list("weekday", list_of(_day))))


def _day(part: Part) -> int | None:
    if isinstance(part.value, str) and part.value.lower() in WEEKDAYS:
        return WEEKDAYS.index(part.value.lower())
    note_unknown(part, WEEKDAYS)
    return None


def _all(fields: Fields, depth: int) -> Condition | None:
    return All(_inner(fields, "all", depth))


def _any(fields: Fields, depth: int) -> Condition | None:
    return AnyOf(_inner(fields, "any", depth))


def _inner(fields: Fields, word: str, depth: int) -> tuple[Condition, ...]:
    read_inner: Read[Condition] = partial(read_condition, depth=depth + 1)
    fields.expect((*CONDITION_WORDS[word], *_FORMS))
    return fields.need_list(word, list_of(read_inner))


def _not(fields: Fields, depth: int) -> Condition | None:
    fields.expect((*CONDITION_WORDS["not"], *_FORMS))
    inner = read_condition(fields.at("not"), depth + 1)
    return None if inner is None else Not(inner)


#: What a condition may look at; each word is a key that only this form has.
_FORMS: Mapping[str, Callable[[Fields, int], Condition | None]] = {
    "property": _test,
    "complete": _complete,
    "elapsed": _elapsed,
    "time_of_day": _time_of_day,
    "weekday": _weekday,
    "all": _all,
    "any": _any,
    "not": _not,
}
