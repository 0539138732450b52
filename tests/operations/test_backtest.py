"""A rule tried on the past finds what it would have awarded, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.facts import Past
from milepost.engine.people import Holder, HolderKind
from milepost.errors import Invalid, NotFound
from milepost.operations.backtest import Backtest, backtest
from milepost.operations.backtest_report import report
from milepost.operations.record_event import record_event
from milepost.operations.save_people import save_actor, save_team
from milepost.storage import open_store
from tests.operations.rule_worlds import ANA, BEN, World, on, rule

EVE = Holder(HolderKind.ACTOR, "eve@example.com")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Have three people with work in three weeks: five tickets, three, one."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    world = World(store, on(3, 1))
    for holder, role, size in ((ANA, "agent", "big"), (BEN, "agent", "small"), (EVE, "lead", "small")):
        profile = {"role": role, "segments": {"size": size}, "manager": "max@example.com"}
        save_actor(world.services, {"id": holder.id, "name": holder.id.split("@")[0].title(), **profile})
    world.solve(on(3, 2), on(3, 3), on(3, 16), on(3, 17), on(3, 18))
    world.solve(on(3, 2), on(3, 3), on(3, 9), by=BEN)
    world.solve(on(3, 4), by=EVE)
    world.now = on(3, 20)
    yield world
    store.close()


def slots(found: Backtest) -> set[tuple[str, str]]:
    """Give who would have earned what."""
    return {(one.holder.id, each.slot) for one in found.tried for each in one.earned}


def test_a_document_that_nobody_saved_is_tried(world: World) -> None:
    found = backtest(world.services, document=rule(2))
    assert slots(found) == {(ANA.id, "2026-W10"), (ANA.id, "2026-W12"), (BEN.id, "2026-W10")}
    with world.store.reading() as reading:
        assert reading.achievement_versions() == []


def test_the_report_says_who_when_and_how_much(world: World) -> None:
    audience = {"actor": "instant", "manager": "weekly"}
    shown = report(backtest(world.services, document=rule(2, audience=audience, applies_to={"roles": ["agent"]})))
    assert (shown["events"], shown["days"], shown["eligible"], shown["earners_count"]) == (8, 17, 2, 2)
    assert (shown["awards_count"], shown["points"]) == (3, 15)
    assert [(week["week"], week["awards"], week["people"]) for week in shown["weeks"]] == [
        ("2026-W10", 2, 2),
        ("2026-W11", 0, 0),
        ("2026-W12", 1, 1),
    ]
    assert [(one["audience"], one["when"], one["news"], one["messages"]) for one in shown["messages"]] == [
        ("actor", "instant", 3, 3),
        ("manager", "weekly", 3, 2),
    ]
    assert [(one["name"], one["awards"]) for one in shown["earners"]] == [("Ana", 2), ("Ben", 1)]
    assert [group["name"] for group in shown["groups"]["roles"]] == ["agent"]
    assert [(group["name"], group["awards"]) for group in shown["groups"]["segments"]["size"]] == [
        ("big", 2),
        ("small", 1),
    ]


def test_who_earned_nothing_is_named_with_the_nearest_window(world: World) -> None:
    shown = report(backtest(world.services, document=rule(3)))
    assert [(one["name"], one["window"], one["current"], one["percent"]) for one in shown["nearest"]] == [
        ("Ben", "2026-W10", 2, 66),
        ("Eve", "2026-W10", 1, 33),
    ]


def test_since_is_as_if_it_had_been_switched_on_then(world: World) -> None:
    found = backtest(world.services, document=rule(2), since=on(3, 11))
    assert slots(found) == {(ANA.id, "2026-W12")}
    assert report(found)["events"] == 3
    ever = backtest(world.services, document=rule(4, window=None), since=on(3, 3))
    assert slots(ever) == {(ANA.id, "once")}


def test_limits_say_what_they_left_out(world: World) -> None:
    shown = report(backtest(world.services, document=rule(1, cap={"count": 1, "window": "month"})))
    assert (shown["awards_count"], shown["refused"]) == (3, {"cap_reached": 2})


@pytest.mark.parametrize("window", ["week", "month", None])
@pytest.mark.parametrize("target", [1, 2, 3])
def test_it_finds_what_going_live_with_the_past_awards(world: World, window: str | None, target: int) -> None:
    document = rule(target, window=window, state="live")
    found = slots(backtest(world.services, document=document))
    world.save(document, world.now, Past.RECOMPUTE)
    assert found == {(holder.id, slot) for holder in (ANA, BEN, EVE) for slot in world.slots(holder)}
    assert found == slots(backtest(world.services, key="clean-close"))


def test_without_any_history_there_is_nothing_to_report(world: World) -> None:
    elsewhere = rule(1) | {"criterion": {"kind": "count", "target": 1, "of": {"type": "deal.won"}}}
    shown = report(backtest(world.services, document=elsewhere))
    assert (shown["events"], shown["days"], shown["weeks"], shown["earners"], shown["nearest"]) == (0, 0, [], [], [])
    assert shown["eligible"] == 3


def test_a_team_is_tried_as_a_team(world: World) -> None:
    save_team(world.services, {"id": "support", "name": "Support"})
    save_actor(world.services, {"id": ANA.id, "team": "support"})
    record_event(world.services, Event("zd-t", "ticket.solved", on(3, 20), ANA.id, "t"), told_by="test")
    found = backtest(world.services, document=rule(1, scope="team"))
    assert slots(found) == {("support", "2026-W10"), ("support", "2026-W12")}
    assert report(found)["earners"][0]["holder"] == "team:support"


@pytest.mark.parametrize(
    ("given", "refused"), [({"document": {"key": "x"}}, Invalid), ({"key": "unknown"}, NotFound)], ids=str
)
def test_what_cannot_be_tried_is_refused(world: World, given: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        backtest(world.services, **given)
