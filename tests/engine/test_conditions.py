from __future__ import annotations

import timeit
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from milepost.engine.calendars import Calendar, PersonalCalendar, Shift
from milepost.engine.conditions import Verdict, check, compile_conditions
from milepost.engine.events import Event
from milepost.engine.facts import Facts
from milepost.engine.reasons import Reason, ReasonCode
from milepost.engine.selectors import (
    All,
    AnyOf,
    Complete,
    Condition,
    Elapsed,
    Not,
    Operator,
    PropertyTest,
    TimeOfDay,
    Weekday,
)

#: A Monday, ten o'clock in Madrid.
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MADRID = PersonalCalendar.of_team("", Facts(calendars={"default": Calendar(zone="Europe/Madrid")}))
TOKYO = PersonalCalendar.of_team("", Facts(calendars={"default": Calendar(zone="Asia/Tokyo")}))

MET = "met"
NOT_MET = ReasonCode.CONDITION_NOT_MET
UNREADABLE = ReasonCode.VALUE_UNREADABLE
DAY = timedelta(days=1)


def event(at: datetime = MOMENT, **properties: Any) -> Event:
    """Give an event with some properties."""
    return Event("e1", "ticket.solved", at, "ana@example.com", "ticket-1", properties)


def outcome(condition: Condition, told: Event, calendar: PersonalCalendar = MADRID) -> str:
    """Give *met*, or the code of the reason."""
    verdict = check(condition, told, calendar)
    assert verdict.met is (verdict.reason is None)
    return verdict.reason.code if verdict.reason else MET


def reason(condition: Condition, **properties: Any) -> str:
    """Give the words of the reason."""
    verdict = check(condition, event(**properties), MADRID)
    assert verdict.reason is not None
    return verdict.reason.text


