"""The threads beside the server: what time asks for, messages on their way, and daily chores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from milepost.clock import read_stopwatch
from milepost.delivery.base import Transport
from milepost.delivery.transports import make_transports
from milepost.operations.apply_retention import apply_retention
from milepost.operations.back_up import back_up_daily
from milepost.operations.claim_deliveries import release_leases
from milepost.operations.dispatch_deliveries import Dispatch
from milepost.operations.do_once import do_once
from milepost.operations.let_time_pass import let_time_pass
from milepost.operations.services import Services

log = structlog.get_logger()

EVERY = timedelta(seconds=1)
#: After failures the pause doubles up to this.
LONGEST_PAUSE = timedelta(minutes=1)
#: How often somebody asks whether a daily chore is to be done; the first time after a pause, so that a start is quick.
CHORES_EVERY = timedelta(minutes=1)
LONGEST_CHORES_PAUSE = timedelta(hours=1)
RETENTION_EVERY = timedelta(days=1)


class Worker:
    """Lets time pass about once a second, sends what is due, and does the daily chores.

    A failure is logged and tried again. Several workers may be at one store, where the store allows several processes.
    """

    def __init__(
        self,
        services: Services,
        *,
        transports: Mapping[str, Transport] | None = None,
        every: timedelta = EVERY,
        chores_every: timedelta = CHORES_EVERY,
    ) -> None:
        """Prepare the threads; `start` begins them. Without *transports* it takes those that the settings allow."""
        self._services = services
        self._stopping = threading.Event()
        ways = make_transports(services.settings) if transports is None else transports
        self._dispatch = Dispatch(services, ways)
        self._every = every
        self._has_begun = False
        self._threads = (
            self._thread("milepost-worker", self._let_time_pass, every, LONGEST_PAUSE),
            self._thread("milepost-dispatch", self._send, timedelta(), LONGEST_PAUSE),
            # on their own: while a large store is copied, time passes
            self._thread("milepost-chores", self._do_chores, chores_every, LONGEST_CHORES_PAUSE, waits=True),
        )

    def start(self) -> None:
        """Begin at once with what became due while nothing ran."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, wait: timedelta = timedelta(seconds=5)) -> None:
        """Ask them to end, and wait for the transactions they are in and the messages on their way.

        A backup may be broken off. A message that takes longer keeps its lease, and is tried again when that ends.
        """
        self._stopping.set()
        self._dispatch.wake()
        deadline = read_stopwatch() + wait.total_seconds()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.1, deadline - read_stopwatch()))
        if not self._dispatch.finish(timedelta(seconds=max(0, deadline - read_stopwatch()))):
            log.info("messages_left_under_way")

    def _thread(
        self, name: str, act: Callable[[], bool], every: timedelta, longest: timedelta, *, waits: bool = False
    ) -> threading.Thread:
        """Make a thread that acts again and again, after longer pauses when that fails."""

        def run() -> None:
            pause = every
            if waits and self._stopping.wait(pause.total_seconds()):
                return
            while not self._stopping.is_set():
                pause = every if act() else min(max(pause * 2, EVERY), longest)
                self._stopping.wait(pause.total_seconds())

        return threading.Thread(target=run, name=name, daemon=True)

    def _let_time_pass(self) -> bool:
        """Do once what the clock asks for, and say whether that went well."""
        passed = let_time_pass(self._services)
        if passed.count:
            self._dispatch.wake()
        return not passed.failed

    def _send(self) -> bool:
        """Begin to send what is due, or wait until there may be more; say whether that went well."""
        try:
            self._take_over()
            if not self._dispatch.begin():
                self._dispatch.wait(self._every)
        except Exception:  # whatever it is, the next try may be better, and nobody else would ever see it
            log.exception("dispatching_failed")
            return False
        return True

    def _take_over(self) -> None:
        """Go on with what a process was sending that died; where others may live, their leases must end first."""
        if not self._has_begun and self._services.store.file is not None:
            release_leases(self._services)
        self._has_begun = True

    def _do_chores(self) -> bool:
        """Do what is to be done once a day, and say whether that went well."""
        return all([self._back_up(), self._let_go()])

    def _back_up(self) -> bool:
        try:
            done = back_up_daily(self._services)
        except Exception:  # the same; the older backups are still there
            log.exception("backup_failed")
            return False
        if done is not None:
            log.info("backed_up", file=str(done.backup.path), events=done.events, removed=len(done.removed))
        return True

    def _let_go(self) -> bool:
        """Let go of what grew old, once a day."""
        try:
            gone = do_once(self._services, "retention", apply_retention, every=RETENTION_EVERY)
        except Exception:  # the same; what is old is still there
            log.exception("retention_failed")
            return False
        if gone and (gone.events or gone.tellings or gone.people or gone.messages):
            counted = {"events": gone.events, "tellings": gone.tellings, "messages": gone.messages}
            log.info("let_go", **counted, people=len(gone.people))
        return True
