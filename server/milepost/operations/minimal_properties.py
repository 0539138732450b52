"""Which properties of events rules look at, and an event without all others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.events import Event
from milepost.engine.parts import parts_of
from milepost.engine.selectors import Complete, Elapsed, Match, PropertyTest, Selector
from milepost.operations.rule_book import RuleBook

#: Paths that name something of the event itself.
_OF_THE_EVENT = frozenset({"occurred_at", "subject"})


def with_minimal_properties(book: RuleBook, event: Event) -> Event:
    """Give an event with only those properties that some rule looks at, which may yet be judged by it."""
    names = properties_read(book).get(event.type, frozenset())
    kept = {name: value for name, value in event.properties.items() if name in names}
    return event if len(kept) == len(event.properties) else replace(event, properties=kept)


def properties_read(book: RuleBook) -> Mapping[str, frozenset[str]]:
    """Give the outermost names of the properties that rules of any state but retired look at, by type of event.

    Every version counts: windows that are closed are judged by the one that was in force.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for key in book.keys():  # noqa: SIM118 - a method of the rule book, which is no mapping
        current = book.current(key)
        if current is None or current.achievement.state is State.RETIRED:
            continue
        for version in book.history(key):
            read = frozenset(_names(version.achievement))
            for event_type in _types(version.achievement):
                names[event_type] |= read
    return {event_type: frozenset(found) for event_type, found in names.items()}


def _types(rule: Achievement) -> set[str]:
    return {name for part in parts_of(rule) if isinstance(part, Match) for name in part.types}


def _names(rule: Achievement) -> Iterator[str]:
    """Give the names; a rule that looks at a property of one type is taken to look at it of all its types."""
    for part in parts_of(rule):
        for path in _paths(part):
            if path not in _OF_THE_EVENT:
                yield path
                yield path.split(".", maxsplit=1)[0]


def _paths(part: Any) -> tuple[str, ...]:
    match part:
        case PropertyTest():
            return (part.property,)
        case Complete():
            return part.properties
        case Elapsed():
            return (part.start, part.end)
        case Selector(once_per=str(path)):
            return (path,)
        case _:
            named = getattr(part, "property", None)
            return (named,) if isinstance(named, str) else ()
