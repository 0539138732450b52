"""Whoever is erased from whatever was told: all that stands is the same, under another word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.engine.people import Holder, HolderKind, is_erased
from milepost.operations.erase_person import erase_in
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services
from milepost.operations.verify import told_otherwise
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Store, Transaction
from milepost.storage.rehearsal import rehearsal
from tests.oracle.playing import TELLINGS, introduce, play, standing, streaks
from tests.oracle.worlds import DrawnWorld, worlds

NOBODY = "nobody"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Open one store; every example undoes what it does."""
    path: Path = tmp_path_factory.mktemp("erasing") / "store.db"
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def renamed(holder: Holder, person: str) -> Holder:
    """Give the same word for a person and for the pseudonym."""
    is_person = holder.kind is HolderKind.ACTOR and (holder.id == person or is_erased(holder.id))
    return replace(holder, id=NOBODY) if is_person else holder


def what_stands(tx: Transaction, world: DrawnWorld, person: str) -> tuple[list[str], dict[str, tuple[int, int]]]:
    """Give awards, moments, points and streaks of everybody."""
    awards = [repr((key, renamed(holder, person), *rest)) for key, holder, *rest in standing(tx)]
    teams = {Holder(HolderKind.TEAM, team) for team in world.facts.teams}
    holders = teams | {Holder(HolderKind.ACTOR, actor.id) for actor in tx.actors()}
    shown = streaks(tx, holders, world.as_of)
    return sorted(awards), {repr((key, renamed(holder, person))): streak for (key, holder), streak in shown.items()}


@pytest.mark.slow
@settings(TELLINGS, max_examples=30)
@given(world=worlds(), chance=st.randoms(use_true_random=False))
def test_an_erasure_changes_nothing_that_stands(store: Store, world: DrawnWorld, chance: object) -> None:
    """Judged again from the events, it is the same once more, and each event is still tied to whom it concerns."""
    services = Services(store, lambda: world.as_of, Settings())
    person = chance.choice(sorted(world.facts.actors))  # type: ignore[attr-defined] # Hypothesis' own kind of random
    with rehearsal(store) as tx:
        introduce(tx, world)
        play(tx, services, world)
        before = what_stands(tx, world, person)
        erase_in(tx, services, person)
        assert tx.actor(person) is None
        assert what_stands(tx, world, person) == before
        assert list(told_otherwise(tx)) == []
        assert rejudge_everything(tx, services, holders=None, achievements=None, cause="test").steps == []
        assert [record.event.id for record in tx.events() if record.event.actor == person] == []
