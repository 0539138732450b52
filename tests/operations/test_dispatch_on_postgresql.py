from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from milepost.operations.dispatch_deliveries import dispatch_due
from milepost.operations.hand_out_news import hand_out_news
from milepost.storage import open_store
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus
from tests.operations.deliveries import MONDAY, PASSING, Post, Scripted
from tests.stores import ground_of

pytestmark = pytest.mark.slow

WORKERS = 3
PLACES = 12
NEWS = 15


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a database server, and make a place in it."""
    with ground_of("postgresql", tmp_path_factory.mktemp("dispatch")) as ground:
        yield ground.fresh_url()


@pytest.fixture
def posts(url: str) -> Iterator[list[Post]]:
    """Open the same store several times, as several processes do; one transport sees what all of them send."""
    stores = [open_store(url) for _ in range(WORKERS)]
    transport = Scripted()
    yield [Post(store, transport=transport) for store in stores]
    for store in stores:
        store.close()


def work(post: Post) -> None:
    """Do what a worker does, once."""
    hand_out_news(post.services)
    dispatch_due(post.services, {"webhook": post.transport, "slack": post.transport})


def all_work(posts: list[Post]) -> None:
    """Let all of them work at the same time."""
    workers = [threading.Thread(target=work, args=(post,)) for post in posts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_several_workers_send_each_message_once(posts: list[Post], url: str) -> None:
    """To each place in its turn, also where a first attempt failed."""
    first = posts[0]
    first.transport.answers = [PASSING] * 20 + first.transport.answers
    for number in range(PLACES):
        first.place(f"sub_{number:02}", address=f"https://hooks-{number}.example/in")
    first.happen(*(f"nw_{number:03}" for number in range(NEWS)))
    for _ in range(30):
        all_work(posts)
        for post in posts:
            post.wait(timedelta(minutes=6))
    sent = Counter((parcel.address, parcel.id) for parcel in first.transport.parcels)
    assert len(sent) == PLACES * NEWS
    assert sent.total() == PLACES * NEWS + 20
    with closing(open_store(url)) as store, store.reading() as reading:
        found = reading.deliveries(DeliveryQuery(limit=1000))
        attempts = sum(len(reading.attempts(delivery.id)) for delivery in found)
    assert {one.status for one in found} == {DeliveryStatus.SENT}
    assert attempts == sent.total()


def test_a_channel_that_several_subscriptions_share_gets_one_message_a_second(posts: list[Post]) -> None:
    """Whichever process takes them."""
    for post in posts:
        post.now = MONDAY + timedelta(days=1)
    first = posts[0]
    address = "https://hooks.slack.com/services/T0/B0/xyz"
    places = [first.place(f"sub_s{number}", transport="slack", address=address) for number in range(4)]
    first.owe("nw_slack", *places)
    for seconds in range(1, 5):
        all_work(posts)
        assert first.transport.ids.count("nw_slack") == seconds
        for post in posts:
            post.wait(timedelta(seconds=1))