def value_is(operator: Operator, operand: Any) -> PropertyTest:
    """Give a test on the property *value*."""
    return PropertyTest("value", operator, operand)


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        (Operator.IS, "won", "WON ", MET),
        (Operator.IS, "won", "lost", NOT_MET),
        (Operator.IS, "won", None, UNREADABLE),
        (Operator.IS, "won", [], UNREADABLE),
        (Operator.IS, "true", True, MET),
        (Operator.IS, True, "yes", MET),
        (Operator.IS, True, "no", NOT_MET),
        (Operator.IS, "yes", "maybe", NOT_MET),
        (Operator.IS, True, "n/a", UNREADABLE),
        (Operator.IS, "true", "n/a", UNREADABLE),
        (Operator.IS_NOT, False, "n/a", UNREADABLE),
        (Operator.IS_NOT, "yes", "maybe", MET),
        (Operator.IS_NOT, "won", " ", UNREADABLE),
        (Operator.IS, "2026-03-02", "2026-03-02", MET),
        (Operator.IS, "2026-03-02", "2026-03-01T23:30:00Z", MET),
        (Operator.IS, "2026-03-02", "2026-03-02T23:30:00Z", NOT_MET),
        (Operator.IS, "2026-03-02", "soon", NOT_MET),
        (Operator.IS, "2026-03-02T10:00", "2026-03-02T09:00:00Z", MET),
        (Operator.IS, "2026-03-02T00:00", "2026-03-02", MET),
        (Operator.IS, "2026-03-02 (late)", "2026-03-02 (LATE)", MET),
        (Operator.IS, Decimal(5), "5.0", MET),
        (Operator.IS, Decimal(5), "n/a", UNREADABLE),
        (Operator.IS, "5", "5.0", MET),
        (Operator.IS, "5", "n/a", NOT_MET),
        (Operator.IS_NOT, "won", "lost", MET),
        (Operator.IS_NOT, "won", " Won", NOT_MET),
        (Operator.IS_NOT, "won", None, UNREADABLE),
        (Operator.IS_NOT, "won", {"a": 1}, UNREADABLE),
        (Operator.IS_NOT, Decimal(5), "n/a", UNREADABLE),
        (Operator.IS_NOT, True, "0", MET),
        (Operator.IN, ("1", "2"), 2, MET),
        (Operator.IN, ("1", "2"), "3", NOT_MET),
        (Operator.IN, ("1", "high"), "HIGH", MET),
        (Operator.IN, (Decimal(1), Decimal(2)), "n/a", UNREADABLE),
        (Operator.IN, (Decimal(1), "high"), "n/a", NOT_MET),
        (Operator.IN, ("a",), None, UNREADABLE),
        (Operator.NOT_IN, ("a", "b"), "c", MET),
        (Operator.NOT_IN, ("a", "b"), "B", NOT_MET),
        (Operator.NOT_IN, ("a", "b"), None, UNREADABLE),
        (Operator.NOT_IN, (Decimal(1),), "n/a", UNREADABLE),
        (Operator.AT_LEAST, Decimal("4.5"), "4.5", MET),
        (Operator.AT_LEAST, Decimal("4.5"), 4.4999, NOT_MET),
        (Operator.AT_LEAST, Decimal("4.5"), "4,5", UNREADABLE),
        (Operator.AT_LEAST, Decimal("4.5"), "", UNREADABLE),
        (Operator.AT_LEAST, Decimal(0), True, UNREADABLE),
        (Operator.AT_LEAST, Decimal(0), None, UNREADABLE),
        (Operator.AT_LEAST, "4.5", 5, MET),
        (Operator.AT_MOST, Decimal(10), "10", MET),
        (Operator.AT_MOST, Decimal(10), 10.01, NOT_MET),
        (Operator.MORE_THAN, Decimal(0), "0", NOT_MET),
        (Operator.MORE_THAN, Decimal(0), 0.1, MET),
        (Operator.LESS_THAN, Decimal(30), 30, NOT_MET),
        (Operator.LESS_THAN, Decimal(30), "29.9", MET),
        (Operator.LESS_THAN, Decimal("0.3"), 0.1 + 0.2, NOT_MET),
        (Operator.AT_MOST, "2026-03-31", "2026-03-31", MET),
        (Operator.AT_MOST, "2026-03-31", "2026-04-01", NOT_MET),
        (Operator.AT_MOST, "2026-03-31", "soon", UNREADABLE),
        (Operator.AT_MOST, "2026-03-31", 5, UNREADABLE),
        (Operator.AT_MOST, "2026-03-31", "2026-03-31T21:59:00Z", MET),
        (Operator.AT_MOST, "2026-03-31", "2026-03-31T22:01:00Z", NOT_MET),
        (Operator.AT_LEAST, "2026-03-02T10:00", "2026-03-02", NOT_MET),
        (Operator.AT_LEAST, "2026-03-02T10:00", "2026-03-03", MET),
        (Operator.MORE_THAN, "2026-03-02T10:00", "2026-03-02T09:00:01Z", MET),
        (Operator.MORE_THAN, "2026-03-02T10:00", "2026-03-02T09:00:00Z", NOT_MET),
        (Operator.AT_LEAST, "2026-03-02T10:00:00+01:00", "2026-03-02 10:00", MET),
        (Operator.PRESENT, True, "x", MET),
        (Operator.PRESENT, True, 0, MET),
        (Operator.PRESENT, True, " ", NOT_MET),
        (Operator.PRESENT, True, None, NOT_MET),
        (Operator.PRESENT, False, None, MET),
        (Operator.PRESENT, False, [], MET),
        (Operator.PRESENT, False, "x", NOT_MET),
        (Operator.CONTAINS, "risk", "High RISK!", MET),
        (Operator.CONTAINS, "risk", "fine", NOT_MET),
        (Operator.CONTAINS, "risk", "", UNREADABLE),
        (Operator.CONTAINS, "risk", ["Risk ", "x"], MET),
        (Operator.CONTAINS, "risk", ["risky"], NOT_MET),
        (Operator.CONTAINS, "risk", [], UNREADABLE),
        (Operator.CONTAINS, "risk", None, UNREADABLE),
        (Operator.CONTAINS, "risk", {"risk": 1}, UNREADABLE),
        (Operator.CONTAINS, Decimal(5), ["4", "5"], MET),
        (Operator.CONTAINS, Decimal(5), ["n/a", None], NOT_MET),
        (Operator.CONTAINS, Decimal(42), "order 42", MET),
        (Operator.STARTS_WITH, "Re:", " RE: hello", MET),
        (Operator.STARTS_WITH, "Re:", "hello Re:", NOT_MET),
        (Operator.STARTS_WITH, "Re:", ["Re:"], UNREADABLE),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-02T10:00", MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-02T09:59", NOT_MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-09T10:00", MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-09T10:00:01", NOT_MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-02", MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-01", NOT_MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-09", MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "2026-03-10", NOT_MET),
        (Operator.WITHIN_NEXT, 7 * DAY, "next week", UNREADABLE),
        (Operator.WITHIN_NEXT, 7 * DAY, "", UNREADABLE),
        (Operator.WITHIN_LAST, DAY, "2026-03-01T10:00", MET),
        (Operator.WITHIN_LAST, DAY, "2026-03-01T09:59", NOT_MET),
        (Operator.WITHIN_LAST, DAY, "2026-03-02T10:00:01", NOT_MET),
        (Operator.WITHIN_LAST, DAY, "2026-03-01", MET),
        (Operator.WITHIN_LAST, DAY, "2026-02-28", NOT_MET),
        (Operator.WITHIN_LAST, DAY, "9999-12-31", NOT_MET),
    ],
)
def test_each_operator_reads_the_value_as_it_needs(operator: Operator, operand: Any, value: Any, expected: str) -> None:
    """A value that cannot be read is told apart from one that does not fit."""
    assert outcome(value_is(operator, operand), event(value=value)) == expected


