"""What grew old goes, and nothing that stands changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from milepost.engine.achievements import State
from milepost.engine.events import Event
from milepost.engine.people import Holder, HolderKind
from milepost.engine.telling import NewsKind
from milepost.operations.apply_retention import apply_retention, find_what_is_old
from milepost.operations.record_event import record_event
from milepost.operations.save_achievement import save_achievement, set_state
from milepost.operations.save_people import save_actor, save_team
from milepost.operations.services import Services
from milepost.operations.show_event import show_event
from milepost.operations.show_progress import show_progress
from milepost.operations.verify import verify
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.outbox import (
    AttemptRecord,
    DeliveryQuery,
    DeliveryRecord,
    DeliveryStatus,
    MessageForm,
    MessageRecord,
    NewsRecord,
    SubscriptionRecord,
)

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BOB = "ana@example.com", "bob@example.com"
SUPPORT = Holder(HolderKind.TEAM, "support")
GOOD = {"type": "ticket.solved", "where": [{"property": "sla.met", "is": "true"}]}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Open a store where nothing is kept longer than a hundred days, with two people and two rules."""
    store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
    services = Services(store=store, clock=lambda: START, settings=Settings(retention=timedelta(days=100)))
    save_team(services, {"id": "support"})
    for actor_id in (ANA, BOB):
        save_actor(services, {"id": actor_id, "team": "support"})
    save_rule(services, "good", {"kind": "count", "target": 1, "window": "week", "of": GOOD})
    save_rule(services, "together", {"kind": "count", "target": 2, "window": "week", "of": GOOD}, scope="team")
    yield services
    store.close()


def save_rule(services: Services, key: str, criterion: dict[str, Any], **more: Any) -> None:
    """Save a rule and bring it into force."""
    named = {"key": key, "name": key.title(), "purpose": "Keep promises", "category": "quality", "state": "live"}
    save_achievement(services, {**named, "criterion": criterion, **more}, author="Ops")


def later(services: Services, days: int) -> Services:
    """Give the same store some days after the start."""
    return services.at(START + timedelta(days=days))


def tell(services: Services, event_id: str, actor: str, **more: Any) -> dict[str, Any]:
    """Tell that a ticket was solved just now."""
    properties = {"sla": {"met": "true", "minutes": 5}, "customer": "Wile E."} | more
    event = Event(event_id, "ticket.solved", services.clock(), actor, event_id, properties)
    return record_event(services, event, told_by="test")


def test_nothing_is_old_at_first(services: Services) -> None:
    """And nothing goes."""
    first = tell(services, "zd-1", ANA)
    assert apply_retention(later(services, 99)) == find_what_is_old(later(services, 99))
    assert find_what_is_old(later(services, 99)).events == 0
    assert tell(services, "zd-1", ANA) == {**first, "replayed": True}


def test_an_old_event_keeps_what_rules_look_at_and_no_more(services: Services) -> None:
    """Its replay is known for one, and changes nothing."""
    tell(services, "zd-1", ANA)
    tell(later(services, 60), "zd-2", ANA)
    old = later(services, 101)
    assert find_what_is_old(old).events == 1
    assert apply_retention(old).events == 1
    assert show_event(services, "zd-1")["properties"] == {"sla": {"met": "true", "minutes": 5}}
    assert show_event(services, "zd-2")["properties"]["customer"] == "Wile E."
    again = tell(services, "zd-1", ANA)
    assert (again["replayed"], again["outcome"], again["awards"]) == (True, "counted", [])
    assert "no longer kept" in again["warnings"][0]
    assert apply_retention(old).events == 0


def test_older_tellings_go(services: Services) -> None:
    """The one that counts stays."""
    tell(services, "zd-1", ANA, csat=1)
    tell(later(services, 2), "zd-1", ANA, csat=2)
    assert apply_retention(later(services, 101)).tellings == 1
    assert [one["properties"]["csat"] for one in show_event(services, "zd-1")["revisions"]] == [2]


def test_who_told_nothing_for_so_long_is_erased_and_the_rest_stands(services: Services) -> None:
    """The team keeps its total; those who told something, or were never told of, keep their names."""
    save_actor(services, {"id": "new@example.com"})
    for actor in (ANA, BOB):
        tell(services, f"zd-{actor[:3]}", actor)
    tell(later(services, 90), "zd-late", BOB)
    team = show_progress(services, SUPPORT)
    assert find_what_is_old(later(services, 101)).people == (ANA,)
    assert apply_retention(later(services, 101)).people == (ANA,)
    with services.store.reading() as reading:
        names = [actor.id for actor in reading.actors()]
    assert [name for name in names if not name.startswith("erased-")] == [BOB, "new@example.com"]
    assert len(names) == 3
    assert show_progress(services, SUPPORT) == team
    assert verify(later(services, 101)).differences == ()
    assert apply_retention(later(services, 400)).people == (BOB,)


