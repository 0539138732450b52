"""Advice about a rule: it works, yet it may not do what its owner wants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from milepost.engine.achievements import Achievement, Category, Repeats
from milepost.engine.criterion_sentences import window_of
from milepost.engine.kinds import (
    AllOf,
    AnyCriterion,
    Average,
    Best,
    CalendarWindow,
    Count,
    Criterion,
    Days,
    Earned,
    Improvement,
    NoneOf,
    Rate,
    Rolling,
    Run,
    Sequence,
    Streak,
    Sum,
)
from milepost.engine.parts import criteria_of, parts_of
from milepost.engine.selectors import Hold, Quality, Selector, TimeOfDay, Weekday
from milepost.engine.telling import Timing
from milepost.engine.wording import length_text, number_text

#: More live rules than this for the same people, and none of them is noticed.
MOST_LIVE = 6
#: A shorter hold ends before a customer can come back.
SHORTEST_HOLD = timedelta(hours=1)
#: In working time: less than one working day.
SHORTEST_WORKING_HOLD = timedelta(hours=4)
_WEEK = timedelta(days=7)
#: Words of games; people at work find them childish, and their works council too.
_GAME_WORDS = (
    "achievement unlocked", "badass", "beast", "beast mode", "boss", "boss level", "champ", "champion", "champions",
    "combo", "conqueror", "crush", "crushed", "crushing", "dominate", "dragon", "epic", "game on", "guru", "hero",
    "heroes", "high score", "jackpot", "killer", "king", "legend", "legendary", "legends", "level up", "leveled up",
    "levelled up", "loot", "mvp", "ninja", "ninjas", "on fire", "player", "power up", "queen", "quest", "quests",
    "rockstar", "rock star", "savage", "slay", "streak master", "superhero", "superstar", "unstoppable", "victory",
    "warrior", "warriors", "winner", "wizard", "xp",
)  # fmt: skip
_GAME = re.compile(r"\b(?:" + "|".join(re.escape(word) for word in _GAME_WORDS) + r")\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: *code* never changes its meaning, *text* says what to do."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class LintContext:
    """What is known around a rule when advice is given."""

    #: Live rules for the same people, this one included.
    live_count: int = 0
    #: The highest progress anybody reached in one window; None: not known.
    typical_per_window: Decimal | None = None


def lint(achievement: Achievement, *, context: LintContext) -> tuple[Advice, ...]:
    """Give all advice about a rule, the weightiest first; none is a reason to refuse it."""
    return tuple(
        advice
        for advices in (
            _about_quality(achievement),
            _about_target(achievement, context),
            _about_number(context),
            _about_holds(achievement),
            _about_news(achievement),
            _about_words(achievement),
        )
        for advice in advices
    )


def _about_quality(achievement: Achievement) -> Iterator[Advice]:
    """Ask for a check on quality, and for an outcome in place of activity."""
    if achievement.guardrails or _checks_quality(achievement.criterion):
        return
    yield Advice(
        "no_guardrail",
        "Nothing here says that the work must be good. Add a guardrail, or a hold that waits for a reopened record.",
    )
    if achievement.category is Category.VOLUME:
        yield Advice(
            "activity_only",
            "This counts activity, whatever comes of it. Count an outcome: add a condition or a confirmation.",
        )


def _about_target(achievement: Achievement, context: LintContext) -> Iterator[Advice]:
    """Warn of a target that nobody ever came near."""
    target, typical = _lowest_target(achievement), context.typical_per_window
    if target is not None and typical is not None and target > typical:
        yield Advice(
            "out_of_reach",
            f"The target is {number_text(target)}, but nobody has come further than {number_text(typical)} so far. "
            "Lower it, or add a first tier within reach.",
        )


def _about_number(context: LintContext) -> Iterator[Advice]:
    """Warn of more rules than people can keep in mind."""
    if context.live_count > MOST_LIVE:
        yield Advice(
            "too_many_rules",
            f"{context.live_count} rules are live for the same people; beyond {MOST_LIVE} nobody keeps them in mind. "
            "Retire one first.",
        )


def _about_holds(achievement: Achievement) -> Iterator[Advice]:
    """Warn of a hold that ends before anything can go wrong."""
    for hold in (hold for criterion in criteria_of(achievement) for hold in _holds(criterion)):
        least = SHORTEST_WORKING_HOLD if hold.working else SHORTEST_HOLD
        if hold.length is not None and hold.length < least:
            yield Advice(
                "short_hold",
                f"The hold of {length_text(hold.length, working=hold.working)} ends before anybody could come back. "
                "A day or more is usual.",
            )


def _about_news(achievement: Achievement) -> Iterator[Advice]:
    """Warn of a rule that says too much to managers, or nothing to the person."""
    if achievement.audience.manager is Timing.INSTANT and _is_frequent(achievement):
        yield Advice(
            "noisy_manager",
            "The manager would get a message for every single award. Weekly shows the pattern.",
        )
    if achievement.message is None:
        yield Advice("no_message", "There is no message, so people get a plain sentence. Say what was good about it.")


def _about_words(achievement: Achievement) -> Iterator[Advice]:
    """Warn of words that sound like a game."""
    texts = [achievement.name, achievement.purpose, achievement.message, achievement.next_step]
    texts += [tier.name for tier in achievement.tiers]
    found = dict.fromkeys(word.lower() for text in texts if text for word in _GAME.findall(text))
    for word in found:
        yield Advice("game_word", f'"{word}" sounds like a game. Name the outcome instead.')


def _is_frequent(achievement: Achievement) -> bool:
    """Say whether a person may earn it every week or more often."""
    if achievement.repeats is Repeats.ONCE:
        return False
    match window_of(achievement.criterion):
        case CalendarWindow.DAY | CalendarWindow.WEEK:
            return True
        case Rolling(length=length):
            return length <= _WEEK
    return achievement.repeats is Repeats.EVERY_TARGET


def _lowest_target(achievement: Achievement) -> Decimal | None:
    """Give the target that the first award needs."""
    if achievement.tiers:
        return achievement.tiers[0].target
    criterion = achievement.criterion
    if isinstance(criterion, Count | Sum | Days | Streak | Run | Sequence | Earned):
        return criterion.target
    return None


def _checks_quality(criterion: Criterion) -> bool:
    """Say whether a criterion asks for more than that something was done."""
    parts = [part for part in parts_of(criterion) if isinstance(part, Criterion)]
    if any(isinstance(part, Rate | Average | NoneOf | Run | Best | Improvement | Earned) for part in parts):
        return True
    if any(part.strict or any(step.where for step in part.steps) for part in parts if isinstance(part, Sequence)):
        return True
    return any(_selects_outcome(selector) for part in parts for selector in _selectors(part))


def _selects_outcome(selector: Selector) -> bool:
    """Say whether a selector tests the work itself, not only when it was done."""
    tests = [condition for condition in selector.match.where if not isinstance(condition, TimeOfDay | Weekday)]
    return bool(tests or selector.hold or selector.confirmed_by)


def _selectors(criterion: Criterion) -> tuple[Selector, ...]:
    """Give the selectors of a criterion itself."""
    match criterion:
        case Count() | Sum() | Rate() | Average() | NoneOf() | Run():
            return (criterion.of,)
        case Best() | Improvement():
            return (criterion.measure.of,)
        case Days() | Streak() | Sequence() | Earned() | AllOf() | AnyCriterion():
            return ()
    assert_never(criterion)


def _holds(criterion: Criterion) -> Iterator[Hold]:
    """Give the holds of a criterion itself."""
    sources: list[Selector | Quality] = [*_selectors(criterion)]
    if isinstance(criterion, Rate | Run):
        sources.append(criterion.good)
    for source in sources:
        if source.hold is not None:
            yield source.hold
