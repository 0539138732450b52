from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from milepost.engine.achievements import AwardAt, Repeats
from milepost.engine.facts import Facts
from milepost.engine.kinds import (
    Aggregate,
    AllOf,
    AnyCriterion,
    Average,
    Best,
    Bounds,
    CalendarWindow,
    Days,
    Direction,
    Earned,
    Improvement,
    Measure,
    NoneOf,
    Rate,
    Rolling,
    Run,
    Sequence,
    Sum,
)
from milepost.engine.people import Actor, Holder, HolderKind, Profile
from milepost.engine.selectors import Confirmation, Hold, Match, Operator, Quality
from tests.oracle.building import (
    ANA,
    BEN,
    CEM,
    SUPPORT,
    at,
    each_day,
    hours,
    moments,
    outcome,
    rule,
    says,
    select,
    so_many,
    told,
)

WEEK = CalendarWindow.WEEK
DAY = CalendarWindow.DAY
CLOSE = AwardAt.CLOSE
REOPENED = Hold(Match(("reopened",)), hours(72))


def test_a_count_is_earned_with_the_event_that_reaches_it() -> None:
    assert moments(each_day([2, 3, 4]), rule(so_many(3))) == ["03-04 10:00"]


def test_an_event_that_fails_its_condition_does_not_count() -> None:
    wanted = rule(so_many(2, where=[says("sla", "true")]))
    events = [
        told("03-02 10:00", sla="yes"),
        told("03-02 11:00", sla="no"),
        told("03-02 12:00"),
        told("03-02 13:00", sla=1),
    ]
    assert moments(events, wanted) == ["03-02 13:00"]


def test_an_unreadable_value_is_not_met_inside_not_either() -> None:
    wanted = rule(so_many(1, where=[says("csat", Decimal(4), Operator.AT_LEAST)]))
    assert moments([told("03-02 10:00", csat="4,5")], wanted) == []
    assert moments([told("03-02 10:00", csat="4.5")], wanted) == ["03-02 10:00"]


def test_a_held_mark_counts_when_its_hold_ends() -> None:
    wanted = rule(so_many(1, hold=REOPENED))
    assert moments([told("03-02 10:00", subject="t1")], wanted) == ["03-05 10:00"]
    assert moments([told("03-02 10:00", subject="t1")], wanted, as_of="03-05 09:59") == []


def test_a_contradiction_at_the_very_end_of_the_hold_still_cancels() -> None:
    wanted = rule(so_many(1, hold=REOPENED))
    solved = told("03-02 10:00", subject="t1")
    assert moments([solved, told("03-05 10:00", "reopened", actor=None, subject="t1")], wanted) == []
    assert moments([solved, told("03-05 10:01", "reopened", actor=None, subject="t1")], wanted) == ["03-05 10:00"]
    assert moments([solved, told("03-02 10:00", "reopened", actor=None, subject="t1")], wanted) == ["03-05 10:00"]


def test_without_a_length_any_later_contradiction_takes_the_mark() -> None:
    wanted = rule(so_many(1, hold=Hold(Match(("reopened",)))))
    solved = told("03-02 10:00", subject="t1")
    assert moments([solved], wanted) == ["03-02 10:00"]
    assert moments([solved, told("06-02 10:00", "reopened", actor="ben", subject="t1")], wanted) == []


def test_a_hold_in_working_time_passes_over_the_weekend() -> None:
    wanted = rule(so_many(1, hold=Hold(Match(("reopened",)), hours(8), working=True)))
    assert moments([told("03-06 13:00", subject="t1")], wanted) == ["03-09 13:00"]


def test_a_confirmed_mark_settles_with_the_last_confirmation() -> None:
    wanted = rule(so_many(1, confirmed_by=Confirmation(Match(("reused",)), times=2, within=timedelta(days=2))))
    first = [told("03-02 10:00", subject="a"), told("03-02 10:00", "reused", subject="a")]
    assert moments([*first, told("03-04 10:00", "reused", actor="ben", subject="a")], wanted) == ["03-04 10:00"]
    assert moments([*first, told("03-04 10:01", "reused", actor="ben", subject="a")], wanted) == []


def test_of_marks_alike_only_the_first_counts_in_each_window() -> None:
    wanted = rule(so_many(2, WEEK, once_per="subject"), repeats=Repeats.EVERY_WINDOW)
    events = [*each_day([2, 3], subject="a"), told("03-04 10:00", subject="b"), *each_day([9], subject="a")]
    assert moments(events, wanted) == ["03-04 10:00"]
    assert moments([*events, told("03-10 10:00", subject="c")], wanted) == ["03-04 10:00", "03-10 10:00"]


def test_a_sum_takes_only_what_it_can_read() -> None:
    wanted = rule(Sum(select(), "amount", Decimal(5)))
    events = [told("03-02 10:00", amount="2.5"), told("03-02 11:00", amount=True), told("03-02 12:00", amount="2,5")]
    assert moments([*events, told("03-02 13:00", amount=2.5)], wanted) == ["03-02 13:00"]


