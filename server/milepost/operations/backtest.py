"""Try a rule on the recorded events: who would have earned it, how often and when. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.engine.achievements import Achievement, State
from milepost.engine.facts import Facts, RuleVersion
from milepost.engine.judge import Judge, judge_of
from milepost.engine.people import Holder
from milepost.engine.selecting import Selected, select_awards
from milepost.engine.views import View
from milepost.operations.judge_rule import is_meant
from milepost.operations.load_facts import load_facts
from milepost.operations.read_achievement import read_achievement, unknown_achievement
from milepost.operations.rejudge import views_of_all
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.services import Services
from milepost.storage.base import Reading


@dataclass(frozen=True, slots=True)
class Tried:
    """What one holder would have come to."""

    holder: Holder
    view: View
    #: What repeats admits, by time, each with what cooldown and cap say.
    selected: tuple[Selected, ...]

    @property
    def earned(self) -> tuple[Selected, ...]:
        """Give what would have become awards."""
        return tuple(one for one in self.selected if one.refused is None)


@dataclass(frozen=True, slots=True)
class Backtest:
    """A rule tried on everybody."""

    judge: Judge
    facts: Facts
    as_of: datetime
    since: datetime | None
    #: Everybody it is meant for, or who has something that counts for it.
    tried: tuple[Tried, ...]

    @property
    def rule(self) -> Achievement:
        """Give the rule that was tried."""
        return self.judge.rule


def backtest(
    services: Services,
    *,
    key: str | None = None,
    document: Mapping[str, Any] | None = None,
    since: datetime | None = None,
) -> Backtest:
    """Judge all recorded events by a document, or by the newest version of a stored achievement.

    With *since* as if the rule had been switched on then without its past. Achievements that
    the rule builds on count as they stand now. Raises what saving the document would raise.
    """
    now = services.clock()
    with services.store.reading() as reading:
        achievement = _find(rule_book(reading), key, document)
        version = RuleVersion(achievement, number=0, effective_at=since or now, starts_at=since)
        return _try_everybody(reading, judge_of(version), as_of=now)


def _find(book: RuleBook, key: str | None, document: Mapping[str, Any] | None) -> Achievement:
    if document is not None:
        return read_achievement({**document, "state": str(State.LIVE)}, book)
    current = book.current(key or "")
    if current is None:
        raise unknown_achievement(key or "")
    return current.achievement


def _try_everybody(reading: Reading, judge: Judge, *, as_of: datetime) -> Backtest:
    tried = []
    for view in views_of_all(reading, judge, as_of):
        if is_meant(judge, view):
            windows = sorted(judge.windows(view))
            earnings = [one for window in windows for one in judge.judge(view, window).earnings]
            tried.append(Tried(view.holder, view, tuple(select_awards(judge.rule, earnings, view.calendar))))
    facts = load_facts(reading, actors=None)
    return Backtest(judge, facts, as_of, judge.version.starts_at, tuple(tried))
