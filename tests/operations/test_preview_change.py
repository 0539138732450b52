"""What a change would do is shown first, for either choice, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.achievements import State
from milepost.engine.facts import Past
from milepost.errors import Invalid, NotFound
from milepost.operations.preview_change import Proposal, preview_change
from milepost.operations.save_people import save_actor
from milepost.storage import open_store
from tests.operations.rule_worlds import ANA, BEN, World, on, rule

KEY = "clean-close"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Have a live weekly rule, a closed week, and an open one."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    world = World(store, on(3, 1))
    save_actor(world.services, {"id": ANA.id, "name": "Ana Ruiz"})
    save_actor(world.services, {"id": BEN.id, "name": "Ben Ode"})
    world.save(rule(2, state="live"), on(3, 1))
    world.solve(on(3, 2), on(3, 3), on(3, 9), on(3, 10), by=BEN)
    world.solve(on(3, 10, 13), on(3, 10, 14), on(3, 10, 15))
    world.now = on(3, 11)
    yield world
    store.close()


def counts(effect: dict[str, Any]) -> dict[str, int]:
    """Give the numbers of an effect that are not 0."""
    return {name: value for name, value in effect.items() if name != "awards" and value}


def kept(world: World) -> tuple[Any, ...]:
    """Give everything a preview might have changed."""
    with world.store.reading() as reading:
        return reading.achievement_versions(), world.awards(ANA), world.awards(BEN), reading.earnings(KEY, ANA)


def test_both_choices_are_counted_with_names_and_nothing_is_kept(world: World) -> None:
    before = kept(world)
    preview = preview_change(world.services, Proposal(KEY, document=rule(3)))
    assert kept(world) == before
    assert preview["changes"] == ["Target: 2 → 3."]
    assert preview["past"] == "keep"
    assert counts(preview["keep"]) == {"kept": 1, "people": 1}
    assert counts(preview["recompute"]) == {"falls": 2, "points": -10, "people": 1}
    fallen = preview["recompute"]["awards"]
    assert [(row["name"], row["slot"], row["effect"], row["points_before"], row["points"]) for row in fallen] == [
        ("Ben Ode", "2026-W10", "falls", 5, 0),
        ("Ben Ode", "2026-W11", "falls", 5, 0),
    ]


@pytest.mark.parametrize("past", list(Past))
@pytest.mark.parametrize("more", [{"target": 1}, {"target": 3}, {"target": 9}, {"points": 8}, {"review": "manager"}])
def test_what_was_shown_is_what_saving_does(world: World, past: Past, more: dict[str, Any]) -> None:
    document = rule(**more)
    before = {award.id: award.points for holder in (ANA, BEN) for award in world.awards(holder)}
    effect = preview_change(world.services, Proposal(KEY, document=document))[str(past)]
    world.save(document, world.now, past)
    after = {award.id: award.points for holder in (ANA, BEN) for award in world.awards(holder)}
    assert effect["appears"] == len(after.keys() - before.keys())
    assert effect["falls"] == len(before.keys() - after.keys())
    assert effect["points"] == sum(after.values()) - sum(before.values())
    assert effect["kept"] == len([one for holder in (ANA, BEN) for one in world.awards(holder) if one.decision])


def test_other_points_are_shown_as_a_difference(world: World) -> None:
    preview = preview_change(world.services, Proposal(KEY, document=rule(2, points=7)))
    assert counts(preview["keep"]) == {"revalued": 2, "points": 4, "people": 2}
    assert counts(preview["recompute"]) == {"revalued": 3, "points": 6, "people": 2}


def test_switching_on_is_previewed_by_its_state(world: World) -> None:
    world.save(rule(1, state="draft") | {"key": "first"}, world.now)
    preview = preview_change(world.services, Proposal("first", state=State.LIVE))
    assert (preview["past"], preview["state"]) == ("recompute", "live")
    assert (preview["keep"]["appears"], preview["recompute"]["appears"]) == (2, 3)


def test_rolling_back_and_retiring_are_previewed_too(world: World) -> None:
    world.save(rule(3), world.now, Past.RECOMPUTE)
    back = preview_change(world.services, Proposal(KEY, version=1))
    assert (back["changes"], back["recompute"]["appears"]) == (["Target: 3 → 2."], 2)
    retired = preview_change(world.services, Proposal(KEY, state=State.RETIRED))
    assert (counts(retired["keep"]), retired["past"]) == ({}, None)


def test_time_that_has_passed_is_no_effect_of_the_change(world: World) -> None:
    closing = rule(1, award_at="close", state="live") | {"key": "closing"}
    world.save(closing, world.now)
    world.now = on(3, 17)
    preview = preview_change(world.services, Proposal("closing", document=closing | {"name": "Closed"}))
    assert counts(preview["keep"]) == {}
    assert world.differences() == ()


def test_a_preview_refuses_what_saving_would_refuse(world: World) -> None:
    with pytest.raises(Invalid):
        preview_change(world.services, Proposal(KEY, document=rule(2, pionts=5)))
    with pytest.raises(NotFound):
        preview_change(world.services, Proposal("unknown", state=State.LIVE))
    with pytest.raises(NotFound):
        preview_change(world.services, Proposal(KEY, version=9))
