"""Advice about rules that work and yet may do harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from milepost.engine.achievements import Achievement, Audiences, AwardAt, Category, Repeats, Tier
from milepost.engine.kinds import Bounds, CalendarWindow, Count, Criterion, NoneOf, Rate, Rolling
from milepost.engine.lint import LintContext, lint
from milepost.engine.people import HolderKind
from milepost.engine.selectors import Hold, Match, Operator, PropertyTest, Quality, Selector, TimeOfDay
from milepost.engine.telling import Timing

REOPENED = Match(("ticket.reopened",))
BARE = Count(Selector(Match(("ticket.solved",))), Decimal(5), CalendarWindow.WEEK)
HELD = Count(Selector(Match(("ticket.solved",)), hold=Hold(REOPENED, timedelta(hours=72))), Decimal(5))
SOUND = Achievement(
    key="clean-close",
    name="Clean Close",
    purpose="Fast resolutions that stay resolved",
    category=Category.VOLUME,
    criterion=HELD,
    scope=HolderKind.ACTOR,
    award_at=AwardAt.THRESHOLD,
    repeats=Repeats.EVERY_WINDOW,
    message="Five tickets stayed solved.",
)


def held_for(length: timedelta, *, working: bool = False) -> Criterion:
    """Count tickets that wait *length* for a reopening."""
    hold = Hold(REOPENED, length, working=working)
    return Count(Selector(Match(("ticket.solved",)), hold=hold), Decimal(5))


def only_where(condition: Any) -> Criterion:
    """Count tickets that meet one condition."""
    return Count(Selector(Match(("ticket.solved",), (condition,))), Decimal(5))


def codes(achievement: Achievement, context: LintContext | None = None) -> list[str]:
    """List the codes of the advice given."""
    return [advice.code for advice in lint(achievement, context=context or LintContext())]


BREACHED = NoneOf(Selector(Match(("ticket.breached",))))
GOOD_RATE = Rate(Selector(Match(("a.done",))), Quality(hold=Hold(REOPENED, timedelta(minutes=5))), Bounds(Decimal(1)))
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a sound rule gets none": ({}, []),
    "bare activity": ({"criterion": BARE}, ["no_guardrail", "activity_only"]),
    "bare speed": ({"criterion": BARE, "category": Category.SPEED}, ["no_guardrail"]),
    "a guardrail is quality": ({"criterion": BARE, "guardrails": (BREACHED,)}, []),
    "a condition is quality": ({"criterion": only_where(PropertyTest("ok", Operator.IS, "true"))}, []),
    "the time of day is no quality": (
        {"criterion": only_where(TimeOfDay(before=time(12)))},
        ["no_guardrail", "activity_only"],
    ),
    "a rate is quality": ({"criterion": replace(GOOD_RATE, good=Quality())}, []),
    "a short hold": ({"criterion": held_for(timedelta(minutes=10))}, ["short_hold"]),
    "a short working hold": ({"criterion": held_for(timedelta(hours=2), working=True)}, ["short_hold"]),
    "a short hold inside a guardrail": ({"guardrails": (GOOD_RATE,)}, ["short_hold"]),
    "two hours on the wall clock will do": ({"criterion": held_for(timedelta(hours=2))}, []),
    "no message": ({"message": None}, ["no_message"]),
    "a game word": ({"name": "Ticket Hero"}, ["game_word"]),
    "a game phrase in the message": ({"message": "Time to LEVEL UP, team."}, ["game_word"]),
    "a game word in a tier": ({"tiers": (Tier("Ninja", Decimal(5)),)}, ["game_word"]),
    "part of another word is fine": ({"name": "Bosses' embossed Kingston heroine"}, []),
    "manager at once, every week": (
        {"criterion": replace(HELD, window=CalendarWindow.WEEK), "audience": Audiences(manager=Timing.INSTANT)},
        ["noisy_manager"],
    ),
    "manager at once, every rolling day": (
        {"criterion": replace(HELD, window=Rolling(timedelta(days=1))), "audience": Audiences(manager=Timing.INSTANT)},
        ["noisy_manager"],
    ),
    "manager at once, at every fifth": (
        {"repeats": Repeats.EVERY_TARGET, "audience": Audiences(manager=Timing.INSTANT)},
        ["noisy_manager"],
    ),
    "manager at once, once": ({"repeats": Repeats.ONCE, "audience": Audiences(manager=Timing.INSTANT)}, []),
    "manager at once, every month": (
        {"criterion": replace(HELD, window=CalendarWindow.MONTH), "audience": Audiences(manager=Timing.INSTANT)},
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_advice_fits_the_rule(name: str) -> None:
    """Each kind of rule gets the advice it needs and no other."""
    keys, expected = CASES[name]
    assert codes(replace(SOUND, **keys)) == expected


CONTEXTS = [
    (LintContext(typical_per_window=Decimal(4)), ["out_of_reach"]),
    (LintContext(typical_per_window=Decimal(5)), []),
    (LintContext(live_count=6), []),
    (LintContext(live_count=7), ["too_many_rules"]),
]


@pytest.mark.parametrize(("context", "expected"), CONTEXTS)
def test_advice_fits_what_is_known_around_the_rule(context: LintContext, expected: list[str]) -> None:
    """A target is measured against what was reached, a rule against how many there are."""
    assert codes(SOUND, context) == expected


def test_the_first_tier_decides_whether_a_target_is_within_reach() -> None:
    """The highest tier may be far away."""
    tiers = (Tier("Bronze", Decimal(3)), Tier("Gold", Decimal(50)))
    assert codes(replace(SOUND, tiers=tiers), LintContext(typical_per_window=Decimal(4))) == []


def test_advice_says_which_word_and_what_to_do() -> None:
    """A code alone helps nobody."""
    (advice,) = lint(replace(SOUND, name="Queue Legend"), context=LintContext())
    assert advice.text == '"legend" sounds like a game. Name the outcome instead.'
