from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.errors import Conflict, NotFound
from milepost.operations.claim_deliveries import Room, claim_due
from milepost.operations.pacing import Pace
from milepost.operations.record_attempt import Tried, record_attempt
from milepost.operations.replay_deliveries import CHUNK, replay_deliveries, replay_delivery
from milepost.storage.outbox import DeliveryQuery, DeliveryStatus, SubscriptionStatus
from tests.operations.deliveries import GONE, MONDAY, PASSING, PERMANENT, SENT, Post, post_office


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """Open an empty store to send from."""
    with post_office(tmp_path) as post:
        yield post


def test_what_failed_is_sent_again_under_the_same_id(post: Post) -> None:
    """With a ladder of its own; the earlier attempts stay."""
    delivery_id = post.owe("nw_1", post.place())
    post.dispatch(PERMANENT)
    post.wait(timedelta(hours=1))
    replayed = replay_delivery(post.services, delivery_id)
    assert (replayed.status, replayed.attempts, replayed.next_at) == (DeliveryStatus.WAITING, 0, post.now)
    post.dispatch(PASSING)
    next_at = post.delivery(delivery_id).next_at
    assert next_at is not None
    assert next_at - post.now < timedelta(seconds=7)
    post.now = next_at
    post.dispatch(SENT)
    assert post.transport.ids == ["nw_1"] * 3
    assert [(one.number, one.outcome) for one in post.attempts(delivery_id)] == [
        (1, "permanent"),
        (2, "passing"),
        (3, "sent"),
    ]


def test_what_arrived_can_be_sent_again(post: Post) -> None:
    """Whoever lost it on the other side asks for it."""
    delivery_id = post.owe("nw_1", post.place())
    post.dispatch()
    replay_delivery(post.services, delivery_id)
    post.dispatch()
    assert post.transport.ids == ["nw_1"] * 2


def test_what_is_under_way_stays_as_it_is(post: Post) -> None:
    """It arrives, or is tried again, anyway."""
    delivery_id = post.owe("nw_1", post.place())
    (claim,) = claim_due(post.services, Room(1, 1), Pace()).claims
    assert replay_delivery(post.services, delivery_id) == claim.delivery
    record_attempt(post.services, Tried(claim, SENT, timedelta()))
    assert post.delivery(delivery_id).status is DeliveryStatus.SENT


def test_what_waits_is_tried_at_once(post: Post) -> None:
    """Also where the place rests because nothing arrived there."""
    place = post.place()
    ids = [post.owe(f"nw_{number}", place) for number in range(5)]
    post.dispatch(PASSING)
    assert post.dispatch(SENT) == 0
    replay_delivery(post.services, ids[0])
    assert post.dispatch() == 1


def test_all_that_failed_at_a_place_is_replayed_once_it_is_on_again(post: Post) -> None:
    """Before that nothing is: it could not go anywhere."""
    place = post.place()
    count = CHUNK + 3
    ids = [post.owe(f"nw_{number:04}", place) for number in range(count)]
    post.dispatch(GONE)
    query = DeliveryQuery(subscription_id="sub_1", limit=1)
    assert replay_deliveries(post.services, query) == 0
    with pytest.raises(Conflict, match="Switch it on first"):
        replay_delivery(post.services, ids[0])
    post.change(status=SubscriptionStatus.ACTIVE)
    assert replay_deliveries(post.services, query) == count
    assert {post.delivery(one).status for one in ids} == {DeliveryStatus.WAITING}


def test_a_range_is_replayed(post: Post) -> None:
    """By when it was owed; what arrived only if it is asked for."""
    place = post.place()
    for hour in range(4):
        post.now = MONDAY + timedelta(hours=hour)
        post.owe(f"nw_{hour}", place)
        post.dispatch(PERMANENT if hour < 3 else SENT)
    since = DeliveryQuery(since=MONDAY + timedelta(hours=1))
    assert replay_deliveries(post.services, since) == 2
    assert replay_deliveries(post.services, since) == 0
    assert replay_deliveries(post.services, DeliveryQuery(status=DeliveryStatus.SENT)) == 1
    assert replay_deliveries(post.services, DeliveryQuery(until=MONDAY + timedelta(hours=1))) == 1


def test_what_is_not_there_cannot_be_replayed(post: Post) -> None:
    """The answer says where to look."""
    with pytest.raises(NotFound, match="/v1/deliveries"):
        replay_delivery(post.services, "dl_unknown")