@pytest.mark.parametrize("operator", [one for one in Operator if one is not Operator.PRESENT])
def test_a_missing_property_meets_no_test_but_present(operator: Operator) -> None:
    """Not even one that asks for something else than it is."""
    operand: Any = "2026-03-02"
    if operator in {Operator.IN, Operator.NOT_IN}:
        operand = ("a",)
    if operator in {Operator.WITHIN_NEXT, Operator.WITHIN_LAST}:
        operand = DAY
    test = value_is(operator, operand)
    assert check(test, event(), MADRID) == Verdict(met=False, reason=Reason(UNREADABLE, "value is missing"))
    assert outcome(Not(test), event()) == UNREADABLE


def test_every_operator_is_compiled() -> None:
    """A new operator cannot be forgotten."""
    for operator in Operator:
        operand: Any = timedelta(1) if operator.startswith("within") else ("x",)
        compile_conditions([value_is(operator, operand)])


@pytest.mark.parametrize(
    ("condition", "properties", "text"),
    [
        (PropertyTest("csat", Operator.AT_LEAST, Decimal("4.5")), {"csat": 3}, "csat is 3, needs at least 4.5"),
        (PropertyTest("csat", Operator.AT_LEAST, Decimal(4)), {"csat": "n/a"}, 'csat is "n/a", which is not a number'),
        (PropertyTest("csat", Operator.AT_LEAST, Decimal(4)), {"csat": " "}, "csat is empty"),
        (PropertyTest("within_sla", Operator.IS, "true"), {}, "within_sla is missing"),
        (PropertyTest("within_sla", Operator.IS, "true"), {"within_sla": "no"}, 'within_sla is "no", needs "true"'),
        (PropertyTest("paid", Operator.IS, True), {"paid": False}, "paid is false, needs true"),
        (
            PropertyTest("stage", Operator.IS_NOT, "lost"),
            {"stage": "Lost"},
            'stage is "Lost", needs anything but "lost"',
        ),
        (PropertyTest("p", Operator.IN, ("1", "2")), {"p": "3"}, 'p is "3", needs "1" or "2"'),
        (
            PropertyTest("due_on", Operator.AT_MOST, "2026-03-31"),
            {"due_on": "soon"},
            'due_on is "soon", which is not a date',
        ),
        (PropertyTest("next_step", Operator.PRESENT, True), {"next_step": ""}, "next_step is empty"),
        (PropertyTest("next_step", Operator.PRESENT, True), {}, "next_step is missing"),
        (PropertyTest("blocker", Operator.PRESENT, False), {"blocker": "x"}, 'blocker is "x", needs to be empty'),
        (PropertyTest("note", Operator.CONTAINS, "risk"), {"note": "fine"}, 'note is "fine", needs to contain "risk"'),
        (
            PropertyTest("note", Operator.CONTAINS, "risk"),
            {"note": {"x": 1}},
            "note is an object, which is not text or a list",
        ),
        (
            PropertyTest("due_on", Operator.WITHIN_NEXT, 7 * DAY),
            {"due_on": "2026-05-01"},
            'due_on is "2026-05-01", needs to be within the next 7 days',
        ),
        (Complete(("a", "b", "c")), {"a": 1}, "b and c are missing"),
        (Complete(("a", "b"), Decimal("0.9")), {"a": 1}, "b is missing; 1 of 2 are filled in, needs at least 90 %"),
        (TimeOfDay(None, time(9)), {}, "it happened at 10:00, needs before 09:00"),
        (TimeOfDay(time(11), time(12)), {}, "it happened at 10:00, needs from 11:00 and before 12:00"),
        (Weekday(frozenset({1, 2})), {}, "it happened on a Monday, needs Tuesday or Wednesday"),
        (
            Elapsed("created_at", at_most=timedelta(hours=1), working=True),
            {"created_at": "2026-02-27T16:00"},
            "created_at to the moment it happened took 2 hours of working time, needs at most 1 hour of working time",
        ),
        (
            Elapsed("created_at", at_least=timedelta()),
            {"created_at": "2026-03-02T11:00"},
            "created_at to the moment it happened took minus 1 hour, needs at least 0 seconds",
        ),
        (
            AnyOf((value_is(Operator.IS, "a"), value_is(Operator.IS, "b"))),
            {"value": "c"},
            'none of these is met: value is "c", needs "a"; value is "c", needs "b"',
        ),
        (Not(value_is(Operator.IS, "a")), {"value": "a"}, "it must not be so that value is a"),
        (
            PropertyTest("note", Operator.IS, "ok"),
            {"note": "a very\nlong text " * 1000},
            'note is "a very long text a very long text a ver…", needs "ok"',
        ),
    ],
)
def test_a_reason_says_what_is_and_what_it_takes(condition: Condition, properties: dict[str, Any], text: str) -> None:
    """One clause that an ops person understands."""
    assert reason(condition, **properties) == text


