"""The rule book: all achievements in force, read from the store and parsed once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from graphlib import TopologicalSorter
from itertools import zip_longest
from typing import TypeAlias

import orjson

from milepost.engine.achievements import Achievement, State
from milepost.engine.facts import Past, RuleVersion
from milepost.engine.kinds import Best
from milepost.engine.parts import keys_built_on, parts_of
from milepost.engine.selectors import Match
from milepost.operations.remembering import Remembered
from milepost.schemas.rules import RuleInvalid, parse_achievement
from milepost.storage.base import Reading
from milepost.storage.errors import StoreDamaged

#: States in which an achievement is judged.
JUDGED = frozenset({State.LIVE, State.SHADOW})


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every achievement with its versions; the newest version's state is the achievement's."""

    _histories: Mapping[str, tuple[RuleVersion, ...]]
    _governing: Mapping[str, tuple[RuleVersion, ...]]
    _judged: tuple[Achievement, ...]
    _by_type: Mapping[str, tuple[str, ...]]
    _dependents: Mapping[str, tuple[str, ...]]

    def keys(self) -> tuple[str, ...]:
        """Give the keys of all achievements, whatever their state, sorted."""
        return tuple(self._histories)

    def history(self, key: str) -> tuple[RuleVersion, ...]:
        """Give every version ever saved, oldest first; empty for an unknown key."""
        return self._histories.get(key, ())

    def versions(self, key: str) -> tuple[RuleVersion, ...]:
        """Give the versions to judge by, oldest first; empty for an unknown key.

        A draft or a retired version was never in force, so no window is governed by
        one, nor is one of a live rule by a shadow. A version by which all is recomputed
        ends the reign of those before it. Where no version ever was in force, it is the
        newest alone (for backtests).
        """
        return self._governing.get(key, ())

    def current(self, key: str) -> RuleVersion | None:
        """Give the newest version, or None for an unknown key."""
        history = self.history(key)
        return history[-1] if history else None

    def judged(self) -> list[Achievement]:
        """Give the live and shadow achievements, each after those that it builds on with `earned`."""
        return list(self._judged)

    def by_type(self, event_type: str) -> tuple[str, ...]:
        """Give the keys of the judged achievements that name an event type anywhere, in the order of `judged`."""
        return self._by_type.get(event_type, ())

    def dependents(self, key: str) -> tuple[str, ...]:
        """Give the judged achievements that build on this one with `earned`, directly, in the order of `judged`."""
        return self._dependents.get(key, ())

    def compared(self) -> tuple[str, ...]:
        """Give the judged achievements in which holders are compared with their peers."""
        return tuple(item.key for item in self._judged if any(isinstance(part, Best) for part in parts_of(item)))

    def event_types(self) -> frozenset[str]:
        """Give every event type that a judged achievement names."""
        return frozenset(self._by_type)


_REMEMBERED = Remembered[RuleBook]()


def rule_book(reading: Reading) -> RuleBook:
    """Read the rule book; it is put together once for each state of the rules."""
    return _REMEMBERED.get(reading.rules_token(), lambda: _read_book(reading))


def _read_book(reading: Reading) -> RuleBook:
    return _book(
        tuple(
            (
                *(version.key, version.number, version.effective_at, version.past, version.starts_at),
                orjson.dumps(version.document, default=dict),
            )
            for version in reading.achievement_versions()
        )
    )


def types_named(achievement: Achievement) -> frozenset[str]:
    """Give the event types an achievement names: in criteria, guardrails, holds, confirmations and steps."""
    return frozenset(name for part in parts_of(achievement) if isinstance(part, Match) for name in part.types)


@lru_cache(maxsize=4096)
def _parsed(document: bytes) -> Achievement:
    try:
        return parse_achievement(orjson.loads(document))
    except RuleInvalid as error:  # it was readable when it was saved
        raise StoreDamaged(f"A rule cannot be read any more ({error}). Put the last good backup in place.") from error


#: Key, number, effective_at, past, starts_at, document.
Row: TypeAlias = tuple[str, int, datetime, str | None, datetime | None, bytes]


# Keyed by content and not by key and number alone: two stores in one process may number alike.
@lru_cache(maxsize=16)
def _book(rows: tuple[Row, ...]) -> RuleBook:
    histories: dict[str, tuple[RuleVersion, ...]] = {}
    for key, number, effective_at, past, starts_at, document in sorted(rows, key=lambda row: row[:2]):
        version = RuleVersion(
            achievement=_parsed(document),
            number=number,
            effective_at=effective_at,
            past=Past(past) if past else None,
            starts_at=starts_at,
        )
        histories[key] = (*histories.get(key, ()), version)
    governing = {key: _governing(history) for key, history in histories.items()}
    in_force = {
        key: [version.achievement for version in versions]
        for key, versions in governing.items()
        if histories[key][-1].achievement.state in JUDGED
    }
    # The newest versions only: over all versions, two achievements may have changed places.
    builds_on = {key: keys_built_on(versions[-1]) for key, versions in in_force.items()}
    order = [key for key in TopologicalSorter(_sorted_graph(builds_on)).static_order() if key in in_force]
    return RuleBook(
        _histories=histories,
        _governing=governing,
        _judged=tuple(histories[key][-1].achievement for key in order),
        _by_type=_inverted({key: frozenset().union(*map(types_named, in_force[key])) for key in order}),
        _dependents=_inverted({key: builds_on[key] for key in order}),
    )


def _governing(history: tuple[RuleVersion, ...]) -> tuple[RuleVersion, ...]:
    """Give the versions that govern something, with the moment at which the rule was switched off after one."""
    is_live = history[-1].achievement.state is State.LIVE
    on = {State.LIVE} if is_live else JUDGED
    found: list[RuleVersion] = []
    for version, following in zip_longest(history, history[1:]):
        if version.achievement.state in on:
            earlier = [] if version.past is Past.RECOMPUTE else found
            is_off = following is not None and following.achievement.state not in on
            found = [*earlier, replace(version, ended_at=following.effective_at) if is_off else version]
    return tuple(found) or history[-1:]


def _sorted_graph(graph: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Give the graph in one order, so that every process judges in the same order."""
    return {key: sorted(graph[key]) for key in sorted(graph)}


def _inverted(named: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Give, for each name, the keys that name it, in the order of the keys."""
    inverted: dict[str, tuple[str, ...]] = {}
    for key, names in named.items():
        for name in names:
            inverted[name] = (*inverted.get(name, ()), key)
    return inverted
