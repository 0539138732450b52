"""Find what a person keeps up, and what is within reach next; only the person is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from milepost.delivery.message import Line, Section
from milepost.engine.kinds import CalendarWindow, Streak
from milepost.engine.people import Holder
from milepost.engine.progress import ProgressState
from milepost.engine.reasons import ReasonCode
from milepost.engine.wording import counted_text, number_text
from milepost.operations.build_answer import progress_document, streak_document
from milepost.operations.judge_rule import Looked, window_key
from milepost.operations.show_progress import look_at
from milepost.storage.base import Reading

#: From this part of the way on, something is within reach.
NEAR_PERCENT = 50
#: A shorter streak is not worth a word.
SHORTEST_STREAK = 2
_MOST = 3
_WHOLE = 100


def outlook_sections(reading: Reading, person: Holder, now: datetime) -> Iterator[Section]:
    """Give the streaks that a person keeps up, and the nearest things that are within reach."""
    looked = look_at(reading, person, now)
    streaks = [line for one in looked if (line := _streak_line(one))]
    if streaks:
        yield Section(tuple(streaks[:_MOST]), "Streaks")
    near = sorted(_near(looked, now), key=lambda one: -one["percent"])
    if near:
        yield Section(tuple(map(_near_line, near[:_MOST])), "Within reach next")


def _streak_line(looked: Looked) -> Line | None:
    document, criterion = streak_document(looked), looked.judge.rule.criterion
    if document is None or document["current"] < SHORTEST_STREAK or not isinstance(criterion, Streak):
        return None
    noun = "working day" if criterion.period is CalendarWindow.DAY else criterion.period.value
    return Line(f"{document['name']}: {counted_text(document['current'], noun)} in a row")


def _near(looked: Sequence[Looked], now: datetime) -> Iterator[dict[str, Any]]:
    for one in looked:
        document = progress_document(one, window_key(one, now))
        is_missing = document["percent"] < _WHOLE or document["reason_code"] == ReasonCode.GUARDRAIL_NOT_MET
        if document["state"] == ProgressState.OPEN and document["percent"] >= NEAR_PERCENT and is_missing:
            yield document


def _near_line(document: dict[str, Any]) -> Line:
    """Say what is missing, as far as a number says it, and how it stands."""
    ends_at = document["window_ends_at"]
    by = f" by {_day(datetime.fromisoformat(ends_at).date())}" if ends_at else ""
    missing = f"{number_text(document['remaining'])} more{by}" if document["remaining"] else document["reason"]
    return Line(f"{document['name']}: {missing}", document["reason"] if document["remaining"] else None)


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
