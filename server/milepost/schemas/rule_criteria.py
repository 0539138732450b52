"""Reading criteria: what must be true of the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from milepost.engine.kinds import (
    Aggregate,
    AllOf,
    AnyCriterion,
    Average,
    Best,
    Bounds,
    CalendarWindow,
    Count,
    Criterion,
    Days,
    Direction,
    Earned,
    Freezes,
    Improvement,
    Measure,
    NoneOf,
    Rate,
    Run,
    Sequence,
    Streak,
    Sum,
    WindowSpec,
)
from milepost.engine.selectors import Quality, Selector
from milepost.schemas.reader import Fields, Part, Read, listed, note_unknown
from milepost.schemas.reads import (
    AMOUNT,
    ANY_NUMBER,
    SHARE,
    WHOLE,
    Limits,
    choice,
    flag,
    key,
    length,
    list_of,
    number,
    whole,
)
from milepost.schemas.rule_conditions import note_bounds, property_name, read_match
from milepost.schemas.rule_selectors import NO_EVENTS, SELECTOR_WORDS, read_quality, read_selector, read_window

#: How deep criteria may stand in one another.
DEEPEST = 6

PERIODS = (CalendarWindow.DAY, CalendarWindow.WEEK, CalendarWindow.MONTH)

#: The keys of each kind of criterion, besides ``kind``.
KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "count": ("of", "target", "window"),
    "sum": ("of", "property", "target", "window"),
    "rate": ("of", "good", "at_least", "at_most", "minimum", "window"),
    "average": ("of", "property", "at_least", "at_most", "minimum", "window"),
    "none": ("of", "window"),
    "days": ("each", "target", "window"),
    "streak": ("each", "target", "period", "freezes"),
    "run": ("of", "good", "target"),
    "sequence": ("steps", "target", "strict", "within", "window"),
    "best": ("measure", "direction", "among", "minimum_participants", "window"),
    "improvement": ("measure", "direction", "by", "by_share", "window"),
    "earned": ("achievements", "target", "window"),
    "all_of": ("criteria", "window"),
    "any_of": ("criteria", "window"),
}
#: The words that criteria are made of.
CRITERION_WORDS: Mapping[str, tuple[str, ...]] = {
    "kinds": tuple(KIND_WORDS),
    **{f"criterion {kind}": ("kind", *words) for kind, words in KIND_WORDS.items()},
    **SELECTOR_WORDS,
    "freezes": ("count", "window"),
    "periods": tuple(map(str, PERIODS)),
    "measure": ("of", "aggregate", "property", "minimum"),
    "aggregates": tuple(map(str, Aggregate)),
    "directions": tuple(map(str, Direction)),
}

_WINDOWLESS = {
    "streak": "A streak has its `period`. Leave `window` out.",
    "run": "A run looks at everything. Leave `window` out.",
}
_IN_EACH = "In `each` the window is the day or the period. Leave `window` out."
_ONLY_NONE = "Add a criterion that asks for something beside `none`: nothing done is not an achievement."
_NO_GOOD = Quality()
_ONE = Decimal(1)
#: Lets reading go on where a criterion is missing.
NO_CRITERION: Criterion = Count(NO_EVENTS, _ONE)
_NO_MEASURE = Measure(NO_EVENTS, Aggregate.COUNT)
_NOT_NEGATIVE = Limits(Decimal(0))
_MOST_FREEZES = 100
_read_minimum = whole(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Around:
    """Where a criterion stands."""

    #: The key of the achievement.
    own_key: str
    #: The window it has unless it names its own; None: not known, because it could not be read.
    window: WindowSpec | None
    in_each: bool = False
    depth: int = 1


def read_criterion(part: Part, around: Around) -> Criterion | None:
    """Read one criterion and everything inside it."""
    if around.depth > DEEPEST:
        part.note(f"Criteria stand in one another more than {DEEPEST} deep here. Write this one flatter.")
        return None
    fields = part.fields()
    kind = fields.need("kind", _kind, "")
    if not kind:
        return None
    has_window = kind not in _WINDOWLESS and not around.in_each
    words = [word for word in ("kind", *KIND_WORDS[kind]) if word != "window" or has_window]
    fields.expect(words, {"window": _WINDOWLESS.get(kind, _IN_EACH)})
    if around.in_each and kind in _WINDOWLESS:
        fields.note("kind", f"A {kind} goes beyond a day or period, so it cannot stand in `each`. Use another kind.")
    own = read_window(fields.at("window")) if has_window and fields.has("window") else None
    known = own or (around.window if fields.part.is_clean("window") else None)
    return _KINDS[kind](fields, own, replace(around, window=known, depth=around.depth + 1))


def _kind(part: Part) -> str | None:
    if isinstance(part.value, str) and part.value in KIND_WORDS:
        return part.value
    note_unknown(part, tuple(KIND_WORDS))
    return None


def parts_of(criterion: Criterion) -> Iterator[Criterion]:
    """Give a criterion and those it combines; not what stands in `each`, which has periods of its own."""
    yield criterion
    if isinstance(criterion, AllOf | AnyCriterion):
        for part in criterion.criteria:
            yield from parts_of(part)


def asks_for_something(criterion: Criterion) -> bool:
    """Say whether a criterion is never met by somebody who did nothing."""
    match criterion:
        case NoneOf():
            return False
        case AllOf():
            return any(map(asks_for_something, criterion.criteria))
        case AnyCriterion():
            return all(map(asks_for_something, criterion.criteria))
        case _:
            return True


def note_nothing_done(part: Part, criterion: Criterion) -> None:
    """Refuse a criterion that is met by doing nothing."""
    if part.is_clean() and not asks_for_something(criterion):
        part.note(_ONLY_NONE)


def _target(fields: Fields, limits: Limits = WHOLE) -> Decimal:
    return fields.need("target", number(limits), _ONE)


def _of(fields: Fields) -> Selector:
    return fields.need("of", read_selector, NO_EVENTS)


def _bounds(fields: Fields, limits: Limits) -> Bounds:
    at_least, at_most = fields.get("at_least", number(limits)), fields.get("at_most", number(limits))
    note_bounds(fields, at_least, at_most)
    return Bounds(at_least, at_most)


def _count(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return Count(_of(fields), _target(fields), own)


def _sum(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return Sum(_of(fields), fields.need("property", property_name, ""), _target(fields, AMOUNT), own)


def _rate(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return Rate(
        of=_of(fields),
        good=fields.need("good", read_quality, _NO_GOOD),
        bounds=_bounds(fields, SHARE),
        minimum=fields.get_or("minimum", _read_minimum, 1),
        window=own,
    )


def _average(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return Average(
        of=_of(fields),
        property=fields.need("property", property_name, ""),
        bounds=_bounds(fields, ANY_NUMBER),
        minimum=fields.get_or("minimum", _read_minimum, 1),
        window=own,
    )


def _none(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return NoneOf(_of(fields), own)


def _each(fields: Fields, period: CalendarWindow, around: Around) -> Criterion:
    """Read what each day or period must meet."""
    read: Read[Criterion] = partial(read_criterion, around=replace(around, window=period, in_each=True))
    each = fields.need("each", read, NO_CRITERION)
    note_nothing_done(fields.at("each"), each)
    return each


def _days(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    if around.in_each and around.window is CalendarWindow.DAY:
        fields.note("kind", "A day has no days in it. Use another kind, or a longer `period` around it.")
    return Days(_each(fields, CalendarWindow.DAY, around), _target(fields), own)


def _streak(fields: Fields, _own: WindowSpec | None, around: Around) -> Criterion:
    period = fields.get_or("period", choice(CalendarWindow, PERIODS), CalendarWindow.DAY)
    return Streak(_each(fields, period, around), _target(fields), period, fields.get("freezes", _freezes))


def _freezes(part: Part) -> Freezes:
    fields = part.fields()
    fields.expect(CRITERION_WORDS["freezes"])
    window = fields.get_or("window", choice(CalendarWindow), CalendarWindow.MONTH)
    return Freezes(fields.need("count", whole(1, _MOST_FREEZES), 1), window)


def _run(fields: Fields, _own: WindowSpec | None, _around: Around) -> Criterion:
    return Run(_of(fields), fields.need("good", read_quality, _NO_GOOD), _target(fields))


def _sequence(fields: Fields, own: WindowSpec | None, _around: Around) -> Criterion:
    return Sequence(
        steps=fields.need_list("steps", list_of(read_match)),
        target=fields.get_or("target", number(WHOLE), _ONE),
        strict=fields.get_or("strict", flag, default=False),
        within=fields.get("within", length),
        window=own,
    )


def _measure(part: Part) -> Measure:
    fields = part.fields()
    fields.expect(CRITERION_WORDS["measure"])
    aggregate = fields.need("aggregate", choice(Aggregate), Aggregate.COUNT)
    name = fields.get("property", property_name)
    if part.is_clean("aggregate") and part.is_clean("property"):
        if aggregate is Aggregate.COUNT and name is not None:
            fields.note("property", "`count` counts events and looks at no property. Leave `property` out.")
        elif aggregate is not Aggregate.COUNT and name is None:
            fields.note("property", f"Add `property`: `{aggregate}` needs one to work on.")
    return Measure(_of(fields), aggregate, name, fields.get_or("minimum", _read_minimum, 1))


def _note_no_calendar(fields: Fields, kind: str, around: Around) -> None:
    """Refuse a comparison of windows where there is no calendar window."""
    if around.window is not None and not isinstance(around.window, CalendarWindow):
        fields.note("window", f"`{kind}` compares calendar windows. Set `window` to one of {listed(CalendarWindow)}.")


def _best(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    _note_no_calendar(fields, "best", around)
    return Best(
        measure=fields.need("measure", _measure, _NO_MEASURE),
        direction=fields.need("direction", choice(Direction), Direction.HIGHEST),
        among=fields.get("among", property_name),
        minimum_participants=fields.get_or("minimum_participants", whole(2, 1_000), 3),
        window=own,
    )


def _improvement(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    _note_no_calendar(fields, "improvement", around)
    return Improvement(
        measure=fields.need("measure", _measure, _NO_MEASURE),
        direction=fields.get_or("direction", choice(Direction), Direction.HIGHEST),
        by=fields.get_or("by", number(_NOT_NEGATIVE), Decimal(0)),
        by_share=fields.get("by_share", number(_NOT_NEGATIVE)),
        window=own,
    )


def _earned(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    keys = fields.need_list("achievements", list_of(key))
    _note_wrong_keys(fields.at("achievements"), around.own_key)
    most = Decimal(max(1, len(keys)))
    return Earned(keys, fields.get_or("target", number(Limits(_ONE, most, whole=True)), most), own)


def _note_wrong_keys(part: Part, own_key: str) -> None:
    """Refuse an achievement that needs itself, or another one twice."""
    if not part.is_clean():
        return
    for index, name in enumerate(part.value):
        if name == own_key:
            part.inner(index, name).note("An achievement cannot need itself. Take it out.")
        elif name in part.value[:index]:
            part.inner(index, name).note(f"`{name}` stands here twice. Take one out.")


def _criteria(fields: Fields, around: Around) -> tuple[Criterion, ...]:
    read: Read[Criterion] = partial(read_criterion, around=around)
    return fields.need_list("criteria", list_of(read))


def _all_of(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    return AllOf(_criteria(fields, around), own)


def _any_of(fields: Fields, own: WindowSpec | None, around: Around) -> Criterion:
    return AnyCriterion(_criteria(fields, around), own)


_KINDS: Mapping[str, Callable[[Fields, WindowSpec | None, Around], Criterion]] = {
    "count": _count,
    "sum": _sum,
    "rate": _rate,
    "average": _average,
    "none": _none,
    "days": _days,
    "streak": _streak,
    "run": _run,
    "sequence": _sequence,
    "best": _best,
    "improvement": _improvement,
    "earned": _earned,
    "all_of": _all_of,
    "any_of": _any_of,
}
