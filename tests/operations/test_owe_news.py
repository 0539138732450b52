"""Who is owed a word about what, from the moment an award is granted until it falls and stands again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.operations.decide_award import review_award, revoke_award
from milepost.operations.give_award import give_award
from milepost.operations.record_event import record_event, record_events_in
from milepost.operations.save_achievement import save_achievement
from milepost.operations.save_people import save_actor
from milepost.operations.verify import verify
from milepost.operations.void_event import void_event
from milepost.storage import open_store
from tests.operations.telling import ALL_AT_ONCE, ANA, BOSS, SOLVED, SUPPORT, World, at

TO_ALL = {(ANA.id, "granted", "instant"), (BOSS.id, "granted", "weekly"), (SUPPORT.id, "granted", "daily")}
ONE = {**SOLVED, "target": 1}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Open an empty store in which Ana works for the support team."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    made = World(store)
    made.hire()
    yield made
    store.close()


def void(world: World, answer: dict[str, object]) -> None:
    """Take an event back."""
    void_event(world.services, str(answer["event_id"]), told_by="test")


def test_an_award_is_owed_to_each_audience_of_its_rule(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    world.solve(at(2))
    assert world.owes() == TO_ALL
    assert world.kinds() == ["achievement.awarded"]
    document = world.news()[0].document
    assert document["holder_name"] == "Ana Diaz"
    assert document["manager"] == BOSS.id
    assert document["evidence"] == [world.news()[0].document["evidence"][0]]


def test_an_audience_that_never_hears_of_it_is_owed_nothing(world: World) -> None:
    world.rule(ONE, audience={"actor": "never", "manager": "never", "team": "never"})
    world.solve(at(2))
    assert world.owes() == set()
    assert world.kinds() == ["achievement.awarded"]  # flows that subscribed hear of it all the same


def test_an_award_that_falls_before_anybody_was_told_owes_nothing(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    answer = world.solve(at(2))
    void(world, answer)
    assert world.owes() == set()


def test_who_was_told_of_an_award_is_owed_its_correction_and_nobody_else(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"})
    answer = world.solve(at(2))
    world.say_everything()
    world.now = at(3)
    world.hire(manager="new@example.com")
    void(world, answer)
    assert world.owes() == {(ANA.id, "fallen", "instant")}
    assert world.kinds() == ["achievement.awarded", "achievement.revoked"]


def test_the_manager_who_was_told_is_corrected_also_after_a_change_of_manager(world: World) -> None:
    world.rule(ONE, audience={"actor": "never", "manager": "instant"})
    answer = world.solve(at(2))
    world.say_everything()
    world.now = at(3)
    world.hire(manager="new@example.com")
    void(world, answer)
    assert world.owes() == {(BOSS.id, "fallen", "instant")}


def test_an_award_that_falls_and_stands_again_in_between_is_no_word_worth(world: World) -> None:
    world.rule({**SOLVED, "target": 1}, audience={"actor": "instant"})
    event = Event("e-1", "ticket.solved", at(2), ANA.id, "t-1", {"ok": "true"})
    world.rule(
        {"kind": "count", "target": 1, "of": {"type": "ticket.solved", "where": [{"property": "ok", "is": "true"}]}}
    )
    world.tell(event)
    world.say_everything()
    world.now = at(2, 11)
    world.tell(Event("e-1", "ticket.solved", at(2), ANA.id, "t-1", {"ok": "false"}))
    assert world.owes() == {(ANA.id, "fallen", "instant")}
    world.now = at(2, 12)
    world.tell(Event("e-1", "ticket.solved", at(2), ANA.id, "t-1", {"ok": "true", "again": 1}))
    assert world.owes() == set()
    assert world.kinds() == ["achievement.awarded", "achievement.revoked", "achievement.awarded"]


def test_an_archive_is_no_news(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    event = Event("old", "ticket.solved", at(2), ANA.id, "t-1")
    with world.store.transaction() as tx:
        record_events_in(tx, world.services, [event], told_by="import", historical=True)
    assert (world.owes(), world.kinds()) == (set(), [])
    void_event(world.services, "old", told_by="test")
    assert (world.owes(), world.kinds()) == (set(), [])  # what was never told needs no correction


def test_what_was_earned_long_ago_is_no_news(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    event = Event("late", "ticket.solved", at(2), ANA.id, "t-1")
    world.now = at(2) + timedelta(days=34)
    world.tell(event)
    assert len(world.owes()) == 3
    give = Event("later", "ticket.solved", at(3), ANA.id, "t-2")
    world.rule({**SOLVED, "target": 2}, key="other", audience=ALL_AT_ONCE)
    world.now = at(3) + timedelta(days=36)
    with world.store.transaction() as tx:
        record_events_in(tx, world.services, [give], told_by="test", historical=True)
    assert len(world.owes()) == 3


def test_a_rule_that_grants_for_the_past_is_no_news(world: World) -> None:
    world.solve(at(2))
    world.rule(ONE, audience=ALL_AT_ONCE)
    with world.store.reading() as reading:
        assert len(reading.awards_of(None, ANA)) == 1
    assert (world.owes(), world.kinds()) == (set(), [])


def test_a_changed_rule_that_takes_back_what_was_told_owes_the_correction(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"})
    world.solve(at(2))
    world.say_everything()
    world.now = at(3)
    document = {"key": "steady", "name": "Steady", "purpose": "Keep promises", "category": "volume", "state": "live"}
    harder = {**document, "criterion": {**SOLVED, "target": 5}}
    save_achievement(world.services, harder, author="Ops", note="Too easy", past="recompute")
    assert world.owes() == {(ANA.id, "fallen", "instant")}


def test_nobody_is_owed_a_word_about_somebody_who_opted_out(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    world.hire(preferences={"opt_out": True})
    world.solve(at(2))
    assert (world.owes(), world.kinds()) == (set(), [])


def test_what_is_known_of_an_award_stays_true_after_its_holder_opted_out(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    answer = world.solve(at(2))
    world.say_everything()
    world.hire(preferences={"opt_out": True})
    void(world, answer)
    assert world.owes() == set()
    assert verify(world.services).differences == ()
    world.hire(preferences={"opt_out": False})
    assert world.owes() == set()


def test_an_award_told_so_long_ago_that_its_news_is_gone_is_corrected_all_the_same(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"})
    answer = world.solve(at(2))
    world.say_everything()
    with world.store.transaction() as tx:
        (news,) = tx.news_to_hand(limit=5)
        tx.put_news(replace(news, handed_at=at(2)))
        tx.drop_told(before=at(3))
    world.now = at(20)
    void(world, answer)
    assert world.owes() == {(ANA.id, "fallen", "instant")}


def test_the_team_hears_nothing_of_somebody_who_keeps_to_themselves(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    world.hire(preferences={"visibility": "private"})
    world.solve(at(2))
    assert {recipient for recipient, _, _ in world.owes()} == {ANA.id, BOSS.id}
    assert world.news()[0].document["visibility"] == "private"


def test_a_team_award_is_owed_to_the_team_and_to_its_members_managers(world: World) -> None:
    world.rule(ONE, scope="team", audience={"actor": "instant", "manager": "daily"})
    world.solve(at(2))
    assert world.owes() == {(SUPPORT.id, "granted", "instant"), (BOSS.id, "granted", "daily")}


def test_nobody_hears_of_their_own_award_as_their_own_manager(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    save_actor(world.services, {"id": ANA.id, "manager": ANA.id, "team": None})
    world.solve(at(2))
    assert world.owes() == {(ANA.id, "granted", "instant")}


def test_an_award_given_by_hand_is_news_and_so_is_taking_it_back(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"})
    given, _ = give_award(
        world.services,
        achievement="steady",
        holder=ANA,
        award_id="x",
        points=None,
        note=None,
        evidence=(),
        told_by="ops",
    )
    assert world.owes() == {(ANA.id, "granted", "instant")}
    world.say_everything()
    world.now = at(3)
    revoke_award(world.services, given["id"], reason="given to the wrong person", told_by="ops")
    assert world.owes() == {(ANA.id, "fallen", "instant")}


def test_an_award_in_review_is_told_once_it_is_approved(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"}, review="manager")
    answer = world.solve(at(2))
    assert ANA.id not in {one.recipient.id for one in world.owed()}
    review_award(world.services, answer["awards"][0]["id"], decision="approved", note=None, told_by="boss")
    assert (ANA.id, "granted", "instant") in world.owes()


def test_a_rehearsal_owes_nothing(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    event = Event("dry", "ticket.solved", at(2), ANA.id, "t-1")
    record_event(world.services, event, told_by="test", dry_run=True)
    assert (world.owes(), world.kinds()) == (set(), [])


def test_a_replay_owes_nothing_more(world: World) -> None:
    world.rule(ONE, audience={"actor": "instant"})
    world.solve(at(2))
    world.say_everything()
    world.solve(at(2))
    assert (world.owes(), world.kinds()) == (set(), ["achievement.awarded"])


def test_an_actor_nobody_knows_yet_is_owed_their_own_award(world: World) -> None:
    world.rule(ONE, audience=ALL_AT_ONCE)
    world.tell(Event("new", "ticket.solved", at(2), "new@example.com", "t-9"))
    assert {one.recipient for one in world.owed()} == {Holder(HolderKind.ACTOR, "new@example.com")}
