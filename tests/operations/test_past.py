"""What becomes of the past when a rule is changed or switched on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milepost.engine.facts import Past
from milepost.operations.decide_award import revoke_award
from milepost.operations.rebuild import rebuild
from milepost.operations.show_progress import show_progress
from milepost.operations.void_event import void_event
from milepost.storage import open_store
from tests.operations.rule_worlds import ANA, BEN, World, on, rule

KEEP, RECOMPUTE = Past.KEEP, Past.RECOMPUTE


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store on a Monday."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    yield World(store)
    store.close()


# -------------------------------------------------------------- a changed rule


def test_a_closed_week_keeps_what_was_earned_under_the_rule_then_in_force(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 11), KEEP)
    world.solve(on(3, 12), on(3, 13))
    assert world.slots() == ["2026-W10"]
    assert world.awards()[0].decision is None
    assert world.differences() == ()


def test_what_was_kept_by_its_window_still_follows_the_events(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 11), KEEP)
    void_event(world.services, "zd-2", told_by="test")
    assert world.slots() == []


def test_what_stands_in_the_open_week_is_kept_by_decision(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 4), KEEP)
    award = world.awards()[0]
    assert (award.decision, award.decided_by, award.reason_code) == ("kept", "Ops", "kept")
    assert "version 2 of clean-close" in award.reason
    with world.store.reading() as reading:
        assert [change.change for change in reading.award_changes(award.id)] == ["granted", "kept"]


def test_a_kept_award_survives_later_events_rebuild_and_verify(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 4), KEEP)
    kept = world.awards()
    world.solve(on(3, 5), on(3, 6))
    rebuild(world.services)
    assert (world.awards(), world.differences()) == (kept, ())


def test_a_kept_award_is_taken_back_by_a_person_for_good(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 4), KEEP)
    revoke_award(world.services, world.awards()[0].id, reason="Given in error", told_by="Ops")
    rebuild(world.services)
    assert world.slots() == []


def test_recomputing_judges_closed_weeks_too_and_releases_what_was_kept(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 9), on(3, 10))
    world.save(rule(3), on(3, 11), KEEP)
    assert world.slots() == ["2026-W10", "2026-W11"]
    saved = world.save(rule(3), on(3, 12), RECOMPUTE)
    assert (saved.changed, world.slots(), world.differences()) == (True, [], ())
    assert world.save(rule(3), on(3, 12), RECOMPUTE).changed is False


def test_a_version_after_a_recomputed_one_governs_only_what_ends_after_it(world: World) -> None:
    world.save(rule(5, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(2), on(3, 11), RECOMPUTE)
    world.save(rule(9), on(3, 18), KEEP)
    assert world.slots() == ["2026-W10"]
    assert world.differences() == ()


def test_a_lower_target_grants_nothing_in_closed_weeks_unless_recomputed(world: World) -> None:
    world.save(rule(3, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 9), on(3, 10))
    world.save(rule(2), on(3, 11), KEEP)
    assert world.slots() == ["2026-W11"]
    world.save(rule(2), on(3, 11), RECOMPUTE)
    assert world.slots() == ["2026-W10", "2026-W11"]


@pytest.mark.parametrize(
    "more",
    [
        {"cap": {"count": 1, "window": "month"}},
        {"repeats": "once"},
        {"cooldown": "P20D"},
        {"points": 1},
        {"review": "manager"},
        {"applies_to": {"roles": ["nobody"]}},
    ],
)
def test_no_change_that_keeps_takes_anything_from_closed_weeks(world: World, more: dict[str, object]) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 9), on(3, 10))
    before = [(award.slot, award.points) for award in world.awards()]
    world.save(rule(2, **more), on(3, 18), KEEP)
    assert [(award.slot, award.points) for award in world.awards()] == before
    assert world.differences() == ()


def test_an_award_of_the_whole_past_is_kept_when_its_rule_gets_harder(world: World) -> None:
    world.save(rule(2, window=None, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(9, window=None), on(3, 18), KEEP)
    assert [award.decision for award in world.awards()] == ["kept"]
    world.save(rule(9, window=None), on(3, 18), RECOMPUTE)
    assert world.awards() == []


def test_weeks_are_kept_and_months_begin_with_the_open_one(world: World) -> None:
    world.save(rule(2, state="live"), on(1, 10))
    world.solve(on(2, 2), on(2, 3), on(2, 10), on(2, 11), on(3, 2), on(3, 3))
    world.save(rule(2, window="month"), on(3, 4), KEEP)
    assert world.slots() == ["2026-03", "2026-W06", "2026-W07", "2026-W10"]
    assert world.differences() == ()


def test_closed_weeks_follow_their_events_also_when_the_rule_counts_others_now(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 9), on(3, 10))
    of = {"criterion": {"kind": "count", "target": 2, "window": "week", "of": {"type": "ticket.closed"}}}
    world.save(rule(2) | of, on(3, 18), KEEP)
    assert (world.slots(), world.differences()) == (["2026-W10", "2026-W11"], ())
    void_event(world.services, "zd-2", told_by="test")
    assert (world.slots(), world.differences()) == (["2026-W11"], ())


def test_rolling_back_with_the_past_brings_everything_back_as_it_was(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3), on(3, 11), RECOMPUTE)
    assert world.slots() == []
    world.roll_back(1, on(3, 12), RECOMPUTE)
    assert world.slots() == ["2026-W10"]


# --------------------------------------------------------------- switched on


def test_unsaid_a_rule_that_goes_live_first_awards_the_past(world: World) -> None:
    world.save(rule(2), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    assert world.switch("live", on(3, 11)).past is RECOMPUTE
    assert world.slots() == ["2026-W10"]


def test_awards_of_the_past_are_silent(world: World) -> None:
    world.save(rule(2, audience={"actor": "instant"}), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.switch("live", on(3, 11))
    answer = world.solve(on(3, 11, 13))[0]
    assert (answer["awards"], answer["messages"], answer["points_total"]) == ([], [], 5)


def test_without_the_past_closed_weeks_are_never_awarded_and_the_open_one_counts_whole(world: World) -> None:
    world.save(rule(2), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 9))
    world.switch("live", on(3, 11), KEEP)
    assert world.slots() == []
    world.solve(on(3, 12))
    assert world.slots() == ["2026-W11"]
    world.solve(on(3, 12, 14), on(3, 4))
    rebuild(world.services)
    assert (world.slots(), world.differences()) == (["2026-W11"], ())


def test_without_the_past_a_rule_without_window_counts_from_that_moment(world: World) -> None:
    world.save(rule(2, window=None), on(2, 20))
    world.solve(on(3, 2), on(3, 3), on(3, 11, 9))
    world.switch("live", on(3, 11), KEEP)
    world.solve(on(3, 12))
    progress = show_progress(world.services, ANA)["progress"][0]
    assert (world.slots(), progress["current"], progress["remaining"]) == ([], 1, 1)
    world.solve(on(3, 13))
    assert (world.slots(), world.differences()) == (["once"], ())


@pytest.mark.parametrize("window", ["week", None])
def test_an_event_from_before_says_that_it_was_before(world: World, window: str | None) -> None:
    world.save(rule(2, window=window, state="live"), on(3, 11), KEEP)
    answer = world.solve(on(3, 6))[0]
    assert [entry["reason_code"] for entry in answer["not_counted"]] == ["before_start"]


def test_changed_in_place_the_rule_goes_on_from_where_it_began(world: World) -> None:
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(3, window=None, state="live"), on(3, 4), KEEP)
    world.solve(on(3, 5), on(3, 6))
    world.save(rule(2, window=None), on(3, 20), KEEP)
    assert [award.evidence for award in world.awards()] == [("zd-3", "zd-4")]
    world.save(rule(4, window=None), on(3, 21), RECOMPUTE)
    assert [award.evidence for award in world.awards()] == [("zd-1", "zd-2", "zd-3", "zd-4")]


def test_weeks_that_ended_while_the_rule_was_off_stay_without_award(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.switch("retired", on(3, 9))
    world.solve(on(3, 10), on(3, 11), on(3, 17))
    assert world.switch("live", on(3, 18)).past is KEEP
    world.solve(on(3, 19))
    assert (world.slots(), world.differences()) == (["2026-W10", "2026-W12"], ())
    world.save(rule(2), on(3, 20), RECOMPUTE)
    assert world.slots() == ["2026-W10", "2026-W11", "2026-W12"]


def test_a_week_that_closed_in_shadow_is_awarded_only_with_the_past(world: World) -> None:
    world.save(rule(2, state="shadow"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    world.switch("live", on(3, 11), KEEP)
    assert (world.slots(), world.differences()) == ([], ())
    world.save(rule(2), on(3, 12), RECOMPUTE)
    assert world.slots() == ["2026-W10"]


def test_a_week_that_closed_while_a_live_rule_was_a_shadow_stays_without_award(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.switch("shadow", on(3, 1))
    world.solve(on(3, 2), on(3, 3))
    world.switch("live", on(3, 11))
    assert (world.slots(), world.differences()) == ([], ())


def test_what_was_left_out_for_a_shadow_stays_left_out_when_it_goes_live_unless_said(world: World) -> None:
    world.solve(on(3, 2), on(3, 3))
    world.save(rule(2, window=None, state="shadow"), on(3, 4), KEEP)
    world.solve(on(3, 5))
    world.switch("live", on(3, 11))
    assert world.slots() == []
    world.save(rule(2, window=None), on(3, 12), RECOMPUTE)
    assert world.slots() == ["once"]


def test_newcomers_and_veterans_are_judged_alike_without_the_past(world: World) -> None:
    world.save(rule(2, window=None), on(2, 20))
    world.solve(on(3, 2), on(3, 3), by=ANA)
    world.switch("live", on(3, 11), KEEP)
    world.solve(on(3, 12), on(3, 13), by=ANA)
    world.solve(on(3, 12), on(3, 13), by=BEN)
    assert [len(world.awards(holder)) for holder in (ANA, BEN)] == [1, 1]


def test_what_builds_on_other_awards_looks_only_at_those_since_it_was_switched_on(world: World) -> None:
    world.save(rule(2, state="live"), on(2, 20))
    world.solve(on(3, 2), on(3, 3))
    both = rule() | {"key": "both", "criterion": {"kind": "earned", "achievements": ["clean-close"]}, "state": "live"}
    world.save(both | {"repeats": "once"}, on(3, 11), KEEP)
    assert [award.achievement for award in world.awards()] == ["clean-close"]
    world.solve(on(3, 16), on(3, 17))
    assert [award.achievement for award in world.awards()].count("both") == 1
    assert world.differences() == ()


def test_the_order_of_arrival_does_not_matter_to_a_rule_without_its_past(world: World) -> None:
    world.save(rule(2, state="live"), on(3, 11), KEEP)
    world.solve(on(3, 12), on(3, 2), on(3, 9), on(3, 3))
    assert world.slots() == ["2026-W11"]
