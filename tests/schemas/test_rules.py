from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.engine import achievements as rules
from milepost.engine import kinds, selectors
from milepost.engine.achievements import AwardAt, Category, Repeats, State
from milepost.engine.kinds import Bounds, CalendarWindow, Count, Ever, Rolling
from milepost.engine.people import HolderKind
from milepost.engine.selectors import Hold, Match, Operator, PropertyTest, Selector
from milepost.engine.telling import Timing
from milepost.schemas.reader import nearest
from milepost.schemas.rules import CATALOGUE, Problem, RuleInvalid, parse_achievement, parse_conditions, parse_match

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "rule-language.md"

COUNT: dict[str, Any] = {"kind": "count", "target": 5, "of": {"type": "ticket.solved"}}
NONE: dict[str, Any] = {"kind": "none", "of": {"type": "ticket.reopened"}}
RATE: dict[str, Any] = {
    "kind": "rate",
    "of": {"type": "ticket.solved"},
    "good": {"where": [{"property": "within_sla", "is": True}]},
    "at_least": 0.95,
}
MEASURE: dict[str, Any] = {"aggregate": "average", "property": "minutes", "of": {"type": "ticket.solved"}}
BEST: dict[str, Any] = {"kind": "best", "measure": MEASURE, "direction": "lowest", "among": "queue"}
IMPROVEMENT: dict[str, Any] = {"kind": "improvement", "measure": MEASURE, "direction": "lowest"}
STREAK: dict[str, Any] = {"kind": "streak", "target": 5, "each": COUNT}
RUN: dict[str, Any] = {"kind": "run", "target": 10, "of": RATE["of"], "good": RATE["good"]}
SEQUENCE: dict[str, Any] = {"kind": "sequence", "steps": [{"type": "call.made"}, {"type": "meeting.booked"}]}
DAYS: dict[str, Any] = {"kind": "days", "target": 4, "each": COUNT, "window": "week"}
EARNED: dict[str, Any] = {"kind": "earned", "achievements": ["first-win", "clean-close"]}


