"""Compare what a step of a story came to with what was expected of it, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.operations.services import Services
from milepost.operations.show_progress import show_progress
from milepost.storage.records import AwardStatus

#: What a team's id is written after.
TEAM_PREFIX = "team:"


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand after a step."""

    #: With the clock of the story.
    services: Services
    #: What the step was answered, an answer for each event told.
    answers: Sequence[Mapping[str, Any]]
    #: The moment whose window progress is shown in.
    looked_at: datetime
    #: The last event told.
    told: Event | None


def find_differences(expect: Mapping[str, Any], situation: Situation) -> list[str]:
    """Give one sentence for each expectation that does not hold."""
    return [sentence for key, value in expect.items() for sentence in _COMPARISONS[key](situation, value)]


def award_name(achievement: str, tier: str | None) -> str:
    """Name an award as stories do: ``clean-close:Bronze``."""
    return f"{achievement}:{tier}" if tier else achievement


def _compare_outcome(situation: Situation, expected: str) -> Iterator[str]:
    actual = situation.answers[-1].get("outcome") if situation.answers else None
    if actual != expected:
        yield f"outcome is {actual or 'nothing'}, expected {expected}"


def _compare_unlocked(situation: Situation, expected: Sequence[str]) -> Iterator[str]:
    yield from _compare_names("unlocked", _news(situation, "awards"), expected)


def _compare_revoked(situation: Situation, expected: Sequence[str]) -> Iterator[str]:
    yield from _compare_names("revoked", _news(situation, "revoked"), expected)


def _news(situation: Situation, key: str) -> list[str]:
    """Give the awards of the step's answers, without those of replays and those that wait for a review."""
    fresh = [answer for answer in situation.answers if not answer.get("replayed")]
    return [
        award_name(award["achievement"], award["tier"])
        for answer in fresh
        for award in answer[key]
        if key == "revoked" or award["status"] == AwardStatus.GRANTED
    ]


def _compare_standing(situation: Situation, expected: Mapping[str, Sequence[str]]) -> Iterator[str]:
    with situation.services.store.reading() as reading:
        for name, awards in expected.items():
            granted = [
                award_name(award.achievement, award.tier)
                for award in reading.awards_of(None, _holder(name))
                if award.status is AwardStatus.GRANTED
            ]
            yield from _compare_names(f"standing of {name}", granted, awards)


def _compare_points(situation: Situation, expected: Mapping[str, int]) -> Iterator[str]:
    with situation.services.store.reading() as reading:
        for name, points in expected.items():
            actual = reading.points(_holder(name))
            if actual != points:
                yield f"points of {name}: {actual}, expected {points}"


def _compare_progress(situation: Situation, expected: Mapping[str, Any]) -> Iterator[str]:
    yield from _compare_entries("progress", situation, expected)


def _compare_streaks(situation: Situation, expected: Mapping[str, Any]) -> Iterator[str]:
    yield from _compare_entries("streaks", situation, expected)


def _compare_entries(
    kind: str, situation: Situation, expected: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> Iterator[str]:
    """Compare parts of progress or streak entries, holder by holder."""
    for name, parts in expected.items():
        shown = show_progress(situation.services, _holder(name), at=situation.looked_at)
        entries = {entry["achievement"]: entry for entry in shown[kind]}
        for achievement, part in parts.items():
            place = f"{'streak' if kind == 'streaks' else kind} of {achievement} for {name}"
            if achievement in entries:
                yield from _compare_part(place, entries[achievement], part)
            else:
                yield f"{place}: there is none"


def _compare_part(place: str, entry: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[str]:
    for field, expected in part.items():
        if field not in entry:
            yield f"{place}: it has no {field}, expected {_plain(expected)}"
        elif not _is_same(entry[field], expected):
            yield f"{place}: {field} is {_plain(entry[field])}, expected {_plain(expected)}"


def _compare_reasons(situation: Situation, expected: Mapping[str, str]) -> Iterator[str]:
    for achievement, code in expected.items():
        actual = _reason(situation, achievement)
        if actual != code:
            yield f"reason of {achievement}: {actual or 'none'}, expected {code}"


def _reason(situation: Situation, achievement: str) -> str | None:
    """Give the reason the last answer has for an achievement; what is shown and not refused counted."""
    answer = situation.answers[-1] if situation.answers else {}
    actor = situation.told.actor if situation.told else None
    codes = {one.get("holder"): one["reason_code"] for one in _of(answer.get("not_counted", ()), achievement)}
    if codes:
        own: str = codes.get(actor) or next(iter(codes.values()))
        return own
    is_shown = any(True for _ in _of(answer.get("progress", ()), achievement))
    return "counted" if is_shown and answer.get("outcome") in {"counted", "revised"} else None


def _of(entries: Iterable[Mapping[str, Any]], achievement: str) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in entries if entry["achievement"] == achievement)


def _holder(name: str) -> Holder:
    """Read a holder as stories write it."""
    if name.startswith(TEAM_PREFIX):
        return Holder(HolderKind.TEAM, name.removeprefix(TEAM_PREFIX))
    return Holder(HolderKind.ACTOR, name)


def _compare_names(what: str, actual: Iterable[str], expected: Iterable[str]) -> Iterator[str]:
    if sorted(actual) != sorted(expected):
        yield f"{what}: {_list(actual)}, expected {_list(expected)}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _is_same(actual: Any, expected: Any) -> bool:
    numbers = (int, float)
    if isinstance(actual, numbers) and isinstance(expected, numbers) and not isinstance(expected, bool):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-9)
    return bool(actual == expected)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_Comparison: TypeAlias = Callable[[Situation, Any], Iterator[str]]

_COMPARISONS: Mapping[str, _Comparison] = {
    "outcome": _compare_outcome,
    "unlocked": _compare_unlocked,
    "revoked": _compare_revoked,
    "standing": _compare_standing,
    "points": _compare_points,
    "progress": _compare_progress,
    "reasons": _compare_reasons,
    "streaks": _compare_streaks,
}
