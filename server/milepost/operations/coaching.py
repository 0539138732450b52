"""What a manager may want to talk about with each of their people, from the week that has ended.

It speaks of each person alone, never of two beside each other, and only of achievements whose rule says that the
manager is told. Nobody is counted, sorted or judged by how much there is to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from milepost.delivery.message import Line, Section
from milepost.engine.achievements import Achievement, Repeats, State
from milepost.engine.facts import Facts
from milepost.engine.judge import Judge
from milepost.engine.kinds import Average, CalendarWindow, Count, Days, Rate, Streak, Sum
from milepost.engine.people import Holder, HolderKind
from milepost.engine.reasons import ReasonCode
from milepost.engine.telling import Timing
from milepost.engine.timetables import ONE_DAY
from milepost.engine.views import Slice, calendar_of, fits, profile_of
from milepost.engine.windows import Window, window_of
from milepost.operations.coaching_patterns import (
    LONGEST_HABIT,
    MOST_EARLIER,
    Looking,
    Pattern,
    above_usual,
    habit,
    kept_streak,
    stuck,
    windows_before,
)
from milepost.operations.history import EVERYTHING, History, Span, span_of
from milepost.operations.judge_rule import judges_of
from milepost.operations.name_holder import full_name
from milepost.operations.owe_news import award_topic
from milepost.operations.rule_book import RuleBook, rule_book
from milepost.operations.standings import Standings
from milepost.operations.visibility import wants_no_messages
from milepost.storage.base import Reading
from milepost.storage.records import AwardRecord, AwardStatus

#: The most lines about one person, and in all.
MOST_EACH, MOST_IN_ALL = 3, 12
#: One window more than a settled one is compared with, for the newest may wait for its hold.
MOST_COMPARED = MOST_EARLIER + 2

_MEASURED = (Count, Sum, Days, Rate, Average)
_COMPARED_WINDOWS = frozenset({CalendarWindow.WEEK, CalendarWindow.MONTH})
_STUCK_WINDOWS = _COMPARED_WINDOWS | {CalendarWindow.DAY}


def coaching_sections(reading: Reading, manager: Holder, *, facts: Facts, as_of: datetime) -> list[Section]:
    """Give a section for each person there is something to say about, by name; *facts* hold everybody."""
    week = coached_week(manager, facts, as_of)
    people = led_by(manager, facts, as_of)
    book, history = rule_book(reading), History(reading, facts)
    found = {}
    for person in people:
        patterns = list(_patterns_of(_Person(reading, history, book, facts, person, manager, week, as_of)))
        if patterns:
            found[person] = _strengths_first(patterns)
    chosen = _fitting(found, people, week)
    by_name = sorted(chosen, key=lambda person: (full_name(person, facts).casefold(), person))
    return [
        Section(tuple(Line(one.text, one.starter) for one in chosen[person]), heading=full_name(person, facts))
        for person in by_name
    ]


def coached_week(manager: Holder, facts: Facts, as_of: datetime) -> Window:
    """Give the week that ended last on the manager's calendar."""
    today = calendar_of(manager, facts).day_of(as_of)
    return window_of(window_of(today, CalendarWindow.WEEK).first_on - ONE_DAY, CalendarWindow.WEEK)


def led_by(manager: Holder, facts: Facts, at: datetime) -> list[Holder]:
    """Give the people somebody manages at a moment, by id, without those who opted out."""
    people = (Holder(HolderKind.ACTOR, one.id) for one in facts.actors.values())
    mine = [one for one in people if profile_of(one, facts, at).manager == manager.id and one != manager]
    return sorted(one for one in mine if not wants_no_messages(one, facts))