@pytest.mark.parametrize(
    ("share", "filled", "expected"),
    [
        ("1", 20, MET),
        ("1", 19, NOT_MET),
        ("0.95", 19, MET),
        ("0.95", 18, NOT_MET),
        ("0.951", 19, NOT_MET),
        ("0.01", 0, NOT_MET),
    ],
)
def test_complete_counts_what_is_filled_in(share: str, filled: int, expected: str) -> None:
    """A share is not rounded in anybody's favour."""
    names = [f"p{number}" for number in range(20)]
    properties = {name: "x" if index < filled else " " for index, name in enumerate(names)}
    assert outcome(Complete(tuple(names), Decimal(share)), event(**properties)) == expected


@pytest.mark.parametrize(
    ("condition", "properties", "expected"),
    [
        (Elapsed("from", at_most=timedelta(hours=2)), {"from": "2026-03-02T08:00"}, MET),
        (Elapsed("from", at_most=timedelta(hours=2)), {"from": "2026-03-02T07:59"}, NOT_MET),
        (Elapsed("from", at_least=timedelta(hours=2)), {"from": "2026-03-02T08:00"}, MET),
        (Elapsed("from", at_least=timedelta(hours=2)), {"from": "2026-03-02T08:01"}, NOT_MET),
        (Elapsed("from", at_most=timedelta(hours=2), working=True), {"from": "2026-02-27T16:00"}, MET),
        (Elapsed("from", at_most=timedelta(hours=2), working=True), {"from": "2026-02-27T15:59"}, NOT_MET),
        (Elapsed("from", at_most=timedelta(hours=10)), {"from": "2026-03-02"}, MET),
        (Elapsed("from", at_most=timedelta(hours=9)), {"from": "2026-03-02"}, NOT_MET),
        (Elapsed("from", "to", at_most=DAY), {"from": "2026-03-02", "to": "2026-03-03"}, MET),
        (Elapsed("from", "to", at_most=DAY), {"from": "2026-03-03", "to": "2026-03-02"}, MET),
        (Elapsed("from", "to", at_most=DAY), {"from": "2026-03-02"}, UNREADABLE),
        (Elapsed("from", "to", at_most=DAY), {"to": "2026-03-02"}, UNREADABLE),
        (Elapsed("from", at_most=DAY), {"from": "yesterday"}, UNREADABLE),
        (Elapsed("occurred_at", "to", at_most=timedelta(hours=1)), {"to": "2026-03-02T11:00"}, MET),
    ],
)
def test_elapsed_measures_between_two_moments(condition: Condition, properties: dict[str, Any], expected: str) -> None:
    """By the wall clock or in working time; a bare day is its midnight in Madrid."""
    assert outcome(condition, event(**properties)) == expected