def all_of(*criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give a criterion that needs all of some."""
    return {"kind": "all_of", "criteria": list(criteria), **more}


def any_of(*criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give a criterion that needs one of some."""
    return {"kind": "any_of", "criteria": list(criteria), **more}


def document(criterion: Any = COUNT, **more: Any) -> dict[str, Any]:
    """Give a rule with little besides its criterion."""
    plain = {"key": "test", "name": "Test", "purpose": "To be read", "category": "quality", "criterion": criterion}
    return {**plain, **more}


def problems(*, of: Any) -> dict[str, str]:
    """Read a rule that must be refused; give message by path."""
    with pytest.raises(RuleInvalid) as caught:
        parse_achievement(of)
    found = caught.value.problems
    by_path = {problem.path: problem.message for problem in found}
    assert len(by_path) == len(found), "two problems at one place"
    return by_path


def problems_of_condition(condition: Any) -> dict[str, str]:
    """Read a condition that must be refused; give message by path."""
    with pytest.raises(RuleInvalid) as caught:
        parse_conditions([condition], "/where")
    return {problem.path: problem.message for problem in caught.value.problems}


# ------------------------------------------------------------ what is read


def test_the_example_of_the_reference_is_read_as_it_is_meant() -> None:
    """The first thing a reader copies must work."""
    example = json.loads(re.findall(r"```json\n(.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)[0])
    rule = parse_achievement(example)
    assert rule.criterion == Count(
        of=Selector(
            match=Match(("ticket.solved",), (PropertyTest("within_sla", Operator.IS, "true"),)),
            once_per="subject",
            hold=Hold(Match(("ticket.reopened",)), timedelta(hours=72)),
        ),
        target=Decimal(5),
        window=CalendarWindow.WEEK,
    )
    assert rule.guardrails[0] == kinds.Average(
        Selector(Match(("ticket.rated",))), "csat", Bounds(at_least=Decimal("4.5")), minimum=3
    )
    assert rule.points == 5


def test_what_a_rule_does_not_say_has_its_default() -> None:
    """The table of the reference, row by row."""
    rule = parse_achievement(document())
    assert rule == rules.Achievement(
        key="test",
        name="Test",
        purpose="To be read",
        category=Category.QUALITY,
        criterion=Count(Selector(Match(("ticket.solved",))), Decimal(5), Ever()),
        scope=HolderKind.ACTOR,
        award_at=AwardAt.THRESHOLD,
        repeats=Repeats.ONCE,
        applies_to=rules.AppliesTo(),
        audience=rules.Audiences(Timing.INSTANT, Timing.NEVER, Timing.NEVER),
        review=rules.Review.NONE,
        on_lost=rules.OnLost.REVOKE,
        state=State.DRAFT,
    )


def test_null_is_the_same_as_leaving_out() -> None:
    """Low-code tools send null for a field left empty."""
    assert parse_achievement(document(cooldown=None, cap=None, message=None, tiers=None)) == parse_achievement(
        document()
    )


def test_everything_an_achievement_may_say_is_read() -> None:
    """One rule with every key."""
    rule = parse_achievement(
        document(
            {**COUNT, "window": {"rolling": "P30D"}},
            scope="team",
            applies_to={"roles": ["agent"], "teams": ["t1", "t2"], "segments": {"band": "smb", "region": ["eu", "us"]}},
            guardrails=[NONE],
            targets=[{"applies_to": {"segments": {"queue": "complex"}}, "target": 3}],
            tiers=[{"name": "Bronze", "target": 5, "points": 0}, {"name": "Silver", "target": 15}],
            award_at="threshold",
            repeats="every_window",
            cooldown="P1D",
            cap={"count": 4, "window": "month"},
            points=10_000,
            review="manager",
            on_lost="review",
            message="Well done, {{ actor.first_name }}.",
            next_step="Go on.",
            audience={"actor": "daily", "team": "weekly"},
            state="shadow",
            starts_at="2026-03-01T00:00:00+01:00",
        )
    )
    assert rule.criterion.window == Rolling(timedelta(days=30))  # type: ignore[union-attr]
    assert rule.applies_to.segments == {"band": frozenset({"smb"}), "region": frozenset({"eu", "us"})}
    assert rule.targets[0].target == 3
    assert rule.tiers == (rules.Tier("Bronze", Decimal(5), 0), rules.Tier("Silver", Decimal(15), None))
    assert rule.cap == rules.Cap(4, CalendarWindow.MONTH)
    assert rule.cooldown == timedelta(days=1)
    assert rule.audience == rules.Audiences(Timing.DAILY, Timing.NEVER, Timing.WEEKLY)
    assert rule.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert rule.points == 10_000


@pytest.mark.parametrize(
    ("criterion", "award_at", "repeats"),
    [
        (COUNT, AwardAt.THRESHOLD, Repeats.ONCE),
        ({**COUNT, "window": "week"}, AwardAt.THRESHOLD, Repeats.EVERY_WINDOW),
        ({**COUNT, "window": {"rolling": "P7D"}}, AwardAt.THRESHOLD, Repeats.ONCE),
        ({**BEST, "window": "week"}, AwardAt.CLOSE, Repeats.EVERY_WINDOW),
        ({**IMPROVEMENT, "window": "week"}, AwardAt.CLOSE, Repeats.EVERY_WINDOW),
        (all_of(COUNT, NONE, window="week"), AwardAt.CLOSE, Repeats.EVERY_WINDOW),
        (all_of(COUNT, any_of(NONE, RATE), window="day"), AwardAt.CLOSE, Repeats.EVERY_WINDOW),
        ({**STREAK, "each": all_of(COUNT, NONE)}, AwardAt.THRESHOLD, Repeats.ONCE),
        ({**DAYS, "each": IMPROVEMENT}, AwardAt.THRESHOLD, Repeats.EVERY_WINDOW),
        ({**STREAK, "each": BEST, "period": "week"}, AwardAt.THRESHOLD, Repeats.ONCE),
    ],
)
def test_when_it_is_awarded_follows_from_the_criterion(
    criterion: dict[str, Any], award_at: AwardAt, repeats: Repeats
) -> None:
    """What is known only at the end is awarded at the end."""
    rule = parse_achievement(document(criterion))
    assert (rule.award_at, rule.repeats) == (award_at, repeats)


@pytest.mark.parametrize(
    ("criterion", "kind"),
    [
        (COUNT, kinds.Count),
        ({"kind": "sum", "of": {"type": "deal.won"}, "property": "amount", "target": 99.5}, kinds.Sum),
        (RATE, kinds.Rate),
        ({"kind": "average", "of": {"type": "a.b"}, "property": "x", "at_least": -1, "at_most": 1}, kinds.Average),
        (DAYS, kinds.Days),
        ({**DAYS, "each": RATE}, kinds.Days),
        ({**STREAK, "period": "month", "freezes": {"count": 2}}, kinds.Streak),
        ({**STREAK, "period": "week", "each": {"kind": "days", "target": 4, "each": COUNT}}, kinds.Streak),
        (RUN, kinds.Run),
        ({**SEQUENCE, "strict": True, "within": "P2W", "target": 3}, kinds.Sequence),
        ({**BEST, "window": "week"}, kinds.Best),
        ({**IMPROVEMENT, "by": 2.5, "by_share": 0.1, "window": "quarter"}, kinds.Improvement),
        (EARNED, kinds.Earned),
        (all_of(COUNT, RUN, STREAK), kinds.AllOf),
        (any_of(COUNT, RATE), kinds.AnyCriterion),
    ],
)
def test_every_kind_is_read(criterion: dict[str, Any], kind: type) -> None:
    """The kinds of the reference, one by one."""
    assert isinstance(parse_achievement(document(criterion)).criterion, kind)


def test_the_details_of_criteria_are_read() -> None:
    """Values of every type end up where they belong."""
    sequence = parse_achievement(document({**SEQUENCE, "within": "P2W", "strict": True})).criterion
    assert sequence == kinds.Sequence(
        (Match(("call.made",)), Match(("meeting.booked",))),
        Decimal(1),
        strict=True,
        within=timedelta(14),
        window=Ever(),
    )
    earned = parse_achievement(document(EARNED)).criterion
    assert earned == kinds.Earned(("first-win", "clean-close"), Decimal(2), Ever())
    best = parse_achievement(document({**BEST, "window": "week"})).criterion
    assert isinstance(best, kinds.Best)
    assert (best.minimum_participants, best.measure.minimum, best.among) == (3, 1, "queue")
    streak = parse_achievement(document({**STREAK, "freezes": {"count": 2}})).criterion
    assert isinstance(streak, kinds.Streak)
    assert (streak.period, streak.freezes) == (CalendarWindow.DAY, kinds.Freezes(2, CalendarWindow.MONTH))


def test_a_number_is_kept_as_it_was_written() -> None:
    """0.1 is a tenth, not the nearest binary fraction."""
    rate = parse_achievement(document({**RATE, "at_least": 0.1})).criterion
    assert isinstance(rate, kinds.Rate)
    assert rate.bounds.at_least == Decimal("0.1")


def test_a_confirmation_and_a_good_event_are_read() -> None:
    """An article counts once it was reused three times in working time."""
    confirmed = {"type": "article.reused", "times": 3, "within": "P30D", "clock": "working"}
    criterion = {**RATE, "of": {"type": ["article.published", "article.updated"], "confirmed_by": confirmed}}
    read = parse_achievement(document(criterion)).criterion
    assert isinstance(read, kinds.Rate)
    assert read.of.match.types == ("article.published", "article.updated")
    assert read.of.confirmed_by == selectors.Confirmation(Match(("article.reused",)), 3, timedelta(30), working=True)
    assert read.good.where == (PropertyTest("within_sla", Operator.IS, True),)


@pytest.mark.parametrize(
    ("told", "condition"),
    [
        ({"property": "csat", "at_least": 4.5}, PropertyTest("csat", Operator.AT_LEAST, Decimal("4.5"))),
        ({"property": "due_on", "at_most": "2026-03-31"}, PropertyTest("due_on", Operator.AT_MOST, "2026-03-31")),
        ({"property": "x", "less_than": "4.5"}, PropertyTest("x", Operator.LESS_THAN, "4.5")),
        ({"property": "stage", "is_not": "won"}, PropertyTest("stage", Operator.IS_NOT, "won")),
        ({"property": "paid", "is": False}, PropertyTest("paid", Operator.IS, False)),
        ({"property": "p", "in": ["1", 2, True]}, PropertyTest("p", Operator.IN, ("1", Decimal(2), True))),
        ({"property": "x", "present": False}, PropertyTest("x", Operator.PRESENT, False)),
        ({"property": "x", "contains": 5}, PropertyTest("x", Operator.CONTAINS, Decimal(5))),
        ({"property": "x", "within_next": "P7D"}, PropertyTest("x", Operator.WITHIN_NEXT, timedelta(7))),
        ({"complete": ["a", "b"], "share": 0.95}, selectors.Complete(("a", "b"), Decimal("0.95"))),
        (
            {"elapsed": {"from": "created_at"}, "at_most": "PT2H", "clock": "working"},
            selectors.Elapsed("created_at", "occurred_at", None, timedelta(hours=2), working=True),
        ),
        ({"elapsed": {"from": "a", "to": "b"}, "at_least": "PT0S"}, selectors.Elapsed("a", "b", timedelta(0))),
        ({"time_of_day": {"from": "08:00", "before": "12:30"}}, selectors.TimeOfDay(time(8), time(12, 30))),
        ({"time_of_day": {"from": "22:00", "before": "06:00"}}, selectors.TimeOfDay(time(22), time(6))),
        ({"time_of_day": {"before": "12:00"}}, selectors.TimeOfDay(None, time(12))),
        ({"weekday": ["monday", "Sunday"]}, selectors.Weekday(frozenset({0, 6}))),
        ({"all": [{"weekday": ["friday"]}]}, selectors.All((selectors.Weekday(frozenset({4})),))),
        ({"any": [{"weekday": ["friday"]}]}, selectors.AnyOf((selectors.Weekday(frozenset({4})),))),
        ({"not": {"weekday": ["friday"]}}, selectors.Not(selectors.Weekday(frozenset({4})))),
    ],
)
def test_every_form_of_condition_is_read(told: dict[str, Any], condition: selectors.Condition) -> None:
    """The conditions of the reference, one by one; the type of an operand is kept."""
    read = parse_conditions([told])
    assert read == (condition,)
    assert repr(read[0]) == repr(condition)


def test_a_match_is_read_by_itself() -> None:
    """Source mappings choose events the same way."""
    assert parse_match({"type": ["a.b", "a.b"]}) == Match(("a.b",))


# --------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"key": "Clean Close"}, "/key", "clean-close"),
        ({"key": "a" * 65}, "/key", "64"),
        ({"key": "a--b"}, "/key", "hyphens"),
        ({"key": "clean-close\n"}, "/key", "hyphens"),
        ({"name": "x" * 81}, "/name", "80"),
        ({"name": " "}, "/name", "text"),
        ({"purpose": None}, "/purpose", "missing"),
        ({"purpose": 5}, "/purpose", "text"),
        ({"category": "qualty"}, "/category", "Did you mean `quality`?"),
        ({"state": "Live"}, "/state", "Did you mean `live`?"),
        ({"state": "on"}, "/state", "`draft`, `shadow`, `live`, `retired`"),
        ({"scope": "group"}, "/scope", "`actor`, `team`"),
        ({"tires": []}, "/tires", "`tires` is not a word here. Did you mean `tiers`?"),
        ({"a/b~c": 1}, "/a~1b~0c", "not a word here"),
        ({"points": -1}, "/points", "a whole number from 0 to 10,000"),
        ({"points": 10_001}, "/points", "10,000"),
        ({"points": True}, "/points", "not true"),
        ({"points": 1.5}, "/points", "whole"),
        ({"points": "5"}, "/points", 'not "5"'),
        ({"points": float("nan")}, "/points", "number"),
        ({"points": float("inf")}, "/points", "number"),
        ({"points": 10**400}, "/points", "a number that large"),
        ({"cooldown": "P1M"}, "/cooldown", "months"),
        ({"cooldown": "1 day"}, "/cooldown", "P30D"),
        ({"cooldown": "PT0S"}, "/cooldown", "longer than nothing"),
        ({"cooldown": 24}, "/cooldown", "length"),
        ({"cap": {"count": 0, "window": "month"}}, "/cap/count", "from 1"),
        ({"cap": {"count": 4, "window": "ever"}}, "/cap/window", "`month`"),
        ({"cap": {"count": 4}}, "/cap/window", "missing"),
        ({"cap": 4}, "/cap", "object"),
        ({"starts_at": "2026-03-01T00:00:00"}, "/starts_at", "zone"),
        ({"starts_at": "2026-03-01"}, "/starts_at", "zone"),
        ({"starts_at": "1 March"}, "/starts_at", "moment"),
        ({"starts_at": 1772442000}, "/starts_at", "moment"),
        ({"message": "x" * 501}, "/message", "500"),
        ({"next_step": ["x"]}, "/next_step", "text"),
        ({"audience": {"boss": "instant"}}, "/audience/boss", "`manager`"),
        ({"audience": {"actor": "hourly"}}, "/audience/actor", "`daily`"),
        ({"applies_to": {"rolls": ["x"]}}, "/applies_to/rolls", "`roles`"),
        ({"applies_to": {"roles": "agent"}}, "/applies_to/roles", "list"),
        ({"applies_to": {"segments": {"band": 5}}}, "/applies_to/segments/band", "text"),
        ({"applies_to": {"segments": {"band": []}}}, "/applies_to/segments/band", "1 to 50"),
        ({"guardrails": {}}, "/guardrails", "list"),
        ({"guardrails": [NONE] * 51}, "/guardrails", "50"),
        ({"guardrails": [{"kind": "non", "of": {}}]}, "/guardrails/0/kind", "`none`"),
        ({"criterion": None}, "/criterion", "missing"),
        ({"criterion": []}, "/criterion", "object"),
        ({"criterion": {"kind": "counts"}}, "/criterion/kind", "`count`"),
        ({"criterion": {}}, "/criterion/kind", "missing"),
        ({"criterion": {**COUNT, "target": 0}}, "/criterion/target", "from 1"),
        ({"criterion": {**COUNT, "target": 2.5}}, "/criterion/target", "whole"),
        ({"criterion": {**COUNT, "target": True}}, "/criterion/target", "not true"),
        ({"criterion": {**COUNT, "target": None}}, "/criterion/target", "missing"),
        ({"criterion": {**COUNT, "window": "weak"}}, "/criterion/window", "Did you mean `week`?"),
        ({"criterion": {**COUNT, "window": 7}}, "/criterion/window", "`week`"),
        ({"criterion": {**COUNT, "window": {"roling": "P7D"}}}, "/criterion/window/roling", "`rolling`"),
        ({"criterion": {**COUNT, "window": {}}}, "/criterion/window/rolling", "missing"),
        ({"criterion": {**COUNT, "good": {}}}, "/criterion/good", "not a word here"),
        ({"criterion": {**COUNT, "of": {}}}, "/criterion/of/type", "missing"),
        ({"criterion": {**COUNT, "of": {"type": []}}}, "/criterion/of/type", "1 to 50"),
        ({"criterion": {**COUNT, "of": {"type": [5]}}}, "/criterion/of/type/0", "text"),
        (
            {"criterion": {**COUNT, "of": {"type": "a.b", "once_pre": "subject"}}},
            "/criterion/of/once_pre",
            "`once_per`",
        ),
        ({"criterion": {**COUNT, "of": {"type": "a.b", "hold": {}}}}, "/criterion/of/hold/cancelled_by", "missing"),
        (
            {"criterion": {**COUNT, "of": {"type": "a.b", "hold": {"cancelled_by": {"type": "x"}, "clock": "wall"}}}},
            "/criterion/of/hold/clock",
            "`working`",
        ),
        (
            {"criterion": {**COUNT, "of": {"type": "a.b", "confirmed_by": {"type": "x", "times": 0}}}},
            "/criterion/of/confirmed_by/times",
            "from 1",
        ),
        ({"criterion": {**RATE, "at_least": 95}}, "/criterion/at_least", "from 0 to 1"),
        ({"criterion": {**RATE, "at_least": None}}, "/criterion/at_least", "bound"),
        ({"criterion": {**RATE, "at_most": 0.5}}, "/criterion/at_most", "lower than"),
        ({"criterion": {**RATE, "good": {}}}, "/criterion/good", "`where`"),
        ({"criterion": {**RATE, "good": {"where": []}}}, "/criterion/good", "`where`"),
        ({"criterion": {**RATE, "minimum": 0}}, "/criterion/minimum", "from 1"),
        ({"criterion": {"kind": "sum", "of": COUNT["of"], "target": 5}}, "/criterion/property", "missing"),
        ({"criterion": {**SEQUENCE, "steps": []}}, "/criterion/steps", "1 to 50"),
        ({"criterion": {**SEQUENCE, "strict": "yes"}}, "/criterion/strict", "`true`"),
        ({"criterion": {**SEQUENCE, "of": {"type": "x"}}}, "/criterion/of", "not a word here"),
        ({"criterion": {**EARNED, "achievements": ["a", "a"]}}, "/criterion/achievements/1", "twice"),
        ({"criterion": {**EARNED, "achievements": ["test", "a"]}}, "/criterion/achievements/0", "itself"),
        ({"criterion": {**EARNED, "achievements": ["A b"]}}, "/criterion/achievements/0", "lower-case"),
        ({"criterion": {**EARNED, "target": 3}}, "/criterion/target", "from 1 to 2"),
        ({"criterion": {**STREAK, "window": "week"}}, "/criterion/window", "`period`"),
        ({"criterion": {**RUN, "window": "week"}}, "/criterion/window", "Leave `window` out"),
        ({"criterion": {**STREAK, "period": "quarter"}}, "/criterion/period", "`month`"),
        ({"criterion": {**STREAK, "freezes": {"count": 0}}}, "/criterion/freezes/count", "from 1"),
        ({"criterion": {**STREAK, "each": {**COUNT, "window": "day"}}}, "/criterion/each/window", "Leave `window` out"),
        (
            {"criterion": {**DAYS, "each": all_of({**COUNT, "window": "day"})}},
            "/criterion/each/criteria/0/window",
            "Leave `window` out",
        ),
        ({"criterion": {**STREAK, "each": RUN}}, "/criterion/each/kind", "`each`"),
        (
            {"criterion": {**DAYS, "each": {"kind": "days", "target": 1, "each": COUNT}}},
            "/criterion/each/kind",
            "no days",
        ),
        ({"criterion": NONE}, "/criterion", "nothing done is not an achievement"),
        ({"criterion": all_of(NONE, NONE)}, "/criterion", "nothing done"),
        ({"criterion": any_of(NONE, COUNT)}, "/criterion", "nothing done"),
        ({"criterion": any_of(all_of(NONE), COUNT)}, "/criterion", "nothing done"),
        ({"criterion": {**STREAK, "each": NONE}}, "/criterion/each", "nothing done"),
        ({"criterion": {**DAYS, "each": all_of(NONE)}}, "/criterion/each", "nothing done"),
        ({"guardrails": [{**STREAK, "each": NONE}]}, "/guardrails/0/each", "nothing done"),
        ({"criterion": BEST}, "/criterion/window", "calendar windows"),
        ({"criterion": {**BEST, "window": {"rolling": "P7D"}}}, "/criterion/window", "calendar windows"),
        ({"criterion": {**BEST, "window": "week", "minimum_participants": 1}}, "/criterion/minimum_participants", "2"),
        ({"criterion": {**BEST, "window": "week"}, "scope": "team"}, "/scope", "`actor`"),
        ({"criterion": {**STREAK, "each": BEST}, "scope": "team"}, "/scope", "`actor`"),
        ({"criterion": {**BEST, "window": "week"}, "award_at": "threshold"}, "/award_at", "`close`"),
        ({"criterion": {**COUNT, "window": "week"}, "guardrails": [BEST]}, "/award_at", "`close`"),
        (
            {"criterion": {**COUNT, "window": "day"}, "guardrails": [{**BEST, "window": "ever"}], "award_at": "close"},
            "/guardrails/0/window",
            "calendar windows",
        ),
        ({"criterion": IMPROVEMENT}, "/criterion/window", "calendar windows"),
        (
            {"criterion": all_of(COUNT, {**IMPROVEMENT, "window": "ever"}, window="week")},
            "/criterion/criteria/1/window",
            "calendar",
        ),
        ({"criterion": {**IMPROVEMENT, "window": "week"}, "award_at": "threshold"}, "/award_at", "`close`"),
        ({"criterion": {**IMPROVEMENT, "window": "week", "by": -1}}, "/criterion/by", "from 0"),
        (
            {"criterion": {**BEST, "window": "week", "measure": {**MEASURE, "property": None}}},
            "/criterion/measure/property",
            "`average` needs one",
        ),
        (
            {"criterion": {**BEST, "window": "week", "measure": {**MEASURE, "aggregate": "count"}}},
            "/criterion/measure/property",
            "Leave `property` out",
        ),
        ({"criterion": {**BEST, "window": "week", "direction": None}}, "/criterion/direction", "missing"),
        ({"award_at": "close"}, "/award_at", "window"),
        ({"criterion": {**COUNT, "window": {"rolling": "P7D"}}, "award_at": "close"}, "/award_at", "window"),
        ({"criterion": STREAK, "award_at": "close"}, "/award_at", "`threshold`"),
        ({"criterion": all_of(COUNT, NONE)}, "/criterion/window", "`threshold`"),
        ({"criterion": RATE, "tiers": [{"name": "A", "target": 1}]}, "/tiers", "`count`"),
        ({"criterion": all_of(COUNT), "targets": [{"applies_to": {}, "target": 1}]}, "/targets", "`count`"),
        ({"targets": [{"target": 1}]}, "/targets/0/applies_to", "missing"),
        ({"targets": [{"applies_to": {}, "target": 1.5}]}, "/targets/0/target", "whole"),
        ({"tiers": [{"name": "A", "target": 5}, {"name": "B", "target": 5}]}, "/tiers/1/target", "higher"),
        ({"tiers": [{"name": "A", "target": 5}, {"name": "a ", "target": 9}]}, "/tiers/1/name", "own name"),
        ({"tiers": [{"name": "A", "target": 5, "point": 3}]}, "/tiers/0/point", "`points`"),
        ({"criterion": EARNED, "tiers": [{"name": "A", "target": 3}]}, "/tiers/0/target", "from 1 to 2"),
        ({"criterion": DAYS, "repeats": "every_target"}, "/repeats", "`count`"),
        ({"criterion": RATE, "repeats": "every_target"}, "/repeats", "`count`"),
        ({"criterion": {**COUNT, "window": {"rolling": "P7D"}}, "repeats": "every_target"}, "/repeats", "rolling"),
        ({"repeats": "every_target", "tiers": [{"name": "A", "target": 5}]}, "/repeats", "tiers"),
        ({"repeats": "always"}, "/repeats", "`once`"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, Any], path: str, says: str) -> None:
    """One mistake is one problem, at the place it was made, with what to do."""
    found = problems(of={**document(), **changes})
    assert list(found) == [path]
    assert says in found[path]


@pytest.mark.parametrize(
    ("condition", "path", "says"),
    [
        (
            {"property": "csat", "at_leats": 4},
            "/where/0/at_leats",
            "`at_leats` is not a word here. Did you mean `at_least`?",
        ),
        ({"property": "csat"}, "/where/0", "`at_least`"),
        ({"propety": "csat", "is": 4}, "/where/0/propety", "`property`"),
        ({"is": 4}, "/where/0", "`property`"),
        ({}, "/where/0", "`weekday`"),
        ("csat >= 4", "/where/0", "object"),
        ({"property": "", "is": 4}, "/where/0/property", "text"),
        ({"property": "x", "is": 4, "is_not": 5}, "/where/0/is_not", "two conditions"),
        ({"property": "x", "at_least": 4, "at_most": 5}, "/where/0/at_most", "two conditions"),
        ({"property": "x", "is": 4, "weekday": ["monday"]}, "/where/0/weekday", "two conditions"),
        ({"property": "x", "is": None}, "/where/0/is", "`present`"),
        ({"property": "x", "is": ""}, "/where/0/is", "text"),
        ({"property": "x", "is": ["a"]}, "/where/0/is", "text, a number"),
        ({"property": "x", "is": float("nan")}, "/where/0/is", "number"),
        ({"property": "x", "in": "a"}, "/where/0/in", "list"),
        ({"property": "x", "in": []}, "/where/0/in", "1 to 50"),
        ({"property": "x", "in": ["a"] * 51}, "/where/0/in", "1 to 50"),
        ({"property": "x", "in": ["a", None]}, "/where/0/in/1", "null"),
        ({"property": "x", "at_least": "soon"}, "/where/0/at_least", "2026-03-02"),
        ({"property": "x", "at_least": True}, "/where/0/at_least", "number"),
        ({"property": "x", "at_least": "4,5"}, "/where/0/at_least", "number"),
        ({"property": "x", "present": "yes"}, "/where/0/present", "`true`"),
        ({"property": "x", "present": 1}, "/where/0/present", "`true`"),
        ({"property": "x", "starts_with": True}, "/where/0/starts_with", "number"),
        ({"property": "x", "within_next": 7}, "/where/0/within_next", "length"),
        ({"property": "x", "within_next": "P1Y"}, "/where/0/within_next", "years"),
        ({"complete": "a"}, "/where/0/complete", "list"),
        ({"complete": ["a", "b", "a"]}, "/where/0/complete", "twice"),
        ({"complete": ["a"], "share": 95}, "/where/0/share", "up to 1"),
        ({"complete": ["a"], "share": 0}, "/where/0/share", "above 0"),
        ({"elapsed": {"from": "a"}}, "/where/0/at_least", "bound"),
        ({"elapsed": {"from": "a"}, "at_least": "PT2H", "at_most": "PT1H"}, "/where/0/at_most", "lower than"),
        ({"elapsed": {"form": "a"}, "at_most": "PT1H"}, "/where/0/elapsed/form", "`from`"),
        ({"elapsed": {}, "at_most": "PT1H"}, "/where/0/elapsed/from", "missing"),
        ({"elapsed": {"from": "a"}, "at_most": "PT1H", "clock": "works"}, "/where/0/clock", "`working`"),
        ({"elapsed": {"from": "a"}, "at_most": 60}, "/where/0/at_most", "length"),
        ({"time_of_day": {}}, "/where/0/time_of_day", "08:00"),
        ({"time_of_day": {"from": "8am"}}, "/where/0/time_of_day/from", "08:00"),
        ({"time_of_day": {"before": "24:00"}}, "/where/0/time_of_day/before", "08:00"),
        ({"time_of_day": {"from": "08:00", "before": "08:00"}}, "/where/0/time_of_day/before", "the same"),
        ({"weekday": "monday"}, "/where/0/weekday", "list"),
        ({"weekday": ["mon"]}, "/where/0/weekday/0", "`monday`"),
        ({"all": []}, "/where/0/all", "1 to 50"),
        ({"any": [{"weekday": ["x"]}]}, "/where/0/any/0/weekday/0", "`monday`"),
        ({"not": [{"weekday": ["monday"]}]}, "/where/0/not", "object"),
        ({"not": {"property": "x"}}, "/where/0/not", "`at_least`"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: Any, path: str, says: str) -> None:
    """One mistake is one problem, at the place it was made, with what to do."""
    found = problems_of_condition(condition)
    assert list(found) == [path]
    assert says in found[path]


def test_all_problems_are_told_in_one_go() -> None:
    """Nobody should save a rule ten times to learn ten things."""
    criterion = {
        **RATE,
        "at_least": 95,
        "of": {"type": "t", "where": [{"property": "x", "at_leats": 1}]},
        "window": "weak",
    }
    told = document(criterion, repeats="every_target", tiers=[{"name": "A", "target": 5}], state="on", purpose=None)
    assert set(problems(of=told)) == {
        "/criterion/at_least",
        "/criterion/of/where/0/at_leats",
        "/criterion/window",
        "/repeats",
        "/tiers",
        "/state",
        "/purpose",
    }


def test_a_misspelt_word_is_one_problem_and_not_a_missing_word_as_well() -> None:
    """What was meant is known."""
    assert list(problems(of=document({"kind": "count", "tarjet": 5, "off": {"type": "x"}}))) == [
        "/criterion/tarjet",
        "/criterion/off",
    ]


def test_the_error_reads_as_a_whole() -> None:
    """It may end up in a log as text."""
    with pytest.raises(RuleInvalid, match=r"^/state: `on` is not a word here"):
        parse_achievement(document(state="on"))


def test_a_document_that_is_no_object_is_one_problem() -> None:
    """Nothing is missing from a list."""
    told: Any = [1]
    assert list(problems(of=told)) == [""]


def nested(deep: int, innermost: Any, around: Callable[[Any], Any]) -> Any:
    """Put conditions or criteria into one another."""
    for _ in range(deep):
        innermost = around(innermost)
    return innermost


@pytest.mark.parametrize(
    ("around", "step"),
    [
        (lambda inner: {"not": inner}, "/not"),
        (lambda inner: {"all": [inner]}, "/all/0"),
        (lambda inner: {"any": [inner]}, "/any/0"),
    ],
)
def test_conditions_stand_in_one_another_six_deep_and_no_deeper(around: Callable[[Any], Any], step: str) -> None:
    """A sentence about more than that is read by nobody."""
    innermost = {"weekday": ["monday"]}
    parse_conditions([nested(5, innermost, around)])
    found = problems_of_condition(nested(6, innermost, around))
    assert list(found) == ["/where/0" + step * 6]
    assert "flatter" in next(iter(found.values()))


def test_criteria_stand_in_one_another_six_deep_and_no_deeper() -> None:
    """Hostile depth ends in a problem, never in a recursion error."""
    parse_achievement(document(nested(5, COUNT, all_of)))
    assert "flatter" in problems(of=document(nested(6, COUNT, all_of)))["/criterion" + "/criteria/0" * 6]
    assert len(problems(of=document(nested(500, COUNT, all_of)))) == 1


def test_a_guardrail_may_ask_for_nothing_bad() -> None:
    """`none` alone is no achievement, but a fine guardrail."""
    assert isinstance(parse_achievement(document(guardrails=[NONE])).guardrails[0], kinds.NoneOf)


def test_every_target_goes_with_streaks_and_runs() -> None:
    """There it means the same as every window."""
    for criterion in (STREAK, RUN, COUNT, SEQUENCE):
        assert parse_achievement(document(criterion, repeats="every_target")).repeats is Repeats.EVERY_TARGET


def test_an_improvement_as_a_guardrail_does_not_wait_for_the_close() -> None:
    """It holds or not at the moment the criterion is met."""
    rule = parse_achievement(document({**COUNT, "window": "week"}, guardrails=[IMPROVEMENT]))
    assert rule.award_at is AwardAt.THRESHOLD


# ------------------------------------------------------------ the language


def test_every_word_of_the_catalogue_is_in_the_reference() -> None:
    """The reference leaves out no word that the parser takes."""
    reference = REFERENCE.read_text("utf-8")
    told = set(re.findall(r'[`"]([a-z_]+)[`"]', reference))
    missing = {(place, word) for place, words in CATALOGUE.items() for word in words if word not in told}
    assert missing == set()


def test_every_key_of_the_references_tables_is_in_the_catalogue() -> None:
    """The parser takes every word that the reference promises."""
    reference = REFERENCE.read_text("utf-8")
    cells = [line.split("|")[1] for line in reference.splitlines() if line.startswith("| `")]
    told = {word for cell in cells for word in re.findall(r'`([a-z_]+)`|"([a-z_]+)":', cell) for word in word if word}
    known = {word for words in CATALOGUE.values() for word in words}
    assert len(told) > 50
    assert told - known == set()


@pytest.mark.parametrize(
    ("word", "choices", "found"),
    [
        ("at_leats", ("at_least", "at_most"), "at_least"),
        ("atLeast", ("at_least", "at_most"), "at_least"),
        ("AT-LEAST", ("at_least", "at_most"), "at_least"),
        ("week ", ("week", "month"), "week"),
        ("zebra", ("week", "month"), None),
        ("", ("week",), None),
        ("w" * 5000, ("week",), None),
        ("Oslo", ("OSLO", "Bergen"), "OSLO"),
    ],
)
def test_the_nearest_word_is_found(word: str, choices: tuple[str, ...], found: str | None) -> None:
    """A slip of the finger is recognised, something else is not."""
    assert nearest(word, choices) == found


BASES = [
    document(
        {
            **COUNT,
            "of": {"type": "t", "where": [{"property": "x", "at_least": 4}], "hold": {"cancelled_by": {"type": "y"}}},
        },
        tiers=[{"name": "A", "target": 5}],
        cap={"count": 4, "window": "month"},
        guardrails=[RATE],
    ),
    document({**STREAK, "each": all_of(COUNT, NONE)}, applies_to={"segments": {"band": ["x"]}}),
    document({**BEST, "window": "week"}, audience={"actor": "daily"}),
]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["week", "P1D", "count"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "of", "type", "where", "property", "is", "each", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every container of a document with each of its keys."""
    if isinstance(value, Mapping):
        for name in value:
            yield value, name
            yield from places(value[name])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from places(item)


def refusal(told: Any) -> tuple[Problem, ...]:
    """Give the problems of a rule; none where it is read."""
    try:
        parse_achievement(told)
    except RuleInvalid as error:
        return error.problems
    return ()


@given(st.sampled_from(BASES), st.data())
def test_any_value_anywhere_is_read_or_refused_with_a_path_that_exists(
    base: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever is put into a rule, the answer is a rule or a list of problems."""
    told = deepcopy(base)
    container, name = data.draw(st.sampled_from(list(places(told))))
    container[name] = data.draw(json_values)
    for problem in refusal(told):
        assert not problem.path or problem.path.startswith("/")
        assert problem.message.endswith((".", "?"))
        assert len(problem.message) < 600


@given(json_values)
def test_no_document_is_too_odd_to_be_refused(told: Any) -> None:
    """Never an error of another kind."""
    with pytest.raises(RuleInvalid):
        parse_achievement(told)