def test_a_rate_is_judged_when_its_week_has_closed_and_its_hold_has_passed() -> None:
    good = Quality(hold=Hold(Match(("reopened",)), hours(24)))
    wanted = rule(Rate(select(), good, Bounds(Decimal("0.5")), 2, WEEK), award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    events = [
        told("03-02 10:00", subject="a"),
        told("03-03 10:00", subject="b"),
        told("03-03 09:00", "reopened", subject="a"),
    ]
    assert moments(events, wanted) == ["03-10 00:00"]
    assert moments([*events, told("03-03 12:00", "reopened", subject="b")], wanted) == []
    assert outcome(events, wanted).awards[0].window == "2026-W10"


def test_a_rate_is_met_at_a_threshold_by_what_is_known_then() -> None:
    good = Quality((says("sla", "true"),), Hold(Match(("reopened",)), hours(24)))
    wanted = rule(Rate(select(), good, Bounds(Decimal(1)), 2))
    events = [told("03-02 10:00", subject="a", sla="yes"), told("03-02 11:00", subject="b", sla="yes")]
    assert moments(events, wanted) == ["03-03 11:00"]
    assert moments([*events, told("03-02 12:00", subject="c", sla="no")], wanted) == []


def test_an_average_guards_a_count() -> None:
    guardrail = Average(select("rated"), "csat", Bounds(Decimal("4.5")), 2)
    wanted = rule(so_many(1, WEEK), guardrails=(guardrail,))
    rated = [told("03-03 10:00", "rated", csat="5"), told("03-04 10:00", "rated", csat=4)]
    assert moments([told("03-02 10:00"), *rated], wanted) == ["03-04 10:00"]
    assert moments([told("03-02 10:00"), *rated, told("03-03 11:00", "rated", csat=3)], wanted) == []


def test_a_week_with_work_and_without_a_slip_is_earned_at_its_close() -> None:
    criterion = AllOf((so_many(1), NoneOf(select("slipped"))), WEEK)
    wanted = rule(criterion, award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    events = [*each_day([2, 9]), told("03-12 10:00", "slipped")]
    assert moments(events, wanted) == ["03-09 00:00"]


def test_an_event_of_nobody_concerns_whoever_worked_on_its_subject() -> None:
    criterion = AllOf((so_many(1), NoneOf(select("slipped"))), WEEK)
    wanted = rule(criterion, award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    events = [told("03-02 10:00", subject="a"), told("03-02 10:00", actor="ben", subject="b")]
    slip = told("03-03 10:00", "slipped", actor=None, subject="a")
    assert [award.holder for award in outcome([*events, slip], wanted).awards] == [BEN]


def test_either_of_two_criteria_will_do() -> None:
    wanted = rule(AnyCriterion((so_many(2), Sum(select("paid"), "amount", Decimal(10)))))
    assert moments([*each_day([2]), told("03-03 09:00", "paid", amount="10")], wanted) == ["03-03 09:00"]


def test_days_are_working_days_that_meet_each() -> None:
    wanted = rule(Days(so_many(2), Decimal(2), WEEK), repeats=Repeats.EVERY_WINDOW)
    assert moments([*each_day([2, 2, 4, 7, 7]), told("03-04 16:00")], wanted) == ["03-04 16:00"]
    assert moments([*each_day([2, 2, 4, 7, 7])], wanted) == []


def test_a_day_with_a_rate_is_met_when_it_has_closed() -> None:
    each = Rate(select(), Quality((says("sla", "true"),)), Bounds(Decimal(1)))
    wanted = rule(Days(each, Decimal(2), WEEK))
    assert moments(each_day([2, 3], sla="true"), wanted) == ["03-04 00:00"]
    assert moments([*each_day([2, 3], sla="true"), told("03-03 23:00", sla="false")], wanted) == []


def test_a_run_ends_with_a_bad_event_and_waits_for_a_held_one() -> None:
    good = Quality((says("sla", "true"),), Hold(Match(("reopened",)), hours(24)))
    wanted = rule(Run(select(), good, Decimal(2)))
    ok = {"sla": "true"}
    assert (
        moments([told("03-02 10:00", **ok), told("03-02 11:00", sla="false"), told("03-02 12:00", **ok)], wanted) == []
    )
    assert moments([told("03-02 10:00", **ok), told("03-02 12:00", **ok)], wanted) == ["03-03 12:00"]


def test_a_run_starts_again_after_the_event_that_earned() -> None:
    wanted = rule(Run(select(), Quality(), Decimal(2)), repeats=Repeats.EVERY_TARGET)
    assert moments(each_day([2, 3, 4, 5, 6]), wanted) == ["03-03 10:00", "03-05 10:00"]


def test_a_sequence_needs_its_steps_strictly_in_order_on_one_subject() -> None:
    steps = (Match(("called",)), Match(("met",)))
    wanted = rule(Sequence(steps))
    called = told("03-02 10:00", "called", subject="a")
    assert moments([called, told("03-02 10:00", "met", subject="a")], wanted) == []
    assert moments([called, told("03-02 11:00", "met", subject="b")], wanted) == []
    assert moments([called, told("03-02 11:00", "met", subject="a")], wanted) == ["03-02 11:00"]


def test_a_strict_sequence_starts_over_and_one_in_time_takes_the_later_start() -> None:
    steps = (Match(("called",)), Match(("mailed",)), Match(("met",)))
    kinds = ["called", "met", "mailed", "met"]
    events = [told(f"03-02 1{hour}:00", kind, subject="a") for hour, kind in enumerate(kinds)]
    assert moments(events, rule(Sequence(steps))) == ["03-02 13:00"]
    assert moments(events, rule(Sequence(steps, strict=True))) == []
    again = told("03-02 11:30", "called", subject="a")
    assert moments(events, rule(Sequence(steps, within=hours(2)))) == []
    assert moments([*events, again], rule(Sequence(steps, within=hours(2)))) == ["03-02 13:00"]
    assert moments([*events, again], rule(Sequence(steps, strict=True))) == ["03-02 13:00"]


def _race(minimum_participants: int = 3) -> Best:
    measure = Measure(select(), Aggregate.AVERAGE, "minutes")
    return Best(measure, Direction.LOWEST, "team", minimum_participants, WEEK)


def _crew(**teams: str) -> Facts:
    return Facts({name: Actor(name, profiles=(Profile(team=team),)) for name, team in teams.items()})


def test_the_best_are_all_peers_with_the_best_measure() -> None:
    wanted = rule(_race(), award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    times = {"ana": "20", "ben": "30", "cem": "20", "dan": "5"}
    events = [told("03-02 10:00", actor=name, minutes=minutes) for name, minutes in times.items()]
    facts = _crew(ana="support", ben="support", cem="support", dan="sales")
    assert [award.holder for award in outcome(events, wanted, facts=facts).awards] == [ANA, CEM]


def test_with_too_few_participants_nobody_is_best() -> None:
    wanted = rule(_race(), award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    events = [told("03-02 10:00", actor=name, minutes=20) for name in ("ana", "ben")]
    facts = _crew(ana="support", ben="support", cem="support")
    assert moments(events, wanted, facts=facts) == []
    assert moments([*events, told("03-03 10:00", actor="cem", minutes="?")], wanted, facts=facts) == []


def test_an_improvement_looks_at_the_last_window_that_had_a_measure() -> None:
    measure = Measure(select(), Aggregate.MEDIAN, "minutes", 2)
    criterion = Improvement(measure, Direction.LOWEST, by_share=Decimal("0.1"), window=WEEK)
    wanted = rule(criterion, award_at=CLOSE, repeats=Repeats.EVERY_WINDOW)
    first = [*each_day([2, 3], minutes="100"), *each_day([9], minutes=1)]
    assert moments([*first, *each_day([16, 17], minutes=90)], wanted) == ["03-23 00:00"]
    assert moments([*first, *each_day([16, 17], minutes=91)], wanted) == []


def test_an_achievement_may_rest_on_others_that_stand() -> None:
    one, two = rule(so_many(1), key="one"), rule(so_many(2), key="two")
    wanted = rule(Earned(("one", "two"), Decimal(2)), key="both")
    assert moments(each_day([2, 3]), wanted, two, one) == ["03-02 10:00", "03-03 10:00", "03-03 10:00"]
    assert moments(each_day([2]), wanted, two, one) == ["03-02 10:00"]


def test_a_rolling_window_starts_again_after_what_earned() -> None:
    criterion = so_many(2, Rolling(hours(48)))
    events = each_day([2, 4, 5, 6, 10])
    assert moments(events, rule(criterion, repeats=Repeats.EVERY_WINDOW)) == ["03-04 10:00", "03-06 10:00"]


def test_a_team_counts_each_event_of_its_members_of_that_time_once() -> None:
    moved = (Profile(team="support"), Profile(since=at("03-03 00:00"), team="sales"))
    facts = Facts({"ana": Actor("ana", profiles=moved), "ben": Actor("ben", profiles=(Profile(team="support"),))})
    wanted = rule(so_many(3), scope=HolderKind.TEAM)
    events = [
        *each_day([2, 4]),
        told("03-05 10:00", actor="ben", subject="t"),
        told("03-05 11:00", actor="ben", subject="t"),
    ]
    result = outcome(events, wanted, facts=facts)
    assert [(award.holder, award.earned_at) for award in result.awards] == [(SUPPORT, at("03-05 11:00"))]
    nobody = told("03-05 10:30", actor=None, subject="t")
    assert outcome([*events, nobody], wanted, facts=facts).awards[0].earned_at == at("03-05 10:30")
    assert Holder(HolderKind.TEAM, "sales") not in result.points