def test_a_bare_day_in_elapsed_is_midnight_even_on_a_night_shift() -> None:
    """The calendar's day begins later there, but a date in a record is one on the clock."""
    nights = ((Shift(time(22), time(6)),),) * 7
    calendar = PersonalCalendar.of_team("", Facts(calendars={"default": Calendar(zone="Europe/Madrid", week=nights)}))
    nine_hours = Elapsed("from", at_least=timedelta(hours=9))
    assert outcome(nine_hours, event(**{"from": "2026-03-02"}), calendar) == MET


@pytest.mark.parametrize(
    ("condition", "madrid", "tokyo"),
    [
        (TimeOfDay(time(8), time(12)), MET, NOT_MET),
        (TimeOfDay(time(10), None), MET, MET),
        (TimeOfDay(time(10, 1), None), NOT_MET, MET),
        (TimeOfDay(None, time(10)), NOT_MET, NOT_MET),
        (TimeOfDay(None, time(10, 1)), MET, NOT_MET),
        (TimeOfDay(time(18), time(6)), NOT_MET, MET),
        (TimeOfDay(time(9), time(8)), MET, MET),
        (TimeOfDay(time(20), time(10)), NOT_MET, NOT_MET),
        (TimeOfDay(time(20), time(10, 1)), MET, NOT_MET),
        (Weekday(frozenset({0})), MET, MET),
        (Weekday(frozenset({1, 2, 3, 4, 5, 6})), NOT_MET, NOT_MET),
    ],
)
def test_time_and_day_are_those_of_the_person(condition: Condition, madrid: str, tokyo: str) -> None:
    """Ten in Madrid is six in the evening in Tokyo."""
    assert outcome(condition, event(), MADRID) == madrid
    assert outcome(condition, event(), TOKYO) == tokyo


def test_the_weekday_turns_at_local_midnight() -> None:
    """Late on Sunday in London it is Monday in Tokyo."""
    sunday_night = event(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    monday = Weekday(frozenset({0}))
    assert outcome(monday, sunday_night, TOKYO) == MET
    assert outcome(Weekday(frozenset({6})), sunday_night, PersonalCalendar.of_team("", Facts())) == MET


def test_days_are_compared_on_the_clock_of_the_person() -> None:
    """The same moment is another day further east."""
    test = value_is(Operator.LESS_THAN, "2026-03-03")
    told = event(value="2026-03-02T16:00:00Z")
    assert outcome(test, told, MADRID) == MET
    assert outcome(test, told, TOKYO) == NOT_MET


def test_a_week_from_now_begins_on_the_day_of_the_person() -> None:
    """Late on Sunday in Greenwich it is Monday in Tokyo, and a week later is a Monday too."""
    sunday_night = event(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), value="2026-03-09")
    week = value_is(Operator.WITHIN_NEXT, 7 * DAY)
    assert outcome(week, sunday_night, TOKYO) == MET
    assert outcome(week, sunday_night, PersonalCalendar.of_team("", Facts())) == NOT_MET


