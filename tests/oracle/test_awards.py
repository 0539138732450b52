from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from milepost.engine.achievements import AppliesTo, AwardAt, Cap, Repeats, SegmentTarget, Tier
from milepost.engine.facts import Facts
from milepost.engine.kinds import CalendarWindow, Earned, Sum
from milepost.engine.people import Actor, Profile
from tests.oracle.building import ANA, at, each_day, moments, outcome, rule, select, so_many, told

WEEK = CalendarWindow.WEEK
EVERY_WINDOW = Repeats.EVERY_WINDOW
EVERY_TARGET = Repeats.EVERY_TARGET


def test_once_is_the_earliest_window_only() -> None:
    assert moments(each_day([2, 3, 9, 10]), rule(so_many(2, WEEK))) == ["03-03 10:00"]
    assert moments(each_day([2, 3, 9, 10]), rule(so_many(2, WEEK), repeats=EVERY_WINDOW)) == [
        "03-03 10:00",
        "03-10 10:00",
    ]


def test_every_target_is_earned_at_each_multiple_within_its_window() -> None:
    wanted = rule(so_many(2, WEEK), repeats=EVERY_TARGET, points=3)
    result = outcome(each_day([2, 3, 4, 5, 6, 9]), wanted)
    assert [award.window for award in result.awards] == ["2026-W10", "2026-W10"]
    assert result.points == {ANA: 6}


def test_a_sum_that_jumps_over_two_multiples_earns_twice() -> None:
    wanted = rule(Sum(select(), "amount", Decimal(10)), repeats=EVERY_TARGET)
    assert moments([told("03-02 10:00", amount="25")], wanted) == ["03-02 10:00"] * 2


def test_tiers_are_each_earned_with_their_own_points() -> None:
    tiers = (Tier("Bronze", Decimal(1)), Tier("Silver", Decimal(3), 20))
    result = outcome(each_day([2, 3, 4]), rule(so_many(1), tiers=tiers, points=5))
    assert [(award.tier, award.points) for award in result.awards] == [("Bronze", 5), ("Silver", 20)]


def test_a_target_by_segment_scales_the_tiers_and_rounds_up() -> None:
    small = Facts({"ana": Actor("ana", profiles=(Profile(segments={"band": "small"}),))})
    target = SegmentTarget(AppliesTo(segments={"band": frozenset({"small"})}), Decimal(3))
    plain = rule(so_many(2), targets=(target,))
    assert moments(each_day([2, 3, 4]), plain, facts=small) == ["03-04 10:00"]
    assert moments(each_day([2, 3, 4]), plain) == ["03-03 10:00"]
    tiers = (Tier("Bronze", Decimal(2)), Tier("Silver", Decimal(3)))
    scaled = rule(so_many(2), targets=(target,), tiers=tiers)
    assert moments(each_day([2, 3, 4, 5, 6]), scaled, facts=small) == ["03-04 10:00", "03-06 10:00"]


def test_the_profile_of_the_day_decides_what_applies() -> None:
    profiles = (Profile(role="agent"), Profile(since=at("03-03 00:00"), role="lead"))
    facts = Facts({"ana": Actor("ana", profiles=profiles)})
    wanted = rule(so_many(2), applies_to=AppliesTo(roles=frozenset({"agent"})))
    assert moments(each_day([2, 3]), wanted, facts=facts) == []
    assert moments(each_day([1, 2]), wanted, facts=facts) == ["03-02 10:00"]


def test_what_is_too_soon_after_the_last_granted_one_is_passed_over() -> None:
    wanted = rule(so_many(1), repeats=EVERY_TARGET, cooldown=timedelta(days=2))
    assert moments(each_day([2, 3, 4, 5, 7]), wanted) == ["03-02 10:00", "03-04 10:00", "03-07 10:00"]


def test_a_cap_counts_granted_awards_of_any_tier_in_its_window() -> None:
    wanted = rule(so_many(1), repeats=EVERY_TARGET, cap=Cap(2, WEEK))
    assert moments(each_day([2, 3, 4, 9]), wanted) == ["03-02 10:00", "03-03 10:00", "03-09 10:00"]
    tiers = (Tier("Bronze", Decimal(1)), Tier("Silver", Decimal(2)))
    assert moments(each_day([2, 3]), rule(so_many(1), tiers=tiers, cap=Cap(1, WEEK))) == ["03-02 10:00"]


def test_events_before_the_start_do_not_count() -> None:
    wanted = rule(so_many(1), starts_at=at("03-03 10:00"))
    assert moments(each_day([2, 3]), wanted) == ["03-03 10:00"]


def test_a_guardrail_with_its_own_window_is_read_where_the_main_window_ended() -> None:
    wanted = rule(so_many(1, WEEK), guardrails=(so_many(2, CalendarWindow.MONTH),), repeats=EVERY_WINDOW)
    assert moments(each_day([2, 9, 10]), wanted) == ["03-09 10:00", "03-09 10:00"]
    assert [award.window for award in outcome(each_day([2, 9]), wanted).awards] == ["2026-W10", "2026-W11"]


def test_a_close_is_not_decided_before_it_has_come() -> None:
    wanted = rule(so_many(1, WEEK), award_at=AwardAt.CLOSE, repeats=EVERY_WINDOW)
    assert moments(each_day([2]), wanted, as_of="03-08 23:59") == []
    assert moments(each_day([2]), wanted, as_of="03-09 00:00") == ["03-09 00:00"]


def test_achievements_that_look_at_each_other_are_refused() -> None:
    one, two = (rule(Earned((other,), Decimal(1)), key=key) for key, other in (("one", "two"), ("two", "one")))
    with pytest.raises(ValueError, match="look at each other"):
        outcome([], one, two)
