"""Tell a drawn world to a store as a server does: each call in a transaction of its own, kept as soon as it is told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

from milepost.operations.record_event import record_event
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.verify import verify
from milepost.operations.void_event import void_event
from milepost.settings import Settings
from tests.oracle.playing import BEGINNING, compare, fold_world, introduce
from tests.oracle.worlds import DrawnWorld, Step, Told
from tests.stores import Ground

#: The worker looks for what has come due after so many steps.
LOOKS_AFTER = 7


class SharedClock:
    """What time it is for everybody: the moment of the latest event that somebody has begun to tell."""

    def __init__(self) -> None:
        """Stand at the beginning."""
        self._at = BEGINNING
        self._moving = threading.Lock()

    def __call__(self) -> datetime:
        """Give the moment."""
        return self._at

    def follow(self, moment: datetime) -> None:
        """Go on to a moment, never back."""
        with self._moving:
            self._at = max(self._at, moment)


def tell_kept(services: Services, clock: SharedClock, steps: Sequence[Step]) -> None:
    """Tell some steps one after the other; now and then time passes."""
    for place, step in enumerate(steps, start=1):
        if isinstance(step, Told):
            clock.follow(step.event.occurred_at)
            record_event(services, step.event, told_by="test")
        else:
            void_event(services, step.event_id, told_by="test")
        if place % LOOKS_AFTER == 0:
            settle_all(services)


def lanes_of(steps: Sequence[Step], callers: int) -> list[list[Step]]:
    """Share the steps out among callers; everything about one event is told by one of them, in its order."""
    numbers: dict[str, int] = {}
    lanes: list[list[Step]] = [[] for _ in range(callers)]
    for step in steps:
        event_id = step.event.id if isinstance(step, Told) else step.event_id
        lanes[numbers.setdefault(event_id, len(numbers) % callers)].append(step)
    return lanes


def check_kept_world(ground: Ground, world: DrawnWorld, *, callers: int = 1) -> None:
    """Tell a world to an empty store by one or more callers at once, and compare what stands with the oracle."""
    expected, clock = fold_world(world), SharedClock()
    with closing(ground.empty_store()) as store:
        services = Services(store, clock, Settings())
        with store.transaction() as tx:
            introduce(tx, world)
        with ThreadPoolExecutor(callers) as threads:
            told = [threads.submit(tell_kept, services, clock, lane) for lane in lanes_of(world.steps, callers)]
        for one in told:
            one.result()
        clock.follow(world.as_of)
        verified = verify(services)  # lets time pass first
        with store.reading() as reading:
            compare(reading, world, expected)
        assert verified.differences == ()