@dataclass(frozen=True)
class _Person:
    """One person to look at, for one manager and week."""

    reading: Reading
    history: History
    book: RuleBook
    facts: Facts
    holder: Holder
    manager: Holder
    week: Window
    as_of: datetime

    @cached_property
    def judges(self) -> list[Judge]:
        """Give the newest version of each rule of which the manager is told and that is meant for the person."""
        profile = profile_of(self.holder, self.facts, self.as_of)
        told = [rule for rule in self.book.judged() if _is_told_to_manager(rule) and fits(rule.applies_to, profile)]
        return [judges_of(self.book, rule.key)[-1] for rule in told]

    @cached_property
    def awards(self) -> list[AwardRecord]:
        """Give everything the person ever earned."""
        return self.reading.awards_of(None, self.holder)

    @cached_property
    def standings(self) -> Standings:
        """Give what is kept about the person."""
        return Standings(self.reading, self.holder)

    def windows(self, judge: Judge, *, most: int = MOST_COMPARED) -> list[Window]:
        """Give the newest working windows of a rule, newest first."""
        calendar = calendar_of(self.holder, self.facts)
        return windows_before(self.week, judge.kind, calendar, most=most) if judge.kind else []

    def look(self, judge: Judge, material: Slice) -> Looking:
        """Look at some of what the person did."""
        return Looking(judge, judge.view(self.holder, material, self.facts, self.as_of), self.week)

    def read(self, judge: Judge, spans: Mapping[Judge, Span]) -> Looking:
        """Look at what the rule needs: of a streak what its periods came to, else the events in its span."""
        if judge.streak is not None:
            return self.look(judge, Slice((), periods=self.standings.outcomes(judge)))
        if judge not in spans:
            return self.look(judge, Slice(()))
        return self.look(judge, self.history.slice((judge,), spans[judge], self.standings))

    def spans(self) -> dict[Judge, Span]:
        """Give which events must be read, for each rule that is decided by events of the week."""
        found: dict[Judge, Span] = {}
        for judge in self.judges:
            if isinstance(judge.rule.criterion, Streak) and judge.streak is None:
                found[judge] = EVERYTHING
            elif self._is_measured(judge):
                found[judge] = span_of((judge,), [window.key for window in self.windows(judge)])
        return found

    def _is_measured(self, judge: Judge) -> bool:
        if judge.kind not in _STUCK_WINDOWS or judge.compares_people or not isinstance(judge.rule.criterion, _MEASURED):
            return False
        blank = self.look(judge, Slice(()))
        closings = (judge.closes_at(blank.view, window.key) for window in self.windows(judge))
        return any(map(blank.is_settled_in_week, closings))


def _is_told_to_manager(rule: Achievement) -> bool:
    is_live = rule.state is State.LIVE and rule.scope is HolderKind.ACTOR
    return is_live and rule.audience.manager is not Timing.NEVER


def _patterns_of(person: _Person) -> Iterator[Pattern]:
    spans = person.spans()
    person.history.expect(person.holder, {(judge,): span for judge, span in spans.items()})
    for judge in person.judges:
        looking, windows = person.read(judge, spans), person.windows(judge)
        mine = [one for one in person.awards if one.achievement == judge.rule.key]
        granted = [one for one in mine if one.status is AwardStatus.GRANTED]
        yield from kept_streak(looking)
        if judge in spans and judge.kind in _COMPARED_WINDOWS:
            yield from above_usual(looking, windows)
        yield from _habit_of(looking, person.windows(judge, most=LONGEST_HABIT), granted)
        if judge in spans and judge.kind and not (granted and judge.rule.repeats is Repeats.ONCE):
            yield from stuck(looking, windows, {_window_of(one) for one in granted})
        yield from (pattern for award in mine if (pattern := _fallen(person, looking, award)))


def _habit_of(looking: Looking, windows: Sequence[Window], granted: Sequence[AwardRecord]) -> Iterator[Pattern]:
    if looking.judge.rule.repeats is Repeats.ONCE or not windows:
        return
    fresh = [_window_of(one) for one in granted if looking.is_settled_in_week(one.earned_at)]
    if fresh:
        yield from habit(looking.judge.rule.name, windows, {_window_of(one) for one in granted}, max(fresh))


def _fallen(person: _Person, looking: Looking, award: AwardRecord) -> Pattern | None:
    """Tell of an award that lost its ground in the week, if the manager had heard of it."""
    is_lost = award.status is AwardStatus.REVOKED and award.reason_code == ReasonCode.LOST_GROUND
    if not is_lost or not looking.is_settled_in_week(award.changed_at):
        return None
    known = person.reading.owed(person.manager, award_topic(award.id))
    if known is None or known.told is None:
        return None
    day = looking.view.calendar.day_of(award.earned_at)
    text = f"{award.name}, earned on {day.day} {day:%B}, does not stand any more"
    return Pattern(text, "The records changed afterwards. Ask what came up.", is_strength=False)


def _window_of(award: AwardRecord) -> str:
    return award.slot.split(":", maxsplit=1)[0]


def _strengths_first(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Give the few lines about one person; where somebody is stuck, there is a line for that."""
    strengths = [one for one in patterns if one.is_strength]
    stuck_points = [one for one in patterns if not one.is_strength]
    kept = strengths[: MOST_EACH - bool(stuck_points)]
    return [*kept, *stuck_points[: MOST_EACH - len(kept)]]


def _fitting(
    found: Mapping[Holder, Sequence[Pattern]], people: Sequence[Holder], week: Window
) -> dict[Holder, list[Pattern]]:
    """Choose what there is room for: a line for each person before a second one for anybody.

    Who comes first moves on from week to week, so that nobody is always left out; how much there is to say about
    somebody decides nothing.
    """
    start = week.first_on.toordinal() // 7 * MOST_IN_ALL % max(len(people), 1)
    turn = [person for person in (*people[start:], *people[:start]) if person in found]
    lines = [
        (person, found[person][place]) for place in range(MOST_EACH) for person in turn if place < len(found[person])
    ]
    chosen: dict[Holder, list[Pattern]] = {}
    for person, pattern in lines[:MOST_IN_ALL]:
        chosen.setdefault(person, []).append(pattern)
    return chosen
