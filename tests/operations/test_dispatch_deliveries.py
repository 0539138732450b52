from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from milepost.delivery.backoff import LADDER
from milepost.delivery.base import Outcome, Parcel
from milepost.engine.people import Actor, Holder, HolderKind, Preferences
from milepost.log import configure_log
from milepost.operations.claim_deliveries import LEASE, Room, claim_due, release_leases
from milepost.operations.dispatch_deliveries import Dispatch
from milepost.operations.pacing import PER_HOST, Pace
from milepost.operations.record_attempt import Tried, record_attempt
from milepost.storage.outbox import DeliveryStatus, SubscriptionStatus
from tests.operations.deliveries import GONE, MONDAY, PASSING, PERMANENT, SENT, Post, Scripted, post_office

ANA = Holder(HolderKind.ACTOR, "ana@example.com")
ROOM = Room(16, 8)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """Open an empty store to send from."""
    with post_office(tmp_path) as post:
        yield post


def test_what_is_due_is_sent_once(post: Post) -> None:
    """The attempt is kept, and nothing is left to do."""
    delivery_id = post.owe("nw_1", post.place())
    assert post.dispatch() == 1
    assert post.dispatch() == 0
    delivery = post.delivery(delivery_id)
    assert (delivery.status, delivery.attempts, delivery.next_at) == (DeliveryStatus.SENT, 1, None)
    assert (delivery.lease, delivery.leased_until, delivery.finished_at) == (None, None, MONDAY)
    (attempt,) = post.attempts(delivery_id)
    assert (attempt.number, attempt.outcome, attempt.status_code, attempt.words) == (1, "sent", 200, "Taken.")
    assert post.place_now().rests_until is None


def test_the_ladder_is_that_of_standard_webhooks(post: Post) -> None:
    """Ten attempts with the same id, each after its step and a fifth at most; then it is given up."""
    delivery_id = post.owe("nw_1", post.place())
    waits = []
    for number in range(1, 11):
        assert post.dispatch(PASSING) == 1, number
        delivery = post.delivery(delivery_id)
        if delivery.next_at is not None:
            waits.append(delivery.next_at - post.now)
            post.now = delivery.next_at - timedelta(milliseconds=1)
            assert post.dispatch() == 0
            post.now = delivery.next_at
    assert [round(wait / step, 1) for wait, step in zip(waits, LADDER, strict=True)] == pytest.approx([1] * 9, abs=0.2)
    assert len({wait / step for wait, step in zip(waits, LADDER, strict=True)}) == 9
    assert post.delivery(delivery_id).status is DeliveryStatus.FAILED
    assert post.transport.ids == ["nw_1"] * 10
    assert [one.number for one in post.attempts(delivery_id)] == list(range(1, 11))
    assert post.place_now().status is SubscriptionStatus.ACTIVE


def test_a_place_that_asks_to_be_left_alone_is(post: Post) -> None:
    """For all its messages; the one that was answered so waits for its step if that is longer."""
    place = post.place()
    first = post.owe("nw_1", place)
    asked = replace(PASSING, status_code=429, retry_after=timedelta(minutes=20))
    assert post.dispatch(asked) == 1
    post.owe("nw_2", place)
    post.wait(timedelta(minutes=19, seconds=59))
    assert post.dispatch(SENT) == 0
    post.wait(timedelta(seconds=1))
    assert post.dispatch() == 2
    assert post.delivery(first).status is DeliveryStatus.SENT


def test_nobody_is_left_alone_for_longer_than_a_day(post: Post) -> None:
    """Whatever the receiver says."""
    delivery_id = post.owe("nw_1", post.place())
    post.dispatch(replace(PASSING, retry_after=timedelta(days=400)))
    assert post.delivery(delivery_id).next_at == MONDAY + timedelta(hours=24)
    assert post.place_now().rests_until == MONDAY + timedelta(hours=24)


def test_a_message_that_is_refused_is_not_tried_again(post: Post) -> None:
    """The next one is."""
    place = post.place()
    delivery_id = post.owe("nw_1", place)
    post.dispatch(PERMANENT)
    delivery = post.delivery(delivery_id)
    assert (delivery.status, delivery.words, delivery.next_at) == (DeliveryStatus.FAILED, PERMANENT.words, None)
    post.owe("nw_2", place)
    assert post.dispatch(SENT) == 1


