from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.engine.telling import NewsKind
from milepost.operations.hand_out_news import CHUNK, hand_out_news
from milepost.storage.outbox import DeliveryQuery, DeliveryRecord, SubscriptionStatus
from tests.operations.deliveries import MONDAY, Post, post_office


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """Open an empty store to send from."""
    with post_office(tmp_path) as post:
        yield post


def posted(post: Post) -> list[DeliveryRecord]:
    """Give all deliveries."""
    with post.store.reading() as reading:
        return reading.deliveries(DeliveryQuery(limit=100_000))


def test_news_become_an_event_with_their_own_id(post: Post) -> None:
    """Each subscriber gets the same, once, however often somebody looks."""
    post.place("sub_1")
    post.place("sub_2")
    post.happen("nw_1")
    assert hand_out_news(post.services) == 1
    assert hand_out_news(post.services) == 0
    assert {one.subscription_id for one in posted(post)} == {"sub_1", "sub_2"}
    post.dispatch()
    expected = {"id": "nw_1", "type": "achievement.awarded", "timestamp": MONDAY.isoformat()}
    assert [one.payload for one in post.transport.parcels] == [{**expected, "data": {"name": "Clean Close"}}] * 2
    assert {(one.id, one.message) for one in post.transport.parcels} == {("nw_1", None)}


def test_a_subscription_gets_what_it_asked_for(post: Post) -> None:
    """By the kind of news and by the achievement."""
    post.place("sub_kind", events=("streak.broken",))
    post.place("sub_rule", achievements=("clean-close",))
    post.place("sub_team", audience="team")
    post.place("sub_off", status=SubscriptionStatus.DISABLED)
    post.happen("nw_1", achievement="clean-close")
    post.happen("nw_2", achievement="other", kind=NewsKind.STREAK_BROKEN)
    post.happen("nw_3", kind=NewsKind.DIGEST_READY)
    hand_out_news(post.services)
    assert {(one.subscription_id, one.message_id) for one in posted(post)} == {
        ("sub_kind", "nw_2"),
        ("sub_rule", "nw_1"),
    }


def test_what_came_before_the_subscription_is_not_sent(post: Post) -> None:
    """Nobody who subscribes wants the past."""
    post.happen("nw_old", at=MONDAY - timedelta(days=1, seconds=1))
    post.place()
    assert hand_out_news(post.services) == 1
    assert posted(post) == []
    with post.store.reading() as reading:
        assert reading.message("nw_old") is None
        news = reading.news("nw_old")
    assert news is not None
    assert news.handed_at == MONDAY


def test_what_waited_for_days_is_handed_out_in_order(post: Post) -> None:
    """In several transactions, oldest first."""
    post.place()
    count = 2 * CHUNK + 1
    for number in range(count):
        post.happen(f"nw_{number:04}", at=MONDAY + timedelta(seconds=number))
    post.wait(timedelta(days=3))
    assert hand_out_news(post.services) == count
    assert len(posted(post)) == count


def test_two_workers_hand_out_once(post: Post) -> None:
    """Neither doubles what the other posted."""
    post.place()
    post.happen(*(f"nw_{number:03}" for number in range(3 * CHUNK)))
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(hand_out_news(post.services))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == len(posted(post)) == 3 * CHUNK
