"""What a change of a criterion changed, as sentences: field by field where the kind is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any, TypeVar

from milepost.engine.condition_sentences import describe_condition, property_text
from milepost.engine.criterion_sentences import (
    bounds_text,
    clause,
    confirmation_text,
    hold_text,
    match_text,
    window_name,
)
from milepost.engine.kinds import Aggregate, AllOf, AnyCriterion, Bounds, Criterion, Freezes, Measure, Rate
from milepost.engine.selectors import (
    Complete,
    Condition,
    Elapsed,
    Match,
    PropertyTest,
    Quality,
    Selector,
    TimeOfDay,
    Weekday,
)
from milepost.engine.wording import join_words, length_text, number_text, share_text, types_nouns

T = TypeVar("T")


def describe_criterion_change(before: Criterion, after: Criterion) -> Iterator[str]:
    """Say what differs between two criteria."""
    if before == after:
        return
    if type(before) is not type(after):
        yield f"Now asks that {clause(after, 'they')}"
        yield f"No longer asks that {clause(before, 'they')}"
        return
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            yield from _CHANGES.get(field.name, _plain(field.name))(old, new, before)


def from_to(name: str, before: str, after: str) -> str:
    """Say what something was, and what it is."""
    return f"{name}: {before} → {after}"


def paired(
    before: Sequence[T], after: Sequence[T], about: Callable[[T], object]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Give what took the place of what, then what is gone and what is new; *about* is the same of both, or None."""
    gone = [one for one in before if one not in after]
    new = [one for one in after if one not in before]
    pairs = []
    for one in list(new):
        other = next((old for old in gone if about(one) and about(old) == about(one)), None)
        if other is not None:
            gone.remove(other)
            new.remove(one)
            pairs.append((other, one))
    return pairs, gone, new


_Change = Callable[[Any, Any, Criterion], Iterator[str]]


def _plain(name: str) -> _Change:
    """Make the change of a field that reads as it is written."""
    label = name.replace("_", " ").capitalize()
    return _written(label, lambda value: str(value).replace("_", " "))


def _written(label: str, write: Callable[[Any], str]) -> _Change:
    """Make the change of a field from how its value is written."""

    def change(before: Any, after: Any, _criterion: Criterion) -> Iterator[str]:
        yield from_to(label, *("none" if one is None else write(one) for one in (before, after)))

    return change


def _selector(before: Selector, after: Selector, _criterion: Criterion) -> Iterator[str]:
    yield from _match("Counts", before.match, after.match)
    if before.once_per != after.once_per:
        yield (
            f"Each {_record(after.once_per)} counts once now"
            if after.once_per
            else (f"A {_record(before.once_per)} may count more than once now")
        )
    yield from _waits(before, after)


def _record(once_per: str | None) -> str:
    return "record" if once_per == "subject" else str(once_per)


def _match(label: str, before: Match, after: Match) -> Iterator[str]:
    if before.types != after.types:
        yield from_to(label, types_nouns(before.types), types_nouns(after.types))
    yield from _conditions(before.where, after.where)


def _conditions(before: Sequence[Condition], after: Sequence[Condition]) -> Iterator[str]:
    pairs, gone, new = paired(before, after, _tested)
    for other, one in pairs:
        yield f"Now asks that {describe_condition(one)} (before: {describe_condition(other)})"
    for one in new:
        yield f"Now also asks that {describe_condition(one)}"
    for one in gone:
        yield f"No longer asks that {describe_condition(one)}"
    if before != after and not gone and not new and sorted(map(repr, before)) == sorted(map(repr, after)):
        yield "The conditions stand in another order"


def _tested(condition: Condition) -> object:
    """Give what a condition looks at: of two that look at the same, the newer one took the other's place."""
    match condition:
        case PropertyTest():
            return PropertyTest, condition.property
        case Elapsed():
            return Elapsed, condition.start, condition.end
        case Complete() | TimeOfDay() | Weekday():
            return type(condition)
        case _:
            return None


