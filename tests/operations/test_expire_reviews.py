from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import Timing
from milepost.operations.decide_award import review_award
from milepost.operations.erase_person import erase_person
from milepost.operations.expire_reviews import expire_reviews
from milepost.operations.list_reviews import ReviewQuery, list_reviews
from milepost.operations.record_event import record_events_in
from milepost.operations.verify import verify
from milepost.storage import open_store
from milepost.storage.outbox import OwedRecord, ReviewState
from milepost.storage.records import AwardSource
from tests.operations.telling import ANA, BOSS, SOLVED, World, at
from tests.stores import KINDS, ground_of

CHIEF = Holder(HolderKind.ACTOR, "chief@example.com")
PEOPLE = [f"p{n}@example.com" for n in range(12)]
REVIEWED = {"criterion": {**SOLVED, "target": 1}, "review": "manager"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store."""
    with closing(open_store(f"sqlite:///{tmp_path / 'milepost.db'}")) as store:
        made = World(store)
        _employ(made)
        yield made


def _employ(world: World) -> None:
    """Let everybody have a manager, who has one too."""
    for person in (ANA.id, *PEOPLE):
        world.hire(person)
    world.hire(BOSS.id, manager=CHIEF.id)
    world.hire(CHIEF.id, manager=None)
    world.rule(**REVIEWED)


def _solve(world: World, people: list[str]) -> None:
    for person in people:
        world.tell(Event(f"solved-{person}", "ticket.solved", world.now, person, f"ticket-{person}"))


def _owed(world: World, recipient: Holder) -> list[OwedRecord]:
    return [one for one in world.owed() if one.recipient == recipient]


def _states(world: World) -> dict[str, int]:
    listed = {state: list_reviews(world.services, ReviewQuery(state=state, limit=200)) for state in ReviewState}
    return {state.value: len(found) for state, found in listed.items() if found}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_several_workers_take_reviews_further_once(kind: str, tmp_path: Path) -> None:
    """On every store; nobody is told twice, and what was approved late stands."""
    with ground_of(kind, tmp_path) as ground, closing(ground.empty_store()) as store:
        world = World(store)
        _employ(world)
        _solve(world, PEOPLE)
        for told, kinds, states in ((CHIEF, {"review.needed"}, {"waiting": 12}), (None, set(), {"expired": 12})):
            world.now += timedelta(days=7)
            with ThreadPoolExecutor(4) as workers:
                taken = list(workers.map(lambda _: expire_reviews(world.services), range(4)))
            assert sum(taken) == 12
            assert _states(world) == states
            if told is not None:
                assert {one.kind for one in _owed(world, told)} == kinds
                assert len(_owed(world, told)) == 12
        assert {one.recipient.id for one in world.owed()} == set(PEOPLE)
        expired = list_reviews(world.services, ReviewQuery(state=ReviewState.EXPIRED))
        review_award(world.services, expired[0]["award_id"], decision="approved", note=None, told_by=BOSS.id)
        assert _states(world) == {"decided": 1, "expired": 11}
        assert verify(world.services).differences == ()


def test_what_waited_before_there_were_reviews_gets_one(world: World) -> None:
    """Once, with all the time from now on; the reviewer hears of it in the daily digest."""
    _solve(world, [ANA.id])
    with world.store.transaction() as tx:
        (award,) = tx.awards_of(None, ANA)
        tx.put_award(replace(award, id="aw_before", slot="hand:before", source=AwardSource.HAND), None)
    world.now += timedelta(days=5)
    expire_reviews(world.services)
    (_, found) = list_reviews(world.services, ReviewQuery())
    assert (found["award_id"], found["expires_at"]) == ("aw_before", (world.now + timedelta(days=14)).isoformat())
    assert [one.timing for one in _owed(world, BOSS)] == [Timing.INSTANT, Timing.DAILY]


@pytest.mark.parametrize("way", ["an archive", "a changed rule"])
def test_what_comes_in_heaps_is_told_once_a_day_and_to_no_flow(world: World, way: str) -> None:
    """There is time to decide from now on, whenever it was earned."""
    if way == "an archive":
        events = [Event(f"e-{one}", "ticket.solved", at(2), one, f"t-{one}") for one in PEOPLE]
        world.now = at(20)
        with world.store.transaction() as tx:
            record_events_in(tx, world.services, events, told_by="import", at=at(2), historical=True)
    else:
        world.rule(**{**REVIEWED, "review": "none"}, key="other", name="Other", state="draft")
        world.rule(SOLVED_TWICE["criterion"], key="late", name="Late", state="draft", review="manager")
        _solve_quietly(world)
        world.rule(SOLVED_TWICE["criterion"], key="late", name="Late", review="manager")
    waiting = list_reviews(world.services, ReviewQuery(limit=200))
    assert len(waiting) >= 12
    assert {one["expires_at"] for one in waiting} == {(world.now + timedelta(days=14)).isoformat()}
    assert {one.timing for one in _owed(world, BOSS)} == {Timing.DAILY}
    assert world.news() == []
    assert expire_reviews(world.services) == 0


SOLVED_TWICE: dict[str, Any] = {"criterion": {"kind": "count", "of": {"type": "ticket.closed"}, "target": 1}}


def _solve_quietly(world: World) -> None:
    """Tell of what only the rule to come looks at."""
    for person in PEOPLE:
        world.tell(Event(f"closed-{person}", "ticket.closed", world.now, person, f"ticket-{person}"))


def test_who_is_gone_decides_nothing_any_more(world: World) -> None:
    """When half of the time is over, whoever manages the person by then is found."""
    _solve(world, [ANA.id])
    erase_person(world.services, BOSS.id, confirm=BOSS.id)
    world.hire(ANA.id, manager=CHIEF.id)
    (review,) = list_reviews(world.services, ReviewQuery())
    assert (review["reviewer"], review["deciders"]) == (None, [])
    world.now += timedelta(days=7)
    expire_reviews(world.services)
    (review,) = list_reviews(world.services, ReviewQuery())
    assert (review["reviewer"], review["deciders"]) == (CHIEF.id, [CHIEF.id])
    assert len(_owed(world, CHIEF)) == 1
