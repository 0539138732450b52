"""Nothing that was told names an erased person any more, and nothing about them is told again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.events import Event
from milepost.engine.people import Holder
from milepost.engine.telling import NewsKind
from milepost.operations.back_up import back_up
from milepost.operations.erase_person import erase_person
from milepost.operations.hand_out_news import hand_out_news
from milepost.operations.verify import verify
from milepost.storage.backups import list_backups
from milepost.storage.outbox import (
    AttemptRecord,
    AttentionRecord,
    DeliveryQuery,
    DeliveryStatus,
    ReviewRecord,
    ReviewState,
    SubscriptionStatus,
)
from milepost.storage.tables import METADATA
from tests.operations.composing import ANA, BOSS, EACH, ONE, SUPPORT, TellingWorld, at, telling_world

CLEO = "cleo@example.com"
#: Each of these is in the store before, and nowhere after.
NAMES = (ANA.id, "Ana Diaz", "Ana solved", "Ana:", "U02ANA77")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TellingWorld]:
    """Have Ana and Cleo earn awards for two weeks; everybody concerned was told, at places of every kind."""
    with telling_world(tmp_path, public_url="https://milepost.example.com") as made:
        made.hire(aliases={"slack": "U02ANA77"})
        made.hire(CLEO, name="Cleo Marin")
        made.place("sub_hers", audience="actor", address="https://hooks.example.com/hers")
        made.place("sub_mail", audience="actor", recipient=None, transport="email", address="")
        made.place("sub_team", audience="team", recipient=SUPPORT, contact=ANA.id, name="Set up by Ana Diaz")
        made.place("sub_flow", audience="all", recipient=None, transport="webhook")
        made.place("sub_left", audience="team", recipient=SUPPORT, transport="email", address=f"Team <{ANA.id}>")
        told = {"actor": "instant", "manager": "instant", "team": "daily"}
        made.rule(ONE, key="quick", name="Quick", audience=told, **EACH)
        made.rule({**ONE, "target": 2}, key="watched", name="Watched", audience={**told, "manager": "weekly"}, **EACH)
        for day in (2, 3, 4):
            _earn(made, day)
        made.go_to(at(10))
        hand_out_news(made.services)
        _look_and_review(made)
        yield made


def _earn(world: TellingWorld, day: int) -> None:
    world.earn(at(day), day)
    world.tell(Event(f"cleo-{day}", "ticket.solved", at(day), CLEO, f"c-{day}"))
    world.go_to(at(day, 10, 1))
    world.go_to(at(day, 16))


def _look_and_review(world: TellingWorld) -> None:
    """Have what only people do: looks, opened mails, reviews, and a mailbox that sent back what came."""
    with world.store.transaction() as tx:
        tx.count_view(ANA.id, at(3).date(), "other")
        for message in tx.messages_to(ANA):
            tx.put_attention(AttentionRecord(message.id, "opened", at(4), at(4)))
        for one in tx.deliveries(DeliveryQuery(limit=500)):
            words = f"550 {ANA.id}: no such mailbox (Ana Diaz)"
            tx.put_attempt(AttemptRecord(one.id, 1, at(5), "passing", 550, words, 3))
            tx.put_delivery(replace(one, attempts=1, words=words))
        first, second = (tx.awards_of("quick", holder)[0] for holder in (ANA, Holder(ANA.kind, CLEO)))
        review = ReviewRecord(first.id, ANA, "quick", BOSS.id, ReviewState.ASKED, at(5), at(19))
        tx.put_review(replace(review, question="Ana, which ticket?", answer="It was me, Ana: the first one"))
        of_cleo = ReviewRecord(second.id, second.holder, "quick", ANA.id, ReviewState.WAITING, at(5), at(19))
        tx.put_review(replace(of_cleo, delegated_by=ANA.id))


def erase(world: TellingWorld) -> dict[str, Any]:
    """Erase Ana."""
    return erase_person(world.services, ANA.id, confirm=ANA.id)


def everything(world: TellingWorld) -> str:
    """Give all rows of all tables as one text."""
    with world.store.reading() as reading:
        rows = [row for name in METADATA.tables for page in reading.pages(name) for row in page]
    return "\n".join(str(value) for row in rows for value in row.values())


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


def test_no_id_made_of_the_persons_is_left(world: TellingWorld) -> None:
    """Whoever tries names would find which of them the award and its news were made with."""
    with world.store.reading() as reading:
        awards = {award.id for award in reading.awards_of(None, ANA)}
        news = {one.id for one in reading.newest_news(list(NewsKind), limit=500) if one.award_id in awards}
    assert len(news) >= 4
    erase(world)
    after = everything(world)
    assert [one for one in awards | news if one in after] == []


def test_what_was_theirs_is_gone_and_what_others_were_told_stays(world: TellingWorld) -> None:
    """With a pseudonym in it; places of the team stay, unless the address is the person's."""
    managers, teams = (len(world.records(one)) for one in (BOSS, SUPPORT))
    cleos = world.records(Holder(ANA.kind, CLEO))
    erase(world)
    assert (len(world.records(BOSS)), len(world.records(SUPPORT))) == (managers, teams)
    assert world.records(Holder(ANA.kind, CLEO)) == cleos
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
    """Where the person was to decide, whoever looks after Milepost does; what they answered is gone."""
    erase(world)
    with world.store.reading() as reading:
        of_cleo, hers = sorted(reading.reviews(list(ReviewState)), key=lambda one: one.state.value, reverse=True)
    assert (of_cleo.holder.id, of_cleo.reviewer) == (CLEO, None)
    assert (of_cleo.delegated_by or "").startswith("erased-")
    assert hers.holder.id.startswith("erased-")
    assert (hers.reviewer, hers.question, hers.answer) == (BOSS.id, None, None)


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
    for actor in ("dan@example.com", CLEO):
        world.tell(Event(f"late-{actor}", "ticket.solved", at(11), actor, f"late-{actor}"))
    erase_person(world.services, "dan@example.com", confirm="dan@example.com")
    assert {one.recipient.id for one in world.owed()} == {CLEO, BOSS.id, SUPPORT.id}
    world.go_to(world.now + timedelta(minutes=1))
    assert "Cleo" in str(world.records(BOSS)[-1].document)
    assert "Dan" not in everything(world)
