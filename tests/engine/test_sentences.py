"""Every rule reads as one plain English sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from milepost.engine.achievements import (
    Achievement,
    AppliesTo,
    AwardAt,
    Cap,
    Category,
    OnLost,
    Repeats,
    Review,
    SegmentTarget,
    State,
    Tier,
)
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
    Ever,
    Freezes,
    Improvement,
    Measure,
    NoneOf,
    Rate,
    Rolling,
    Run,
    Sequence,
    Streak,
    Sum,
)
from milepost.engine.people import HolderKind
from milepost.engine.selectors import (
    All,
    AnyOf,
    Complete,
    Condition,
    Confirmation,
    Elapsed,
    Hold,
    Match,
    Not,
    Operator,
    PropertyTest,
    Quality,
    Selector,
    TimeOfDay,
    Weekday,
)
from milepost.engine.sentences import describe, describe_condition

WEEK = CalendarWindow.WEEK
WITHIN_SLA = PropertyTest("within_sla", Operator.IS, "true")
ON_TIME = PropertyTest("on_time", Operator.IS, operand=True)
REOPENED = Match(("ticket.reopened",))


def select(*types: str, **keys: Any) -> Selector:
    """Make a selector of *types*; ``where`` goes to its match."""
    where = keys.pop("where", ())
    return Selector(Match(types, where), **keys)


SOLVED = select("ticket.solved")


def achievement(criterion: Criterion, **keys: Any) -> Achievement:
    """Make an achievement that is earned once by anybody."""
    basis = Achievement(
        key="clean-close",
        name="Clean Close",
        purpose="Fast resolutions that stay resolved",
        category=Category.QUALITY,
        criterion=criterion,
        scope=HolderKind.ACTOR,
        award_at=AwardAt.THRESHOLD,
        repeats=Repeats.ONCE,
        state=State.LIVE,
    )
    return replace(basis, **keys)


def amount(value: float) -> Decimal:
    """Write a number as the rule language holds it."""
    return Decimal(str(value))


CONDITIONS: list[tuple[Condition, str]] = [
    (PropertyTest("csat", Operator.AT_LEAST, amount(4.5)), "csat is at least 4.5"),
    (PropertyTest("csat", Operator.AT_MOST, amount(10)), "csat is at most 10"),
    (PropertyTest("amount", Operator.MORE_THAN, amount(50000)), "amount is more than 50,000"),
    (PropertyTest("amount", Operator.LESS_THAN, "2026-03-02"), "amount is less than 2026-03-02"),
    (PropertyTest("stage", Operator.IS, "Closed won"), 'stage is "Closed won"'),
    (PropertyTest("stage", Operator.IS_NOT, "lost"), "stage is not lost"),
    (PropertyTest("on_time", Operator.IS, operand=False), "on_time is false"),
    (PropertyTest("priority", Operator.IN, ("1", "2", "3")), "priority is 1, 2 or 3"),
    (PropertyTest("priority", Operator.NOT_IN, ("4", "5")), "priority is neither 4 nor 5"),
    (PropertyTest("priority", Operator.NOT_IN, ("4",)), "priority is not 4"),
    (PropertyTest("next_step", Operator.PRESENT, operand=True), "next_step is filled in"),
    (PropertyTest("next_step", Operator.PRESENT, operand=False), "next_step is empty"),
    (PropertyTest("note", Operator.CONTAINS, "risk flag"), 'note contains "risk flag"'),
    (PropertyTest("subject", Operator.STARTS_WITH, "deal-"), "the record starts with deal-"),
    (
        PropertyTest("next_step_on", Operator.WITHIN_NEXT, timedelta(days=7)),
        "next_step_on lies within the next 7 days",
    ),
    (
        PropertyTest("touched_at", Operator.WITHIN_LAST, timedelta(hours=24)),
        "touched_at lies within the last 24 hours",
    ),
    (Complete(("amount",)), "amount is filled in"),
    (Complete(("amount", "stage", "owner")), "amount, stage and owner are filled in"),
    (Complete(("amount", "stage"), amount(0.95)), "at least 95 % of amount and stage are filled in"),
    (
        Elapsed("created_at", at_most=timedelta(hours=2), working=True),
        "at most 2 hours of working time pass from created_at to the moment it happens",
    ),
    (
        Elapsed("a", "b", at_least=timedelta(minutes=1), at_most=timedelta(hours=1, minutes=30)),
        "between 1 minute and 1 hour and 30 minutes pass from a to b",
    ),
    (Elapsed("a", "b", at_least=timedelta(days=30)), "at least 30 days pass from a to b"),
    (TimeOfDay(before=time(12)), "it happened before 12:00"),
    (TimeOfDay(start=time(8)), "it happened at 08:00 or later"),
    (TimeOfDay(time(8), time(12)), "it happened between 08:00 and 12:00"),
    (Weekday(frozenset({4, 0})), "it happened on a Monday or Friday"),
    (
        AnyOf((WITHIN_SLA, All((ON_TIME, WITHIN_SLA)))),
        "within_sla is true or (on_time is true and within_sla is true)",
    ),
    (Not(AnyOf((WITHIN_SLA, ON_TIME))), "it is not so that (within_sla is true or on_time is true)"),
]


@pytest.mark.parametrize(("condition", "clause"), CONDITIONS, ids=[clause for _, clause in CONDITIONS])
def test_a_condition_reads_as_a_clause(condition: Condition, clause: str) -> None:
    """A clause names the property as the source does and the operand as people write it."""
    assert describe_condition(condition) == clause


CRITERIA: list[tuple[Criterion, str]] = [
    (Count(SOLVED, amount(1)), "When a person has 1 solved ticket"),
    (Count(select("deal.won", "deal.lost"), amount(5)), "When a person has 5 won or lost deals"),
    (Count(select("call.made", "email.sent"), amount(5)), "When a person has 5 made calls or sent emails"),
    (Count(select("signup"), amount(2)), 'When a person has 2 "signup" events'),
    (Count(select("health_check.logged"), amount(5), Ever()), "When a person has 5 logged health checks"),
    (Count(select("inventory.synced"), amount(2)), "When a person has 2 synced inventories"),
    (
        Count(SOLVED, amount(5), Rolling(timedelta(days=30))),
        "When a person has 5 solved tickets within any 30 days",
    ),
    (
        Count(
            select("ticket.solved", where=(WITHIN_SLA, ON_TIME), once_per="customer"), amount(5), CalendarWindow.QUARTER
        ),
        (
            "When a person has 5 solved tickets in a quarter where within_sla is true and on_time is true, "
            "once per customer"
        ),
    ),
    (
        Count(select("ticket.solved", hold=Hold(REOPENED)), amount(1)),
        'When a person has 1 solved ticket, unless "ticket reopened" follows',
    ),
    (
        Count(select("ticket.solved", hold=Hold(REOPENED, timedelta(hours=16), working=True)), amount(2)),
        'When a person has 2 solved tickets, each unless "ticket reopened" follows within 16 hours of working time',
    ),
    (
        Count(
            select(
                "article.published",
                confirmed_by=Confirmation(Match(("article.reused",), (ON_TIME,)), 3, timedelta(days=30)),
            ),
            amount(1),
        ),
        (
            'When a person has 1 published article, once "article reused" (on_time is true) '
            "has followed 3 times within 30 days"
        ),
    ),
    (
        Sum(select("deal.won"), "amount", amount(50000), CalendarWindow.MONTH),
        "When, for a person, the amount of won deals in a month adds up to at least 50,000",
    ),
    (
        Rate(SOLVED, Quality((WITHIN_SLA,)), Bounds(amount(1)), 10, WEEK),
        (
            "When, for a person, 100 % of solved tickets in a week (Monday to Sunday) are good (within_sla is true), "
            "out of at least 10 solved tickets"
        ),
    ),
    (
        Rate(SOLVED, Quality(hold=Hold(REOPENED, timedelta(hours=72))), Bounds(amount(0.9), amount(0.95))),
        (
            "When, for a person, between 90 % and 95 % of solved tickets are good "
            '(no "ticket reopened" follows within 72 hours)'
        ),
    ),
    (
        Average(select("ticket.rated"), "csat", Bounds(at_most=amount(4.5)), 1, WEEK),
        "When, for a person, the average csat is at most 4.5 over at least 1 rated ticket in a week (Monday to Sunday)",
    ),
    (NoneOf(select("order.mislabelled"), WEEK), "When, for a person, there is no mislabelled order in a week"),
    (
        Days(Count(SOLVED, amount(1)), amount(4), WEEK),
        "When, on 4 working days of a week (Monday to Sunday), a person has 1 solved ticket",
    ),
    (
        Streak(Count(SOLVED, amount(1)), amount(5), freezes=Freezes(1)),
        "When, on 5 working days in a row (1 missed one a month is forgiven), a person has 1 solved ticket",
    ),
    (
        Streak(Count(SOLVED, amount(1)), amount(4), WEEK),
        "When, in 4 working weeks in a row, a person has 1 solved ticket",
    ),
    (
        Run(select("order.shipped"), Quality((ON_TIME,)), amount(10)),
        "When a person has 10 shipped orders in a row, all good (on_time is true)",
    ),
    (
        Sequence(
            (Match(("deal.qualified",)), Match(("deal.won",), (ON_TIME,))), amount(3), strict=True, within=timedelta(90)
        ),
        (
            'When, for a person, 3 records go through "deal qualified", then "deal won" (on_time is true), '
            "from first to last within 90 days, with no step skipped or repeated"
        ),
    ),
    (
        Best(Measure(SOLVED, Aggregate.MEDIAN, "minutes", 3), Direction.LOWEST, "queue", window=WEEK),
        (
            "When, for a person, the median minutes of solved tickets in a week (Monday to Sunday) is the lowest among "
            "people with the same queue, with at least 3 taking part, each with at least 3 solved tickets"
        ),
    ),
    (
        Improvement(Measure(SOLVED, Aggregate.COUNT), by=amount(5), by_share=amount(0.1), window=WEEK),
        (
            "When, for a person, the number of solved tickets in a week (Monday to Sunday) is higher by at least 5 "
            "and 10 % than in their last earlier week that had one"
        ),
    ),
    (
        Earned(("first-win", "clean-close"), amount(2), CalendarWindow.MONTH),
        "When a person has earned First Win and Clean Close in a month",
    ),
    (
        Earned(("a", "b", "c"), amount(2)),
        "When a person has earned at least 2 of A, B and C",
    ),
    (
        AllOf((Count(SOLVED, amount(1)), NoneOf(select("ticket.escalated"))), WEEK),
        "When, in a week (Monday to Sunday), a person has 1 solved ticket, and there is no escalated ticket",
    ),
    (
        AnyCriterion((Count(SOLVED, amount(1)), AllOf((Count(SOLVED, amount(2)), NoneOf(SOLVED))))),
        "When either a person has 1 solved ticket, or (they have 2 solved tickets, and there is no solved ticket)",
    ),
]


@pytest.mark.parametrize(("criterion", "start"), CRITERIA, ids=[start for _, start in CRITERIA])
def test_a_criterion_reads_as_the_clause_after_when(criterion: Criterion, start: str) -> None:
    """The sentence begins with what must be so and goes on with what is earned."""
    sentence = describe(achievement(criterion))
    assert sentence.startswith(start)
    assert sentence.endswith(", they earn Clean Close: once only.")


FIVE = Count(SOLVED, amount(5), WEEK)
TERMS: list[tuple[dict[str, Any], str]] = [
    ({"points": 1, "repeats": Repeats.EVERY_WINDOW}, "they earn Clean Close: 1 point, once a week."),
    ({"repeats": Repeats.EVERY_TARGET}, "they earn Clean Close: again each time the target is reached anew."),
    ({"cooldown": timedelta(days=1)}, "once only, at least 24 hours apart."),
    ({"cap": Cap(2, CalendarWindow.MONTH)}, "once only, at most twice a month."),
    ({"award_at": AwardAt.CLOSE}, "once only, decided when the week has ended."),
    ({"review": Review.MANAGER}, "once only, after a manager has approved it."),
    ({"on_lost": OnLost.KEEP}, "once only, kept even if the data changes later."),
    ({"on_lost": OnLost.REVIEW}, "once only, reviewed if the data changes later."),
    ({"starts_at": datetime(2026, 3, 2, tzinfo=UTC)}, "once only, counting from 2 March 2026."),
    (
        {"tiers": (Tier("Bronze", amount(5), 5), Tier("Silver", amount(15))), "points": 10},
        "they earn Clean Close: Bronze at 5 (5 points) and Silver at 15 (10 points), each once only.",
    ),
    (
        {"targets": (SegmentTarget(AppliesTo(segments={"queue": frozenset({"complex"})}), amount(3)),)},
        "once only; for a person with queue complex the target is 3.",
    ),
    ({"scope": HolderKind.TEAM}, "When a team has 5 solved tickets in a week (Monday to Sunday), the team earns Clean"),
    (
        {"applies_to": AppliesTo(frozenset({"agent", "lead"}), frozenset({"support"}), {"band": frozenset({"gold"})})},
        "When an agent or lead in team support with band gold has 5 solved tickets",
    ),
    (
        {"guardrails": (NoneOf(select("ticket.breached"), CalendarWindow.MONTH),)},
        "and there is no breached ticket in a month, they earn Clean Close",
    ),
]


@pytest.mark.parametrize(("keys", "part"), TERMS, ids=[part for _, part in TERMS])
def test_who_and_on_what_terms_is_part_of_the_sentence(keys: dict[str, Any], part: str) -> None:
    """Whatever differs from the plainest rule is said."""
    assert part in describe(achievement(FIVE, **keys))


def test_a_whole_rule_is_one_sentence() -> None:
    """Criterion, hold, guardrail, points and repeats stand in one sentence."""
    held = select("ticket.solved", where=(WITHIN_SLA,), once_per="subject", hold=Hold(REOPENED, timedelta(hours=72)))
    rule = achievement(
        Count(held, amount(5), WEEK),
        applies_to=AppliesTo(roles=frozenset({"agent"})),
        guardrails=(Average(select("ticket.rated"), "csat", Bounds(amount(4.5)), 3),),
        points=5,
        repeats=Repeats.EVERY_WINDOW,
    )
    assert describe(rule) == (
        "When an agent has 5 solved tickets in a week (Monday to Sunday) where within_sla is true, once per record, "
        'each unless "ticket reopened" follows within 72 hours, and the average csat is at least 4.5 over at least '
        "3 rated tickets, they earn Clean Close: 5 points, once a week."
    )
