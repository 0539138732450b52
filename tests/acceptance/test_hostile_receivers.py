"""Places that hang, drip or answer nonsense without end hold up nobody else."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from milepost.clock import read_clock
from milepost.delivery.transports import make_transports
from milepost.operations.dispatch_deliveries import Dispatch
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.outbox import AttemptRecord, DeliveryQuery, SubscriptionRecord
from tests.delivery.receivers import (
    Canary,
    Receiver,
    drip,
    endless_headers,
    gzip_bomb,
    hang,
    redirect,
    silent_listener,
)
from tests.operations.deliveries import Post

pytestmark = pytest.mark.slow

GOOD_RECEIVERS = 9
PLACES_EACH = 5
#: Messages follow on each other so fast, each to all places.
EVERY_SECONDS = 0.8
CALM_ROUNDS, HOSTILE_ROUNDS = 8, 26
#: Times below this say nothing on a machine that is busy with other tests.
LEAST_SECONDS = 0.3
#: An attempt ends within 15 seconds; beyond that it is noted.
LONGEST_ATTEMPT = timedelta(seconds=17)


@dataclass
class Town:
    """Forty-five places that answer, and some that do not."""

    post: Post
    receivers: list[Receiver]
    good: list[SubscriptionRecord]
    hostile: list[SubscriptionRecord]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def post_rounds(self, rounds: int, places: list[SubscriptionRecord]) -> list[float]:
        """Post messages to places; give how long each took to those that answer, in seconds."""
        posted: dict[str, float] = {}
        for _ in range(rounds):
            message_id = f"nw_{next(self._numbers):05}"
            self.post.now = read_clock()
            posted[message_id] = time.monotonic()
            self.post.owe(message_id, *places)
            time.sleep(EVERY_SECONDS)
        arrived = self._wait_for(posted, rounds * len(self.good))
        return [at - posted[message_id] for message_id, at in arrived]

    def _wait_for(self, posted: dict[str, float], expected: int) -> list[tuple[str, float]]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            arrivals = [one for receiver in self.receivers for one in list(receiver.arrivals)]
            found = [(one.headers["webhook-id"], one.at) for one in arrivals]
            arrived = [(message_id, at) for message_id, at in found if message_id in posted]
            if len(arrived) >= expected:
                return arrived
            time.sleep(0.05)
        raise AssertionError(f"only {len(arrived)} of {expected} messages arrived")


@contextmanager
def sending(dispatch: Dispatch) -> Iterator[None]:
    """Send beside the block, as the worker does, and look for more very often."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            if not dispatch.begin():
                dispatch.wait(timedelta(milliseconds=20))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """Listen where nobody may be sent."""
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture
def town(tmp_path: Path, canary: Canary) -> Iterator[Town]:
    """Make the places, and send beside the test."""
    with ExitStack() as stack:
        receivers = [stack.enter_context(Receiver()) for _ in range(GOOD_RECEIVERS)]
        behaviours = (hang(), drip(), endless_headers(), gzip_bomb(), redirect(f"http://127.0.0.1:{canary.port}/"))
        bad = [stack.enter_context(Receiver()) for _ in behaviours]
        for receiver, behaviour in zip(bad, behaviours, strict=True):
            receiver.will(behaviour)
        silent = stack.enter_context(silent_listener())
        ports = [*(receiver.port for receiver in (*receivers, *bad)), silent]
        settings = Settings(allowed_addresses=tuple(f"127.0.0.1:{port}" for port in ports))
        store = open_store(f"sqlite:///{tmp_path / 'milepost.db'}")
        stack.callback(store.close)
        post = Post(store, settings, read_clock())
        good = [
            post.place(f"sub_{place}_{number}", address=receiver.url(f"/{number}"))
            for place, receiver in enumerate(receivers)
            for number in range(PLACES_EACH)
        ]
        addresses = [*(receiver.url("/") for receiver in bad), f"https://127.0.0.1:{silent}/"]
        hostile = [post.place(f"sub_x{number}", address=address) for number, address in enumerate(addresses)]
        dispatch = Dispatch(Services(store, read_clock, settings), make_transports(settings))
        with sending(dispatch):
            yield Town(post, receivers, good, hostile)
        dispatch.finish(timedelta(seconds=20))


def test_hostile_places_delay_nobody_else(town: Town, canary: Canary) -> None:
    """The others' messages take no more than twice as long, measured before and after in the same run."""
    calm = p95(town.post_rounds(CALM_ROUNDS, town.good))
    disturbed = p95(town.post_rounds(HOSTILE_ROUNDS, [*town.good, *town.hostile]))
    calm_again = p95(town.post_rounds(CALM_ROUNDS, town.good))
    print(f"\np95 {calm:.3f} s, with hostile places {disturbed:.3f} s, without again {calm_again:.3f} s")
    assert disturbed <= 2 * max(calm, calm_again, LEAST_SECONDS)
    assert canary.connections == 0, "somebody followed a redirect"
    tried = [attempt for place in town.hostile for attempt in attempts_at(town.post, place)]
    assert len({one.delivery_id for one in tried}) >= len(town.hostile)
    assert max(timedelta(milliseconds=one.took_ms) for one in tried) <= LONGEST_ATTEMPT


def attempts_at(post: Post, place: SubscriptionRecord) -> list[AttemptRecord]:
    """Give all attempts at a place."""
    with post.store.reading() as reading:
        deliveries = reading.deliveries(DeliveryQuery(subscription_id=place.id, limit=10_000))
        return [attempt for delivery in deliveries for attempt in reading.attempts(delivery.id)]


def p95(times: list[float]) -> float:
    """Give the time that one in twenty exceeds."""
    return statistics.quantiles(times, n=20)[-1]