YES = value_is(Operator.IS, "a")
NO = value_is(Operator.IS, "b")
LOST = PropertyTest("absent", Operator.IS, "a")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (All((YES, YES)), MET),
        (All((YES, NO)), NOT_MET),
        (All((YES, LOST)), UNREADABLE),
        (All((NO, LOST)), NOT_MET),
        (All((LOST, NO)), NOT_MET),
        (All(()), MET),
        (AnyOf((NO, YES)), MET),
        (AnyOf((LOST, YES)), MET),
        (AnyOf((NO, NO)), NOT_MET),
        (AnyOf((NO, LOST)), UNREADABLE),
        (AnyOf(()), NOT_MET),
        (Not(YES), NOT_MET),
        (Not(NO), MET),
        (Not(LOST), UNREADABLE),
        (Not(Not(YES)), MET),
        (Not(Not(NO)), NOT_MET),
        (Not(Not(LOST)), UNREADABLE),
        (Not(All((YES, NO))), MET),
        (Not(All((NO, LOST))), MET),
        (Not(All((YES, LOST))), UNREADABLE),
        (Not(AnyOf((NO, LOST))), UNREADABLE),
        (Not(AnyOf((YES, LOST))), NOT_MET),
        (Not(PropertyTest("absent", Operator.PRESENT, True)), MET),
        (Not(PropertyTest("absent", Operator.PRESENT, False)), NOT_MET),
        (Not(Complete(("absent",))), MET),
        (Not(Weekday(frozenset({0}))), NOT_MET),
        (Not(Elapsed("absent", at_most=DAY)), UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_not_met_either_way(condition: Condition, expected: str) -> None:
    """`not` turns round what was read, and nothing else."""
    assert outcome(condition, event(value="a")) == expected


def test_conditions_give_the_reason_of_the_first_that_is_not_met() -> None:
    """The order in the rule is the order of the reasons."""
    compiled = compile_conditions([YES, value_is(Operator.IS, "c"), LOST])
    assert compiled(event(value="a"), MADRID) == Reason(NOT_MET, 'value is "a", needs "c"')


def test_no_conditions_are_always_met() -> None:
    """A selector without `where` takes every event."""
    assert compile_conditions([])(event(), MADRID) is None


def test_true_and_one_as_operands_stay_apart() -> None:
    """Python takes them for equal; a rule does not."""
    assert outcome(value_is(Operator.IS, True), event(value="yes")) == MET
    assert outcome(value_is(Operator.IS, Decimal(1)), event(value="yes")) == UNREADABLE


def test_a_bare_day_is_so_many_days_away_whatever_the_clocks_do() -> None:
    """Late in the evening, a week of 168 hours over the change to summer time would reach the eighth day."""
    evening = event(datetime(2026, 3, 25, 22, 30, tzinfo=UTC), value="2026-04-02")
    assert outcome(value_is(Operator.WITHIN_NEXT, 7 * DAY), evening) == NOT_MET
    assert outcome(value_is(Operator.WITHIN_NEXT, 8 * DAY), evening) == MET


def test_an_event_at_the_end_of_all_time_is_judged() -> None:
    """A broken clock is an odd event, never an error."""
    last = datetime(9999, 12, 30, tzinfo=UTC)
    assert outcome(value_is(Operator.WITHIN_NEXT, 10 * DAY), event(last, value="9999-12-30")) == MET
    assert outcome(value_is(Operator.WITHIN_LAST, DAY), event(last, value="2026-03-02")) == NOT_MET


@pytest.mark.slow
def test_a_compiled_condition_costs_a_few_microseconds() -> None:
    """Thousands of events are judged by it in a rebuild; the limit leaves room for a busy machine."""
    compiled = compile_conditions([value_is(Operator.IS, "won"), PropertyTest("csat", Operator.AT_LEAST, Decimal(4))])
    told = event(value="Won", csat="4.5")
    best = min(timeit.repeat(lambda: compiled(told, MADRID), number=2_000, repeat=5)) / 2_000
    assert best < 30e-6


def test_the_local_day_of_a_bare_date_is_that_date() -> None:
    """Whatever the zone, 2 March is 2 March."""
    test = value_is(Operator.AT_LEAST, date(2026, 3, 2).isoformat())
    for calendar in (MADRID, TOKYO):
        assert outcome(test, event(value="2026-03-02"), calendar) == MET
        assert outcome(test, event(value="2026-03-01"), calendar) == NOT_MET
