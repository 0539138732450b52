"""What every store promises about places, deliveries to them and every attempt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from milepost.storage.errors import StoreConflict
from milepost.storage.outbox import DeliveryQuery, DeliveryRecord, DeliveryStatus, SubscriptionStatus
from tests.storage.examples import ANA, BEN, NOON, hours
from tests.storage.examples_telling import attempt, delivery, message, place, put_waiting, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from milepost.storage.base import Store

FULL_PLACE: dict[str, Any] = {
    "recipient": ANA,
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "former_secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "former_until": hours(24),
    "events": ("achievement.awarded", "achievement.revoked"),
    "achievements": ("clean-close", "tidy"),
    "name": 'Ana\'s "place" 🎉',
    "contact": BEN.id,
    "created_by": "k1",
    "status": SubscriptionStatus.DISABLED,
    "words": "It answered 410: gone.",
    "failing_since": hours(1),
    "failures": 12,
    "rests_until": hours(2.5),
}
LEASED: dict[str, Any] = {"lease": "worker-1", "leased_until": hours(1)}


def put_places(store: Store, *names: str, **fields: Any) -> None:
    """Have places of these names, and a message to deliver there."""
    with store.transaction() as change:
        change.put_message(message())
        for name in names:
            change.put_subscription(place(f"sub_{name}", **fields))


def take_one(store: Store, found: DeliveryRecord, worker: str) -> bool:
    """Take a delivery as it was found, unless somebody else did; say whether it is ours."""
    with store.transaction() as change:
        change.lock([f"delivery:{found.id}"])
        is_ours = change.delivery(found.id) == found
        if is_ours:
            change.put_delivery(replace(found, lease=worker, leased_until=hours(1)))
        return is_ours


class PlacePromises:
    """Subscriptions come back as they were put."""

    def test_a_subscription_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """With everything in it or almost nothing, after a restart; put again it is replaced."""
        with store.transaction() as change:
            for one in (place(**FULL_PLACE), place("sub_2", **FULL_PLACE), place()):
                change.put_subscription(one)
        with reopen().reading() as view:
            assert view.subscription("sub_1") == place()
            assert view.subscription("sub_2") == place("sub_2", **FULL_PLACE)
            assert view.subscription("sub_3") is None

    def test_subscriptions_are_given_oldest_first_without_removed_ones(self, store: Store) -> None:
        """Those that are disabled are there; one that was removed is still known by its id."""
        first, second = place("sub_9", created_at=hours(-1)), place("sub_0", status=SubscriptionStatus.DISABLED)
        removed = place("sub_1", status=SubscriptionStatus.REMOVED)
        with store.transaction() as change:
            for one in (place("sub_2"), removed, second, first):
                change.put_subscription(one)
            assert change.subscriptions() == [first, second, place("sub_2")]
            assert change.subscription("sub_1") == removed


class DeliveryPromises:
    """A delivery is found when its moment has come, and taken by one."""

    def test_a_delivery_comes_back_as_it_was_put(self, store: Store, reopen: Callable[[], Store]) -> None:
        """After a restart; put again it is replaced."""
        put_waiting(store, "dl_1", "dl_2")
        with store.transaction() as change:
            change.put_delivery(delivery(**LEASED))
        with reopen().transaction() as change:
            assert change.delivery("dl_1") == delivery(**LEASED)
            assert change.delivery("dl_2") == delivery("dl_2")
            assert change.delivery("dl_3") is None
            change.put_delivery(sent())
            assert change.delivery("dl_1") == sent()

    @pytest.mark.parametrize("missing", ["message_id", "subscription_id"])
    def test_a_delivery_of_nothing_or_to_nowhere_is_refused(self, store: Store, missing: str) -> None:
        """Nothing of its transaction is kept."""
        put_waiting(store)
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_delivery(delivery(**{missing: "gone"}))
        with store.reading() as view:
            assert view.delivery("dl_1") is None

    def test_deliveries_are_listed_in_pages_under_every_filter(self, store: Store) -> None:
        """By id; *since* is included and *until* is not."""
        put_waiting(store)
        with store.transaction() as change:
            change.put_subscription(place("sub_2"))
            change.put_message(message("msg_2"))
            for number in range(8):
                made = sent if number % 2 else delivery
                of = {"message_id": f"msg_{number // 4 + 1}", "subscription_id": f"sub_{number // 2 % 2 + 1}"}
                change.put_delivery(made(f"dl_{number}", created_at=hours(number), **of))

        def listed(**filters: Any) -> str:
            return "".join(one.id[-1] for one in view.deliveries(DeliveryQuery(**filters)))

        with store.reading() as view:
            assert listed() == "01234567"
            assert listed(limit=3) + listed(limit=3, after="dl_2") == "012345"
            assert listed(status=DeliveryStatus.SENT) == "1357"
            assert listed(subscription_id="sub_2") == "2367"
            assert listed(message_id="msg_2") == "4567"
            assert listed(since=hours(2), until=hours(5)) == "234"
            assert listed(status=DeliveryStatus.WAITING, subscription_id="sub_1", message_id="msg_2") == "4"
            assert listed(until=hours(0)) == listed(since=hours(8)) == ""

    def test_due_are_deliveries_whose_moment_has_come_the_oldest_first(self, store: Store) -> None:
        """At that very moment too; so many at a time."""
        put_places(store, *"abcde")
        with store.transaction() as change:
            for name, next_at in (("c", hours(-1)), ("b", NOON), ("a", NOON), ("d", hours(1)), ("e", None)):
                change.put_delivery(delivery(f"dl_{name}", subscription_id=f"sub_{name}", next_at=next_at))
            assert [one.id for one in change.deliveries_due(by=NOON, limit=9)] == ["dl_c", "dl_a", "dl_b"]
            assert [one.id for one in change.deliveries_due(by=NOON, limit=2)] == ["dl_c", "dl_a"]

    def test_each_place_has_one_delivery_due_at_a_time(self, store: Store) -> None:
        """Its first, so that much that waits for one place keeps no other waiting; whatever the place's status."""
        put_places(store, "a", "b", status=SubscriptionStatus.DISABLED)
        with store.transaction() as change:
            for number in range(20):
                due_at = hours(-(number // 2))
                change.put_delivery(delivery(f"dl_a{number:02}", subscription_id="sub_a", next_at=due_at))
            change.put_delivery(delivery("dl_b", subscription_id="sub_b"))
            assert [one.id for one in change.deliveries_due(by=NOON, limit=9)] == ["dl_a18", "dl_b"]
            change.put_delivery(sent("dl_a18", subscription_id="sub_a"))
            assert [one.id for one in change.deliveries_due(by=NOON, limit=9)] == ["dl_a19", "dl_b"]

    def test_nothing_is_due_at_a_place_that_rests(self, store: Store) -> None:
        """Until that very moment."""
        put_places(store, "a", rests_until=hours(1))
        with store.transaction() as change:
            change.put_delivery(delivery(subscription_id="sub_a"))
            assert change.deliveries_due(by=hours(0.99), limit=9) == []
            assert [one.id for one in change.deliveries_due(by=hours(1), limit=9)] == ["dl_1"]

    def test_what_somebody_tries_is_due_again_when_the_lease_has_run_out(self, store: Store) -> None:
        """At that very moment: then whoever took it may be dead."""
        put_waiting(store, "dl_2")
        with store.transaction() as change:
            change.put_delivery(delivery("dl_2", **LEASED))
            assert change.deliveries_due(by=hours(0.99), limit=9) == []
            assert change.deliveries_due(by=hours(1), limit=9) == [delivery("dl_2", **LEASED)]

    def test_leased_are_those_that_wait_and_that_somebody_took(self, store: Store) -> None:
        """By id, also where the lease has run out; what is over has none that counts."""
        put_waiting(store, "dl_1")
        with store.transaction() as change:
            for name in ("dl_3", "dl_2"):
                change.put_delivery(delivery(name, **LEASED))
            change.put_delivery(sent("dl_4", **LEASED))
            assert [one.id for one in change.deliveries_leased()] == ["dl_2", "dl_3"]

    def test_only_what_waits_is_due_and_the_rest_keeps_nobody_waiting(self, store: Store) -> None:
        """Whatever moment a delivery that is over still has, and however many there are."""
        put_waiting(store)
        over = [status for status in DeliveryStatus if status is not DeliveryStatus.WAITING]
        with store.transaction() as change:
            for number, status in enumerate(over):
                change.put_delivery(delivery(f"dl_{number}", status=status, next_at=hours(-1)))
            change.put_delivery(delivery("dl_9"))
            assert [one.id for one in change.deliveries_due(by=NOON, limit=1)] == ["dl_9"]

    def test_several_who_want_the_same_deliveries_share_them(self, store: Store) -> None:
        """Locked and read again, every delivery is taken by one of them."""
        names = [f"{number:02}" for number in range(12)]
        put_places(store, *names)
        with store.transaction() as change:
            for name in names:
                change.put_delivery(delivery(f"dl_{name}", subscription_id=f"sub_{name}"))
        together = Barrier(4)

        def take(worker: int) -> list[str]:
            with store.reading() as view:
                due = view.deliveries_due(by=NOON, limit=50)
            together.wait(30)
            return [one.id for one in due if take_one(store, one, f"worker-{worker}")]

        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(take, range(4)))
        assert sorted(name for each in taken for name in each) == [f"dl_{name}" for name in names]
        with store.reading() as view:
            leases = {one.id: one.lease for one in view.deliveries(DeliveryQuery())}
        assert leases == {name: f"worker-{worker}" for worker, each in enumerate(taken) for name in each}

    def test_every_attempt_is_kept_in_order(self, store: Store, reopen: Callable[[], Store]) -> None:
        """Each under its number; with a status or without one."""
        put_waiting(store, "dl_1", "dl_2")
        tries = [attempt(2, outcome="sent", status_code=None), attempt(10, at=hours(1), took_ms=15_000), attempt(1)]
        with store.transaction() as change:
            for one in (*tries, attempt(delivery_id="dl_2")):
                change.put_attempt(one)
        with reopen().reading() as view:
            assert view.attempts("dl_1") == sorted(tries, key=lambda one: one.number)
            assert view.attempts("dl_3") == []

    def test_an_attempt_at_nothing_is_refused(self, store: Store) -> None:
        """It would be nobody's."""
        with pytest.raises(StoreConflict), store.transaction() as change:
            change.put_attempt(attempt())
