"""Live through the quarter: a clock that moves, events told at their moments, two workers, and what goes wrong."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from milepost.delivery.transports import make_transports
from milepost.operations.claim_deliveries import release_leases
from milepost.operations.dispatch_deliveries import dispatch_due
from milepost.operations.install_recipe import install_recipe
from milepost.operations.let_time_pass import let_time_pass
from milepost.operations.record_event import record_event
from milepost.operations.save_people import add_leave, save_actor, save_calendar, save_team
from milepost.operations.services import Services
from milepost.settings import Settings
from milepost.storage import open_store
from milepost.storage.base import Reading, Store, Transaction
from tests.quarter.desk import BEGINS, ROUND, Telling
from tests.quarter.people import COUNTRIES, Crowd, calendar_document
from tests.quarter.receiving import Receivers

#: How often the workers look; the clock stands still while they do.
TICK = timedelta(minutes=30)
#: What was decided in a pass is told in the next one, after what belongs together has come together.
MOMENT = timedelta(seconds=6)
#: Passes in a moment's distance that one tick takes at most: a channel gets one message in each.
MOST_PASSES = 40


def is_looked_at(tick: datetime) -> bool:
    """Say whether the workers look at a tick: in the nights and on weekends of both zones now and then only."""
    is_night = not 6 <= tick.hour < 23 or tick.weekday() > 4
    return not is_night or (tick.hour % 4 == 0 and not tick.minute)


class CutOff(Exception):  # noqa: N818 - what happens to a worker
    """The worker was killed: nothing of what it was at is kept."""


class Clock:
    """A clock that others move."""

    def __init__(self, now: datetime) -> None:
        """Begin at a moment."""
        self.now = now

    def __call__(self) -> datetime:
        """Give the present moment."""
        return self.now


class FragileStore:
    """A store whose callers can be cut off after so many more questions, as if the process were killed there."""

    def __init__(self, store: Store) -> None:
        """Take the real store; nobody is cut off yet."""
        self._store = store
        self._left: int | None = None

    def cut_off_after(self, questions: int) -> None:
        """Let so many more readings and transactions go through, half a transaction at most, and then none."""
        self._left = questions

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Open a view, unless the caller was killed."""
        self._ask()
        with self._store.reading() as reading:
            yield reading

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction; one during which the caller is killed is undone."""
        self._ask()
        with self._store.transaction() as tx:
            yield tx
            self._ask()

    def turn(self, name: str, *, patience_seconds: float) -> AbstractContextManager[None]:
        """Let one caller at a time into a block."""
        return self._store.turn(name, patience_seconds=patience_seconds)

    def _ask(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise CutOff

    def __getattr__(self, name: str) -> Any:
        """Give what else a store can do."""
        return getattr(self._store, name)


@dataclass
class Figures:
    """What happened on the way."""

    passes: list[datetime] = field(default_factory=list)
    told: list[datetime] = field(default_factory=list)
    restarts: int = 0
    #: When workers were killed in the middle of something.
    cuts: list[datetime] = field(default_factory=list)
    #: What went wrong without anybody being killed.
    failures: list[str] = field(default_factory=list)
    downtime: timedelta = timedelta()


@dataclass
class Life:
    """One stretch of time at the desk."""

    url: str
    crowd: Crowd
    tellings: Sequence[Telling]
    receivers: Receivers
    ends: datetime
    seed: int
    tick: timedelta = TICK
    clock: Clock = field(default_factory=lambda: Clock(BEGINS))
    figures: Figures = field(default_factory=Figures)

    def __post_init__(self) -> None:
        """Prepare chance and settings."""
        self._chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        self._settings = Settings(**self.receivers.settings)
        self._stores: list[Store] = []
        self._workers: list[FragileStore] = []
        self._month = 0
        self.receivers.clock = self.clock

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Open the store and put everybody in; close it at the end."""
        self._open()
        try:
            self._furnish()
            yield
        finally:
            self._close()

    @property
    def store(self) -> Store:
        """Give the store."""
        return self._stores[0]

    @property
    def services(self) -> Services:
        """Give what operations work with."""
        return self._services_of(self.store)

    def _services_of(self, store: Store) -> Services:
        return Services(store, self.clock, self._settings)

    def _open(self) -> None:
        """Open the store, once for each worker where that is possible."""
        is_shared = self.url.startswith("postgresql")
        self._stores = [open_store(self.url) for _ in range(2 if is_shared else 1)]
        self._workers = [FragileStore(self._stores[number % len(self._stores)]) for number in range(2)]
        if not is_shared:
            release_leases(self.services)

    def _close(self) -> None:
        for store in self._stores:
            store.close()

    def _furnish(self) -> None:
        """Put in people, rules and places, before anything happens."""
        for zone in COUNTRIES:
            save_calendar(self.services, calendar_document(zone))
        for team, zone in self.crowd.teams.items():
            save_team(self.services, {"id": team, "name": team, "zone": zone, "calendar": zone})
        for person in self.crowd.people.values():
            save_actor(self.services, person.document(person.wishes[0]))
            if person.leave:
                first, last = person.leave
                add_leave(self.services, person.id, {"first_on": first.isoformat(), "last_on": last.isoformat()})
        install_recipe(self.services, "helpdesk-sla", author="Ops")
        with self.store.transaction() as tx:
            for place in self.receivers.places(self.crowd, self.clock()):
                tx.put_subscription(place)

    def live(self) -> None:
        """Go through the time, tick by tick; what the desk tells while nobody answers, it tells again afterwards."""
        waiting = list(reversed(self.tellings))
        away_until = BEGINS
        for number in range((self.ends - BEGINS) // self.tick):
            tick = BEGINS + number * self.tick
            if tick < away_until or not is_looked_at(tick):
                continue
            self.clock.now = max(self.clock.now, away_until)
            while waiting and waiting[-1].at <= tick:
                self.clock.now = max(self.clock.now, waiting[-1].at)
                self._tell(waiting.pop())
            self.clock.now = max(self.clock.now, tick)
            self._choose_anew()
            away = self._trouble()
            if not away:
                self._pass_until_quiet()
            away_until = tick + away

    def _tell(self, telling: Telling) -> None:
        self.figures.told.append(telling.at)
        record_event(self.services, telling.event, told_by="desk")

    def _choose_anew(self) -> None:
        """Let everybody choose what they chose for the next month."""
        month = (self.clock.now - BEGINS) // ROUND
        if month != self._month:
            self._month = month
            for person in self.crowd.people.values():
                if len(person.wishes) > month and person.wishes[month] != person.wishes[month - 1]:
                    save_actor(self.services, person.document(person.wishes[month]))

    def _pass_until_quiet(self) -> None:
        """Let both workers work at the same time, again after a moment as long as there is more to do."""
        for _ in range(MOST_PASSES):
            if not self._pass():
                return
            self.clock.now += MOMENT

    def _pass(self) -> int:
        self.figures.passes.append(self.clock.now)
        with ThreadPoolExecutor(len(self._workers)) as pool:
            return sum(pool.map(self._work, self._workers))

    def _work(self, store: FragileStore) -> int:
        """Be one worker for one pass."""
        services = self._services_of(store)  # type: ignore[arg-type]  # it gives on what it does not know itself
        try:
            passed = let_time_pass(services)
            sent = dispatch_due(services, make_transports(self._settings))
        except CutOff:
            return 0
        if self.clock.now not in self.figures.cuts:
            self.figures.failures += passed.failed
        return passed.count + sent

    def _trouble(self) -> timedelta:
        """Now and then something goes wrong; give how long nobody works after it."""
        kind = self._chance.random()
        if kind < 0.02:
            self._restart()
        elif kind < 0.06:
            self._cut_off()
        elif kind < 0.065:
            self._restart()
            away = self.tick * self._chance.randint(2, 12)
            self.figures.downtime += away
            return away
        return timedelta()

    def _restart(self) -> None:
        self.figures.restarts += 1
        self._close()
        self._open()

    def _cut_off(self) -> None:
        """Kill both workers in the middle of a pass, and start again."""
        self.figures.cuts.append(self.clock.now)
        for worker in self._workers:
            worker.cut_off_after(self._chance.randint(1, 60))
        self._pass()
        self._restart()


@contextmanager
def _silence() -> Iterator[None]:
    """Let nobody log: whoever is killed a hundred times has much to say."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


@contextmanager
def life(
    url: str, crowd: Crowd, tellings: Sequence[Telling], *, ends: datetime, seed: int, tick: timedelta = TICK
) -> Iterator[Life]:
    """Live through a stretch of time; the store is open afterwards, to look at."""
    with ExitStack() as stack:
        receivers = stack.enter_context(Receivers())
        stack.enter_context(_silence())
        made = Life(url, crowd, tellings, receivers, ends, seed, tick)
        stack.enter_context(made.begun())
        made.live()
        yield made
