"""Tell a drawn world to a store as a server does: each call in a transaction of its own, kept as soon as it is told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime

from milepost.errors import Problem
from milepost.operations.record_event import record_event, record_events
from milepost.operations.rejudge import rejudge_everything
from milepost.operations.services import Services
from milepost.operations.settle import settle_all
from milepost.operations.verify import verify
from milepost.operations.void_event import void_event
from milepost.schemas.events import Loaded
from milepost.settings import Settings
from tests.oracle.playing import BEGINNING, compare, fold_world, introduce
from tests.oracle.worlds import DrawnWorld, Step, Told, Voided
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


def tell_kept(services: Services, clock: SharedClock, steps: Sequence[Step], *, at_once: int) -> None:
    """Tell some steps, up to so many events in one call; now and then time passes."""
    for place, call in enumerate(calls_of(steps, at_once), start=1):
        tell_call(services, clock, call)
        if place % LOOKS_AFTER == 0:
            settle_all(services)


def calls_of(steps: Sequence[Step], at_once: int) -> list[list[Step]]:
    """Put events that follow one another into calls of up to so many; each void is a call of its own."""
    calls: list[list[Step]] = []
    for step in steps:
        both_told = calls and isinstance(step, Told) and isinstance(calls[-1][-1], Told)
        if both_told and len(calls[-1]) < at_once:
            calls[-1].append(step)
        else:
            calls.append([step])
    return calls


def tell_call(services: Services, clock: SharedClock, steps: Sequence[Step]) -> None:
    """Make the call that an API client would make for some events, for one event, or to take one back."""
    events = [step.event for step in steps if isinstance(step, Told)]
    for event in events:
        clock.follow(event.occurred_at)
    match steps:
        case [Voided(event_id)]:
            void_event(services, event_id, told_by="test")
        case [Told(event)]:
            record_event(services, event, told_by="test")
        case _:
            answers = record_events(services, [Loaded(event) for event in events], told_by="test")
            assert not [answer for answer in answers if isinstance(answer, Problem)]


def lanes_of(steps: Sequence[Step], callers: int) -> list[list[Step]]:
    """Share the steps out among callers; everything about one event is told by one of them, in its order."""
    numbers: dict[str, int] = {}
    lanes: list[list[Step]] = [[] for _ in range(callers)]
    for step in steps:
        event_id = step.event.id if isinstance(step, Told) else step.event_id
        lanes[numbers.setdefault(event_id, len(numbers) % callers)].append(step)
    return lanes


def tell_at_once(services: Services, clock: SharedClock, steps: Sequence[Step], callers: int) -> None:
    """Let one or more callers share some steps; each tells one event more in a call than the one before."""
    lanes = lanes_of(steps, callers)
    with ThreadPoolExecutor(callers) as threads:
        told = [
            threads.submit(tell_kept, services, clock, lane, at_once=number) for number, lane in enumerate(lanes, 1)
        ]
    for one in told:
        one.result()


def introduce_late(services: Services, world: DrawnWorld) -> None:
    """Put people and rules into a store that may have events already, and judge them by these."""
    with services.store.transaction() as tx:
        tx.lock_everything()
        introduce(tx, world)
        rejudge_everything(tx, services, holders=None, achievements=None, cause="test")


def check_kept_world(ground: Ground, world: DrawnWorld, *, callers: int = 1, introduced_after: int = 0) -> None:
    """Tell a world to an empty store, and compare what stands with the oracle and with all of it judged again.

    People and rules come after so many steps, of which it may have fewer.
    """
    expected, clock = fold_world(world), SharedClock()
    with closing(ground.empty_store()) as store:
        services = Services(store, clock, Settings())
        tell_at_once(services, clock, world.steps[:introduced_after], callers)
        introduce_late(services, world)
        tell_at_once(services, clock, world.steps[introduced_after:], callers)
        clock.follow(world.as_of)
        verified = verify(services)  # lets time pass first
        with store.reading() as reading:
            compare(reading, world, expected)
        assert verified.differences == ()