def test_what_a_closed_week_was_judged_by_is_kept(services: Services) -> None:
    """An older version of a rule still judges the weeks that ended under it."""
    tell(services, "zd-1", ANA, grade="a")
    graded = {"type": "ticket.solved", "where": [{"property": "grade", "is": "a"}]}
    save_rule(services, "graded", {"kind": "count", "target": 1, "window": "week", "of": graded})
    save_rule(later(services, 30), "graded", {"kind": "count", "target": 1, "window": "week", "of": GOOD})
    apply_retention(later(services, 101))
    assert "grade" in show_event(services, "zd-1")["properties"]
    assert verify(later(services, 101)).differences == ()


def test_a_retired_rule_looks_at_nothing(services: Services) -> None:
    """What only it looked at goes; its awards stay."""
    tell(services, "zd-1", ANA)
    for key in ("good", "together"):
        set_state(services, key, State.RETIRED, author="Ops")
    apply_retention(later(services, 101))
    assert show_event(services, "zd-1")["properties"] == {}
    with services.store.reading() as reading:
        holders = reading.holders("good")
        assert [len(reading.awards_of("good", holder)) for holder in holders] == [1]


def test_answers_to_repeated_calls_go_after_a_month_whatever_is_set(services: Services) -> None:
    """A call is repeated within hours, or never."""
    off = replace(services, settings=Settings())
    with services.store.transaction() as tx:
        tx.put_answer("scope", "old", "f", "200\n{}", START)
        tx.put_answer("scope", "new", "f", "200\n{}", START + timedelta(days=2))
    tell(services, "zd-1", ANA)
    assert apply_retention(later(off, 31)) == find_what_is_old(later(off, 31))
    with services.store.reading() as reading:
        assert reading.answer("scope", "old") is None
        assert reading.answer("scope", "new") is not None
    assert show_event(services, "zd-1")["properties"]["customer"] == "Wile E."


def tell_of(services: Services, message_id: str) -> None:
    """Keep a message, its delivery that was sent, news that was handed, and a look, all of this moment."""
    at = services.clock()
    with services.store.transaction() as tx:
        tx.put_subscription(SubscriptionRecord("sub_1", "webhook", "all", "https://hooks.example.com", START))
        tx.put_message(MessageRecord(message_id, Holder(HolderKind.ACTOR, ANA), MessageForm.INSTANT, at, {}))
        done = DeliveryRecord(f"dl_{message_id}", message_id, "sub_1", DeliveryStatus.SENT, at, finished_at=at)
        tx.put_delivery(done)
        tx.put_news(NewsRecord(f"nw_{message_id}", NewsKind.AWARDED, at, {}, handed_at=at))
        tx.count_view(ANA, at.date(), "self")


@pytest.mark.parametrize(("retention", "kept"), [(100, 100), (None, 400), (1000, 400)])
def test_what_was_told_goes_after_the_time_that_is_set_and_in_any_case(
    services: Services, retention: int | None, kept: int
) -> None:
    """With its deliveries, the news it told, and looks at progress; what is younger stays."""
    length = None if retention is None else timedelta(days=retention)
    services = replace(services, settings=Settings(retention=length))
    for day in (0, 2):
        tell_of(later(services, day), f"msg_{day}")
    assert find_what_is_old(later(services, kept)).messages == 0
    assert apply_retention(later(services, kept)).messages == 0
    assert find_what_is_old(later(services, kept + 1)).messages == 1
    assert apply_retention(later(services, kept + 1)).messages == 1
    with services.store.reading() as reading:
        assert [one.id for one in reading.messages_to(Holder(HolderKind.ACTOR, ANA))] == ["msg_2"]
        assert [one.id for one in reading.deliveries(DeliveryQuery())] == ["dl_msg_2"]
        assert [one.id for one in reading.newest_news([NewsKind.AWARDED])] == ["nw_msg_2"]
        looked = reading.views(first=START.date(), last=START.date() + timedelta(days=9))
    assert [one.day for one in looked] == [START.date() + timedelta(days=2)]


@pytest.mark.slow
def test_ten_thousand_old_messages_go_in_seconds(services: Services) -> None:
    """In a store that keeps as many younger ones."""
    with services.store.transaction() as tx:
        tx.put_subscription(SubscriptionRecord("sub_1", "webhook", "all", "https://hooks.example.com", START))
        for number in range(20_000):
            at = START + timedelta(days=200 * (number % 2))
            message = MessageRecord(f"msg_{number}", Holder(HolderKind.ACTOR, ANA), MessageForm.INSTANT, at, {})
            tx.put_message(message)
            tx.put_delivery(DeliveryRecord(f"dl_{number}", message.id, "sub_1", DeliveryStatus.SENT, at))
            tx.put_attempt(AttemptRecord(f"dl_{number}", 1, at, "sent", 200, "Taken.", 9))
    begun = time.monotonic()
    assert apply_retention(later(services, 101)).messages == 10_000
    assert time.monotonic() - begun < 10