def _waits(before: Selector | Quality, after: Selector | Quality) -> Iterator[str]:
    """Say what holds and confirmations wait for."""
    if before.hold != after.hold:
        old, new = (f"unless {hold_text(one.hold)}" if one.hold else "at once" for one in (before, after))
        yield from_to("Each one counts", old, new)
    if before.confirmed_by != after.confirmed_by:
        old, new = (
            f"once {confirmation_text(one.confirmed_by)}" if one.confirmed_by else "without" for one in (before, after)
        )
        yield from_to("Confirmation", old, new)


def _quality(before: Quality, after: Quality, _criterion: Criterion) -> Iterator[str]:
    for text in (*_conditions(before.where, after.where), *_waits(before, after)):
        yield f"For a good one: {text[0].lower()}{text[1:]}"


def _bounds(before: Bounds, after: Bounds, criterion: Criterion) -> Iterator[str]:
    is_share = isinstance(criterion, Rate)
    yield from_to("Must be", bounds_text(before, share=is_share), bounds_text(after, share=is_share))


def _measure(before: Measure, after: Measure, criterion: Criterion) -> Iterator[str]:
    if before.aggregate is not after.aggregate:
        names = {Aggregate.COUNT: "number"}
        yield from_to("Measure", *(names.get(one, one.value) for one in (before.aggregate, after.aggregate)))
    if before.property != after.property:
        yield from _CHANGES["property"](before.property, after.property, criterion)
    if before.minimum != after.minimum:
        yield from _CHANGES["minimum"](before.minimum, after.minimum, criterion)
    yield from _selector(before.of, after.of, criterion)


def _inner(before: Criterion, after: Criterion, _criterion: Criterion) -> Iterator[str]:
    yield from describe_criterion_change(before, after)


def _parts(before: Sequence[Criterion], after: Sequence[Criterion], criterion: Criterion) -> Iterator[str]:
    """Compare the parts of a combined criterion; one of the same kind took the other's place."""
    window = criterion.window if isinstance(criterion, AllOf | AnyCriterion) else None
    pairs, gone, new = paired(before, after, type)
    for other, one in pairs:
        yield from describe_criterion_change(other, one)
    word = "as another way" if isinstance(criterion, AnyCriterion) else "also"
    for one in new:
        yield f"Now asks {word} that {clause(one, 'they', window)}"
    for one in gone:
        yield f"No longer asks that {clause(one, 'they', window)}"
    if sorted(map(repr, before)) == sorted(map(repr, after)):
        yield "The parts stand in another order"


def _steps(before: Sequence[Match], after: Sequence[Match], _criterion: Criterion) -> Iterator[str]:
    yield from_to("Steps", *(", then ".join(map(match_text, steps)) for steps in (before, after)))


def _achievements(before: Sequence[str], after: Sequence[str], _criterion: Criterion) -> Iterator[str]:
    yield from_to("Builds on", join_words(before), join_words(after))


def _freezes(before: Freezes | None, after: Freezes | None, _criterion: Criterion) -> Iterator[str]:
    yield from_to(
        "Misses forgiven",
        *(f"{one.count} a {window_name(one.window)}" if one and one.count else "none" for one in (before, after)),
    )


def _strict(_before: bool, after: bool, _criterion: Criterion) -> Iterator[str]:  # noqa: FBT001 - a field's value
    yield "No step may be skipped or repeated now" if after else "Steps may be skipped or repeated now"


def _length(length: timedelta) -> str:
    return length_text(length)


#: How the change of each field is told; any other reads as it is written.
_CHANGES: dict[str, _Change] = {
    "of": _selector,
    "good": _quality,
    "bounds": _bounds,
    "measure": _measure,
    "each": _inner,
    "criteria": _parts,
    "steps": _steps,
    "achievements": _achievements,
    "freezes": _freezes,
    "strict": _strict,
    "target": _written("Target", number_text),
    "minimum": _written("Fewest events", str),
    "minimum_participants": _written("Fewest taking part", str),
    "window": _written("Window", window_name),
    "period": _written("Period", window_name),
    "property": _written("Property", property_text),
    "within": _written("From first to last step within", _length),
    "among": _written("Compared among", str),
    "by": _written("Better by at least", number_text),
    "by_share": _written("Better by at least", share_text),
    "direction": _written("Best is", str),
}
