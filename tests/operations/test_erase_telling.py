"""Nothing that was told names an erased person any more, and nothing about them is told again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.telling import NewsKind
from milepost.operations.back_up import back_up
from milepost.operations.erase_person import erase_person
from milepost.operations.move_store import move_store
from milepost.operations.verify import verify
from milepost.storage.backups import list_backups
from milepost.storage.outbox import (
    DeliveryQuery,
    DeliveryStatus,
    ReviewState,
    SubscriptionStatus,
)
from milepost.storage.tables import METADATA
from tests.operations.composing import ANA, BOSS, SUPPORT, TellingWorld, at
from tests.operations.told_world import CLEO, told_world
from tests.stores import ground_of

#: Each of these is in the store before, and nowhere after.
NAMES = (ANA.id, "Ana Diaz", "Ana solved", "Ana:", "U02ANA77")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Have Ana and Cleo earn awards, and everybody concerned told of it."""
    with told_world(tmp_path) as made:
        yield made


def erase(world: TellingWorld) -> dict[str, Any]:
    """Erase Ana."""
    return erase_person(world.services, ANA.id, confirm=ANA.id)


def everything(world: TellingWorld) -> str:
    """Give all rows of all tables as one text."""
    with world.store.reading() as reading:
        rows = [row for name in METADATA.tables for page in reading.pages(name) for row in page]
    return "\n".join(str(value) for row in rows for value in row.values())


def review_links(world: TellingWorld) -> list[str]:
    """Give the words of the links by which the manager can decide."""
    actions = [action for message in world.messages(BOSS) for action in message.actions]
    return [action.label for action in actions if "/review/" in action.url]


def test_nothing_that_was_told_names_the_person(world: TellingWorld, tmp_path: Path) -> None:
    """In no row, in no byte of the store's files, and in no new backup."""
    before = everything(world)
    assert [name for name in NAMES if name not in before] == []
    erase(world)
    after = everything(world).casefold()
    assert [name for name in NAMES if name.casefold() in after] == []
    back_up(world.services)
    (backup,) = list_backups(tmp_path / "milepost.db")
    files = [path for path in (*tmp_path.iterdir(), backup.path) if path.is_file()]
    raw = b"".join(path.read_bytes() for path in files).lower()
    assert [name for name in NAMES if name.casefold().encode() in raw] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tinydb", "postgresql"])
def test_no_other_store_names_the_person_either(world: TellingWorld, tmp_path: Path, kind: str) -> None:
    """Neither in a row, nor in the file that people read; and the store is whole."""
    with ground_of(kind, tmp_path) as ground, closing(ground.empty_store()) as store:
        move_store(world.store, store, lambda _stage: None)
        moved = TellingWorld(store, world.now, world.settings)
        before = len(moved.records(BOSS))
        erase(moved)
        assert [name for name in NAMES if name.casefold() in everything(moved).casefold()] == []
        assert verify(moved.services).differences == ()
        assert store.check() is None
        assert len(moved.records(BOSS)) == before
        readable = store.file.read_text().casefold() if store.file else ""
        assert [name for name in NAMES if name.casefold() in readable] == []


def test_no_id_made_of_the_persons_is_left(world: TellingWorld) -> None:
    """Whoever tries names would find which of them the award and its news were made with."""
    with world.store.reading() as reading:
        awards = {award.id for award in reading.awards_of(None, ANA)}
        news = {one.id for one in reading.newest_news(list(NewsKind), limit=500) if one.award_id in awards}
    assert len(news) >= 4
    erase(world)
    after = everything(world)
    assert [one for one in awards | news if one in after] == []


def test_no_link_to_what_was_theirs_is_left(world: TellingWorld) -> None:
    """The id of the award could be read from it; links to what is others' stay."""
    assert {label.split(" for ")[1] for label in review_links(world)} == {"Ana Diaz", "Cleo Marin"}
    erase(world)
    assert {label.split(" for ")[1] for label in review_links(world)} == {"Cleo Marin"}


def test_what_was_theirs_is_gone_and_what_others_were_told_stays(world: TellingWorld) -> None:
    """With a pseudonym in it; places of the team stay, unless the address is the person's."""
    managers, teams = (len(world.records(one)) for one in (BOSS, SUPPORT))
    cleos = world.records(CLEO)
    erase(world)
    assert (len(world.records(BOSS)), len(world.records(SUPPORT))) == (managers, teams)
    assert world.records(CLEO) == cleos
    text = " ".join(str(one.document) for one in world.records(BOSS))
    assert "erased-" in text
    assert "Cleo" in text
    with world.store.reading() as reading:
        places = {one.id: one for one in reading.subscriptions()}
        assert set(places) == {"sub_mail", "sub_team", "sub_flow"}
        assert (places["sub_team"].contact, places["sub_team"].status) == (None, SubscriptionStatus.ACTIVE)
        assert reading.messages_to(ANA) == reading.views(first=at(1).date(), last=at(30).date()) == []
        left = reading.deliveries(DeliveryQuery(limit=500))
        assert {one.subscription_id for one in left} == {"sub_mail", "sub_team", "sub_flow"}


def test_the_store_is_whole_afterwards(world: TellingWorld) -> None:
    """Nothing differs from what follows from the events, and no row refers to one that is gone."""
    assert verify(world.services).differences == ()
    erase(world)
    assert verify(world.services).differences == ()
    assert world.store.check() is None


def test_a_review_goes_to_somebody_else_and_loses_what_was_said(world: TellingWorld) -> None:
    """Where the person was to decide, whoever looks after Milepost does; what they were asked and answered is gone."""
    erase(world)
    with world.store.reading() as reading:
        found = {one.holder.id: one for one in reading.reviews(list(ReviewState)) if one.achievement == "quick"}
    of_cleo, (hers,) = found.pop(CLEO.id), found.values()
    assert of_cleo.reviewer is None
    assert (of_cleo.delegated_by or "").startswith("erased-")
    assert hers.holder.id.startswith("erased-")
    assert (hers.reviewer, hers.state) == (BOSS.id, ReviewState.WAITING)
    assert (hers.question, hers.asked, hers.answer) == (None, None, None)


def test_nothing_is_owed_or_told_about_the_person_afterwards(world: TellingWorld) -> None:
    """Neither what was waiting for a digest, nor a correction of what falls later."""
    world.earn(at(10, 11), 10)
    erase(world)
    with world.store.reading() as reading:
        assert reading.owed_by(by=at(30), limit=500) == []
    world.reopen(at(10, 12), 10, told_at=at(11))
    for day in (11, 12, 17, 23):
        world.go_to(at(day))
    assert [one for one in world.records(BOSS) if one.composed_at > at(10, 12)] == []
    with world.store.reading() as reading:
        waiting = reading.deliveries(DeliveryQuery(status=DeliveryStatus.WAITING, since=at(10, 12), limit=500))
    assert waiting == []


def test_a_person_is_erased_who_was_told_nothing_yet(world: TellingWorld) -> None:
    """What is only owed goes, and their colleagues are told as before."""
    world.hire("dan@example.com", name="Dan Roth")
    world.now = at(11)
    for actor in ("dan@example.com", CLEO.id):
        world.tell(Event(f"late-{actor}", "ticket.solved", at(11), actor, f"late-{actor}"))
    erase_person(world.services, "dan@example.com", confirm="dan@example.com")
    assert {one.recipient.id for one in world.owed()} == {CLEO.id, BOSS.id, SUPPORT.id}
    world.go_to(world.now + timedelta(minutes=1))
    assert "Cleo" in str(world.records(BOSS)[-1].document)
    assert "Dan" not in everything(world)
