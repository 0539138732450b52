"""Rules changed and switched at random, among events: what must hold whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.engine.facts import Past
from milepost.engine.people import Holder
from milepost.operations.backtest import backtest
from milepost.operations.void_event import void_event
from milepost.storage import open_store
from tests.operations.rule_worlds import ANA, BEN, World, on, rule

Award = tuple[Holder, str, datetime, int]

pasts = st.sampled_from([None, *Past])
documents = st.builds(
    rule,
    st.integers(1, 3),
    window=st.sampled_from(["week", "week", "day", None]),
    points=st.integers(1, 2),
    repeats=st.sampled_from(["once", "every_window"]),
    state=st.sampled_from(["draft", "shadow", "live", "live", "live", "retired"]),
)
solved = st.tuples(st.just("solve"), st.integers(-9, 0), st.sampled_from([ANA, BEN]))
steps = st.lists(
    st.one_of(
        solved, solved, st.tuples(st.just("save"), documents, pasts), st.tuples(st.just("void"), st.integers(1, 9))
    ),
    min_size=4,
    max_size=24,
)


@contextmanager
def new_world() -> Iterator[World]:
    """Open an empty store of its own."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'milepost.db'}")
        try:
            yield World(store, on(2, 20))
        finally:
            store.close()


def standing(world: World) -> set[Award]:
    """Give everything that stands."""
    return {(one.holder, one.slot, one.earned_at, one.points) for who in (ANA, BEN) for one in world.awards(who)}


def take(world: World, step: tuple[Any, ...]) -> None:
    """Let half a day pass, and do one thing."""
    world.now += timedelta(hours=12)
    match step:
        case ("solve", days, who):
            world.solve(world.now + timedelta(days=days), by=who)
        case ("save", document, past):
            world.save(document, world.now, past)
        case ("void", number) if number <= world.told:
            void_event(world.services, f"zd-{number}", told_by="test")


@pytest.mark.slow
@given(steps)
@settings(max_examples=60, deadline=None)
def test_what_is_kept_is_what_recomputing_finds_after_every_step(drawn: list[tuple[Any, ...]]) -> None:
    with new_world() as world:
        for step in drawn:
            take(world, step)
            assert world.differences() == (), step


@pytest.mark.slow
@given(steps, documents, pasts)
@settings(max_examples=60, deadline=None)
def test_no_change_takes_anything_unless_it_recomputes(
    drawn: list[tuple[Any, ...]], document: dict[str, Any], past: Past | None
) -> None:
    with new_world() as world:
        for step in drawn:
            take(world, step)
        before = {award[:2] for award in standing(world)}
        saved = world.save(document, world.now, past)
        if saved.past is not Past.RECOMPUTE:
            assert before <= {award[:2] for award in standing(world)}


@pytest.mark.slow
@given(steps, documents)
@settings(max_examples=60, deadline=None)
def test_recomputed_everything_is_as_if_the_rule_had_always_been_so(
    drawn: list[tuple[Any, ...]], document: dict[str, Any]
) -> None:
    with new_world() as world:
        for step in drawn:
            take(world, step)
        world.save(document | {"state": "live", "name": "Final"}, world.now, Past.RECOMPUTE)
        tried = backtest(world.services, key="clean-close").tried
        points = document["points"]
        assert standing(world) == {
            (one.holder, each.slot, each.earning.earned_at, points) for one in tried for each in one.earned
        }
