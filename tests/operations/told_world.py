"""A team in which everything was told that there is to tell: messages, digests, events, at places of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from milepost.engine.events import Event
from milepost.engine.people import Holder
from milepost.operations.hand_out_news import hand_out_news
from milepost.storage.outbox import AttemptRecord, AttentionRecord, DeliveryQuery, ReviewRecord, ReviewState
from tests.operations.composing import ANA, BOSS, EACH, ONE, SUPPORT, TellingWorld, at, telling_world

CLEO = Holder(ANA.kind, "cleo@example.com")


@contextmanager
def told_world(folder: Path) -> Iterator[TellingWorld]:
    """Have Ana and Cleo earn awards for some days; everybody concerned was told."""
    with telling_world(folder, public_url="https://milepost.example.com") as made:
        made.hire(aliases={"slack": "U02ANA77"})
        made.hire(CLEO.id, name="Cleo Marin")
        made.place("sub_hers", audience="actor", address="https://hooks.example.com/hers")
        made.place("sub_mail", audience="actor", recipient=None, transport="email", address="")
        made.place("sub_team", audience="team", recipient=SUPPORT, contact=ANA.id, name="Set up by Ana Diaz")
        made.place("sub_flow", audience="all", recipient=None, transport="webhook")
        made.place("sub_left", audience="team", recipient=SUPPORT, transport="email", address=f"Team <{ANA.id}>")
        told = {"actor": "instant", "manager": "instant", "team": "daily"}
        made.rule(ONE, key="quick", name="Quick", audience=told, **EACH)
        made.rule({**ONE, "target": 2}, key="watched", name="Watched", audience={**told, "manager": "weekly"}, **EACH)
        made.rule(ONE, key="careful", name="Careful", audience=told, review="manager")
        for day in (2, 3, 4):
            _earn(made, day)
        made.go_to(at(10))
        hand_out_news(made.services)
        _look_and_review(made)
        yield made


def _earn(world: TellingWorld, day: int) -> None:
    world.earn(at(day), day)
    world.tell(Event(f"cleo-{day}", "ticket.solved", at(day), CLEO.id, f"c-{day}"))
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
        first, second = (tx.awards_of("quick", holder)[0] for holder in (ANA, CLEO))
        review = ReviewRecord(first.id, ANA, "quick", BOSS.id, ReviewState.ASKED, at(5), at(19))
        said = {"question": "Ana, which ticket?", "asked": ANA.id, "answer": "It was me, Ana: the first one"}
        tx.put_review(replace(review, **said))
        of_cleo = ReviewRecord(second.id, second.holder, "quick", ANA.id, ReviewState.WAITING, at(5), at(19))
        tx.put_review(replace(of_cleo, delegated_by=ANA.id))