def test_a_place_that_is_no_more_is_switched_off(post: Post) -> None:
    """What waits for it ends with words, and can be replayed."""
    place = post.place()
    ids = [post.owe(f"nw_{number}", place) for number in range(3)]
    assert post.dispatch(GONE) == 1
    now = post.place_now()
    assert now.status is SubscriptionStatus.DISABLED
    assert str(now.words).startswith(GONE.words)
    assert {post.delivery(one).status for one in ids} == {DeliveryStatus.FAILED}
    assert len(post.transport.parcels) == 1
    assert "Switch it on" in str(post.delivery(ids[2]).words)


def test_five_failures_make_a_place_rest_and_one_message_tries_it(post: Post) -> None:
    """The rest grows with each try that fails, and ends with the first that does not."""
    place = post.place()
    for number in range(20):
        post.owe(f"nw_{number:02}", place)
    assert post.dispatch(PASSING) == 5
    rests = []
    for _ in range(8):
        rest = post.place_now().rests_until
        assert rest is not None
        rests.append((rest - post.now) // timedelta(minutes=1))
        post.now = rest
        assert post.dispatch() == 1
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
    post.wait(timedelta(hours=1))
    assert post.dispatch(SENT) == 20
    assert (post.place_now().failures, post.place_now().failing_since) == (0, None)


def test_a_place_that_fails_for_five_days_is_switched_off_and_a_person_is_told(post: Post) -> None:
    """The word is owed, not sent: it comes by the person's other places and the feed."""
    place = post.place(contact="ben@example.com")
    post.owe("nw_1", place)
    for _ in range(5):
        post.dispatch(PASSING)
        post.wait(timedelta(days=1))
    assert post.place_now().status is SubscriptionStatus.ACTIVE
    post.owe("nw_2", place)
    post.dispatch()
    assert post.place_now().status is SubscriptionStatus.DISABLED
    with post.store.reading() as reading:
        (owed,) = reading.owed_about("subscription:sub_1")
        news = reading.news(str(owed.news_id))
    assert (owed.recipient.id, owed.kind.value, owed.due_at) == ("ben@example.com", "subscription.disabled", post.now)
    assert news is not None
    assert news.document["id"] == "sub_1"
    assert "5 days" in news.document["words"]


def test_a_place_that_fails_again_is_told_of_again(post: Post) -> None:
    """Somebody had repaired it in between."""
    place = post.place(contact="ben@example.com")
    for number in range(2):
        post.owe(f"nw_{number}", place)
        post.dispatch(GONE)
        with post.store.transaction() as tx:
            (owed,) = tx.owed_about("subscription:sub_1")
            assert owed.due_at == post.now
            tx.put_owed(replace(owed, told=owed.standing, due_at=None))
        post.change(status=SubscriptionStatus.ACTIVE)
        post.wait(timedelta(days=1))


def test_what_is_under_way_when_a_place_is_switched_off_may_still_arrive(post: Post) -> None:
    """Somebody had let it try again at once, so that there were two."""
    place = post.place()
    post.owe("nw_1", place)
    post.wait(timedelta(seconds=1))
    delivery_id = post.owe("nw_2", place)
    (first,) = claim_due(post.services, ROOM, Pace()).claims
    post.change(rests_until=None)
    (second,) = claim_due(post.services, ROOM, Pace()).claims
    record_attempt(post.services, Tried(first, GONE, timedelta()))
    record_attempt(post.services, Tried(second, SENT, timedelta()))
    assert post.delivery(delivery_id).status is DeliveryStatus.SENT


@pytest.mark.parametrize("status", [SubscriptionStatus.REMOVED, SubscriptionStatus.DISABLED])
def test_what_somebody_did_with_a_place_meanwhile_stays(post: Post, status: SubscriptionStatus) -> None:
    """A place that was removed while a message was under way does not come back as one that failed."""
    post.owe("nw_1", post.place())
    (claim,) = claim_due(post.services, ROOM, Pace()).claims
    post.change(status=status, words="By hand.")
    record_attempt(post.services, Tried(claim, GONE, timedelta()))
    assert (post.place_now().status, post.place_now().words) == (status, "By hand.")
    with post.store.reading() as reading:
        assert reading.news_to_hand(limit=1) == []


def test_one_mailbox_of_many_that_is_gone_switches_nothing_off(post: Post) -> None:
    """A place that is for each person has as many mailboxes as there are people."""
    place = post.place(transport="email", audience="actor", address="")
    delivery_id = post.owe("msg_1", place, recipient=ANA)
    post.dispatch(GONE)
    assert post.delivery(delivery_id).status is DeliveryStatus.FAILED
    assert (post.place_now().status, post.place_now().failures) == (SubscriptionStatus.ACTIVE, 0)


def test_one_message_at_a_time_goes_to_a_place(post: Post) -> None:
    """The next one when the one before has arrived; other places do not wait for it."""
    place, other = post.place(), post.place("sub_2")
    for number in range(3):
        post.owe(f"nw_{number}", place, other)
    first = claim_due(post.services, ROOM, Pace())
    assert [(claim.place.id, claim.parcel.id) for claim in first.claims] == [("sub_1", "nw_0"), ("sub_2", "nw_0")]
    assert claim_due(post.services, ROOM, Pace()).claims == ()
    record_attempt(post.services, Tried(first.claims[0], SENT, timedelta()))
    (second,) = claim_due(post.services, ROOM, Pace()).claims
    assert (second.place.id, second.parcel.id) == ("sub_1", "nw_1")


def test_what_a_dead_process_had_taken_is_taken_over(post: Post) -> None:
    """When the lease ends; and what the dead one says after all is kept, but changes nothing."""
    delivery_id = post.owe("nw_1", post.place())
    (lost,) = claim_due(post.services, ROOM, Pace()).claims
    post.wait(LEASE - timedelta(seconds=1))
    assert claim_due(post.services, ROOM, Pace()).claims == ()
    post.wait(timedelta(seconds=1))
    (taken,) = claim_due(post.services, ROOM, Pace()).claims
    assert taken.delivery.lease != lost.delivery.lease
    record_attempt(post.services, Tried(lost, PERMANENT, timedelta()))
    assert post.delivery(delivery_id).status is DeliveryStatus.WAITING
    record_attempt(post.services, Tried(taken, SENT, timedelta()))
    assert post.delivery(delivery_id).status is DeliveryStatus.SENT
    assert [(one.number, one.outcome) for one in post.attempts(delivery_id)] == [(1, "permanent"), (2, "sent")]


def test_who_has_the_store_alone_need_not_wait_for_leases(post: Post) -> None:
    """Whoever had them is dead."""
    post.owe("nw_1", post.place())
    assert len(claim_due(post.services, ROOM, Pace()).claims) == 1
    assert release_leases(post.services) == 1
    assert release_leases(post.services) == 0
    assert post.dispatch() == 1


def test_a_channel_takes_one_message_a_second(post: Post) -> None:
    """Also where two subscriptions share it."""
    address = "https://hooks.slack.com/services/T0/B0/xyz"
    places = [post.place(f"sub_{number}", transport="slack", address=address) for number in (1, 2)]
    for number in range(2):
        post.owe(f"nw_{number}", *places)
    arrived = []
    for _ in range(5):
        arrived.append(post.dispatch())
        assert post.dispatch() == 0
        post.wait(timedelta(seconds=1))
    assert arrived == [1, 1, 1, 1, 0]


def test_a_host_gets_no_flood(post: Post) -> None:
    """Twenty-five messages in a second, over all places there; another host does not wait."""
    places = [post.place(f"sub_{number:02}", address="https://hooks.example/in") for number in range(30)]
    post.owe("nw_1", *places, post.place("sub_x"))
    dispatch = Dispatch(post.services, {"webhook": post.transport}, threads=50)
    dispatch.begin()
    dispatch.finish(timedelta(seconds=10))
    assert len(post.transport.parcels) == PER_HOST + 1
    assert dispatch.begin() == 0
    post.wait(timedelta(seconds=1))
    dispatch.begin()
    dispatch.finish(timedelta(seconds=10))
    assert len(post.transport.parcels) == 31


def test_only_so_many_messages_are_on_their_way(post: Post) -> None:
    """The others wait for a free thread."""
    for number in range(6):
        post.owe("nw_1", post.place(f"sub_{number}"))
    assert len(claim_due(post.services, Room(4, 2), Pace()).claims) == 4
    assert len(claim_due(post.services, Room(4, 2), Pace()).claims) == 2


def test_places_that_failed_leave_room_for_the_others(post: Post) -> None:
    """They get half of the threads at most."""
    for number in range(6):
        post.owe("nw_1", post.place(f"sub_{number}", failures=1))
    post.owe("nw_1", post.place("sub_well"))
    claims = claim_due(post.services, Room(4, 2), Pace()).claims
    assert len(claims) == 3
    assert "sub_well" in {claim.place.id for claim in claims}


class Held(Scripted):
    """A transport that answers when it may."""

    def __init__(self) -> None:
        """Hold everything back."""
        super().__init__()
        self.may_answer = threading.Event()

    def send(self, parcel: Parcel) -> Outcome:
        """Wait, then answer."""
        outcome = super().send(parcel)
        self.may_answer.wait(10)
        return outcome


def test_slow_places_take_half_of_the_threads(post: Post) -> None:
    """Those that failed last time; one that never did gets a thread, too."""
    for number in range(6):
        post.owe("nw_1", post.place(f"sub_{number}", failures=1))
    held = Held()
    dispatch = Dispatch(post.services, {"webhook": held}, threads=4)
    assert dispatch.begin() == 2
    assert dispatch.begin() == 0
    post.owe("nw_1", post.place("sub_well"))
    assert dispatch.begin() == 1
    held.may_answer.set()
    assert dispatch.finish(timedelta(seconds=10))
    assert dispatch.begin() == 2


def test_what_is_for_a_removed_place_is_dropped(post: Post) -> None:
    """Whatever was owed there."""
    delivery_id = post.owe("nw_1", post.place())
    post.change(status=SubscriptionStatus.REMOVED)
    post.dispatch()
    assert post.delivery(delivery_id).status is DeliveryStatus.DROPPED
    assert post.transport.parcels == []


def test_who_opted_out_meanwhile_is_told_nothing(post: Post) -> None:
    """A retry must not reach somebody who said no in between."""
    place = post.place(transport="email", audience="actor", address="", recipient=ANA)
    delivery_id = post.owe("msg_1", place, recipient=ANA)
    post.dispatch(PASSING)
    with post.store.transaction() as tx:
        tx.put_actor(Actor(ANA.id, preferences=Preferences(opt_out=True)))
    post.wait(timedelta(minutes=1))
    post.dispatch(SENT)
    assert post.delivery(delivery_id).status is DeliveryStatus.DROPPED
    assert len(post.transport.parcels) == 1


def test_a_retry_does_not_come_in_the_night(post: Post) -> None:
    """It waits for the next working hours; an event for a flow does not."""
    place = post.place(transport="email", audience="actor", address="", recipient=ANA)
    post.now = MONDAY.replace(hour=16)
    delivery_id = post.owe("msg_1", place, recipient=ANA)
    post.wait(timedelta(minutes=1))
    post.dispatch(replace(PASSING, retry_after=timedelta(hours=6)))
    post.owe("nw_1", post.place("sub_2"))
    post.wait(timedelta(hours=6))
    post.dispatch(SENT)
    assert post.transport.ids == ["msg_1", "nw_1"]
    morning = post.delivery(delivery_id).next_at
    assert morning == MONDAY.replace(day=3, hour=9)
    post.now = MONDAY.replace(day=3, hour=9)
    assert post.dispatch() == 1


def test_what_was_composed_a_moment_ago_goes_at_once(post: Post) -> None:
    """Whoever composed it knew that it is welcome: a test comes when it is asked for."""
    place = post.place(transport="email", audience="actor", address="", recipient=ANA)
    post.now = MONDAY.replace(hour=23)
    post.owe("msg_1", place, recipient=ANA)
    post.dispatch()
    assert post.transport.ids == ["msg_1"]


def test_both_secrets_sign_until_the_old_one_ends(post: Post) -> None:
    """So that a receiver can change over without losing a message."""
    until = MONDAY + timedelta(hours=24)
    place = post.place(secret="whsec_new", former_secret="whsec_old", former_until=until)
    post.owe("nw_1", place)
    post.dispatch()
    post.now = until
    post.owe("nw_2", place)
    post.dispatch()
    assert [parcel.secrets for parcel in post.transport.parcels] == [("whsec_new", "whsec_old"), ("whsec_new",)]


def test_a_fault_of_our_own_is_an_attempt_that_failed(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    """It is logged, and the message is tried again instead of being lost or tried for ever."""
    configure_log(as_json=True)
    delivery_id = post.owe("nw_1", post.place())
    post.transport.answers = []
    post.dispatch()
    logged = capsys.readouterr().err
    assert "sending_failed" in logged
    assert "IndexError" in logged
    assert "pop from empty list" not in logged, "the text of a fault may hold the address"
    delivery = post.delivery(delivery_id)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.WAITING, 1)
    assert "our side" in str(delivery.words)


def test_without_a_mail_server_mail_waits(post: Post) -> None:
    """With words that say what to set."""
    delivery_id = post.owe("nw_1", post.place(transport="pigeon"))
    post.dispatch()
    assert "MILEPOST_SMTP" in str(post.delivery(delivery_id).words)


def test_what_is_on_its_way_shows_no_secret_of_itself(post: Post) -> None:
    """Not even where something breaks and is logged."""
    place = post.place(address="https://hooks.example/secret-word", secret="whsec_secret-word")
    post.owe("nw_1", place)
    (claim,) = claim_due(post.services, ROOM, Pace()).claims
    assert claim.parcel.address == "https://hooks.example/secret-word"
    assert "secret-word" not in repr(claim)
